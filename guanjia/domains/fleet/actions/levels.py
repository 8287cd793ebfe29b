"""Writing down how much is in a tank (油量); by hand, or from terminals later."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from guanjia.domains.fleet.models import Car, FuelLevel
from guanjia.domains.fleet.rules import fuel, times
from guanjia.domains.fleet.terms.costs import LevelSource
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

ENTER = "fleet.cost.enter"
_AHEAD = timedelta(minutes=5)


@transaction.atomic
def enter_level(
    *, actor: Actor, car_id: int, read_at: datetime, litres: Decimal, at: datetime
) -> FuelLevel:
    """Write down a level somebody read (登记油量). Needs ``fleet.cost.enter`` for the car.

    Refuses a level above what the tank holds, and one that is still to come. Told again for the
    same instant, it is corrected.
    """
    actor.must(ENTER)
    car: Car = (
        Car.objects.within(actor.scope(ENTER))
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=car_id)
    )
    if read_at > at + _AHEAD:
        refuse(
            "in_the_future", "时间还没有到。", f"现在是 {times.moment(at)}。", field="read_at"
        ).enforce()
    if car.tank_l is not None and litres > car.tank_l:
        refuse(
            "above_tank",
            "油量多于油箱容积。",
            f"{car.plate}的油箱 {fuel.litres_text(car.tank_l)} 升。",
            fuel.LEVEL,
            field="litres",
        ).enforce()
    level = FuelLevel.objects.filter(car=car, at=read_at).first()
    before = audit.facts_of(level, "litres") if level is not None else None
    level = level or FuelLevel(car=car, at=read_at)
    level.litres, level.source = litres, LevelSource.HAND
    level.save()
    audit.record(
        actor=actor, verb="fleet.level.entered", on=level, at=at, before=before,
        after=audit.facts_of(level, "at", "litres"),
    )  # fmt: skip
    return level
