"""In whose hands a trip is, by name: for the side of the form, the steps, and the result line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from guanjia.domains.fleet.approvals import TRIP, TripCase
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.terms import Paper, TripState
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import actions as approvals
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.approvals.models import Case, CaseStep
from guanjia.kernel.approvals.terms import Step
from guanjia.kernel.org.models import Person, Unit

DISPATCH = "fleet.trip.dispatch"
NOBODY = "还没有人"
_NAMES_MAX = 3


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """A step that is still to come, as ``{% steps %}`` shows it."""

    tone: str
    icon: str
    who: str
    act: str
    when: str = ""
    opinion: str = ""


def names(people: Sequence[Person]) -> str:
    """``邵红、雷红军``; of many the first three and how many there are."""
    if not people:
        return NOBODY
    first = "、".join(person.name for person in people[:_NAMES_MAX])
    return first if len(people) <= _NAMES_MAX else f"{first} 等 {len(people)} 人"


def places(people: Iterable[Person]) -> str:
    """The units they are of, each once."""
    return "、".join(dict.fromkeys(str(person.unit) for person in people))


def route_ahead(
    *, unit: Unit, on_rest_day: bool, rider: str, on: date, without: Iterable[int]
) -> list[Ahead]:
    """Who will deal with a request of a unit once it is submitted."""
    facts = TripCase(on_rest_day=on_rest_day)
    needed = [step for step in TRIP.steps if step.when is None or step.when(facts)]
    barred = list(without)
    return [
        *(_deciding(step, unit, on, barred) for step in needed),
        dispatching(unit, on),
        Ahead(tone="idle", icon="message", who=rider or "用车人", act="用车后评价"),
    ]


def _deciding(step: Step, unit: Unit, on: date, barred: list[int]) -> Ahead:
    people = access.holders(verb=step.verb, unit=unit, on=on, without=barred)
    return decided_by(people, step.title)


def decided_by(people: Sequence[Person], title: str) -> Ahead:
    """A decision and who takes it; nobody is said in red, with whom to ask."""
    if not people:
        return Ahead(
            tone="stop", icon="alert-circle", who=NOBODY,
            act=f"能办“{title}”，联系安全管理员授权",
        )  # fmt: skip
    act = "审批"
    if len(people) == 1:
        act += f"（{people[0].unit} {people[0].title}".rstrip() + "）"
    return Ahead(tone="wait", icon="user-check", who=names(people), act=act)


def dispatching(unit: Unit, on: date) -> Ahead:
    """Who gives the car."""
    people = access.holders(verb=DISPATCH, unit=unit, on=on)
    act = f"派车（{places(people)}）" if people else "能派车，联系安全管理员授权"
    tone = "idle" if people else "stop"
    return Ahead(tone=tone, icon="steering-wheel", who=names(people), act=act)


def deciders(case: Case, step: CaseStep, on: date) -> list[Person]:
    """Who may decide the step of a case now."""
    return approvals.holders_of(step, case=case, on=on)


def next_line(trip: Trip, *, on: date) -> str:
    """In whose hands the trip is now: ``等邵红审批``, ``等熊燕欣派车``; ``""`` at its end."""
    case = cases.case_for(subject_type="fleet.trip", subject_id=trip.pk, route=TRIP.key)
    if trip.state == TripState.PENDING or trip.paper == Paper.PENDING:
        step = cases.active_step(case) if case else None
        if case is None or step is None:
            return ""
        people = deciders(case, step, on)
        return f"等{names(people)}审批" if people else "还没有人能审批，联系安全管理员授权"
    if trip.state == TripState.APPROVED:
        people = access.holders(verb=DISPATCH, unit=trip.unit, on=on)
        return f"等{names(people)}派车" if people else "等调度员派车"
    if trip.state == TripState.DISPATCHED and trip.carrier.driver:
        return f"等{trip.carrier.driver}出车"
    return ""
