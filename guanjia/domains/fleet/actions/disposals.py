"""Disposing of a car (处置): open, value, send, deal, pay in, return the plate, finish, stop."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.actions import entering, stays
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.events import CarDisposed, DisposalDealt
from guanjia.domains.fleet.models import Car, Disposal, DisposalLot
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.disposals import (
    UNDER_WAY,
    UNSENT,
    DisposalMethod,
    DisposalState,
    LotState,
)
from guanjia.domains.fleet.terms.stays import LeftBy
from guanjia.kernel.acts.changing import change, in_state, locked, made, reasoned
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term

REGISTER = "fleet.disposals"
REQUEST, DEAL, DISPOSALS = reading.REQUEST, reading.DEAL, reading.DISPOSALS
S = DisposalState
DEALING, FINISHING = (S.AGREED, S.DEALT), (S.DEALT, S.PAID)
ASKED = ("car_id", "unit_id", "method", "reason", "to_unit_id", "purchase_id")
_DEALT = ("disposed_on", "buyer", "proceeds_fen", "document")
_PAID = ("receipt", "paid_fen", "paid_on", "difference_note")


def new_number(on: date) -> str:
    """The next 处置单号: ``CZ``, the year, a running number."""
    return f"CZ{on.year}{numbering.next_number(series='fleet.disposal', year=on.year):05d}"


@transaction.atomic
def open_disposal(
    *,
    actor: Actor,
    car_id: int,
    method: DisposalMethod,
    reason: str,
    purchase_id: int | None = None,
    to_unit_id: int | None = None,
    at: datetime,
) -> Disposal:
    """Begin to dispose of a car (申请处置), by its unit or by the keeper.

    ``purchase_id``: the renewal that replaces it; such a car may still be out on its last trip.
    ``to_unit_id``: who receives it by a transfer. Needs ``fleet.disposal.request`` for the car's
    unit. One disposal of a car is under way at a time; a car that is gone is not disposed of again.
    """
    actor.must(REQUEST)
    car = _locked_car(actor.scope(REQUEST), car_id)
    law = law_at(at)
    booked = [] if purchase_id else reading.booked_numbers(car.pk)
    verdict = rules.may_open(method=method, plate=car.plate, booked=booked, law=law)
    verdict += _may_begin(car, method, reason, to_unit_id)
    verdict.enforce()
    disposal: Disposal = Disposal.objects.create(
        number=new_number(day_of(at)),
        car=car,
        unit=car.unit,
        method=method,
        reason=reason.strip()[:200],
        purchase_id=purchase_id,
        to_unit_id=to_unit_id if method == DisposalMethod.TRANSFER else None,
        state=DisposalState.DRAFT,
        applicant_id=actor.person_id,
        asked_at=at,
    )
    made(disposal, *ASKED, actor=actor, verb="fleet.disposal.opened", at=at, verdict=verdict)
    return disposal


def _may_begin(car: Car, method: DisposalMethod, reason: str, to_unit_id: int | None) -> Verdict:
    verdict = Verdict()
    if car.state == CarState.DISPOSED:
        verdict += refuse("gone", f"{car.plate}已经处置。", "在处置登记里查看。")
    known = Disposal.objects.filter(car=car, state__in=UNDER_WAY).first()
    if known is not None:
        verdict += refuse(
            "under_way",
            f"{car.plate}已有处置在办。",
            f"{known.number}，{DisposalState(known.state).label}；办完或取消后再申请。",
        )
    if car.keeping == Keeping.LEASED:
        verdict += refuse("leased", "租赁的车不处置。", "退还出租方，在车辆台账改管理方式。")
    if not reason.strip():
        verdict += refuse("reason_missing", "没有写处置原因。", "写明原因。", field="reason")
    if method == DisposalMethod.TRANSFER:
        to_unit = Unit.objects.open().filter(pk=to_unit_id or 0).first()
        if to_unit is None:
            verdict += refuse("no_unit", "没有选接收单位。", "选接收单位。", field="to_unit")
        elif to_unit.pk == car.unit_id:
            verdict += refuse(
                "same_unit", "接收单位就是现在的单位。", "选另一个单位。", field="to_unit"
            )
    return verdict


@transaction.atomic
def value_disposal(
    *,
    actor: Actor,
    disposal_id: int,
    valuation_fen: int,
    valuer: str,
    valued_on: date,
    at: datetime,
) -> Disposal:
    """Write down the valuation (估值), until the request is sent; money in 分."""
    disposal = locked_with_car(actor, REQUEST, disposal_id, act="再改估值", when=UNSENT)
    if valued_on > day_of(at):
        refuse("valued_later", "估值日期还没有到。", "核对估值日期。", field="valued_on").enforce()
    if valuation_fen < 0:
        refuse("negative", "估值不能小于零。", "没有残值的填 0。", field="valuation").enforce()
    facts = {"valuation_fen": valuation_fen, "valuer": valuer, "valued_on": valued_on}
    first = {"state": S.VALUED} if disposal.state == S.DRAFT else {}
    change(disposal, {**facts, **first}, actor=actor, verb="fleet.disposal.valued", at=at)
    return disposal


@transaction.atomic
def send(*, actor: Actor, disposal_id: int, comment: str = "", at: datetime) -> Disposal:
    """Send a disposal to its approval (报批), also again after it was returned or withdrawn."""
    disposal = locked_with_car(actor, REQUEST, disposal_id, act="报批", when=UNSENT)
    booked = [] if disposal.purchase_id else reading.booked_numbers(disposal.car_id)
    verdict = rules.may_send(disposal=disposal.facts(), on=day_of(at))
    if disposal.method == DisposalMethod.TRANSFER and disposal.to_unit_id is None:
        verdict += no_receiver()
    verdict += rules.not_booked(plate=disposal.car.plate, booked=booked)
    verdict.enforce()
    verdict += reading.life_of(disposal.car, law_at(at), day_of(at))
    case = opening.case_of(disposal, route=DISPOSAL.key)
    applicant_id = disposal.applicant_id or actor.person_id
    change(
        disposal, {"state": S.PENDING, "state_note": "", "applicant_id": applicant_id},
        actor=actor, verb="fleet.disposal.sent", at=at, verdict=verdict,
    )  # fmt: skip
    common: dict[str, Any] = {
        "route": DISPOSAL, "unit": disposal.unit, "actor": actor, "comment": comment, "at": at,
        "facts": case_facts(disposal, at), "summary": summary_of(disposal),
    }  # fmt: skip
    if case is None:
        opening.open_case(subject=disposal, applicant_id=actor.person_id, **common)
    else:
        opening.resubmit(case=case, **common)
    disposal.refresh_from_db(fields=["state", "state_note", "approved_on"])
    return disposal


def case_facts(disposal: Disposal, at: datetime) -> dict[str, Any]:
    """What the steps of the route may depend on (``DISPOSAL.facts``)."""
    days = (day_of(at) - disposal.car.registered_on).days
    return {
        "method": str(disposal.method),
        "valuation": disposal.valuation_fen or 0,
        "years": round(days / 365.25, 1),
        "renewal": disposal.purchase_id is not None,
    }


def summary_of(disposal: Disposal) -> str:
    """The request in one line, for lists of many kinds of requests."""
    where = f"划转给{disposal.to_unit}" if disposal.to_unit else disposal.get_method_display()
    valued = disposal.valuation_fen
    worth = "" if valued is None else f" · 估值 {rules.yuan(valued)}"
    return f"{disposal.car.plate} · {where}{worth} · {disposal.reason}"


@transaction.atomic
def deal(*, actor: Actor, disposal_id: int, facts: Mapping[str, Any], at: datetime) -> Disposal:
    """Write down the deal (登记成交), or correct it before it is paid in.

    ``facts``: ``disposed_on``, ``buyer``, ``proceeds_fen``, ``document``. Needs
    ``fleet.disposal.deal``. Refused while a trip is promised or out; publishes ``DisposalDealt``.
    """
    disposal = locked_with_car(actor, DEAL, disposal_id)
    if disposal.method == DisposalMethod.TRANSFER:
        refuse("no_deal", "划转没有成交。", "直接办结划转。").enforce()
    in_state(DISPOSALS, disposal, act="登记成交", when=DEALING)
    _lot_is_open(disposal)
    first = disposal.state == S.AGREED
    dealt = replace(
        disposal.facts(), disposed_on=facts["disposed_on"], proceeds_fen=facts["proceeds_fen"],
        document=facts["document"],
    )  # fmt: skip
    verdict = rules.may_deal(disposal=dealt, on=day_of(at))
    verdict += rules.not_booked(
        plate=disposal.car.plate, booked=reading.booked_numbers(disposal.car_id)
    )
    news = [DisposalDealt(disposal_id=disposal.pk, at=at, by_id=actor.person_id)] if first else []
    change(
        disposal, {**{name: facts[name] for name in _DEALT}, "state": S.DEALT}, actor=actor,
        verb="fleet.disposal.dealt", at=at, verdict=verdict, news=news,
    )  # fmt: skip
    return disposal


@transaction.atomic
def pay_in(*, actor: Actor, disposal_id: int, facts: Mapping[str, Any], at: datetime) -> Disposal:
    """Write down what was paid into the treasury (登记缴库), with the number of the voucher.

    ``facts``: ``receipt``, ``paid_fen``, ``paid_on``, ``difference_note``. What differs from the
    deal is refused with both values, unless the reason is written. Needs ``fleet.disposal.deal``.
    """
    disposal = locked_with_car(actor, DEAL, disposal_id, act="登记缴库", to=S.PAID)
    if not disposal.proceeds_fen:
        refuse("nothing", "这辆车没有收入，不用缴库。", "直接办结。").enforce()
    paid = {name: facts.get(name, "") for name in _PAID}
    verdict = rules.may_pay_in(
        disposal=replace(
            disposal.facts(), receipt=paid["receipt"], paid_fen=paid["paid_fen"],
            difference_note=paid["difference_note"],
        ),
        paid_on=paid["paid_on"], on=day_of(at), law=law_at(at),
    )  # fmt: skip
    change(
        disposal, {**paid, "state": S.PAID}, actor=actor, verb="fleet.disposal.paid_in", at=at,
        verdict=verdict,
    )  # fmt: skip
    return disposal


@transaction.atomic
def return_plate(*, actor: Actor, disposal_id: int, on: date, at: datetime) -> Disposal:
    """Write down that the number plate was given back (号牌交回), on a day that has come."""
    disposal = locked_with_car(actor, DEAL, disposal_id, act="登记号牌交回", when=UNDER_WAY)
    if on > day_of(at):
        refuse("in_the_future", "交回日期还没有到。", "核对日期。", field="on").enforce()
    if disposal.plate_returned_on != on:
        facts = {"plate_returned_on": on}
        change(disposal, facts, actor=actor, verb="fleet.disposal.plate_returned", at=at)
    return disposal


@transaction.atomic
def finish(*, actor: Actor, disposal_id: int, at: datetime) -> Disposal:
    """Finish a removal (办结): the car's card is cancelled and its place is free.

    Refused while proceeds are not paid in, the plate is out or a trip is not over. The car leaves
    the books on the day of its disposal. Needs ``fleet.disposal.deal``; publishes ``CarDisposed``.
    A transfer is finished by ``transfers.finish_transfer``.
    """
    disposal = locked_with_car(actor, DEAL, disposal_id)
    if disposal.method == DisposalMethod.TRANSFER:
        refuse("transfer", "这是划转。", "办结划转。").enforce()
    if disposal.state == S.DONE:
        return disposal
    in_state(DISPOSALS, disposal, act="办结", when=FINISHING)
    verdict = rules.may_finish(disposal=disposal.facts(), on=day_of(at), law=law_at(at))
    verdict += rules.not_booked(
        plate=disposal.car.plate, booked=reading.booked_numbers(disposal.car_id)
    )
    change(
        disposal, {"state": S.DONE, "finished_at": at}, actor=actor,
        verb="fleet.disposal.finished", at=at, verdict=verdict,
    )  # fmt: skip
    cancel_card(actor=actor, disposal=disposal, at=at)
    doubt_later_trips([disposal], at=at)
    return disposal


def cancel_card(*, actor: Actor, disposal: Disposal, at: datetime) -> None:
    """The car of a finished removal leaves the register of cars in use. Inside a caller's act."""
    car = Car.objects.select_for_update(of=("self",)).select_related("unit").get(pk=disposal.car_id)
    assert disposal.disposed_on is not None  # noqa: S101 — a constraint: it is dealt
    stays.leave(car=car, on=disposal.disposed_on, by=LeftBy.DISPOSAL)
    change(
        car, {"state": CarState.DISPOSED}, actor=actor, verb="fleet.car.disposed", at=at,
        note=f"{disposal.number} {disposal.get_method_display()}",
        news=[CarDisposed(car_id=car.pk, disposal_id=disposal.pk)],
    )  # fmt: skip


