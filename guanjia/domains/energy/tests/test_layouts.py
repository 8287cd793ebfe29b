"""The same returns laid out in every way that offices do come to the same rows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from guanjia.domains.energy.models import Consumption
from guanjia.domains.energy.registers import layout_totals, layouts
from guanjia.domains.energy.terms.energies import SOURCES, USUAL, Energy, Measure
from guanjia.domains.energy.tests.books import counts, faults, sheet, take
from guanjia.domains.energy.tests.builders import City
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.regulations.lawbook import law_at

MONTHS = ("2020-01", "2020-02", "2020-03")
TOLD = (Energy.ELECTRICITY, Energy.WATER, Energy.GAS)
Row = tuple[str, str, str, dict[Energy, tuple[Any, Any]]]


def rows(city: City) -> list[Row]:
    """Two institutions, three months each."""
    found = []
    for place, name in enumerate(("school", "clinic"), start=1):
        one = city.institution(name)
        for number, month in enumerate(MONTHS, start=1):
            used = {
                Energy.ELECTRICITY: (1000 * place + number, 620 * place),
                Energy.WATER: (100 * place + number, "285.5"),
                Energy.GAS: (0, 0),
            }
            found.append((one.code, one.name, month, used))
    return found


def usual(told: Sequence[Row]) -> bytes:
    """The register's own layout."""
    heads = ["统一社会信用代码", "机构名称", "月份"]
    for energy in USUAL:
        heads += [SOURCES[energy].amount_title, SOURCES[energy].cost_title]
    body = [
        [code, name, month, *(v for e in USUAL for v in used.get(e, (None, None)))]
        for code, name, month, used in told
    ]
    return sheet([heads], body)


def a_line_for_each_source(told: Sequence[Row]) -> bytes:
    heads = ["信用代码", "单位名称", "月份", "能源品种", "单位", "消费量", "费用(元)"]
    body = [
        [code, name, month, energy.label, SOURCES[energy].unit, *pair]
        for code, name, month, used in told
        for energy, pair in used.items()
    ]
    return sheet([heads], body)


def months_side_by_side(told: Sequence[Row]) -> bytes:
    heads: list[Any] = ["统一社会信用代码", "机构名称"]
    for month in MONTHS:
        year, number = month.split("-")
        for energy in TOLD:
            heads.append(f"{year}年{int(number)}月{SOURCES[energy].amount_title}")
            heads.append(f"{year}年{int(number)}月{SOURCES[energy].cost_title}")
    return sheet([heads], _by_institution(told))


def two_rows_of_heads(told: Sequence[Row]) -> bytes:
    """Months above, sources below; the year stands in the heading alone."""
    upper: list[Any] = ["统一社会信用代码", "机构名称"]
    lower: list[Any] = [None, None]
    for month in MONTHS:
        upper += [f"{int(month[5:])}月", *[None] * (2 * len(TOLD) - 1)]
        for energy in TOLD:
            lower += [SOURCES[energy].amount_title, SOURCES[energy].cost_title]
    span = 2 * len(TOLD)
    merges = [
        f"{get_column_letter(3 + span * n)}2:{get_column_letter(2 + span * (n + 1))}2"
        for n in range(len(MONTHS))
    ]
    return sheet([upper, lower], _by_institution(told), heading="能耗月报（2020年）", merges=merges)


def three_rows_of_heads(told: Sequence[Row]) -> bytes:
    """Months, then sources, then amount and cost."""
    upper: list[Any] = ["统一社会信用代码", "机构名称"]
    middle: list[Any] = [None, None]
    lower: list[Any] = [None, None]
    for month in MONTHS:
        upper += [month, *[None] * (2 * len(TOLD) - 1)]
        for energy in TOLD:
            middle += [energy.label, None]
            lower += ["用量", "费用"]
    return sheet([upper, middle, lower], _by_institution(told))


def a_line_for_each_item(told: Sequence[Row]) -> bytes:
    """Items down, months across, the year in a column."""
    heads = ["统一社会信用代码", "机构名称", "年度", "项目", *(f"{int(m[5:])}月" for m in MONTHS)]
    body: list[list[Any]] = []
    for code, name in dict.fromkeys((row[0], row[1]) for row in told):
        own = {row[2]: row[3] for row in told if (row[0], row[1]) == (code, name)}
        for energy in TOLD:
            for side, title in enumerate(
                (SOURCES[energy].amount_title, SOURCES[energy].cost_title)
            ):
                body.append([code, name, 2020, title, *(own[m][energy][side] for m in MONTHS)])
    return sheet([heads], body)


