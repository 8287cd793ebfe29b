"""The particular scenes of the demo day: what a visitor should be able to find at any hour."""

from guanjia.demo.accounts import BUREAU, HOUSING, RED_CROSS
from guanjia.domains.fleet.demo.planning import (
    AIRPORT,
    DAY,
    EHU,
    FETCH,
    HOSPITAL,
    HOUR,
    JIUJIANG,
    LAKE,
    LEPING,
    MEETING,
    MINUTE,
    NANCHANG,
    PAPERS,
    RURAL,
    SANLONG,
    STATION,
    SURVEY,
    WUYUAN,
    XIANGHU,
    YAOLI,
    YINGTAN,
    Plan,
    Planner,
    clock,
    five,
)
from guanjia.domains.fleet.terms.trips import Purpose

WATER, EMERGENCY_OFFICE, HEALTH, ARCHIVE = "3602D039", "3602D045", "3602D043", "3602D014"
REFORM, SCHOOLS, FINANCE, ASSETS = "3602D025", "3602D026", "3602D032", "3602D047"

RELIEF = (Purpose.EMERGENCY, "救灾物资转运")


def stage(planner: Planner) -> None:
    """Plan every scene; called before the ordinary journeys, so that scenes get their drivers."""
    _out_now(planner)
    _urgent(planner)
    _just_back(planner)
    _soon(planner)
    _shared(planner)
    _undecided(planner)
    _waiting_for_a_car(planner)
    _fallen_through(planner)


def _sent(planner: Planner, plan: Plan, *, hours: float = 1.5) -> Plan:
    """Let it be asked for and approved the day before, and sent some hours before it goes."""
    eve = plan.begin.date() - DAY
    plan.asked_at = clock(eve, "09:00") + planner.rng.randint(0, 150) * MINUTE
    plan.decided_at = plan.asked_at + planner.rng.randint(20, 120) * MINUTE
    plan.sent_at = min(plan.begin - hours * HOUR, planner.at - planner.rng.randint(3, 9) * MINUTE)
    return plan


def _gone(planner: Planner, plan: Plan, *, minutes: int = 4) -> Plan:
    _sent(planner, plan).went_at = plan.begin + minutes * MINUTE
    return plan


def _out_now(planner: Planner) -> None:
    at, yesterday = planner.at, planner.today - DAY
    far = planner.plan(
        WATER, JIUJIANG, (Purpose.SURVEY, "长江堤防联合检查"), clock(yesterday, "07:40"),
        end=clock(planner.today + DAY, "18:00"), seats=7,
    )  # fmt: skip
    planner.pool.book(_gone(planner, far))
    late = planner.plan(
        ASSETS, YINGTAN, SURVEY, five(at - 365 * MINUTE), end=five(at - 47 * MINUTE)
    )
    # Nobody knows when it is back: its car and driver are not counted on any more.
    planner.pool.book(_gone(planner, late), until=clock(planner.today + 2 * DAY, "23:00"))
    mine = planner.plan(
        HOUSING, YAOLI, SURVEY, five(at - 85 * MINUTE), end=five(at + 130 * MINUTE),
        rider="莫兴", passengers=3,
    )  # fmt: skip
    mine.driver = "J049"
    planner.pool.book(_gone(planner, mine))


def _urgent(planner: Planner) -> None:
    at, yesterday = planner.at, planner.today - DAY
    burst = planner.plan(
        RED_CROSS, EHU, RELIEF, five(at - 55 * MINUTE),
        end=five(at + 160 * MINUTE), seats=7,
    )  # fmt: skip
    burst.turn, burst.sent_at = "urgent", burst.begin - 12 * MINUTE
    burst.went_at = burst.begin + 3 * MINUTE
    planner.pool.book(burst)
    blood = planner.plan(
        RED_CROSS, HOSPITAL, (Purpose.EMERGENCY, "转运急救血液"), clock(yesterday, "04:20")
    )
    blood.turn, blood.sent_at = "urgent", blood.begin - 10 * MINUTE
    blood.went_at, blood.back_at = blood.begin + 2 * MINUTE, blood.end - 8 * MINUTE
    blood.turned_at = clock(yesterday, "09:15")  # papers brought, waiting for the approver
    planner.pool.book(blood)


def _just_back(planner: Planner) -> None:
    at, midnight = planner.at, clock(planner.today, "00:00")
    back = max(midnight + (at - midnight) / 2, at - 25 * MINUTE).replace(second=0, microsecond=0)
    plan = planner.plan(
        HOUSING, LEPING, RURAL, five(at - 215 * MINUTE), end=five(at + 5 * MINUTE), rider="莫兴"
    )
    plan.driver = "J032"
    _gone(planner, plan).back_at = back
    planner.pool.book(plan)
    day = planner.today - DAY
    odd = planner.plan(SCHOOLS, XIANGHU, SURVEY, clock(day, "08:20"), seats=5)
    odd.driver, odd.gap_km = "J053", 126  # kilometres that no sheet accounts for
    _gone(planner, odd).back_at = odd.end - 6 * MINUTE
    planner.pool.book(odd)
    fine = planner.plan(HOUSING, NANCHANG, MEETING, clock(day, "07:10"), rider="莫兴")
    fine.driver, fine.stars = "J049", 5
    _gone(planner, fine).back_at = fine.end - 11 * MINUTE
    fine.rated_at = clock(day, "20:05")
    planner.pool.book(fine)


