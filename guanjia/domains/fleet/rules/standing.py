"""What stands until somebody does something: idle cars, fines, open doubts about costs. Pure."""

from datetime import date

from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.rules.oversight import graded, level_of
from guanjia.domains.fleet.terms.oversight import (
    DoubtFacts,
    Evidence,
    FineFacts,
    Ground,
    GroundCode,
)
from guanjia.kernel.regulations.lawbook import LawInForce

CARD_DOUBTS = ("card_of_other",)
FUEL_DOUBTS = ("tank_exceeded", "battery_exceeded", "norm_odd", "fills_close")


def idle(
    *,
    begin: date,
    ever: bool,
    days: int,
    last: Evidence | None,
    law: LawInForce,
) -> Ground | None:
    """A car in use that went nowhere for so many days.

    ``begin``: the day of its last return, or (``ever`` false) from when on it could have gone.
    ``days``: on how many days since then journeys were registered at all, of any car: a month
    whose sheets nobody has brought in makes no car idle.
    """
    steps = law["fleet.oversight.idle_days"]
    level = graded(days, steps.value)
    if level is None:
        return None
    told = f"最近一次收车是 {begin:%Y-%m-%d}。" if ever else f"{begin:%Y-%m-%d} 以来没有出过车。"
    return Ground(
        code=GroundCode.IDLE,
        mark=f"idle:{begin:%Y%m%d}",
        level=level,
        headline=f"{steps.value[level.value]} 天以上没有出车。",
        sentence=told,
        cite=steps.cite,
        evidence=(last,) if last else (),
    )


def fine_waits(*, fine: FineFacts, on: date, law: LawInForce) -> Ground | None:
    """A traffic offence that nobody dealt with for so many days."""
    limit = law["fleet.oversight.fine_days"]
    day = fine.at.astimezone(times.ZONE).date()
    if fine.handled or (on - day).days < int(limit.value):
        return None
    return Ground(
        code=GroundCode.FINE,
        mark=f"fine:{fine.id}",
        level=level_of("FINE", law),
        headline=f"违法满 {limit.value} 天没有处理。",
        sentence=f"{times.moment(fine.at)} {fine.place} {fine.what}。",
        cite=limit.cite,
        evidence=(Evidence(title=f"违法 {fine.number}", url_name="fleet:fine", id=fine.id),),
    )


def cost_doubt(*, doubt: DoubtFacts, law: LawInForce) -> Ground:
    """A doubt about fuel or a card that stands open on a cost."""
    card = doubt.code in CARD_DOUBTS
    return Ground(
        code=GroundCode.CARD if card else GroundCode.FUEL,
        mark=f"cost:{doubt.id}",
        level=level_of("CARD" if card else "FUEL", law),
        headline=doubt.headline,
        sentence=doubt.sentence,
        cite=doubt.cite or law["fleet.oversight.levels"].cite,
        evidence=(Evidence(title=doubt.title, url_name="fleet:cost", id=doubt.cost_id),),
    )
