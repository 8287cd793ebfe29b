"""What a sealed car must not do, and who may seal one (节假日封存). Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.rules.oversight import cite_of, level_of, named, seen_evidence
from guanjia.domains.fleet.terms.oversight import (
    DayFacts,
    Evidence,
    Ground,
    GroundCode,
    JourneyFacts,
    SeenFacts,
)
from guanjia.domains.fleet.terms.sealing import SealFacts
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse, warn

WHOLE = Citation(title="封存要登记停放地点、钥匙交存和里程表", own=True)
CALLED_OFF = Citation(title="取消封存写明原因，结束后不能取消", own=True)
ODOMETER = Citation(title="里程表前后相接，不得倒走", own=True)
_DAY = timedelta(days=1)


def bounds(
    *, first: date, last: date, days: Sequence[tuple[date, DayFacts]], law: LawInForce
) -> tuple[datetime, datetime]:
    """From when to when cars stand still over a holiday from ``first`` to ``last``.

    From the evening of the last workday before it to the morning of the first workday after it, as
    the calendar with 调休 says. ``days``: the days around, in order.
    """
    hours = law["fleet.sealing.hours"].value
    before = [day for day, kind in days if day < first and kind.works]
    after = [day for day, kind in days if day > last and kind.works]
    begin = before[-1] if before else first - _DAY
    end = after[0] if after else last + _DAY
    return (
        datetime.combine(begin, time(int(hours["FROM"])), times.ZONE),
        datetime.combine(end, time(int(hours["TO"])), times.ZONE),
    )


def may_seal(*, place: str, keys_to: str, km: int | None, ledger_km: int, plate: str) -> Verdict:
    """A car is sealed with where it stands, who has the keys and what its odometer shows."""
    verdict = ALLOWED
    if not place.strip():
        verdict += refuse(
            "place_missing", "没有写停放地点。", "写明车停在哪里。", WHOLE, field="place"
        )
    if not keys_to.strip():
        verdict += refuse(
            "keys_missing", "没有写钥匙交给谁。", "写明收钥匙的人或地方。", WHOLE, field="keys_to"
        )
    if km is None:
        verdict += refuse("km_missing", "没有填里程表。", "照表盘填写。", WHOLE, field="km")
    elif km < ledger_km:
        verdict += refuse(
            "odometer_back",
            "里程表填错了。",
            f"{plate}已登记 {ledger_km:,} 公里，现填 {km:,} 公里。",
            ODOMETER,
            field="km",
        )
    return verdict


def may_release(*, seal: SealFacts, km: int | None, plate: str) -> Verdict:
    """A car is released with its odometer, which is compared with that of its sealing."""
    if km is None:
        return refuse("km_missing", "没有填里程表。", "照表盘填写。", WHOLE, field="km")
    if seal.sealed_km is not None and km < seal.sealed_km:
        return refuse(
            "odometer_back",
            "里程表填错了。",
            f"{plate}封存时 {seal.sealed_km:,} 公里，现填 {km:,} 公里。",
            ODOMETER,
            field="km",
        )
    return ALLOWED


def may_call_off(*, begin_at: datetime, end_at: datetime, at: datetime, reason: str) -> Verdict:
    """A sealing that is planned or under way may be called off, with its reason."""
    if end_at <= at:
        return refuse(
            "over", "封存已经结束，不能取消。", "没有登记的已列入督车，在那里说明。", CALLED_OFF
        )
    if not reason.strip():
        return refuse(
            "reason_missing", "没有写取消原因。", "原因随通知发给各单位。", CALLED_OFF,
            field="reason",
        )  # fmt: skip
    if begin_at <= at:
        return warn(
            "under_way", "封存已经开始。", "取消以前动过的已封存车辆仍列入督车。", CALLED_OFF
        )
    return ALLOWED


def _stood(seal: SealFacts) -> tuple[datetime, datetime]:
    """From when to when the car must not move: from its sealing to its release.

    Calling the sealing off ends that, and a car nobody had handed in was then never bound by it.
    """
    begin = min(seal.begin_at, seal.sealed_at or seal.begin_at)
    if seal.called_off_at is not None and seal.sealed_at is None:
        return begin, begin
    end = min(seal.end_at, seal.released_at or seal.end_at, seal.called_off_at or seal.end_at)
    return begin, max(begin, end)


def stands_still(*, seal: SealFacts, at: datetime) -> bool:
    """Whether the car must not move at an instant."""
    begin, end = _stood(seal)
    return begin <= at < end


def driven_out(
    *, seal: SealFacts, journey: JourneyFacts, at: datetime, law: LawInForce
) -> Ground | None:
    """A journey while the car was to stand still."""
    begin, end = _stood(seal)
    back = journey.back_at or max(at, journey.went_at)
    if begin >= end or journey.went_at >= end or back <= begin:
        return None
    trip = Evidence(title=f"派车单 {journey.number}", url_name="fleet:trip", id=journey.trip_id)
    return _moved(seal, f"{times.moment(journey.went_at)} 出车（{journey.number}）", (trip,), law)


def seen_moving(*, seal: SealFacts, seen: Sequence[SeenFacts], law: LawInForce) -> Ground | None:
    """Seen on the road, without a trip, while the car was to stand still."""
    found = [one for one in seen if stands_still(seal=seal, at=one.at)]
    if not found:
        return None
    return _moved(seal, named(found), seen_evidence(found), law)


def _moved(seal: SealFacts, what: str, evidence: Sequence[Evidence], law: LawInForce) -> Ground:
    handed = "已封存" if seal.sealed_at is not None else "应封存"
    return Ground(
        code=GroundCode.SEALED,
        mark=f"sealed:{seal.id}",
        level=level_of("SEALED", law),
        headline="封存期间用车。",
        sentence=f"{seal.title}{handed}，{what}，没有批准例外使用。",
        cite=cite_of(law, "fleet.trip.rest_day"),
        evidence=(*evidence, _of(seal)),
    )


def odometer_moved(*, seal: SealFacts, law: LawInForce) -> Ground | None:
    """More kilometres at the release than at the sealing.

    Where the sealing was called off before the release nobody knows when they were driven.
    """
    if seal.sealed_km is None or seal.released_km is None:
        return None
    off, released = seal.called_off_at, seal.released_at
    if off is not None and (released is None or off < released):
        return None
    driven = seal.released_km - seal.sealed_km
    limit = law["fleet.sealing.km_tolerance"]
    if driven <= int(limit.value):
        return None
    return Ground(
        code=GroundCode.SEALED,
        mark=f"sealed_km:{seal.id}",
        level=level_of("SEALED", law),
        headline=f"封存期间走了 {driven:,} 公里。",
        sentence=(
            f"{seal.title}封存时 {seal.sealed_km:,} 公里，解封时 {seal.released_km:,} 公里。"
        ),
        cite=cite_of(law, "fleet.trip.rest_day"),
        evidence=(_of(seal),),
    )


def handed_in_late(*, seal: SealFacts, at: datetime, law: LawInForce) -> Ground | None:
    """Not handed in when the sealing began; also when it came later, unless it was called off."""
    if seal.called_off_at is not None:
        return None
    if at <= seal.begin_at or (seal.sealed_at is not None and seal.sealed_at <= seal.begin_at):
        return None
    told = (
        f"{times.moment(seal.sealed_at)} 才登记封存"
        if seal.sealed_at is not None
        else "没有登记封存"
    )
    return Ground(
        code=GroundCode.NOT_SEALED,
        mark=f"not_sealed:{seal.id}",
        level=level_of("NOT_SEALED", law),
        headline="到时间没有封存。",
        sentence=f"{seal.title}应于 {times.moment(seal.begin_at)} 前封存，{told}。",
        cite=cite_of(law, "fleet.trip.rest_day"),
        evidence=(_of(seal),),
    )


def _of(seal: SealFacts) -> Evidence:
    return Evidence(title=seal.title, url_name="fleet:sealing", id=seal.sealing_id)
