"""Ledgers of institutions and returns as offices keep them: what is taken, refused, doubted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from guanjia.domains.energy.actions import filings, works
from guanjia.domains.energy.actions import institutions as acts
from guanjia.domains.energy.models import Consumption, Doubt, Filing, Institution, MonthReturn
from guanjia.domains.energy.queries import checking
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.registers.institutions import INSTITUTIONS
from guanjia.domains.energy.registers.returns import RETURNS
from guanjia.domains.energy.registers.works import AUDITS, CITY_SCORES, DEMONSTRATIONS
from guanjia.domains.energy.rules import institutions as institution_rules
from guanjia.domains.energy.rules.checks import Limits
from guanjia.domains.energy.rules.institutions import Size
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import Check, FilingKind, Severity
from guanjia.domains.energy.tests import builders
from guanjia.domains.energy.tests.books import book, counts, faults, month, sheet, take
from guanjia.domains.energy.tests.browsing import visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City, code
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.registers import listing, workbook
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Reach, Scope

pytestmark = pytest.mark.pg15

PLACE: dict[str, Any] = {
    "code": code(90), "name": "浮梁县图书馆", "kind": "事业单位-文化 ", "area": "浮梁县",
    "floor_m2": "1,489.5", "people": 52, "staff": "37", "entered_on": "2018年2月24日",
    "assessed": "否", "key_user": "否",
}  # fmt: skip


def enter(city: City, *rows: dict[str, Any]) -> Any:
    return take(city, book(INSTITUTIONS, rows), into=INSTITUTIONS)


# ── 名录库 ───────────────────────────────────────────────────────────────────────────────


def test_an_institution_comes_in_and_is_then_unchanged(city: City) -> None:
    assert counts(enter(city, PLACE)) == (1, 0, 0)
    assert counts(enter(city, PLACE)) == (0, 0, 1)
    made = queries.listed(Scope.all(), TODAY).get(code=code(90))
    assert (made.now.floor_m2, made.now.people, made.area.name) == (
        Decimal("1489.50"),
        52,
        "浮梁县",
    )


def test_what_changes_is_so_from_today_on(city: City) -> None:
    enter(city, PLACE)
    assert counts(enter(city, {**PLACE, "people": 56, "assessed": "是"})) == (0, 1, 0)
    before = queries.listed(Scope.all(), TODAY - DAY).get(code=code(90))
    after = queries.listed(Scope.all(), TODAY).get(code=code(90))
    assert (before.now.people, before.now.assessed) == (52, False)
    assert (after.now.people, after.now.assessed) == (56, True)


def enter_with_reasons(city: City, *rows: dict[str, Any]) -> Any:
    """The same sheet with the column that may be left out."""
    columns = INSTITUTIONS.importable()
    data = sheet([[c.title for c in columns]], [[r.get(c.name) for c in columns] for r in rows])
    return take(city, data, into=INSTITUTIONS)


def test_who_grew_or_shrank_by_much_says_why(city: City) -> None:
    enter(city, PLACE)
    moved = {**PLACE, "people": 60, "floor_m2": 1000}
    report = enter(city, moved)
    assert faults(report) == [
        (3, "建筑面积(㎡)", "reason_missing"), (3, "用能人数", "reason_missing"),
    ]  # fmt: skip
    assert "用能人数由 52 变为 60，增 15%，在“变动原因”一列写明原因" in report.errors[1].message
    assert counts(enter_with_reasons(city, {**moved, "why": "旧馆拆除"})) == (0, 1, 0)
    after = queries.listed(Scope.all(), TODAY).get(code=code(90))
    assert (after.now.people, after.now.why) == (60, "旧馆拆除")


@pytest.mark.parametrize(
    ("old", "new", "moves"), [(100, 110, False), (100, 111, True), (100, 89, True), (0, 50, False)]
)
def test_a_tenth_is_not_yet_much(old: int, new: int, moves: bool) -> None:
    sizes = [Size(floor_m2=None, people=n, staff=None) for n in (old, new)]
    assert bool(institution_rules.moved(*sizes, percent=Decimal(10))) is moves


def test_a_page_wants_the_reason_too(city: City) -> None:
    school = city.institution("school")
    client = visit(city, "keeper")
    where = f"/energy/institutions/{school.pk}/size/"
    told = {"floor_m2": "9,000", "people": "600", "staff": ""}
    bad = client.post(where, told)
    assert bad.status_code == 422
    assert "建筑面积由 8,000.00 变为 9,000，增 12%，写明变动原因" in bad.content.decode()
    assert client.post(where, {**told, "why": "新建教学楼"}).status_code == 302
    now = queries.listed(Scope.all(), TODAY).get(pk=school.pk).now
    assert (now.floor_m2, now.people, now.staff, now.why) == (9000, 600, 40, "新建教学楼")
    before = queries.listed(Scope.all(), TODAY - DAY).get(pk=school.pk).now
    assert before.floor_m2 == 8000
    assert visit(city, "county").get(where).status_code == 403


def test_an_empty_cell_says_nothing(city: City) -> None:
    enter(city, PLACE)
    report = enter(city, {**PLACE, "people": None})
    assert counts(report) == (0, 0, 1)
    assert queries.listed(Scope.all(), TODAY).get(code=code(90)).now.people == 52


def test_the_citys_own_institutions_belong_to_no_county(city: City) -> None:
    enter(city, {**PLACE, "area": "市本级"})
    made = queries.listed(Scope.all(), TODAY).get(code=code(90))
    assert made.area == city.units["city"]


@pytest.mark.parametrize(
    ("cells", "column", "fault"),
    [
        ({"code": code(90)[:-1] + "*"}, "统一社会信用代码", "code_invalid"),
        ({"code": code(90)[:9] + "9" + code(90)[10:]}, "统一社会信用代码", "code_invalid"),
        ({"area": "婺源县"}, "所属区域", "area_unknown"),
        ({"kind": "企业"}, "机构类型", "choice_unknown"),
        ({"floor_m2": 0}, "建筑面积(㎡)", "value_too_small"),
        ({"people": -1}, "用能人数", "value_too_small"),
        ({"entered_on": "2021-01-01"}, "入库日期", "in_the_future"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    city: City, cells: dict[str, Any], column: str, fault: str
) -> None:
    report = enter(city, {**PLACE, **cells})
    assert (3, column, fault) in faults(report)
    assert report.refused
    assert not Institution.objects.filter(name="浮梁县图书馆").exists()


def test_two_institutions_may_share_a_code_and_the_register_says_so(city: City) -> None:
    report = enter(city, PLACE, {**PLACE, "name": "浮梁县图书馆分馆"})
    assert counts(report) == (2, 0, 0)
    assert faults(report) == [(4, "统一社会信用代码", "code_shared")]
    there = queries.Directory([code(90)])
    assert there.find(code(90), "浮梁县图书馆分馆") is not None
    assert there.find(code(90), "") is None, "it could be either"
    assert there.find(code(90), "别的馆") is None


def test_another_name_for_a_known_code_is_odd(city: City) -> None:
    enter(city, PLACE)
    report = enter(city, {**PLACE, "name": "浮梁县文化馆"})
    assert faults(report) == [(3, "机构名称", "name_differs")]


def test_only_who_keeps_the_register_enters(city: City) -> None:
    with pytest.raises(NotAllowed):
        take(city, book(INSTITUTIONS, [PLACE]), into=INSTITUTIONS, by="county")


@pytest.fixture
def of_leping(city: City) -> City:
    """The county's own keeper of everything, though of Leping only."""
    county = city.units["leping"]
    city.accounts["of_leping"] = access.account(
        "of_leping", None, ("energy.keeper", Reach.BELOW, county)
    )
    return city


