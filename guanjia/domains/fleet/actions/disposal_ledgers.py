"""Taking in disposals that ledgers tell of (处置登记): they are facts, done or on their way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import disposals, transfers
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.models import Car, CarStay, Disposal
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.disposals import (
    DATED,
    REMOVALS,
    UNDER_WAY,
    UNSENT,
    DisposalMethod,
    DisposalState,
)
from guanjia.domains.fleet.terms.stays import LeftBy
from guanjia.kernel.acts import stretches
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor

ENTER = "fleet.disposal.enter"
TOLD = ("method", "document", "approved_on", "disposed_on", "proceeds_fen", "receipt")
_NOTHING = (None, "")
_MAY_BE_AGREED = (*UNSENT, DisposalState.PENDING)

Rows = Sequence[Mapping[str, Any]]


@dataclass
class Known:
    """The disposals of one car that are not called off."""

    removed: Disposal | None = None
    moved: list[Disposal] = field(default_factory=list)
    under_way: Disposal | None = None

    def told_before(self, facts: Mapping[str, Any]) -> Disposal | None:
        """Which of them a row of a ledger speaks of."""
        if facts["method"] in REMOVALS:
            return self.removed or self.under_way
        told = facts["disposed_on"] is not None
        for name in ("disposed_on", "document") if told else ("document", "approved_on"):
            for each in self.moved:
                if facts[name] not in _NOTHING and getattr(each, name) == facts[name]:
                    return each
        moving = self.under_way
        return moving if moving and moving.method == DisposalMethod.TRANSFER else None

    def is_behind(self, facts: Mapping[str, Any]) -> bool:
        """Whether a row without 处置日期 speaks of what is dealt or over since."""
        if facts["disposed_on"] is not None:
            return False
        old = self.told_before(facts)
        return self.removed is not None or (old is not None and old.state in DATED)


@transaction.atomic
def enter_disposals(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter disposals as a ledger states them: ``car`` as an object, and the fields of ``TOLD``.

    Needs ``fleet.disposal.enter`` for the cars' units. With a 处置日期 a disposal is done, also one
    that was under way, and the car leaves the books on that day. Without one it waits: agreed to
    where the ledger knows the 批准日期, else for its valuation; it never takes back what is dealt.
    An empty cell takes nothing away. What should not be so becomes a finding with its article.
    Returns how many were created, changed and left as they were.
    """
    actor.must(ENTER)
    cars = _cars(actor, rows)
    known = known_of(cars, locked=True)
    created, updated, unchanged = [], [], 0
    for row in sorted(rows, key=_in_order):
        car = cars[row["car"].pk]
        facts, there = {name: row[name] for name in TOLD}, known[car.pk]
        old = there.told_before(facts)
        if there.is_behind(facts):
            unchanged += 1
        elif old is None:
            made = _create(actor, car, facts, at)
            created.append(made)
            _note(there, made)
        elif names := _changes(old, facts):
            _change(actor, old, facts, names, at)
            updated.append(old)
            known[car.pk] = _noted([*there.moved, there.removed, there.under_way])
        else:
            unchanged += 1
    _raise_remarks([*created, *updated], at)
    disposals.doubt_later_trips([*created, *updated], at=at)
    return len(created), len(updated), unchanged


def _in_order(row: Mapping[str, Any]) -> tuple[bool, date]:
    """What happened first comes first; what has not happened yet last."""
    return row["disposed_on"] is None, row["disposed_on"] or date.max


def _cars(actor: Actor, rows: Rows) -> dict[int, Car]:
    ids = {row["car"].pk for row in rows}
    found = (
        Car.objects.within(actor.scope(ENTER))
        .select_for_update(of=("self",))
        .select_related("unit")
        .filter(pk__in=ids)
        .order_by("pk")
    )
    cars = {car.pk: car for car in found}
    if outside := [row["car"].plate for row in rows if row["car"].pk not in cars]:
        refuse("outside", f"{outside[0]}不在您的范围内。", "由管理它的单位登记。").enforce()
    return cars


def known_of(car_ids: Collection[int], *, locked: bool = False) -> dict[int, Known]:
    """What is known of the disposals of some cars, in one statement."""
    rows = Disposal.objects.select_for_update(of=("self",)) if locked else Disposal.objects.all()
    rows = (
        rows.select_related("car__unit", "unit", "to_unit")
        .filter(car__in=car_ids, state__in=[*UNDER_WAY, DisposalState.DONE])
        .order_by("pk")
    )
    found = {car_id: Known() for car_id in car_ids}
    for row in rows:
        _note(found[row.car_id], row)
    return found


def _note(known: Known, row: Disposal) -> None:
    if row.state != DisposalState.DONE:
        known.under_way = row
    elif row.is_removal:
        known.removed = row
    else:
        known.moved.append(row)


def _noted(rows: Sequence[Disposal | None]) -> Known:
    known = Known()
    for row in rows:
        if row is not None:
            _note(known, row)
    return known


