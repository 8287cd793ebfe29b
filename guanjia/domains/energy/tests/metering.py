"""Meters and what they send, for tests.

meter = metering.meter(city, "school")
metering.send(meter, metering.steady(day, per_hour=4)); metering.roll()
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from guanjia.domains.energy.actions import alarms, metering, metering_rolls, meters
from guanjia.domains.energy.actions.metering import Taken
from guanjia.domains.energy.models import Meter, MeterAlarm, MeterDay, MeterMonth
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import Line, MeterRole
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City
from guanjia.kernel.regulations.verdict import Refused

QUARTER = timedelta(minutes=15)
BEGUN = date(2020, 7, 1)
Readings = list[tuple[datetime, Decimal]]


def facts(city: City, whose: str, number: str = "DB-1", **other: Any) -> dict[str, Any]:
    """A meter as ``enter_meters`` takes it: electricity from the first of July, from nothing."""
    return {
        "institution": city.institution(whose), "number": number, "energy": Energy.ELECTRICITY,
        "role": MeterRole.MAIN, "place": "配电房", "multiplier": Decimal(1), "digits": None,
        "most_per_hour": None, "installed_at": midnight(BEGUN), "installed_reading": Decimal(0),
        "until": None, **other,
    }  # fmt: skip


def meter(city: City, whose: str = "school", number: str = "DB-1", **other: Any) -> Meter:
    """A meter that was entered."""
    meters.enter_meters(actor=SYSTEM, rows=[facts(city, whose, number, **other)], at=AT)
    found: Meter = Meter.objects.select_related("institution").get(number=number)
    return found


def steady(
    first: date, *, days: int = 1, per_hour: str = "4", start: str = "0", step: timedelta = QUARTER
) -> Readings:
    """Registers from a midnight to another, both of them, that grow evenly."""
    begin, rate = midnight(first), Decimal(per_hour)
    count = int(timedelta(days=days) / step)
    hours = Decimal(step.total_seconds()) / 3600
    return [(begin + step * n, Decimal(start) + rate * hours * n) for n in range(count + 1)]


def hourly(first: date, hours: Iterable[str], start: str = "0") -> Readings:
    """Registers on the hour, from what was consumed in each."""

    def grow() -> Iterator[tuple[datetime, Decimal]]:
        at, value = midnight(first), Decimal(start)
        yield at, value
        for amount in hours:
            at, value = at + timedelta(hours=1), value + Decimal(amount)
            yield at, value

    return list(grow())


def lines(of: Meter, readings: Readings) -> list[Line]:
    """Readings of a meter as intake takes them."""
    return [Line(number=of.number, at=at, value=value) for at, value in readings]


def send(of: Meter, readings: Readings, *, at: datetime = AT) -> Taken:
    """Take in readings of a meter."""
    return metering.take_in(lines(of, readings), at=at)


def roll(today: date = TODAY) -> metering_rolls.Rolled:
    """Roll up everything that waits."""
    return metering_rolls.roll_all(today=today)


def day(of: Meter, on: date) -> MeterDay | None:
    """A day of a meter."""
    found: MeterDay | None = MeterDay.objects.filter(meter=of.pk, day=on).first()
    return found


def amount(of: Meter, on: date) -> Decimal | None:
    """What a meter counted on a day."""
    found = day(of, on)
    return None if found is None else found.amount.normalize() + 0


def month(of: Meter, on: date) -> MeterMonth:
    """A month of a meter."""
    found: MeterMonth = MeterMonth.objects.get(meter=of.pk, month=on.replace(day=1))
    return found


def refused(doing: Any) -> str:
    """The code with which something is refused."""
    with pytest.raises(Refused) as caught, transaction.atomic():
        doing()
    return caught.value.findings[0].code


def change(city: City, who: str = "clerk", **other: Any) -> None:
    """Tell of a change of the only meter there is, on its second morning."""
    facts: dict[str, Any] = {
        "changed_at": midnight(BEGUN) + timedelta(hours=30), "ended": Decimal(130),
        "began": Decimal(0), "multiplier": Decimal(1), "digits": None, "at": AT,
    }  # fmt: skip
    meters.change_meter(
        actor=city.actor(who), meter_id=Meter.objects.get().pk, **{**facts, **other}
    )


def note(city: City, of: Meter, at: datetime, value: str, who: str = "clerk") -> Any:
    """Read a meter off by eye."""
    rows = [{"meter": of, "at": at, "value": Decimal(value)}]
    return meters.note_readings(actor=city.actor(who), rows=rows, at=AT)


def look(on: date) -> list[MeterAlarm]:
    """Look over a day, the next morning."""
    return alarms.look_over(
        actor=SYSTEM, day=on, at=midnight(on + timedelta(days=1)) + timedelta(hours=5)
    )