def _by_institution(told: Sequence[Row]) -> list[list[Any]]:
    lines: dict[tuple[str, str], list[Any]] = {}
    for code, name, _, used in told:
        line = lines.setdefault((code, name), [code, name])
        for energy in TOLD:
            line += list(used[energy])
    return list(lines.values())


LAYOUTS: tuple[Callable[[Sequence[Row]], bytes], ...] = (
    a_line_for_each_source,
    months_side_by_side,
    two_rows_of_heads,
    three_rows_of_heads,
    a_line_for_each_item,
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: each.__name__)
def test_every_layout_gives_the_same_rows(
    city: City, layout: Callable[[Sequence[Row]], bytes]
) -> None:
    told = rows(city)
    assert counts(take(city, layout(told))) == (6, 0, 0)
    assert Consumption.objects.count() == 18
    assert counts(take(city, usual(told))) == (0, 0, 6), "the usual layout finds nothing new"


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda each: each.__name__)
def test_the_usual_layout_first_then_any_other_changes_nothing(
    city: City, layout: Callable[[Sequence[Row]], bytes]
) -> None:
    told = rows(city)
    take(city, usual(told))
    assert counts(take(city, layout(told))) == (0, 0, 6)


def test_a_fault_is_told_where_it_stands_in_the_table(city: City) -> None:
    told = rows(city)
    told[4][3][Energy.WATER] = (-3, "8.55")
    report = take(city, months_side_by_side(told))
    assert faults(report) == [(4, "2020年2月水(t)", "value_too_small")]
    report = take(city, a_line_for_each_source(told))
    assert faults(report) == [(16, "消费量", "value_too_small")]
    report = take(city, two_rows_of_heads(told))
    assert faults(report) == [(5, "2月 水(t)", "value_too_small")]


def test_a_month_told_twice_is_named_by_the_rows_people_see(city: City) -> None:
    told = [row for row in rows(city) if row[2] == "2020-01"]
    report = take(city, a_line_for_each_source([told[0], told[0]]))
    assert [(each.row, each.column, each.code) for each in report.errors] == [
        (6, "月份", "month_duplicate")
    ]
    assert report.errors[0].message == "与第 3 行相同"


def test_an_item_nobody_knows_and_another_unit_are_not_guessed_at(city: City) -> None:
    one = city.institution("school")
    heads = ["统一社会信用代码", "机构名称", "月份", "能源品种", "计量单位", "消费量", "费用(元)"]
    body = [
        [one.code, one.name, "2020-01", "沼气", "m³", 5, 6],
        [one.code, one.name, "2020-01", "电", "万kWh", "0.4", 2480],
        [one.code, one.name, "2020-01", "水", "立方米", 120, 342],
        [one.code, one.name, "2020-01", None, "t", 120, 342],
    ]
    report = take(city, sheet([heads], body))
    assert [(each.row, each.column, each.code) for each in report.errors] == [
        (3, "能源品种", "item_unknown"),
        (4, "计量单位", "unit_differs"),
        (6, "能源品种", "item_missing"),
    ]


def test_a_column_nobody_understands_is_named(city: City) -> None:
    one = city.institution("school")
    heads = ["统一社会信用代码", "机构名称", "月份", "能源品种", "消费量", "碳排放强度"]
    report = take(city, sheet([heads], [[one.code, one.name, "2020-01", "电", 4000, 3]]))
    assert (2, "碳排放强度", "column_unknown") in faults(report)


def test_a_bare_month_without_any_year_is_no_month(city: City) -> None:
    one = city.institution("school")
    heads = ["统一社会信用代码", "机构名称", "项目", "1月"]
    data = sheet([heads], [[one.code, one.name, "电(kWh)", 4000]], heading="能耗月报")
    assert [each.code for each in take(city, data).errors] == ["month_unreadable"]


# ── titles ───────────────────────────────────────────────────────────────────────────────


@given(
    energy=st.sampled_from(list(Energy)),
    cost=st.booleans(),
    year=st.integers(2000, 2099),
    month=st.integers(1, 12),
    shape=st.sampled_from(["{y}年{m}月{t}", "{y}-{m:02}{t}", "{y}年{m:02}月 {t}", "{t}"]),
)
@settings(max_examples=200, deadline=None)
def test_a_title_is_taken_apart_again(
    energy: Energy, cost: bool, year: int, month: int, shape: str
) -> None:
    source = SOURCES[energy]
    title = shape.format(y=year, m=month, t=source.cost_title if cost else source.amount_title)
    found = layouts.meaning_of(title)
    assert found is not None
    assert (found.energy, found.measure) == (energy, Measure.COST if cost else Measure.AMOUNT)
    assert found.month == (f"{year}-{month:02}" if "{y}" in shape else "")


