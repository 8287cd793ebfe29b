"""An uploaded file on its way into a register: kept, read, looked at, written.

Every step is safe to repeat: reading again gives the same report, and writing the same file again
changes nothing, because the import itself compares rows. So a job whose worker was killed is simply
run once more.
"""

import contextlib
import hashlib
import logging
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from guanjia.kernel.access import queries as access
from guanjia.kernel.registers import catalogue, importing, marking
from guanjia.kernel.registers.declaration import Fault, Register
from guanjia.kernel.registers.judging import Preview
from guanjia.kernel.registers.models import Upload
from guanjia.kernel.registers.sheets import Progress
from guanjia.kernel.registers.terms import UploadState
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, NotAllowed
from guanjia.kernel.values.period import SHANGHAI

log = logging.getLogger("guanjia.registers")

AT_ONCE_BYTES = 500 * 1024  # about 5,000 rows: read within the request, larger files in a job
ROWS_KEPT_MAX = 1_000  # rows of which the page shows the cells
FAULTS_KEPT_MAX = 5_000
CLEAN_ROWS_KEPT_MAX = 200  # clean rows are only glanced at
NAME_MAX = 200
GONE = "上传的文件已不在，重新上传一次。"
SILENT_AFTER = timedelta(seconds=30)
_CHUNK = 1 << 20
_PROGRESS_SECONDS = 0.5


def bytes_max() -> int:
    """The largest file taken, in bytes."""
    return int(settings.UPLOAD_BYTES_MAX)


def receive(
    *, actor: Actor, register: Register, file: IO[bytes], name: str, at: datetime
) -> Upload:
    """Keep a file that somebody uploaded; raises ``Refused`` when it is empty or too large.

    Needs the register's ``take`` verb. Nothing is read yet.
    """
    actor.must(register.take)
    if actor.account_id is None:
        raise NotAllowed(register.take)  # the system has no page to look at an upload
    digest, size, draft = _stored(file)
    try:
        if not size:
            refuse("file_empty", "没有读：", "文件是空的，另选一份。", field="file").enforce()
        upload = Upload(
            account_id=actor.account_id,
            register=register.key,
            digest=digest,
            name=Path(name.replace("\\", "/")).name[-NAME_MAX:] or "未命名.xlsx",
            size=size,
            state=UploadState.READING,
            created_at=at,
            touched_at=at,
        )
        draft.replace(upload.path)
    finally:
        draft.unlink(missing_ok=True)
    upload.save(force_insert=True)
    return upload


def _stored(file: IO[bytes]) -> tuple[str, int, Path]:
    """Write the stream beside its final place: digest, bytes, and the draft's path."""
    folder = Path(settings.GUANJIA_HOME) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{os.getpid()}-{secrets.token_hex(8)}.new"
    digest, size = hashlib.sha256(), 0
    with draft.open("wb") as target:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > bytes_max():
                break
            digest.update(chunk)
            target.write(chunk)
    if size > bytes_max():
        draft.unlink()
        refuse("file_large", "没有读：", too_large(), field="file").enforce()
    return digest.hexdigest(), size, draft


def too_large() -> str:
    """The sentence about the size of a file."""
    return f"文件超过 {bytes_max() // (1 << 20)} MB，分成几份再上传。"


def own(*, actor: Actor, register: Register, upload_id: int) -> Upload:
    """The actor's own upload for this register; ``Upload.DoesNotExist`` for anybody else's."""
    found: Upload = Upload.objects.get(
        pk=upload_id, account_id=actor.account_id, register=register.key
    )
    return found


def is_small(upload: Upload) -> bool:
    """Whether the file is read and written within the request."""
    return upload.size <= AT_ONCE_BYTES


def is_silent(upload: Upload, *, at: datetime) -> bool:
    """Whether a job under way has not been heard of for a while."""
    under_way = upload.state in (UploadState.READING, UploadState.WRITING)
    return under_way and at - upload.touched_at > SILENT_AFTER


