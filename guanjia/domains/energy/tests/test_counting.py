"""From registers to consumption, without a database: what counts, and what does not."""

import os
import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from guanjia.domains.energy.rules import counting
from guanjia.domains.energy.rules.counting import DAY_S, HOUR_S, Base, Point, Start, Walked

QUARTER = HOUR_S // 4
AT = 1_593_532_800  # 2020-07-01, midnight in China
MOST = 5_000_000_000  # five thousand units an hour
SCALE, FACTOR = 1_000, 1_000


def base(value: float, *, digits: int | None, at: int = AT) -> Base:
    """The last good reading of a meter that multiplies by nothing."""
    return Base(at, round(value * SCALE), FACTOR, 0 if digits is None else 10**digits * SCALE)


def point(at: int, value: float, *, by_eye: bool = False) -> Point:
    return Point(at, round(value * SCALE), by_eye)


def counted(walked: Walked) -> float:
    """What was counted, in units."""
    return sum(piece.amount for piece in walked.pieces) / (SCALE * FACTOR)


# ── a register that shows less than before ───────────────────────────────────────────────


def test_a_device_that_was_changed_in_silence_did_not_go_all_the_way_round() -> None:
    """However long nothing counts: nobody passes half a register because time went by."""
    new = [point(AT + QUARTER * n, n * 0.1) for n in range(1, 4 * 24 * 60)]
    done = counting.walk(base(45_000, digits=5), new, [], MOST)
    assert counted(done) == 0
    assert done.backwards == len(new)


def test_a_reading_taken_by_eye_a_month_later_did_not_go_all_the_way_round() -> None:
    off = [point(AT + 30 * DAY_S, 12_045, by_eye=True)]
    done = counting.walk(base(12_045.6, digits=6), off, [], MOST)
    assert counted(done) == 0
    assert (done.backwards, done.jumped) == (0, 0)


def test_a_reading_taken_by_eye_a_little_low_says_that_it_was_read() -> None:
    """Nothing was used over the weekend: the month is read to its end, and not to less."""
    off = [point(AT + 2 * DAY_S, 100, by_eye=True), point(AT + 3 * DAY_S, 101.6)]
    done = counting.walk(base(100.6, digits=None), off, [], MOST)
    assert [(each.end - AT, each.amount) for each in done.pieces] == [
        (2 * DAY_S, 0),
        (3 * DAY_S, 1_000_000),
    ]
    assert done.good == 2


def test_a_full_register_begins_again() -> None:
    done = counting.walk(base(99_990, digits=5), [point(AT + QUARTER, 15)], [], MOST)
    assert counted(done) == 25
    assert (done.good, done.backwards) == (1, 0)


def test_a_full_register_cannot_have_passed_more_than_the_meter_can() -> None:
    done = counting.walk(base(99_990, digits=5), [point(AT + QUARTER, 6_000)], [], MOST)
    assert (counted(done), done.backwards) == (0, 1)


def test_a_register_beyond_its_digits_does_not_count_below_nothing() -> None:
    done = counting.walk(base(150_000, digits=5), [point(AT + DAY_S, 20)], [], MOST)
    assert (counted(done), done.backwards) == (0, 1)


# ── a change of the device ───────────────────────────────────────────────────────────────


def changed(last: float, ended: float, *, digits: int | None) -> Walked:
    """A device that sent ``last`` is read off at ``ended`` a quarter of an hour later."""
    start = Start(AT + QUARTER, round(ended * SCALE), 0, FACTOR, 0)
    return counting.walk(base(last, digits=digits), [], [start], MOST)


def test_an_old_device_is_read_off_a_little_below_what_it_sent() -> None:
    for digits in (None, 6):
        done = changed(130.6, 130, digits=digits)
        assert (done.backwards, done.jumped, counted(done)) == (0, 0, 0)
        assert [(each.begin, each.end) for each in done.pieces] == [(AT, AT + QUARTER)], "no hole"


def test_an_old_device_may_have_passed_its_end() -> None:
    assert counted(changed(999_999, 2, digits=6)) == 3


def test_an_old_device_that_ended_below_is_told() -> None:
    for digits in (None, 6):
        done = changed(130.6, 90, digits=digits)
        assert (done.backwards, done.jumped, done.pieces) == (1, 0, [])


# ── what was really consumed ─────────────────────────────────────────────────────────────


