"""What must hold of 周转房: who may move in, until when, what a month costs, who must leave. Pure.

Rents are whole 分: area × rate × days of the month lived there, rounded half up.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from guanjia.domains.space.rules.allocations import day
from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.tenancies import (
    Condition,
    Month,
    Payment,
    RentOwed,
    Return,
    TenancyAsked,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse, warn

RATE, DUE_DAY = "space.tenancy.rent_fen", "space.tenancy.due_day"
YEARS_MAX, LEAVE_MONTHS = "space.tenancy.years_max", "space.tenancy.leave_months"
ONE_ROOM = Citation(title="一人同一时间只住一套周转房", own=True)
ONE_TENANT = Citation(title="一套周转房同一时间只住一户", own=True)
QUARTERS_ONLY = Citation(title="周转房台账里空置的房间才能入住", own=True)
IN_ORDER = Citation(title="租金从最早的欠月收起，不跳月", own=True)
EXACT = Citation(title="收款金额等于所选各月租金之和", own=True)
INSPECTED = Citation(title="退房先验房，有损坏写明情况", own=True)
_YEAR = 12
_WORDS_MAX = 200


# ── moving in, staying, leaving ──────────────────────────────────────────────────────────


def may_move_in(
    *,
    asked: TenancyAsked,
    room: tuple[str, RoomKind, RoomState],
    lives_in: str,
    lived_by: str,
    serving: bool,
    law: LawInForce,
) -> Verdict:
    """A quarters room that is empty, somebody in service who has none, and a term.

    ``room``: its name, class and state; ``lives_in``: the room the person has already, ``""``
    for none; ``lived_by``: who has this room in the term.
    """
    name, kind, state = room
    verdict = ALLOWED
    if kind != RoomKind.QUARTERS:
        verdict += refuse(
            "no_quarters", f"{name}不是周转房。", f"台账登记的是{kind.label}。", QUARTERS_ONLY,
            field="room",
        )  # fmt: skip
    elif lived_by:
        sentence = f"{lived_by}在住，退房以后再安排。"
        verdict += refuse("lived_in", f"{name}有人住。", sentence, ONE_TENANT, field="room")
    elif state != RoomState.VACANT:
        verdict += refuse(
            "not_empty", f"{name}不是空置。", f"现在是{state.label}。", QUARTERS_ONLY, field="room"
        )
    if lives_in:
        verdict += refuse(
            "has_one", "这个人已有周转房。", f"{lives_in}，退房以后再安排。", ONE_ROOM,
            field="tenant",
        )  # fmt: skip
    if not serving:
        verdict += refuse("left", "这个人已不在职。", "核对人员名录。", field="tenant")
    return verdict + term(since_on=asked.since_on, last_on=asked.last_on, law=law)


def term(*, since_on: date, last_on: date, law: LawInForce) -> Verdict:
    """A term ends after it begins and is not longer than the bureau lets it be."""
    if last_on <= since_on:
        sentence = f"{day(since_on)}起，{day(last_on)}止。"
        return refuse("ends_before", "到期日早于起租日。", sentence, field="last_on")
    if YEARS_MAX not in law:
        return ALLOWED
    rule = law[YEARS_MAX]
    longest = months_after(since_on, int(rule.value) * _YEAR) - timedelta(days=1)
    if last_on <= longest:
        return ALLOWED
    return refuse(
        "too_long", f"租期超过 {rule.value} 年。", f"最多到{day(longest)}，到期可以续租。",
        rule.cite, field="last_on",
    )  # fmt: skip


def may_renew(
    *, old_last_on: date, last_on: date, left_on: date | None, law: LawInForce
) -> Verdict:
    """Renewing goes on from the day after the last one; nobody who left their post renews."""
    if left_on is not None:
        cite = law[LEAVE_MONTHS].cite if LEAVE_MONTHS in law else None
        return refuse("left", "已登记离任，不能续租。", f"{day(left_on)}离任，按期退房。", cite)
    if last_on <= old_last_on:
        sentence = f"原来到{day(old_last_on)}。"
        return refuse("no_later", "续租到期日没有更晚。", sentence, field="last_on")
    return term(since_on=old_last_on + timedelta(days=1), last_on=last_on, law=law)


def leave_by(*, left_on: date, law: LawInForce) -> tuple[date, Citation | None]:
    """Until when somebody who left their post gives the room back, and where that is written."""
    if LEAVE_MONTHS not in law:
        return left_on, None
    rule = law[LEAVE_MONTHS]
    return months_after(left_on, int(rule.value)), rule.cite


def may_return(*, back: Return, since_on: date, on: date, owed: Sequence[RentOwed]) -> Verdict:
    """A return is inspected; what is owed stays owed and is named."""
    verdict = ALLOWED
    if back.on > on:
        sentence = f"今天是{day(on)}。"
        verdict += refuse("in_the_future", "退房日期还没有到。", sentence, field="on")
    if back.on <= since_on:
        sentence = f"{day(since_on)}起租。没有住过的办取消入住。"
        verdict += refuse("too_early", "退房日期不晚于起租日。", sentence, field="on")
    if back.condition == Condition.DAMAGED and not back.note.strip():
        verdict += refuse(
            "no_note", "验房有损坏，没有写明情况。", "写明损坏在哪里、怎么处理。", INSPECTED,
            field="note",
        )  # fmt: skip
    if back.damage_fen and back.condition != Condition.DAMAGED:
        sentence = "有损坏才有赔偿。"
        verdict += refuse("no_damage", "没有损坏，填了赔偿。", sentence, INSPECTED, field="damage")
    unpaid = [one for one in owed if not one.paid]
    if unpaid:
        months = "、".join(f"{one.month:%Y-%m}" for one in unpaid)
        sentence = f"{months}，退房后照收。"
        verdict += warn("owes", f"还欠租金 {yuan(sum(one.fen for one in unpaid))}。", sentence)
    return verdict


# ── rent ─────────────────────────────────────────────────────────────────────────────────


def month_of(on: date) -> date:
    """The first day of the month of a day."""
    return on.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return months_after(month, 1)


def rent_of(
    *, month: date, since_on: date, until: date | None, usable_m2: Decimal, law: LawInForce
) -> Month | None:
    """The rent of a month for who lives there from a day up to but not including another.

    ``law``: in force on the first day that counts. ``None`` where no day of it counts.
    """
    end = next_month(month)
    first, last = max(month, since_on), min(end, until or end)
    days, of_days = (last - first).days, (end - month).days
    if days <= 0 or RATE not in law:
        return None
    rate = int(law[RATE].value)
    whole = usable_m2 * rate * days / of_days
    fen = int(whole.quantize(Decimal(1), ROUND_HALF_UP))
    return Month(
        month=month, days=days, of_days=of_days, usable_m2=usable_m2, rate_fen=rate, fen=fen
    )


def due_on(*, month: date, since_on: date, law: LawInForce) -> date:
    """Until when a month is to be paid: a day of the month, for who moved in later their first
    day."""
    asked = int(law[DUE_DAY].value) if DUE_DAY in law else 1
    return max(month.replace(day=asked), since_on)


def may_pay(*, payment: Payment, owed: Sequence[RentOwed], on: date) -> Verdict:
    """Whole months, the oldest first, and just their sum.

    ``owed``: every month of the tenancy, the oldest first.
    """
    chosen = [one for one in owed if one.id in payment.rent_ids]
    if not chosen or len(chosen) != len(set(payment.rent_ids)):
        return refuse("no_month", "没有选要收的月份。", "从欠交的月份里选。", field="rents")
    verdict = ALLOWED
    if already := [one for one in chosen if one.paid]:
        months = "、".join(f"{one.month:%Y-%m}" for one in already)
        verdict += refuse("paid", f"{months} 已经收过。", "刷新后重新选。", field="rents")
    unpaid = [one for one in owed if not one.paid]
    if [one.id for one in unpaid[: len(chosen)]] != [one.id for one in chosen] and not already:
        sentence = f"最早欠的是 {unpaid[0].month:%Y-%m}，先收它。"
        verdict += refuse("skips", "跳过了更早的月份。", sentence, IN_ORDER, field="rents")
    total = sum(one.fen for one in chosen)
    if payment.fen != total:
        sentence = f"应收 {yuan(total)}，填的是 {yuan(payment.fen)}，核对月份和金额。"
        verdict += refuse("differs", "金额和所选月份不符。", sentence, EXACT, field="amount")
    return verdict + _receipt(payment, on)


def _receipt(payment: Payment, on: date) -> Verdict:
    verdict = ALLOWED
    if not payment.receipt.strip():
        verdict += refuse("no_receipt", "没有填票据号。", "按开出的票据填。", field="receipt")
    if payment.on > on:
        verdict += refuse(
            "in_the_future", "收款日期还没有到。", f"今天是{day(on)}。", field="paid_on"
        )
    return verdict


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def in_words(fen: int) -> str:
    """An amount as receipts write it out (大写): ``壹仟贰佰零伍元叁角整``. Below 万亿."""
    whole, part = divmod(fen, 100)
    jiao, rest = divmod(part, 10)
    text = _whole(whole)
    said = f"{text}元" if text else ""
    if not part:
        return f"{said or '零元'}整"
    said += f"{_DIGITS[jiao]}角" if jiao else ("零" if said else "")
    return said + (f"{_DIGITS[rest]}分" if rest else "整")


def _whole(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1_000):  # noqa: PLR2004 — a gap in the thousands
            text += "零"
        text += _group(group) + _GROUPS[place]
        gap = False
    return text


def _group(group: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
