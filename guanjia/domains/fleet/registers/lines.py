"""The journeys of each car and driver in a row: none at two places, no odometer backwards.

A file and the database are judged together. Of rows that contradict each other as few as possible
are blamed, and rather the one that more speaks against.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.rules import journeys, times
from guanjia.kernel.registers.declaration import ImportRow
from guanjia.kernel.regulations.lawbook import law_at

_FAR = timedelta(days=3650)
_NOTHING = timedelta(0)
_PAIRS_MAX = 2_000  # of one car or driver; a file with more is no ledger, and is judged simply


@dataclass(frozen=True)
class Objection:
    """What cannot be true of a row beside others; ``column`` by name."""

    row: ImportRow
    column: str
    code: str
    message: str


@dataclass(frozen=True)
class _Leg:
    """A journey on one car's or driver's line: from a row of the file, or from the database."""

    went_at: datetime
    back_at: datetime
    planned_from: datetime
    planned_to: datetime
    start_km: int
    end_km: int
    number: str
    row: ImportRow | None

    @property
    def place(self) -> str:
        return f"第 {self.row.number} 行" if self.row else self.number

    @property
    def when(self) -> str:
        if self.back_at - self.went_at >= _FAR:
            return f"{times.moment(self.went_at)} 出车，没有收车"
        return f"{times.moment(self.went_at)} 至 {times.moment(self.back_at)}"


def objections(rows: Sequence[ImportRow]) -> Iterator[Objection]:
    """What contradicts each other among rows that are sound by themselves, and what is there."""
    legs = [_leg(row.values, row) for row in rows if row.values["went_at"] and row.values["car"]]
    blamed: set[int] = set()
    for name in ("car", "driver"):
        for line in _lines(rows, legs, name):
            found = list(_twice_at_once(line, name, blamed))
            yield from found
            blamed |= {objection.row.number for objection in found}
            if name == "car":
                yield from _backwards(
                    [leg for leg in line if not leg.row or leg.row.number not in blamed]
                )


def _leg(trip: Mapping[str, Any], row: ImportRow | None) -> _Leg:
    start = trip["start_km"] if trip["start_km"] is not None else 0
    return _Leg(
        went_at=trip["went_at"],
        back_at=trip["back_at"] or trip["went_at"] + _FAR,
        planned_from=trip["planned_from"],
        planned_to=trip["planned_to"],
        start_km=start,
        end_km=trip["end_km"] if trip["end_km"] is not None else start,
        number=trip["number"],
        row=row,
    )


def _lines(rows: Sequence[ImportRow], legs: Iterable[_Leg], name: str) -> list[list[_Leg]]:
    """The journeys of each car or driver in order of departure, file and database together."""
    lines: dict[int, list[_Leg]] = defaultdict(list)
    for leg in legs:
        if leg.row is not None and leg.row.values[name] is not None:
            lines[leg.row.values[name].pk].append(leg)
    if lines:
        numbers = {row.values["number"] for row in rows}
        first = min(leg.went_at for line in lines.values() for leg in line)
        last = max(leg.went_at for line in lines.values() for leg in line)
        for trip in _recorded(name, lines, first, last):
            if trip.number not in numbers:
                lines[getattr(trip, f"{name}_id")].append(_leg(vars(trip), None))
    for line in lines.values():
        line.sort(key=lambda leg: (leg.went_at, leg.back_at))
    return list(lines.values())


def _recorded(name: str, whose: Iterable[int], first: datetime, last: datetime) -> Iterator[Trip]:
    """What is recorded in the file's own time, and the neighbours on either side, however far."""
    there = Trip.objects.filter(**{f"{name}__in": list(whose)}, went_at__isnull=False)
    yield from there.filter(went_at__gte=first, went_at__lte=last)
    for side, order in (Q(went_at__lt=first), "-went_at"), (Q(went_at__gt=last), "went_at"):
        yield from there.filter(side).order_by(f"{name}_id", order).distinct(f"{name}_id")


# ── at two places at once ────────────────────────────────────────────────────────────────


