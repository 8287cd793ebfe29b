"""Who decides a step: found when the step is reached, with whoever stands in for them (委托)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals.models import Case, CaseStep, Delegation
from guanjia.kernel.approvals.routes import By, Holder
from guanjia.kernel.approvals.terms import Mode, Origin
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.period import SHANGHAI

KEEP = "approvals.keep"


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """A person who is to decide: for whom, if they stand in, and why they are there."""

    person: Person
    on_behalf: Person | None = None
    origin: Origin = Origin.ROUTE


def holder_of(step: CaseStep) -> Holder:
    """Who the step's edition says decides it."""
    spec = step.holder_spec or {"by": By.DUTY.value, "verb": step.verb}
    return Holder(
        by=By(spec["by"]),
        verb=spec.get("verb", ""),
        unit=spec.get("unit", ""),
        people=tuple(spec.get("people", ())),
    )


def candidates(
    holder: Holder, *, unit: Unit, on: date, without: Collection[int] = ()
) -> list[Person]:
    """Who may decide for a unit on a day, in order; without some people (the applicant)."""
    if holder.by is By.PEOPLE:
        return _named(holder.people, without)
    at = asked_unit(holder, unit)
    if at is None:
        return []
    return access.holders(verb=holder.verb, unit=at, on=on, without=without)


def asked_unit(holder: Holder, unit: Unit) -> Unit | None:
    """The unit for which the duty must be held: that of the case, the one above, or a given one."""
    if holder.by is By.ABOVE:
        return org.home_unit(unit).parent
    if holder.by is By.AT:
        return Unit.objects.filter(code=holder.unit).first()
    return unit


def _named(numbers: Collection[str], without: Collection[int]) -> list[Person]:
    found = {
        person.number: person
        for person in Person.objects.serving()
        .filter(number__in=numbers, account__is_active=True)
        .exclude(pk__in=list(without))
        .select_related("unit")
    }
    return [found[number] for number in numbers if number in found]


def able(ids: Collection[int]) -> set[int]:
    """Those of some people who can decide at all: they serve and their account is open."""
    rows = Person.objects.serving().filter(pk__in=list(ids), account__is_active=True)
    return set(rows.values_list("pk", flat=True))


def stand_in(person: Person, *, on: date, without: Collection[int] = ()) -> Person:
    """Who decides for somebody on a day: their delegate, that one's delegate, and so on.

    Stops before a circle, before whoever cannot decide, and before anybody in ``without``: then the
    last one before decides.
    """
    return stand_ins([person], on=on, without=without)[0]


def stand_ins(people: Sequence[Person], *, on: date, without: Collection[int] = ()) -> list[Person]:
    """Who decides for each of some people, in order; one statement for each link of chains."""
    lent: dict[int, Person] = {}
    frontier = {person.pk for person in people}
    while frontier:
        rows = (
            Delegation.objects.filter(principal__in=frontier, during__contains=on)
            .filter(delegate__left_on=None, delegate__account__is_active=True)
            .exclude(delegate__in=list(without))
            .select_related("delegate__unit")
        )
        found = {row.principal_id: row.delegate for row in rows}
        lent |= found
        frontier = {person.pk for person in found.values()} - set(lent)
    return [_last(person, lent) for person in people]


def _last(person: Person, lent: Mapping[int, Person]) -> Person:
    seen = {person.pk}
    while (following := lent.get(person.pk)) is not None and following.pk not in seen:
        person = following
        seen.add(person.pk)
    return person


def barred(case: Case) -> list[int]:
    """Ids of the people who must not decide on a case: its applicant."""
    return [case.applicant_id] if case.applicant_id else []


def day_of(at: datetime) -> date:
    """The day of a moment in the office's time."""
    return at.astimezone(SHANGHAI).date()


def sittings(step: CaseStep, *, case: Case, at: datetime) -> list[Sitting]:
    """Who is to decide a step that is reached now; the keepers of routes where nobody can.

    One person sits once, also when they stand in for another who sits there.
    """
    on, without = day_of(at), barred(case)
    found = candidates(holder_of(step), unit=case.unit, on=on, without=without)
    if step.mode == Mode.ONE:
        found = found[:1]
    return _seated(found, on=on, without=without) or keepers(case, at=at)


def _seated(
    found: Sequence[Person],
    *,
    on: date,
    without: Collection[int],
    origin: Origin = Origin.ROUTE,
) -> list[Sitting]:
    return _each_once(
        Sitting(
            person=person,
            on_behalf=principal if person.pk != principal.pk else None,
            origin=origin,
        )
        for principal, person in zip(found, stand_ins(found, on=on, without=without), strict=True)
    )


def _each_once(sittings: Iterable[Sitting]) -> list[Sitting]:
    """In their own name before in another's; the order stays."""
    chosen: dict[int, Sitting] = {}
    for sitting in sittings:
        known = chosen.get(sitting.person.pk)
        if known is None or (known.on_behalf is not None and sitting.on_behalf is None):
            chosen[sitting.person.pk] = sitting
    return list(chosen.values())


def keepers(case: Case, *, at: datetime) -> list[Sitting]:
    """Who says who decides where the route finds nobody: the keepers of routes (流程管理员)."""
    people = access.holders(verb=KEEP, unit=case.unit, on=day_of(at), without=barred(case))
    return [Sitting(person=person, origin=Origin.KEEPER) for person in people]


def superiors(
    step: CaseStep, *, case: Case, at: datetime, without: Collection[int]
) -> list[Sitting]:
    """Who may decide the step above those who sit on it (``without``), with their stand-ins.

    Where there is nobody above, the keepers, who can only hand it to somebody.
    """
    on, barred_too = day_of(at), [*barred(case), *without]
    unit, found = _above(step, case), list[Person]()
    if unit is not None:
        verb = holder_of(step).verb
        found = access.holders(verb=verb, unit=unit, on=on, without=barred_too)
    raised = _seated(found, on=on, without=barred_too, origin=Origin.ESCALATED)
    return raised or [each for each in keepers(case, at=at) if each.person.pk not in barred_too]


def _above(step: CaseStep, case: Case) -> Unit | None:
    """The unit above the one for which a step is decided; named people have none above."""
    holder = holder_of(step)
    asked = asked_unit(holder, case.unit) if holder.verb else None
    return org.home_unit(asked).parent if asked is not None else None


def may_decide_above(step: CaseStep, *, case: Case, at: datetime) -> set[int]:
    """Ids of the people who hold the duty of a step at any unit above."""
    verb, unit, on = holder_of(step).verb, _above(step, case), day_of(at)
    found: set[int] = set()
    while unit is not None:
        found |= {person.pk for person in access.holders(verb=verb, unit=unit, on=on)}
        unit = unit.parent
    return found


def spec_of(holder: Holder) -> dict[str, Any]:
    """A holder as the step of a case keeps it."""
    return {
        "by": holder.by.value,
        "verb": holder.verb,
        "unit": holder.unit,
        "people": list(holder.people),
    }
