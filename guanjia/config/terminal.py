"""Talking to a terminal: widths of Chinese text, the progress bar, words for common failures."""

import errno
import io
import os
import signal
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

BAR_CELLS = 30

_REASONS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "它是一个目录",
    errno.ENOTDIR: "它不是目录",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "文件名太长",
}


def speak_chinese() -> None:
    """Write UTF-8 where the locale would not know Chinese characters."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        try:
            "管家".encode(stream.encoding)
        except (UnicodeEncodeError, LookupError):
            stream.reconfigure(encoding="utf-8")


def width(text: str) -> int:
    """How many cells a terminal needs for it: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, cells: int) -> str:
    """The text filled up with blanks."""
    return text + " " * max(0, cells - width(text))


def reason(error: OSError) -> str:
    """Why a file could not be used, in Chinese."""
    return _REASONS.get(error.errno or 0, error.strerror or "原因不明")


def usage(error: click.UsageError) -> str:
    """What is wrong with a command line, in Chinese."""
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}。"
    if isinstance(error, click.MissingParameter):
        name = error.param.human_readable_name if error.param else ""
        return f"缺少参数 {name.upper()}。"
    if isinstance(error, click.BadParameter):
        return _bad_value(error.param)
    if error.message.startswith("No such command"):
        return f"没有命令 {error.message.split(chr(39))[1]}。"
    if error.message.startswith("Got unexpected extra argument"):
        return "参数太多。"
    return error.message


def _bad_value(param: click.Parameter | None) -> str:
    if param is None:
        return "有一个参数的值不对。"
    name = param.opts[0] if param.opts else param.human_readable_name
    if isinstance(param.type, click.IntRange):
        return f"{name} 应为 {param.type.min} 到 {param.type.max} 之间的整数。"
    if isinstance(param.type, click.Choice):
        return f"{name} 应为 {'、'.join(str(choice) for choice in param.type.choices)} 之一。"
    return f"{name} 的值不对。"


class Bar:
    """A progress bar on stderr, only where somebody looks at it.

    Called with (done, total, phase); stdout stays free for results.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.shown = sys.stderr.isatty() or os.environ.get("GUANJIA_PROGRESS") == "1"
        self.last = ""

    def __call__(self, done: int, total: int, phase: str = "") -> None:
        if not self.shown:
            return
        full = BAR_CELLS * min(done, total) // max(total, 1)
        line = f"\r{self.title} {phase} {'█' * full}{'░' * (BAR_CELLS - full)} {done:,}/{total:,}"
        if line != self.last:
            sys.stderr.write(line)
            sys.stderr.flush()
            self.last = line

    def end(self) -> None:
        """Clear the line."""
        if self.last:
            sys.stderr.write("\r" + " " * (width(self.last) + 1) + "\r")
            sys.stderr.flush()


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """A command told to stop leaves the way Ctrl-C does: rolled back, its database closed."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
