"""What the page furniture asks of those above it; set once from an ``apps.py``.

The furniture knows no inbox and no law pages; whoever has them says so here.
"""

from collections.abc import Callable

from django.http import HttpRequest

from guanjia.kernel.regulations.verdict import Citation

_todo_count: list[Callable[[HttpRequest], int]] = []
_cite_url: list[Callable[[Citation], str]] = []


def set_todo_count(count: Callable[[HttpRequest], int]) -> None:
    """Say how many things wait for the person behind a request."""
    _todo_count[:] = [count]


def set_cite_url(url: Callable[[Citation], str]) -> None:
    """Say where a cited text can be read; ``""`` where it cannot."""
    _cite_url[:] = [url]


def todo_count(request: HttpRequest) -> int:
    """How many things wait; 0 when nobody counts."""
    return _todo_count[0](request) if _todo_count else 0


def cite_url(cite: Citation) -> str:
    """Where the cited text can be read, or ``""``."""
    return _cite_url[0](cite) if _cite_url else ""


_bureau: list[Callable[[], str]] = []


def set_bureau(name: Callable[[], str]) -> None:
    """Say how the bureau that runs this deployment is called."""
    _bureau[:] = [name]


def bureau() -> str:
    """The name of the bureau, or ``""``."""
    return _bureau[0]() if _bureau else ""


_notice_count: list[Callable[[HttpRequest], int]] = []


def set_notice_count(count: Callable[[HttpRequest], int]) -> None:
    """Say how many notices the person behind a request has not read."""
    _notice_count[:] = [count]


def notice_count(request: HttpRequest) -> int:
    """How many notices are unread; 0 when nobody counts."""
    return _notice_count[0](request) if _notice_count else 0
