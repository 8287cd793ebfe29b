"""Meters as lists and pages show them, what they counted, and their alarms."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.models import (
    Meter,
    MeterAlarm,
    MeterAside,
    MeterDay,
    MeterDue,
    MeterMonth,
    MeterNote,
)
from guanjia.domains.energy.queries.readings import midnight
from guanjia.domains.energy.rules import meters as rules
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.meters import (
    ALARM_LIFE,
    AMOUNT_SCALE,
    AlarmKind,
    AlarmState,
    MeterRole,
    Missing,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SEE, ENTER, READ = "energy.meter.see", "energy.meter.enter", "energy.meter.read"
SETTLE = "energy.alarm.settle"
_ASIDE_SHOWN = 250


def listed(scope: Scope) -> Any:
    """The meters of a scope, with how many alarms wait (``waiting``)."""
    rows: Any = Meter.objects.within(scope).select_related("institution__area")
    waiting = Count("alarms", filter=Q(alarms__state=AlarmState.OPEN))
    return rows.annotate(waiting=waiting)


METERS = Subject(
    model="energy.meter", title="表计", page="energy:meter", see=SEE, rows=listed, key="meter_id",
    path="meters", stem="meter", beside=("institution__area",),
    listed=("表计", "energy:meters_list"), now=lambda meter: str(meter.institution),
)  # fmt: skip


def notes(scope: Scope) -> Any:
    """What was read off by eye."""
    return MeterNote.objects.within(scope).select_related("meter__institution__area")


def alarms(scope: Scope) -> Any:
    """The alarms of a scope."""
    return MeterAlarm.objects.within(scope).select_related("meter__institution__area")


ALARMS = Subject(
    model="energy.meteralarm", title="表计报警", page="energy:alarm", see=SEE, rows=alarms,
    life=ALARM_LIFE, key="alarm_id", path="alarms", stem="alarm", name="",
    beside=("meter__institution__area",), listed=("表计报警", "energy:meter_alarms_list"),
)  # fmt: skip


def waiting(scope: Scope) -> Any:
    """The alarms that wait for words."""
    return alarms(scope).filter(state=AlarmState.OPEN)


def by_number(numbers: Collection[str]) -> Mapping[str, Meter]:
    """Meters by their numbers, for sheets."""
    rows = Meter.objects.filter(number__in=set(numbers)).select_related("institution__area")
    return {meter.number: meter for meter in rows}


def noted(keys: Collection[tuple[int, datetime]]) -> dict[tuple[int, datetime], Decimal]:
    """What was read off by eye of some meters at some moments."""
    rows = MeterNote.objects.filter(
        meter__in={meter for meter, _ in keys}, at__in={at for _, at in keys}
    )
    return {(row.meter_id, row.at): row.value for row in rows.order_by()}


def outside(scope: Scope, ids: Collection[int]) -> set[int]:
    """Those of some meters that do not lie in a scope."""
    if scope.everything:
        return set()
    there = Meter.objects.within(scope).filter(pk__in=ids)
    return set(ids) - set(there.values_list("pk", flat=True))


def sees_note(actor: Actor, note_id: int) -> bool:
    """Whether somebody may open what was read off."""
    scope = actor.scope(SEE)
    found = not scope.nothing and MeterNote.objects.within(scope).filter(pk=note_id)
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
    """What the main meters of a source counted in a month, and what it lacks to be taken."""

    energy: Energy
    amount: Decimal
    missing: Missing | None
    meters: tuple[Meter, ...]

    @property
    def unit(self) -> str:
        """The unit of the source."""
        return SOURCES[self.energy].unit

    @property
    def ready(self) -> bool:
        """Whether they told all of it."""
        return self.missing is None


def offered(institution_id: int, month: date) -> list[Offered]:
    """A month of an institution as its main meters have it, by source."""
    end = Period.month_of(month).end
    rows = Meter.objects.filter(
        Q(until=None) | Q(until__gte=month),
        institution=institution_id, role=MeterRole.MAIN, installed_at__lt=midnight(end),
    )  # fmt: skip
    by_energy: dict[Energy, list[Meter]] = {}
    for meter in rows:
        by_energy.setdefault(Energy(meter.energy), []).append(meter)
    ids = [meter.pk for meter in rows]
    if not ids:
        return []
    known = _Counted(month, end, ids)
    return [
        Offered(
            energy=energy,
            amount=round(sum((known.amount(one.pk) for one in of_it), Decimal(0)), 4),
            missing=known.missing(of_it),
            meters=tuple(of_it),
        )
        for energy, of_it in by_energy.items()
    ]


class _Counted:
    """A month [month, end) of some meters: their days, what waits, what was left out."""

    def __init__(self, month: date, end: date, meter_ids: list[int]) -> None:
        self._month, self._end = month, end
        self._days: dict[int, list[MeterDay]] = {}
        days = MeterDay.objects.filter(meter__in=meter_ids, day__gte=month, day__lt=end)
        for day in days.defer("hours"):
            self._days.setdefault(day.meter, []).append(day)
        due = MeterDue.objects.filter(meter__in=meter_ids, day__lt=end)
        self._due = set(due.order_by().values_list("meter", flat=True))
        self._looked_at = _looked_at(meter_ids, month)

    def amount(self, meter_id: int) -> Decimal:
        """What a meter counted."""
        return sum((day.amount for day in self._days.get(meter_id, ())), Decimal(0))

    def missing(self, meters: list[Meter]) -> Missing | None:
        """What the meters of a source lack to have told all of it."""
        if not self._due.isdisjoint(meter.pk for meter in meters):
            return Missing.DUE
        begin, end = midnight(self._month), midnight(self._end)
        uses = ((max(begin, meter.installed_at), self._last(meter)) for meter in meters)
        if not rules.never_without(begin, end, uses) or not all(map(self._whole, meters)):
            return Missing.PART
        return Missing.LEFT_OUT if any(map(self._left_out, meters)) else None

    def _last(self, meter: Meter) -> datetime:
        gone = self._end if meter.until is None else meter.until + timedelta(days=1)
        return midnight(min(self._end, gone))

    def _whole(self, meter: Meter) -> bool:
        """Whether all its seconds of the month are counted. Of the last day of a meter that was
        taken away nothing is asked."""
        first = max(midnight(self._month), meter.installed_at)
        end = self._end if meter.until is None else min(self._end, meter.until)
        wanted = (midnight(end) - first).total_seconds()
        there = self._days.get(meter.pk, ())
        return wanted <= sum(day.covered_s for day in there if day.day < end)

    def _left_out(self, meter: Meter) -> bool:
        """Whether readings did not count on a day at which nobody has looked."""
        odd = {AlarmKind.BACKWARDS: "backwards", AlarmKind.JUMP: "jumped"}
        return any(
            getattr(day, name)
            and not any(
                first <= day.day <= last
                for first, last in self._looked_at.get((meter.pk, kind), ())
            )
            for day in self._days.get(meter.pk, ())
            for kind, name in odd.items()
        )


def _looked_at(
    meter_ids: list[int], month: date
) -> dict[tuple[int, AlarmKind], list[tuple[date, date]]]:
    """The days about whose readings somebody said something, by meter and alarm: those up to the
    word, and as long after as an explained alarm is not raised again."""
    quiet = timedelta(days=int(law_at(month)["energy.meter.quiet_days"].value))
    rows = MeterAlarm.objects.filter(meter__in=meter_ids, explained_at__isnull=False)
    found: dict[tuple[int, AlarmKind], list[tuple[date, date]]] = {}
    for row in rows.order_by():
        last = timezone.localdate(row.explained_at)
        if row.state == AlarmState.EXPLAINED:
            last += quiet
        found.setdefault((row.meter_id, AlarmKind(row.kind)), []).append((row.day, last))
    return found
