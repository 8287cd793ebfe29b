"""A day as an axis: where a stretch of time begins and how wide it is, in percent. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

HOUR = timedelta(hours=1)
CROWDED_FROM = 16  # hours; from here on only every second hour has its label
LEAST = 0.6  # percent; a shorter stretch could neither be seen nor clicked


@dataclass(frozen=True)
class Place:
    """Left edge and width as CSS writes them; ``cut`` when it goes on beyond the axis."""

    left: str
    width: str
    cut: bool = False


@dataclass(frozen=True)
class Tick:
    """The label of a full hour."""

    left: str
    text: str


def percent(share: float) -> str:
    """``0.4226`` → ``42.26%``."""
    return f"{share * 100:.2f}%"


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The hours that are drawn, half-open."""

    begin: datetime
    end: datetime

    @property
    def hours(self) -> int:
        """How many hours are drawn."""
        return round((self.end - self.begin) / HOUR)

    @property
    def ticks(self) -> list[Tick]:
        """The labels of the full hours; of every second one where they would touch."""
        step = 2 if self.hours > CROWDED_FROM else 1
        first = self.begin.hour
        return [
            Tick(left=percent(n / self.hours), text=f"{first + n}:00")
            for n in range(0, self.hours, step)
        ]

    def point(self, at: datetime) -> str:
        """Where an instant lies, ``""`` outside the axis."""
        if not self.begin <= at <= self.end:
            return ""
        return percent((at - self.begin) / (self.end - self.begin))

    def past(self, at: datetime) -> str:
        """How much of the axis is over."""
        share = (at - self.begin) / (self.end - self.begin)
        return percent(min(1.0, max(0.0, share)))

    def place(self, begin: datetime, end: datetime) -> Place | None:
        """Where a stretch lies, cut at the edges; ``None`` when none of it is drawn."""
        if end <= self.begin or begin >= self.end:
            return None
        whole = self.end - self.begin
        low, high = max(begin, self.begin), min(end, self.end)
        width = max((high - low) / whole * 100, LEAST)
        left = min((low - self.begin) / whole * 100, 100 - width)
        return Place(f"{left:.2f}%", f"{width:.2f}%", cut=begin < self.begin or end > self.end)


def axis_of(
    *,
    day: date,
    zone: tzinfo,
    first: int,
    last: int,
    spans: Iterable[tuple[datetime, datetime]] = (),
) -> Axis:
    """The axis of a day from ``first`` to ``last`` o'clock, wider where something needs it.

    A stretch widens it only with the ends it has on this day: one that began yesterday or goes on
    tomorrow is cut at the edge.
    """
    midnight = datetime.combine(day, time(), zone)
    after = midnight + timedelta(days=1)
    low, high = midnight + first * HOUR, midnight + last * HOUR
    for begin, end in spans:
        if midnight <= begin < after:
            low = min(low, midnight + (begin - midnight) // HOUR * HOUR)
        if midnight < end <= after:
            high = max(high, midnight - (midnight - end) // HOUR * HOUR)
    return Axis(begin=low, end=high)
