"""The command line `guanjia`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.

Django is imported only after the address of the database is known, hence the imports inside
functions. What a user may meet ends in one Chinese sentence, never in a traceback.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from guanjia.config import postgres, terminal

if TYPE_CHECKING:
    from guanjia.kernel.registers.declaration import Register

HERE = ZoneInfo("Asia/Shanghai")
DEFAULT_PORT = 8000
DEMO = "jingdezhen"  # what `up --demo` puts into an empty database
_context: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class Refusal(Exception):
    """Ends a command with a Chinese sentence for the user and exit code 1 (or the one given)."""

    def __init__(self, sentence: str, *, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def now() -> datetime:
    """The one place of the command line that reads the clock."""
    return datetime.now(HERE)


@click.group(context_settings=_context, invoke_without_command=False)
def cli() -> None:
    """管家：机关事务管理平台的命令行。

    数据放在 GUANJIA_HOME（默认为当前目录下的 var）。设了 DATABASE_URL 就用它所指的
    数据库，否则自动启动内置的 PostgreSQL。
    """


# -- the processes ------------------------------------------------------------------------------


@cli.command("up")
@click.option("--demo", is_flag=True, help="数据库为空时装入演示数据，并在页面上标明演示环境。")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址。")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))
def up_(demo: bool, host: str, port: int) -> None:
    """启动全部：数据库、网页服务、后台任务；设了 GUANJIA_MQTT_URL 的还有表计接入。"""
    from guanjia.config import supervisor

    _lawful()
    _broker_named()
    if demo:
        os.environ["GUANJIA_DEMO"] = "1"
    os.environ["GUANJIA_HOME"] = str(postgres.home())
    if not os.environ.get("GUANJIA_HOSTS"):  # the address that vouchers print, unless it is told
        os.environ.setdefault("GUANJIA_URL", f"http://127.0.0.1:{port}")

    def prepare(say: Callable[[str], None]) -> Sequence[str]:
        _wake_django()
        return _prepare_for_people(demo=demo, say=say)

    try:
        supervisor.up(host=host, port=port, prepare=prepare, say=_say)
    except supervisor.CannotStart as error:
        raise Refusal(str(error)) from error


@cli.command("web")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址。")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--prepared", is_flag=True, hidden=True)
def web_(host: str, port: int, prepared: bool) -> None:
    """只启动网页服务。"""
    from guanjia.config import serving

    if not prepared:
        _lawful()
    if not serving.port_is_free(host=host, port=port):
        raise Refusal(f"端口 {port} 已被别的程序占用，网页服务不能启动。请用 --port 换一个。")
    with _django(migrate=not prepared):
        serving.serve_web(host=host, port=port)


@cli.command("worker")
@click.option("--prepared", is_flag=True, hidden=True)
def worker_(prepared: bool) -> None:
    """只启动后台任务。"""
    from guanjia.config import serving

    if not prepared:
        _lawful()
    with _django(migrate=not prepared):
        serving.serve_jobs()


@cli.command("meters")
@click.option("--prepared", is_flag=True, hidden=True)
def meters_(prepared: bool) -> None:
    """只启动表计接入：接收 GUANJIA_MQTT_URL 上的表计读数。"""
    from guanjia.config import metering

    if not metering.wanted():
        raise Refusal(f"没有设置 {metering.URL}，写成 mqtt://用户:密码@主机:1883 再启动。")
    if not prepared:
        _lawful()
    _broker_named()
    with _django(migrate=not prepared):
        metering.serve_meters()


@cli.command("migrate")
def migrate_() -> None:
    """把数据库结构更新到当前版本。"""
    with _django(migrate=False):
        from guanjia.config import schema

        count = schema.migrate()
    _say(f"已执行 {count} 项结构更新。" if count else "数据库结构已是最新。")


@cli.command("manage", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage_(arguments: tuple[str, ...]) -> None:
    """把后面的参数交给 Django 的管理命令。"""
    from django.core.management import execute_from_command_line

    with _django(migrate=False):
        execute_from_command_line(["guanjia manage", *arguments])


# -- data ---------------------------------------------------------------------------------------


@cli.group("demo")
def demo_() -> None:
    """演示数据。"""


@demo_.command("load")
@click.argument("name")
def demo_load(name: str) -> None:
    """装入名为 NAME 的演示数据。"""
    with _django():
        from guanjia.demo import loading

        try:
            loading.load(name, at=now(), say=_say)
        except (KeyError, ValueError) as error:
            raise Refusal(
                f"没有装入演示数据“{name}”：{error.args[0] if error.args else '名称有误'}。"
            ) from error
    _say("演示数据已就绪。")


@cli.command("import")
@click.argument("register", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--all", "folder", type=click.Path(path_type=Path), metavar="DIR", help="导入目录中的全部台账。"
)
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果。")
def import_(
    register: str | None, file: Path | None, folder: Path | None, *, dry_run: bool, as_json: bool
) -> None:
    """把 Excel 文件 FILE 导入台账 REGISTER；或用 --all 导入目录 DIR。"""
    if (folder is None) == (register is None or file is None) or (folder and (register or file)):
        raise click.UsageError("请写 guanjia import 台账 文件，或 guanjia import --all 目录。")
    with _django():
        from guanjia.config import taking

        if folder is not None:
            done = taking.take_folder(folder=folder, at=now(), dry_run=dry_run, as_json=as_json)
        else:
            chosen = _register(register or "")
            done = taking.take_file(
                register=chosen, file=file or Path(), at=now(), dry_run=dry_run, as_json=as_json
            )
    if not done:
        raise click.exceptions.Exit(1)


@cli.command("template")
@click.argument("register")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="写到这个文件。"
)
def template_(register: str, output: Path) -> None:
    """生成台账 REGISTER 的 Excel 填报模板。"""
    with _django():
        from guanjia.kernel.registers import workbook

        made = workbook.template(_register(register))
    try:
        output.write_bytes(made)
    except OSError as error:
        raise Refusal(f"不能写入 {output}：{_reason(error)}。请换一个位置。") from error
    _say(f"模板已写入 {output}。")


@cli.command("report")
@click.argument("period")
@click.option(
    "--format", "form", type=click.Choice(["json", "text"]), default="text", show_default=True
)
def report_(period: str, form: str) -> None:
    """工作报告的指标，期间写作 2020-H1、2020-Q2、2020-05 或 2020。"""
    with _django():
        from guanjia.domains.report import queries
        from guanjia.kernel.values.actor import Scope
        from guanjia.kernel.values.period import Period

        try:
            asked = Period.parse(period)
        except ValueError as error:
            raise click.UsageError(
                f"看不懂期间“{period}”。请写 2020-H1、2020-Q2、2020-05 或 2020。"
            ) from error
        figures = queries.report(scope=Scope.all(), period=asked)
    if form == "json":
        click.echo(json.dumps(figures, ensure_ascii=False, indent=2))
        return
    for key, figure in figures["figures"].items():
        click.echo(f"{key}\t{figure['text']}\t{figure['from']} 至 {figure['to']}")


@cli.group("audit")
def audit_() -> None:
    """操作留痕。"""


@audit_.command("verify")
def audit_verify() -> None:
    """核对操作留痕是否完整、未被改动，附件等文件是否与留痕一致。"""
    with _django():
        from guanjia.kernel.audit import actions as audit

        result = audit.verify()
    for problem in result.problems:
        click.echo(problem)
    if not result.ok:
        raise Refusal(f"留痕有 {len(result.problems)} 处不符，请保留现场并联系审计管理员。")
    files = "，".join(f"{title} {count} 个" for title, count in result.compared.items())
    _say(f"留痕完整，已核对 {result.checked} 条{f'；已比对{files}' if files else ''}。")


@cli.command("check-law")
def check_law() -> None:
    """检查法规数据的格式和出处。"""
    if problems := _law_problems():
        raise Refusal(f"法规数据有 {len(problems)} 处问题，见上。")
    _say("法规数据没有问题。")


# -- parts --------------------------------------------------------------------------------------


def _law_problems() -> list[str]:
    """Every fault of the regulations, printed."""
    from guanjia.kernel.regulations import lawbook

    problems = lawbook.check()
    for problem in problems:
        click.echo(problem)
    return problems


def _lawful() -> None:
    """Refuse to serve by regulations that cannot be read: every page would fail on them."""
    if problems := _law_problems():
        raise Refusal(
            f"法规数据有 {len(problems)} 处问题，见上，没有启动。"
            "改正后用 guanjia check-law 检查，再启动。"
        )


def _broker_named() -> None:
    """Refuse an address of the broker of meters that is none; nothing where there is no address."""
    from guanjia.config import metering
    from guanjia.kernel.outside import mqtt

    try:
        if metering.wanted():
            metering.broker()
    except mqtt.AddressUnreadable as error:
        raise Refusal(f"{metering.URL} 不对：{error}。") from error


def _wake_django() -> None:
    import django

    # Where collected static files would lie; whitenoise warns when the folder is missing.
    (postgres.home() / "static").mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanjia.config.settings")
    django.setup()


@contextmanager
def _django(*, migrate: bool = True) -> Iterator[None]:
    """Django with a database behind it, as long as the command needs it.

    Our own database is brought up to date by whoever wakes it. Somebody else's is only filled
    when it is empty: changing its tables is the operator's decision.
    """
    home = postgres.home()
    os.environ["GUANJIA_HOME"] = str(home)
    with terminal.sigterm_as_interrupt(), postgres.ensure_database() as database:
        os.environ["DATABASE_URL"] = database.url
        _wake_django()
        from django.db import connections

        from guanjia.config import schema

        try:
            if migrate:
                _bring_up_to_date(schema, ours=database.cluster is not None)
            yield
        finally:
            connections.close_all()


def _bring_up_to_date(schema: Any, *, ours: bool) -> None:
    waiting = schema.waiting()
    if not waiting:
        return
    if not ours and not schema.is_empty():
        raise Refusal(f"数据库结构还差 {waiting} 项更新。请先备份，再运行 guanjia migrate。")
    schema.migrate()


def _prepare_for_people(*, demo: bool, say: Callable[[str], None]) -> list[str]:
    """Migrate, fill an empty database; returns what to print below the addresses."""
    from guanjia.config import schema

    if schema.waiting():
        say("正在建立数据库结构……" if schema.is_empty() else "正在更新数据库结构……")
    schema.migrate()
    lines = _demo_lines(say) if demo else _first_administrator_lines()
    from django.db import connections

    connections.close_all()
    return lines


def _demo_lines(say: Callable[[str], None]) -> list[str]:
    from guanjia.demo import accounts, departments, loading

    if loading.is_empty():
        say("正在装入演示数据……")
        loading.load(DEMO, at=now(), say=say)
    if not loading.is_here():
        say("数据库里已有别的数据，没有装入演示城市，也没有演示账号。")
        return _first_administrator_lines()
    named = departments.accounts()
    width = max(terminal.width(account.name) for account in named)
    return [
        "",
        f"演示账号（密码均为 {accounts.PASSWORD}）：",
        *(
            f"  {account.username:<14}{terminal.padded(account.name, width)}  {account.role_title}"
            for account in named
        ),
        "",
    ]


def _first_administrator_lines() -> list[str]:
    from guanjia.kernel.access import actions as access

    made = access.first_administrator(at=now())
    if made is None:
        return []
    username, password = made
    return [
        "",
        "首次启动，已建立管理员账号（密码只显示这一次，首次登录须修改）：",
        f"  账号 {username}    密码 {password}",
        "",
    ]


def _register(key: str) -> "Register":
    from guanjia.kernel.registers import catalogue

    found = catalogue.get(key)
    if found is None:
        known = "、".join(register.key for register in catalogue.all_registers()) or "（无）"
        raise Refusal(f"没有名为“{key}”的台账。现有台账：{known}。")
    return found


def _reason(error: OSError) -> str:
    return terminal.reason(error)


def _say(sentence: str) -> None:
    # Conversation goes to stderr where stdout carries data; here stdout carries only sentences.
    click.echo(sentence)
    sys.stdout.flush()


# -- errors -------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    terminal.speak_chinese()
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    """Run a command and turn what went wrong into one sentence and an exit code."""
    try:
        code = cli.main(args=arguments, prog_name="guanjia", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.UsageError as error:
        click.echo(f"用法不对：{terminal.usage(error)}\n用 guanjia --help 查看用法。", err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("已中断。", err=True)
        return 130
    except BrokenPipeError:
        sys.stdout = None  # nobody listens; the interpreter would flush it again
        return 1
    except Exception as error:  # the last net: a user never sees a traceback
        return _explain(error)


def _explain(error: Exception) -> int:
    if isinstance(error, (Refusal, postgres.DatabaseUnavailable)):
        click.echo(str(error), err=True)
        return getattr(error, "code", 1)
    if _is_lost_database(error):
        click.echo("与数据库的连接中断，没有写入任何内容。请确认数据库在运行后重试。", err=True)
    else:
        click.echo(f"出现意外问题，没有完成。详情已记入 {_record(error)}。", err=True)
    return 1


def _is_lost_database(error: BaseException) -> bool:
    from django.db import InterfaceError, OperationalError

    return isinstance(error, (InterfaceError, OperationalError))


def _record(error: Exception) -> Path:
    log = postgres.home() / "log" / "cli.log"
    text = "".join(traceback.format_exception(error))
    if os.environ.get("GUANJIA_TRACEBACK") == "1":
        click.echo(text, err=True)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as out:
            out.write(f"{now():%Y-%m-%d %H:%M:%S} {' '.join(sys.argv[1:])}\n{text}\n")
    except OSError:
        click.echo(text, err=True)
    return log


if __name__ == "__main__":
    main()
