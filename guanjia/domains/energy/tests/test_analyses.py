"""Analyses of key users: what they say of which data, issued once and kept, seen by whom."""

import io
import math
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import docx
import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from guanjia.domains.energy.actions import (
    analyses,
    auditing,
    doubting,
    institutions,
    returns,
)
from guanjia.domains.energy.models import Analysis, Doubt, Institution
from guanjia.domains.energy.queries import analysis as queries
from guanjia.domains.energy.rules import analysis_words as words
from guanjia.domains.energy.rules.analysis import paper_of, public_part
from guanjia.domains.energy.rules.analysis_facts import AnalysisFacts, OddLook
from guanjia.domains.energy.rules.reckoning import Factor
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import Origin
from guanjia.domains.energy.tests import builders
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.engines.baselines.fitting import Method
from guanjia.engines.baselines.outliers import Look, Odd
from guanjia.kernel.attachments import actions as attaching
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

YEAR = 2019


def used(year: int, month: int) -> int:
    """A summer and a winter, and a little that is neither."""
    wave = math.cos(4 * math.pi * month / 12)
    return round(50_000 + 9000 * wave + 300 * math.sin(5 * month + year))


def tell_all(city: City, told: list[tuple[str, int, int, dict[str, Any]]]) -> None:
    """Many months in one go: institution, year, month, amounts."""
    months = [
        returns.Month(
            institution=city.institutions[name], month=date(year, month, 1),
            lines=builders.lines(amounts),
        )
        for name, year, month, amounts in told
    ]  # fmt: skip
    returns.enter_returns(actor=SYSTEM, months=months, origin=Origin.SHEET, at=AT)


def tell_years(city: City, name: str = "hospital", *years: int) -> None:
    tell_all(
        city,
        [
            (name, year, month, {"ELECTRICITY": used(year, month), "WATER": 2400 + month})
            for year in years or (YEAR - 1, YEAR)
            for month in range(1, 13)
        ],
    )


def grown(city: City, on: date, **facts: Any) -> None:
    """The hospital has another size, or something else of it is another, from a day on."""
    spell = city.institution("hospital").spells.latest("during")
    institutions.restate(spell, on=on, facts=facts, at=AT)


@pytest.fixture
def hospital(city: City) -> Institution:
    tell_years(city)
    one: Institution = queries.key_users(Scope.all(), YEAR).get()
    assert one.name == "市第二人民医院"
    return one


@pytest.fixture
def facts(hospital: Institution) -> AnalysisFacts:
    return queries.facts_of(hospital, YEAR)


def text(facts: AnalysisFacts, key: str) -> str:
    return "\n".join(paper_of(facts).section(key).sentences)


def issue(city: City, who: str = "keeper", **facts: Any) -> Analysis:
    call = {"institution_id": city.institution("hospital").pk, "year": YEAR, "at": AT, **facts}
    return analyses.issue_analysis(actor=city.actor(who), **call)


# ── what it says ─────────────────────────────────────────────────────────────────────────


def test_amounts_and_shares_are_those_of_the_rows(facts: AnalysisFacts) -> None:
    power = sum(used(YEAR, month) for month in range(1, 13))
    coal = Decimal(power) * Decimal("0.1229")
    assert f"2019年全年综合能耗{words.plain(coal)}千克标准煤" in text(facts, "trend")
    before = sum(used(YEAR - 1, month) for month in range(1, 13))
    assert f"电由{before}千瓦时变为{power}千瓦时" in text(facts, "trend")
    assert "电占100%" in text(facts, "structure")
    table = paper_of(facts).section("structure").tables[0]
    assert table.shown()[0][:3] == ["电", "kWh", f"{power:,}.0"]
    per_m2 = coal / 30_000
    assert f"单位面积能耗{words.plain(per_m2, 2)}千克标准煤/平方米" in text(facts, "intensity")


