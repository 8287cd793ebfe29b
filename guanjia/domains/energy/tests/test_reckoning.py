"""Standard coal, carbon and intensities; years by their own factors; totals and places."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, transaction

from guanjia.domains.energy.actions import reckoning as actions
from guanjia.domains.energy.models import YearFactors
from guanjia.domains.energy.pages.years import ranking
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.rules import reckoning
from guanjia.domains.energy.rules.reckoning import Factor, Factors
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.tests.browsing import post, seen
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope


def factors(year: int) -> Factors:
    return Factors.of(year, law_at(reckoning.last_day(year)))


def amounts(**used: Any) -> dict[Energy, Decimal]:
    return {Energy(name): Decimal(str(value)) for name, value in used.items()}


def measured(*, people: int | None, floor_m2: int | None, **used: Any) -> totals.Body:
    return totals.Body(
        id=1, name="市委办", kind=InstitutionKind.STATE, area_id=1, people=people,
        floor_m2=None if floor_m2 is None else Decimal(floor_m2), months=12,
        amounts=amounts(**used),
    )  # fmt: skip


def test_coal_of_every_source_counts_by_its_own_unit() -> None:
    of = factors(2020)
    # 1000 kWh × 0.1229, 100 L × 0.73 kg/L × 1.4714, 10 m³ × 1.33, 50 kg × 0.7143
    assert reckoning.coal(amounts(ELECTRICITY=1000), of).value == Decimal("122.9")
    assert reckoning.coal(amounts(PETROL=100), of).value == Decimal("107.4122")
    assert reckoning.coal(amounts(GAS=10, COAL=50), of).value == Decimal("13.3") + Decimal("35.715")
    # 2 GJ = 2000 MJ × 0.0341; what is told in standard coal stays.
    assert reckoning.coal(amounts(HEAT=2, OTHER=7), of).value == Decimal("68.2") + 7


def test_water_is_no_energy() -> None:
    assert reckoning.coal(amounts(WATER=1000), factors(2020)).value == 0


def test_a_year_has_the_factors_of_its_last_day() -> None:
    assert factors(2020).coal[Energy.HEAT].value == Decimal("34.1")
    assert factors(2021).coal[Energy.HEAT].value == Decimal("34.12")


def test_a_year_without_a_published_factor_has_no_carbon() -> None:
    known = reckoning.carbon(amounts(ELECTRICITY=1000), factors(2022))
    assert (known.value, known.unknown) == (Decimal("536.6"), ())
    unknown = reckoning.carbon(amounts(ELECTRICITY=1000, GAS=10), factors(2020))
    assert unknown.unknown == (Energy.ELECTRICITY,)
    each = reckoning.intensity(
        amounts(ELECTRICITY=1000), factors(2020), people=10, floor_m2=Decimal(100)
    )
    assert each.co2_per_m2 is None


def test_intensity_by_floor_space_leaves_fuel_of_vehicles_out() -> None:
    each = reckoning.intensity(
        amounts(ELECTRICITY=1000, PETROL=100, WATER=50), factors(2020), people=10,
        floor_m2=Decimal(100),
    )  # fmt: skip
    assert each.per_person == Decimal("23.03122")
    assert each.per_m2 == Decimal("1.229")
    assert each.water_per_person == 5


def test_nothing_to_divide_by_is_not_nought() -> None:
    each = reckoning.intensity(amounts(ELECTRICITY=5), factors(2020), people=0, floor_m2=None)
    assert (each.per_person, each.per_m2) == (None, None)


def test_what_nobody_told_is_not_nought() -> None:
    of = factors(2020)
    each = reckoning.intensity(amounts(PETROL=100), of, people=10, floor_m2=Decimal(100))
    assert each.per_person is not None
    # Fuel of vehicles says nothing of the building, and nobody told water.
    assert (each.per_m2, each.water_per_person) == (None, None)
    dry = reckoning.intensity(amounts(WATER=0), of, people=10, floor_m2=Decimal(100))
    assert (dry.per_person, dry.co2_per_m2, dry.water_per_person) == (None, None, 0)


def test_many_are_measured_by_those_of_whom_both_sides_are_known() -> None:
    bodies = [
        measured(people=10, floor_m2=100, ELECTRICITY=1000, WATER=50),
        measured(people=30, floor_m2=None, ELECTRICITY=1000),
        measured(people=None, floor_m2=900, ELECTRICITY=3000, WATER=999),
        measured(people=70, floor_m2=700),
    ]
    each = reckoning.together(bodies, factors(2020))
    assert each.per_person == Decimal("0.1229") * 2000 / 40
    assert each.per_m2 == Decimal("0.1229") * 4000 / 1000
    assert each.water_per_person == 5


@pytest.mark.parametrize(
    ("now", "base", "fell"),
    [("89", "100", "11"), ("110", "100", "-10"), ("0", "100", "100"), ("5", "0", None)],
)
def test_a_fall_is_counted_from_the_base(now: str, base: str, fell: str | None) -> None:
    found = reckoning.change(Decimal(now), Decimal(base))
    assert found == (None if fell is None else Decimal(fell))


@pytest.mark.parametrize(
    ("year", "due"),
    [(2014, "0"), (2015, "0"), (2016, "2.2"), (2019, "8.8"), (2020, "11"), (2023, "11")],
)
def test_a_plan_is_due_year_by_year(year: int, due: str) -> None:
    found = reckoning.pro_rata(Decimal(11), base_year=2015, end_year=2020, year=year)
    assert found == Decimal(due)


# ── years ────────────────────────────────────────────────────────────────────────────────


def test_totals_by_area_and_kind_add_up_to_the_whole(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY=1000, WATER=100)
    city.tell("school", 2020, 2, ELECTRICITY=500)
    city.tell("clinic", 2020, 1, ELECTRICITY=200, PETROL=10)
    city.tell("clinic", 2019, 12, ELECTRICITY=99_999)
    year = totals.year_of(Scope.all(), 2020)
    assert year.whole.amounts[Energy.ELECTRICITY] == 1700
    by_area = year.by(lambda body: body.area_id)
    assert sum(group.coal.value for group in by_area.values()) == year.whole.coal.value
    by_kind = year.by(lambda body: body.kind)
    assert sum(len(group.bodies) for group in by_kind.values()) == 4
    school = next(body for body in year.bodies if body.name == "乐平市第一中学")
    assert (school.months, year.coal_of(school)) == (2, Decimal("184.35"))


def test_a_scope_sees_its_own_year(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY=1000)
    city.tell("clinic", 2020, 1, ELECTRICITY=200)
    scope = city.actor("county").scope("energy.return.see")
    year = totals.year_of(scope, 2020)
    assert {body.name for body in year.bodies} == {"乐平市第一中学", "乐平市财政局"}
    assert year.whole.amounts[Energy.ELECTRICITY] == 1000


def test_places_are_shared_by_equals(city: City) -> None:
    for name, power in (("school", 500), ("clinic", 900), ("hospital", 900)):
        city.tell(name, 2020, 1, ELECTRICITY=power)
    year = totals.year_of(Scope.all(), 2020)
    placed = [(place, body.name) for place, body in ranking(year, "coal")]
    assert [place for place, _ in placed] == [1, 1, 3]
    assert placed[2][1] == "乐平市第一中学", "who told nothing has no place"


def test_medians_of_few_are_not_told(city: City) -> None:
    city.tell("clinic", 2020, 1, ELECTRICITY=900)
    found = totals.peers(kind=InstitutionKind.HEALTH, year=2020)
    assert set(found.values()) == {None}


def test_an_issued_year_keeps_its_factors(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.tell("school", 2019, 1, ELECTRICITY=1000)
    before = totals.year_of(Scope.all(), 2019).whole.coal.value
    actions.fix_year(actor=city.actor("keeper"), year=2019, at=AT)
    newer = {Energy.ELECTRICITY: Factor(value=Decimal("0.404"))}

    def changed(year: int, _: Any) -> Factors:
        return Factors(year=year, coal=newer, co2={})

    monkeypatch.setattr(reckoning.Factors, "of", changed)
    assert totals.year_of(Scope.all(), 2019).whole.coal.value == before
    assert totals.factors_of(2018).coal[Energy.ELECTRICITY].value == Decimal("0.404")


@pytest.mark.pg15
def test_issued_factors_cannot_be_changed(city: City) -> None:
    actions.fix_year(actor=SYSTEM, year=2019, at=AT)
    actions.fix_year(actor=SYSTEM, year=2019, at=AT)
    assert YearFactors.objects.count() == 1
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        YearFactors.objects.update(year=2021)
    with pytest.raises(NotAllowed):
        actions.fix_year(actor=city.actor("county"), year=2018, at=AT)
    with pytest.raises(Refused, match="还没有过完"):
        actions.fix_year(actor=SYSTEM, year=2020, at=AT)


def test_a_year_is_issued_on_its_page(city: City) -> None:
    city.tell("school", 2019, 1, ELECTRICITY=1000)
    city.tell("school", 2020, 1, ELECTRICITY=1000)
    assert "年度定稿" in seen(city, "keeper", "overview", year="2019")
    assert "年度定稿" not in seen(city, "keeper", "overview", year="2020"), "it is not over"
    assert "年度定稿" not in seen(city, "county", "overview", year="2019")
    assert post(city, "county", "year_issue", year="2019").status_code == 403
    assert post(city, "keeper", "year_issue", year="2020").status_code == 422
    assert post(city, "keeper", "year_issue", year="2019").status_code == 302
    page = seen(city, "county", "overview", year="2019")
    assert "2020-08-20 定稿" in page
    assert "年度定稿" not in seen(city, "keeper", "overview", year="2019")


def test_a_year_is_read_in_the_same_statements_however_many(
    city: City, django_assert_num_queries: Any
) -> None:
    for name in ("school", "clinic", "hospital", "office"):
        city.tell(name, 2020, 1, ELECTRICITY=1000)
    with django_assert_num_queries(4):
        totals.year_of(Scope.all(), 2020)
    assert totals.years(Scope.all()) == [2020]
    assert totals.months_of(city.institution("school").pk, 2020).keys() == {date(2020, 1, 1)}
