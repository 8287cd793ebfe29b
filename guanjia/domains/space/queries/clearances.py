"""Reading clearances (腾退); the scope says where one may look."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum

from guanjia.domains.space.models import Clearance, ClearanceRoom, Clearances
from guanjia.domains.space.rules.allocations import area, day
from guanjia.domains.space.terms.clearances import CLEARANCE_LIFE, WITH_UNIT, ClearanceState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Scope

SEE = "space.allocation.see"
HAND_BACK, ACCEPT = "space.allocation.hand_back", "space.allocation.accept"


def clearances(scope: Scope) -> Any:
    """The clearances inside the scope with how many rooms (``places``) and how much (``m2``)."""
    return (
        Clearance.objects.within(scope)
        .select_related("unit", "person", "allocation")
        .annotate(places=Count("rooms"), m2=Sum("rooms__usable_m2"))
    )


def _now(found: Any) -> str:
    much = f"{found.places} 间 {area(found.m2)}"
    return f"{found.unit.shown}{found.get_reason_display()}，{much}，{day(found.due_on)}前移交"


CLEARANCES = Subject(
    model="space.clearance", title="用房腾退", page="space:clearance", key="clearance_id",
    path="clearances", stem="clearance", see=SEE, rows=clearances, life=CLEARANCE_LIFE,
    beside=("unit",), listed=("办公用房腾退", "space:clearances_list"), now=_now,
)  # fmt: skip
SUBJECT = CLEARANCES.model


def clearance(*, scope: Scope, clearance_id: int) -> Clearance:
    """One clearance; raises ``Clearance.DoesNotExist`` outside the scope."""
    rows = clearances(scope).select_related("handed_by", "accepted_by", "person__unit")
    found: Clearance = rows.get(pk=clearance_id)
    return found


def open_on(day: date, *, scope: Scope | None = None) -> list[Clearance]:
    """The clearances whose time had passed on a day with the rooms still in the unit's hands, as
    they stood on that day; with ``overdue_days``. For findings: no rule is asked again."""
    rows = clearances(scope or Scope.all()).filter(due_on__lt=day).exclude(state="CALLED_OFF")
    found = []
    for row in rows.order_by("unit__position", "due_on", "pk"):
        back = row.handed_back_on if row.state in ("HANDED_BACK", "DONE") else None
        if back is None or back > day:
            row.overdue_days = (day - row.due_on).days
            found.append(row)
    return found


def due_soon(*, scope: Scope, on: date, days: int) -> Clearances:
    """The clearances in a unit's hands that are due within some days, or late; by their day."""
    rows: Clearances = (
        clearances(scope)
        .filter(state__in=WITH_UNIT, due_on__lte=on + timedelta(days=days))
        .order_by("due_on", "pk")
    )
    return rows


def waiting(scope: Scope, *states: ClearanceState) -> Any:
    """The clearances in some states, the nearest due first."""
    return clearances(scope).filter(state__in=states).order_by("due_on", "pk")


def rooms_of(clearance: Clearance) -> list[ClearanceRoom]:
    """The rooms of a clearance."""
    return list(clearance.rooms.select_related("room__building__compound", "room__floor"))


def being_cleared(room_ids: Collection[int]) -> dict[int, Clearance]:
    """Which of these rooms are being cleared, by room id."""
    rows = ClearanceRoom.objects.filter(room__in=room_ids, standing=True)
    return {row.room_id: row.clearance for row in rows.select_related("clearance__unit")}


def of_allocation(allocation_id: int) -> list[Clearance]:
    """The clearances that an allocation led to, the oldest first."""
    return list(clearances(Scope.all()).filter(allocation=allocation_id).order_by("pk"))
