"""Lots (批次): cars auctioned or scrapped together, the agent's settlement, what was paid in."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Sum

from guanjia.domains.fleet.actions.disposals import DEAL
from guanjia.domains.fleet.models import Car, Disposal, DisposalLot, Disposals, LotPayment
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.disposals import (
    REMOVALS,
    DisposalMethod,
    DisposalState,
    LotState,
)
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor, Scope

LOTS = reading.LOTS
_HEAD = ("title", "method", "held_on", "agent", "document", "total_fen")


@transaction.atomic
def open_lot(
    *,
    actor: Actor,
    title: str,
    method: DisposalMethod,
    held_on: date | None = None,
    agent: str = "",
    document: str = "",
    at: datetime,
) -> DisposalLot:
    """Begin a lot (新建批次). Needs ``fleet.disposal.deal`` for the whole city."""
    _may_everywhere(actor)
    verdict = Verdict()
    if not title.strip():
        verdict += refuse("title_missing", "没有写批次名称。", "写一个名称。", field="title")
    elif DisposalLot.objects.filter(title=title.strip()).exists():
        verdict += refuse("title_taken", "已有同名的批次。", "换一个名称。", field="title")
    if method not in REMOVALS:
        verdict += refuse("no_lot", "划转不分批次。", "逐辆办结划转。", field="method")
    verdict.enforce()
    lot: DisposalLot = DisposalLot.objects.create(
        title=title.strip(), method=method, held_on=held_on, agent=agent, document=document,
        opened_at=at,
    )  # fmt: skip
    made(lot, *_HEAD, actor=actor, verb="fleet.lot.opened", at=at)
    return lot


@transaction.atomic
def put_in_lot(
    *, actor: Actor, lot_id: int, disposal_ids: Collection[int], at: datetime
) -> DisposalLot:
    """Put agreed disposals of the same kind into a lot (放入批次); all of them or none."""
    lot = _open(actor, lot_id, "放入车辆")
    rows = _locked_disposals(actor, disposal_ids)
    if not rows:
        refuse("nothing_chosen", "没有选车。", "勾选要放入的车。").enforce()
    verdict = Verdict()
    for row in rows:
        if row.method != lot.method:
            verdict += refuse(
                "other_method",
                f"{row.car.plate}的处置方式是{row.get_method_display()}。",
                f"这一批是{lot.get_method_display()}。",
            )
        elif row.state not in (DisposalState.AGREED, DisposalState.DEALT):
            now = DisposalState(row.state).label
            verdict += refuse("state", f"{row.car.plate}现在{now}。", "批准以后才能放入批次。")
        elif row.lot_id not in (None, lot.pk):
            verdict += refuse("in_lot", f"{row.car.plate}已在“{row.lot}”。", "先从那一批移出。")
    verdict.enforce()
    Disposal.objects.filter(pk__in=[row.pk for row in rows]).update(lot=lot)
    numbers = [row.number for row in rows]  # a lot is shared, its secret cars not
    change(
        lot, {}, actor=actor, verb="fleet.lot.filled", at=at, beside={"disposals": (None, numbers)}
    )
    return lot


@transaction.atomic
def put_one(*, actor: Actor, disposal_id: int, lot_id: int, at: datetime) -> Disposal:
    """Put one disposal into a lot (放入批次), from its own page."""
    put_in_lot(actor=actor, lot_id=lot_id, disposal_ids=[disposal_id], at=at)
    found: Disposal = reading.theirs(actor.scope(DEAL)).get(pk=disposal_id)
    return found


@transaction.atomic
def take_out(*, actor: Actor, disposal_id: int, at: datetime) -> Disposal:
    """Take a car out of its lot (移出批次), e.g. one that nobody bid for (流拍)."""
    actor.must(DEAL)
    lot_id = reading.theirs(actor.scope(DEAL)).values_list("lot", flat=True).get(pk=disposal_id)
    if lot_id is None:
        raise Refused(refuse("not_in_lot", "这辆车不在批次里。", "看新内容。").refusals)
    lot = _open(actor, lot_id, "移出车辆")
    (row,) = _locked_disposals(actor, [disposal_id])
    if row.lot_id != lot.pk:
        refuse("not_in_lot", "这辆车不在这一批。", "看新内容。").enforce()
    if row.payment_id is not None:
        refuse("covered", f"{row.car.plate}已随这一批缴库，不能移出。").enforce()
    Disposal.objects.filter(pk=row.pk).update(lot=None)
    told = {"disposals": (None, [row.number])}
    change(lot, {}, actor=actor, verb="fleet.lot.taken_out", at=at, beside=told)
    return row


@transaction.atomic
def settle_lot(
    *, actor: Actor, lot_id: int, total_fen: int, held_on: date, agent: str, at: datetime
) -> DisposalLot:
    """Write down the agent's settlement (登记成交总额); corrected as long as the lot is open."""
    lot = _open(actor, lot_id, "登记成交总额")
    if total_fen < 0:
        refuse("negative", "成交总额不能小于零。", "按结算单填写。", field="total").enforce()
    if held_on > day_of(at):
        refuse("in_the_future", "日期还没有到。", "核对日期。", field="held_on").enforce()
    facts = {"total_fen": total_fen, "held_on": held_on, "agent": agent}
    change(lot, facts, actor=actor, verb="fleet.lot.settled", at=at)
    return lot


