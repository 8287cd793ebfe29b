"""From registers to consumption, without a database: what counts, and what does not."""

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