def test_months_that_are_missing_are_named_and_not_made_up(city: City) -> None:
    tell_years(city, "hospital", YEAR - 1)
    for month in (1, 2, 3, 6):
        city.tell("hospital", YEAR, month, ELECTRICITY=50_000, WATER=2400)
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    assert "2018年12个月齐全；2019年有1至3月、6月（4个月），缺4至5月、7至12月。" in text(
        facts, "basics"
    )
    assert "只比两年都有月报的1至3月、6月" in text(facts, "trend")
    assert "没有折算成全年" in text(facts, "intensity")
    assert "缺4至5月、7至12月月报" in text(facts, "quality")
    assert "没有审核疑点" in text(facts, "doubts")
    (line, *_) = paper_of(facts).section("trend").figures
    assert line.series[1].values[3] is None


def test_a_first_year_is_compared_with_none(city: City) -> None:
    tell_years(city, "hospital", YEAR)
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    assert "2018年没有月报，不作同比" in text(facts, "trend")


def test_an_odd_month_is_found_with_what_the_others_expect(city: City) -> None:
    tell_years(city)
    power = used(YEAR, 9)
    city.tell("hospital", YEAR, 9, ELECTRICITY=(power * 10, power * 0.62))
    doubt = Doubt.objects.get(month_return__month=date(YEAR, 9, 1))
    doubting.explain(actor=SYSTEM, doubt_id=doubt.pk, explanation="换表，旧表止数补计", at=AT)
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    said = text(facts, "odd")
    assert f"异常的有：2019年9月{used(YEAR, 9) * 10}千瓦时" in said
    (row,) = paper_of(facts).section("odd").tables[0].rows
    assert row[0] == "2019-09"
    assert float(row[4] or 0) == pytest.approx(used(YEAR, 9), rel=0.05)
    assert "水按季节回归检验24个月" in said
    assert "机构说明：换表，旧表止数补计。" in text(facts, "doubts")
    assert "换表" not in str(public_part(paper_of(facts)).as_json()), "words to the reviewers"


def test_where_nothing_is_expected_there_is_no_share(facts: AnalysisFacts) -> None:
    month = Odd(month=date(YEAR, 7, 1), amount=900.0, expected=0.0)
    look = Look(method=Method.SEASON, months=24, odd=(month,), r2=0.9, cv_rmse=0.1)
    told = replace(facts, odd=(OddLook(energy=Energy.GAS, have=24, look=look),))
    assert "异常的有：2019年7月900立方米，预期没有用量。" in text(told, "odd")
    assert paper_of(told).section("odd").tables[0].rows[0][3:] == ("900.0", "0.0", None)


def others(city: City, count: int, *, months: range, year: int) -> None:
    """Other hospitals of the city that told some months."""
    rows = [
        builders.row(
            f"第{n}医院", 500 + n, kind=InstitutionKind.HEALTH, area=city.units["city"],
            floor_m2=Decimal(10_000), people=500,
        )
        for n in range(count)
    ]  # fmt: skip
    builders.institutions.enter_institutions(actor=SYSTEM, rows=rows, at=AT)
    for one in Institution.objects.filter(name__startswith="第").order_by("pk"):
        city.institutions[one.name] = one
    tell_all(
        city,
        [
            (f"第{n}医院", year, month, {"ELECTRICITY": 10_000 + 1000 * n, "WATER": 500})
            for n in range(count)
            for month in months
        ],
    )


def test_it_is_compared_with_five_of_its_kind_or_with_none(city: City) -> None:
    tell_years(city)
    others(city, 4, months=range(1, 13), year=YEAR)
    one = queries.key_users(Scope.all(), YEAR).get()
    few = queries.facts_of(one, YEAR)
    assert few.peers is None
    assert "只有4家，不足以代表同类" in text(few, "intensity")
    assert "不作估算" in text(few, "potential")


def test_what_could_be_saved_is_the_gap_to_the_kind(city: City) -> None:
    tell_years(city)
    others(city, 5, months=range(1, 13), year=YEAR)
    one = queries.key_users(Scope.all(), YEAR).get()
    facts = queries.facts_of(one, YEAR)
    assert facts.peers is not None
    assert facts.peers.count == 5
    own = facts.peers.own.per_m2
    median = Decimal(12_000 * 12) * Decimal("0.1229") / 10_000
    assert facts.peers.median["per_m2"] == median
    assert own is not None
    gap = (own - median) * 30_000
    assert f"按单位面积能耗可节约{words.plain(gap)}千克标准煤" in text(facts, "potential")
    assert "第0医院" not in str(paper_of(facts).as_json()), "no other institution is named"


