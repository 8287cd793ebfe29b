"""Excel into a register: the whole file is judged, then all of it is written, or nothing."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.registers import container, judging, reading
from guanjia.kernel.registers.container import Unreadable
from guanjia.kernel.registers.declaration import Fault, ImportRow, Register, Written
from guanjia.kernel.registers.judging import Preview, PreviewRow
from guanjia.kernel.registers.sheets import Progress, Sheet, SheetRow
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor

__all__ = [
    "ImportReport",
    "Preview",
    "PreviewRow",
    "Progress",
    "enter_row",
    "import_file",
    "read_file",
]

File = Path | str | bytes | IO[bytes]

VERB = "registers.import"
_LOCK_CLASS = 7_205  # advisory locks of our own; the second half is the register's key
_RAISED_BY_TRIGGER = "P0001"
_KEY_DETAIL = re.compile(r"\((?P<names>[^()]+)\)=\((?P<values>.*?)\)")


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did; ``errors`` means that nothing was written.

    A fault of the file as a whole has row 0; one of the header the header's row number.
    """

    register: str
    sheet: str = ""
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[Fault, ...] = ()
    doubts: tuple[Fault, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the file was refused and nothing written."""
        return bool(self.errors)

    def as_json(self) -> dict[str, Any]:
        """Plain data with exactly the keys that command line, API and page promise."""
        return asdict(self) | {
            "errors": [_fault_json(fault) for fault in self.errors],
            "doubts": [_fault_json(fault) for fault in self.doubts],
        }


def _fault_json(fault: Fault) -> dict[str, Any]:
    names = ("sheet", "row", "column", "value", "code", "message")
    return {name: getattr(fault, name) for name in names}


class _OnlyTried(Exception):
    """Leaves the transaction of a dry run with what it would have written."""

    def __init__(self, written: Written) -> None:
        self.written = written


def read_file(
    *, register: Register, file: File, actor: Actor, progress: Progress | None = None
) -> Preview:
    """Read and judge a whole file for the preview; writes nothing.

    Needs the register's ``take``. A file that cannot be read gives a preview with one error.
    """
    actor.must(register.take)
    try:
        data = container.bytes_of(file)
        sheet = reading.read_sheet(register=register, file=data, progress=progress)
    except Unreadable as unreadable:
        return Preview(register=register, errors=[_whole(unreadable.code, unreadable.sentence)])
    preview = judging.judge(register=register, sheet=sheet, actor=actor, progress=progress)
    preview.digest = hashlib.sha256(data).hexdigest()
    return preview


def import_file(
    *,
    register: Register,
    path_or_file: File,
    actor: Actor,
    at: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Take a file into a register: everything, or nothing with every fault named.

    Needs the register's ``take``. Writes through ``register.write_rows`` in one transaction and
    records one ``registers.import``; imports of the same register wait for each other. A dry run
    does the same and undoes it, so that its counts and the database's objections are the real
    ones. ``progress`` is told (done, total, phase); from 核对 on it runs inside the transaction,
    so what it writes on the same connection is seen by others only at the end.
    """
    actor.must(register.take)
    try:
        data = container.bytes_of(path_or_file)
        sheet = reading.read_sheet(register=register, file=data, progress=progress)
    except Unreadable as unreadable:
        fault = _whole(unreadable.code, unreadable.sentence)
        return ImportReport(register=register.key, errors=(fault,))
    preview, written = Preview(register=register, sheet=sheet.name), Written()
    try:
        with transaction.atomic():
            _wait_for_turn(register)
            preview = judging.judge(register=register, sheet=sheet, actor=actor, progress=progress)
            preview.digest = hashlib.sha256(data).hexdigest()
            if not preview.errors:
                written = _write(preview, actor, at, progress)
            if dry_run:
                raise _OnlyTried(written)
    except _OnlyTried as tried:
        written = tried.written
    except (DatabaseError, Refused, ValidationError) as objection:
        if not _is_about_the_rows(objection):
            raise
        written = Written()
        preview.errors = _objections(objection, preview)
    return _report(preview, written)


def enter_row(
    *, register: Register, texts: Mapping[str, str], actor: Actor, at: datetime
) -> tuple[Written, tuple[Fault, ...]]:
    """One row as somebody types it: read, judged and written as a file of one row would be.

    ``texts``: by column name; what is empty says nothing. Needs the register's ``take``. Raises
    ``Refused`` with every fault at its column's name, and nothing is written. Returns what was
    written, and the doubts. The trail is that of the register's own action.
    """
    actor.must(register.take)
    preview, written = Preview(register=register), Written()
    try:
        with transaction.atomic():
            _wait_for_turn(register)
            preview = judging.judge(register=register, sheet=_typed(register, texts), actor=actor)
            if not preview.errors and register.write_rows is not None:
                with _deferred_checked_here():
                    written = register.write_rows(actor=actor, rows=preview.ready, at=at)
    except (DatabaseError, ValidationError) as objection:
        if not _is_about_the_rows(objection):
            raise
        preview.errors = _objections(objection, preview)
    names = {column.title: column.name for column in register.columns}
    verdict = Verdict()
    for fault in preview.errors:
        where = names.get(fault.column, "")
        verdict += refuse(fault.code, "没有登记：", fault.message, field=where)
    verdict.enforce()
    return written, tuple(preview.doubts)


def _typed(register: Register, texts: Mapping[str, str]) -> Sheet:
    """A sheet of one row; an optional column that is empty is a column the file leaves out."""
    columns = [c for c in register.importable() if not c.optional or texts.get(c.name, "").strip()]
    told = {number: texts[c.name] for number, c in enumerate(columns) if texts.get(c.name)}
    return Sheet(
        name="",
        header_row=0,
        positions={column.name: number for number, column in enumerate(columns)},
        rows=[SheetRow(number=1, cells={**told})],
    )


def _report(preview: Preview, written: Written) -> ImportReport:
    return ImportReport(
        register=preview.register.key,
        sheet=preview.sheet,
        rows=len(preview.rows),
        **asdict(written),
        errors=tuple(preview.errors),
        doubts=tuple(preview.doubts),
    )


def _wait_for_turn(register: Register) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK_CLASS, register.key]
        )


