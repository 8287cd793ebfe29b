"""Rents of 周转房: owed by the month, paid with a receipt, told of when late."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from guanjia.domains.space.events import RentsLate, TenanciesEnding
from guanjia.domains.space.models import Rent, RentPayment, RoomSpell, Tenancy
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.tenancies import Payment, TenancyState
from guanjia.kernel.acts.changing import change, locked, made, reasoned
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

COLLECT, TENANCIES = reading.COLLECT, reading.TENANCIES
_TOLD = ("receipt", "fen", "months")
REMIND_DAYS = "space.tenancy.remind_days"


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


@transaction.atomic
def raise_all(*, at: datetime) -> int:
    """The rents of every month that has begun, for whoever lives somewhere; how many are new.

    Safe to run twice: a month is owed once.
    """
    running = Tenancy.objects.filter(state=TenancyState.RUNNING).order_by("pk")
    return raise_for(running.select_for_update(of=("self",)), at=at)


def raise_for(tenancies: Iterable[Tenancy], *, at: datetime) -> int:
    """The same for some tenancies that the caller has locked. Inside a caller's act."""
    last = rules.month_of(_day(at))
    new: list[Rent] = []
    for tenancy in tenancies:
        known = set(tenancy.rents.values_list("month", flat=True))
        month = max(tenancy.rents_from, rules.month_of(tenancy.since_on))
        while month <= last:
            rent = None if month in known else reckoned(tenancy, month, tenancy.ended_on)
            if rent is not None:
                new.append(rent)
            month = rules.next_month(month)
    Rent.objects.bulk_create(new)
    return len(new)


def reckoned(tenancy: Tenancy, month: date, until: date | None) -> Rent | None:
    """The rent of a month of a tenancy that ends on a day or goes on, not saved; ``None`` where no
    day of it counts."""
    first = max(month, tenancy.since_on)
    spell = RoomSpell.objects.filter(room=tenancy.room_id).on(first).first()
    if spell is None:
        return None
    found = rules.rent_of(
        month=month, since_on=tenancy.since_on, until=until,
        usable_m2=spell.usable_m2, law=law_at(first),
    )  # fmt: skip
    if found is None:
        return None
    return Rent(
        tenancy=tenancy, month=month, days=found.days, usable_m2=found.usable_m2,
        rate_fen=found.rate_fen, fen=found.fen,
        due_on=rules.due_on(month=month, since_on=tenancy.since_on, law=law_at(first)),
    )  # fmt: skip


def shorten(tenancy: Tenancy, until: date) -> int:
    """Reckon the months anew for who leaves on a day: what was paid beyond it, in 分.

    Unpaid rents are changed or fall away; paid ones stay as they were paid. Inside a caller's act.
    """
    refund = 0
    for rent in list(tenancy.rents.filter(month__gte=rules.month_of(until))):
        anew = reckoned(tenancy, rent.month, until)
        fen = anew.fen if anew else 0
        if rent.payment_id is not None:
            refund += rent.fen - fen
        elif anew is None:
            rent.delete()
        else:
            tenancy.rents.filter(pk=rent.pk).update(days=anew.days, fen=fen)
    return refund


# ── the cashier ──────────────────────────────────────────────────────────────────────────


@transaction.atomic
def pay(*, actor: Actor, tenancy_id: int, payment: Payment, at: datetime) -> RentPayment:
    """Take rent (收租): whole months, the oldest first, just their sum, with a receipt.

    Needs ``space.tenancy.collect``. Also from who has moved out.
    """
    tenancy: Tenancy = locked(TENANCIES, actor=actor, verb=COLLECT, pk=tenancy_id)
    owed = reading.owed_of(tenancy)
    rules.may_pay(payment=payment, owed=owed, on=_day(at)).enforce()
    if RentPayment.objects.filter(receipt=payment.receipt.strip(), voided_at=None).exists():
        refuse(
            "receipt_known", f"票据 {payment.receipt.strip()} 已经登记过。", "核对票据号。",
            field="receipt",
        ).enforce()  # fmt: skip
    chosen = [one for one in owed if one.id in payment.rent_ids]
    taken = RentPayment.objects.create(
        tenancy=tenancy,
        receipt=payment.receipt.strip(),
        fen=payment.fen,
        paid_on=payment.on,
        by=payment.by,
        months="、".join(f"{one.month:%Y-%m}" for one in chosen),
        taken_by_id=actor.person_id,
        taken_at=at,
    )
    Rent.objects.filter(pk__in=[one.id for one in chosen]).update(payment=taken)
    made(
        taken, *_TOLD, "paid_on", "by", on=tenancy, actor=actor,
        verb="space.tenancy.paid", at=at,
        note=f"{taken.months}，{yuan(taken.fen)}",
    )  # fmt: skip
    return taken


@transaction.atomic
def void(*, actor: Actor, payment_id: int, reason: str, at: datetime) -> RentPayment:
    """Make a payment void (作废收款), with why: its months are owed again, its receipt is free."""
    found = RentPayment.objects.get(pk=payment_id)
    tenancy: Tenancy = locked(TENANCIES, actor=actor, verb=COLLECT, pk=found.tenancy_id)
    payment = RentPayment.objects.select_for_update().get(pk=payment_id)
    if payment.voided_at is not None:
        return payment
    note = reasoned(reason)
    Rent.objects.filter(payment=payment).update(payment=None, told_late_at=None)
    RentPayment.objects.filter(pk=payment.pk).update(voided_at=at, void_reason=note)
    told = {name: (was, None) for name, was in audit.facts_of(payment, *_TOLD).items()}
    # Paid for whole months before they left: what is owed again ends with the day they left.
    refund_fen = shorten(tenancy, tenancy.ended_on) or None if tenancy.ended_on else None
    change(
        tenancy, {"refund_fen": refund_fen}, actor=actor, verb="space.tenancy.payment_voided",
        at=at, note=note, beside=told,
    )  # fmt: skip
    payment.refresh_from_db()
    return payment


# ── telling in time ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def remind(*, at: datetime) -> tuple[int, int]:
    """Tell of rents that are late, each once, and of terms that end; how many of both."""
    today = _day(at)
    late = reading.late(Scope.all(), on=today).filter(told_late_at=None)
    ids = tuple(late.select_for_update(of=("self",)).values_list("pk", flat=True))
    if ids:
        Rent.objects.filter(pk__in=ids).update(told_late_at=at)
        bus.publish(RentsLate(rent_ids=ids, at=at))
    law = law_at(at)
    days = int(law[REMIND_DAYS].value) if REMIND_DAYS in law else 0
    ending = tuple(reading.ending(Scope.all(), on=today, days=days).values_list("pk", flat=True))
    if ending:
        bus.publish(TenanciesEnding(tenancy_ids=ending, at=at))
    return len(ids), len(ending)