@pytest.mark.parametrize(
    ("title", "energy", "measure"),
    [
        ("用电量(kWh)", Energy.ELECTRICITY, Measure.AMOUNT),
        ("电力 消费量", Energy.ELECTRICITY, Measure.AMOUNT),
        ("电费", Energy.ELECTRICITY, Measure.COST),
        ("电费金额", Energy.ELECTRICITY, Measure.COST),
        ("自来水 费用", Energy.WATER, Measure.COST),
        ("天然气费(元)", Energy.GAS, Measure.COST),
        ("液化气(kg)", Energy.LPG, Measure.AMOUNT),
        ("采暖费", Energy.HEAT, Measure.COST),
        ("其他能源费(元)", Energy.OTHER, Measure.COST),
    ],
)  # fmt: skip
def test_words_that_offices_use(title: str, energy: Energy, measure: Measure) -> None:
    found = layouts.meaning_of(title)
    assert found is not None
    assert (found.energy, found.measure) == (energy, measure)


@pytest.mark.parametrize("title", ["电梯", "水果", "油", "人数", "汽车费", "2020年", ""])
def test_words_that_say_something_else(title: str) -> None:
    assert layouts.meaning_of(title) is None


def test_amounts_of_one_title_are_exact(city: City) -> None:
    told = rows(city)
    told[0][3][Energy.ELECTRICITY] = ("4,016.5", "2490.23")
    take(city, months_side_by_side(told))
    line = Consumption.objects.get(
        month_return__institution=city.institution("school"), month_return__month="2020-01-01",
        energy=Energy.ELECTRICITY,
    )  # fmt: skip
    assert (line.amount, line.cost_fen) == (Decimal("4016.5"), 249_023)


# ── totals beside the months ─────────────────────────────────────────────────────────────


def with_totals(told: Sequence[Row], *, off: Any = 0, named: str = "1-3月合计") -> bytes:
    """Months side by side with a total of electricity and of its cost at the end."""
    heads: list[Any] = ["统一社会信用代码", "机构名称"]
    heads += [f"2020年{n}月{t}" for n in (1, 2, 3) for t in ("电(kWh)", "电费(元)")]
    heads += [f"{named}电(kWh)", f"电费{named}(元)"]
    body = []
    for code in dict.fromkeys(row[0] for row in told):
        mine = [row for row in told if row[0] == code]
        pairs = [row[3][Energy.ELECTRICITY] for row in mine]
        power, cost = (sum(Decimal(str(pair[side])) for pair in pairs) for side in (0, 1))
        body.append([code, mine[0][1], *(v for p in pairs for v in p), power + off, cost])
    return sheet([heads], body)


@pytest.mark.parametrize("named", ["1-3月合计", "合计", "累计", "全年总计"])
def test_totals_that_agree_are_no_matter(city: City, named: str) -> None:
    assert counts(take(city, with_totals(rows(city), named=named))) == (6, 0, 0)


def test_totals_that_differ_refuse_the_file(city: City) -> None:
    report = take(city, with_totals(rows(city), off=100))
    found = [(row, column, code) for row, column, code in faults(report) if code == "total_differs"]
    assert found == [(3, "1-3月合计电(kWh)", "total_differs"),
                     (4, "1-3月合计电(kWh)", "total_differs")]  # fmt: skip
    assert "电实物量合计 3,106，各月相加 3,006，核对哪个月填错" in report.errors[0].message
    assert not Consumption.objects.exists()


@pytest.mark.parametrize(
    ("months", "total", "said"),
    [
        (["10.25", "10.25"], "20.5", False),
        (["10.25", "10.2"], "20", False),
        (["10.25", "10.2"], "19", True),
        (["10.25", "10.2"], "20.5", False),
        (["10", None], "10", False),
        ([None, None], "10", False),
    ],
)
def test_a_total_may_be_rounded_to_its_last_digit(
    months: list[Any], total: Any, said: bool
) -> None:
    side = (Energy.WATER, Measure.AMOUNT)
    parts = layout_totals.sums((side, month) for month in months)
    assert bool(layout_totals.differs(total, side, parts)) is said


HALF = {n: 100 + n for n in range(1, 7)}


def refused(report: ImportReport) -> list[tuple[int, str, str]]:
    """Row, column and code of what refuses a file."""
    return [(each.row, each.column, each.code) for each in report.errors]