@transaction.atomic
def pay_in_lot(
    *, actor: Actor, lot_id: int, amount_fen: int, receipt: str, paid_on: date, at: datetime
) -> LotPayment:
    """Write down money of a lot paid into the treasury (登记缴库), with its voucher.

    When what was paid in covers what the dealt cars of the lot brought, they are paid in with it.
    """
    lot = _open(actor, lot_id, "登记缴库")
    receipt = receipt.strip()
    verdict = rules.may_pay_in_lot(
        amount_fen=amount_fen, receipt=receipt, paid_on=paid_on, on=day_of(at), law=law_at(at)
    )
    if lot.payments.filter(receipt=receipt).exists():
        verdict += refuse(
            "receipt_told", f"凭证 {receipt} 已经登记过。", "核对凭证号。", field="receipt"
        )
    verdict.enforce()
    payment: LotPayment = LotPayment.objects.create(
        lot=lot, amount_fen=amount_fen, receipt=receipt, paid_on=paid_on,
        entered_by_id=actor.person_id, entered_at=at,
    )  # fmt: skip
    made(
        payment, "amount_fen", "receipt", "paid_on", actor=actor, verb="fleet.lot.paid_in", at=at,
        on=lot,
    )  # fmt: skip
    paid = lot.payments.aggregate(sum=Sum("amount_fen"))["sum"] or 0
    covered = lot.disposals.exclude(payment=None).aggregate(sum=Sum("paid_fen"))["sum"] or 0
    owed = _dealt(lot).aggregate(sum=Sum("proceeds_fen"))["sum"] or 0
    if owed and paid - covered >= owed:
        _cover(actor, lot, payment, at)
    return payment


def _dealt(lot: DisposalLot) -> Disposals:
    rows: Disposals = Disposal.objects.filter(
        lot=lot, state=DisposalState.DEALT, proceeds_fen__gt=0
    )
    return rows


def _cover(actor: Actor, lot: DisposalLot, payment: LotPayment, at: datetime) -> None:
    """What the dealt cars of the lot brought is paid in with this payment."""
    ids = list(_dealt(lot).values_list("car_id", flat=True))
    list(Car.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    rows = list(_dealt(lot).select_for_update(of=("self",)).select_related("car", "unit"))
    names = ("payment_id", "receipt", "paid_fen", "paid_on")
    for row in rows:
        row.payment, row.receipt, row.paid_on = payment, payment.receipt, payment.paid_on
        row.paid_fen, row.state = row.proceeds_fen, DisposalState.PAID
    Disposal.objects.bulk_update(rows, ["payment", "receipt", "paid_on", "paid_fen", "state"])
    audit.record_many(
        audit.entry(
            actor=actor, verb="fleet.disposal.paid_in", on=row, at=at,
            after=audit.facts_of(row, *names), note=str(lot),
        )
        for row in rows
    )  # fmt: skip


@transaction.atomic
def close_lot(*, actor: Actor, lot_id: int, reason: str = "", at: datetime) -> DisposalLot:
    """Close a lot (核销): all its cars dealt; its sums agree to the 分, or the reason is written.

    Money that never reached the treasury is not explained away: a lot that brought something and
    has no voucher stays open.
    """
    lot = _open(actor, lot_id, "核销")
    _locked_disposals(actor, list(lot.disposals.values_list("pk", flat=True)))
    read = reading.lot(scope=Scope.all(), lot_id=lot.pk)
    facts = reading.lot_facts(read, reason=reason)
    verdict = rules.may_close(lot=facts, law=law_at(at)) + rules.differences(lot=facts)
    why = reason.strip() if verdict.warnings else ""
    change(
        lot,
        {"state": LotState.CLOSED, "closed_on": day_of(at), "difference_reason": why},
        actor=actor, verb="fleet.lot.closed", at=at, verdict=verdict, note=why,
        beside={
            "total_fen": (None, lot.total_fen), "sum_fen": (None, facts.sum_fen),
            "paid_fen": (None, facts.paid_fen),
        },
    )  # fmt: skip
    last = lot.payments.order_by("pk").last()
    if last is not None:
        _cover(actor, lot, last, at)
    return lot


def _may_everywhere(actor: Actor) -> None:
    actor.must(DEAL)
    if not actor.scope(DEAL).everything:
        refuse("own_unit_only", "批次由市里统一办理。", "联系公务用车管理科。").enforce()


def _open(actor: Actor, lot_id: int, act: str) -> DisposalLot:
    """The lot, locked, as long as it is open."""
    _may_everywhere(actor)
    lot: DisposalLot = locked(
        LOTS, actor=actor, verb=DEAL, pk=lot_id, act=act, when=(LotState.OPEN,)
    )
    return lot


def _locked_disposals(actor: Actor, ids: Collection[int]) -> list[Disposal]:
    mine = Disposal.objects.within(actor.scope(DEAL)).filter(pk__in=list(ids))
    cars = list(mine.values_list("car_id", flat=True))
    list(Car.objects.select_for_update().filter(pk__in=cars).order_by("pk").values_list("pk"))
    return list(
        mine.select_for_update(of=("self",)).select_related("car", "unit", "lot").order_by("pk")
    )
