"""The axis of a day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from guanjia.ui import timeline

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2020, 5, 20)


def at(hour: int, minute: int = 0, day: int = 20) -> datetime:
    return datetime(2020, 5, day, hour, minute, tzinfo=ZONE)


def axis(*spans: tuple[datetime, datetime]) -> timeline.Axis:
    return timeline.axis_of(day=DAY, zone=ZONE, first=6, last=20, spans=spans)


def test_an_ordinary_day_runs_from_six_to_eight() -> None:
    plain = axis((at(8), at(17, 30)))
    assert plain.hours == 14
    assert [tick.text for tick in plain.ticks][:2] == ["6:00", "7:00"]
    assert plain.point(at(13)) == "50.00%"
    assert plain.place(at(14), at(17, 30)) == timeline.Place("57.14%", "25.00%")


def test_early_and_late_journeys_widen_it_by_whole_hours() -> None:
    wide = axis((at(4, 40), at(7)), (at(19), at(21, 10)))
    assert (wide.begin, wide.end) == (at(4), at(22))
    assert wide.hours == 18
    assert [tick.text for tick in wide.ticks][:2] == ["4:00", "6:00"], "labels must not touch"


def test_what_goes_on_overnight_is_cut_and_widens_nothing() -> None:
    plain = axis((at(9, day=19), at(11, day=21)))
    assert plain.hours == 14
    place = plain.place(at(9, day=19), at(11, day=21))
    assert place == timeline.Place("0.00%", "100.00%", cut=True)


def test_what_lies_outside_is_not_drawn() -> None:
    assert axis().place(at(4), at(6)) is None
    assert axis().point(at(21)) == ""
    assert axis().past(at(5)) == "0.00%"
    assert axis().past(at(23)) == "100.00%"


def test_the_shortest_stretch_can_still_be_seen() -> None:
    place = axis().place(at(19, 59), at(20))
    assert place is not None
    assert place.width == "0.60%"
    assert place.left == "99.40%"
