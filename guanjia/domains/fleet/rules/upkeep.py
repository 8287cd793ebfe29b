"""What falls due for a car, what an order may cost, who pays for fines and damage. Pure."""

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from guanjia.domains.fleet.terms.cars import CarFacts, CarState
from guanjia.domains.fleet.terms.upkeep import (
    Blame,
    DoneBefore,
    Due,
    DueKind,
    DueState,
    ItemFacts,
    ItemKind,
    LastDone,
    LossFacts,
    PaidBy,
    PlanFacts,
    QuoteFacts,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, merge, refuse, warn

_MONTHS = 12
WITHIN_QUOTE = Citation(title="结算金额不超过批准的报价", own=True)
ONE_POLICY = Citation(title="同一车辆同一险种的保险期间不重叠", own=True)
ADDS_UP = Citation(title="结案时损失等于保险赔付加自付", own=True)
QUOTE_SAYS = Citation(title="报价逐项列明项目、数量、单价", own=True)
BY_PLAN = Citation(title="按保养计划，月份和里程先到为准", own=True)
LIVES = Citation(title="已处置的车不再维保", own=True)


# ── what falls due ───────────────────────────────────────────────────────────────────────


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    index = day.year * _MONTHS + day.month - 1 + months
    year, month = index // _MONTHS, index % _MONTHS + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due(*, plan: PlanFacts, last: LastDone, odometer: int, on: date) -> Due:
    """A plan is due so many months or kilometres after it was last done, whichever comes first.

    Where nobody wrote down the reading of that day, only the months count.
    """
    day = None if plan.months is None else months_after(last.on, plan.months)
    km = None if plan.km is None or last.km is None else last.km + plan.km
    return Due(
        on=day,
        km=km,
        days_left=None if day is None else (day - on).days,
        km_left=None if km is None else km - odometer,
    )


def until(*, day: date | None, on: date) -> Due:
    """Something valid to the end of a day (检验有效期止、保险期止)."""
    return Due(on=day, days_left=None if day is None else (day - on).days)


def covered_until(*, spans: Iterable[tuple[date, date]], on: date) -> date | None:
    """The last day of the unbroken cover that runs on a day, or of the last one that ran.

    ``spans`` are half-open. A policy that begins after a gap does not count before it begins.
    """
    end: date | None = None
    for begin, stop in sorted(spans):
        if begin > on and (end is None or begin > end):
            break
        end = stop if end is None else max(end, stop)
    return None if end is None else end - timedelta(days=1)


def state_of(*, kind: DueKind, due: Due, law: LawInForce) -> DueState:
    """How near it is.

    Maintenance is overdue on its day and at its reading; what is valid until a day still holds on
    that day. Both come near so many days or kilometres ahead.
    """
    days, km = due.days_left, due.km_left
    if days is None and km is None:
        return DueState.UNKNOWN
    over = due.reached if kind is DueKind.MAINTENANCE else days is not None and days < 0
    if over:
        return DueState.OVERDUE
    near = days is not None and days <= int(law["fleet.due.ahead_days"].value)
    near = near or (km is not None and km <= int(law["fleet.due.ahead_km"].value))
    return DueState.SOON if near else DueState.LATER


def cite_of(kind: DueKind, law: LawInForce) -> Citation:
    """On what it rests that it must not be overdue."""
    return {
        DueKind.INSPECTION: law["fleet.inspection.valid"].cite,
        DueKind.INSURANCE: law["fleet.insurance.compulsory"].cite,
        DueKind.MAINTENANCE: BY_PLAN,
    }[kind]


def may_insure(*, plate: str, cover: str, others: Iterable[tuple[str, date, date]]) -> Verdict:
    """A policy does not overlap another of its kind; ``others``: number, first and last day."""
    return merge(
        refuse(
            "policy_overlaps",
            f"{plate}这段时间已有{cover}。",
            f"{number}，{first:%Y-%m-%d} 至 {last:%Y-%m-%d}；核对起止日期，续保从次日起。",
            ONE_POLICY,
            field="begin",
        )
        for number, first, last in others
    )


# ── work orders ──────────────────────────────────────────────────────────────────────────


def may_report(*, car: CarFacts) -> Verdict:
    """A car that still belongs to the fleet may be sent to a garage."""
    if car.state is CarState.DISPOSED:
        return refuse("car_disposed", f"{car.plate}已处置。", "核对号牌号码。", LIVES, field="car")
    return ALLOWED


def may_quote(*, quote: QuoteFacts) -> Verdict:
    """A quote has lines, each with a price, and costs something."""
    if not quote.items:
        return refuse("quote_empty", "没有填报价项目。", "至少填一项。", QUOTE_SAYS, field="items")
    bare = [item.title for item in quote.items if item.price_fen is None]
    if bare:
        return refuse(
            "price_missing", "报价不全。", f"{'、'.join(bare)}没有单价。", QUOTE_SAYS, field="items"
        )
    return ALLOWED


def needs_approval(*, total_fen: int, law: LawInForce) -> bool:
    """Whether a quote is above what the unit may decide by itself."""
    return total_fen > int(law["fleet.order.approval_above"].value) * 100


def is_large(*, total_fen: int, law: LawInForce) -> bool:
    """Whether the bureau's leader decides too."""
    return total_fen > int(law["fleet.order.large_above"].value) * 100


def same_again(
    *, items: Sequence[ItemFacts], before: Sequence[DoneBefore], on: date, law: LawInForce
) -> Verdict:
    """The same part again within its warranty (质量保证期) is a doubt; labour is not compared."""
    warranty = law["fleet.order.warranty_days"]
    wanted = {item.title for item in items if item.kind is ItemKind.PART}
    latest: dict[str, DoneBefore] = {}
    for each in sorted(before, key=lambda done: done.on):
        if each.title in wanted and 0 <= (on - each.on).days <= int(warranty.value):
            latest[each.title] = each
    return merge(
        warn(
            f"same_again_{place}",
            f"“{title}”在质量保证期内再次维修。",
            f"{done.on:%Y-%m-%d} 已在 {done.number} 做过，相隔 {(on - done.on).days} 天"
            f"（保证期 {warranty.value} 天）；先问维修厂是否应免费返修。",
            warranty.cite,
            field="details",
        )
        for place, (title, done) in enumerate(sorted(latest.items()))
    )


def may_settle(*, quoted_fen: int | None, amount_fen: int) -> Verdict:
    """What is paid is not more than what was agreed to."""
    if quoted_fen is None or amount_fen <= quoted_fen:
        return ALLOWED
    return refuse(
        "above_quote",
        f"结算金额 {amount_fen / 100:,.2f} 元，高于批准的报价 {quoted_fen / 100:,.2f} 元。",
        f"多 {(amount_fen - quoted_fen) / 100:,.2f} 元；按报价结算，或取得维修厂更正的发票。",
        WITHIN_QUOTE,
        field="amount",
    )


# ── offences and accidents ───────────────────────────────────────────────────────────────


def fine_is_paid_by(*, paid_by: PaidBy, law: LawInForce) -> Verdict:
    """A fine is paid by whoever broke the rule, never by public money."""
    if paid_by is not PaidBy.PUBLIC:
        return ALLOWED
    return refuse(
        "public_money",
        "罚款不能用公款缴纳，也不能登记为运行费用。",
        "由责任人个人缴纳后，登记缴款人和处理日期。",
        law["fleet.fine.own_money"].cite,
        field="paid_by",
    )


def fine_is_late(*, happened_on: date, on: date, law: LawInForce) -> bool:
    """Whether a fine that is not handled has waited too long."""
    return (on - happened_on).days > int(law["fleet.fine.handle_days"].value)


def may_close(*, loss: LossFacts) -> Verdict:
    """An accident is closed when the blame is settled and its money adds up to the 分."""
    verdict = ALLOWED
    if loss.blame is Blame.PENDING:
        verdict += refuse(
            "blame_pending",
            "责任还没有认定，不能结案。",
            "先登记责任认定。",
            ADDS_UP,
            field="blame",
        )
    paid = loss.insurer_fen + loss.self_fen
    if paid != loss.loss_fen:
        word = "少" if paid < loss.loss_fen else "多"
        verdict += refuse(
            "does_not_add_up",
            f"损失 {loss.loss_fen / 100:,.2f} 元，保险赔付加自付 {paid / 100:,.2f} 元，不能结案。",
            f"{word} {abs(loss.loss_fen - paid) / 100:,.2f} 元；核对赔付和自付金额。",
            ADDS_UP,
            field="loss",
        )
    return verdict