def doubt_later_trips(disposals: list[Disposal], *, at: datetime) -> None:
    """A journey after the day of the disposal waits for a look. Inside a caller's act."""
    days = {each.car_id: each.disposed_on for each in disposals if each.disposed_on}
    after = reading.trips_after(days)
    raised = []
    for each in disposals:
        trip = after.get(each.car_id)
        if trip is None or trip.went_at is None or not each.is_removal:
            continue
        verdict = rules.trip_after(
            plate=each.car.plate, disposed_on=days[each.car_id], number=trip.number,
            went_on=day_of(trip.went_at),
        )  # fmt: skip
        raised += [
            remarks.Raised.of(object_id=each.pk, kind=RemarkKind.DOUBT, finding=finding)
            for finding in verdict.warnings
        ]
    remarks.raise_remarks(register=REGISTER, remarks=raised, at=at)


@transaction.atomic
def call_off(*, actor: Actor, disposal_id: int, reason: str, at: datetime) -> Disposal:
    """Call a disposal off (取消处置) before the deal, with the reason; the car stays.

    Its unit while it is not sent, else whoever has ``fleet.disposal.deal``.
    """
    # Who deals for one unit may ask for another: what counts is whose this is.
    verb = DEAL if DISPOSALS.reaches(actor, DEAL, disposal_id) else REQUEST
    disposal = locked_with_car(actor, verb, disposal_id, act="取消", when=reading.CALLING_OFF[verb])
    note = reasoned(reason)
    case = opening.case_of(disposal, route=DISPOSAL.key)
    if case is not None:
        opening.call_off(case=case, comment="处置取消", at=at)
    change(
        disposal, {"state": S.CALLED_OFF, "state_note": note, "lot_id": None}, actor=actor,
        verb="fleet.disposal.called_off", at=at, note=note,
    )  # fmt: skip
    put_back(actor=actor, disposal=disposal, at=at)
    return disposal


