"""Shared buildings: shares that make all of it, and months divided so that nothing is lost."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.energy.actions import filings
from guanjia.domains.energy.actions import sites as actions
from guanjia.domains.energy.models import (
    Consumption,
    Filing,
    Institution,
    InstitutionSpell,
    Site,
    SitePart,
    SiteReturn,
    SiteShare,
)
from guanjia.domains.energy.queries import sites as queries
from guanjia.domains.energy.registers.returns import RETURNS
from guanjia.domains.energy.registers.sites import SITE_SHARES, SITES
from guanjia.domains.energy.rules import sites as rules
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.domains.energy.terms.sites import Basis
from guanjia.domains.energy.tests.books import book, counts, faults, month, take
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City, lines
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

pytestmark = pytest.mark.pg15

D = Decimal
MAY, JULY = date(2020, 5, 1), date(2020, 7, 1)
WEIGHTS = st.dictionaries(
    st.integers(min_value=1, max_value=40),
    st.decimals(min_value="0.000001", max_value=10**7, places=6),
    min_size=1,
    max_size=30,
)


# ── dividing ─────────────────────────────────────────────────────────────────────────────


@given(weights=WEIGHTS)
def test_shares_make_a_hundred(weights: dict[int, D]) -> None:
    assert sum(rules.percents(weights).values()) == 100


@given(
    weights=WEIGHTS,
    amount=st.decimals(min_value=0, max_value=10**9, places=4),
    cost=st.integers(min_value=0, max_value=10**11),
)
def test_parts_add_up_and_nobody_is_off_by_a_unit(
    weights: dict[int, D], amount: D, cost: int
) -> None:
    parts = rules.split(Used(amount=amount, cost_fen=cost), weights)
    assert sum(part.amount or 0 for part in parts.values()) == amount
    assert sum(part.cost_fen or 0 for part in parts.values()) == cost
    total = sum(weights.values())
    for key, part in parts.items():
        assert abs((part.cost_fen or 0) - cost * weights[key] / total) < 1 + D("0.001")
        assert (part.amount or 0) >= 0


def test_what_was_not_told_stays_untold() -> None:
    parts = rules.split(Used(amount=None, cost_fen=7), {1: D(50), 2: D(50)})
    assert parts == {1: Used(amount=None, cost_fen=4), 2: Used(amount=None, cost_fen=3)}


# ── who shares ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def site(city: City) -> Site:
    row = {"area": city.units["leping"], "name": "乐平大院", "address": "", "floor_m2": D(10_000)}
    actions.enter_sites(actor=SYSTEM, rows=[row], at=AT)
    found: Site = Site.objects.get()
    return found


def share(city: City, site: Site, since: date, basis: Basis = Basis.TOLD, **parts: Any) -> bool:
    return actions.share_out(
        actor=city.actor("keeper"), site_id=site.pk, since=since, basis=basis, at=AT,
        parts={city.institution(name).pk: D(value) if value else None
               for name, value in parts.items()},
    )  # fmt: skip


def shares(site: Site, day: date) -> dict[str, D]:
    return {row.institution.name: row.share for row in queries.shares_on(site.pk, day)}


def deferred() -> None:
    """Deferred triggers speak now, as at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_shares_hold_from_a_day_on_and_the_days_before_stay(city: City, site: Site) -> None:
    share(city, site, date(2020, 1, 1), school="60", office="40")
    share(city, site, JULY, Basis.FLOOR, school=None, office=None)
    deferred()
    assert shares(site, date(2020, 6, 30)) == {"乐平市第一中学": D(60), "乐平市财政局": D(40)}
    assert shares(site, JULY) == {"乐平市第一中学": D(80), "乐平市财政局": D(20)}
    assert not share(city, site, TODAY, Basis.FLOOR, school=None, office=None)
    share(city, site, TODAY)
    deferred()
    assert shares(site, TODAY) == {}
    last = Record.objects.filter(verb="energy.site.shared").latest("pk")
    assert last.before["shares"] == {"乐平市第一中学": "80.000000", "乐平市财政局": "20.000000"}


def test_people_may_decide_too(city: City, site: Site) -> None:
    share(city, site, MAY, Basis.PEOPLE, school=None, office=None)
    assert shares(site, MAY) == {"乐平市第一中学": D("90.909091"), "乐平市财政局": D("9.090909")}


