"""An address is read into a query, and a query into a page of rows."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.registers import listing
from guanjia.kernel.registers.declaration import Filter, Register
from guanjia.kernel.registers.tests.people import AT, PEOPLE, person, tree
from guanjia.kernel.values.actor import Scope

pytestmark = pytest.mark.pg15

EVERYWHERE = Scope.all()


def read(**params: str) -> listing.Query:
    return listing.read(register=PEOPLE, params=params)


def numbers(query: listing.Query, scope: Scope = EVERYWHERE) -> list[str]:
    return [row.number for row in listing.look(query=query, scope=scope, at=AT).rows]


@pytest.fixture
def units(db: None) -> dict[str, Unit]:
    found = tree()
    person("A1", "张三", found["C1"], rank=Rank.BUREAU_HEAD, hired_on=date(2019, 12, 31))
    person("A2", "李四", found["C11"], hired_on=date(2020, 1, 1))
    person("A3", "王五", found["C2"], hired_on=None)
    person("A4", "张飞", found["C2"], rank=Rank.SECTION_HEAD)
    return found


# ── reading ──────────────────────────────────────────────────────────────────────────────


def test_an_empty_address_opens_the_first_view_on_the_page_only() -> None:
    on_page = listing.read(register=PEOPLE, params={}, default_view=True)
    assert on_page.view is not None
    assert on_page.view.key == "heads"
    assert read().view is None


def test_a_register_without_a_plain_view_gets_one_for_everything() -> None:
    assert [view.key for view in listing.views(PEOPLE)] == ["heads", "clerks", "zhang", "all"]


def test_the_values_of_a_view_can_be_overridden_and_cleared() -> None:
    assert read(view="clerks").given == {"rank": "BELOW_SECTION"}
    assert read(view="clerks", rank="SECTION_HEAD").given == {"rank": "SECTION_HEAD"}
    assert read(view="clerks", rank="").given == {}


def test_the_address_is_canonical_and_reads_back_to_itself() -> None:
    query = read(
        view="clerks", rank="", words="张 三", hired_to="2020-02-01", sort="-name", page="3",
        cols="name,number",
    )  # fmt: skip
    address = query.address()
    assert address == (
        "view=clerks&rank=&hired_to=2020-02-01&words=%E5%BC%A0+%E4%B8%89"
        "&sort=-name&cols=number%2Cname&page=3"
    )
    assert read(sort="number", page="1", cols="").address() == ""


@pytest.mark.parametrize(
    ("params", "note"),
    [
        ({"rank": "KING"}, "“职级”中没有“KING”，这个条件没有用上。"),
        ({"hired_from": "去年"}, "“入职日期”写成 2020-05-01 这样的日期，这个条件没有用上。"),
        ({"sort": "title"}, "不能按“title”排序，用的是原来的次序。"),
        ({"view": "nix"}, "没有叫“nix”的视图，显示的是全部。"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_named(params: dict[str, str], note: str) -> None:
    query = read(**params)
    assert query.notes == (note,)
    assert not query.narrows


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "9" * 40, "²", "1.5"])
def test_a_page_number_that_is_none_shows_the_first(text: str) -> None:
    assert read(page=text).page == 1


def test_rows_per_page_and_ticked_rows_are_bounded() -> None:
    assert read(per_page="100000").per_page == 200
    ids = ",".join(str(n) for n in range(1, 1000)) + ",x"
    assert len(read(ids=ids).picked) == 500


# ── rows ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, ["A1", "A2", "A3", "A4"]),
        ({"view": "heads"}, ["A1"]),
        ({"view": "zhang"}, ["A1", "A4"]),
        ({"view": "zhang", "rank": "SECTION_HEAD"}, ["A4"]),
        ({"rank": "SECTION_HEAD,BUREAU_HEAD"}, ["A1", "A4"]),
        ({"hired_from": "2020-01-01"}, ["A2", "A4"]),
        ({"hired_to": "2020-01-01"}, ["A1", "A2"]),
        ({"hired_to": "2199-12-31"}, ["A1", "A2", "A4"]),
        ({"hired_to": "0202-05-01"}, ["A1", "A2", "A3", "A4"]),
        ({"unit": "C1"}, ["A1", "A2"]),
        ({"unit": "C"}, ["A1", "A2", "A3", "A4"]),
        ({"unit": "nowhere"}, []),
        ({"words": "张"}, ["A1", "A4"]),
        ({"words": "a3"}, ["A3"]),
        ({"words": "%"}, []),
        ({"sort": "-hired_on"}, ["A4", "A2", "A1", "A3"]),
        ({"sort": "hired_on"}, ["A1", "A2", "A4", "A3"]),
        ({"page": "999", "per_page": "3"}, ["A4"]),
    ],
)
def test_the_list_shows_what_the_address_says(
    units: dict[str, Unit],
    params: dict[str, str],
    found: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert numbers(read(**params)) == found
    monkeypatch.setattr(listing, "FEW", 0)  # as of many rows
    assert numbers(read(**params)) == found


def test_ticked_rows_stay_inside_the_scope(units: dict[str, Unit]) -> None:
    ids = ",".join(str(pk) for pk in Person.objects.values_list("pk", flat=True))
    inside = Scope(paths=("/C/C1/",))
    assert numbers(read(ids=ids), inside) == ["A1", "A2"]


def test_counts_and_totals_cover_all_rows_of_the_query(units: dict[str, Unit]) -> None:
    page = listing.look(query=read(per_page="1", page="2"), scope=EVERYWHERE, at=AT)
    assert (page.count, page.pages, page.first, page.last) == (4, 4, 2, 2)
    assert page.totals == {"people": 4}
    assert page.view_counts == {"heads": 1, "clerks": 2}


def test_views_are_counted_inside_the_scope_and_without_the_filter(
    units: dict[str, Unit],
) -> None:
    page = listing.look(query=read(words="王"), scope=Scope(paths=("/C/C2/",)), at=AT)
    assert page.count == 1
    assert page.view_counts == {"heads": 0, "clerks": 1}


@pytest.mark.parametrize("params", [{}, {"view": "heads"}, {"rank": "BELOW_SECTION"}])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    units: dict[str, Unit], params: dict[str, str]
) -> None:
    counts = []
    for more in (0, 30):
        for n in range(more):
            person(f"B{n}", "赵六", units["C1"])
        with CaptureQueriesContext(connection) as queries:
            page = listing.look(query=read(**params), scope=EVERYWHERE, at=AT)
            for row in page.rows:
                list(listing.cells(columns=PEOPLE.columns, row=row, reveal=False))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_an_empty_list_has_one_empty_page(db: None) -> None:
    page = listing.look(query=read(page="7"), scope=EVERYWHERE, at=AT)
    assert (page.count, page.pages, page.first, page.last, page.query.page) == (0, 1, 0, 0, 1)


def test_export_walks_the_same_rows_as_the_pages(units: dict[str, Unit]) -> None:
    query = read(words="张", sort="-name")
    rows = listing.all_rows(query=query, scope=EVERYWHERE, at=AT)
    assert [row.number for row in rows] == numbers(query)


# ── cells and words ──────────────────────────────────────────────────────────────────────


def test_sensitive_cells_are_masked_unless_revealed(units: dict[str, Unit]) -> None:
    row = Person.objects.get(number="A1")
    columns = [PEOPLE.column("mobile"), PEOPLE.column("rank"), PEOPLE.column("title")]
    assert list(listing.cells(columns=columns, row=row, reveal=False)) == [
        "158****2391", "正局(处)级", None,
    ]  # fmt: skip
    assert next(listing.cells(columns=columns, row=row, reveal=True)) == "15812342391"


def test_conditions_are_said_in_words(units: dict[str, Unit]) -> None:
    query = read(view="heads", hired_from="2020-01-01", hired_to="2020-05-20", unit="C1")
    said = "正处级，入职日期 2020-01-01 至 05-20，单位 市统计局及下级"
    assert query.condition_line(Scope.all()) == said


# ── a ledger as of a day, and choices that the database knows ─────────────────────────────


def dated() -> tuple[Register, list[Any]]:
    """The people's register as one that is read as of a day, and the days it was asked for."""
    asked: list[Any] = []

    def rows_on(scope: Scope, day: date) -> Any:
        asked.append(day)
        return PEOPLE.rows(scope).filter(hired_on__lte=day)

    def ranked(scope: Scope) -> list[tuple[int, str]]:
        return [(unit.pk, unit.name) for unit in Unit.objects.within(scope).order_by("pk")]

    filters = [
        *PEOPLE.filters,
        Filter(name="on", title="截至", kind="day"),
        Filter(name="home", title="科室", kind="pick", path="unit_id", options=ranked),
    ]
    return replace(PEOPLE, rows_on=rows_on, filters=filters), asked


