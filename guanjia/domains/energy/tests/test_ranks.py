"""The ranks of an assessment, told to everybody."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from guanjia.domains.energy.actions import publications, schemes
from guanjia.domains.energy.models import Assessment, EnergyPublication, Scheme
from guanjia.domains.energy.rules import ranks
from guanjia.domains.energy.terms.assessment import Desk, Outcome
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
AFTER = AT + timedelta(days=61)


@pytest.fixture
def scheme(city: City) -> Scheme:
    """Assessed and through: school and office passed alike, the hospital did not finish."""
    made = schemes.plan_scheme(actor=SYSTEM, table=schemes.tables()["online"], year=2020, at=AT)
    schemes.open_scheme(
        actor=SYSTEM, scheme_id=made.pk, at=AT, self_until=TODAY + 30 * DAY,
        appeal_until=TODAY + 60 * DAY,
    )  # fmt: skip
    for name, total, outcome, grade in (
        ("school", "93.5", Outcome.PASSED, "优秀"), ("office", "93.5", Outcome.PASSED, "优秀"),
        ("hospital", "96", Outcome.UNFINISHED, ""),
    ):  # fmt: skip
        Assessment.objects.filter(institution=city.institution(name)).update(
            total=Decimal(total), outcome=outcome, grade=grade
        )
    for desk in (Desk.COUNTY, Desk.CITY, Desk.APPEAL):
        Assessment.objects.update(desk=desk)
    return made


def told(city: City, scheme: Scheme) -> EnergyPublication:
    keeper = city.actor("keeper")
    schemes.publish(actor=SYSTEM, scheme_id=scheme.pk, at=AFTER)
    made = publications.draft_ranks(actor=keeper, scheme_id=scheme.pk, at=AFTER)
    return publications.publish(actor=keeper, publication_id=made.pk, at=AFTER)


def test_everybody_reads_who_passed_and_how_many_did_not(city: City, scheme: Scheme) -> None:
    found = told(city, scheme)
    page = Client().get(reverse("energy:published", args=[found.code])).content.decode()
    for words in (
        "公共机构节能在线考核结果", "乐平市第一中学", "乐平市财政局", "93.50", "优秀",
        "名录库有公共机构4家，参加3家：达标2家，未完成1家。",
    ):  # fmt: skip
        assert words in page, words
    assert "市第二人民医院" not in page, "who did not pass is not named"
    (section,) = [each for each in found.content().sections if each.key == "ranks"]
    assert [row[0] for row in section.tables[0].rows] == ["1", "1"]
    listing = Client().get(reverse("energy:public"), {"q": "乐平市财政局"}).content.decode()
    assert "考核结果" in listing
    assert Record.objects.filter(verb="energy.notice.published").exists()


def test_ranks_are_laid_out_when_they_stand_and_once(city: City, scheme: Scheme) -> None:
    keeper = city.actor("keeper")
    how = {"actor": keeper, "scheme_id": scheme.pk, "at": AFTER}
    with pytest.raises(Refused) as refused:
        publications.draft_ranks(**how)
    assert refused.value.findings[0].code == "state"
    found = told(city, scheme)
    with pytest.raises(Refused) as refused:
        publications.draft_ranks(**how)
    assert refused.value.findings[0].code == "told_already"
    for who in ("county", "supervisor", "clerk"):
        with pytest.raises((NotAllowed, Refused)):
            publications.draft_ranks(**{**how, "actor": city.actor(who)})
    again = {"actor": keeper, "publication_id": found.pk, "at": AFTER}
    with pytest.raises(Refused) as refused:
        publications.correct(reason="核对", **again)
    assert refused.value.findings[0].code == "nothing_changed"
    publications.withdraw(reason="名称有误", **again)
    second = publications.correct(reason="更正名称", **again)
    assert (second.edition, second.scheme, second.kind) == (2, scheme, "RANKS")


def test_a_keeper_tells_them_from_the_page_of_the_scheme(city: City, scheme: Scheme) -> None:
    assert "拟公示稿" not in seen(city, "keeper", "scheme", scheme.pk)
    schemes.publish(actor=SYSTEM, scheme_id=scheme.pk, at=AFTER)
    assert "拟公示稿" in seen(city, "keeper", "scheme", scheme.pk)
    assert "拟公示稿" not in seen(city, "county", "scheme", scheme.pk)
    answer = post(city, "keeper", "scheme_notice", scheme.pk)
    assert answer.status_code == 302
    page = visit(city, "keeper").get(answer["Location"]).content.decode()
    assert "公示稿" in page
    assert scheme.title in page
    assert "看公示" in seen(city, "keeper", "scheme", scheme.pk)
    assert "看公示" not in seen(city, "county", "scheme", scheme.pk), "it is a draft"


def test_a_scheme_without_grades_has_no_column_of_them() -> None:
    one = ranks.Ranked(
        name="甲", area="乐平市", total=Decimal(81), grade="", outcome=Outcome.PASSED, place=1
    )
    for grades, width in ((["优秀"], 5), ([], 4)):
        paper = ranks.paper_of(title="考核", source="", rows=[one], grades=grades, listed=9)
        (table,) = paper.sections[1].tables
        assert (len(table.heads), [len(row) for row in table.rows]) == (width, [width])


def test_an_assessment_nobody_passed_says_so() -> None:
    paper = ranks.paper_of(title="考核", source="", rows=[], grades=["优秀"], listed=9)
    assert paper.sections[1].sentences == ("没有达标的机构。",)
    assert paper.sections[0].figures == ()