def a_year_of(city: City, totals: dict[str, Any], *, months: Sequence[int] = tuple(HALF)) -> bytes:
    """Some months of electricity side by side, and totals of them."""
    one = city.institution("school")
    heads = ["统一社会信用代码", "机构名称", *(f"2020年{n}月电(kWh)" for n in months), *totals]
    return sheet([heads], [[one.code, one.name, *(HALF[n] for n in months), *totals.values()]])


@pytest.mark.parametrize(
    ("title", "right"),
    [
        ("上半年电合计", 621), ("第一季度电合计", 306), ("一季度电量小计", 306),
        ("2季度电合计", 315), ("前两季度电合计", 621), ("1-3月电累计", 306),
        ("4月—6月电合计", 315), ("1至4月电合计", 410), ("电累计", 621),
        ("本年电累计", 621), ("电量总计(kWh)", 621),
    ],
)  # fmt: skip
def test_a_total_is_of_the_months_it_names(city: City, title: str, right: int) -> None:
    assert counts(take(city, a_year_of(city, {title: right}), dry=True)) == (6, 0, 0)
    report = take(city, a_year_of(city, {title: right + 7}))
    assert refused(report) == [(3, title, "total_differs")]


@pytest.mark.parametrize(
    ("title", "months"),
    [
        ("全年电合计", (1, 2, 3)), ("下半年电合计", (1, 2, 3)), ("10-3月电合计", (1, 2, 3)),
        ("1-13月电合计", (1, 2, 3)), ("上半年1-3月电合计", (1, 2, 3)), ("电累计", (4, 5, 6)),
        ("本年电合计", (1, 2, 4)), ("电合计(万kWh)", (1, 2, 3)),
    ],
)  # fmt: skip
def test_a_total_of_other_months_is_left_alone(
    city: City, title: str, months: Sequence[int]
) -> None:
    report = take(city, a_year_of(city, {title: 4_000}, months=months))
    assert counts(report) == (3, 0, 0)


def test_what_runs_on_is_no_total_of_its_month(city: City) -> None:
    one = city.institution("school")
    heads = ["信用代码", "机构名称", "月份", "电(kWh)", "电量累计", "全年电量合计", "电量合计"]
    body = [[one.code, one.name, "2020-01", 101, 101, 5_000, 101],
            [one.code, one.name, "2020-02", 102, 203, 5_000, 102]]  # fmt: skip
    assert counts(take(city, sheet([heads], body), dry=True)) == (2, 0, 0)
    body[1][-1] = 203
    assert refused(take(city, sheet([heads], body))) == [(4, "电量合计", "total_differs")]


@pytest.mark.parametrize("title", ["水量合计", "电费合计", "全年合计", "2021年电合计"])
def test_a_total_of_a_column_that_is_not_there_is_unknown(city: City, title: str) -> None:
    assert refused(take(city, a_year_of(city, {title: 600}))) == [(2, title, "column_unknown")]


@pytest.mark.parametrize("title", ["合计", "总计", "上半年合计", "累计"])
@pytest.mark.parametrize("items", [("电(kWh)", "电费(元)"), ("电", "水")])
def test_a_bare_total_is_of_what_its_row_is_about(
    city: City, title: str, items: tuple[str, str]
) -> None:
    one = city.institution("school")
    heads = ["统一社会信用代码", "机构名称", "年度", "项目", *(f"{n}月" for n in HALF), title]
    body: list[list[Any]] = [
        [one.code, one.name, 2020, item, *HALF.values(), sum(HALF.values())] for item in items
    ]
    assert counts(take(city, sheet([heads], body), dry=True)) == (6, 0, 0)
    body[1][-1] -= 9
    assert refused(take(city, sheet([heads], body))) == [(4, title, "total_differs")]


def test_a_bare_total_of_amounts_and_costs_together_says_nothing(city: City) -> None:
    one = city.institution("school")
    heads = ["信用代码", "机构名称", "年度", "项目", "1月数量", "1月费用", "合计", "费用合计"]
    body = [[one.code, one.name, 2020, "电", 100, 62, 162, 62]]
    assert counts(take(city, sheet([heads], body), dry=True)) == (1, 0, 0)
    body[0][-1] = 63
    assert refused(take(city, sheet([heads], body))) == [(3, "费用合计", "total_differs")]


@pytest.mark.parametrize(("told", "compared"), [("ERROR", True), ("DOUBT", True), ("OFF", False)])
def test_totals_are_compared_unless_that_is_switched_off(
    told: str, compared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = law_at(date(2020, 7, 1))[layout_totals.SEVERITY]
    law = {layout_totals.SEVERITY: replace(there, value=told)}
    monkeypatch.setattr(layout_totals, "law_at", lambda _: law)
    assert layout_totals.checked() is compared