def _soon(planner: Planner) -> None:
    plan = planner.plan(HEALTH, STATION, FETCH, planner.soon())
    plan.driver = "J053"
    planner.pool.book(_sent(planner, plan))
    plan = planner.plan(FINANCE, AIRPORT, FETCH, five(planner.at + 175 * MINUTE), seats=7)
    plan.driver = "J049"
    planner.pool.book(_sent(planner, plan))
    swapped = planner.plan(ARCHIVE, SANLONG, PAPERS, five(planner.at + 75 * MINUTE))
    planner.pool.book(_sent(planner, swapped, hours=3))
    assert swapped.sent_at is not None  # noqa: S101 — just set
    swapped.turn, swapped.turned_at = "swapped", swapped.sent_at + 2 * MINUTE
    mended = planner.plan(
        HOUSING, WUYUAN, SURVEY, clock(planner.today + DAY, "08:00"), seats=7, rider="莫兴"
    )
    planner.pool.book(_sent(planner, mended))
    mended.asked_at = clock(planner.today - DAY, "08:50")
    mended.decided_at = mended.asked_at + 35 * MINUTE
    mended.turn, mended.turned_at = "mended", mended.asked_at + 90 * MINUTE


def _shared(planner: Planner) -> None:
    begin = five(planner.at + 95 * MINUTE)
    carrier = planner.plan(REFORM, EHU, SURVEY, begin, seats=7, passengers=3)
    planner.pool.book(_sent(planner, carrier, hours=4))
    sharer = planner.plan(
        SCHOOLS, EHU, RURAL, begin + 5 * MINUTE, end=carrier.end, seats=7, passengers=2
    )
    _sent(planner, sharer, hours=2)
    sharer.carrier = carrier


def _undecided(planner: Planner) -> None:
    """Requests in the to-do lists of approvers and heads."""
    work, rest = planner.next_day(works=True), planner.next_day(works=False)
    planner.plan(HOUSING, SANLONG, SURVEY, clock(work, "09:00"), rider="莫兴", passengers=3)
    planner.plan(HOUSING, LAKE, (Purpose.CIVIC, "旧小区改造现场会"), clock(work, "14:30"), seats=15)
    planner.plan(HOUSING, HOSPITAL, PAPERS, planner.later("16:40"), rider="莫兴", passengers=1)
    planner.plan(
        HOUSING, YAOLI, (Purpose.EMERGENCY, "危房排查"), clock(rest, "08:30"), rider="莫兴"
    )
    planner.plan(RED_CROSS, LEPING, RURAL, clock(work, "08:10"))
    planner.plan(RED_CROSS, STATION, FETCH, clock(work, "15:20"), seats=7)
    planner.plan(FINANCE, NANCHANG, MEETING, clock(work, "07:30"), passengers=2)
    planner.plan(BUREAU, XIANGHU, SURVEY, clock(work, "09:40"))


def _waiting_for_a_car(planner: Planner) -> None:
    """Approved requests beside the board."""
    today, tomorrow = planner.today, planner.today + DAY
    for unit, place, what, begin, seats in (
        (HOUSING, STATION, FETCH, planner.later("15:10"), 5),
        (WATER, EHU, SURVEY, planner.later("14:40"), 7),
        (HEALTH, HOSPITAL, PAPERS, planner.later("16:20"), 5),
        (EMERGENCY_OFFICE, LEPING, RELIEF, clock(tomorrow, "08:20"), 15),
        (ASSETS, NANCHANG, MEETING, clock(tomorrow, "07:00"), 5),
        (SCHOOLS, SANLONG, RURAL, clock(tomorrow, "13:40"), 23),
        (RED_CROSS, YAOLI, RURAL, clock(tomorrow, "09:10"), 5),
    ):
        plan = planner.agreed(planner.plan(unit, place, what, begin, seats=seats))
        if begin.date() == today and plan.seats == 5:  # noqa: PLR2004 — one with a wish is enough
            plan.turn = "wish"


def _fallen_through(planner: Planner) -> None:
    """Returned, withdrawn and cancelled requests."""
    returned = planner.plan(HOUSING, LAKE, SURVEY, planner.later("17:10"), rider="莫兴")
    withdrawn = planner.plan(RED_CROSS, HOSPITAL, PAPERS, planner.later("16:50"))
    for plan, turn in ((returned, "returned"), (withdrawn, "withdrawn")):
        plan.turn, plan.turned_at = turn, plan.asked_at
        plan.asked_at -= 40 * MINUTE
    cancelled = planner.plan(REFORM, LEPING, MEETING, planner.later("17:30"))
    cancelled.asked_at -= 3 * HOUR
    cancelled.decided_at = cancelled.asked_at + 45 * MINUTE
    cancelled.sent_at = cancelled.decided_at + 30 * MINUTE
    cancelled.turn, cancelled.turned_at = "cancelled", cancelled.sent_at + 60 * MINUTE
    planner.pool.book(cancelled)