def test_a_month_that_only_it_told_is_left_out_of_the_comparison(city: City) -> None:
    tell_years(city)
    others(city, 5, months=range(1, 7), year=YEAR)
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    assert facts.peers is not None
    assert facts.peers.months == (1, 2, 3, 4, 5, 6)
    assert "与2019年1至6月（6个月）都有月报的5家事业单位（卫生）相比" in text(facts, "intensity")


def test_a_newer_year_stands_in_where_the_year_has_no_kind(city: City) -> None:
    tell_years(city)
    others(city, 5, months=range(1, 4), year=YEAR + 1)
    for month in range(1, 4):
        city.tell("hospital", YEAR + 1, month, ELECTRICITY=50_000, WATER=2400)
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    assert facts.peers is None
    assert facts.newer is not None
    said = text(facts, "intensity")
    assert "2019年填报相同月份的其他事业单位（卫生）只有0家" in said
    assert "与2020年1至3月（3个月）都有月报的5家" in said


def test_the_gap_of_a_year_is_of_the_size_of_that_year(city: City) -> None:
    tell_years(city)
    others(city, 5, months=range(1, 4), year=YEAR + 1)
    for month in range(1, 4):
        city.tell("hospital", YEAR + 1, month, ELECTRICITY=50_000, WATER=2400)
    grown(city, date(YEAR + 1, 6, 1), floor_m2=Decimal(40_000), people=1000)
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    assert facts.newer is not None
    assert facts.newer.own.per_m2 is not None
    gap = (facts.newer.own.per_m2 - facts.newer.median["per_m2"]) * 40_000
    assert f"按单位面积能耗可节约{words.plain(gap)}千克标准煤" in text(facts, "potential")


def test_a_year_nobody_told_has_no_numbers(city: City) -> None:
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    paper = paper_of(facts)
    assert [part.key for part in paper.sections] == ["basics"]
    assert "2019年没有月报" in text(facts, "basics")
    assert "市第二人民医院" in seen(city, "keeper", "key_users", year=YEAR)
    page = seen(city, "keeper", "analysis_draft", city.institution("hospital").pk, YEAR)
    assert "2019年没有月报" in page
    assert "kgce" not in page


def test_an_audit_that_did_not_take_place_was_not_begun(city: City, hospital: Institution) -> None:
    _, off, running = (
        auditing.plan_audit(
            actor=SYSTEM, institution_id=hospital.pk, begun_on=date(2020, month, 1), at=AT
        )
        for month in (9, 2, 3)
    )
    auditing.call_off_audit(actor=SYSTEM, audit_id=off.pk, reason="经费未落实", at=AT)
    auditing.begin_audit(actor=SYSTEM, audit_id=running.pk, on=date(2020, 3, 1), at=AT)
    assert text(queries.facts_of(hospital, YEAR), "audits").split("\n") == [
        "定于2020年2月1日启动的能源审计已取消。",
        "2020年3月1日启动能源审计，进行中，由本单位审计；登记审计发现0条，整改措施0项，已完成0项。",
        "计划2020年9月1日启动能源审计，由本单位审计。",
    ]


def test_what_changed_in_the_year_is_named(city: City, hospital: Institution) -> None:
    grown(city, date(YEAR, 3, 1), name="市二院")
    grown(city, date(YEAR, 8, 1), people=900)
    one = queries.key_users(Scope.all(), YEAR).get()
    said = text(queries.facts_of(one, YEAR), "quality")
    assert "2019-08-01起登记的人数有变动" in said
    assert "2019-03-01" not in said