@dataclass
class Consumed:
    """Some weeks of a place that consumes, with the registers of its devices as they were sent.

    ``truth``: what had been consumed up to each moment that anything is told of. Whoever reads off
    by eye cuts off behind the point: so much may be wrong (``loose``). ``wrong``: something that
    was sent is not what was shown, or a change was not told.
    """

    chance: random.Random
    at: int = AT
    consumed: int = 0
    shown: int = 0  # of the device, without an end
    factor: int = FACTOR
    span: int = 0
    loose: int = 0
    wrong: bool = False
    points: list[Point] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    truth: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._hang(begins=None)
        changes = self.chance.choice([0, 0, 1, 2])
        for place in range(changes + 1):
            for _ in range(self.chance.randint(0, 40)):
                self._go_on()
                self._tell()
            if place < changes:
                self._go_on()
                self._change()

    def _hang(self, *, begins: int | None) -> None:
        """A device: used or new, with an end or without one, near it or not."""
        chance, ended = self.chance, begins
        self.span = chance.choice([0, 10**5, 10**6]) * SCALE
        self.shown = chance.choice([0, 12_345_678, self.span - chance.randint(1, 500_000)])
        self.shown = max(self.shown, 0)
        self.factor = chance.choice([1, 1, 40]) * FACTOR
        self._start(ended)

    def _start(self, ended: int | None) -> None:
        began = self.shown
        if ended is not None and self.chance.random() < 0.5:
            began -= began % SCALE
            self.loose += SCALE * self.factor
        self.starts.append(Start(self.at, ended, began, self.factor, self.span))
        self.truth[self.at] = self.consumed

    def _go_on(self) -> None:
        """Time goes by, and some of what the meter can pass goes through."""
        seconds = self.chance.choice([900, 900, 900, HOUR_S, DAY_S, 5 * DAY_S])
        self.at += seconds
        could = min(MOST * seconds // HOUR_S // self.factor * 9 // 10, 400_000)
        gained = self.chance.choice([0, self.chance.randint(0, could), could])
        self.shown += gained
        self.consumed += gained * self.factor

    @property
    def register(self) -> int:
        """What the device shows."""
        return self.shown % self.span if self.span else self.shown

    def _tell(self) -> None:
        self.truth[self.at] = self.consumed
        kind = self.chance.choices(
            ["sent", "lost", "by eye", "far above", "below"], [80, 10, 10, 4, 4]
        )[0]
        if kind == "lost":
            return
        told, by_eye = self.register, kind == "by eye"
        if by_eye:
            told -= told % SCALE
        if kind == "far above":
            told, self.wrong = told + 10**12, True  # more than it passes in all these weeks
        if kind == "below":
            told, self.wrong = max(told - self.chance.randint(1, 40_000_000), 0), True
        self.points.append(Point(self.at, told, by_eye))

    def _change(self) -> None:
        """Another device, told as it was, read off by eye, or (the same kind, new) not told."""
        middle = self.span == 0 or self.register < self.span * 8 // 10
        if middle and self.chance.random() < 0.3:
            self.shown, self.wrong = 0, True
            self.truth[self.at] = self.consumed
            return
        ended = self.register
        if self.chance.random() < 0.5:
            ended -= ended % SCALE
            self.loose += SCALE * self.factor
        self._hang(begins=ended)


@settings(max_examples=int(os.environ.get("GUANJIA_METERS_LIVES", "25")) * 12, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_more_is_counted_than_was_consumed_and_no_less_where_nothing_is_wrong(seed: int) -> None:
    life = Consumed(random.Random(seed))
    done = counting.walk(None, life.points, life.starts, MOST)
    total, reached, eye = 0, AT, SCALE * 40 * FACTOR
    for piece in done.pieces:
        assert reached <= piece.begin < piece.end
        assert piece.amount >= 0
        total, reached = total + piece.amount, piece.end
        assert total <= life.truth[reached] + life.loose
        if not life.wrong:
            assert total >= life.truth[reached] - life.loose - eye, "one reading by eye at the end"
    days = counting.spread(done.pieces)
    assert sum(day.amount for day in days.values()) == total
    assert sum(day.covered_s for day in days.values()) == sum(p.end - p.begin for p in done.pieces)
    if not life.wrong:
        assert (done.backwards, done.jumped) == (0, 0)