def _create(actor: Actor, car: Car, facts: Mapping[str, Any], at: datetime) -> Disposal:
    done = facts["disposed_on"] is not None
    waiting = DisposalState.AGREED if facts["approved_on"] else DisposalState.DRAFT
    day = facts["disposed_on"] or facts["approved_on"] or day_of(at)
    disposal: Disposal = Disposal.objects.create(
        number=disposals.new_number(day),
        car=car,
        unit=car.unit,
        state=DisposalState.DONE if done else waiting,
        paid_fen=facts["proceeds_fen"] if facts["receipt"] else None,
        finished_at=at if done else None,
        **facts,
    )
    made(
        disposal, "car_id", "unit_id", "state", *TOLD,
        actor=actor, verb="fleet.disposal.entered", at=at,
    )  # fmt: skip
    _see_to_the_car(actor, disposal, at)
    return disposal


def _changes(disposal: Disposal, facts: Mapping[str, Any]) -> list[str]:
    """What a ledger would change; an end or an approval that is not told yet is a change too."""
    names = [
        name
        for name in TOLD
        if facts[name] not in _NOTHING and getattr(disposal, name) != facts[name]
    ]
    if names and _state_after(disposal, facts) != disposal.state:
        names.append("state")
    return names


def _state_after(disposal: Disposal, facts: Mapping[str, Any]) -> str:
    if facts["disposed_on"] is not None:
        return DisposalState.DONE
    if facts["approved_on"] is not None and disposal.state in _MAY_BE_AGREED:
        return DisposalState.AGREED
    return str(disposal.state)


def _change(
    actor: Actor, disposal: Disposal, facts: Mapping[str, Any], names: Sequence[str], at: datetime
) -> None:
    was, ended_on = disposal.state, disposal.disposed_on
    told = {name: facts[name] for name in names if name != "state"}
    told["state"] = _state_after(disposal, facts)
    if was != told["state"]:
        _end_case(disposal, at)
        if told["state"] == DisposalState.DONE:
            told["finished_at"] = at
    if told.get("method", disposal.method) in REMOVALS:
        told["to_unit_id"] = None
    if disposal.payment_id is None and {"proceeds_fen", "receipt"} & set(names):
        receipt = told.get("receipt", disposal.receipt)
        told["paid_fen"] = told.get("proceeds_fen", disposal.proceeds_fen) if receipt else None
    told = {name: value for name, value in told.items() if getattr(disposal, name) != value}
    change(disposal, told, actor=actor, verb="fleet.disposal.entered", at=at)
    if was != disposal.state:
        _see_to_the_car(actor, disposal, at)
    elif disposal.is_removal and ended_on != disposal.disposed_on:
        _restate_stay(disposal)


def _end_case(disposal: Disposal, at: datetime) -> None:
    """Nobody needs to decide any more on what a ledger tells as decided."""
    case = opening.case_of(disposal, route=DISPOSAL.key)
    if case is not None:
        done = disposal.state == DisposalState.DONE
        comment = "台账记为已处置" if done else "台账记为已批准"
        opening.call_off(case=case, comment=comment, at=at)


def _see_to_the_car(actor: Actor, disposal: Disposal, at: datetime) -> None:
    """What becomes of the car: gone, handed over, or promised to no trip any more (待处置)."""
    car = Car.objects.select_for_update(of=("self",)).select_related("unit").get(pk=disposal.car_id)
    if disposal.state == DisposalState.DONE and disposal.is_removal:
        disposals.cancel_card(actor=actor, disposal=disposal, at=at)
    elif disposal.state == DisposalState.DONE and disposal.disposed_on is not None:
        transfers.hand_over(actor=actor, disposal=disposal, car=car, on=disposal.disposed_on, at=at)
    elif disposal.state == DisposalState.AGREED and disposal.is_removal:
        note = f"{disposal.number} 台账记为已批准"
        disposals.set_aside(actor=actor, car=car, note=note, at=at)


def _restate_stay(disposal: Disposal) -> None:
    """The car left the books on another day than was told before."""
    stay = (
        CarStay.objects.select_for_update()
        .filter(car=disposal.car_id, left_by=LeftBy.DISPOSAL)
        .order_by("during")
        .last()
    )
    if stay is not None and disposal.disposed_on and disposal.disposed_on > stay.during.lower:
        stretches.finish(stay, disposal.disposed_on)


def _raise_remarks(rows: Sequence[Disposal], at: datetime) -> None:
    raised = [
        remarks.Raised.of(
            object_id=row.pk,
            kind=RemarkKind.DOUBT if finding.code in rules.ODD else RemarkKind.FINDING,
            finding=finding,
        )
        for row in rows
        if row.is_removal
        for finding in _judged(row, at).warnings
    ]
    remarks.raise_remarks(register=disposals.REGISTER, remarks=raised, at=at)


def _judged(row: Disposal, at: datetime) -> Verdict:
    day = row.disposed_on or row.approved_on or day_of(at)
    return rules.ledger_doubts(disposal=row.facts(), law=law_at(day))
