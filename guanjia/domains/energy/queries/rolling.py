"""What rolling up reads: days as they were rolled up, readings, changes of meter, limits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from guanjia.domains.energy.models import Meter, MeterChange, MeterDay
from guanjia.domains.energy.queries import readings
from guanjia.domains.energy.rules.counting import Base, Point, Start, Walked
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import AMOUNT_SCALE, READING_SCALE
from guanjia.kernel.regulations.lawbook import law_at

DAY = timedelta(days=1)
# Days before the touched ones that are read for all meters at once.
_AROUND = timedelta(days=3)
# Days that are read together where one meter has to be looked for elsewhere.
_STRETCH = 32
_FACTOR = 1_000  # multipliers in thousandths


class Run(Protocol):
    """Touched days of a meter that lie close together."""

    @property
    def meter(self) -> int:
        """Whose."""

    @property
    def days(self) -> Sequence[date]:
        """Which, in order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A day as it is rolled up: amounts in millionths, registers (second, thousandths)."""

    meter: int
    day: date
    amount: int
    covered_s: int
    hours: list[int | None]
    told: int
    backwards: int
    jumped: int
    closing: tuple[int, int] | None
    heard: tuple[int, int] | None


_STORED = ("meter", "day", "told", "closing_at", "closing")


@dataclass
class Book:
    """Days and readings of some meters, read together; what lies elsewhere is read when asked."""

    oldest: date
    _meters: dict[int, Meter]
    _starts: dict[int, list[Start]]
    _rows: dict[int, dict[date, Any]]
    _points: readings.Points
    _from: date
    _to: date
    _most: dict[tuple[str, date], int] = field(default_factory=dict)
    _dropped: dict[int, date] = field(default_factory=dict)
    _far_rows: dict[tuple[int, int], dict[date, Any]] = field(default_factory=dict)
    _far_points: dict[tuple[int, int], dict[date, list[Point]]] = field(default_factory=dict)

    @classmethod
    def of(cls, runs: Sequence[Run], *, oldest: date) -> "Book":
        """What runs of the same days need; ``oldest``: the first day whose readings are kept."""
        ids = sorted({run.meter for run in runs})
        begin, end = runs[0].days[0] - _AROUND, runs[0].days[-1] + DAY
        rows: dict[int, dict[date, Any]] = {pk: {} for pk in ids}
        found = MeterDay.objects.filter(meter__in=ids, day__gte=begin, day__lt=end)
        for row in found.order_by().only(*_STORED):
            rows[row.meter][row.day] = row
        meters = {meter.pk: meter for meter in Meter.objects.filter(pk__in=ids)}
        return cls(
            oldest=oldest,
            _meters=meters,
            _starts=_starts_of(meters),
            _rows=rows,
            _points=readings.points(ids, begin, end),
            _from=begin,
            _to=end,
        )

    def knows(self, meter: int) -> bool:
        """Whether it is a meter of ours."""
        return meter in self._meters

    # ── days as they were ────────────────────────────────────────────────────────────────

    def row(self, meter: int, day: date) -> Any:
        """A day as it was rolled up before; ``None`` where it was not."""
        if self._from <= day < self._to:
            return self._rows[meter].get(day)
        return self._far(meter, day).get(day)

    def _far(self, meter: int, day: date) -> dict[date, Any]:
        key = (meter, day.toordinal() // _STRETCH)
        if key not in self._far_rows:
            begin = date.fromordinal(key[1] * _STRETCH)
            rows = MeterDay.objects.filter(
                meter=meter, day__gte=begin, day__lt=begin + DAY * _STRETCH
            )
            self._far_rows[key] = {row.day: row for row in rows.order_by().only(*_STORED)}
        return self._far_rows[key]

    def before(self, meter: int, day: date) -> Any:
        """The last day before one that ended with a good reading."""
        near = [
            row for each, row in self._rows[meter].items() if each < day and row.closing is not None
        ]
        if near and day <= self._to:
            return max(near, key=lambda row: row.day)
        rows = MeterDay.objects.filter(meter=meter, day__lt=day, closing__isnull=False)
        return rows.order_by("-day").first()

    def after(self, meter: int, day: date) -> date | None:
        """The next day after one on which something was read."""
        last = self._meters[meter].told_on
        if last is None or last <= day:
            return None
        if day >= self._from - DAY:
            near = [each for each, row in self._rows[meter].items() if each > day and row.told]
            if near:
                return min(near)
        rows = MeterDay.objects.filter(meter=meter, day__gt=day, told__gt=0)
        found: date | None = rows.order_by("day").values_list("day", flat=True).first()
        return found

    def may_rewrite(self, meter: int, day: date) -> bool:
        """Whether the readings of a day, and of all days after it, are still there (those taken by
        eye always are): what was kept of days whose readings were dropped stays as it is."""
        if day >= self.oldest:
            return True
        if meter not in self._dropped:
            rows = MeterDay.objects.filter(meter=meter, day__lt=self.oldest, heard_at__isnull=False)
            last = rows.order_by("-day").values_list("day", flat=True).first()
            self._dropped[meter] = last or date.min
        return day > self._dropped[meter]

    def base(self, meter: int, row: Any) -> Base | None:
        """The last good reading of a day, with the device it was read from."""
        if row is None:
            return None
        at = int(row.closing_at.timestamp())
        device = [start for start in self._starts.get(meter, ()) if start.at <= at]
        if not device:
            return None
        return Base(at, row.closing, device[-1].factor, device[-1].span)

    def closes_alike(self, meter: int, day: date, walked: Walked) -> bool:
        """Whether the last good reading up to the end of a day is the same as when it was rolled
        up before: then nothing after it changes. On a day without a good one it is an earlier
        day's, which may have changed."""
        row = self.row(meter, day)
        if row is None or row.closing is None:
            row = self.before(meter, day)
        old = None if row is None else (int(row.closing_at.timestamp()), row.closing)
        new = None if walked.base is None else (walked.base.at, walked.base.value)
        return old == new

    # ── readings ─────────────────────────────────────────────────────────────────────────

    def counted(self, meter: int, day: date) -> tuple[list[Point], list[Start]]:
        """The readings of a day that count, and the devices that began on it: none after the last
        day of a meter, whatever came."""
        until = self._meters[meter].until
        if until is not None and day > until:
            return [], []
        return self.points(meter, day), self.starts(meter, day)

    def points(self, meter: int, day: date) -> list[Point]:
        """What was read of a meter on a day."""
        if self._from <= day < self._to:
            return self._points.get(meter, {}).get(day, [])
        key = (meter, day.toordinal() // _STRETCH)
        if key not in self._far_points:
            begin = date.fromordinal(key[1] * _STRETCH)
            found = readings.points([meter], begin, begin + DAY * _STRETCH)
            self._far_points[key] = found.get(meter, {})
        return self._far_points[key].get(day, [])

    def starts(self, meter: int, day: date) -> list[Start]:
        """The devices that began on a day."""
        begin = int(readings.midnight(day).timestamp())
        end = begin + int(DAY.total_seconds())
        return [start for start in self._starts.get(meter, ()) if begin <= start.at < end]

    def most(self, meter: int, day: date) -> int:
        """The most that a meter can pass in an hour (millionths)."""
        known = self._meters[meter]
        if known.most_per_hour is not None:
            return int(known.most_per_hour * AMOUNT_SCALE)
        key = (known.energy, day)
        if key not in self._most:
            limit = law_at(day)["energy.meter.most_per_hour"].decimal(Energy(known.energy))
            self._most[key] = int((limit or 0) * AMOUNT_SCALE)
        return self._most[key]


def _starts_of(meters: dict[int, Meter]) -> dict[int, list[Start]]:
    """The devices of meters, the first one first."""
    found = {
        pk: [
            Start(
                int(meter.installed_at.timestamp()), None,
                int(meter.installed_reading * READING_SCALE),
                int(meter.multiplier * _FACTOR), span_of(meter.digits),
            )
        ]
        for pk, meter in meters.items()
    }  # fmt: skip
    for change in MeterChange.objects.filter(meter__in=meters).order_by("meter", "at"):
        found[change.meter_id].append(
            Start(
                int(change.at.timestamp()), int(change.ended * READING_SCALE),
                int(change.began * READING_SCALE), int(change.multiplier * _FACTOR),
                span_of(change.digits),
            )
        )  # fmt: skip
    return found


def span_of(digits: int | None) -> int:
    """After how many thousandths a register of some digits begins at nothing again; 0: never."""
    return 0 if digits is None else 10**digits * READING_SCALE


def told_days(meter_id: int, first: date) -> Iterable[date]:
    """The days of a meter from one on, on which something was read."""
    rows = MeterDay.objects.filter(meter=meter_id, day__gte=first, told__gt=0)
    found: Iterable[date] = rows.order_by("day").values_list("day", flat=True)
    return found
