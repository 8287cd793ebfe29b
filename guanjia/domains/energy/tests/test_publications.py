"""What is published of energy: only what was published, as it was, found and taken away."""

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.energy.actions import analyses, publications
from guanjia.domains.energy.models import Analysis, EnergyPublication, InstitutionSpell
from guanjia.domains.energy.pages import papers
from guanjia.domains.energy.queries import publications as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.terms.analyses import PublicationState
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, City
from guanjia.domains.energy.tests.test_analyses import YEAR, others, tell_years
from guanjia.engines.wordreports.paper import Head, Paper, Section, Table
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, Held, NotAllowed, Reach, Scope
from guanjia.ui.tests.reading import flat


@pytest.fixture
def told(city: City) -> City:
    tell_years(city)
    return city


def draft(city: City, **more: Any) -> EnergyPublication:
    call = {"year": YEAR, "key_users": True, "at": AT, **more}
    return publications.draft_year(actor=city.actor("keeper"), **call)


def publish(city: City, made: EnergyPublication) -> EnergyPublication:
    return publications.publish(actor=city.actor("keeper"), publication_id=made.pk, at=AT)


def anybody(name: str, *args: Any, **query: Any) -> Any:
    return Client().get(reverse(f"energy:{name}", args=args), query)


def test_nothing_unpublished_is_ever_visible(told: City) -> None:
    made = draft(told)
    assert "市第二人民医院" not in flat(anybody("public").content)
    assert "还没有公示" in flat(anybody("public").content)
    for name in ("published", "published_sheet", "published_csv"):
        assert anybody(name, made.code).status_code == 404, name
    for who in ("clerk", "county"):
        address = reverse("energy:notice", args=[made.pk])
        assert visit(told, who).get(address).status_code == 404
        assert made.title not in seen(told, who, "notices")
    publish(told, made)
    assert made.title in flat(anybody("public").content)
    assert "市第二人民医院" in flat(anybody("published", made.code).content)
    assert made.title in seen(told, "clerk", "notices")


def test_key_users_are_named_only_where_the_keeper_chose_so(told: City) -> None:
    made = publish(told, draft(told, key_users=False))
    page = flat(anybody("published", made.code).content)
    assert "市第二人民医院" not in page
    assert "各区域" in page


def test_a_sum_of_fewer_than_three_is_not_told(told: City) -> None:
    paper = draft(told).content()
    (row,) = [row for row in paper.section("areas").tables[0].rows if row[0] == "市本级"]
    assert row[:3] == ("市本级", "1", "1")
    assert set(row[4:]) == {None}
    for name in ("school", "office", "clinic"):
        told.tell(name, YEAR, 1, ELECTRICITY=1000, WATER=10)
    kinds = draft(told).content().section("kinds")
    assert all(row[4] is None for row in kinds.tables[0].rows)
    assert "共15份，平均每家3.8个月" in draft(told).content().section("whole").sentences[0]


def test_who_told_no_water_is_not_behind_its_column(told: City) -> None:
    kinds = queries._line("医院", totals.year_of(Scope.all(), YEAR).whole, set())
    assert kinds.behind("electricity") == kinds.told > 0
    told.tell("clinic", YEAR, 1, ELECTRICITY=1000)
    again = queries._line("医院", totals.year_of(Scope.all(), YEAR).whole, set())
    assert again.behind("electricity") == kinds.told + 1
    assert again.behind("water") == kinds.behind("water")


def test_a_sheet_has_a_name_whatever_the_report_is_called() -> None:
    paper = Paper(
        title="2019年度办公室/档案局\x0b[甲]能源资源消费状况分析",
        sections=(Section(key="a", title="甲", tables=(
            Table(title="表", heads=(Head(title="名"),), rows=(("=1\x01",),)),
        )),),
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(papers.book(paper, notes=["说明\x1f"]))).active
    assert sheet.title == "2019年度办公室 档案局 甲 能源资源消费状况分析"
    assert [row[0].value for row in sheet.iter_rows()][1:] == ["说明", "名", "=1"]


@pytest.mark.parametrize(("count", "enough"), [(2, False), (3, True)])
def test_key_users_are_taken_off_a_group_whether_or_not_they_are_listed(
    told: City, count: int, enough: bool
) -> None:
    others(told, count, months=range(1, 13), year=YEAR)
    for chosen in (True, False):
        paper = draft(told, key_users=chosen).content()
        (row,) = [row for row in paper.section("areas").tables[0].rows if row[0] == "市本级"]
        assert row[2] == str(count + 1)
        assert (row[4] is not None) is enough
        assert ("不足以合计" not in paper.section("whole").sentences[0]) is enough