# ── reading ──────────────────────────────────────────────────────────────────────────────


def read(*, upload_id: int, at: datetime) -> Upload:
    """Read the file and keep what was found; does nothing once it has been read."""
    upload: Upload = Upload.objects.get(pk=upload_id)
    if upload.state != UploadState.READING:
        return upload
    register = catalogue.get(upload.register)
    if register is None:
        return _failed(upload, "register_gone", "这个台账已停用，文件没有读。", at=at)
    try:
        with _reporting(upload) as progress:
            preview = importing.read_file(
                register=register,
                file=upload.path,
                actor=_actor(upload, register, at),
                progress=progress,
            )
    except NotAllowed as fault:
        return _failed(upload, "not_allowed", str(fault), at=at)
    except FileNotFoundError:
        return _failed(upload, "file_gone", GONE, at=at)
    if not preview.sheet:
        whole = preview.errors[0]
        return _failed(upload, whole.code, whole.message, at=at)
    upload.report = _report(preview)
    upload.state = UploadState.FAULTY if preview.errors else UploadState.READY
    upload.done = upload.total = len(preview.rows)
    _keep(upload, at=at)
    return upload


def _actor(upload: Upload, register: Register, at: datetime) -> Actor:
    """Who uploaded the file, with the duties of this moment; raises ``NotAllowed``."""
    actor = access.actor_of(account=upload.account, on=at.astimezone(SHANGHAI).date())
    actor.must(register.take)
    return actor


def _report(preview: Preview) -> dict[str, Any]:
    """What the page needs of a preview: counts, faults, and the cells of the rows to look at."""
    marked = preview.faulty_numbers | {fault.row for fault in preview.doubts}
    chosen = [row for row in preview.rows if row.number in marked][:ROWS_KEPT_MAX]
    others = (row for row in preview.rows if row.number not in marked)
    chosen += islice(others, max(0, min(ROWS_KEPT_MAX - len(chosen), CLEAN_ROWS_KEPT_MAX)))
    names = [column.name for column in preview.columns]
    return {
        "sheet": preview.sheet,
        "header_row": preview.header_row,
        "rows": len(preview.rows),
        "faulty": len(preview.faulty_numbers),
        "columns": names,
        "cells": [
            [row.number, [row.texts.get(name, "") for name in names]]
            for row in sorted(chosen, key=lambda row: row.number)
        ],
        "errors": [_plain(fault) for fault in preview.errors[:FAULTS_KEPT_MAX]],
        "doubts": [_plain(fault) for fault in preview.doubts[:FAULTS_KEPT_MAX]],
        "error_count": len(preview.errors),
        "doubt_count": len(preview.doubts),
        "reasons": _reasons(preview.errors),
        "doubt_reasons": _reasons(preview.doubts),
    }


def _plain(fault: Fault) -> dict[str, Any]:
    return {
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.column,
        "value": fault.value[:200],
        "code": fault.code,
        "message": fault.message,
    }


def _reasons(faults: Sequence[Fault]) -> list[list[Any]]:
    """Code, column, number of faults and the words of the first one; the most frequent first."""
    counted = Counter((fault.code, fault.column) for fault in faults)
    words: dict[tuple[str, str], str] = {}
    for fault in faults:
        words.setdefault((fault.code, fault.column), fault.message)
    return [
        [code, column, number, words[code, column]]
        for (code, column), number in counted.most_common()
    ]


def marked_file(upload: Upload) -> bytes:
    """The person's own file with the faulty cells marked."""
    report = upload.report
    return marking.marked(
        upload.path,
        [Fault(**each) for each in report.get("errors", ())],
        doubts=[Fault(**each) for each in report.get("doubts", ())],
    )


def _failed(upload: Upload, code: str, sentence: str, *, at: datetime) -> Upload:
    upload.report = {**upload.report, "code": code, "sentence": sentence}
    upload.state = UploadState.FAILED
    _keep(upload, at=at)
    return upload


