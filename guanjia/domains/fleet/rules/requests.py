"""What a request for a car must say. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from guanjia.domains.fleet.terms.trips import TripFacts
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse, warn


def may_request(
    *, trip: TripFacts, rest_days: Sequence[date], at: datetime, law: LawInForce
) -> Verdict:
    """A request must be for a time that is to come; a rest day wants its reason."""
    verdict = ALLOWED
    if trip.planned_to <= trip.planned_from:
        verdict += refuse(
            "ends_before", "返回时间早于出车时间。", "返回时间应晚于出车时间。", field="planned_to"
        )
    if trip.planned_to <= at and not trip.urgent:
        verdict += refuse(
            "in_the_past",
            "用车时间已经过去。",
            "已经用过的车由调度员补录到派车登记。",
            field="planned_from",
        )
    longest = law["fleet.trip.days_max"]
    if trip.planned_to - trip.planned_from > timedelta(days=int(longest.value)):
        verdict += refuse(
            "too_long",
            f"一单最长 {longest.value} 天。",
            "分成几单申请。",
            longest.cite,
            field="planned_to",
        )
    if rest_days:
        verdict += _rest_day(trip, rest_days, law)
    return verdict


def _rest_day(trip: TripFacts, rest_days: Sequence[date], law: LawInForce) -> Verdict:
    weekday = "一二三四五六日"[rest_days[0].weekday()]
    first = f"{rest_days[0].month}月{rest_days[0].day}日（星期{weekday}）"
    cite = law["fleet.trip.rest_day"].cite
    if not trip.rest_day_reason.strip():
        return refuse(
            "rest_day_reason",
            f"{first}是休息日。",
            "须写明休息日用车理由。",
            cite,
            field="rest_day_reason",
        )
    return warn(
        "rest_day",
        f"{first}是休息日。",
        "由单位主要负责人审批，理由随派车单公示。",
        cite,
        field="planned_from",
    )