def test_a_source_without_a_factor_is_named(facts: AnalysisFacts) -> None:
    now = facts.now
    lines = {**now.months[1], Energy.HEAT: (Decimal(5), 100)}
    coal = {energy: factor for energy, factor in now.factors.coal.items() if energy != Energy.HEAT}
    year = replace(now, months={**now.months, 1: lines}, factors=replace(now.factors, coal=coal))
    told = replace(facts, years=(*facts.years[:-1], year))
    assert "热力没有折标准煤系数，没有计入综合能耗。" in text(told, "structure")


def test_carbon_is_listed_of_the_years_whose_factors_are_known(facts: AnalysisFacts) -> None:
    table = paper_of(facts).section("intensity").tables[0]
    assert "单位面积碳排放" not in {row[0] for row in table.rows}
    assert table.note == (
        "2018年没有电的碳排放因子，碳排放不列。2019年没有电的碳排放因子，碳排放不列。"
    )
    now = facts.now
    factors = replace(now.factors, co2={Energy.ELECTRICITY: Factor(value=Decimal("0.5"))})
    told = replace(facts, years=(*facts.years[:-1], replace(now, factors=factors)))
    table = paper_of(told).section("intensity").tables[0]
    value = now.amounts()[Energy.ELECTRICITY] / 2 / 30_000
    assert table.rows[-1][:4] == ("单位面积碳排放", "kgCO₂/㎡", None, f"{value:.2f}")
    assert "2019年" not in table.note


def test_size_that_nobody_told_gives_no_intensity(facts: AnalysisFacts) -> None:
    years = tuple(replace(one, people=None, floor_m2=None) for one in facts.years)
    told = replace(facts, years=years)
    said = text(told, "intensity")
    assert "人均综合能耗无法计算，没有登记人数。" in said
    assert "单位面积能耗无法计算，没有登记面积。" in said
    assert "建筑面积没有登记" in text(told, "basics")


def test_an_amount_or_cost_that_nobody_told_is_not_nothing(city: City) -> None:
    tell_years(city)
    for month in (2, 3):
        city.tell("hospital", YEAR, month, ELECTRICITY=(None, 31_000), WATER=(2400, None))
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    said = text(facts, "trend")
    assert "2至3月有只填了费用的品种，其用量没有计入。" in said
    assert "2至3月有没填费用的品种，其费用没有计入。" in said
    known = {1, *range(4, 13)}
    older, newer = (sum(used(year, n) for n in known) for year in (YEAR - 1, YEAR))
    assert f"综合能耗（1月、4至12月）{words.changed(Decimal(newer), Decimal(older))}" in said
    assert f"电（1月、4至12月）由{older}千瓦时变为{newer}千瓦时" in said
    assert "水由" in said, "water was told of all months"
    coal, _ = paper_of(facts).section("trend").figures
    assert coal.series[1].values[1:4] == (None, None, coal.series[1].values[3])
    assert "2019年2至3月有没填用量或费用的品种" in paper_of(facts).section("trend").tables[0].note
    assert "按已填报的费用计" in text(facts, "structure")
    assert "比上年同期（1月、4至12月）" in text(facts, "intensity")


def test_a_year_of_bills_without_amounts_has_no_coal(city: City) -> None:
    tell_years(city, "hospital", YEAR - 1)
    for month in range(1, 13):
        city.tell("hospital", YEAR, month, ELECTRICITY=(None, 31_000))
    one = queries.key_users(Scope.all(), YEAR).get()
    facts = queries.facts_of(one, YEAR)
    said = text(facts, "trend")
    assert "2019年全年综合能耗没有填报，能源资源费用372000.00元。" in said
    assert "电没有两年都填报的月份，不比；水没有两年都填报的月份，不比。" in said
    assert "人均综合能耗无法计算，没有填报用量。" in text(facts, "intensity")
    last = paper_of(facts).section("trend").tables[0].rows[-1]
    assert last[2:] == (None, None, None, "372000.00")


