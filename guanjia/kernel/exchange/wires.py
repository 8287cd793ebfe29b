"""Which rows are shared and what they look like on the wire; the departments declare them. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]


def _nobody(_: int) -> Iterable[tuple[str, int]]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One kind of shared rows.

    ``kind`` is the name on the wire and ``model`` the table (``app.Model``). ``read`` gives the
    rows with these ids as plain JSON data, and leaves out what nobody outside may see: what it
    leaves out is never sent, and withdrawn where it was. ``dependants``: kind and id of rows that
    come and go with a row, asked for when it appears or disappears.
    """

    kind: str
    model: str
    title: str
    read: Callable[[Iterable[int]], Mapping[int, Data]]
    label: Callable[[Data], str]
    dependants: Callable[[int], Iterable[tuple[str, int]]] = _nobody


_wires: dict[str, Wire] = {}


def declare(*wires: Wire) -> None:
    """Make kinds of rows known, from the ``apps.py`` of their department, in the order to send."""
    for wire in wires:
        _wires[wire.kind] = wire


def get(kind: str) -> Wire | None:
    """The kind of this name; ``None`` for one that is no longer shared."""
    return _wires.get(kind)


def all_wires() -> list[Wire]:
    """Every kind in the order of declaration."""
    return list(_wires.values())


@contextmanager
def only(*wires: Wire) -> Iterator[None]:
    """For tests: nothing but these."""
    before = dict(_wires)
    _wires.clear()
    declare(*wires)
    try:
        yield
    finally:
        _wires.clear()
        _wires.update(before)
