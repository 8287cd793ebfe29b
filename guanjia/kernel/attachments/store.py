"""The house's files on disk: each once, under its own digest, outside whatever the web serves.

A file is written before the row that names it is committed; if that row never comes, the file
lies there unnamed until ``sweep`` of the attachments takes it away. Nothing is ever overwritten.

Keeping and removing one digest exclude each other: inside a transaction ``keep`` holds a shared
lock until the commit, and ``remove_unless`` goes on only when nobody holds one. So a file cannot go
between the moment it is found to be there and the moment the new row that names it can be seen.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from guanjia.kernel.locks.advisory import try_advisory
from guanjia.kernel.values import digests

_DIGEST = re.compile(rf"[0-9a-f]{{{digests.LENGTH}}}")
_PREVIEWS = "previews"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file that lies in the store; ``digest`` is empty for a draft that was never finished."""

    digest: str
    path: Path
    written_at: float  # seconds of the epoch, as the file system tells


def root() -> Path:
    """The folder of the files, readable by the account of the server only."""
    return Path(settings.FILES_ROOT)


def path_of(digest: str) -> Path:
    """Where the file of a digest lies; ``ValueError`` for what is no digest."""
    _check(digest)
    return root() / digest[:2] / digest[2:4] / digest


def preview_path(digest: str, drawing: str) -> Path:
    """Where a drawing of a file is kept (``1-thumb``); it may be lost at any time."""
    _check(digest)
    return root() / _PREVIEWS / digest[:2] / f"{digest}-{drawing}.jpg"


def _check(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no digest")


def keep(content: bytes) -> str:
    """Write a file unless it is there already; returns its SM3 digest.

    Call it inside the transaction that writes the row which names the file.
    """
    digest = digests.sm3(content)
    path = path_of(digest)
    _hold(digest)
    if path.exists():
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # young again: a sweep passes over it
            return digest
    write(path, content)
    return digest


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)  # a full disk leaves no half files behind
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name outlives a power cut as the bytes do
    finally:
        os.close(folder)


def read(digest: str) -> bytes:
    """The bytes of a file; ``FileNotFoundError`` when somebody took it away."""
    return path_of(digest).read_bytes()


def unchanged(digest: str) -> bool:
    """Whether the file is there and still has the digest it is named by."""
    try:
        return digests.sm3(read(digest)) == digest
    except FileNotFoundError:
        return False


def remove(digest: str) -> None:
    """Delete a file; one that is gone already is fine."""
    with contextlib.suppress(FileNotFoundError):
        path_of(digest).unlink()
    for drawing in preview_path(digest, "x").parent.glob(f"{digest}-*"):
        drawing.unlink(missing_ok=True)


def remove_unless(digest: str, *, still_needed: Callable[[], bool]) -> bool:
    """Delete a file unless it is needed or being kept anew just now; whether it went."""
    with transaction.atomic():
        if not try_advisory(_lock_name(digest)) or still_needed():
            return False
        remove(digest)
    return True


def walk() -> Iterator[Stored]:
    """Everything that lies in the store but the drawings, drafts included."""
    for folder, inner, names in os.walk(root()):
        if Path(folder) == root() and _PREVIEWS in inner:
            inner.remove(_PREVIEWS)
        for name in names:
            path = Path(folder, name)
            digest = name if _DIGEST.fullmatch(name) else ""
            with contextlib.suppress(FileNotFoundError):
                yield Stored(digest=digest, path=path, written_at=path.stat().st_mtime)


def remove_stray_drawings() -> None:
    """Delete drawings whose file is gone: whoever was drawing it when it went was too late."""
    for drawing in (root() / _PREVIEWS).glob("*/*"):
        digest = drawing.name.partition("-")[0]
        if _DIGEST.fullmatch(digest) and not path_of(digest).exists():
            drawing.unlink(missing_ok=True)


def _hold(digest: str) -> None:
    if not connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_lock_name(digest)]
        )


def _lock_name(digest: str) -> str:
    return f"attachments.store:{digest}"
