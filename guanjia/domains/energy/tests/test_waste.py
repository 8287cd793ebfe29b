"""Sorted waste: places, what was carried away, and how it counts in assessments."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from guanjia.domains.energy.actions import schemes, waste
from guanjia.domains.energy.models import Assessment, Score, WastePoint, WasteRemoval
from guanjia.domains.energy.queries import facts
from guanjia.domains.energy.registers.waste import POINTS, REMOVALS
from guanjia.domains.energy.terms.assessment import Fact
from guanjia.domains.energy.terms.waste import WasteKind
from guanjia.domains.energy.tests.books import book, counts, faults, take
from guanjia.domains.energy.tests.browsing import post, seen
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.actor import NotAllowed

pytestmark = pytest.mark.django_db


def removal(city: City, whose: str = "school", **cells: Any) -> dict[str, Any]:
    one = city.institution(whose)
    return {
        "code": one.code, "name": one.name, "on": "2020-05-08", "kind": "厨余垃圾",
        "weight_kg": "1,086.5", "carrier": "市环卫处", **cells,
    }  # fmt: skip


def point(city: City, **cells: Any) -> dict[str, Any]:
    one = city.institution("school")
    return {
        "code": one.code, "name": one.name, "place": "东门岗亭旁",
        "kinds": "其他垃圾，可回收物", "since": "2020-01-01", "until": None, **cells,
    }  # fmt: skip


def carried(city: City, *rows: dict[str, Any], by: str = "keeper") -> Any:
    return take(city, book(REMOVALS, rows), into=REMOVALS, by=by)


def test_what_was_carried_away_comes_in_once(city: City) -> None:
    other = removal(city, kind="其他垃圾", weight_kg=20)
    assert counts(carried(city, removal(city), other)) == (2, 0, 0)
    assert counts(carried(city, removal(city), other)) == (0, 0, 2)
    assert counts(carried(city, removal(city, weight_kg=90))) == (0, 1, 0)
    told = WasteRemoval.objects.get(kind=WasteKind.KITCHEN)
    assert (told.on, told.weight_kg) == (date(2020, 5, 8), Decimal(90))
    assert Record.objects.filter(verb="energy.waste.told").count() == 3


@pytest.mark.parametrize(
    ("cells", "column", "fault"),
    [
        ({"kind": "湿垃圾"}, "类别", "choice_unknown"),
        ({"weight_kg": 0}, "重量(kg)", "value_too_small"),
        ({"weight_kg": 100_001}, "重量(kg)", "value_too_large"),
        ({"on": "2020-08-21"}, "清运日期", "in_the_future"),
        ({"carrier": ""}, "清运单位", "required_missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    city: City, cells: dict[str, Any], column: str, fault: str
) -> None:
    assert faults(carried(city, removal(city, **cells))) == [(3, column, fault)]


def test_clerks_tell_of_their_own(city: City) -> None:
    assert counts(carried(city, removal(city), by="clerk")) == (1, 0, 0)
    report = carried(city, removal(city, "office"), by="clerk")
    assert faults(report) == [(3, "统一社会信用代码", "outside")]
    with pytest.raises(NotAllowed):
        waste.enter_removals(actor=city.actor("leader"), rows=[], at=AT)
    assert "乐平市第一中学" in seen(city, "clerk", "waste_list")
    assert "乐平市第一中学" not in seen(city, "stranger", "waste_list")


def test_places_say_what_they_take(city: City) -> None:
    assert counts(take(city, book(POINTS, [point(city)]), into=POINTS)) == (1, 0, 0)
    assert counts(take(city, book(POINTS, [point(city)]), into=POINTS)) == (0, 0, 1)
    assert WastePoint.objects.get().kinds == [WasteKind.RECYCLABLE, WasteKind.OTHER]
    report = take(city, book(POINTS, [point(city, kinds="纸")]), into=POINTS)
    assert faults(report) == [(3, "收哪几类", "choice_unknown")]
    report = take(city, book(POINTS, [point(city, until="2019-12-31")]), into=POINTS)
    assert faults(report) == [(3, "停用日期", "ends_before")]


def test_a_place_is_typed_on_a_phone(city: City) -> None:
    name = city.institution("school").name
    given = {"name": name, "code": "", "place": "食堂后门", "kinds": "厨余垃圾",
             "since": "2020-08-01", "until": ""}  # fmt: skip
    assert post(city, "clerk", "waste_points_new", **given).status_code == 302
    assert "食堂后门" in seen(city, "clerk", "waste_points_list")


def test_the_database_forbids_waste_without_weight(city: City) -> None:
    carried(city, removal(city))
    for change in ({"weight_kg": 0}, {"weight_kg": -1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            WasteRemoval.objects.update(**change)


def test_it_counts_in_the_assessment_the_day_it_is_told(city: City) -> None:
    school = city.institution("school").pk
    assert facts.of_year([school], year=2020, today=TODAY)[school][Fact.WASTE_MONTHS] == 0
    table = schemes.tables()["online"]
    scheme = schemes.plan_scheme(actor=SYSTEM, table=table, year=2020, at=AT)
    schemes.open_scheme(
        actor=SYSTEM, scheme_id=scheme.pk, at=AT, self_until=TODAY + DAY, appeal_until=TODAY + DAY
    )
    months = [removal(city, on=f"2020-{n:02}-05") for n in range(1, 8)]
    carried(city, *months, removal(city, on="2020-08-05", kind="其他垃圾", weight_kg="7605.5"))
    found = facts.of_year([school], year=2020, today=TODAY)[school]
    assert found[Fact.WASTE_MONTHS] == 1, "August is not over"
    assert found[Fact.WASTE_SORTED] == Decimal("0.5")
    score = Score.objects.get(
        assessment=Assessment.objects.get(institution=school), indicator__number="3.5"
    )
    assert (score.fact, score.points) == (1, 4)


def test_the_institution_shows_the_year_by_kind(city: City) -> None:
    carried(city, removal(city), removal(city, on="2020-06-08", weight_kg="13.5"))
    page = seen(city, "clerk", "institution", city.institution("school").pk, year="2020")
    assert "垃圾清运" in page
    assert "1,100.0" in page