def test_a_dated_register_is_read_as_of_the_day_asked_for_else_today(
    units: dict[str, Unit],
) -> None:
    register, asked = dated()
    query = listing.read(register=register, params={"view": "all", "on": "2019-12-31"})
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    assert asked == [date(2019, 12, 31)]
    assert page.count == PEOPLE.rows(Scope.all()).filter(hired_on__lte=date(2019, 12, 31)).count()
    assert query.condition_line(Scope.all()) == "截至 2019-12-31"
    assert query.address() == "view=all&on=2019-12-31"
    listing.look(query=listing.read(register=register, params={}), scope=Scope.all(), at=AT)
    assert asked[1] == date(2020, 5, 20)  # today in Shanghai
    rows = listing.all_rows(query=query, scope=Scope.all(), at=AT)
    assert rows.count() == page.count
    assert asked[2] == date(2019, 12, 31)


def test_a_day_that_cannot_be_read_is_named_and_today_is_shown() -> None:
    register, _ = dated()
    query = listing.read(register=register, params={"on": "去年"})
    assert query.notes == ("“截至”写成 2020-05-01 这样的日期，这个条件没有用上。",)
    assert not query.given


def test_a_pick_compares_a_number_the_database_knows(units: dict[str, Unit]) -> None:
    register, _ = dated()
    unit = PEOPLE.rows(Scope.all())[0].unit
    query = listing.read(register=register, params={"view": "all", "home": str(unit.pk)})
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    assert {row.unit for row in page.rows} == {unit}
    assert query.condition_line(Scope.all()) == f"科室 {unit.name}"
    others = Scope(unit_ids=(Unit.objects.exclude(pk=unit.pk).latest("pk").pk,))
    assert query.condition_line(others) == f"科室 {unit.pk}", "beyond the scope it has no name"
    by_code = listing.read(register=register, params={"view": "all", "unit": unit.code})
    assert by_code.condition_line(others) == f"单位 {unit.code}"
    for text in ("9" * 30, "-1"):
        other = listing.read(register=register, params={"view": "all", "home": text})
        assert listing.look(query=other, scope=Scope.all(), at=AT).count == 0
    odd = listing.read(register=register, params={"home": "1 or 1"})
    assert odd.notes == ("“科室”中没有“1 or 1”，这个条件没有用上。",)
