"""Pages of the department as their users open them."""

from datetime import date
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from guanjia.config import testing_grounds
from guanjia.domains.energy.actions import filings
from guanjia.domains.energy.actions import institutions as actions
from guanjia.domains.energy.models import Consumption, Doubt, Filing
from guanjia.domains.energy.pages.years import ranking
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.terms.institutions import Change, InstitutionKind
from guanjia.domains.energy.terms.returns import FilingKind, FilingState
from guanjia.domains.energy.tests import builders
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.kernel.values.actor import Scope
from guanjia.ui.tests.reading import flat

FIRST = date(2020, 1, 1)


def _told(city: City) -> City:
    """Half a year of four institutions is told."""
    told = (("school", 4000), ("office", 900), ("clinic", 2000), ("hospital", 90_000))
    with time_machine.travel(AT, tick=False):
        for name, power in told:
            city.half_year(name, power=power)
    return city


energy_year = testing_grounds.fixture("energy_year", _told, on="energy_city")


@pytest.fixture
def year(energy_year: City) -> City:
    """See ``_told``."""
    return energy_year


def test_the_year_shows_areas_kinds_and_who_uses_most(year: City) -> None:
    page = seen(year, "keeper", "overview")
    for word in ("市本级", "乐平市", "浮梁县", "事业单位-卫生", "市第二人民医院", "0.1229"):
        assert word in page
    assert page.index("市第二人民医院") < page.index("乐平市第一中学")
    assert "未核对" in page, "the factor of gas has not been compared with a text"
    own = seen(year, "county", "overview")
    assert "乐平市第一中学" in own
    assert "市第二人民医院" not in own
    assert "浮梁县" not in own


def test_every_total_opens_the_months_it_is_made_of(year: City) -> None:
    """Who moved or left meanwhile counts where it stood at the end of the year."""
    leping, fuliang = year.units["leping"], year.units["fuliang"]
    actions.enter_institutions(
        actor=SYSTEM, at=AT,
        rows=[builders.row("浮梁县卫生院", 3, kind=InstitutionKind.HEALTH, area=leping)],
    )  # fmt: skip
    actions.reform(
        actor=SYSTEM, kind=Change.CLOSED, before=[year.institution("office").pk], after=[],
        on=date(2020, 8, 1), at=AT,
    )  # fmt: skip
    year.tell("clinic", 2019, 12, ELECTRICITY=70)
    page = seen(year, "keeper", "overview", year="2020")
    for which, names in (
        (f"area={leping.pk}", {"乐平市第一中学", "浮梁县卫生院"}),
        ("kind=HEALTH", {"市第二人民医院", "浮梁县卫生院"}),
        ("standing=YES", {"乐平市第一中学", "浮梁县卫生院", "市第二人民医院"}),
    ):
        query = f"?view=all&month_from=2020-01-01&month_to=2020-12-31&{which}"
        assert query.replace("&", "&amp;") in page, which
        assert opened(year, query) == names
    assert f"area={fuliang.pk}" not in page, "nobody is there at the end of 2020"
    before = f"?view=all&month_from=2019-01-01&month_to=2019-12-31&area={fuliang.pk}"
    assert opened(year, before) == {"浮梁县卫生院"}


def opened(city: City, query: str) -> set[str]:
    listed = flat(visit(city, "keeper").get(reverse("energy:returns_list") + query).content)
    return {row.name for row in city.institutions.values() if row.name in listed}


def test_who_told_nothing_is_listed_by_name(city: City) -> None:
    city.half_year("school")
    page = seen(city, "keeper", "overview", year="2020")
    leping = city.units["leping"].pk
    query = f"?view=all&on=2020-08-20&silent=2020&area={leping}"
    assert query.replace("&", "&amp;") in page
    silent = visit(city, "keeper").get(reverse("energy:institutions_list") + query)
    assert "乐平市财政局" in flat(silent.content)
    assert "乐平市第一中学" not in flat(silent.content)


def test_an_empty_year_says_so(city: City) -> None:
    assert "这一年还没有月报" in seen(city, "keeper", "overview", year="2019")
    for odd in ("abc", "1", "99999999999", "٢٠٢٠"):
        seen(city, "keeper", "overview", year=odd)


def test_the_year_as_a_file(year: City) -> None:
    answer = visit(year, "keeper").get(reverse("energy:overview_export"), {"order": "per_person"})
    assert answer.status_code == 200
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    told = [row for row in rows if isinstance(row[0], int)]
    found = totals.year_of(Scope.all(), 2020)
    wanted = [
        (place, body.name, float(round(found.intensity_of(body).per_person or 0, 2)))
        for place, body in ranking(found, "per_person")
    ]
    assert len(wanted) > 1
    assert [(row[0], row[1], row[6]) for row in told] == wanted
    assert [row[6] for row in told] == sorted((row[6] for row in told), reverse=True)


def test_a_bar_opens_the_institutions_it_is_made_of(year: City) -> None:
    year.tell("school", 2019, 5, ELECTRICITY=4000)
    page = seen(year, "keeper", "overview", year="2019")
    area = year.units["leping"].pk
    assert f"on=2019-12-31\\u0026area={area}" in page, "in what the chart is drawn from"


def test_an_institution_shows_its_months_to_those_it_concerns(year: City) -> None:
    pk = year.institution("school").pk
    for who in ("keeper", "county", "clerk", "supervisor"):
        page = seen(year, who, "institution", pk)
        assert "12 月" in page
        assert "没有填报" in page, "July is missing"
    for who in ("stranger", "other_county"):
        answer = visit(year, who).get(reverse("energy:institution", args=[pk]))
        assert answer.status_code == 404, who


