"""Targets: what is due, like compared with like, what institutions file, and what may be seen."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.energy.actions import assessing, schemes
from guanjia.domains.energy.actions import targets as actions
from guanjia.domains.energy.models import (
    Assessment,
    Baseline,
    InstitutionSpell,
    YearTarget,
)
from guanjia.domains.energy.queries import facts
from guanjia.domains.energy.queries import targets as queries
from guanjia.domains.energy.registers.targets import BASELINES, TARGETS
from guanjia.domains.energy.rules import targets as rules
from guanjia.domains.energy.rules.targets import Judged
from guanjia.domains.energy.terms.assessment import Fact, Outcome
from guanjia.domains.energy.terms.targets import Against, Aim, AimState
from guanjia.domains.energy.tests.aims import baseline_row, target_row
from guanjia.domains.energy.tests.books import book, counts, faults, take
from guanjia.domains.energy.tests.browsing import seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

D = Decimal
UNITS_TOLD = ("city", "leping", "fuliang")


def test_a_plan_is_known_in_its_years_and_in_no_other() -> None:
    years = {year: rules.plan_of(year, law_at(date(year, 12, 31))) for year in range(2015, 2028)}
    assert {year: plan and plan.base_year for year, plan in years.items()} == {
        2015: None, **dict.fromkeys(range(2016, 2021), 2015),
        **dict.fromkeys(range(2021, 2026), 2020), 2026: None, 2027: None,
    }  # fmt: skip


@pytest.mark.parametrize(("year", "due"), [(2016, "2.20"), (2018, "6.60"), (2020, "11.00")])
def test_what_is_due_by_a_year_is_its_part_of_the_plan(year: int, due: str) -> None:
    plan = rules.plan_of(year, law_at(date(year, 12, 31)))
    assert plan is not None
    assert plan.due(Aim.PER_PERSON, year) == D(due)
    assert plan.due(Aim.CO2_PER_M2, year) is None


@given(
    base=st.decimals(min_value="0.01", max_value=10**6, places=2),
    fall=st.integers(min_value=0, max_value=9000),
    due=st.integers(min_value=0, max_value=9000),
)
def test_who_falls_by_what_is_due_or_more_has_met_it(base: D, fall: int, due: int) -> None:
    now = base * (10000 - fall) / 10000
    judged = rules.judge(Aim.PER_M2, base=base, now=now, due=D(due) / 100)
    assert (judged.state is AimState.MET) == (fall >= due)
    assert judged.deviation == (D(fall) - D(due)) / 100


@pytest.mark.parametrize(
    ("base", "now", "due", "why"),
    [(None, D(1), D(1), "无基期数据"), (D(1), None, D(1), "没有本期数据"),
     (D(1), D(1), None, "没有目标"), (D(0), D(1), D(1), "基期为 0")],
)  # fmt: skip
def test_what_cannot_be_said_says_why(base: Any, now: Any, due: Any, why: str) -> None:
    judged = rules.judge(Aim.PER_M2, base=base, now=now, due=due)
    assert judged.state is AimState.UNKNOWN
    assert judged.why == why


# ── like with like ───────────────────────────────────────────────────────────────────────


def compare(year: int = 2020, base_year: int = 2019) -> queries.Comparison:
    return queries.compare(Scope.all(), year=year, base_year=base_year, today=TODAY)


def test_only_months_told_in_both_years_are_compared(city: City) -> None:
    for month in range(1, 13):
        city.tell("school", 2019, month, ELECTRICITY=6000)
    for month in (1, 2, 3):
        city.tell("school", 2020, month, ELECTRICITY=5400)
    two = compare()
    pair = next(p for p in two.pairs if p.body.id == city.institution("school").pk)
    found = two.of(Aim.PER_PERSON, pair, D(2))
    assert found.months == 3
    assert found.judged.base == D(18000) * D("0.1229") / 600
    assert found.judged.fall == D(10)
    assert found.judged.deviation == D(8)


def test_a_group_is_that_of_institutions_known_in_both_years(city: City) -> None:
    city.tell("school", 2019, 1, ELECTRICITY=6000)
    city.tell("school", 2020, 1, ELECTRICITY=5400)
    city.tell("hospital", 2020, 1, ELECTRICITY=90_000)
    two = compare()
    found = two.standing(Aim.PER_PERSON, two.pairs, D(2))
    assert (found.count, found.judged.fall) == (1, D(10))


def test_a_base_year_told_by_a_document_waits_for_the_year_to_end(city: City) -> None:
    school = city.institution("school")
    rows = [baseline_row(institution=school, per_person=D(20))]
    actions.tell_baselines(actor=SYSTEM, rows=rows, at=AT)
    for month in range(1, 13):
        city.tell("school", 2019, month, ELECTRICITY=5000)
    city.tell("school", 2020, 1, ELECTRICITY=5000)
    running, over = compare(2020, 2015), compare(2019, 2015)
    for two, known in ((running, False), (over, True)):
        pair = next(p for p in two.pairs if p.body.id == school.pk)
        found = two.of(Aim.PER_PERSON, pair, D("8.8"))
        assert (found.judged.fall is not None) is known
        assert found.judged.base == D(20)
        assert (found.judged.why == "") is known
    assert found.judged.now == D(60_000) * D("0.1229") / 600


def of(two: queries.Comparison, one: Any, aim: Aim = Aim.PER_PERSON) -> queries.Standing:
    return two.of(aim, next(p for p in two.pairs if p.body.id == one.pk), D(2))


def test_three_months_are_not_the_whole_year_of_a_document(city: City) -> None:
    school = city.institution("school")
    county = baseline_row(area=city.units["leping"], per_person=D(20))
    rows = [baseline_row(institution=school, per_person=D(20)), county]
    actions.tell_baselines(actor=SYSTEM, rows=rows, at=AT)
    for month in (1, 2, 3):
        city.tell("school", 2019, month, ELECTRICITY=5000)
    two = compare(2019, 2015)
    found = of(two, school)
    assert (found.judged.state, found.judged.why) == (AimState.UNKNOWN, "本期只填报 3 个月")
    area = city.units["leping"].pk
    mine = [p for p in two.pairs if p.body.area_id == area]
    found = two.standing(Aim.PER_PERSON, mine, D(2), two.areas[area])
    assert (found.judged.state, found.judged.now) == (AimState.UNKNOWN, None)
    assert found.judged.why == "本期 2 家没有填满 12 个月"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"WATER": 100}, "电、汽油的数量没有两年同月都填"),
        ({"ELECTRICITY": (None, 3000), "WATER": 100}, "电、汽油的数量没有两年同月都填"),
        ({"ELECTRICITY": 5000, "WATER": 100}, "汽油的数量没有两年同月都填"),
        ({"ELECTRICITY": 5000, "PETROL": 90, "WATER": 100}, ""),
    ],
)  # fmt: skip
def test_a_source_left_out_is_not_a_fall(city: City, now: dict[str, Any], why: str) -> None:
    city.tell("school", 2019, 1, ELECTRICITY=6000, PETROL=100, WATER=110)
    city.tell("school", 2020, 1, **now)
    two, school = compare(), city.institution("school")
    found = of(two, school)
    assert found.judged.why == why
    assert found.judged.state is (AimState.UNKNOWN if why else AimState.MET)
    water = of(two, school, Aim.WATER_PER_PERSON)
    assert (water.months, water.judged.state) == (1, AimState.MET)


def test_water_that_nobody_told_has_not_fallen(city: City) -> None:
    city.tell("school", 2019, 1, ELECTRICITY=6000, WATER=110)
    city.tell("school", 2019, 2, ELECTRICITY=6000, WATER=110)
    city.tell("school", 2020, 1, ELECTRICITY=5400)
    city.tell("school", 2020, 2, ELECTRICITY=5400, WATER=120)
    found = of(compare(), city.institution("school"), Aim.WATER_PER_PERSON)
    assert (found.months, found.judged.state) == (1, AimState.UNMET)


def test_nothing_is_invented_where_nobody_told_the_base_year(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY=5000)
    two = compare(2020, 2015)
    why = {p.body.name: two.of(Aim.PER_PERSON, p, D(11)).judged.why for p in two.pairs}
    assert why == {
        "乐平市第一中学": "无基期数据", "乐平市财政局": "没有本期数据",
        "浮梁县卫生院": "没有本期数据", "市第二人民医院": "没有本期数据",
    }  # fmt: skip


def test_carbon_without_a_factor_is_not_told(city: City) -> None:
    city.tell("school", 2019, 1, ELECTRICITY=6000)
    city.tell("school", 2020, 1, ELECTRICITY=5400)
    two = compare()
    found = two.standing(Aim.CO2_PER_M2, two.pairs, D(2))
    assert found.judged.state is AimState.UNKNOWN
    assert found.judged.why == "没有 2019 年的碳排放因子"


# ── filing ───────────────────────────────────────────────────────────────────────────────


def filed(actor: Any, row: dict[str, Any], **more: Any) -> YearTarget:
    """One target of an institution, as its page files it."""
    facts = dict(row)
    pk = facts.pop("institution").pk
    return actions.file_target(actor=actor, institution_id=pk, facts=facts, at=AT, **more)


def test_a_clerk_files_the_target_of_their_institution(city: City) -> None:
    row = target_row(city.institution("school"))
    made = filed(city.actor("clerk"), row)
    assert (made.per_person, made.per_m2) == (D("2.2"), None)
    record = Record.objects.get(verb="energy.target.filed")
    assert record.after["per_person"] == "2.2"
    changed = actions.file_targets(
        actor=SYSTEM, rows=[{**row, "per_person": D(3)}, target_row(city.institution("office"))],
        at=AT,
    )  # fmt: skip
    assert changed == (1, 1, 0)


def test_a_target_stands_when_its_year_is_over(city: City) -> None:
    row = target_row(city.institution("school"), year=2019, filed_on=date(2019, 2, 1))
    filed(city.actor("keeper"), row)
    for who in ("clerk", "county"):
        with pytest.raises(Refused, match="2019 年已经过完"):
            filed(city.actor(who), {**row, "per_person": D("0.1")})
    assert YearTarget.objects.get().per_person == D("2.2")
    told = {**row, "code": row["institution"].code, "name": row["institution"].name,
            "against": "上一年", "per_person": "0.1"}  # fmt: skip
    report = take(city, book(TARGETS, [told]), into=TARGETS, by="county")
    assert faults(report) == [(3, "年度", "year_over")]


def test_the_filed_plan_stays_when_its_year_is_over(city: City) -> None:
    actor, kept = city.actor("keeper"), []
    for year in (2019, 2020):
        file = attachments.stage(actor=actor, file=b"plan", name=f"{year}.txt", at=AT)
        facts = target_row(city.institution("school"), year=year, filed_on=date(2019, 2, 1))
        filed(actor, facts, files=[file.pk])
        kept.append(file.pk)
    with pytest.raises(Refused, match="2019 年已经过完"):
        attachments.remove(actor=actor, attachment_id=kept[0], reason="错了", at=AT)
    attachments.remove(actor=actor, attachment_id=kept[1], reason="错了", at=AT)


@pytest.mark.parametrize("who", ["stranger", "other_county", "leader"])
def test_nobody_files_for_institutions_of_others(city: City, who: str) -> None:
    with pytest.raises((Refused, NotAllowed)):
        filed(city.actor(who), target_row(city.institution("school")))
    assert not YearTarget.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"per_person": None}, "per_person"),
        ({"per_person": D(101)}, "per_person"),
        ({"per_m2": D(-1)}, "per_m2"),
        ({"filed_on": date(2020, 8, 21)}, "filed_on"),
        ({"year": 2022}, "year"),
    ],
)
def test_it_refuses_targets_that_cannot_be(city: City, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        filed(SYSTEM, target_row(city.institution("school"), **facts))
    assert [finding.field for finding in refused.value.findings] == [field]


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"per_person": D(0)}, "per_person"), ({"year": 2020}, "year"),
     ({"per_person": None, "per_m2": None, "water_per_person": None}, "per_person")],
)  # fmt: skip
def test_it_refuses_base_years_that_cannot_be(
    city: City, facts: dict[str, Any], field: str
) -> None:
    row = baseline_row(area=city.units["leping"], **facts)
    with pytest.raises(Refused) as refused:
        actions.tell_baselines(actor=SYSTEM, rows=[row], at=AT)
    assert [finding.field for finding in refused.value.findings] == [field]


@pytest.mark.pg15
def test_the_database_takes_no_baseline_of_nobody(city: City) -> None:
    with pytest.raises(IntegrityError, match="energy_a_baseline_is_of_one"), transaction.atomic():
        Baseline.objects.create(year=2015, per_person=1, source="年报", told_at=AT)


# ── what assessments read ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("told", "met"), [({"per_person": D(10)}, D(1)), ({"per_person": D(11)}, D(0)),
                      ({"per_person": D(10), "co2_per_m2": D(1)}, None),
                      ({"per_person": D(11), "co2_per_m2": D(1)}, D(0))],
)  # fmt: skip
def test_an_assessment_reads_whether_own_targets_are_met(
    city: City, told: dict[str, Any], met: D | None
) -> None:
    school = city.institution("school")
    city.tell("school", 2019, 1, ELECTRICITY=6000)
    city.tell("school", 2020, 1, ELECTRICITY=5400)
    actions.file_targets(actor=SYSTEM, rows=[target_row(school, **told)], at=AT)
    ids = [school.pk, city.institution("office").pk]
    found = facts.of_year(ids, year=2020, today=TODAY)
    assert found[school.pk][Fact.TARGET_MET] == met
    assert found[ids[1]][Fact.TARGET_MET] is None


def test_who_left_the_register_is_said_to_have_left(city: City) -> None:
    school = city.institution("school")
    actions.file_targets(actor=SYSTEM, rows=[target_row(school, year=2019)], at=AT)
    InstitutionSpell.objects.filter(institution=school).update(
        during=DateRange(date(2016, 1, 1), date(2019, 6, 1))
    )
    (judged,) = queries.own_standings([school.pk], year=2019, today=TODAY)[school.pk].values()
    assert judged.why == "2019 年末已不在名录库"


def test_a_target_against_the_plans_base_needs_that_year(city: City) -> None:
    school = city.institution("school")
    row = target_row(school, against=Against.BASE)
    actions.file_targets(actor=SYSTEM, rows=[row], at=AT)
    city.tell("school", 2019, 1, ELECTRICITY=6000)
    city.tell("school", 2020, 1, ELECTRICITY=5000)
    (judged,) = queries.own_standings([school.pk], year=2020, today=TODAY)[school.pk].values()
    assert judged.why == "无基期数据"


# ── pages and sheets ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_years(city: City) -> City:
    for name, power in (("school", 6000), ("clinic", 2000)):
        city.tell(name, 2015, 1, ELECTRICITY=power)
        city.tell(name, 2020, 1, ELECTRICITY=power * (0.8 if name == "school" else 1.1))
    return city


def test_the_page_says_who_is_behind(two_years: City) -> None:
    page = seen(two_years, "keeper", "targets", year=2020)
    assert page.index("浮梁县卫生院") < page.index("乐平市第一中学") < page.index("乐平市财政局")
    for word in ("-21.00", "+9.00", "没有本期数据", "未核对", "month_from=2015-01-01"):
        assert word in page
    assert "浮梁县卫生院" not in seen(two_years, "keeper", "targets", year=2020, state="MET")
    assert "没有规划目标" in seen(two_years, "keeper", "targets", year=2026)


def test_what_is_told_of_the_city_itself_stands_for_no_other(two_years: City) -> None:
    rows = [baseline_row(area=two_years.units[name], per_person=D(20)) for name in UNITS_TOLD]
    actions.tell_baselines(actor=SYSTEM, rows=rows, at=AT)
    for month in range(1, 13):
        two_years.tell("hospital", 2019, month, ELECTRICITY=9000)
    answer = visit(two_years, "keeper").get(reverse("energy:targets"), {"year": 2019})
    assert {fig["standing"].baseline for fig in answer.context["aims"]} == {None}
    own = next(row for row in answer.context["areas"] if row["title"] == "市本级")
    assert own["standing"].baseline.area == two_years.units["city"]
    mine = two_years.actor("county").scope(queries.SEE)
    two = queries.compare(mine, year=2019, base_year=2015, today=TODAY)
    assert list(two.areas) == [two_years.units["leping"].pk]


def test_a_verdict_says_of_which_months_it_is_and_opens_them(two_years: City) -> None:
    city, school = two_years, two_years.institution("school")
    for number in (3, 6):
        for year, power in ((2015, 6000), (2020, 4800)):
            city.tell("school", year, number, ELECTRICITY=power)
    actions.file_targets(actor=SYSTEM, rows=[target_row(school, against=Against.BASE)], at=AT)
    target = YearTarget.objects.get()
    for where in (("targets",), ("institution", school.pk), ("target", target.pk)):
        page = seen(city, "keeper", *where, **({} if "target" in where else {"year": 2020}))
        assert "1–6月中 3 个月" in page, where
        if "institution" not in where:
            assert "month_from=2015-01-01&amp;month_to=2015-06-30" in page, where
            assert "month_to=2020-06-30" in page, where
    page = seen(city, "keeper", "targets", year=2020)
    assert "1–6月，每家 1–3 个月" in page
    assert "kind=EDUCATION" in page


@pytest.mark.parametrize(
    ("facts", "said"),
    [({"span": (1, 1), "least": 1, "months": 1, "count": 1}, "1月"),
     ({"span": (1, 3), "least": 3, "months": 3, "count": 5}, "1–3月"),
     ({"span": (1, 3), "least": 2, "months": 2, "count": 5}, "1–3月，每家 2 个月"),
     ({"span": (1, 12), "least": 12, "months": 12, "count": 1}, "1–12月"), ({}, "")],
)  # fmt: skip
def test_months_are_said_as_they_are(facts: dict[str, Any], said: str) -> None:
    assert queries.Standing(judged=Judged(aim=Aim.PER_PERSON), **facts).when == said


def test_a_county_sees_its_own_and_a_clerk_theirs(two_years: City) -> None:
    page = seen(two_years, "county", "targets", year=2020)
    assert "乐平市第一中学" in page
    assert "浮梁县卫生院" not in page
    assert "乐平市财政局" not in seen(two_years, "clerk", "targets", year=2020)


def test_the_excel_tells_everybody(two_years: City) -> None:
    answer = visit(two_years, "keeper").get(reverse("energy:targets_export"), {"year": 2020})
    assert answer.status_code == 200
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [list(row) for row in page.iter_rows(values_only=True)]
    heads = next(row for row in rows if row[0] == "范围")
    told = {
        (row[0], row[1]): dict(zip(heads, row, strict=True))
        for row in rows
        if row[2] == Aim.PER_PERSON.label
    }
    school = told["机构", "乐平市第一中学"]
    assert (school["比较月份"], school["下降(%)"], school["偏差(百分点)"]) == ("1月", 20, 9)
    assert (school["结果"], school["原因"] or "") == ("完成", "")
    assert told["机构", "浮梁县卫生院"]["结果"] == "未完成"
    assert told["机构", "乐平市财政局"]["原因"] == "没有本期数据"
    assert told["合计", None]["比较机构(家)"] == 2
    assert {what for what, _ in told} == {"合计", "区域", "机构类型", "机构"}
    assert told["区域", "乐平市"]["下降(%)"] == 20


def test_a_clerk_files_by_page(city: City) -> None:
    school = city.institution("school").pk
    told = {"year": "2020", "against": "BEFORE", "per_person": "2.2", "document": "方案",
            "filed_on": "2020-02-01"}  # fmt: skip
    client, where = visit(city, "clerk"), reverse("energy:institution_target", args=[school])
    bad = client.post(where, {**told, "per_person": "两点二"})
    assert bad.status_code == 422
    assert "两点二" in bad.content.decode()
    assert client.post(where, told).status_code == 302
    row = YearTarget.objects.get()
    assert "方案" in seen(city, "clerk", "target", row.pk)
    assert visit(city, "stranger").get(reverse("energy:target", args=[row.pk])).status_code == 404
    assert "方案" in seen(city, "clerk", "institution", school, year=2020)


def test_a_sheet_tells_base_years_of_areas_and_institutions(city: City) -> None:
    school = city.institution("school")
    told = {"year": 2015, "per_person": 360, "source": "年报"}
    rows = [{"who": "乐平市", **told}, {"who": school.code, "name": school.name, **told}]
    unknown = {"who": "鹰潭市", **told}
    report = take(city, book(BASELINES, [*rows, unknown]), into=BASELINES)
    assert faults(report) == [(5, "信用代码或区域", "institution_unknown")]
    assert counts(take(city, book(BASELINES, rows), into=BASELINES)) == (2, 0, 0)
    assert counts(take(city, book(BASELINES, rows), into=BASELINES)) == (0, 0, 2)
    assert Baseline.objects.filter(area=city.units["leping"]).count() == 1


def test_a_sheet_files_targets_of_ones_own_institutions(city: City) -> None:
    school, clinic = city.institution("school"), city.institution("clinic")
    told = {"year": 2020, "against": "上一年", "water_per_person": "3", "document": "方案",
            "filed_on": "2020-02-01"}  # fmt: skip
    rows = [{"code": one.code, "name": one.name, **told} for one in (school, clinic)]
    report = take(city, book(TARGETS, rows), into=TARGETS, by="county")
    assert faults(report) == [(4, "统一社会信用代码", "outside")]
    assert counts(take(city, book(TARGETS, rows[:1]), into=TARGETS, by="county")) == (1, 0, 0)


def test_the_keeper_tells_a_base_year_by_page(city: City) -> None:
    where, client = reverse("energy:baseline_new"), visit(city, "keeper")
    told = {"area": f"{city.units['leping'].pk}", "year": "2015", "per_person": "360",
            "source": "年报"}  # fmt: skip
    for bad in ({"area": ""}, {"per_person": ""}, {"source": ""}, {"year": "2020"}):
        answer = client.post(where, {**told, **bad})
        assert answer.status_code == 422, bad
    school = city.institution("school")
    assert client.post(where, told).status_code == 302
    named = {**told, "area": "", "code": school.code, "name": "不是这个名字"}
    assert "名录库中没有" in client.post(where, named).content.decode()
    assert client.post(where, {**named, "name": ""}).status_code == 302
    assert Baseline.objects.filter(institution=school, per_person=360).count() == 1
    assert visit(city, "county").get(where).status_code == 403


BINDING = {
    "title": "年度目标考核", "kind": "ASSESSMENT", "full": 100, "grades": [["优秀", 90]],
    "indicators": [
        {"number": "1", "title": "本单位年度目标", "points": 4, "how": "DATA", "must": True,
         "measure": {"fact": "TARGET_MET", "scale": "REACHES", "bound": 1}},
        {"number": "2", "title": "管理", "points": 96, "how": "EVIDENCE"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "total", "outcome"), [(10, 100, Outcome.PASSED), (11, 96, Outcome.UNFINISHED)]
)
def test_ninety_six_points_with_an_unmet_target_are_unfinished(
    city: City, wanted: int, total: int, outcome: Outcome
) -> None:
    school = city.institution("school")
    city.tell("school", 2019, 1, ELECTRICITY=6000)
    city.tell("school", 2020, 1, ELECTRICITY=5400)
    row = target_row(school, per_person=D(wanted))
    actions.file_targets(actor=SYSTEM, rows=[row], at=AT)
    made = schemes.plan_scheme(actor=SYSTEM, table=BINDING, year=2020, at=AT)
    schemes.open_scheme(
        actor=SYSTEM, scheme_id=made.pk, institution_ids=[school.pk], self_until=TODAY,
        appeal_until=TODAY, at=AT,
    )  # fmt: skip
    mine = Assessment.objects.get(institution=school)
    assessing.score_self(
        actor=SYSTEM, assessment_id=mine.pk, points=D(96), at=AT,
        indicator_id=made.indicators.get(number="2").pk,
    )  # fmt: skip
    mine.refresh_from_db()
    assert (mine.total, mine.outcome) == (total, outcome)