def _write(preview: Preview, actor: Actor, at: datetime, progress: Progress | None) -> Written:
    register, rows = preview.register, preview.ready
    if register.write_rows is None:
        message = f"“{register.title}”不从 Excel 导入，没有写入。"
        raise ValidationError(message, code="not_importable")
    if progress is not None:
        progress(0, len(rows), "写入")
    with _deferred_checked_here():
        written = register.write_rows(actor=actor, rows=rows, at=at)
    audit.record(
        actor=actor,
        verb=VERB,
        on=register.title,
        at=at,
        after={
            "register": register.key,
            "sheet": preview.sheet,
            "rows": len(rows),
            **asdict(written),
            "doubts": len(preview.doubts),
            "sha256": preview.digest,
        },
        note=f"导入 {len(rows)} 行：新增 {written.created}，更新 {written.updated}，"
        f"未变 {written.unchanged}；文件 SHA-256 {preview.digest}",
    )
    if progress is not None:
        progress(len(rows), len(rows), "写入")
    return written


@contextmanager
def _deferred_checked_here() -> Iterator[None]:
    """Constraints deferred to the commit speak now, while their rows can still be named."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# ── what the database or a rule objects to, as faults ────────────────────────────────────


def _whole(code: str, sentence: str) -> Fault:
    return Fault(row=0, column="", value="", code=code, message=sentence)


def _is_about_the_rows(objection: Exception) -> bool:
    """Whether a constraint, a trigger or a rule spoke; a lost connection is another matter."""
    if isinstance(objection, DatabaseError):
        raised = getattr(objection.__cause__, "sqlstate", "") == _RAISED_BY_TRIGGER
        return raised or isinstance(objection, IntegrityError | DataError)
    return True


def _objections(objection: Exception, preview: Preview) -> list[Fault]:
    if isinstance(objection, Refused):
        titles = {column.name: column.title for column in preview.register.columns}
        return [
            Fault(
                row=0,
                column=titles.get(finding.field, ""),
                value="",
                code=finding.code,
                message=finding.text(),
                sheet=preview.sheet,
            )
            for finding in objection.findings
        ]
    if isinstance(objection, ValidationError):
        code = getattr(objection, "code", None) or "value_invalid"
        return [_whole(code, message) for message in objection.messages]
    return [_database_objection(objection, preview)]


def _database_objection(objection: Exception, preview: Preview) -> Fault:
    """One fault that names the row where the database's own words allow it."""
    diagnosis = getattr(objection.__cause__, "diag", None)
    detail = getattr(diagnosis, "message_detail", None) or ""
    sentence = _sentence_of(getattr(diagnosis, "constraint_name", None) or "")
    if isinstance(objection, DataError):
        sentence = "有的数字或文字超出数据库能存的范围，核对后再上传。"
    for row, title, value in _culprits(detail, preview):
        return Fault(
            row=row.number,
            column=title,
            value=value,
            code="database_refused",
            message=sentence or f"“{value}”与已有的记录相同",
            sheet=preview.sheet,
        )
    return _whole(
        "database_refused", sentence or "与已有的记录冲突，整份文件没有写入，核对后再上传。"
    )


def _culprits(detail: str, preview: Preview) -> Iterator[tuple[ImportRow, str, str]]:
    found = _KEY_DETAIL.search(detail)
    if found is None:
        return
    names = [name.strip(' "') for name in found["names"].split(",")]
    shown = dict(zip(names, found["values"].split(", "), strict=False))
    candidates = judging.rows_with(
        rows=preview.ready, columns=preview.register.importable(), shown=shown
    )
    for row, column in candidates:
        yield row, column.title, row.raw[column.name]


def _sentence_of(constraint_name: str) -> str:
    """The Chinese message that a model gives to one of its constraints."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == constraint_name:
                message = str(constraint.violation_error_message or "")
                generic = str(constraint.default_violation_error_message)
                return "" if message == generic else message
    return ""
