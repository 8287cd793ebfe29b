"""Doubts follow what is known: of an institution's other months, and of its kind."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from guanjia.domains.energy.actions import filings, institutions
from guanjia.domains.energy.models import Doubt, Filing, Institution
from guanjia.domains.energy.queries import checking
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import Check, DoubtState, FilingKind, Severity
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City, lines, row
from guanjia.kernel.regulations.lawbook import law_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def wary(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bureau that wants to hear of moves from month to month."""
    limits = checking.Limits.of(law_at(TODAY))
    loud = {**limits.severity, Check.MONTH_ON_MONTH: Severity.DOUBT}
    monkeypatch.setattr(checking.Limits, "of", lambda _: replace(limits, severity=loud))


def doubts(state: DoubtState = DoubtState.OPEN) -> list[tuple[str, int, str]]:
    """Who, which month, and what is odd, of the doubts of a state."""
    rows = Doubt.objects.filter(state=state).order_by("month_return__month", "pk")
    return [
        (each.month_return.institution.name, each.month_return.month.month, each.check_name)
        for each in rows.select_related("month_return__institution")
    ]


def test_a_first_month_is_compared_with_what_its_kind_told_before(city: City) -> None:
    area = city.units["fuliang"]
    names = [f"浮梁县第{number}小学" for number in "一二三四五"]
    institutions.enter_institutions(
        actor=SYSTEM, at=AT,
        rows=[
            row(name, 30 + place, kind=InstitutionKind.EDUCATION, area=area,
                floor_m2=Decimal(4000))
            for place, name in enumerate(names)
        ],
    )  # fmt: skip
    for one in Institution.objects.filter(name__in=names):
        city.institutions[one.name] = one
        for month in (4, 5, 6):
            city.tell(one.name, 2020, month, ELECTRICITY=2000, WATER=60)
    assert doubts() == []
    city.tell("school", 2020, 6, ELECTRICITY=4100, WATER=110)
    assert doubts() == [], "twice their floor space, twice their power"
    city.tell("school", 2020, 6, ELECTRICITY=410_000, WATER=110)
    assert doubts() == [("乐平市第一中学", 6, Check.PEERS)]


def test_months_out_of_sight_do_not_tell_what_a_kind_uses(city: City) -> None:
    for year in (2014, 2020):
        city.tell("hospital", year, 6, ELECTRICITY=30_000, WATER=900)
    told = {Energy.ELECTRICITY: lines({"ELECTRICITY": 400_000})[Energy.ELECTRICITY],
            Energy.WATER: lines({"WATER": 120})[Energy.WATER]}  # fmt: skip
    odd = {}
    for year in (2014, 2017, 2020):
        key = (city.institution("clinic").pk, date(year, 6, 1))
        past = checking.Past()
        past.put((-1, key[1]), told)  # known of nobody of the kind
        found = checking.judge({key: told}, past=past, day=TODAY)
        odd[year] = [each.check for each in found.get(key, ())]
    assert odd == {2014: [Check.PEERS], 2017: [], 2020: [Check.PEERS]}


def test_a_month_is_no_longer_odd_once_the_others_are_put_right(city: City) -> None:
    for month in range(1, 6):
        city.tell("school", 2020, month, ELECTRICITY=400_000 + month, WATER=120)
    city.tell("school", 2020, 6, ELECTRICITY=4000, WATER=120)
    there = [each for each in doubts() if each[1] == 6]
    assert there == [("乐平市第一中学", 6, Check.LEAP)]
    for month in range(1, 6):
        city.tell("school", 2020, month, ELECTRICITY=4000 + month)
    assert doubts() == []
    assert there[0] in doubts(DoubtState.CORRECTED)


def test_a_month_told_late_casts_its_light_on_the_next(city: City, wary: None) -> None:
    city.tell("school", 2020, 6, ELECTRICITY=8000, WATER=120)
    assert doubts() == []
    city.tell("school", 2020, 5, ELECTRICITY=4000, WATER=120)
    assert doubts() == [("乐平市第一中学", 6, Check.MONTH_ON_MONTH)]


def test_what_was_accepted_is_not_doubted_anew(city: City, wary: None) -> None:
    city.tell("school", 2020, 3, ELECTRICITY=4000, WATER=120)
    for month in (4, 5, 6):
        city.tell("school", 2020, month, ELECTRICITY=4000, WATER=120)
    first = date(2020, 4, 1)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=first, at=AT)
    filing = Filing.objects.get(institution=city.institution("school"), first=first)
    filings.send(actor=SYSTEM, filing_id=filing.pk, at=AT)
    filings.hand_on(actor=SYSTEM, filing_id=filing.pk, at=AT)
    filings.lock(actor=SYSTEM, filing_id=filing.pk, at=AT)
    city.tell("school", 2020, 3, ELECTRICITY=9000)
    assert doubts() == [], "April would be 56 % less than March"
