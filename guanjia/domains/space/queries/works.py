"""Reading repairs (大中修); the scope says where one may look."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q

from guanjia.domains.space.models import Building, Holding, Room, Works
from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.rules.works import SETTLE_MONTHS
from guanjia.domains.space.terms.works import DONE, WORKS_LIFE, LastWorks, WorksPart, WorksState
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Scope

SEE, REQUEST, KEEP = "space.works.see", "space.works.request", "space.works.keep"
_MONTHS = 12


def works(scope: Scope) -> Any:
    """The repairs inside the scope with what their list shows."""
    return Works.objects.within(scope).select_related("building__compound", "unit", "applicant")


def _now(found: Works) -> str:
    budget = f"，预算 {yuan(found.budget_fen)}" if found.budget_fen else ""
    return f"{found.building} {found.title}，{found.get_kind_display()}{budget}"


WORKS = Subject(
    model="space.works", title="大中修", page="space:works_one", key="works_id", path="works",
    see=SEE, rows=works, life=WORKS_LIFE, beside=("building", "unit"),
    listed=("大中修台账", "space:works_list"), now=_now,
)  # fmt: skip
SUBJECT = WORKS.model
# Under which verb repairs may be called off (取消) in which states.
CALLING_OFF = {REQUEST: (WorksState.ASKED,), KEEP: WORKS_LIFE.before(WorksState.CALLED_OFF)}


def one(*, scope: Scope, works_id: int) -> Works:
    """One row; raises ``Works.DoesNotExist`` outside the scope."""
    found: Works = works(scope).get(pk=works_id)
    return found


def last_of(*, building_id: int, part: WorksPart, without: int | None = None) -> LastWorks | None:
    """The last accepted repairs of a part; those of the whole building count for every part."""
    rows = Works.objects.filter(building=building_id, state__in=DONE)
    if part != WorksPart.WHOLE:
        rows = rows.filter(part__in=[part, WorksPart.WHOLE])
    if without is not None:
        rows = rows.exclude(pk=without)
    found = rows.order_by("-accepted_on", "-pk").first()
    if found is None or found.accepted_on is None:
        return None
    return LastWorks(number=found.number, title=found.title, accepted_on=found.accepted_on)


def to_plan(scope: Scope) -> Any:
    """What units asked for and nobody decided on, the longest waiting first."""
    return works(scope).filter(state=WorksState.ASKED).order_by("asked_at", "pk")


def unsettled(scope: Scope, *, on: date) -> Any:
    """What was accepted and should be settled by now, by the term in force on that day."""
    law = law_at(on)
    if SETTLE_MONTHS not in law:
        return works(scope).none()
    place = int(law[SETTLE_MONTHS].value)
    rows = works(scope).filter(state=WorksState.ACCEPTED)
    return rows.filter(accepted_on__lt=months_after(on, -place)).order_by("accepted_on", "pk")


def buildings_of(scope: Scope, *, day: date) -> Any:
    """The buildings for which somebody may ask: where their units hold a room; else all."""
    rows = Building.objects.select_related("compound").filter(state="DELIVERED")
    if scope.everything:
        return rows
    # Few buildings, many holdings: asked once, not for every building.
    held = Holding.objects.within(scope).on(day).order_by().values_list("room", flat=True)
    places = Room.objects.filter(pk__in=list(held)).order_by().values_list("building", flat=True)
    return rows.filter(pk__in=set(places))


def of_building(*, building_id: int, scope: Scope) -> Sequence[Works]:
    """The repairs of a building inside the scope, the newest first."""
    rows = works(scope).filter(building=building_id)
    return list(rows.order_by("-accepted_on", "-pk"))


def late_rows(on: date) -> Q:
    """The condition that repairs were to be settled before a day."""
    return Q(pk__in=unsettled(Scope.all(), on=on).values("pk"))