def put_back(*, actor: Actor, disposal: Disposal, at: datetime) -> None:
    """The car of what ended without a deal can be used again, where nothing replaces it.

    Inside a caller's act, which has locked the car.
    """
    if disposal.purchase_id is None and disposal.car.state == CarState.TO_DISPOSE:
        note = f"{disposal.number} 不再处置"
        entering.write_car_state(
            actor=actor, car=disposal.car, state=CarState.IN_USE, note=note, at=at
        )


def set_aside(*, actor: Actor, car: Car, note: str, at: datetime) -> None:
    """The locked car is promised to no trip any more (待处置). Inside a caller's act."""
    if car.state not in (CarState.DISPOSED, CarState.TO_DISPOSE):
        entering.write_car_state(actor=actor, car=car, state=CarState.TO_DISPOSE, note=note, at=at)


# ── shared by the acts on a disposal ─────────────────────────────────────────────────────


def _locked_car(scope: Any, car_id: int) -> Car:
    car: Car = (
        Car.objects.within(scope)
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=car_id)
    )
    return car


def locked_with_car(
    actor: Actor,
    verb: str,
    disposal_id: int,
    *,
    act: str = "",
    to: Term | None = None,
    when: Sequence[Term] = (),
) -> Disposal:
    """A disposal of the actor's reach, locked after its car; raises ``DoesNotExist`` outside.

    One's reach is that of the unit whose car it is: who receives it only looks.
    """
    actor.must(verb)
    scope = actor.scope(verb)
    car_id = Disposal.objects.theirs(scope).values_list("car_id", flat=True).get(pk=disposal_id)
    _locked_car(scope, car_id)
    found: Disposal = locked(
        DISPOSALS, actor=actor, verb=verb, pk=disposal_id, act=act, to=to, when=when
    )
    return found


def no_receiver() -> Verdict:
    """A transfer that a ledger told of does not say to whom."""
    return refuse("no_unit", "没有接收单位。", "这件由台账登记；取消后重新申请划转，写明接收单位。")


def _lot_is_open(disposal: Disposal) -> None:
    # Read anew: it may have been closed while this act waited for the car.
    if DisposalLot.objects.filter(pk=disposal.lot_id or 0, state=LotState.CLOSED).exists():
        refuse("lot_closed", f"“{disposal.lot}”已经核销。", "核销以后不再改成交。").enforce()
