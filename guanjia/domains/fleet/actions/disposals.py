"""Disposing of a car (处置): open, value, send, deal, pay in, return the plate, finish, stop."""

from collections.abc import Mapping
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
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor

REGISTER = "fleet.disposals"
REQUEST, DEAL = "fleet.disposal.request", "fleet.disposal.deal"
ASKED = ("car_id", "unit_id", "method", "reason", "to_unit_id", "purchase_id")
_VALUED = ("valuation_fen", "valuer", "valued_on")
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
    audit.record(
        actor=actor, verb="fleet.disposal.opened", on=disposal, at=at, verdict=verdict,
        after=audit.facts_of(disposal, *ASKED),
    )  # fmt: skip
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
    disposal = locked(actor, REQUEST, disposal_id)
    _in_state(disposal, UNSENT, "估值已经报批，不能再改。")
    if valued_on > day_of(at):
        refuse("valued_later", "估值日期还没有到。", "核对估值日期。", field="valued_on").enforce()
    if valuation_fen < 0:
        refuse("negative", "估值不能小于零。", "没有残值的填 0。", field="valuation").enforce()
    before = audit.facts_of(disposal, *_VALUED)
    disposal.valuation_fen, disposal.valuer, disposal.valued_on = valuation_fen, valuer, valued_on
    if disposal.state == DisposalState.DRAFT:
        disposal.state = DisposalState.VALUED
    disposal.save(update_fields=[*_VALUED, "state"])
    audit.record(
        actor=actor, verb="fleet.disposal.valued", on=disposal, at=at, before=before,
        after=audit.facts_of(disposal, *_VALUED),
    )  # fmt: skip
    return disposal


@transaction.atomic
def send(*, actor: Actor, disposal_id: int, comment: str = "", at: datetime) -> Disposal:
    """Send a disposal to its approval (报批), also again after it was returned or withdrawn."""
    disposal = locked(actor, REQUEST, disposal_id)
    _in_state(disposal, UNSENT, "已经报批。")
    booked = [] if disposal.purchase_id else reading.booked_numbers(disposal.car_id)
    verdict = rules.may_send(disposal=disposal.facts(), on=day_of(at))
    if disposal.method == DisposalMethod.TRANSFER and disposal.to_unit_id is None:
        verdict += no_receiver()
    verdict += rules.not_booked(plate=disposal.car.plate, booked=booked)
    verdict.enforce()
    verdict += reading.life_of(disposal.car, law_at(at), day_of(at))
    case = opening.case_of(disposal, route=DISPOSAL.key)
    disposal.state, disposal.state_note = DisposalState.PENDING, ""
    if disposal.applicant_id is None:
        disposal.applicant_id = actor.person_id
    disposal.save(update_fields=["state", "state_note", "applicant"])
    audit.record(actor=actor, verb="fleet.disposal.sent", on=disposal, at=at, verdict=verdict)
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
    disposal = locked(actor, DEAL, disposal_id)
    if disposal.method == DisposalMethod.TRANSFER:
        refuse("no_deal", "划转没有成交。", "直接办结划转。").enforce()
    _in_state(
        disposal,
        (DisposalState.AGREED, DisposalState.DEALT),
        "不能登记成交。",
        "先报批，批准后再成交。",
    )
    _lot_is_open(disposal)
    before = audit.facts_of(disposal, *_DEALT)
    first = disposal.state == DisposalState.AGREED
    for name in _DEALT:
        setattr(disposal, name, facts[name])
    disposal.state = DisposalState.DEALT
    verdict = rules.may_deal(disposal=disposal.facts(), on=day_of(at))
    verdict += rules.not_booked(
        plate=disposal.car.plate, booked=reading.booked_numbers(disposal.car_id)
    )
    verdict.enforce()
    disposal.save(update_fields=[*_DEALT, "state"])
    audit.record(
        actor=actor, verb="fleet.disposal.dealt", on=disposal, at=at, before=before,
        after=audit.facts_of(disposal, *_DEALT), verdict=verdict,
    )  # fmt: skip
    if first:
        bus.publish(DisposalDealt(disposal_id=disposal.pk, at=at, by_id=actor.person_id))
    return disposal


