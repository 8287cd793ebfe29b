"""Assessments from the table to the published ranks; what data says; who may say what."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml
from django.db import DatabaseError, transaction
from django.urls import reverse

from guanjia.config import testing_grounds
from guanjia.domains.energy.actions import assessing, institutions, schemes, work
from guanjia.domains.energy.models import Appeal, Assessment, Indicator, Scheme, Score
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.registers.assessments import ASSESSMENTS, WORK
from guanjia.domains.energy.terms.assessment import (
    AppealState,
    Desk,
    Outcome,
    SchemeState,
    WorkKind,
)
from guanjia.domains.energy.terms.institutions import Change
from guanjia.domains.energy.tests.books import book, counts, faults, take
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City
from guanjia.domains.energy.tests.scenes import judge
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

LEAF = {"number": "1", "title": "a", "points": 100, "how": "REVIEW"}
TABLES = sorted(path.stem for path in schemes.HOUSE_TABLES.glob("*.yaml"))
LATER = {"self_until": TODAY + 30 * DAY, "appeal_until": TODAY + 60 * DAY}


def refused(act: Any, **how: Any) -> str:
    with pytest.raises(Refused) as fault:
        act(at=AT, **how)
    return fault.value.findings[0].code


def planned(name: str = "online", year: int = 2020) -> Scheme:
    return schemes.plan_scheme(actor=SYSTEM, table=schemes.tables()[name], year=year, at=AT)


def _opened(city: City) -> Scheme:
    """The online assessment of 2020, opened; school, office and hospital take part."""
    with time_machine.travel(AT, tick=False):
        for name, power in (("school", 4000), ("hospital", 90_000)):
            city.half_year(name, power=power)
            city.half_year(name, year=2019, power=power + 400)
        made = planned()
        schemes.open_scheme(actor=SYSTEM, scheme_id=made.pk, at=AT, **LATER)
    made.refresh_from_db()
    return made


scheme_opened = testing_grounds.fixture("scheme_opened", _opened, on="energy_city")


@pytest.fixture
def scheme(scheme_opened: Scheme) -> Scheme:
    """See ``_opened``."""
    return scheme_opened


def of(city: City, name: str) -> Assessment:
    found: Assessment = Assessment.objects.get(institution=city.institution(name))
    return found


def leaf(number: str) -> Indicator:
    found: Indicator = Indicator.objects.get(number=number)
    return found


def score(city: City, name: str, number: str) -> Score:
    found: Score = Score.objects.get(assessment=of(city, name), indicator__number=number)
    return found


def fill(city: City, name: str = "school", *, by: str = "clerk") -> None:
    """Every indicator that is scored by oneself, in full."""
    for row in Indicator.objects.filter(how="EVIDENCE"):
        assessing.score_self(
            actor=city.actor(by), assessment_id=of(city, name).pk, indicator_id=row.pk,
            points=Decimal(row.points or 0), words="有文件", at=AT,
        )  # fmt: skip


# ── tables ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_the_house_adds_up(city: City, name: str) -> None:
    made = planned(name)
    leaves = queries.leaves(made)
    assert sum(each.points for each in leaves if not each.extra) == made.full
    assert made.state == SchemeState.DRAFT


def test_the_demonstration_table_is_that_of_the_reference(city: City) -> None:
    made = planned("demonstration")
    tops = {row.title: row for row in made.indicators.filter(parent=None)}
    sums = {title: sum(part.points or 0 for part in row.parts.all()) for title, row in tops.items()}
    assert list(sums.values()) == [35, 29, 20, 9, 7, 10]
    assert made.least == 85


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"full": 99}, "points_differ"),
        ({"indicators": [{"number": "1", "title": "x", "points": 100, "how": "??"}]},
         "table_unreadable"),
        ({"indicators": [{"number": "1", "title": "x", "points": 100, "how": "DATA",
                          "measure": {"fact": "MOON", "scale": "SHARE"}}]}, "table_unreadable"),
        ({"indicators": [{"title": "x"}]}, "table_unreadable"),
        ({"indicators": ["第一项"]}, "table_unreadable"),
        ({"indicators": [{**LEAF, "points": 50}, {**LEAF, "points": 50}]}, "table_unreadable"),
        ({"indicators": [{**LEAF, "number": "1" * 13}]}, "table_unreadable"),
        ({"indicators": [{**LEAF, "title": "a\0"}]}, "table_unreadable"),
        ({"indicators": [{"number": "1", "title": "a", "points": 100}]}, "table_unreadable"),
        ({"indicators": [{**LEAF, "how": "DATA"}]}, "table_unreadable"),
        ({"indicators": [{**LEAF, "how": "DATA", "measure":
                          {"fact": "TARGET_MET", "scale": "REACHES"}}]}, "table_unreadable"),
        ({"grades": [["优秀", "90分"]]}, "table_unreadable"),
        ({"grades": [["优秀", 90, 1]]}, "table_unreadable"),
        ({"least": 1_000_000}, "table_unreadable"),
        ({"full": 0}, "table_unreadable"),
        ({"kind": "MOON"}, "table_unreadable"),
        ({"title": "长" * 81}, "title_long"),
        ({"title": ""}, "title_missing"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_says_so(city: City, change: Any, code: str) -> None:
    table = {**schemes.tables()["online"], **change}
    assert refused(schemes.plan_scheme, actor=SYSTEM, table=table, year=2020) == code
    assert not Scheme.objects.exists()


def test_the_bureaus_own_tables_stand_beside_those_of_the_house(
    city: City, settings: Any, tmp_path: Path
) -> None:
    settings.SCHEME_TABLES = tmp_path
    table = {**schemes.tables()["saving-organ"], "title": "本市指标", "full": 5, "indicators": [
        {"number": "1", "title": "完成本单位目标", "points": 5, "how": "DATA",
         "measure": {"fact": "TARGET_MET", "scale": "REACHES", "bound": "1"}},
    ]}  # fmt: skip
    (tmp_path / "city.yaml").write_text(yaml.safe_dump(table, allow_unicode=True), "utf-8")
    (tmp_path / "broken.yaml").write_text("title: [", "utf-8")
    (tmp_path / "online.yaml").write_text("- 1", "utf-8")
    there = schemes.tables()
    assert {"city", "broken", "demonstration"} <= set(there)
    page = seen(city, "keeper", "scheme_new")
    assert ("本市指标" in page, "broken" in page) == (True, True)
    for name in ("broken", "online"):
        assert refused(schemes.plan_scheme, actor=SYSTEM, table=there[name], year=2020) == (
            "table_unreadable"
        )
    made = schemes.plan_scheme(actor=SYSTEM, table=there["city"], year=2020, at=AT)
    pk = city.institution("school").pk
    how = {"self_until": TODAY + 9 * DAY, "appeal_until": TODAY + 20 * DAY}
    schemes.open_scheme(
        actor=SYSTEM, scheme_id=made.pk, institution_ids=[pk], at=AT, **how
    )  # fmt: skip
    assert Score.objects.get().indicator.title == "完成本单位目标"


def test_who_is_not_in_the_register_at_the_years_end_takes_no_part(
    city: City, scheme: Scheme
) -> None:
    clinic = city.institution("clinic")
    institutions.reform(
        actor=SYSTEM, kind=Change.CLOSED, before=[clinic.pk], after=[], on=TODAY - DAY, at=AT
    )
    made = planned("demonstration")
    ids = [clinic.pk, city.institution("school").pk]
    how = {"actor": SYSTEM, "institution_ids": ids}
    assert refused(schemes.open_scheme, scheme_id=made.pk, **how, **LATER) == "not_registered"
    assert refused(schemes.join, scheme_id=scheme.pk, **how) == "not_registered"
    assert Assessment.objects.count() == 3


def test_a_scheme_is_planned_once_a_year_by_who_may(city: City) -> None:
    planned()
    table = schemes.tables()["online"]
    assert refused(schemes.plan_scheme, actor=SYSTEM, table=table, year=2020) == "scheme_known"
    with pytest.raises(NotAllowed):
        schemes.plan_scheme(actor=city.actor("county"), table=table, year=2021, at=AT)


def test_an_opened_scheme_is_not_rewritten(city: City, scheme: Scheme) -> None:
    for act in (
        lambda: Indicator.objects.filter(scheme=scheme).update(points=1),
        lambda: Indicator.objects.filter(scheme=scheme, points=None).delete(),
        lambda: Indicator.objects.create(scheme=scheme, number="9", title="x", position=99),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert refused(schemes.open_scheme, actor=SYSTEM, scheme_id=scheme.pk, **LATER) == "state"


# ── what data says ───────────────────────────────────────────────────────────────────────


def test_only_those_in_the_online_assessment_take_part(city: City, scheme: Scheme) -> None:
    assert Assessment.objects.count() == 3
    (found,) = queries.schemes(Scope.all())
    assert (found.members, found.at_self) == (3, 3)


def test_what_was_decided_is_not_reckoned_anew(city: City, scheme: Scheme) -> None:
    pk = of(city, "office").pk
    fill(city, "office", by="keeper")
    assessing.send(actor=SYSTEM, assessment_id=pk, at=AT)
    assessing.hand_on(actor=SYSTEM, assessment_id=pk, at=AT)
    judge(of(city, "office"), AT)
    assessing.decide(actor=SYSTEM, assessment_id=pk, at=AT)
    before = of(city, "office").total
    work.enter_work(
        actor=SYSTEM, at=AT,
        rows=[{"institution": city.institution("office"), "kind": WorkKind.TRAINING,
               "on": TODAY - DAY, "title": "节能培训", "people": 30}],
    )  # fmt: skip
    assert of(city, "office").total == before
    assert schemes.reckon_again(actor=SYSTEM, scheme_id=scheme.pk, at=AT) == 2


def test_work_counts_as_it_is_done(city: City, scheme: Scheme) -> None:
    before = of(city, "school").total
    for number in range(1, 4):
        work.enter_work(
            actor=city.actor("clerk"), at=AT,
            rows=[{"institution": city.institution("school"), "kind": WorkKind.TRAINING,
                   "on": TODAY - number * DAY, "title": "节能培训", "people": 30}],
        )  # fmt: skip
    assert score(city, "school", "3.1").points == 6
    assert of(city, "school").total == before + 6
    assert score(city, "hospital", "3.1").points == 0


def test_work_comes_in_by_sheet_for_ones_own(city: City, scheme: Scheme) -> None:
    one = city.institution("school")
    row = {"code": one.code, "name": one.name, "kind": "宣传活动", "on": "2020-06-29",
           "title": "节能宣传周", "people": 60}  # fmt: skip
    assert counts(take(city, book(WORK, [row]), into=WORK, by="clerk")) == (1, 0, 0)
    assert counts(take(city, book(WORK, [row]), into=WORK, by="clerk")) == (0, 0, 1)
    assert score(city, "school", "3.2").points == 2
    report = take(city, book(WORK, [{**row, "on": "2020-09-01"}]), into=WORK)
    assert faults(report) == [(3, "日期", "in_the_future")]
    other = city.institution("clinic")
    with pytest.raises(Refused):
        work.enter_work(
            actor=city.actor("clerk"), at=AT,
            rows=[{"institution": other, "kind": WorkKind.SORTING, "on": TODAY, "title": "x",
                   "people": None}],
        )  # fmt: skip


def test_an_unmet_target_makes_it_unfinished_and_names_it(city: City, scheme: Scheme) -> None:
    office = of(city, "office")
    assert (office.outcome, office.reasons) == (
        Outcome.UNFINISHED, ["1.1 人均综合能耗年度下降目标"],
    )  # fmt: skip
    for row in Indicator.objects.exclude(points=None).exclude(number="1.1"):
        Score.objects.update_or_create(
            assessment=office, indicator=row, defaults={"city": row.points}
        )
    assessing.reckon(scheme_id=scheme.pk, at=AT)
    office.refresh_from_db()
    assert (office.total, office.outcome, office.grade) == (92, Outcome.UNFINISHED, "")


# ── from desk to desk ────────────────────────────────────────────────────────────────────


def test_the_whole_way(city: City, scheme: Scheme) -> None:
    pk = of(city, "school").pk
    clerk, county, keeper = city.actor("clerk"), city.actor("county"), city.actor("keeper")
    assert refused(assessing.send, actor=clerk, assessment_id=pk) == "scores_missing"
    fill(city)
    assert assessing.send(actor=clerk, assessment_id=pk, at=AT).desk == Desk.COUNTY
    how = {"actor": county, "assessment_id": pk, "indicator_id": leaf("4.2").pk}
    assert refused(assessing.review, points=Decimal(5), **how) == "reason_missing"
    assert refused(assessing.review, points=Decimal(9), words="多", **how) == "points_out"
    assessing.review(points=Decimal(5), words="只有总表", at=AT, **how)
    assessing.hand_on(actor=county, assessment_id=pk, at=AT)
    assessing.review(
        actor=keeper, assessment_id=pk, indicator_id=leaf("4.3").pk, points=Decimal(6), at=AT
    )
    decided = assessing.decide(actor=keeper, assessment_id=pk, at=AT)
    assert decided.desk == Desk.APPEAL
    mine = score(city, "school", "4.2")
    assert (mine.own, mine.county, mine.city, mine.points) == (8, 5, None, 5)
    asked = assessing.appeal(actor=clerk, score_id=mine.pk, words="分表已装", at=AT)
    how = {"actor": clerk, "score_id": mine.pk, "words": "再说"}
    assert refused(assessing.appeal, **how) == "appeal_open"
    assert refused(schemes.publish, actor=SYSTEM, scheme_id=scheme.pk) == "not_through"
    assessing.answer(
        actor=keeper, appeal_id=asked.pk, upheld=True, points=Decimal(8), words="已核实", at=AT
    )
    asked.refresh_from_db()
    assert asked.state == AppealState.UPHELD
    assert score(city, "school", "4.2").points == 8
    assert Record.objects.filter(verb="energy.assessment.answered").exists()


def test_what_only_a_reviewer_judges_is_judged_before_it_is_decided(
    city: City, scheme: Scheme
) -> None:
    pk = of(city, "office").pk
    fill(city, "office", by="keeper")
    assessing.send(actor=SYSTEM, assessment_id=pk, at=AT)
    assessing.hand_on(actor=SYSTEM, assessment_id=pk, at=AT)
    with pytest.raises(Refused) as caught:
        assessing.decide(actor=SYSTEM, assessment_id=pk, at=AT)
    found = caught.value.findings[0]
    assert (found.code, "4.3" in found.sentence) == ("not_reviewed", True)
    assessing.review(
        actor=SYSTEM, assessment_id=pk, indicator_id=leaf("4.3").pk, points=Decimal(0),
        words="没有台账", at=AT,
    )  # fmt: skip
    assessing.decide(actor=SYSTEM, assessment_id=pk, at=AT)
    rows = Score.objects.filter(assessment=pk)
    assert rows.count() == len(queries.leaf_rows(scheme)), "each can be appealed"
    assert assessing.appeal(
        actor=city.actor("keeper"), score_id=score(city, "office", "4.3").pk, words="有", at=AT
    )


def test_what_data_says_is_read_anew_with_a_trace(city: City, scheme: Scheme) -> None:
    how = {"actor": city.actor("keeper"), "scheme_id": scheme.pk}
    assert schemes.reckon_again(**how, at=AT) == 3
    told = Record.objects.get(verb="energy.scheme.reckoned")
    assert (told.on_id, told.name) == (scheme.pk, "吴振瓷")
    with pytest.raises(NotAllowed):
        schemes.reckon_again(actor=city.actor("county"), scheme_id=scheme.pk, at=AT)
    draft = planned("water-saving")
    assert refused(schemes.reckon_again, actor=SYSTEM, scheme_id=draft.pk) == "state"


def test_appeals_of_others_are_not_listed(city: City, scheme: Scheme) -> None:
    pk = of(city, "school").pk
    fill(city)
    assessing.send(actor=SYSTEM, assessment_id=pk, at=AT)
    assessing.hand_on(actor=SYSTEM, assessment_id=pk, at=AT)
    judge(of(city, "school"), AT)
    assessing.decide(actor=SYSTEM, assessment_id=pk, at=AT)
    asked = assessing.appeal(
        actor=city.actor("clerk"), score_id=score(city, "school", "4.2").pk, words="有", at=AT
    )
    assert list(queries.open_appeals(scheme, Scope.all())) == [asked]
    assert list(queries.open_appeals(scheme, city.actor("county").scope(queries.SEE))) == [asked]
    assert not queries.open_appeals(scheme, city.actor("other_county").scope(queries.SEE))


def test_ranks_are_published_when_everybody_is_through(city: City, scheme: Scheme) -> None:
    for name in ("school", "office", "hospital"):
        fill(city, name, by="keeper")
        pk = of(city, name).pk
        assessing.send(actor=SYSTEM, assessment_id=pk, at=AT)
        if of(city, name).desk == Desk.COUNTY:
            assessing.hand_on(actor=SYSTEM, assessment_id=pk, at=AT)
        judge(of(city, name), AT)
        assessing.decide(actor=SYSTEM, assessment_id=pk, at=AT)
    how = {"actor": SYSTEM, "scheme_id": scheme.pk}
    assert refused(schemes.publish, **how) == "appeals_may_come"
    after = AT + timedelta(days=61)
    with time_machine.travel(after, tick=False):
        schemes.publish(at=after, **how)
    scheme.refresh_from_db()
    assert scheme.state == SchemeState.PUBLISHED
    assert set(Assessment.objects.values_list("desk", flat=True)) == {Desk.DONE}
    before = {row.pk: row.total for row in Assessment.objects.all()}
    city.tell("school", 2020, 7, ELECTRICITY=1, WATER=1)
    assessing.reckon(scheme_id=scheme.pk, at=after)
    assert {row.pk: row.total for row in Assessment.objects.all()} == before, "settled points stay"


def test_nobody_scores_for_others_or_out_of_turn(city: City, scheme: Scheme) -> None:
    pk = of(city, "school").pk
    how = {"assessment_id": pk, "indicator_id": leaf("4.1").pk, "points": Decimal(1), "at": AT}
    with pytest.raises(Assessment.DoesNotExist):
        assessing.score_self(actor=city.actor("stranger"), **how)
    with pytest.raises(NotAllowed):
        assessing.score_self(actor=city.actor("leader"), **how)
    with pytest.raises(NotAllowed):
        assessing.decide(actor=city.actor("county"), assessment_id=pk, at=AT)
    assert refused(assessing.hand_on, actor=SYSTEM, assessment_id=pk) == "state"
    with pytest.raises(Indicator.DoesNotExist):
        assessing.score_self(
            actor=city.actor("clerk"), assessment_id=pk, indicator_id=leaf("2.1").pk,
            points=Decimal(1), at=AT,
        )  # fmt: skip


def test_it_comes_back_with_reasons(city: City, scheme: Scheme) -> None:
    fill(city)
    pk = of(city, "school").pk
    assessing.send(actor=city.actor("clerk"), assessment_id=pk, at=AT)
    county = city.actor("county")
    assert (
        refused(assessing.send_back, actor=county, assessment_id=pk, reason="") == "words_missing"
    )
    back = assessing.send_back(actor=county, assessment_id=pk, reason="缺计量清单", at=AT)
    assert (back.desk, back.back_why) == (Desk.SELF, "缺计量清单")


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_the_keeper_plans_and_opens(city: City) -> None:
    answer = post(city, "keeper", "scheme_new", table="online", year="2020", title="")
    assert answer.status_code == 302
    made = Scheme.objects.get()
    page = seen(city, "keeper", "scheme", made.pk)
    for word in ("1.1", "必须完成", "达到 2.2", "每次 2 分", "满分 100"):
        assert word in page
    answer = post(city, "keeper", "scheme_open", made.pk, self_until="2020-12-20", appeal_until="")
    assert answer.status_code == 422
    assert "补填申诉截止" in answer.content.decode()
    answer = post(
        city, "keeper", "scheme_open", made.pk, self_until="2020-12-20", appeal_until="2021-01-15"
    )
    assert answer.status_code == 302
    page = seen(city, "clerk", "scheme", made.pk)
    assert "3<span" in page
    assert "名录库 4 家" in page
    assert "启用方案" not in page


def test_a_clerk_scores_and_the_desks_answer(city: City, scheme: Scheme) -> None:
    pk = of(city, "school").pk
    assert "提交自评" in seen(city, "clerk", "assessment", pk)
    for number in ("4.1", "4.2"):
        one = leaf(number)
        assert "保存得分" in seen(city, "clerk", "indicator", pk, one.pk)
        answer = post(city, "clerk", "indicator", pk, one.pk, points="99")
        assert answer.status_code == 422
        assert post(city, "clerk", "indicator", pk, one.pk, points="6").status_code == 302
    assert post(city, "clerk", "assessment_send", pk).status_code == 302
    page = seen(city, "county", "assessment", pk)
    assert "转市级评审" in page
    assert post(city, "county", "assessment_back", pk, reason="").status_code == 422
    assert post(city, "county", "assessment_pass", pk).status_code == 302
    assert "等待评审打分" in seen(city, "keeper", "assessment", pk)
    assert post(city, "keeper", "assessment_decide", pk).status_code == 422
    assert post(city, "keeper", "indicator", pk, leaf("4.3").pk, points="0").status_code == 302
    assert "等待评审打分" not in seen(city, "keeper", "assessment", pk)
    assert post(city, "keeper", "assessment_decide", pk).status_code == 302
    one = leaf("4.2")
    assert post(city, "clerk", "indicator", pk, one.pk, words="分表已装").status_code == 302
    asked = Appeal.objects.get()
    assert "申诉待复核" in seen(city, "clerk", "assessment", pk)
    assert "分表已装" in seen(city, "keeper", "appeal", asked.pk)
    answer = post(city, "keeper", "appeal", asked.pk, upheld="1", points="", words="同意")
    assert answer.status_code == 422, "what it then gets is missing"
    answer = post(city, "keeper", "appeal", asked.pk, upheld="1", points="8", words="同意")
    assert answer.status_code == 302
    assert "同意" in seen(city, "clerk", "indicator", pk, one.pk)


def test_others_see_nothing_of_it(city: City, scheme: Scheme) -> None:
    pk = of(city, "school").pk
    for name, args in (("assessment", [pk]), ("indicator", [pk, leaf("4.1").pk])):
        answer = visit(city, "stranger").get(reverse(f"energy:{name}", args=args))
        assert answer.status_code == 404, name
    answer = visit(city, "supervisor").post(
        reverse("energy:indicator", args=[pk, leaf("4.1").pk]), {"points": "1"}
    )
    assert answer.status_code == 404
    for who in ("keeper", "county", "clerk"):
        for name in ("schemes_list", "assessments_list", "work_list"):
            seen(city, who, name)


def test_the_rank_list_shows_places_only_of_those_who_pass(city: City, scheme: Scheme) -> None:
    for name, total, outcome in (
        ("school", 93, Outcome.PASSED), ("office", 93, Outcome.PASSED),
        ("hospital", 99, Outcome.UNFINISHED),
    ):  # fmt: skip
        Assessment.objects.filter(pk=of(city, name).pk).update(total=total, outcome=outcome)
    rank = next(column for column in ASSESSMENTS.columns if column.name == "rank")
    assert rank.value is not None
    rows = {row.institution.name: rank.value(row) for row in queries.listed(Scope.all())}
    assert rows == {"乐平市第一中学": 1, "乐平市财政局": 1, "市第二人民医院": None}
    (own,) = queries.listed(city.actor("clerk").scope("energy.assessment.see"))
    assert own.place == 1, "among all, whoever looks"
    page = seen(city, "keeper", "assessments_list", view="all")
    assert "乐平市财政局" in page
    assert "未完成" in page


def test_an_indicator_opens_the_rows_behind_what_data_says(city: City, scheme: Scheme) -> None:
    school = city.institution("school")
    pk = of(city, "school").pk
    for number, words, part in (
        ("1.1", "下降 8.81%", f"/institutions/{school.pk}/?year=2020"),
        ("1.3", "下降 0.00%", f"/institutions/{school.pk}/?year=2020"),
        ("2.1", "85.7%", "/returns/?view=all"),
        ("3.1", "0 次", "/work/?view=all&amp;kind=TRAINING"),
        ("3.5", "0.0%", "/waste/?view=all"),
    ):
        page = seen(city, "clerk", "indicator", pk, leaf(number).pk)
        assert words in page, number
        assert part in page, number


def test_what_only_a_reviewer_scores_opens_for_the_reviewer(city: City, scheme: Scheme) -> None:
    fill(city)
    pk = of(city, "school").pk
    assessing.send(actor=SYSTEM, assessment_id=pk, at=AT)
    assert "保存得分" in seen(city, "county", "indicator", pk, leaf("4.3").pk)
    post(city, "county", "indicator", pk, leaf("4.3").pk, points="5", words="")
    assert score(city, "school", "4.3").county == 5