def test_whose_analysis_was_published_is_known_though_no_key_user_any_more(told: City) -> None:
    others(told, 2, months=range(1, 13), year=YEAR)
    keeper, hospital = told.actor("keeper"), told.institution("hospital")
    one = analyses.issue_analysis(actor=keeper, institution_id=hospital.pk, year=YEAR, at=AT)
    publish(told, publications.draft_analysis(actor=keeper, analysis_id=one.pk, at=AT))
    InstitutionSpell.objects.filter(institution=hospital).update(key_user=False)
    assert "不足以合计" in draft(told).content().section("whole").sentences[0]


def test_it_is_found_by_institution_and_its_rows_by_words(told: City) -> None:
    made = publish(told, draft(told))
    for words in ("第二人民", "2019", "指标 第二人民", "乐平"):
        assert made.title in flat(anybody("public", q=words).content), words
    nothing = flat(anybody("public", q="第三人民医院").content)
    assert "没有符合条件的公示" in nothing
    page = flat(anybody("published", made.code, q="第二人民").content)
    table = page[page.index("重点用能单位") :]
    assert "市第二人民医院" in table
    assert "事业单位-教育" not in flat(anybody("published", made.code, q="第二人民").content)


def test_the_same_is_taken_away_as_a_sheet(told: City) -> None:
    made = publish(told, draft(told))
    sheet = openpyxl.load_workbook(io.BytesIO(anybody("published_sheet", made.code).content)).active
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert made.title in cells
    assert "市第二人民医院" in cells
    assert f"校验值（SM3）：{made.digest}" in cells
    power = sum(
        line.amount
        for month in told.institution("hospital").returns.filter(month__year=YEAR)
        for line in month.lines.filter(energy="ELECTRICITY")
    )
    assert float(power) in cells
    text = anybody("published_csv", made.code).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert ["市第二人民医院", "12", *rows[-1][2:]] == rows[-1]


@pytest.mark.pg15
def test_what_is_published_is_frozen_and_corrected_by_another_edition(told: City) -> None:
    first = publish(told, draft(told))
    keeper = told.actor("keeper")
    call = {"actor": keeper, "publication_id": first.pk, "at": AT}
    with pytest.raises(Refused, match="没有要更正的数字"):
        publications.correct(reason="再看一次", **call)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        EnergyPublication.objects.filter(pk=first.pk).update(title="别的")
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        first.delete()
    with pytest.raises(Refused, match="已经公示"):
        draft(told)
    told.tell("hospital", YEAR, 5, ELECTRICITY=70_000)
    with pytest.raises(Refused, match="更正原因"):
        publications.correct(reason="", **call)
    second = publications.correct(reason="五月用电更正", **call)
    page = flat(anybody("published", first.code).content)
    assert "已更正" not in page, "a draft corrects nothing yet"
    publish(told, second)
    page = flat(anybody("published", first.code).content)
    assert "这一版已更正" in page
    assert "五月用电更正" in page
    listed = flat(anybody("public").content)
    assert second.code in listed
    assert first.code not in listed
    assert_tells_no_number(told, first, points_to=second)
    third = publications.correct(
        actor=keeper, publication_id=publish_change(told, second).pk, reason="六月用电更正", at=AT
    )
    publish(told, third)
    assert_tells_no_number(told, first, points_to=third)
    publications.withdraw(actor=keeper, publication_id=third.pk, reason="口径有误", at=AT)
    for each in (first, second):
        assert_tells_no_number(told, each, points_to=third)
    assert "（已撤下）" in flat(anybody("published", first.code).content)
    with pytest.raises(Refused, match="已有更正稿"):
        publications.correct(reason="又一次", **call)


def publish_change(city: City, found: EnergyPublication) -> EnergyPublication:
    """A month comes to something else after a publication."""
    city.tell("hospital", YEAR, 6, ELECTRICITY=71_000)
    return found


def assert_tells_no_number(
    city: City, found: EnergyPublication, *, points_to: EnergyPublication
) -> None:
    page = flat(anybody("published", found.code).content)
    assert "市第二人民医院" not in page
    assert "下载 Excel" not in page
    assert points_to.code in page
    for name in ("published_sheet", "published_csv"):
        assert anybody(name, found.code).status_code == 404, name
    inside = seen(city, "clerk", "notice", found.pk)
    assert "市第二人民医院" not in inside
    assert reverse("energy:notice", args=[points_to.pk]) in inside
    assert "市第二人民医院" in seen(city, "supervisor", "notice", found.pk)


