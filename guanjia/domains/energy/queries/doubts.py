"""Doubts about returns as lists and pages show them."""

from typing import Any

from guanjia.domains.energy.models import Doubt
from guanjia.domains.energy.terms.returns import DOUBT_LIFE, DoubtState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Scope

SEE, EXPLAIN = "energy.doubt.see", "energy.doubt.explain"


def listed(scope: Scope) -> Any:
    """The doubts of a scope with whose they are."""
    return Doubt.objects.within(scope).select_related("month_return__institution__area")


DOUBTS = Subject(
    model="energy.doubt", title="月报疑点", page="energy:doubt", see=SEE, rows=listed,
    life=DOUBT_LIFE, key="doubt_id", path="doubts", stem="doubt", name="",
    beside=("month_return__institution__area",), listed=("报表疑点", "energy:doubts_list"),
)  # fmt: skip


def of_institution(institution_id: int) -> list[Doubt]:
    """The doubts of an institution that wait, the newest month first."""
    rows = Doubt.objects.filter(month_return__institution=institution_id, state=DoubtState.OPEN)
    return list(rows.select_related("month_return"))


def of_return(return_id: int) -> list[Doubt]:
    """Every doubt there ever was about a month, those that wait first."""
    rows = Doubt.objects.filter(month_return=return_id).select_related("explained_by")
    return sorted(rows, key=lambda row: (row.state != DoubtState.OPEN, row.pk))


def waiting(scope: Scope) -> Any:
    """The doubts of a scope that nobody has explained, the oldest first."""
    return listed(scope).filter(state=DoubtState.OPEN).order_by("raised_at", "pk")