@pytest.mark.parametrize(
    ("since", "parts", "code"),
    [(MAY, {"school": "60", "office": "39.9"}, "not_whole"),
     (MAY, {"school": None}, "weight_missing"),
     (date(2020, 8, 21), {"school": "100"}, "in_the_future"),
     (date(2019, 12, 31), {"school": "100"}, "before_known")],
)  # fmt: skip
def test_it_refuses_shares_that_cannot_be(
    city: City, site: Site, since: date, parts: Any, code: str
) -> None:
    share(city, site, date(2020, 1, 1), school="50", office="50")
    with pytest.raises(Refused) as refused:
        share(city, site, since, **parts)
    assert [finding.code for finding in refused.value.findings] == [code]


@pytest.mark.parametrize("portion", ["99.999999", "100.000001", "50"])
def test_the_database_wants_all_of_it(city: City, site: Site, portion: str) -> None:
    def enter() -> None:
        with transaction.atomic():
            SiteShare.objects.create(
                site=site, institution=city.institution("school"), during=DateRange(MAY, None),
                basis=Basis.TOLD, share=D(portion), told_at=AT,
            )  # fmt: skip
            deferred()

    with pytest.raises(DatabaseError):
        enter()


def test_the_database_keeps_shares_whole_when_one_goes(city: City, site: Site) -> None:
    share(city, site, MAY, school="50", office="50")

    def drop() -> None:
        with transaction.atomic():
            SiteShare.objects.filter(institution=city.institution("school")).delete()
            deferred()

    with pytest.raises(DatabaseError, match="100%"):
        drop()


@pytest.mark.parametrize("who", ["county", "clerk", "leader"])
def test_only_the_bureau_shares_out(city: City, site: Site, who: str) -> None:
    with pytest.raises(NotAllowed):
        actions.share_out(
            actor=city.actor(who), site_id=site.pk, since=MAY, basis=Basis.TOLD,
            parts={city.institution("school").pk: D(100)}, at=AT,
        )  # fmt: skip


def test_two_of_one_name_are_two(city: City, site: Site) -> None:
    school, office = city.institution("school"), city.institution("office")
    Institution.objects.filter(pk=office.pk).update(name=school.name)
    with pytest.raises(Refused, match="合计 90%"):
        share(city, site, MAY, school="50", office="40")
    share(city, site, MAY, school="60", office="40")
    told = Record.objects.get(verb="energy.site.shared").after["shares"]
    assert set(told.values()) == {"60.000000", "40.000000"}
    Institution.objects.filter(pk=office.pk).update(name="乐平市财政局")
    InstitutionSpell.objects.filter(institution=school).update(name="乐平市第一中学老校")
    row = {"site": site.name, "area": "乐平市", "code": school.code, "since": "2020-06-01"}
    twice = [{**row, "name": "乐平市第一中学", "share": 40},
             {**row, "name": "乐平市第一中学老校", "share": 100}]  # fmt: skip
    report = take(city, book(SITE_SHARES, twice), into=SITE_SHARES)
    assert [(row, code) for row, _, code in faults(report)] == [
        (3, "row_duplicate"), (4, "row_duplicate"),
    ]  # fmt: skip


def test_who_left_the_register_shares_no_more(city: City, site: Site) -> None:
    share(city, site, date(2020, 1, 1), school="60", office="40")
    left = date(2020, 6, 10)
    Institution.objects.filter(pk=city.institution("office").pk).update(left_on=left)
    with pytest.raises(Refused, match="乐平市财政局那时已退出名录库"):
        share(city, site, left, school="50", office="50")
    with pytest.raises(Refused, match="乐平市财政局那时已退出名录库") as refused:
        tell(city, site, date(2020, 6, 1), ELECTRICITY=100)
    assert refused.value.findings[0].code == "sharer_left"
    tell(city, site, MAY, ELECTRICITY=100)
    rows = [
        {"site": site.name, "area": "乐平市", "code": one.code, "name": one.name,
         "since": "2020-06-10", "share": 50}
        for one in (city.institution("school"), city.institution("office"))
    ]  # fmt: skip
    report = take(city, book(SITE_SHARES, rows), into=SITE_SHARES)
    assert faults(report) == [(4, "统一社会信用代码", "sharer_left")]


# ── months ───────────────────────────────────────────────────────────────────────────────


def tell(city: City, site: Site, day: date = MAY, who: str = "county", **used: Any) -> SiteReturn:
    return actions.tell_month(
        actor=city.actor(who), site_id=site.pk, month=day, lines=lines(used), at=AT
    )


def line(city: City, name: str, energy: Energy = Energy.ELECTRICITY) -> tuple[Any, Any]:
    row = Consumption.objects.get(
        month_return__institution=city.institution(name), month_return__month=MAY, energy=energy
    )
    return row.amount, row.cost_fen