def test_a_withdrawn_publication_says_why_and_tells_no_number(told: City) -> None:
    made = publish(told, draft(told))
    with pytest.raises(Refused, match="撤下原因"):
        publications.withdraw(actor=told.actor("keeper"), publication_id=made.pk, reason="", at=AT)
    post(told, "keeper", "notice_withdraw", made.pk, reason="口径有误")
    made.refresh_from_db()
    assert made.state == PublicationState.WITHDRAWN
    page = flat(anybody("published", made.code).content)
    assert "口径有误" in page
    assert "市第二人民医院" not in page
    assert anybody("published_sheet", made.code).status_code == 404
    assert anybody("published_csv", made.code).status_code == 404
    assert made.code not in flat(anybody("public").content)
    inside = seen(told, "clerk", "notice", made.pk)
    assert "口径有误" in inside
    assert "市第二人民医院" not in inside
    assert "市第二人民医院" in seen(told, "keeper", "notice", made.pk)
    record = Record.objects.get(verb="energy.notice.withdrawn")
    assert record.note == "口径有误"
    with pytest.raises(Refused, match="不能撤下"):
        publications.withdraw(
            actor=told.actor("keeper"), publication_id=made.pk, reason="再撤一次", at=AT
        )


def test_an_issued_analysis_is_published_and_corrected_by_its_next_edition(told: City) -> None:
    keeper, pk = told.actor("keeper"), told.institution("hospital").pk
    first = analyses.issue_analysis(actor=keeper, institution_id=pk, year=YEAR, at=AT)
    post(told, "keeper", "analysis_notice", first.pk)
    made = EnergyPublication.objects.get()
    assert publications.draft_analysis(actor=keeper, analysis_id=first.pk, at=AT) == made
    post(told, "keeper", "notice_publish", made.pk)
    page = flat(anybody("published", made.code).content)
    for word in ("消费总量和趋势", "逐月综合能耗", "12360200MB"):
        assert word in page
    assert f"/energy/institutions/{pk}/" not in page, "nothing inside is linked"
    assert "数据质量" in page
    assert "审核疑点" not in page, "what was told to the reviewers stays inside"
    assert "已公示" in seen(told, "keeper", "key_users", year=YEAR)
    told.tell("hospital", YEAR, 5, ELECTRICITY=70_000)
    again = analyses.issue_analysis(
        actor=keeper, institution_id=pk, year=YEAR, reason="五月用电更正", at=AT
    )
    other = publications.draft_analysis(actor=keeper, analysis_id=again.pk, at=AT)
    assert (other.edition, other.corrects, other.reason) == (2, made, "五月用电更正")
    refused = post(told, "keeper", "notice_correct", made.pk, reason="五月用电更正")
    assert "分析先重新出具" in flat(refused.content)
    third = analyses.issue_analysis
    told.tell("hospital", YEAR, 6, ELECTRICITY=71_000)
    last = third(actor=keeper, institution_id=pk, year=YEAR, reason="六月用电更正", at=AT)
    with pytest.raises(Refused, match="另一版分析还有公示稿"):
        publications.draft_analysis(actor=keeper, analysis_id=last.pk, at=AT)


def test_a_year_that_still_runs_is_drafted_but_not_published(told: City) -> None:
    told.half_year("hospital")
    made = draft(told, year=2020)
    assert "现在名录库有公共机构" in made.content().section("whole").sentences[0]
    with pytest.raises(Refused, match="还没有过完"):
        publish(told, made)
    later = {"actor": told.actor("keeper"), "at": AT.replace(year=2021)}
    with pytest.raises(Refused, match="年内统计"):
        publications.publish(publication_id=made.pk, **later)
    again = publications.draft_year(year=2020, key_users=True, **later)
    assert "2020年末名录库有公共机构" in again.content().section("whole").sentences[0]
    publications.publish(publication_id=again.pk, **later)


def test_the_page_of_a_running_year_says_when_it_can_be_published(told: City) -> None:
    running = timezone.localdate().year
    told.tell("hospital", 2020, 1, ELECTRICITY=1000)
    page = seen(told, "keeper", "notice", draft(told, year=running).pk)
    assert f"{running} 年过完才能公示" in page
    assert '/publish/"' not in page
    assert '/publish/"' in seen(told, "keeper", "notice", draft(told).pk)


def reviewer(city: City) -> Actor:
    """A reviewer of Leping who makes and sees publications, of Leping."""
    held = Held(
        duty="energy.county", title="县级",
        verbs=frozenset({"energy.notice.make", "energy.notice.see"}),
        reach=Reach.BELOW, unit_path=city.units["leping"].path, unit_id=city.units["leping"].pk,
    )  # fmt: skip
    return replace(city.actor("county"), held=(held,))


