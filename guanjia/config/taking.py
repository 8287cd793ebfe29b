"""`guanjia import`: one file, or a folder of them, with a report for people or for programs."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from guanjia.config import terminal
from guanjia.kernel.registers import catalogue, importing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.values.actor import Actor

SHOWN_FAULTS = 50  # on a terminal; --json has all of them


def take_file(
    *, register: Register, file: Path, at: datetime, dry_run: bool, as_json: bool
) -> bool:
    """Import one file and print the report; True if it was taken."""
    report = _take(register=register, file=file, at=at, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        _print(register, report, dry_run=dry_run)
    return not report["errors"]


def take_folder(*, folder: Path, at: datetime, dry_run: bool, as_json: bool) -> bool:
    """Import the files of a folder that are named by known registers, in the registers' order.

    Files of unknown registers are named and not taken; that alone is no failure.
    """
    try:
        files = {path.stem: path for path in folder.iterdir() if _is_workbook(path)}
    except OSError as error:
        _refuse(f"打不开目录 {folder}：{terminal.reason(error)}。请检查路径。")
        return False
    reports = []
    for register in catalogue.all_registers():
        file = files.pop(register.key, None)
        if file is None:
            continue
        report = _take(register=register, file=file, at=at, dry_run=dry_run)
        reports.append(report)
        if not as_json:
            _print(register, report, dry_run=dry_run)
    strangers = sorted(path.name for path in files.values())
    if as_json:
        click.echo(
            json.dumps({"reports": reports, "not_taken": strangers}, ensure_ascii=False, indent=2)
        )
    else:
        _print_strangers(strangers)
        if not reports:
            _refuse(f"目录 {folder} 中没有以台账命名的 Excel 文件（如 fleet.cars.xlsx）。")
    return bool(reports) and not any(report["errors"] for report in reports)


def _is_workbook(path: Path) -> bool:
    return path.suffix.lower() == ".xlsx" and not path.name.startswith(("~$", "."))


def _take(*, register: Register, file: Path, at: datetime, dry_run: bool) -> dict[str, Any]:
    """The report of one import; a file that cannot be read at all is a report with one error."""
    bar = terminal.Bar(register.title)
    try:
        with file.open("rb"):
            pass  # a missing file is told apart from a damaged one
        done = importing.import_file(
            register=register,
            path_or_file=file,
            actor=Actor.system("命令行导入"),
            at=at,
            dry_run=dry_run,
            progress=bar,
        )
        return done.as_json()
    except OSError as error:
        return _unread(
            register,
            file,
            "file_unreadable",
            f"打不开 {file}：{terminal.reason(error)}。请检查路径。",
        )
    finally:
        bar.end()


def _unread(register: Register, file: Path, code: str, message: str) -> dict[str, Any]:
    fault = {
        "sheet": "",
        "row": 0,
        "column": "",
        "value": file.name,
        "code": code,
        "message": message,
    }
    return {
        "register": register.key,
        "sheet": "",
        "rows": 0,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "errors": [fault],
        "doubts": [],
    }


def _print(register: Register, report: dict[str, Any], *, dry_run: bool) -> None:
    head = f"{register.title}（{register.key}）：共 {report['rows']} 行"
    if report["errors"]:
        click.echo(f"{head}，有 {len(report['errors'])} 处错误，没有写入。")
    else:
        counts = f"新增 {report['created']}，更新 {report['updated']}，未变 {report['unchanged']}"
        click.echo(f"{head}，{'试导入，没有写入：' if dry_run else ''}{counts}。")
    for kind, title in (("errors", "错误"), ("doubts", "存疑")):
        for fault in report[kind][:SHOWN_FAULTS]:
            place = (
                f"{fault['sheet']} 第 {fault['row']} 行 {fault['column']}：" if fault["row"] else ""
            )
            click.echo(f"  {title}　{place}{fault['message']}")
        if len(report[kind]) > SHOWN_FAULTS:
            click.echo(f"  {title}　其余 {len(report[kind]) - SHOWN_FAULTS} 处请用 --json 查看。")


def _print_strangers(names: list[str]) -> None:
    if names:
        click.echo(f"以下 {len(names)} 个文件不是已知台账，没有导入：")
        for name in names:
            click.echo(f"  {name}")


def _refuse(sentence: str) -> None:
    click.echo(sentence, err=True)