@transaction.atomic
def pay_in(*, actor: Actor, disposal_id: int, facts: Mapping[str, Any], at: datetime) -> Disposal:
    """Write down what was paid into the treasury (登记缴库), with the number of the voucher.

    ``facts``: ``receipt``, ``paid_fen``, ``paid_on``, ``difference_note``. What differs from the
    deal is refused with both values, unless the reason is written. Needs ``fleet.disposal.deal``.
    """
    disposal = locked(actor, DEAL, disposal_id)
    _in_state(disposal, (DisposalState.DEALT,), "不能登记缴库。", "成交后再缴库。")
    if not disposal.proceeds_fen:
        refuse("nothing", "这辆车没有收入，不用缴库。", "直接办结。").enforce()
    for name in _PAID:
        setattr(disposal, name, facts.get(name, ""))
    verdict = rules.may_pay_in(
        disposal=disposal.facts(), paid_on=facts["paid_on"], on=day_of(at), law=law_at(at)
    ).enforce()
    disposal.state = DisposalState.PAID
    disposal.save(update_fields=[*_PAID, "state"])
    audit.record(
        actor=actor, verb="fleet.disposal.paid_in", on=disposal, at=at,
        after=audit.facts_of(disposal, *_PAID), verdict=verdict,
    )  # fmt: skip
    return disposal


@transaction.atomic
def return_plate(*, actor: Actor, disposal_id: int, on: date, at: datetime) -> Disposal:
    """Write down that the number plate was given back (号牌交回), on a day that has come."""
    disposal = locked(actor, DEAL, disposal_id)
    _in_state(disposal, UNDER_WAY, "不能登记号牌交回。")
    if on > day_of(at):
        refuse("in_the_future", "交回日期还没有到。", "核对日期。", field="on").enforce()
    if disposal.plate_returned_on == on:
        return disposal
    before = audit.facts_of(disposal, "plate_returned_on")
    disposal.plate_returned_on = on
    disposal.save(update_fields=["plate_returned_on"])
    audit.record(
        actor=actor, verb="fleet.disposal.plate_returned", on=disposal, at=at, before=before,
        after={"plate_returned_on": on.isoformat()},
    )  # fmt: skip
    return disposal


@transaction.atomic
def finish(*, actor: Actor, disposal_id: int, at: datetime) -> Disposal:
    """Finish a removal (办结): the car's card is cancelled and its place is free.

    Refused while proceeds are not paid in, the plate is out or a trip is not over. The car leaves
    the books on the day of its disposal. Needs ``fleet.disposal.deal``; publishes ``CarDisposed``.
    A transfer is finished by ``transfers.finish_transfer``.
    """
    disposal = locked(actor, DEAL, disposal_id)
    if disposal.method == DisposalMethod.TRANSFER:
        refuse("transfer", "这是划转。", "办结划转。").enforce()
    if disposal.state == DisposalState.DONE:
        return disposal
    _in_state(
        disposal,
        (DisposalState.DEALT, DisposalState.PAID),
        "不能办结。",
        "登记成交和缴库后再办结。",
    )
    verdict = rules.may_finish(disposal=disposal.facts(), on=day_of(at), law=law_at(at))
    verdict += rules.not_booked(
        plate=disposal.car.plate, booked=reading.booked_numbers(disposal.car_id)
    )
    verdict.enforce()
    disposal.state, disposal.finished_at = DisposalState.DONE, at
    disposal.save(update_fields=["state", "finished_at"])
    audit.record(actor=actor, verb="fleet.disposal.finished", on=disposal, at=at, verdict=verdict)
    cancel_card(actor=actor, disposal=disposal, at=at)
    doubt_later_trips([disposal], at=at)
    return disposal