def test_a_month_is_filled_in_and_what_is_odd_is_said(year: City) -> None:
    pk = year.institution("school").pk
    page = seen(year, "clerk", "month_fill", pk, "2020-07")
    assert "上月用量" in page
    told = {"electricity": "42,000", "electricity_cost": "2,604.00", "water": "121",
            "water_cost": "344.85"}  # fmt: skip
    answer = post(year, "clerk", "month_fill", pk, "2020-07", **told)
    assert answer.status_code == 302
    page = seen(year, "clerk", "month", pk, "2020-07")
    assert "42,000" in page
    assert "疑似多写一位" in page
    assert "提交说明" in page
    assert "提交说明" not in seen(year, "supervisor", "month", pk, "2020-07")
    doubt = Doubt.objects.get()
    assert post(year, "clerk", "doubt_explain", doubt.pk, explanation="").status_code == 422
    assert post(year, "clerk", "doubt_explain", doubt.pk, explanation="新楼通电").status_code == 302
    assert "新楼通电" in seen(year, "keeper", "month", pk, "2020-07")


def test_what_cannot_be_read_comes_back_with_everything_typed(year: City) -> None:
    pk = year.institution("school").pk
    told = {"electricity": "四千", "electricity_cost": "2604", "water": "-1", "water_cost": "0.005"}
    answer = post(year, "clerk", "month_fill", pk, "2020-07", **told)
    assert answer.status_code == 422
    page = flat(answer.content)
    for word in ("电只填数字", "水不应小于 0", "水费最多写到分", "四千"):
        assert word in page
    assert not Consumption.objects.filter(month_return__month="2020-07-01").exists()


@pytest.mark.parametrize("month", ["2020-13", "2020-09", "abc", "2020"])
def test_a_month_that_is_none_is_not_found(year: City, month: str) -> None:
    pk = year.institution("school").pk
    answer = visit(year, "clerk").get(reverse("energy:month", args=[pk, month]))
    assert answer.status_code == 404


def test_nobody_fills_in_for_others(year: City) -> None:
    pk = year.institution("school").pk
    assert post(year, "stranger", "month_fill", pk, "2020-07", electricity=1).status_code == 404
    assert post(year, "supervisor", "month_fill", pk, "2020-07", electricity=1).status_code == 403


def test_a_filing_from_desk_to_desk(year: City) -> None:
    answer = post(year, "keeper", "filing_open", period="20200103")
    assert answer.status_code == 302
    filing = Filing.objects.get(institution=year.institution("school"))
    assert "2020年第一季度" in seen(year, "keeper", "progress")
    page = seen(year, "clerk", "filing", filing.pk)
    assert "报送</a>" in page
    assert "审定锁定" not in page
    assert post(year, "clerk", "filing_send", filing.pk).status_code == 302
    assert "审核通过" in seen(year, "county", "filing", filing.pk)
    answer = post(year, "county", "filing_back", filing.pk, reason="")
    assert answer.status_code == 422
    assert "补填原因" in flat(answer.content)
    assert post(year, "county", "filing_pass", filing.pk).status_code == 302
    assert post(year, "keeper", "filing_lock", filing.pk).status_code == 302
    filing.refresh_from_db()
    assert filing.state == FilingState.LOCKED
    pk = year.institution("school").pk
    assert "已锁定" in seen(year, "clerk", "month", pk, "2020-02")
    answer = post(year, "clerk", "month_fill", pk, "2020-02", electricity="1")
    assert answer.status_code == 422
    assert "已经审定锁定" in flat(answer.content)
    assert post(year, "keeper", "filing_unlock", filing.pk, reason="账单更正").status_code == 302
    assert "账单更正" in seen(year, "clerk", "filing", filing.pk)


def test_progress_reminds_and_stays_within_the_scope(year: City) -> None:
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=FIRST, at=AT)
    page = seen(year, "county", "progress")
    assert "乐平市" in page
    assert "浮梁县" not in page
    assert "布置报表</a>" not in page
    assert post(year, "county", "filing_urge", period="20200103").status_code == 302
    assert post(year, "clerk", "filing_urge", period="20200103").status_code == 403
    assert post(year, "keeper", "filing_open", period="nonsense").status_code == 422


@pytest.mark.parametrize(
    "name",
    ["institutions", "returns", "filings", "doubts", "audits", "demonstrations", "city_scores"],
)
def test_every_list_opens(year: City, name: str) -> None:
    for who in ("keeper", "leader", "supervisor"):
        seen(year, who, f"{name}_list")
    answer = visit(year, "clerk").get(reverse("energy:returns_list"))
    assert "市第二人民医院" not in flat(answer.content)


def test_a_clerk_is_named_by_number_and_ends(year: City) -> None:
    pk, number = year.institution("office").pk, year.people["clerk"].number
    assert "还没有指定统计员" in seen(year, "county", "institution", pk)
    answer = post(year, "county", "institution_clerk", pk, number="F000002", since="2020-08-01")
    assert answer.status_code == 422, "somebody of another county"
    assert "没有这个工号" in flat(answer.content)
    told = {"number": number, "since": "2020-08-01"}
    assert post(year, "county", "institution_clerk", pk, **told).status_code == 302
    assert post(year, "county", "institution_clerk", pk, **told).status_code == 422, (
        "once is enough"
    )
    assert "江敏" in seen(year, "clerk", "institution", pk)
    clerk = year.institution("office").clerks.get()
    assert post(year, "other_county", "clerk_end", clerk.pk).status_code == 404
    assert post(year, "clerk", "clerk_end", clerk.pk).status_code == 403
    assert post(year, "county", "clerk_end", clerk.pk).status_code == 302
    answer = visit(year, "clerk").get(reverse("energy:institution", args=[pk]))
    assert answer.status_code == 404
