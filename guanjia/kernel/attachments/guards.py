"""Whether files may still be taken off a row: the department that has the row says so."""

from collections.abc import Callable

from guanjia.kernel.regulations.verdict import ALLOWED, Verdict

MayRemove = Callable[[int], Verdict]

_guards: dict[str, MayRemove] = {}


def declare(model: str, may_remove: MayRemove) -> None:
    """Ask this rule, with the id of the row, before a file goes; called from an ``apps.py``."""
    _guards[model] = may_remove


def may_remove(*, model: str, row_id: int) -> Verdict:
    """What the department says; allowed where it declared no rule."""
    guard = _guards.get(model)
    return guard(row_id) if guard is not None else ALLOWED
