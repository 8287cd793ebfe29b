"""Sealing cars over a holiday (节假日封存): plan, call off, hand in, except, release."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from guanjia.domains.fleet.approvals import SEALING_EXCEPTION
from guanjia.domains.fleet.events import SealingCalledOff, SealingPlanned
from guanjia.domains.fleet.models import Car, SealedCar, Sealing
from guanjia.domains.fleet.queries import sealing as queries
from guanjia.domains.fleet.rules import sealing as rules
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.sealing import PHOTOS, SEALED_LIFE, SealState
from guanjia.kernel.acts.changing import Files, OutOfState, change, locked, made
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.news import Follow, move
from guanjia.kernel.events import bus
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, refuse, warn
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.term import Term

LONGEST = timedelta(days=31)  # a slip of the keys must not hold the city's cars for a year
SPAN = Citation(title=f"一次封存最长 {LONGEST.days} 天", own=True)
ONCE = Citation(title="同一时段只有一次封存安排", own=True)
STEPS = Citation(title=SEALED_LIFE.rule, own=True)
PLAN, HAND_IN = queries.PLAN, queries.HAND_IN
SEALINGS, SEALED = queries.SEALINGS, queries.SEALED
SEALABLE, RELEASABLE = (SealState.TO_SEAL,), (SealState.SEALED,)
EXCEPTABLE = SEALED_LIFE.before(SealState.ASKED)


@transaction.atomic
def plan_sealing(
    *,
    actor: Actor,
    title: str,
    begin_at: datetime,
    end_at: datetime,
    notice: str,
    without: Sequence[int] = (),
    at: datetime,
) -> Sealing:
    """Plan a sealing (安排封存) of all cars in use or in repair; ``without``: ids left out.

    Needs ``fleet.seal.plan``. Refuses a time that is over or that another sealing holds. Publishes
    ``SealingPlanned``, so that the units are told.
    """
    actor.must(PLAN)
    cite = law_at(at)["fleet.trip.rest_day"].cite
    if not title.strip() or not notice.strip():
        refuse("title_missing", "没有写名称或通知。", "两样都要写。", field="title").enforce()
    if end_at <= begin_at or end_at <= at:
        refuse(
            "ends_before", "封存的止时不对。", "止时应晚于起时，也应晚于现在。", field="end_at"
        ).enforce()
    if times.day_of(begin_at) < times.day_of(at):
        refuse(
            "begun", "封存的起时已经过了。", "从今天或以后的时间起。", field="begin_at"
        ).enforce()
    if end_at - begin_at > LONGEST:
        refuse(
            "too_long", f"封存超过 {LONGEST.days} 天。", "核对止时；假期更长的，分次安排。", SPAN,
            field="end_at",
        ).enforce()  # fmt: skip
    # Two rows that exclude each other, put in at once, wait for each other: a deadlock, not a no.
    advisory.advisory("fleet.sealings")
    try:
        with transaction.atomic():
            sealing: Sealing = Sealing.objects.create(
                title=title.strip(), during=DateTimeTZRange(begin_at, end_at),
                notice=notice.strip(), planned_by_id=actor.person_id, planned_at=at,
            )  # fmt: skip
    except IntegrityError:
        refuse(
            "taken", "这段时间已有一次封存安排。", "打开那一次，或改起止时间。", ONCE,
            field="begin_at",
        ).enforce()  # fmt: skip
        raise
    cars = queries.to_be_sealed(actor.scope(PLAN)).exclude(pk__in=list(without))
    held = SealedCar.objects.bulk_create(
        [SealedCar(sealing=sealing, car=car, unit_id=car.unit_id) for car in cars]
    )
    made(
        sealing, "title", "during", actor=actor, verb="fleet.sealing.planned", at=at,
        beside={"cars": len(held)},
        verdict=warn("rest_day", "节假日封存停驶。", "工作需要的，按程序批准例外使用。", cite),
    )  # fmt: skip
    bus.publish(SealingPlanned(sealing_id=sealing.pk))
    return sealing


@transaction.atomic
def call_off_sealing(*, actor: Actor, sealing_id: int, reason: str, at: datetime) -> Sealing:
    """Call a planned or running sealing off (取消封存), with the reason the units are told.

    Needs ``fleet.seal.plan``. Exceptions still asked for end; keys handed in are fetched back by
    releasing the car. The next review closes what it said of cars that were not handed in.
    Publishes ``SealingCalledOff``.
    """
    sealing: Sealing = locked(SEALINGS, actor=actor, verb=PLAN, pk=sealing_id)
    _must_hold(sealing)
    verdict = rules.may_call_off(
        begin_at=sealing.during.lower, end_at=sealing.during.upper, at=at, reason=reason
    ).enforce()
    asked = sealing.cars.filter(state=SealState.ASKED).select_for_update(of=("self",))
    for row in asked.order_by("pk"):
        case = opening.case_of(row, route=SEALING_EXCEPTION.key)
        if case is not None:
            opening.call_off(case=case, comment="封存取消", at=at)
        _back(_of_case(row.pk), "封存取消")
    why = reason.strip()[:200]
    change(
        sealing,
        {"called_off_at": at, "called_off_by_id": actor.person_id, "called_off_reason": why},
        actor=actor, verb="fleet.sealing.called_off", at=at, verdict=verdict, note=why,
        beside={name: (getattr(sealing, name),) * 2 for name in ("title", "during")},
        news=[SealingCalledOff(sealing_id=sealing.pk, at=at)],
    )  # fmt: skip
    return sealing


def _must_hold(sealing: Sealing) -> None:
    if sealing.called_off_at is not None:
        raise OutOfState(
            refuse(
                "called_off",
                f"{sealing.title}已取消。",
                f"原因：{sealing.called_off_reason}。要封存的，另行安排。",
                rules.CALLED_OFF,
            ).refusals
        )


def _locked_with_sealing(
    actor: Actor, sealed_id: int, *, act: str, when: Sequence[Term]
) -> SealedCar:
    """A car of a sealing, locked after the sealing itself, which may be called off meanwhile."""
    actor.must(HAND_IN)
    Sealing.objects.select_for_update(of=("self",), no_key=True).filter(cars=sealed_id).first()
    row: SealedCar = locked(SEALED, actor=actor, verb=HAND_IN, pk=sealed_id, act=act, when=when)
    return row


@transaction.atomic
def seal_car(
    *,
    actor: Actor,
    sealed_id: int,
    place: str,
    keys_to: str,
    km: int | None,
    files: Sequence[int] = (),
    at: datetime,
) -> SealedCar:
    """Say that a car stands with its keys handed in (登记封存), with its odometer.

    By the unit (``fleet.seal.hand_in``). A car that is out or promised into the sealing is
    refused with the trip. Moves the odometer of the car on.
    """
    row = _locked_with_sealing(actor, sealed_id, act="登记封存", when=SEALABLE)
    _must_hold(row.sealing)
    if row.sealing.during.upper <= at:
        refuse("over", "封存已经结束。", "没有登记的已列入督车，在那里说明。", STEPS).enforce()
    car: Car = Car.objects.select_for_update().get(pk=row.car_id)
    rules.may_seal(
        place=place, keys_to=keys_to, km=km, ledger_km=car.odometer_km, plate=car.plate
    ).enforce()
    out = car.trips.filter(state="OUT").first()
    if out is not None:
        refuse(
            "car_out", f"{car.plate}还在外面。", f"{out.number} 没有收车，先收车再封存。", STEPS
        ).enforce()
    change(
        row,
        {
            "state": SealState.SEALED, "place": place.strip()[:100],
            "keys_to": keys_to.strip()[:60], "sealed_km": km, "sealed_at": at,
            "sealed_by_id": actor.person_id,
        },
        actor=actor, verb="fleet.sealed_car.sealed", at=at,
        files=Files(ids=files, bounds=PHOTOS, unit=row.unit) if files else None,
    )  # fmt: skip
    _move_reading_on(car, km)
    return row


def _move_reading_on(car: Car, km: int | None) -> None:
    if km is not None:
        Car.objects.filter(pk=car.pk, odometer_km__lt=km).update(odometer_km=km)


@transaction.atomic
def release_car(*, actor: Actor, sealed_id: int, km: int | None, at: datetime) -> SealedCar:
    """Hand the keys out again (解封), with the odometer; a difference becomes a finding."""
    row = _locked_with_sealing(actor, sealed_id, act="解封", when=RELEASABLE)
    car: Car = Car.objects.select_for_update().get(pk=row.car_id)
    rules.may_release(seal=row.facts(), km=km, plate=car.plate).enforce()
    change(
        row,
        {
            "state": SealState.RELEASED, "released_at": at, "released_km": km,
            "released_by_id": actor.person_id,
        },
        actor=actor, verb="fleet.sealed_car.released", at=at,
    )  # fmt: skip
    _move_reading_on(car, km)
    return row


@transaction.atomic
def ask_exception(*, actor: Actor, sealed_id: int, reason: str, at: datetime) -> SealedCar:
    """Ask that a car stays in use over the holiday (申请例外), with the reason.

    Opens the case of the route ``fleet.sealing_exception``: the unit's head, then the bureau.
    """
    row = _locked_with_sealing(actor, sealed_id, act="申请例外", when=EXCEPTABLE)
    _must_hold(row.sealing)
    if row.sealing.during.upper <= at:
        refuse("over", "封存已经结束。", "不用再申请例外。", STEPS).enforce()
    words = reason.strip()[:200]
    if not words:
        refuse(
            "reason_missing",
            "没有写例外理由。",
            "写明哪几天、做什么工作要用这辆车。",
            law_at(at)["fleet.trip.rest_day"].cite,
            field="reason",
        ).enforce()
    change(
        row,
        {
            "state": SealState.ASKED, "exception_reason": words, "state_note": "",
            "asked_by_id": actor.person_id, "asked_at": at,
        },
        actor=actor, verb="fleet.sealed_car.asked", at=at,
    )  # fmt: skip
    asked: dict[str, Any] = {
        "route": SEALING_EXCEPTION, "unit": row.unit, "actor": actor,
        "facts": {"hours": _hours(row)}, "summary": summary_of(row), "at": at,
    }  # fmt: skip
    case = opening.case_of(row, route=SEALING_EXCEPTION.key)
    if case is None:
        opening.open_case(subject=row, applicant_id=actor.person_id, **asked)
    else:
        opening.resubmit(case=case, comment=words, **asked)
    row.refresh_from_db(fields=["state", "state_note"])
    return row


def _hours(row: SealedCar) -> int:
    during = row.sealing.during
    return int((during.upper - during.lower).total_seconds() // 3600)


def summary_of(row: SealedCar) -> str:
    """The request in one line."""
    during = row.sealing.during
    when = f"{times.moment(during.lower)} 至 {times.moment(during.upper)}"
    return f"{row.car} · {row.sealing.title}（{when}） · {row.exception_reason}"


# ── what the approval leads to; called by its news, in its transaction ───────────────────


def _of_case(sealed_id: int) -> SealedCar:
    row: SealedCar = (
        SealedCar.objects.select_for_update(of=("self",)).select_related("car").get(pk=sealed_id)
    )
    return row


def _agreed(row: SealedCar, _: Act) -> None:
    """The car may be used over the holiday."""
    if row.state == SealState.ASKED:
        move(row, SealState.EXCEPTED)


def _back(row: SealedCar, note: str) -> None:
    """The car is to stand still as before."""
    if row.state == SealState.ASKED:
        move(row, SealState.SEALED if row.sealed_at else SealState.TO_SEAL, note)


OF_EXCEPTIONS = Follow(
    route=SEALING_EXCEPTION.key, row=_of_case, agreed=_agreed,
    returned=lambda row, act: _back(row, act.comment),
    withdrawn=lambda row, _: _back(row, "申请已撤回"),
    stopped=lambda row, act: _back(row, act.comment),
)  # fmt: skip
