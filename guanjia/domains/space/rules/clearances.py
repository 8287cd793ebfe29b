"""When rooms must be back (腾退期限), and what must hold before they are taken back. Pure.

Months are calendar months: from 20 May the last day in time is 20 June; from 31 January it is the
last of February.
"""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse, warn

_MONTHS = {
    ClearanceReason.NEW_FOR_OLD: "space.clearance.new_for_old_months",
    ClearanceReason.SWAPPED: "space.clearance.swapped_months",
    ClearanceReason.LEFT: "space.hand_back.left_months",
    ClearanceReason.POST_ENDED: "space.hand_back.post_months",
    ClearanceReason.REFORMED: "space.clearance.reformed_months",
    ClearanceReason.OVER: "space.clearance.over_months",
}
LOAN_DAYS = "space.clearance.loan_days"


@dataclass(frozen=True, kw_only=True)
class Due:
    """The last day that is in time, how long that is in words, and where it is written."""

    on: date
    words: str
    cite: Citation


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of a month that is too short."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def due(*, reason: ClearanceReason, begins_on: date, law: LawInForce) -> Due | None:
    """Until when rooms must be back; ``None`` where no provision in force tells it."""
    if reason == ClearanceReason.LOAN_ENDED:
        if LOAN_DAYS not in law:
            return None
        rule = law[LOAN_DAYS]
        days = int(rule.value)
        return Due(on=begins_on + timedelta(days=days), words=f"{days} 天内", cite=rule.cite)
    key = _MONTHS[reason]
    if key not in law:
        return None
    rule = law[key]
    months = int(rule.value)
    return Due(on=months_after(begins_on, months), words=f"{months} 个月内", cite=rule.cite)


def in_time(
    *, reason: ClearanceReason, begins_on: date, due_on: date, on: date, law: LawInForce
) -> Verdict:
    """Whether rooms that are still in the unit's hands on a day are late, with the article."""
    if on <= due_on:
        return ALLOWED
    days = (on - due_on).days
    rule = due(reason=reason, begins_on=begins_on, law=law)
    return refuse(
        "clearance_overdue",
        f"逾期 {days} 天没有腾退。",
        f"{reason.label}，{_day(begins_on)}起算，应于{_day(due_on)}前移交。",
        rule.cite if rule else None,
    )


def may_hand_back(*, on: date, today: date, begins_on: date, due_on: date) -> Verdict:
    """Rooms are handed back on a day that has come, not before their time began to run; late ones
    are taken back too, and said so."""
    if on < min(begins_on, today):
        return refuse(
            "before_its_time", "移交日期早于腾退起算日期。", f"{_day(begins_on)}起算。", field="on"
        )
    if on > today:
        return refuse("in_the_future", "移交日期还没有到。", f"今天是{_day(today)}。", field="on")
    if on > due_on:
        days = (on - due_on).days
        return warn("handed_back_late", f"移交逾期 {days} 天。", f"期限是{_day(due_on)}。")
    return ALLOWED


def may_accept(*, on: date, handed_back_on: date, today: date) -> Verdict:
    """Rooms are accepted once they were handed back, on a day that has come."""
    if on > today:
        return refuse("in_the_future", "接收日期还没有到。", f"今天是{_day(today)}。", field="on")
    if on < handed_back_on:
        return refuse(
            "before_hand_back",
            "接收日期早于移交日期。",
            f"单位{_day(handed_back_on)}移交。",
            field="on",
        )
    return ALLOWED


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