def test_who_keeps_a_county_enters_only_its_institutions(of_leping: City) -> None:
    def by(row: dict[str, Any]) -> Any:
        return take(of_leping, book(INSTITUTIONS, [row]), into=INSTITUTIONS, by="of_leping")

    assert faults(by(PLACE)) == [(3, "所属区域", "outside")]
    assert counts(by({**PLACE, "area": "乐平市"})) == (1, 0, 0)
    clinic = of_leping.institution("clinic")
    moved = {**PLACE, "code": clinic.code, "name": clinic.name, "area": "乐平市"}
    assert faults(by(moved)) == [(3, "所属区域", "outside")], "nor is one drawn over"
    leping, fuliang = of_leping.units["leping"], of_leping.units["fuliang"]
    for place, what in ((fuliang, "area_outside"), (leping, "outside")):
        with pytest.raises(Refused) as fault:
            acts.enter_institutions(
                actor=of_leping.actor("of_leping"), at=AT,
                rows=[builders.row(clinic.name, 3, area=place)],
            )  # fmt: skip
        assert fault.value.findings[0].code == what


# ── 月报 ─────────────────────────────────────────────────────────────────────────────────


def returned(city: City, *rows: dict[str, Any], **how: Any) -> Any:
    return take(city, book(RETURNS, rows), **how)