def _twice_at_once(line: Sequence[_Leg], name: str, blamed: set[int]) -> Iterator[Objection]:
    rivals = _rivals(line)
    free = {place for place in rivals if line[place].row is not None}
    while any(rivals.values()):
        place = max(
            (place for place in free if rivals[place]),
            key=lambda place: _suspicion(line, place, rivals[place], name, blamed),
        )
        row = line[place].row
        assert row is not None  # noqa: S101 — only rows of the file are free to be blamed
        other = line[min(rivals[place])]
        ahead, behind = _beyond_plan(line, place, rivals[place])
        column = name if not (ahead or behind) else "went_at" if ahead > behind else "back_at"
        yield Objection(
            row, column, f"{name}_taken", f"与{other.place}时间重叠，那一单 {other.when}"
        )
        for rival in rivals.pop(place):
            rivals[rival].discard(place)


def _rivals(line: Sequence[_Leg]) -> dict[int, set[int]]:
    """Which places of a line overlap in time with which others."""
    rivals: dict[int, set[int]] = defaultdict(set)
    under_way: list[int] = []
    pairs = 0
    for place, leg in enumerate(line):
        under_way = [other for other in under_way if line[other].back_at > leg.went_at]
        for other in under_way if pairs < _PAIRS_MAX else under_way[:1]:
            if line[other].row is not None or leg.row is not None:
                rivals[other].add(place)
                rivals[place].add(other)
                pairs += 1
        under_way.append(place)
    return rivals


def _suspicion(
    line: Sequence[_Leg], place: int, rivals: set[int], name: str, blamed: set[int]
) -> tuple[bool, int, bool, timedelta, int]:
    """How much speaks against one of two that overlap; without a sign the later one yields."""
    row = line[place].row
    return (
        row is not None and row.number in blamed,
        len(rivals),
        name == "car" and _strays(line, place, rivals),
        max(_beyond_plan(line, place, rivals)),
        place,
    )


def _strays(line: Sequence[_Leg], place: int, rivals: set[int]) -> bool:
    """Whether the odometer is far from what this car shows before and after."""
    leg = line[place]
    limit = int(law_at(leg.went_at)["fleet.trip.km_doubt"].value)
    before = next((line[i] for i in range(place - 1, -1, -1) if i not in rivals), None)
    after = next((line[i] for i in range(place + 1, len(line)) if i not in rivals), None)
    return (before is not None and abs(leg.start_km - before.end_km) > limit) or (
        after is not None and abs(after.start_km - leg.end_km) > limit
    )


def _beyond_plan(line: Sequence[_Leg], place: int, rivals: set[int]) -> tuple[timedelta, timedelta]:
    """How far a journey began before and ended after its plan, where the plan would have fitted."""
    leg = line[place]
    ahead = behind = _NOTHING
    for rival in rivals:
        if rival < place and leg.planned_from >= line[rival].back_at:
            ahead = max(ahead, leg.planned_from - leg.went_at)
        if rival > place and leg.planned_to <= line[rival].went_at:
            behind = max(behind, leg.back_at - leg.planned_to)
    return ahead, behind


# ── the odometer ─────────────────────────────────────────────────────────────────────────


def _backwards(line: Sequence[_Leg]) -> Iterator[Objection]:
    standing = {place for place, leg in enumerate(line) if leg.row is None}
    wrong = set(journeys.running_order([(leg.start_km, leg.end_km) for leg in line], firm=standing))
    for place in sorted(wrong):
        leg = line[place]
        before = next((line[i] for i in range(place - 1, -1, -1) if i not in wrong), None)
        after = next((line[i] for i in range(place + 1, len(line)) if i not in wrong), None)
        if leg.row is None:
            continue
        too_low = before is not None and leg.start_km < before.end_km
        column = "start_km" if too_low else "end_km"
        yield Objection(leg.row, column, "odometer_backwards", _between(before, after))


def _between(before: _Leg | None, after: _Leg | None) -> str:
    """What a reading must lie between, naming both neighbours."""
    bounds = []
    if before is not None:
        bounds.append(f"不小于{before.place}的收车里程 {before.end_km:,}")
    if after is not None:
        bounds.append(f"不大于{after.place}的出车里程 {after.start_km:,}")
    return f"里程接不上，应{'，'.join(bounds)}" if bounds else "里程与别的单接不上"
