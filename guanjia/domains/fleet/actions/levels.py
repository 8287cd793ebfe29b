"""Writing down how much is in a tank (油量); by hand, or from terminals later."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from guanjia.domains.fleet.models import Car, FuelLevel
from guanjia.domains.fleet.queries.archive import CARS
from guanjia.domains.fleet.rules import fuel, times
from guanjia.domains.fleet.terms.costs import LevelSource
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

ENTER = "fleet.cost.enter"
_AHEAD = timedelta(minutes=5)


@transaction.atomic
def enter_level(
    *, actor: Actor, car_id: int, read_at: datetime | None, litres: Decimal, at: datetime
) -> FuelLevel:
    """Write down a level somebody read (登记油量). Needs ``fleet.cost.enter`` for the car.

    ``read_at``: ``None`` for now. Refuses a level above what the tank holds, and one
    that is still to come. Told again for the same instant, it is corrected.
    """
    car: Car = locked(CARS, actor=actor, verb=ENTER, pk=car_id)
    read_at = read_at or at.replace(second=0, microsecond=0)
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
    told = {"litres": litres, "source": LevelSource.HAND}
    level: FuelLevel | None = FuelLevel.objects.filter(car=car, at=read_at).first()
    if level is None:
        level = FuelLevel.objects.create(car=car, at=read_at, **told)
        made(level, "at", "litres", actor=actor, verb="fleet.level.entered", at=at)
    else:
        change(level, told, actor=actor, verb="fleet.level.entered", at=at)
    return level
