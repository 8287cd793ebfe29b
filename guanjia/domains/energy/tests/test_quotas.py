"""Quotas: where figures stand, who is asked why, what they say, and what came of it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.energy.actions import quotas as actions
from guanjia.domains.energy.actions.quotas import Judged
from guanjia.domains.energy.models import InstitutionSpell, QuotaCase
from guanjia.domains.energy.pages.scales import bar
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.rules import quotas as rules
from guanjia.domains.energy.rules.quotas import Quota
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.quotas import CaseState, Place, QuotaMeasure
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, Refused
from guanjia.kernel.values.actor import NotAllowed, Scope
from guanjia.ui.tests.reading import flat

D = Decimal


def quota(**values: Any) -> Quota:
    return Quota(
        measure=QuotaMeasure.PER_M2, title="定额", cite=Citation(title="定额", own=True),
        since=TODAY, **{name: D(value) for name, value in values.items()},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "place"),
    [("10", Place.GUIDE), ("10.01", Place.BASE), ("20", Place.BASE), ("30", Place.BOUND),
     ("30.01", Place.OVER)],
)  # fmt: skip
def test_a_figure_stands_between_the_values(value: str, place: Place) -> None:
    assert rules.place(D(value), quota(guide=10, base=20, bound=30)) is place


@pytest.mark.parametrize(
    ("months", "value", "place"),
    [(11, "5", Place.PART), (12, "5", Place.GUIDE), (1, "31", Place.OVER), (0, "30", Place.PART)],
)
def test_a_part_of_a_year_can_only_be_over(months: int, value: str, place: Place) -> None:
    told = quota(guide=10, base=20, bound=30)
    assert rules.place(D(value), told, months=months) is place


@pytest.mark.parametrize(
    ("values", "place"),
    [({"bound": 30}, Place.BOUND), ({"guide": 10}, None), ({"guide": 30}, Place.GUIDE), ({}, None)],
)
def test_values_that_are_not_set_tell_nothing(values: Any, place: Place | None) -> None:
    assert rules.place(D(25), quota(**values)) is place


@given(
    value=st.decimals(min_value=0, max_value=10**6, places=2),
    bound=st.decimals(min_value="0.01", max_value=10**6, places=2),
)
def test_a_bar_never_leaves_its_frame(value: D, bound: D) -> None:
    drawn = bar(value, quota(bound=bound))
    assert 0 <= drawn["reach"] <= 100
    assert 0 <= drawn["steps"][0]["at"] <= 100
    if value > bound:
        assert drawn["reach"] >= drawn["steps"][0]["at"]


def test_only_what_the_reference_gives_has_a_quota() -> None:
    found = queries.quotas_of(law_at(TODAY))
    assert set(found) == {(InstitutionKind.STATE, QuotaMeasure.POWER_PER_M2)}
    (one,) = found.values()
    assert (one.bound, one.base, one.guide) == (D(90), None, D(65))
    assert one.cite.unchecked


# ── judging ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def over(city: City) -> City:
    """An office of 2,000 ㎡ that used 100 kWh/㎡, and a school that has no quota."""
    city.tell("office", 2019, 6, ELECTRICITY=200_000)
    city.tell("school", 2019, 6, ELECTRICITY=9_000_000)
    return city


def judged(city: City) -> QuotaCase:
    actions.judge_year(actor=city.actor("keeper"), year=2019, at=AT)
    case: QuotaCase = QuotaCase.objects.get()
    return case


def test_who_is_over_is_asked_and_nobody_else(over: City) -> None:
    case = judged(over)
    assert case.institution == over.institution("office")
    assert (case.value, case.bound, case.months) == (D(100), D(90), 1)
    assert case.article == "《民用建筑能耗标准》 · GB/T 51161-2016"
    assert (case.checked, case.state, case.due_on) == (False, "ASKED", TODAY + 20 * DAY)
    assert Record.objects.get(verb="energy.quota.asked").after["bound"] == "90.0000"


def test_judging_again_asks_nobody_twice(over: City) -> None:
    judged(over)
    assert actions.judge_year(actor=SYSTEM, year=2019, at=AT) == Judged(count=0, lapsed=0)


def test_a_case_lapses_when_its_months_were_corrected(over: City) -> None:
    case = judged(over)
    over.tell("office", 2019, 6, ELECTRICITY=20_000)
    assert actions.judge_year(actor=SYSTEM, year=2019, at=AT) == Judged(count=0, lapsed=1)
    case.refresh_from_db()
    assert (case.state, case.value) == ("LAPSED", D(100))
    over.tell("office", 2019, 6, ELECTRICITY=300_000)
    assert actions.judge_year(actor=SYSTEM, year=2019, at=AT) == Judged(count=1, lapsed=0)


def test_a_case_that_nobody_can_measure_now_stays(over: City) -> None:
    case = judged(over)
    InstitutionSpell.objects.filter(institution=case.institution_id).update(
        kind=InstitutionKind.HEALTH
    )
    assert actions.judge_year(actor=SYSTEM, year=2019, at=AT) == Judged(count=0, lapsed=0)
    case.refresh_from_db()
    assert case.state == "ASKED"


def test_a_told_case_that_lapses_says_why_and_to_whom(
    over: City, django_capture_on_commit_callbacks: Any
) -> None:
    case = with_clerk(over)
    actions.explain(actor=over.actor("clerk"), quota_id=case.pk, explanation="新增机房", at=AT)
    InstitutionSpell.objects.filter(institution=case.institution_id).update(floor_m2=4000)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.judge_year(actor=SYSTEM, year=2019, at=AT) == Judged(count=0, lapsed=1)
    record = Record.objects.get(verb="energy.quota.lapsed")
    assert record.note == "现在的本年值为 50，不超过约束值 90"
    assert Notice.objects.filter(kind="energy.quota_lapsed").count() == 1


def test_papers_go_until_somebody_decided_by_them(over: City) -> None:
    case, clerk = with_clerk(over), over.actor("clerk")

    def told(name: str) -> int:
        file = attachments.stage(actor=clerk, file=b"paper", name=name, at=AT)
        actions.explain(actor=clerk, quota_id=case.pk, explanation="机房", files=[file.pk], at=AT)
        return int(file.pk)

    paper = told("说明.txt")
    actions.send_back(actor=over.actor("keeper"), quota_id=case.pk, comment="不清楚", at=AT)
    attachments.remove(actor=clerk, attachment_id=paper, reason="错了", at=AT)
    paper = told("又一份.txt")
    actions.accept(actor=over.actor("keeper"), quota_id=case.pk, at=AT)
    with pytest.raises(Refused, match="附件是处理的依据"):
        attachments.remove(actor=clerk, attachment_id=paper, reason="错了", at=AT)


def test_a_figure_beyond_a_case_stops_nobody_and_is_said(over: City) -> None:
    over.tell("school", 2019, 7, ELECTRICITY=5)
    over.tell("office", 2019, 7, ELECTRICITY=9_999_999_999)
    InstitutionSpell.objects.filter(institution=over.institution("office")).update(
        floor_m2=D("0.01")
    )
    case = judged(over)
    assert case.value == rules.VALUE_MAX
    assert "按最大值登记" in Record.objects.get(verb="energy.quota.asked").note


def test_it_refuses_a_year_that_has_not_begun(city: City) -> None:
    with pytest.raises(Refused, match="还没有开始"):
        actions.judge_year(actor=SYSTEM, year=2021, at=AT)


@pytest.mark.parametrize("who", ["clerk", "county", "leader"])
def test_only_the_bureau_judges(over: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        actions.judge_year(actor=over.actor(who), year=2019, at=AT)


def test_the_figures_of_a_case_stand(over: City) -> None:
    case = judged(over)
    with pytest.raises(DatabaseError, match=r"pgtrigger|Invalid"), transaction.atomic():
        QuotaCase.objects.filter(pk=case.pk).update(bound=80)
    with pytest.raises(DatabaseError, match=r"pgtrigger|Invalid"), transaction.atomic():
        QuotaCase.objects.filter(pk=case.pk).update(
            state="ACCEPTED", explanation="x", explained_at=AT
        )


# ── explaining ───────────────────────────────────────────────────────────────────────────


def with_clerk(city: City) -> QuotaCase:
    """The case lies at an institution that the clerk fills in for."""
    from guanjia.domains.energy.actions import institutions  # noqa: PLC0415 — only here

    institutions.assign_clerk(
        actor=SYSTEM, institution_id=city.institution("office").pk,
        person_id=city.people["clerk"].pk, since=TODAY, at=AT,
    )  # fmt: skip
    return judged(city)


def test_an_explanation_comes_back_and_is_taken(
    over: City, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        case = with_clerk(over)
    clerk, county = over.actor("clerk"), over.actor("county")
    assert Notice.objects.filter(kind="energy.quota_asked").count() == 1
    actions.explain(actor=clerk, quota_id=case.pk, explanation="新增机房", at=AT)
    back = actions.send_back(actor=county, quota_id=case.pk, comment="附用电清单", at=AT)
    assert (back.state, back.returned_note) == ("BACK", "附用电清单")
    actions.explain(actor=clerk, quota_id=case.pk, explanation="新增机房，清单附后", at=AT)
    taken = actions.accept(actor=county, quota_id=case.pk, at=AT)
    assert (taken.state, taken.explanation) == ("ACCEPTED", "新增机房，清单附后")
    verbs = Record.objects.filter(verb__startswith="energy.quota").order_by("pk")
    assert [record.verb.rpartition(".")[2] for record in verbs] == [
        "asked", "explained", "sent_back", "explained", "accepted",
    ]  # fmt: skip
    kinds = {"quota_asked", "quota_told", "quota_back", "quota_taken"}
    assert set(Notice.objects.values_list("kind", flat=True)) >= {f"energy.{k}" for k in kinds}


@pytest.mark.parametrize("who", ["stranger", "other_county", "supervisor"])
def test_nobody_explains_for_others(over: City, who: str) -> None:
    case = judged(over)
    with pytest.raises((NotAllowed, QuotaCase.DoesNotExist)):
        actions.explain(actor=over.actor(who), quota_id=case.pk, explanation="不知道", at=AT)


@pytest.mark.parametrize("words", ["", "  ", "长" * 1001])
def test_it_refuses_an_explanation_without_words(over: City, words: str) -> None:
    case = judged(over)
    with pytest.raises(Refused) as refused:
        actions.explain(actor=SYSTEM, quota_id=case.pk, explanation=words, at=AT)
    (finding,) = refused.value.findings
    assert finding.cite is not None
    assert finding.cite.article == "第十六条、第十七条"


def test_it_refuses_what_is_not_its_turn(over: City) -> None:
    case = judged(over)
    with pytest.raises(Refused, match="待说明"):
        actions.accept(actor=SYSTEM, quota_id=case.pk, at=AT)
    actions.explain(actor=SYSTEM, quota_id=case.pk, explanation="新增机房", at=AT)
    again = actions.explain(actor=SYSTEM, quota_id=case.pk, explanation="再说", at=AT)
    assert again.explanation == "再说", "it is mended until somebody decides"
    with pytest.raises(Refused, match="没有写退回意见"):
        actions.send_back(actor=SYSTEM, quota_id=case.pk, comment=" ", at=AT)
    actions.accept(actor=SYSTEM, quota_id=case.pk, at=AT)
    with pytest.raises(OutOfState, match="现在是采纳"):
        actions.explain(actor=SYSTEM, quota_id=case.pk, explanation="又说", at=AT)


@pytest.mark.parametrize(("days", "told"), [(17, 1), (18, 0), (20, 0), (21, 1), (22, 0)])
def test_reminders_come_before_the_day_and_after_it(over: City, days: int, told: int) -> None:
    judged(over)
    assert actions.remind(actor=SYSTEM, at=AT + days * DAY) == told


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_the_page_tells_values_counts_and_who_has_none(over: City) -> None:
    case = judged(over)
    page = seen(over, "keeper", "quotas", year=2019)
    for word in ("未核对", "国家机关", "未设定额：事业单位-教育", "判定超定额"):
        assert word in page
    assert reverse("energy:quota_judge") not in seen(over, "county", "quotas", year=2019)
    assert "乐平市财政局" in seen(over, "county", "quota_cases_list", view="owed")
    assert "乐平市财政局" not in seen(over, "other_county", "quota_cases_list", view="all")
    assert visit(over, "stranger").get(f"/energy/quotas/{case.pk}/").status_code == 404
    office = over.institution("office").pk
    assert "约束值 90" in seen(over, "keeper", "institution", office, year=2019)


def test_a_count_opens_the_institutions_behind_it(over: City) -> None:
    over.tell("hospital", 2019, 6, ELECTRICITY=1)
    InstitutionSpell.objects.filter(institution=over.institution("hospital")).update(kind="STATE")
    for who, there, gone in (
        ("keeper", ("乐平市财政局", "市第二人民医院"), ("乐平市第一中学",)),
        ("county", ("乐平市财政局",), ("市第二人民医院", "乐平市第一中学")),
    ):
        answer = visit(over, who).get(reverse("energy:quotas"), {"year": 2019})
        (one,) = answer.context["tallies"]
        assert one["total"] == len(there)
        page = flat(visit(over, who).get(one["url"]).content)
        assert all(name in page for name in there)
        assert not any(name in page for name in gone)
        (url,) = [url for place, n, url in one["places"] if place is Place.OVER and n]
        page = flat(visit(over, who).get(url).content)
        assert "乐平市财政局" in page
        assert "市第二人民医院" not in page
    for bad in ({"kind": "X", "measure": "Y"}, {"kind": "STATE", "measure": "POWER_PER_M2",
                                                "place": "Z", "page": "x"}):  # fmt: skip
        assert "乐平市财政局" not in seen(over, "keeper", "quotas", year=2019, **bad)


def test_a_clerk_explains_by_page_and_sees_it_in_the_inbox(over: City) -> None:
    case = with_clerk(over)
    inbox = flat(visit(over, "clerk").get("/").content)
    assert "单位面积用电量超定额" in inbox
    assert post(over, "clerk", "quota_explain", case.pk, explanation="").status_code == 422
    assert post(over, "clerk", "quota_explain", case.pk, explanation="新增机房").status_code == 302
    accept = reverse("energy:quota_accept", args=[case.pk])
    assert accept not in seen(over, "clerk", "quota_case", case.pk)
    assert accept in seen(over, "county", "quota_case", case.pk)
    assert post(over, "county", "quota_return", case.pk, comment="").status_code == 422
    assert post(over, "county", "quota_accept", case.pk, decision="").status_code == 302
    assert QuotaCase.objects.get().state == CaseState.ACCEPTED
    assert list(queries.owed(Scope.all())) == []


def test_the_keeper_judges_by_page(over: City) -> None:
    assert post(over, "keeper", "quota_judge", year="2019").status_code == 302
    assert QuotaCase.objects.count() == 1
    assert post(over, "keeper", "quota_judge", year="2021").status_code == 422
    assert post(over, "clerk", "quota_judge", year="2019").status_code == 403


OWN = """energy.quota.education.water_per_person:
  title: 学校人均用水定额
  unit: m³/人
  local: may_replace
  values:
    - since: 2019-01-01
      value: {BOUND: "30", BASE: "20", GUIDE: "12"}
      cite: {own: 本局参数：学校用水定额}
"""


def test_a_deployment_adds_quotas_of_its_own(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "energy-quota.yaml").write_text(OWN, "utf-8")
    monkeypatch.setenv("GUANJIA_REGULATIONS_DIR", str(tmp_path))
    city.tell("school", 2019, 6, WATER=600 * 31)
    assert actions.judge_year(actor=SYSTEM, year=2019, at=AT) == Judged(count=1, lapsed=0)
    case = QuotaCase.objects.get()
    assert (case.value, case.bound, case.article) == (D(31), D(30), "规则：本局参数：学校用水定额")
    assert case.checked, "a rule of one's own needs no official text"