def test_a_maker_of_a_county_makes_what_is_of_the_county(told: City) -> None:
    keeper, pk = told.actor("keeper"), told.institution("hospital").pk
    one = analyses.issue_analysis(actor=keeper, institution_id=pk, year=YEAR, at=AT)
    county: dict[str, Any] = {"actor": reviewer(told), "at": AT}
    with pytest.raises(Refused, match="全市的机构"):
        publications.draft_year(year=YEAR, key_users=True, **county)
    with pytest.raises(Analysis.DoesNotExist):
        publications.draft_analysis(analysis_id=one.pk, **county)
    for made in (draft(told), lay_out(told, one)):
        assert not queries.sees_publication(county["actor"], made.pk)
        call = {"publication_id": made.pk, **county}
        with pytest.raises(EnergyPublication.DoesNotExist):
            publications.publish(**call)
        with pytest.raises(EnergyPublication.DoesNotExist):
            publications.drop_draft(**call)
        publish(told, made)
        assert queries.sees_publication(county["actor"], made.pk)
        with pytest.raises(EnergyPublication.DoesNotExist):
            publications.withdraw(reason="口径有误", **call)
        with pytest.raises(EnergyPublication.DoesNotExist):
            publications.correct(reason="口径有误", **call)
        assert not queries.NOTICES.reaches(county["actor"], queries.SEE, made.pk)


def test_a_maker_of_a_county_sees_drafts_of_the_county(told: City) -> None:
    tell_years(told, "school")
    InstitutionSpell.objects.filter(institution=told.institution("school")).update(key_user=True)
    one = analyses.issue_analysis(
        actor=told.actor("keeper"), institution_id=told.institution("school").pk, year=YEAR, at=AT
    )
    made = publications.draft_analysis(actor=reviewer(told), analysis_id=one.pk, at=AT)
    assert queries.sees_publication(reviewer(told), made.pk)
    publications.publish(actor=reviewer(told), publication_id=made.pk, at=AT)


def reissued(city: City, month: int) -> Analysis:
    city.tell("hospital", YEAR, month, ELECTRICITY=70_000)
    return analyses.issue_analysis(
        actor=city.actor("keeper"), institution_id=city.institution("hospital").pk, year=YEAR,
        reason="用电更正", at=AT,
    )  # fmt: skip


def lay_out(city: City, one: Analysis) -> EnergyPublication:
    return publications.draft_analysis(actor=city.actor("keeper"), analysis_id=one.pk, at=AT)


def test_an_older_edition_of_an_analysis_is_not_laid_out(told: City) -> None:
    keeper, pk = told.actor("keeper"), told.institution("hospital").pk
    first = analyses.issue_analysis(actor=keeper, institution_id=pk, year=YEAR, at=AT)
    assert "拟公示稿" in seen(told, "keeper", "analysis", first.pk)
    second = reissued(told, 5)
    assert "拟公示稿" not in seen(told, "keeper", "analysis", first.pk)
    for _ in range(2):  # before and after the newest was published
        with pytest.raises(Refused, match="从最新一版拟公示稿"):
            lay_out(told, first)
        if not EnergyPublication.objects.exists():
            publish(told, lay_out(told, second))
    assert EnergyPublication.objects.count() == 1


def test_what_was_withdrawn_of_an_analysis_is_not_laid_out_again(told: City) -> None:
    keeper, pk = told.actor("keeper"), told.institution("hospital").pk
    first = analyses.issue_analysis(actor=keeper, institution_id=pk, year=YEAR, at=AT)
    made = publish(told, lay_out(told, first))
    publications.withdraw(actor=keeper, publication_id=made.pk, reason="口径有误", at=AT)
    with pytest.raises(Refused, match="已撤下，不能恢复"):
        lay_out(told, first)
    assert lay_out(told, reissued(told, 5)).edition == 2


def test_drafts_are_counted_again_and_given_up(told: City) -> None:
    made = draft(told)
    assert draft(told, key_users=False).pk == made.pk
    answer = post(told, "keeper", "notice_draft", year="abc")
    assert answer.status_code == 422
    post(told, "keeper", "notice_draft", year=str(YEAR), key_users="1")
    made.refresh_from_db()
    assert made.key_users
    assert "放弃公示稿" in seen(told, "keeper", "notice", made.pk)
    assert "放弃公示稿" not in seen(told, "supervisor", "notice", made.pk)
    post(told, "keeper", "notice_drop", made.pk)
    assert not EnergyPublication.objects.exists()
    assert Record.objects.filter(verb="energy.notice.dropped").exists()


def test_a_draft_that_was_changed_past_us_is_not_published(told: City) -> None:
    made = draft(told)
    EnergyPublication.objects.filter(pk=made.pk).update(issuer="别人")
    with pytest.raises(Refused, match="与校验值不符"):
        publish(told, made)


def test_only_its_makers_make_publications(told: City) -> None:
    for who in ("county", "clerk", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            publications.draft_year(actor=told.actor(who), year=YEAR, key_users=True, at=AT)