def test_a_year_without_costs_has_none(city: City) -> None:
    for month in range(1, 13):
        city.tell("hospital", YEAR, month, ELECTRICITY=(50_000, None))
    facts = queries.facts_of(queries.key_users(Scope.all(), YEAR).get(), YEAR)
    assert "，能源资源费用没有填报。" in text(facts, "trend")
    assert "没填费用" not in text(facts, "trend"), "said once"
    assert paper_of(facts).section("trend").tables[0].rows[-1][-1] is None
    assert "人均用水量无法计算，没有填报用量。" in text(facts, "intensity")


@pytest.mark.parametrize(
    ("months", "said"),
    [({1}, "1月"), ({1, 2, 3}, "1至3月"), ({1, 3, 4, 12}, "1月、3至4月、12月"), (set(), "")],
)
def test_months_in_words(months: set[int], said: str) -> None:
    assert words.runs(months) == said


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, 12)))
def test_months_in_words_are_those_months(months: set[int]) -> None:
    read: set[int] = set()
    for part in filter(None, words.runs(months).split("、")):
        first, _, last = part.removesuffix("月").partition("至")
        read |= set(range(int(first), int(last or first) + 1))
    assert read == months


def test_changes_in_words() -> None:
    assert words.changed(Decimal(95), Decimal(100)) == "下降5%"
    assert words.changed(Decimal("100.01"), Decimal(100)) == "持平"
    assert words.changed(Decimal(1), Decimal(0)) == "上年同期为0"
    assert words.against(Decimal(112), Decimal(100)) == "高出12%"
    assert words.plain(Decimal("1234567.85")) == "1234567.9"
    assert words.plain(Decimal("1200.00")) == "1200"
    assert words.yuan(123456) == "1234.56元"


# ── issued ───────────────────────────────────────────────────────────────────────────────


def test_an_issued_analysis_has_its_word_file_with_charts(
    city: City, hospital: Institution
) -> None:
    made = issue(city)
    (file,) = attachments.of(model="energy.analysis", row_id=made.pk)
    content = attachments.content(file)
    document = docx.Document(io.BytesIO(content))
    told = "\n".join(line.text for line in document.paragraphs)
    for sentence in paper_of(queries.facts_of(hospital, YEAR)).section("trend").sentences:
        assert sentence in told
    assert "市机关事务管理局" in told
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert sum(name.startswith("word/charts/chart") for name in names) == 2
    record = Record.objects.get(verb="energy.analysis.issued")
    assert record.after["digest"] == made.digest
    assert made.issued_by == city.people["keeper"]


def test_it_stays_as_it_was_issued_whatever_comes_after(city: City, hospital: Institution) -> None:
    made = issue(city)
    city.tell("hospital", YEAR, 5, ELECTRICITY=70_000)
    again = issue(city, reason="五月用电更正")
    assert (again.edition, again.reason) == (2, "五月用电更正")
    made.refresh_from_db()
    assert made.content() != again.content()
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Analysis.objects.filter(pk=made.pk).update(year=2000)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        made.delete()


def test_its_word_file_stays_with_it(city: City, hospital: Institution) -> None:
    made = issue(city)
    (file,) = attachments.of(model="energy.analysis", row_id=made.pk)
    with pytest.raises(Refused, match="分析报告随分析固定"):
        attaching.remove(actor=city.actor("keeper"), attachment_id=file.pk, reason="换一份", at=AT)
    assert attachments.content(file)[:2] == b"PK"


@pytest.mark.parametrize(
    ("year", "reason", "said"),
    [(YEAR, "再出一次", "与已出具的一样"), (2020, "", "还没有过完"), (2017, "", "没有月报")],
)
def test_it_refuses_what_would_say_nothing_new(
    city: City, hospital: Institution, year: int, reason: str, said: str
) -> None:
    issue(city)
    city.tell("hospital", 2020, 1, ELECTRICITY=50_000, WATER=2400)
    with pytest.raises(Refused, match=said):
        issue(city, year=year, reason=reason)


def test_it_refuses_another_edition_without_a_reason(city: City, hospital: Institution) -> None:
    issue(city)
    city.tell("hospital", YEAR, 5, ELECTRICITY=70_000)
    with pytest.raises(Refused, match="重新出具的原因"):
        issue(city, reason=" ")


