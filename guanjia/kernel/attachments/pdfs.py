"""Counting and drawing the pages of a PDF, in a process of its own (see ``pdf_child``)."""

import logging
import subprocess
import sys
from pathlib import Path

from guanjia.kernel.attachments.sniffing import Unfit

log = logging.getLogger("guanjia.attachments")

PAGES_MAX = 2_000
_SECONDS_MAX = 20
_LOCKED = 3
_CHILD = Path(__file__).with_name("pdf_child.py")


def count(*, content: bytes) -> int:
    """How many pages; raises ``Unfit`` for a PDF that cannot be opened or needs a password."""
    pages = int(_run(content, "count"))
    if pages > PAGES_MAX:
        raise Unfit(code="file_bomb", why=f"超过 {PAGES_MAX} 页。拆成几份再传。")
    return pages


def preview(*, content: bytes, page: int, side_max: int) -> bytes:
    """One page as a JPEG, counted from 1; raises ``Unfit`` when there is no such page."""
    return _run(content, "draw", str(page), str(side_max))


def _run(content: bytes, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 — our own program, and numbers
            [sys.executable, "-I", str(_CHILD), *words],
            input=content,
            capture_output=True,
            timeout=_SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise Unfit(code="file_broken", why="太复杂，打不开。重新导出一份再传。") from slow
    if done.returncode == 0:
        return done.stdout
    if done.returncode == _LOCKED:
        raise Unfit(code="file_locked", why="有打开密码，去掉密码再传。")
    log.info("a PDF could not be read (%s): %s", done.returncode, done.stderr[-300:])
    raise Unfit(code="file_broken", why="已损坏，打不开。重新导出一份再传。")