def test_a_month_comes_in_and_is_then_unchanged(city: City) -> None:
    row = month(city, "school", "2020-01", water="1,200")
    assert counts(returned(city, row)) == (1, 0, 0)
    assert counts(returned(city, row)) == (0, 0, 1)
    told = {line.energy: line for line in Consumption.objects.all()}
    assert told["WATER"].amount == 1200
    assert told["ELECTRICITY"].cost_fen == 248_000
    assert "LPG" not in told, "a column that is not there says nothing"


@pytest.mark.parametrize(
    "text",
    [
        "2020-01",
        " 2020-1",
        "2020年1月",
        "2020年01月份",
        "2020.1",
        "2020/01",
        202001,
        date(2020, 1, 31),
    ],
)
def test_months_as_people_write_them(city: City, text: Any) -> None:
    returned(city, month(city, "school", text))
    assert list(MonthReturn.objects.values_list("month", flat=True)) == [date(2020, 1, 1)]


@pytest.mark.parametrize("text", ["2020年0月", "六月", "2020-13", "??", 2020.1, 13, "1月", "2020"])
def test_what_is_no_month_is_named(city: City, text: Any) -> None:
    assert faults(returned(city, month(city, "school", text))) == [(3, "月份", "month_unreadable")]


def test_what_was_reported_may_come_again_but_not_otherwise(city: City) -> None:
    months = [month(city, "school", f"2020-{n:02}") for n in (1, 2, 3)]
    assert counts(returned(city, *months)) == (3, 0, 0)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=date(2020, 1, 1), at=AT)
    filing = Filing.objects.get(institution=city.institution("school"))
    filings.send(actor=SYSTEM, filing_id=filing.pk, at=AT)
    assert counts(returned(city, *months)) == (0, 0, 3)
    months[1] = month(city, "school", "2020-02", water=121)
    assert faults(returned(city, *months)) == [(4, "月份", "month_reported")]
    filings.hand_on(actor=SYSTEM, filing_id=filing.pk, at=AT)
    filings.lock(actor=SYSTEM, filing_id=filing.pk, at=AT)
    assert faults(returned(city, *months)) == [(4, "月份", "month_locked")]
    months[1] = month(city, "school", "2020-02")
    assert counts(returned(city, *months)) == (0, 0, 3)


def test_what_cannot_be_true_of_a_month_is_refused(city: City) -> None:
    report = returned(
        city,
        month(city, "school", "2020-01", water=-5),
        month(city, "school", "2020-02", code=code(77)),
        month(city, "school", "2020-03", name="别的学校"),
        month(city, "school", "2020-04"),
        month(city, "school", "2020年4月"),
        month(city, "school", "2020-09"),
        month(city, "school", "2020-05", code="12360200MB846367*X"),
    )
    assert faults(report) == [
        (3, "水(t)", "value_too_small"),
        (4, "统一社会信用代码", "institution_unknown"),
        (5, "机构名称", "name_differs"),
        (7, "月份", "month_duplicate"),
        (8, "月份", "in_the_future"),
        (9, "统一社会信用代码", "code_invalid"),
    ]
    assert not MonthReturn.objects.exists()


def test_a_clerk_tells_only_what_is_theirs(city: City) -> None:
    assert counts(returned(city, month(city, "school", "2020-01"), by="clerk")) == (1, 0, 0)
    report = returned(city, month(city, "clinic", "2020-01"), by="clerk")
    assert faults(report) == [(3, "统一社会信用代码", "outside")]
    with pytest.raises(NotAllowed):
        returned(city, month(city, "school", "2020-02"), by="supervisor")


def test_a_doubt_is_taken_in_and_waits(city: City) -> None:
    city.half_year("school")
    report = returned(
        city, month(city, "school", "2020-07", electricity=42000, electricity_cost=2604)
    )
    assert faults(report) == [(3, "电(kWh)", "ten")]
    assert counts(report) == (1, 0, 0)
    assert Doubt.objects.get().sentence == report.doubts[0].message