@pytest.fixture
def shared(city: City, site: Site) -> Site:
    share(city, site, date(2020, 1, 1), school="66.7", office="33.3")
    return site


def test_a_month_is_divided_and_adds_up(city: City, shared: Site) -> None:
    row = tell(city, shared, ELECTRICITY=("1000.01", "620.01"), WATER=(None, "10"))
    assert line(city, "school") == (D("667.01"), 41355)
    assert line(city, "office") == (D("333.00"), 20646)
    assert line(city, "school", Energy.WATER) == (None, 667)
    assert SitePart.objects.filter(line__site_return=row).count() == 4
    assert Record.objects.get(verb="energy.site.told").after["ELECTRICITY"] == [
        "1000.0100", 62001,
    ]  # fmt: skip


def test_telling_it_again_divides_anew(city: City, shared: Site) -> None:
    tell(city, shared, ELECTRICITY=1000)
    share(city, shared, date(2020, 5, 20), office="100")
    tell(city, shared, ELECTRICITY=500)
    assert line(city, "school") == (D(0), 0)
    assert line(city, "office") == (D(500), 31000)
    deferred()


def test_two_buildings_add_to_one_month(city: City, shared: Site) -> None:
    row = {"area": city.units["leping"], "name": "第二院", "address": "", "floor_m2": None}
    actions.enter_sites(actor=SYSTEM, rows=[row], at=AT)
    second = Site.objects.get(name="第二院")
    share(city, second, MAY, school="100")
    tell(city, shared, ELECTRICITY=1000)
    tell(city, second, ELECTRICITY=100)
    assert line(city, "school") == (D("767.00"), 47554)
    tell(city, shared, ELECTRICITY=2000)
    assert line(city, "school") == (D("1434.00"), 88908)


def test_it_refuses_to_count_twice_what_was_told_otherwise(city: City, shared: Site) -> None:
    city.tell("school", 2020, 5, ELECTRICITY=700, WATER=20)
    with pytest.raises(Refused, match="乐平市第一中学5月的电已经由机构自己填报"):
        tell(city, shared, ELECTRICITY=1000)
    assert not SiteReturn.objects.exists()
    city.tell("school", 2020, 5, ELECTRICITY=0)
    tell(city, shared, ELECTRICITY=1000)
    assert line(city, "school", Energy.WATER)[0] == D(20)


def test_it_refuses_to_change_a_part_elsewhere(city: City, shared: Site) -> None:
    tell(city, shared, ELECTRICITY=1000)
    with pytest.raises(Refused, match="由合署办公点分摊"):
        city.tell("school", 2020, 5, ELECTRICITY=1)
    city.tell("school", 2020, 5, WATER=20)
    city.tell("school", 2020, 5, ELECTRICITY=667)


def test_a_sheet_is_told_which_cell_came_from_a_building(city: City, shared: Site) -> None:
    tell(city, shared, ELECTRICITY=("1000", "620"))
    row = month(city, "school", "2020-05", electricity=667, electricity_cost="413.54")
    assert counts(take(city, book(RETURNS, [row]))) == (0, 1, 0), "water is new, power is the same"
    report = take(city, book(RETURNS, [{**row, "electricity": 700}]))
    assert faults(report) == [(3, "电(kWh)", "from_site")]


def test_it_refuses_locked_months(city: City, shared: Site) -> None:
    for number in (4, 5, 6):
        city.tell("office", 2020, number, ELECTRICITY=0, WATER=0)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=date(2020, 4, 1), at=AT)
    filing = Filing.objects.get(institution=city.institution("office"))
    for act in (filings.send, filings.hand_on, filings.lock):
        act(actor=SYSTEM, filing_id=filing.pk, at=AT)
    with pytest.raises(Refused, match="锁定"):
        tell(city, shared, ELECTRICITY=1000)
    assert not SitePart.objects.exists()


