"""Meters as lists and pages show them, what they counted, and their alarms."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from guanjia.domains.energy.models import (
    Meter,
    MeterAlarm,
    MeterAside,
    MeterDay,
    MeterMonth,
    MeterNote,
)
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.meters import AMOUNT_SCALE, AlarmState, MeterRole
from guanjia.kernel.values.actor import Actor, Scope

SEE, ENTER, READ = "energy.meter.see", "energy.meter.enter", "energy.meter.read"
SETTLE = "energy.alarm.settle"
_ASIDE_SHOWN = 250


def listed(scope: Scope) -> Any:
    """The meters of a scope, with how many alarms wait (``waiting``)."""
    rows: Any = Meter.objects.within(scope).select_related("institution__area")
    waiting = Count("alarms", filter=Q(alarms__state=AlarmState.OPEN))
    return rows.annotate(waiting=waiting)


def notes(scope: Scope) -> Any:
    """What was read off by eye."""
    return MeterNote.objects.within(scope).select_related("meter__institution__area")


def alarms(scope: Scope) -> Any:
    """The alarms of a scope."""
    return MeterAlarm.objects.within(scope).select_related("meter__institution__area")


def waiting(scope: Scope) -> Any:
    """The alarms that wait for words."""
    return alarms(scope).filter(state=AlarmState.OPEN)


def by_number(numbers: Collection[str]) -> Mapping[str, Meter]:
    """Meters by their numbers, for sheets."""
    rows = Meter.objects.filter(number__in=set(numbers)).select_related("institution__area")
    return {meter.number: meter for meter in rows}


def outside(scope: Scope, ids: Collection[int]) -> set[int]:
    """Those of some meters that do not lie in a scope."""
    if scope.everything:
        return set()
    there = Meter.objects.within(scope).filter(pk__in=ids)
    return set(ids) - set(there.values_list("pk", flat=True))


def sees_meter(actor: Actor, meter_id: int) -> bool:
    """Whether somebody may open a meter."""
    scope = actor.scope(SEE)
    found = not scope.nothing and Meter.objects.within(scope).filter(pk=meter_id)
    return bool(found and found.exists())


def sees_note(actor: Actor, note_id: int) -> bool:
    """Whether somebody may open what was read off."""
    scope = actor.scope(SEE)
    found = not scope.nothing and MeterNote.objects.within(scope).filter(pk=note_id)
    return bool(found and found.exists())


def sees_alarm(actor: Actor, alarm_id: int) -> bool:
    """Whether somebody may open an alarm."""
    scope = actor.scope(SEE)
    found = not scope.nothing and MeterAlarm.objects.within(scope).filter(pk=alarm_id)
    return bool(found and found.exists())


def set_aside(scope: Scope) -> list[MeterAside]:
    """What came in and was no reading, the newest first: of the meters of a scope; who sees the
    whole city sees numbers that nobody knows, too."""
    rows = MeterAside.objects.all()
    if not scope.everything:
        rows = rows.filter(number__in=Meter.objects.within(scope).values("number"))
    return list(rows[:_ASIDE_SHOWN])


def days(meter_id: int, first: date, end: date) -> dict[date, MeterDay]:
    """The days of a meter in [first, end)."""
    rows = MeterDay.objects.filter(meter=meter_id, day__gte=first, day__lt=end)
    return {row.day: row for row in rows}


def months(meter_id: int, first: date) -> dict[date, MeterMonth]:
    """The months of a meter from one on."""
    rows = MeterMonth.objects.filter(meter=meter_id, month__gte=first)
    return {row.month: row for row in rows}


def hours(row: MeterDay | None) -> list[Decimal | None]:
    """What was consumed in each hour of a day, in the source's unit."""
    if row is None:
        return [None] * 24
    return [None if each is None else Decimal(each) / AMOUNT_SCALE for each in row.hours]


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What the main meters of a source counted in a month; ``ready``: they told all of it."""

    energy: Energy
    amount: Decimal
    ready: bool
    meters: tuple[Meter, ...]

    @property
    def unit(self) -> str:
        """The unit of the source."""
        return SOURCES[self.energy].unit


def offered(institution_id: int, month: date) -> list[Offered]:
    """A month of an institution as its main meters have it, by source."""
    end = _month_after(month)
    rows = Meter.objects.filter(
        Q(until=None) | Q(until__gte=month),
        institution=institution_id, role=MeterRole.MAIN, installed_at__lt=midnight(end),
    )  # fmt: skip
    by_energy: dict[Energy, list[Meter]] = {}
    for meter in rows:
        by_energy.setdefault(Energy(meter.energy), []).append(meter)
    there = MeterMonth.objects.filter(meter__in=[meter.pk for meter in rows], month=month)
    counted = {row.meter: row for row in there}
    found = []
    for energy, meters in by_energy.items():
        told = [counted.get(meter.pk) for meter in meters]
        amount = sum((row.amount for row in told if row is not None), Decimal(0))
        ready = all(
            row is not None and row.covered_s >= _wanted_s(meter, month, end)
            for row, meter in zip(told, meters, strict=True)
        )
        found.append(
            Offered(energy=energy, amount=round(amount, 4), ready=ready, meters=tuple(meters))
        )
    return found


def _wanted_s(meter: Meter, month: date, end: date) -> int:
    """So many seconds of a month a meter has to count: those in which it was in use.

    Of the last day of a meter that was taken away nothing is asked.
    """
    first = max(midnight(month), meter.installed_at)
    last = midnight(end if meter.until is None else min(end, meter.until))
    return max(int((last - first).total_seconds()), 0)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
