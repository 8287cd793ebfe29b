"""From registers (止码) to consumption: what counts, hour by hour, and what does not. Pure.

A register only ever grows. What lies between two readings was consumed between them, evenly as
far as anybody knows; a change of meter begins anew at the new register. A reading that runs
backwards, or that is more than the meter can pass, is left out and told; the next good one is
then compared with the last good one, so that a wrong reading that cannot be costs nothing. One
that is too high but might be is believed, and what follows is left out until the register has
passed it.

Times are whole seconds since the epoch, registers whole thousandths (``READING_SCALE``), amounts
whole millionths (``AMOUNT_SCALE``): the sum over any hours is the same whichever way it is cut.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
HOURS = 24
# Days begin at midnight in China, which has had one time and no summer time since 1991.
_OFFSET_S = 8 * HOUR_S
# An hour is known when it lies between readings no further apart than this.
CLOSE_S = 2 * HOUR_S
# A reading taken by eye is cut off behind the point: a little less than was sent is no fault.
BY_EYE = 1_000
# A register that is full has gone no further than this part of it when it is read again: with
# nothing but time, any register that shows less could have gone all the way round.
_NEAR_THE_END = 10


def day_start(at: int) -> int:
    """The midnight at which the day of a moment began."""
    return (at + _OFFSET_S) // DAY_S * DAY_S - _OFFSET_S


class Point(NamedTuple):
    """A reading: when, and the register. ``by_eye``: somebody read it off."""

    at: int
    value: int
    by_eye: bool = False


class Start(NamedTuple):
    """A meter begins: what the old one ended with (``None`` for the first), what the new one shows.

    ``factor``: multiplier in thousandths; ``span``: after how many thousandths the register begins
    at nothing again, 0 where nobody knows.
    """

    at: int
    ended: int | None
    value: int
    factor: int
    span: int


class Base(NamedTuple):
    """The last good reading, with the meter it was read from."""

    at: int
    value: int
    factor: int
    span: int


class Piece(NamedTuple):
    """An amount consumed between two moments (millionths)."""

    begin: int
    end: int
    amount: int


@dataclass(slots=True)
class Walked:
    """What the readings of one day come to: the pieces between good ones, and what was left out."""

    pieces: list[Piece] = field(default_factory=list)
    base: Base | None = None
    good: int = 0
    backwards: int = 0
    jumped: int = 0


def gone(step: int, span: int, *, by_eye: bool) -> int:
    """How far a register went between two readings that differ by ``step``; below nothing where it
    ran backwards.

    Read off by eye a little below what was sent, it stood still. One of ``span`` begins again at
    its end; what it showed before must have been near it.
    """
    if step >= 0:
        return step
    if by_eye and step > -BY_EYE:
        return 0
    over = step + span
    return over if span and 0 <= over <= span // _NEAR_THE_END else step


def walk(base: Base | None, points: Sequence[Point], starts: Sequence[Start], most: int) -> Walked:
    """Follow a day's readings from the last good one before it; both in the order of time.

    ``most``: the most that can be consumed in an hour (millionths). A change stands before a
    reading of the same moment: that is read from the new meter already.
    """
    done = Walked(base=base)
    if not starts:
        _read(done, points, most)
        return done
    ends = [*(start.at for start in starts[1:]), None]
    _read(done, [point for point in points if point.at < starts[0].at], most)
    for start, end in zip(starts, ends, strict=True):
        _begin(done, start, most)
        own = [p for p in points if p.at >= start.at and (end is None or p.at < end)]
        _read(done, own, most)
    return done


def _read(done: Walked, points: Sequence[Point], most: int) -> None:
    """Follow the readings of one device. Runs over every reading there is: kept plain."""
    if done.base is None or not points:
        return
    at, value, factor, span = done.base
    good, pieces = 0, done.pieces
    for when, shown, by_eye in points:
        step = shown - value
        seconds = when - at
        # Within the first hour, an hour's worth may have gone through.
        allowed = most * (seconds if seconds > HOUR_S else HOUR_S)
        if step < 0:
            step = gone(step, span, by_eye=by_eye)
            if step < 0 or step * factor * HOUR_S > allowed:
                done.backwards += 1
                continue
        elif step * factor * HOUR_S > allowed:
            done.jumped += 1
            continue
        if seconds:
            pieces.append(Piece(at, when, step * factor))
        elif step:
            continue  # two good readings of one moment: the first one stands
        # Read off a little below what was sent, it stood still up to then.
        at, value = when, value if by_eye and not step else shown
        good += 1
    done.base = Base(at, value, factor, span)
    done.good += good


def _passes(base: Base, at: int, step: int, most: int) -> bool:
    """Whether so much can have gone through since; within the first hour, an hour's worth."""
    return step * base.factor * HOUR_S <= most * max(at - base.at, HOUR_S)


def _begin(done: Walked, start: Start, most: int) -> None:
    """The old meter ends where it was read off, if that can be; the new one begins."""
    base = done.base
    if base is not None and start.ended is not None:
        less = start.ended < base.value
        step = gone(start.ended - base.value, base.span, by_eye=True)
        if step < 0 or not _passes(base, start.at, step, most):
            done.backwards += less
            done.jumped += not less
        elif start.at > base.at:
            done.pieces.append(Piece(base.at, start.at, step * base.factor))
    _good(done, Base(start.at, start.value, start.factor, start.span))


def _good(done: Walked, base: Base) -> None:
    done.base = base
    done.good += 1


@dataclass(slots=True)
class Day:
    """A day of a meter. ``hours``: what was consumed in each; ``None`` where nothing is counted or
    the readings around it lie too far apart. ``covered_s``: how much of the day is counted."""

    amount: int = 0
    covered_s: int = 0
    hours: list[int | None] = field(default_factory=lambda: [None] * HOURS)


def spread(pieces: Iterable[Piece]) -> dict[int, Day]:
    """Pieces laid over the days they cover, by the moment a day begins.

    Within a piece the amount grows evenly and is cut to whole millionths at the hours, so that
    the parts of a piece always sum up to it.
    """
    days: dict[int, Day] = {}
    known: dict[int, list[int]] = {}
    for piece in pieces:
        length, cut_before, begin = piece.end - piece.begin, 0, piece.begin
        start = day_start(begin)
        while begin < piece.end:
            if begin >= start + DAY_S:
                start = day_start(begin)
            day = days.get(start)
            if day is None:
                day = days[start] = Day()
                known[start] = [0] * HOURS
            hour = (begin - start) // HOUR_S
            end = min(piece.end, start + (hour + 1) * HOUR_S)
            cut = piece.amount * (end - piece.begin) // length
            part = cut - cut_before
            day.amount += part
            day.covered_s += end - begin
            day.hours[hour] = (day.hours[hour] or 0) + part
            if length <= CLOSE_S:
                known[start][hour] += end - begin
            begin, cut_before = end, cut
    for start, day in days.items():
        seconds = known[start]
        day.hours = [
            amount if seconds[hour] == HOUR_S else None for hour, amount in enumerate(day.hours)
        ]
    return days
