"""Departure and return, the odometer, and what is odd about a journey. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.trips import Reading
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, refuse, warn

ODOMETER = Citation(title="里程表前后相接，不得倒走", own=True)
ORDER = Citation(title="先出车后收车，时间前后相接", own=True)


def may_depart(*, km: int, last: Reading | None, plate: str) -> Verdict:
    """The odometer at departure is not below the last reading."""
    if last is not None and km < last.km:
        return refuse(
            "odometer_back",
            "出车里程填错了。",
            f"{plate}上次收车（{last.number}，{times.moment(last.at)}）为 {last.km:,} 公里，"
            f"现填 {km:,} 公里。",
            ODOMETER,
            field="start_km",
        )
    return ALLOWED


def not_below_ledger(*, km: int, ledger_km: int, last: Reading | None, plate: str) -> Verdict:
    """A first trip below the ledger's reading waits for a look: one of the two is wrong."""
    if last is not None or km >= ledger_km:
        return ALLOWED
    return warn(
        "below_ledger",
        f"出车里程比台账少 {ledger_km - km:,} 公里。",
        f"{plate}台账登记 {ledger_km:,} 公里，本次出车 {km:,} 公里，核对后写明情况。",
        ODOMETER,
        field="start_km",
    )


def may_finish(
    *, went_at: datetime, back_at: datetime, start_km: int, end_km: int, law: LawInForce
) -> Verdict:
    """A car comes back after it went, with no fewer kilometres; very many are asked about."""
    verdict = ALLOWED
    if back_at <= went_at:
        verdict += refuse(
            "back_before",
            "收车时间早于出车。",
            f"出车为 {times.moment(went_at)}。",
            ORDER,
            field="back_at",
        )
    if end_km < start_km:
        verdict += refuse(
            "odometer_back",
            "收车里程填错了。",
            f"出车时 {start_km:,} 公里，收车不能少于它，现填 {end_km:,} 公里。",
            ODOMETER,
            field="end_km",
        )
    return verdict + unusual_distance(km=end_km - start_km, law=law)


def unusual_distance(*, km: int, law: LawInForce) -> Verdict:
    """A single trip far beyond the usual waits for a look (里程待核)."""
    limit = law["fleet.trip.km_doubt"]
    if km <= int(limit.value):
        return ALLOWED
    return warn(
        "km_doubt",
        f"单次行驶 {km:,} 公里。",
        f"高于 {limit.value} 公里，待核对。",
        limit.cite,
        field="end_km",
    )


def fits_between(
    *, start: Reading, end: Reading, before: Reading | None, after: Reading | None, plate: str
) -> Verdict:
    """A sheet entered later fits between its neighbours in time, or both are named.

    ``before``: the last reading before it went; ``after``: the first one after it came back.
    """
    too_low = before is not None and start.km < before.km
    too_high = after is not None and end.km > after.km
    if not (too_low or too_high):
        return ALLOWED
    low, high = "之前没有派车单", "之后没有派车单"
    if before is not None:
        low = f"前一单 {before.number}（{times.moment(before.at)}收车）{before.km:,} 公里"
    if after is not None:
        high = f"后一单 {after.number}（{times.moment(after.at)}出车）{after.km:,} 公里"
    return refuse(
        "odometer_between",
        f"{plate}的里程接不上。",
        f"{low}，{high}，本单 {start.km:,}–{end.km:,} 公里。",
        ODOMETER,
        field="start_km" if too_low else "end_km",
    )


def gap_before(*, start: Reading, before: Reading | None, plate: str, law: LawInForce) -> Verdict:
    """Kilometres that no sheet accounts for wait for a look."""
    limit = law["fleet.odometer.gap_doubt"]
    if before is None or start.km - before.km <= int(limit.value):
        return ALLOWED
    return warn(
        "odometer_gap",
        f"出车里程比上次收车多 {start.km - before.km:,} 公里。",
        f"{plate}上次收车 {before.km:,} 公里（{before.number}，{times.moment(before.at)}），"
        f"本次出车 {start.km:,} 公里。",
        limit.cite,
        field="start_km",
    )


def registered(*, missing: Sequence[str], law: LawInForce) -> Verdict:
    """A finished trip is registered with who, why, when, where and how far."""
    rule = law["fleet.trip.registration"]
    if missing:
        return warn("not_registered", "登记不全。", f"缺{'、'.join(missing)}。", rule.cite)
    return passed("registered", "登记齐全。", "用车人、事由、时间、起讫、里程均已登记。", rule.cite)


def unusual_speed(*, km: int, took: timedelta, law: LawInForce) -> Verdict:
    """An average speed no car drives over a whole trip waits for a look."""
    limit = law["fleet.trip.speed_doubt"]
    hours = took.total_seconds() / 3600
    if hours <= 0 or km / hours <= int(limit.value):
        return ALLOWED
    return warn(
        "speed_doubt",
        f"平均每小时 {km / hours:,.0f} 公里。",
        f"高于 {limit.value} 公里，里程或时间待核对。",
        limit.cite,
        field="end_km",
    )


def running_order(readings: Sequence[tuple[int, int]], *, firm: Collection[int] = ()) -> list[int]:
    """The places of readings that cannot stand, in a car's readings sorted by departure.

    ``readings``: (start, end) of each trip. Keeps the longest run in which no start lies below an
    earlier end, so that one wrong reading blames one trip and not its neighbours. ``firm``: the
    places of trips that stand already; one of them counts more than all new ones together.
    """
    weights: list[int] = []  # of the heaviest run that ends at a place
    previous: list[int | None] = []
    for place, (start, _) in enumerate(readings):
        best, link = 0, None
        for earlier, weight in enumerate(weights):
            if readings[earlier][1] <= start and weight > best:
                best, link = weight, earlier
        weights.append(best + (len(readings) + 1 if place in firm else 1))
        previous.append(link)
    kept: set[int] = set()
    at = max(range(len(weights)), key=weights.__getitem__, default=None)
    while at is not None:
        kept.add(at)
        at = previous[at]
    return [place for place in range(len(readings)) if place not in kept]
