"""Asking a virus scanner: clamd, over the protocol its manual calls INSTREAM.

``GUANJIA_CLAMD``: ``tcp://127.0.0.1:3310`` or ``unix:///run/clamav/clamd.ctl``; without it nothing
is scanned, and files are marked so. With ``GUANJIA_CLAMD_REQUIRED=1`` a file that could not be
scanned is not taken. ``GUANJIA_CLAMD_SECONDS``: the longest wait for one answer.
"""

import logging
import os
import re
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import Scan

log = logging.getLogger("guanjia.attachments")

_CHUNK = 64 * 1024
_ANSWER_BYTES_MAX = 4096
_SECONDS = 20.0
_FOUND = re.compile(r"^stream: (.+) FOUND$")
_LETTERS = re.compile(r"[^\w.\-+:/ ]")


class Unreachable(Exception):
    """The scanner gave no answer that could be used; says why, in English, for the log."""


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """Where the scanner listens, and how long it may take."""

    address: str
    seconds: float = _SECONDS
    required: bool = False


def configured() -> Scanner | None:
    """The scanner of this installation, if there is one."""
    address = os.environ.get("GUANJIA_CLAMD", "").strip()
    if not address:
        return None
    return Scanner(
        address=address,
        seconds=float(os.environ.get("GUANJIA_CLAMD_SECONDS") or _SECONDS),
        required=os.environ.get("GUANJIA_CLAMD_REQUIRED", "") == "1",
    )


def scan(*, content: bytes) -> Scan:
    """Whether the file was found clean; raises ``Unfit`` when it was not, or had to be scanned."""
    scanner = configured()
    if scanner is None:
        return Scan.NOT_SCANNED
    try:
        find = ask(scanner=scanner, content=content)
    except Unreachable as fault:
        log.warning("the virus scanner at %s did not answer: %s", scanner.address, fault)
        if scanner.required:
            raise Unfit(
                code="file_unscanned",
                why="没有查成毒：查毒服务没有应答。过一会儿再传；仍不行，报系统管理员。",
            ) from fault
        return Scan.NOT_SCANNED
    if find:
        log.warning("the virus scanner found %s in an upload", find)
        raise Unfit(
            code="file_infected", why=f"查出病毒（{find}），没有收下。清除病毒后再传，不要打开它。"
        )
    return Scan.CLEAN


def ask(*, scanner: Scanner, content: bytes) -> str:
    """The name of what was found, ``""`` for a clean file; raises ``Unreachable``."""
    try:
        with _connected(scanner) as line:
            line.settimeout(scanner.seconds)
            # A scanner that has its answer before the end closes its ear and still speaks.
            with suppress(BrokenPipeError, ConnectionResetError):
                _send(line, content)
            answer = _answer(line)
    except OSError as fault:
        raise Unreachable(str(fault) or type(fault).__name__) from fault
    if answer == "stream: OK":
        return ""
    if found := _FOUND.match(answer):
        return _LETTERS.sub("_", found.group(1))[:100]
    raise Unreachable(f"unexpected answer {answer[:200]!r}")


def _connected(scanner: Scanner) -> socket.socket:
    where = urlsplit(scanner.address)
    if where.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(scanner.seconds)
        try:
            line.connect(where.path)
        except OSError:
            line.close()
            raise
        return line
    try:
        host, port = where.hostname, where.port
    except ValueError as fault:
        raise Unreachable(f"unreadable address {scanner.address!r}") from fault
    if where.scheme != "tcp" or not host or not port:
        raise Unreachable(f"unreadable address {scanner.address!r}")
    return socket.create_connection((host, port), timeout=scanner.seconds)


def _send(line: socket.socket, content: bytes) -> None:
    line.sendall(b"zINSTREAM\0")
    for start in range(0, len(content), _CHUNK):
        piece = content[start : start + _CHUNK]
        line.sendall(struct.pack("!I", len(piece)) + piece)
    line.sendall(struct.pack("!I", 0))


def _answer(line: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < _ANSWER_BYTES_MAX:
        piece = line.recv(_ANSWER_BYTES_MAX)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