def test_what_the_bureau_calls_an_error_does_not_come_in(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.half_year("school")
    limits = Limits.of(law_at(TODAY))
    strict = replace(limits, severity={**limits.severity, Check.TEN: Severity.ERROR})
    monkeypatch.setattr(checking.Limits, "of", lambda _: strict)
    before = Consumption.objects.count()
    report = returned(city, month(city, "school", "2020-07", electricity=40_000))
    assert [fault.code for fault in report.errors] == ["ten"]
    with pytest.raises(Refused) as fault:
        city.tell("school", 2020, 7, ELECTRICITY=("40000", "2480"), WATER=120)
    assert fault.value.findings[0].code == "check_failed"
    assert Consumption.objects.count() == before
    assert not MonthReturn.objects.filter(month=date(2020, 7, 1)).exists(), "nothing stays"


def test_a_source_that_is_left_empty_stays_as_it_was(city: City) -> None:
    returned(city, month(city, "school", "2020-01"))
    returned(city, month(city, "school", "2020-01", water=None, water_cost=None))
    assert Consumption.objects.get(energy=Energy.WATER).amount == 120


def test_an_export_comes_in_again_unchanged(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY="4000.5", WATER=120, LPG=("15.25", "91.5"))
    city.tell("clinic", 2020, 2, ELECTRICITY=900, WATER=("12", "34.2"), HEAT=("3", "150"))
    rows = list(RETURNS.rows(Scope.all()).order_by("pk"))
    data = workbook.export(register=RETURNS, rows=rows, columns=RETURNS.importable(), reveal=True)
    assert counts(take(city, data)) == (0, 0, 2)


def test_totals_add_up_over_all_rows(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY=(100, 62), WATER=(10, "28.5"))
    city.tell("school", 2020, 2, ELECTRICITY=(150, 93), WATER=(12, "34.2"))
    query = listing.read(register=RETURNS, params={})
    page = listing.look(query=query, scope=Scope.all(), at=AT)
    assert page.count == 2
    assert (page.totals["electricity"], page.totals["water_cost"]) == (250, Decimal("62.7"))


# ── 审计、示范、名次 ─────────────────────────────────────────────────────────────────────


def test_audits_come_in_and_finished_ones_need_their_day(city: City) -> None:
    one = city.institution("school")
    row = {
        "code": one.code, "name": one.name, "auditor": "节能中心", "begun_on": "2020-03-02",
        "done_on": "2020.4.20", "state": "已完成",
    }  # fmt: skip
    assert counts(take(city, book(AUDITS, [row]), into=AUDITS)) == (1, 0, 0)
    assert counts(take(city, book(AUDITS, [row]), into=AUDITS)) == (0, 0, 1)
    report = take(city, book(AUDITS, [{**row, "done_on": None}]), into=AUDITS)
    assert faults(report) == [(3, "完成日期", "day_missing")]
    report = take(city, book(AUDITS, [{**row, "done_on": "2020-02-01"}]), into=AUDITS)
    assert faults(report) == [(3, "完成日期", "ends_before")]


def test_demonstrations_come_in_once(city: City) -> None:
    one = city.institution("school")
    row = {
        "code": one.code, "name": one.name, "level": "国家级", "batch": "第四批",
        "stage": "督促指导", "on": "2020-04-15",
    }  # fmt: skip
    assert counts(take(city, book(DEMONSTRATIONS, [row]), into=DEMONSTRATIONS)) == (1, 0, 0)
    assert counts(take(city, book(DEMONSTRATIONS, [row]), into=DEMONSTRATIONS)) == (0, 0, 1)


def test_audits_and_demonstrations_of_others_are_refused(of_leping: City) -> None:
    audit = {"auditor": "节能中心", "begun_on": "2020-03-02", "state": "已计划"}
    step = {"level": "国家级", "batch": "第四批", "stage": "督促指导", "on": "2020-04-15"}
    for into, act, facts in (
        (AUDITS, works.enter_audits, audit),
        (DEMONSTRATIONS, works.enter_demonstrations, step),
    ):
        for name, expect in (("clinic", [(3, "统一社会信用代码", "outside")]), ("school", [])):
            one = of_leping.institution(name)
            row = {"code": one.code, "name": one.name, **facts}
            report = take(of_leping, book(into, [row]), into=into, by="of_leping")
            assert faults(report) == expect
        with pytest.raises(Refused) as fault:
            act(
                actor=of_leping.actor("of_leping"), at=AT,
                rows=[{"institution": of_leping.institution("clinic")}],
            )  # fmt: skip
        assert fault.value.findings[0].code == "outside"


def test_cities_have_their_places_and_equals_share_one(city: City) -> None:
    scores = [("甲市", 90, "否"), ("乙市", 90, "是"), ("景德镇市", 88, "是"), ("丙市", 70, "是")]
    rows = [{"year": 2019, "city": n, "score": s, "small": small} for n, s, small in scores]
    assert counts(take(city, book(CITY_SCORES, rows), into=CITY_SCORES)) == (4, 0, 0)
    places = {row.city: (row.place, row.place_of_like) for row in CITY_SCORES.rows(Scope.all())}
    assert places == {"甲市": (1, 1), "乙市": (1, 1), "景德镇市": (3, 2), "丙市": (4, 3)}


def test_a_sheet_that_is_something_else_is_told_so(city: City) -> None:
    report = take(city, sheet([["商品", "数量"]], [["灯", 3]]))
    assert [each.code for each in report.errors] == ["header_missing"]
