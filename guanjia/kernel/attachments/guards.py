"""Whether files may still be taken off a row: the department that has the row says so."""

from collections.abc import Callable, Container
from typing import Any

from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse

MayRemove = Callable[[int], Verdict]

_guards: dict[str, MayRemove] = {}


def declare(model: str, may_remove: MayRemove) -> None:
    """Ask this rule, with the id of the row, before a file goes; called from an ``apps.py``."""
    _guards[model] = may_remove


def decided_on() -> Verdict:
    """What departments say of the papers of a request that is not being mended."""
    return refuse("decided_on", "附件是审批的依据，交上去后不能移除。", "撤回后再改，或补交一份。")


def only_in(rows: Callable[[], Any], states: Container[str]) -> MayRemove:
    """A rule: only while the row stands in one of these states, before it is decided on."""

    def may(row_id: int) -> Verdict:
        state = rows().filter(pk=row_id).values_list("state", flat=True).first()
        return ALLOWED if state is None or state in states else decided_on()

    return may


def may_remove(*, model: str, row_id: int) -> Verdict:
    """What the department says; allowed where it declared no rule."""
    guard = _guards.get(model)
    return guard(row_id) if guard is not None else ALLOWED


def guarded() -> list[str]:
    """The models whose department declared a rule."""
    return sorted(_guards)
