"""行车线索 and 地点名录 as offices keep them: taken in, refused, and twice the same."""

from collections.abc import Mapping
from typing import Any

import pytest
import time_machine

from guanjia.domains.fleet.models import Car, Place, Sighting
from guanjia.domains.fleet.queries import places as book
from guanjia.domains.fleet.registers.sightings import PLACES, SIGHTINGS
from guanjia.domains.fleet.tests import books
from guanjia.domains.fleet.tests.builders import AT, SMALL, City
from guanjia.domains.fleet.tests.watching import know_places, moment
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import importing, listing
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import NotAllowed, Scope

CLUE: dict[str, Any] = {
    "ref": "JC-0519-01",
    "car": "赣H·10001",
    "at": "2020/5/19 20:30",
    "place": "婺源东收费站 ",
    "area": None,
    "source": "收费站",
    "note": None,
}
PLACE: dict[str, Any] = {
    "name": "江湾镇", "area": "婺源县", "aliases": "江湾，江湾景区", "on_the_way": "浮梁县,婺源县",
}  # fmt: skip


def take(
    city: City, register: Register, *rows: Mapping[str, Any], by: str = "car_keeper"
) -> ImportReport:
    with time_machine.travel(AT, tick=False):
        return importing.import_file(
            register=register, path_or_file=books.book(register, rows), actor=city.actor(by), at=AT
        )


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in report.errors]


def test_a_clue_is_taken_in_as_offices_write_it(city: City) -> None:
    know_places()
    report = take(city, SIGHTINGS, CLUE)
    assert (report.errors, report.created) == ((), 1)
    taken = Sighting.objects.get()
    assert (taken.car.plate, taken.at, taken.area, taken.place) == (
        SMALL, moment("2020-05-19T20:30"), "婺源县", "婺源东收费站",
    )  # fmt: skip
    assert taken.told_by == city.person("car_keeper")
    assert Record.objects.filter(verb="fleet.sighting.entered", on_id=taken.pk).exists()


def test_twice_the_same_file_changes_nothing(city: City) -> None:
    know_places()
    take(city, SIGHTINGS, CLUE)
    take(city, PLACES, PLACE)
    clues, listed = take(city, SIGHTINGS, CLUE), take(city, PLACES, PLACE)
    assert (clues.created, clues.updated, clues.unchanged) == (0, 0, 1)
    assert (listed.created, listed.updated, listed.unchanged) == (0, 0, 1)


def test_faults_of_clues_are_named_by_row_and_column(city: City) -> None:
    report = take(
        city,
        SIGHTINGS,
        CLUE,
        {**CLUE, "ref": "JC-2", "car": "赣H99999"},
        {**CLUE, "ref": "JC-3", "at": "2020-05-21 08:00"},
        {**CLUE, "ref": "JC-4", "source": "听说"},
        {**CLUE, "ref": "JC-5", "place": ""},
        CLUE,
    )
    assert set(faults(report)) == {
        (4, "号牌号码", "car_unknown"),
        (5, "时间", "in_the_future"),
        (6, "来源", "choice_unknown"),
        (7, "地点", "required_missing"),
        (8, "线索编号", "ref_duplicate"),
    }
    assert not Sighting.objects.exists(), "a file with a fault writes nothing"


def test_a_place_nobody_knows_is_a_doubt_and_not_a_fault(city: City) -> None:
    report = take(city, SIGHTINGS, {**CLUE, "place": "老李家门口"})
    assert report.errors == ()
    assert [(doubt.column, doubt.code) for doubt in report.doubts] == [("地点", "place_unknown")]
    (unknown,) = listing.all_rows(
        query=listing.read(register=SIGHTINGS, params={"view": "unknown"}),
        scope=Scope.all(),
        at=AT,
    )
    assert unknown.area == ""


def test_a_number_known_from_another_source_is_refused(city: City) -> None:
    take(city, SIGHTINGS, CLUE)
    report = take(city, SIGHTINGS, {**CLUE, "source": "群众反映"})
    assert faults(report) == [(3, "线索编号", "ref_taken")]


def test_places_are_split_tidied_and_looked_up(city: City) -> None:
    report = take(city, PLACES, PLACE)
    assert (report.errors, report.created) == ((), 1)
    place = Place.objects.get()
    assert (place.aliases, place.on_the_way) == ("江湾、江湾景区", "浮梁县、婺源县")
    assert book.area_of("去江湾景区") == "婺源县"
    assert book.area_of("南昌") == ""
    assert book.gazetteer().through("江湾") == {"婺源县", "浮梁县"}


def test_a_name_of_one_letter_would_be_found_everywhere(city: City) -> None:
    report = take(city, PLACES, {**PLACE, "aliases": "江湾、湾"})
    assert faults(report) == [(3, "别名", "name_short")]


@pytest.mark.parametrize("register", [SIGHTINGS, PLACES], ids=lambda register: register.key)
def test_clerks_and_supervisors_take_nothing_in(city: City, register: Register) -> None:
    row = CLUE if register is SIGHTINGS else PLACE
    for who in ("clerk", "supervisor"):
        with pytest.raises(NotAllowed):
            take(city, register, row, by=who)


def test_clues_of_secret_cars_are_not_listed_outside(city: City) -> None:
    take(city, SIGHTINGS, CLUE)
    Car.objects.filter(plate=SMALL).update(secret=True)
    assert not SIGHTINGS.rows(Scope.outside()).exists()
    assert SIGHTINGS.rows(Scope.all()).exists()
    assert not SIGHTINGS.rows(city.actor("clerk").scope("fleet.oversight.see")).exists()
