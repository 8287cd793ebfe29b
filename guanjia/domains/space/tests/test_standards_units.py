"""What a unit may have (核定面积): its establishment by rank, entered or reckoned, on any day."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from guanjia.domains.space.actions import establishments, timelines
from guanjia.domains.space.models import Establishment
from guanjia.domains.space.queries import standards
from guanjia.domains.space.registers.establishments import ESTABLISHMENTS
from guanjia.domains.space.terms.ledger import Basis as By
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.standards import Basis, UnitStanding
from guanjia.domains.space.tests import books
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature, Rank
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import NotAllowed, Scope

pytestmark = pytest.mark.pg15

REFORM = date(2020, 1, 1)


def told(city: City, *numbers: tuple[Rank, int], since: date = SINCE, **facts: Any) -> Any:
    rows = [
        {"unit": city.units["farming"], "rank": rank, "number": number, "since": since, **facts}
        for rank, number in numbers
    ]
    return establishments.enter_establishments(actor=city.actor("keeper"), rows=rows, at=AT)


def of(city: City, who: str = "farming", day: date = TODAY) -> UnitStanding:
    found = standards.standing(unit_id=city.units[who].pk, day=day)
    assert found is not None
    return found


EXAMPLE = ((Rank.BUREAU_HEAD, 1), (Rank.BUREAU_DEPUTY, 3), (Rank.BELOW_BUREAU, 146))


def test_the_worked_example_as_a_unit(city: City) -> None:
    assert told(city, *EXAMPLE) == (3, 0, 0)
    found = of(city)
    assert found.approved.facts.basis is Basis.ENTERED
    assert [part.m2 for part in found.approved.basic] == [1392, 1200, Decimal("233.28")]
    assert found.approved.total_m2 == Decimal("2825.28")
    assert found.held == {RoomKind.OFFICE: 62, RoomKind.SERVICE: 60}
    assert found.rooms == {RoomKind.OFFICE: 3, RoomKind.SERVICE: 1}
    assert found.held_m2 == 122
    assert found.over_m2 == Decimal("-2703.28")
    assert not found.is_over
    assert standards.entitlement(unit_id=city.units["farming"].pk, day=TODAY) == {
        RoomKind.OFFICE: 1392, RoomKind.SERVICE: 1200, RoomKind.EQUIPMENT: Decimal("233.28"),
    }  # fmt: skip


def test_without_an_establishment_the_ranks_of_the_people_are_taken(city: City) -> None:
    facts = of(city).approved.facts
    assert facts.basis is Basis.DERIVED
    # 1 head, 1 deputy serve; the headcount of 10 is filled up with the lowest rank
    assert facts.ranks == {Rank.BUREAU_HEAD: 1, Rank.BUREAU_DEPUTY: 1, Rank.BELOW_BUREAU: 8}
    section = standards.standing(unit_id=city.units["section"].pk, day=TODAY)
    assert section is not None
    assert section.approved.facts == facts, "a section is answered for by its unit"


def test_numbers_hold_from_their_day_on(city: City) -> None:
    told(city, *EXAMPLE)
    assert told(city, (Rank.BUREAU_DEPUTY, 2), since=REFORM) == (1, 0, 0)
    assert of(city, day=REFORM - timedelta(days=1)).approved.facts.ranks[Rank.BUREAU_DEPUTY] == 3
    assert of(city, day=REFORM).approved.office.m2 == 1392 - 18
    assert told(city, (Rank.BUREAU_DEPUTY, 4), since=REFORM) == (0, 1, 0), "a correction"
    assert told(city, (Rank.BUREAU_DEPUTY, 4), since=REFORM) == (0, 0, 1), "nothing new"
    assert of(city, day=REFORM).approved.facts.ranks[Rank.BUREAU_DEPUTY] == 4
    assert told(city, (Rank.BUREAU_DEPUTY, 0), since=TODAY) == (1, 0, 0)
    assert Rank.BUREAU_DEPUTY not in of(city).approved.facts.ranks
    rows = Record.objects.filter(verb="space.establishment.entered")
    assert rows.count() == 6
    assert of(city, day=SINCE - timedelta(days=1)).approved.facts.basis is Basis.DERIVED


def test_a_number_of_an_earlier_day_ends_where_the_next_begins(city: City) -> None:
    told(city, (Rank.BUREAU_HEAD, 2), since=REFORM)
    told(city, (Rank.BUREAU_HEAD, 1), since=SINCE)
    line = Establishment.objects.filter(rank=Rank.BUREAU_HEAD).order_by("during")
    assert [(row.number, row.during.lower, row.during.upper) for row in line] == [
        (1, SINCE, REFORM), (2, REFORM, None),
    ]  # fmt: skip


def test_the_database_keeps_one_number_at_a_time(city: City) -> None:
    told(city, (Rank.BUREAU_HEAD, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Establishment.objects.create(
            unit=city.units["farming"], rank=Rank.BUREAU_HEAD, number=2,
            during=DateRange(REFORM, None),
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Establishment.objects.create(
            unit=city.units["farming"], rank=Rank.BUREAU_DEPUTY, number=2,
            during=DateRange(None, REFORM),
        )  # fmt: skip


def test_who_enters_establishments(city: City) -> None:
    for who in ("clerk", "chief", "inspector", "supervisor", "decider"):
        with pytest.raises(NotAllowed):
            establishments.enter_establishments(actor=city.actor(who), rows=[], at=AT)


# ── which units, and whose rooms ─────────────────────────────────────────────────────────


def names(scope: Scope, day: date = TODAY) -> set[str]:
    return {each.approved.facts.name for each in standards.standings(day=day, scope=scope)}


def test_areas_and_enterprises_are_not_for_the_standard(city: City) -> None:
    everyone = names(Scope.all())
    assert everyone == {"市机关事务管理局", "市农业农村局", "市教育局"}
    Unit.objects.filter(pk=city.units["other"].pk).update(nature=Nature.ENTERPRISE)
    assert names(Scope.all()) == everyone - {"市教育局"}
    assert standards.standing(unit_id=city.units["other"].pk, day=TODAY) is None
    Unit.objects.filter(pk=city.units["other"].pk).update(nature=Nature.INSTITUTION)
    assert of(city, "other").approved.facts.stands_for == "事业单位参照党政机关核定"


def test_a_dissolved_unit_stands_while_it_holds_rooms(city: City) -> None:
    Unit.objects.filter(pk=city.units["other"].pk).update(closed_on=TODAY)
    assert "市教育局" in names(Scope.all())
    timelines.release(room=city.room("203"), on=TODAY)
    assert "市教育局" not in names(Scope.all())
    assert "市教育局" in names(Scope.all(), TODAY - timedelta(days=1))


def test_a_unit_sees_itself_only(city: City) -> None:
    for who, name in (("clerk", "市农业农村局"), ("stranger_chief", "市教育局")):
        assert names(city.actor(who).scope(standards.SEE)) == {name}
    assert standards.sees_unit(city.actor("clerk"), city.units["farming"].pk)
    assert not standards.sees_unit(city.actor("clerk"), city.units["other"].pk)
    mine = standards.judge_city(day=TODAY, scope=city.actor("clerk").scope(standards.SEE))
    assert {verdict.name for verdict in mine} == {f"常委楼 {number}" for number in range(101, 105)}
    assert len(standards.judge_city(day=TODAY, scope=Scope.all())) == 10


def test_what_sections_hold_is_their_units(city: City) -> None:
    timelines.hold(room=city.room("202"), unit=city.units["section"], since=TODAY, basis=By.LEDGER)
    assert of(city).held[RoomKind.OFFICE] == 62 + 18
    assert of(city, day=TODAY - timedelta(days=1)).held[RoomKind.OFFICE] == 62


def test_the_rooms_of_a_unit_that_are_over_the_worst_first(city: City) -> None:
    worst = standards.over_rooms(unit_id=city.units["farming"].pk, day=TODAY)
    assert [(one.name, one.over_m2) for one in worst] == [("常委楼 102", 2)]
    assert standards.over_rooms(unit_id=city.units["bureau"].pk, day=TODAY) == []


def test_the_statements_do_not_grow_with_the_units(city: City) -> None:
    with CaptureQueriesContext(connection) as few:
        standards.standings(day=TODAY, scope=Scope.all())
    for n in range(20):
        org.unit(f"3602D9{n:02d}", city.units["city"])
    with CaptureQueriesContext(connection) as many:
        assert len(standards.standings(day=TODAY, scope=Scope.all())) == 23
    assert len(many) == len(few)


# ── the register ─────────────────────────────────────────────────────────────────────────

ROW: dict[str, Any] = {
    "unit": "3602D036", "rank": "正局(处)级", "number": "1 人", "since": "2019年3月1日",
    "document": "景编〔2019〕12号",
}  # fmt: skip


def take(city: City, *rows: Mapping[str, Any], by: str = "keeper") -> ImportReport:
    with time_machine.travel(AT, tick=False):
        return books.take(city, ESTABLISHMENTS, *rows, by=by)


def test_a_ledger_of_numbers_is_taken_in_twice_the_same(city: City) -> None:
    deputies = {**ROW, "rank": "副局(处)级", "number": 3, "document": None}
    first = take(city, ROW, deputies)
    assert (first.errors, first.created) == ((), 2)
    assert [doubt.code for doubt in first.doubts] == ["document_missing"]
    again = take(city, ROW, deputies)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    taken = Establishment.objects.get(rank=Rank.BUREAU_HEAD)
    assert (taken.number, taken.during.lower, taken.document) == (
        1, date(2019, 3, 1), "景编〔2019〕12号",
    )  # fmt: skip
    scope = city.actor("clerk").scope(standards.SEE)
    assert ESTABLISHMENTS.rows(scope).count() == 2
    assert ESTABLISHMENTS.rows(city.actor("stranger").scope(standards.SEE)).count() == 0


@pytest.mark.parametrize(
    ("facts", "column", "code"),
    [
        ({"unit": "3602D999"}, "单位编码", "unit_unknown"),
        ({"rank": "正县级"}, "职级", "choice_unknown"),
        ({"number": "-1"}, "编制数", "value_too_small"),
        ({"number": "很多"}, "编制数", "number_unreadable"),
        ({"since": "2022-01-01"}, "起始日期", "too_far"),
        ({"since": None}, "起始日期", "required_missing"),
    ],
)
def test_what_cannot_be_read_is_told_by_row_and_column(
    city: City, facts: dict[str, Any], column: str, code: str
) -> None:
    report = take(city, {**ROW, **facts})
    assert [(fault.column, fault.code) for fault in report.errors] == [(column, code)]
    assert not Establishment.objects.exists()


def test_the_same_number_twice_in_a_file_is_refused(city: City) -> None:
    report = take(city, ROW, {**ROW, "number": 2})
    assert {fault.code for fault in report.errors} == {"establishment_duplicate"}


def test_a_unit_takes_no_numbers_in(city: City) -> None:
    with pytest.raises(NotAllowed):
        take(city, ROW, by="clerk")
    assert not Establishment.objects.exists()
