"""One card one car (一车一卡). Pure."""

from collections.abc import Sequence
from datetime import date

from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse

STOPPING = Citation(title="停用的卡写明日期和原因", own=True)
Held = tuple[str, date, date | None]


def may_give(
    *,
    number: str,
    plate: str,
    since: date,
    disposed: bool,
    held: Sequence[Held],
    has: str,
    law: LawInForce,
) -> Verdict:
    """A card serves one car at a time, and a car has one card of an issuer.

    ``held``: plate, first day and the first day no longer of every time the card was given out;
    ``has``: the number of the card that the car has of this issuer, ``""`` for none.
    """
    cite = law["fleet.card.one_car"].cite
    if disposed:
        return refuse("car_gone", f"{plate}已处置，不再发卡。", "选在用的车。", cite, field="car")
    for other, begin, end in held:
        if end is None or since < end:
            until = f"至{_day(end)}停用" if end is not None else "还在用"
            return refuse(
                "card_taken",
                f"{number} 已给{other}用。",
                f"{_day(begin)}启用，{until}。先停用，或在卡的页面换车。",
                cite,
                field="number",
            )
    if has:
        return refuse(
            "car_has_card",
            f"{plate}已有一张卡。",
            f"{has} 还在用，先停用它再发新卡。",
            cite,
            field="car",
        )
    return ALLOWED


def may_stop(
    *, number: str, since: date, stopped: date | None, until: date, reason: str
) -> Verdict:
    """A card stops once, not before it began, with the reason."""
    if stopped is not None:
        return refuse("card_stopped", f"{number} 已停用。", f"{_day(stopped)}停用。", STOPPING)
    verdict = ALLOWED
    if until < since:
        verdict += refuse(
            "stops_before", "停用早于启用。", f"这张卡{_day(since)}启用。", STOPPING, field="until"
        )
    if not reason.strip():
        verdict += refuse(
            "reason_missing",
            "没有写停用原因。",
            "写明原因，如：换发新卡。",
            STOPPING,
            field="reason",
        )
    return verdict


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