def _keep(upload: Upload, *, at: datetime) -> None:
    upload.touched_at = at
    upload.save(update_fields=["report", "state", "done", "total", "phase", "touched_at"])


# ── writing ──────────────────────────────────────────────────────────────────────────────


def begin_writing(*, actor: Actor, register: Register, upload_id: int, at: datetime) -> bool:
    """Mark a file as being written; ``False`` when that has already happened (a double click).

    Raises ``Refused`` while there is something to mend in it.
    """
    actor.must(register.take)
    with transaction.atomic():
        upload: Upload = Upload.objects.select_for_update().get(
            pk=upload_id, account_id=actor.account_id, register=register.key
        )
        if upload.state in (UploadState.WRITING, UploadState.WRITTEN):
            return False
        if upload.state != UploadState.READY:
            refuse("upload_faulty", "没有写入：", "这份文件还有要改的，改好后重新上传。").enforce()
        upload.state, upload.touched_at = UploadState.WRITING, at
        upload.done, upload.total, upload.phase = 0, 0, "写入"
        upload.save(update_fields=["state", "touched_at", "done", "total", "phase"])
    return True


def write(*, upload_id: int, at: datetime) -> Upload:
    """Write the file's rows, all or nothing; does nothing unless it is waiting for that."""
    upload: Upload = Upload.objects.get(pk=upload_id)
    if upload.state != UploadState.WRITING:
        return upload
    register = catalogue.get(upload.register)
    if register is None:
        return _failed(upload, "register_gone", "这个台账已停用，什么都没有写入。", at=at)
    try:
        with _reporting(upload) as progress:
            found = importing.import_file(
                register=register,
                path_or_file=upload.path,
                actor=_actor(upload, register, at),
                at=at,
                progress=progress,
            ).as_json()
    except NotAllowed as fault:
        return _failed(upload, "not_allowed", str(fault), at=at)
    except FileNotFoundError:
        return _failed(upload, "file_gone", GONE, at=at)
    errors = [Fault(**each) for each in found["errors"]]
    if errors:
        # Something changed between looking and writing: show the new faults instead.
        upload.report |= {
            "errors": found["errors"][:FAULTS_KEPT_MAX],
            "error_count": len(errors),
            "faulty": len({fault.row for fault in errors}),
            "reasons": _reasons(errors),
            "sheet": found["sheet"],
        }
        upload.state = UploadState.FAULTY
    else:
        upload.report |= {key: found[key] for key in ("created", "updated", "unchanged")}
        upload.state, upload.done = UploadState.WRITTEN, found["rows"]
    _keep(upload, at=at)
    return upload


@contextlib.contextmanager
def _reporting(upload: Upload) -> Iterator[Progress | None]:
    """A progress callback that others can see while the import's transaction is still open.

    It writes through a connection of its own; the import must not lock the upload's row meanwhile.
    A small file is done before anybody could look, and gets none.
    """
    if is_small(upload):
        yield None
        return
    own_line = connection.copy()
    last = [0.0]

    def progress(done: int, total: int, phase: str) -> None:
        if time.monotonic() - last[0] < _PROGRESS_SECONDS:
            return
        last[0] = time.monotonic()
        # A bar that cannot be moved is no reason to stop the work.
        with contextlib.suppress(DatabaseError), own_line.cursor() as cursor:
            cursor.execute(
                "UPDATE registers_upload SET done = %s, total = %s, phase = %s, touched_at = now()"
                " WHERE id = %s",
                [done, total, phase[:40], upload.pk],
            )

    try:
        yield progress
    finally:
        own_line.close()


def retry(*, actor: Actor, register: Register, upload_id: int, at: datetime) -> Upload | None:
    """Take up a silent job again: the upload when it was silent, else ``None``."""
    with transaction.atomic():
        upload: Upload = Upload.objects.select_for_update().get(
            pk=upload_id, account_id=actor.account_id, register=register.key
        )
        if not is_silent(upload, at=at):
            return None
        upload.touched_at = at
        upload.save(update_fields=["touched_at"])
    return upload