@pytest.mark.parametrize(
    ("day", "used", "code"),
    [(date(2019, 12, 1), {"ELECTRICITY": 1}, "nobody_shares"), (MAY, {}, "nothing_told"),
     (date(2020, 9, 1), {"ELECTRICITY": 1}, "in_the_future")],
)  # fmt: skip
def test_it_refuses_months_that_cannot_be(
    city: City, shared: Site, day: date, used: Any, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        tell(city, shared, day, **used)
    assert [finding.code for finding in refused.value.findings] == [code]


@pytest.mark.parametrize("who", ["other_county", "clerk", "supervisor"])
def test_nobody_tells_buildings_of_others(city: City, shared: Site, who: str) -> None:
    with pytest.raises((NotAllowed, Site.DoesNotExist)):
        tell(city, shared, who=who, ELECTRICITY=1)


# ── pages and sheets ─────────────────────────────────────────────────────────────────────


def test_a_county_tells_by_page_and_every_line_opens_it(city: City, shared: Site) -> None:
    told = {"electricity": "1,000", "electricity_cost": "620.00"}
    where = ("county", "site_tell", shared.pk, "2020-05")
    assert post(city, *where, **{**told, "electricity": "很多"}).status_code == 422
    assert post(city, *where, **told).status_code == 302
    row = SiteReturn.objects.get()
    school = city.institution("school").pk
    assert f"/energy/sites/months/{row.pk}/" in seen(city, "clerk", "month", school, "2020-05")
    page = seen(city, "county", "site_return", row.pk)
    assert "乐平市财政局" in page
    assert "合计" in page
    assert "乐平大院" in seen(city, "county", "institution", school, year=2020)


def test_a_clerk_sees_their_own_part_only(city: City, shared: Site) -> None:
    row = tell(city, shared, ELECTRICITY=1000)
    for name, pk in (("site", shared.pk), ("site_return", row.pk)):
        page = seen(city, "clerk", name, pk)
        assert "乐平市第一中学" in page
        assert "乐平市财政局" not in page
        assert "另有 1 家不在您的范围内" in page
    assert "乐平市财政局" not in seen(city, "clerk", "site_shares_list", view="all")
    assert visit(city, "other_county").get(f"/energy/sites/{shared.pk}/").status_code == 404


def test_who_shared_once_sees_what_was_told_up_to_then(city: City, shared: Site) -> None:
    tell(city, shared, ELECTRICITY=1000)
    share(city, shared, date(2020, 6, 1), office="100")
    april = tell(city, shared, date(2020, 4, 1), ELECTRICITY=1000)
    june = tell(city, shared, date(2020, 6, 1), ELECTRICITY=1000)
    page = seen(city, "clerk", "site", shared.pk)
    assert "2020-05" in page
    assert f"/energy/sites/months/{june.pk}/" not in page
    clerk = city.actor("clerk")
    assert queries.sees_site_return(clerk, april.pk)
    assert not queries.sees_site_return(clerk, june.pk)
    assert visit(city, "clerk").get(f"/energy/sites/months/{june.pk}/").status_code == 404
    assert f"/energy/sites/months/{june.pk}/" in seen(city, "county", "site", shared.pk)


def test_the_keeper_enters_a_building_and_its_shares_by_page(city: City) -> None:
    area = city.units["leping"].pk
    client = visit(city, "keeper")
    for name, status in (("", 422), ("南院", 302)):
        answer = client.post("/energy/sites/new/", {"name": name, "area": str(area)})
        assert answer.status_code == status
    made, school = Site.objects.get(), city.institution("school")
    told = {"since": "2020-05-01", "basis": "TOLD"}
    bad = post(city, "keeper", "site_share", made.pk, **told, parts="某某局 50")
    assert bad.status_code == 422
    assert "第 1 行开头写 18 位" in bad.content.decode()
    text = f"{school.code} {school.name} 100%\n\n"
    assert post(city, "keeper", "site_share", made.pk, **told, parts=text).status_code == 302
    assert shares(made, MAY) == {"乐平市第一中学": D(100)}
    assert f"{school.code} 乐平市第一中学 100" in seen(city, "keeper", "site_share", made.pk)


def test_sheets_bring_buildings_and_shares(city: City) -> None:
    rows = [{"name": "南院", "area": "乐平市", "floor_m2": 500}]
    assert counts(take(city, book(SITES, rows), into=SITES)) == (1, 0, 0)
    assert counts(take(city, book(SITES, rows), into=SITES)) == (0, 0, 1)
    parts = [
        {"site": "南院", "area": "乐平市", "code": one.code, "name": one.name,
         "since": "2020-05-01", "share": share}
        for one, share in ((city.institution("school"), 62.5), (city.institution("office"), 37.5))
    ]  # fmt: skip
    short = [parts[0], {**parts[1], "share": 37}]
    report = take(city, book(SITE_SHARES, short), into=SITE_SHARES)
    assert {fault for _, _, fault in faults(report)} == {"not_whole"}
    assert counts(take(city, book(SITE_SHARES, parts), into=SITE_SHARES)) == (2, 0, 0)
    assert counts(take(city, book(SITE_SHARES, parts), into=SITE_SHARES)) == (0, 0, 2)
    unknown = [{**parts[0], "site": "北院"}]
    report = take(city, book(SITE_SHARES, unknown), into=SITE_SHARES)
    assert faults(report) == [(3, "办公点", "site_unknown")]