def cancel_card(*, actor: Actor, disposal: Disposal, at: datetime) -> None:
    """The car of a finished removal leaves the register of cars in use. Inside a caller's act."""
    car = Car.objects.select_for_update(of=("self",)).select_related("unit").get(pk=disposal.car_id)
    before = audit.facts_of(car, "state")
    car.state = CarState.DISPOSED
    car.save(update_fields=["state"])
    assert disposal.disposed_on is not None  # noqa: S101 — a constraint: it is dealt
    stays.leave(car=car, on=disposal.disposed_on, by=LeftBy.DISPOSAL)
    audit.record(
        actor=actor, verb="fleet.car.disposed", on=car, at=at, before=before,
        after={"state": CarState.DISPOSED},
        note=f"{disposal.number} {disposal.get_method_display()}",
    )  # fmt: skip
    bus.publish(CarDisposed(car_id=car.pk, disposal_id=disposal.pk))


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
    verb = DEAL if actor.can(DEAL) else REQUEST
    disposal = locked(actor, verb, disposal_id)
    if disposal.state == DisposalState.CALLED_OFF:
        return disposal
    before_deal = (*UNSENT, DisposalState.PENDING, DisposalState.AGREED)
    _in_state(
        disposal, before_deal if verb == DEAL else UNSENT, "不能取消。",
        "成交以后按成交办完。" if verb == DEAL else "由公务用车管理员取消，或先撤回。",
    )  # fmt: skip
    if not reason.strip():
        refuse("reason_missing", "没有写取消原因。", "写明原因。", field="reason").enforce()
    before = audit.facts_of(disposal, "state", "lot_id")
    case = opening.case_of(disposal, route=DISPOSAL.key)
    if case is not None:
        opening.call_off(case=case, comment="处置取消", at=at)
    stop(actor=actor, disposal=disposal, note=reason, at=at)
    audit.record(
        actor=actor, verb="fleet.disposal.called_off", on=disposal, at=at, before=before,
        note=reason.strip(),
    )  # fmt: skip
    return disposal


def stop(*, actor: Actor, disposal: Disposal, note: str, at: datetime) -> None:
    """End a disposal without a deal; a car that nothing replaces can be used again.

    Inside a caller's act, which has locked the car.
    """
    disposal.state, disposal.state_note, disposal.lot = (
        DisposalState.CALLED_OFF, note.strip()[:200], None,
    )  # fmt: skip
    disposal.save(update_fields=["state", "state_note", "lot"])
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


def locked(actor: Actor, verb: str, disposal_id: int) -> Disposal:
    """A disposal of the actor's reach, locked after its car; raises ``DoesNotExist`` outside.

    One's reach is that of the unit whose car it is: who receives it only looks.
    """
    actor.must(verb)
    scope = actor.scope(verb)
    car_id = Disposal.objects.within(scope).values_list("car_id", flat=True).get(pk=disposal_id)
    _locked_car(scope, car_id)
    disposal: Disposal = (
        Disposal.objects.select_for_update(of=("self",))
        .select_related("car__unit", "unit", "to_unit", "lot")
        .get(pk=disposal_id)
    )
    return disposal


def no_receiver() -> Verdict:
    """A transfer that a ledger told of does not say to whom."""
    return refuse("no_unit", "没有接收单位。", "这件由台账登记；取消后重新申请划转，写明接收单位。")


def _in_state(disposal: Disposal, states: Any, headline: str, then: str = "") -> None:
    if disposal.state in states:
        return
    now = f"{disposal.number}现在{DisposalState(disposal.state).label}。"
    refuse("state", headline, f"{now}{then}").enforce()


def _lot_is_open(disposal: Disposal) -> None:
    # Read anew: it may have been closed while this act waited for the car.
    if DisposalLot.objects.filter(pk=disposal.lot_id or 0, state=LotState.CLOSED).exists():
        refuse("lot_closed", f"“{disposal.lot}”已经核销。", "核销以后不再改成交。").enforce()