def test_only_the_keeper_issues(city: City, hospital: Institution) -> None:
    for who in ("county", "clerk", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            issue(city, who)


def test_an_institution_that_is_no_key_user_has_no_analysis(city: City) -> None:
    tell_years(city, "school")
    with pytest.raises(Institution.DoesNotExist):
        issue(city, institution_id=city.institution("school").pk)


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_the_list_and_the_analysis_are_seen_by_those_they_concern(
    city: City, hospital: Institution
) -> None:
    page = seen(city, "keeper", "key_users")
    assert "市第二人民医院" in page
    assert "未出具" in page
    pk = hospital.pk
    draft = seen(city, "keeper", "analysis_draft", pk, YEAR)
    for word in (
        "消费总量和趋势",
        "逐月综合能耗",
        "出具分析",
        f"/energy/institutions/{pk}/2019-03/",
    ):
        assert word in draft
    assert "出具分析" not in seen(city, "supervisor", "analysis_draft", pk, YEAR)
    for odd in (0, 1999, 2_000_000_000):
        address = reverse("energy:analysis_draft", args=[pk, odd])
        assert visit(city, "keeper").get(address).status_code == 404, odd
    for who in ("county", "other_county", "clerk", "stranger"):
        address = reverse("energy:analysis_draft", args=[pk, YEAR])
        assert visit(city, who).get(address).status_code == 404, who
        assert "市第二人民医院" not in seen(city, who, "key_users", year=YEAR)


def test_the_clerk_of_a_key_user_reads_its_analysis_and_no_other(
    city: City, hospital: Institution
) -> None:
    builders.institutions.assign_clerk(
        actor=SYSTEM, institution_id=hospital.pk, person_id=city.people["clerk"].pk,
        since=AT.date(), at=AT,
    )  # fmt: skip
    made = issue(city)
    page = seen(city, "clerk", "analysis", made.pk)
    assert "消费结构" in page
    assert "能源审计登记" not in page, "no link to what a clerk may not see"
    assert "拟公示稿" not in page
    assert "市第二人民医院" in seen(city, "clerk", "key_users", year=YEAR)


def test_it_is_issued_on_its_page_and_again_with_a_reason(
    city: City, hospital: Institution
) -> None:
    args, told = (hospital.pk, YEAR), {"institution": hospital.name, "year": str(YEAR)}
    post(city, "keeper", "analysis_issue", **told)
    made = Analysis.objects.get()
    page = seen(city, "keeper", "analysis", made.pk)
    assert "与出具时一致" in page
    assert "分析（第1版）.docx" in page
    assert "与已出具的一样" in seen(city, "keeper", "analysis_draft", *args)
    city.tell("hospital", YEAR, 5, ELECTRICITY=70_000)
    changed = seen(city, "keeper", "analysis_draft", *args)
    assert "已出具之后有变动" in changed
    assert "重新出具</a>" in changed
    form = seen(city, "keeper", "analysis_issue", **told)
    assert "公示时一并公开" in form, "its publication tells the reason to everybody"
    refused = post(city, "keeper", "analysis_issue", **told)
    assert refused.status_code == 422
    assert "重新出具的原因" in refused.content.decode()
    post(city, "keeper", "analysis_issue", **told, reason="五月用电更正")
    assert "五月用电更正" in seen(city, "keeper", "analysis", Analysis.objects.get(edition=2).pk)
    for who in ("county", "stranger"):
        address = reverse("energy:analysis", args=[made.pk])
        assert visit(city, who).get(address).status_code == 404


def test_the_draft_comes_as_a_word_file(city: City, hospital: Institution) -> None:
    answer = visit(city, "supervisor").get(
        reverse("energy:analysis_draft_word", args=[hospital.pk, YEAR])
    )
    made = docx.Document(io.BytesIO(answer.content))
    assert made.paragraphs[0].text == "市第二人民医院"
    assert made.core_properties.created.replace(tzinfo=UTC) < datetime(2021, 1, 1, tzinfo=UTC)
