"""Filings go up desk by desk, come back with reasons, and are locked; doubts are answered once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from guanjia.domains.energy.actions import doubting, filings
from guanjia.domains.energy.models import Consumption, Doubt, Filing, MonthReturn
from guanjia.domains.energy.queries import filings as queries
from guanjia.domains.energy.queries import returns as returning
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import DoubtState, FilingKind, FilingState
from guanjia.domains.energy.tests import builders
from guanjia.domains.energy.tests.browsing import seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City
from guanjia.kernel.acts.changing import OutOfState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

FIRST = date(2020, 1, 1)


@pytest.fixture
def quarter(city: City) -> Filing:
    """The school's first quarter, all months told."""
    city.half_year("school")
    filings.open_period(actor=city.actor("keeper"), kind=FilingKind.QUARTER, first=FIRST, at=AT)
    return of(city, "school")


def of(city: City, name: str, kind: FilingKind = FilingKind.QUARTER) -> Filing:
    found: Filing = Filing.objects.get(institution=city.institution(name), kind=kind, first=FIRST)
    return found


def refused(act: Any, **how: Any) -> str:
    with pytest.raises(Refused) as fault:
        act(at=AT, **how)
    return fault.value.findings[0].code


# ── periods ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "first", "last", "due", "title"),
    [
        (FilingKind.QUARTER, date(2020, 1, 1), date(2020, 3, 31), date(2020, 4, 15),
         "2020年第一季度"),
        (FilingKind.QUARTER, date(2020, 10, 1), date(2020, 12, 31), date(2021, 1, 15),
         "2020年第四季度"),
        (FilingKind.YEAR, date(2020, 1, 1), date(2020, 12, 31), date(2021, 3, 31), "2020年度"),
    ],
)  # fmt: skip
def test_periods_and_their_days(
    kind: FilingKind, first: date, last: date, due: date, title: str
) -> None:
    assert rules.last_day(kind, first) == last
    assert rules.due(kind, first, law_at(last)) == due
    assert rules.title(kind, first) == title
    assert rules.first_of(kind, last) == first


def test_everybody_in_the_register_is_asked_once(city: City) -> None:
    keeper = city.actor("keeper")
    assert filings.open_period(actor=keeper, kind=FilingKind.YEAR, first=FIRST, at=AT) == 4
    assert filings.open_period(actor=keeper, kind=FilingKind.YEAR, first=FIRST, at=AT) == 0
    with pytest.raises(NotAllowed):
        filings.open_period(actor=city.actor("county"), kind=FilingKind.YEAR, first=FIRST, at=AT)
    future = date(2021, 1, 1)
    assert refused(
        filings.open_period, actor=keeper, kind=FilingKind.YEAR, first=future
    ) == "in_the_future"  # fmt: skip


# ── the way up ───────────────────────────────────────────────────────────────────────────


def test_from_institution_to_county_to_city(city: City, quarter: Filing) -> None:
    pk = quarter.pk
    assert filings.send(actor=city.actor("clerk"), filing_id=pk, at=AT).state == FilingState.COUNTY
    assert refused(filings.send, actor=city.actor("clerk"), filing_id=pk) == "state"
    handed = filings.hand_on(actor=city.actor("county"), filing_id=pk, at=AT)
    assert handed.state == FilingState.CITY
    locked = filings.lock(actor=city.actor("keeper"), filing_id=pk, at=AT)
    assert (locked.state, locked.locked_at) == (FilingState.LOCKED, AT)
    verbs = Record.objects.filter(verb__startswith="energy.filing.").order_by("pk")
    assert [verb for verb in verbs.values_list("verb", flat=True) if "opened" not in verb] == [
        "energy.filing.sent", "energy.filing.handed_on", "energy.filing.locked",
    ]  # fmt: skip


def test_the_citys_own_institutions_skip_the_county(city: City) -> None:
    city.half_year("hospital", power=90_000)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=FIRST, at=AT)
    sent = filings.send(actor=city.actor("keeper"), filing_id=of(city, "hospital").pk, at=AT)
    assert sent.state == FilingState.CITY


def test_what_is_missing_or_odd_holds_it_back(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY=4000, WATER=120)
    city.tell("school", 2020, 2, ELECTRICITY=(0, 900), WATER=120)
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=FIRST, at=AT)
    with pytest.raises(Refused) as fault:
        filings.send(actor=city.actor("clerk"), filing_id=of(city, "school").pk, at=AT)
    assert [each.code for each in fault.value.findings] == ["months_missing", "doubts_open"]
    assert "3 月还没有填报" in fault.value.findings[0].sentence
    doubting.explain(
        actor=city.actor("clerk"),
        doubt_id=Doubt.objects.get().pk,
        explanation="二月预付电费",
        at=AT,
    )
    city.tell("school", 2020, 3, ELECTRICITY=4100, WATER=121)
    filings.send(actor=city.actor("clerk"), filing_id=of(city, "school").pk, at=AT)


def test_a_period_that_runs_is_not_sent(city: City) -> None:
    filings.open_period(actor=SYSTEM, kind=FilingKind.YEAR, first=FIRST, at=AT)
    filing = of(city, "school", FilingKind.YEAR)
    assert refused(filings.send, actor=SYSTEM, filing_id=filing.pk) == "period_runs"


def test_each_desk_gives_back_with_reasons(city: City, quarter: Filing) -> None:
    pk, county, keeper = quarter.pk, city.actor("county"), city.actor("keeper")
    filings.send(actor=city.actor("clerk"), filing_id=pk, at=AT)
    assert refused(filings.send_back, actor=county, filing_id=pk, reason=" ") == "reason_missing"
    back = filings.send_back(actor=county, filing_id=pk, reason="二月水表读数", at=AT)
    assert (back.state, back.reason) == (FilingState.SENT_BACK, "二月水表读数")
    filings.send(actor=city.actor("clerk"), filing_id=pk, at=AT)
    filings.hand_on(actor=county, filing_id=pk, at=AT)
    with pytest.raises(OutOfState, match="现在是待市级审核"):
        filings.send_back(actor=county, filing_id=pk, reason="不在县里了", at=AT)
    filings.send_back(actor=keeper, filing_id=pk, reason="面积不对", at=AT)
    assert refused(filings.lock, actor=keeper, filing_id=pk) == "state"


def test_nobody_moves_what_is_not_theirs(city: City, quarter: Filing) -> None:
    pk = quarter.pk
    for who in ("stranger", "other_county"):
        with pytest.raises(Filing.DoesNotExist):
            filings.send(actor=city.actor(who), filing_id=pk, at=AT)
    filings.send(actor=city.actor("clerk"), filing_id=pk, at=AT)
    with pytest.raises(Filing.DoesNotExist):
        filings.hand_on(actor=city.actor("other_county"), filing_id=pk, at=AT)
    with pytest.raises(NotAllowed):
        filings.lock(actor=city.actor("county"), filing_id=pk, at=AT)


def test_ticked_filings_move_together_or_not_at_all(city: City, quarter: Filing) -> None:
    """The school's and the office's lie with the county; the clinic has not sent, nor is it
    the county's."""
    city.half_year("office", power=900)
    filings.send(actor=SYSTEM, filing_id=quarter.pk, at=AT)
    other = of(city, "office", FilingKind.QUARTER)
    clinic = of(city, "clinic", FilingKind.QUARTER)

    def ticked(who: str, name: str, *rows: Filing) -> str:
        answer = visit(city, who).post(
            reverse(f"energy:{name}"), {"ids": [row.pk for row in rows]}, follow=True
        )
        return str(answer.content.decode())

    assert "乐平市财政局不是待县级审核" in ticked("county", "filing_pass_several", quarter, other)
    filings.send(actor=SYSTEM, filing_id=other.pk, at=AT)
    assert "不在您的审核范围内" in ticked("county", "filing_pass_several", quarter, clinic)
    assert "先勾选" in ticked("county", "filing_pass_several")
    assert set(Filing.objects.filter(pk__in=[quarter.pk, other.pk]).values_list("state")) == {
        ("COUNTY",)
    }
    assert "2 份报表已通过" in ticked("county", "filing_pass_several", quarter, other)
    with pytest.raises(NotAllowed):
        filings.lock_many(actor=city.actor("county"), filing_ids=[quarter.pk], at=AT)
    assert "2 份报表已审定" in ticked("keeper", "filing_lock_several", quarter, other)
    states = Filing.objects.filter(pk__in=[quarter.pk, other.pk]).values_list("state", flat=True)
    assert set(states) == {FilingState.LOCKED}


# ── locked ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def locked(city: City, quarter: Filing) -> Filing:
    filings.send(actor=city.actor("clerk"), filing_id=quarter.pk, at=AT)
    filings.hand_on(actor=city.actor("county"), filing_id=quarter.pk, at=AT)
    return filings.lock(actor=city.actor("keeper"), filing_id=quarter.pk, at=AT)


def test_locked_months_stand(city: City, locked: Filing) -> None:
    with pytest.raises(Refused) as fault:
        city.tell("school", 2020, 2, ELECTRICITY=1)
    assert fault.value.findings[0].code == "month_locked"
    city.tell("school", 2020, 4, ELECTRICITY=4321, WATER=120)


def test_what_lies_with_a_reviewer_stays_as_it_was_reported(city: City, quarter: Filing) -> None:
    filings.send(actor=city.actor("clerk"), filing_id=quarter.pk, at=AT)
    for who in ("clerk", "county", "keeper"):
        with pytest.raises(Refused) as fault:
            city.tell("school", 2020, 2, by=city.actor(who), ELECTRICITY=3900)
        assert fault.value.findings[0].code == "month_reported"
        assert "2020-02" in str(fault.value)
    # The same again, another month, and another institution are nobody's business here.
    city.tell("school", 2020, 2, ELECTRICITY=4080, WATER=122)
    city.tell("school", 2020, 4, ELECTRICITY=4321)
    city.tell("office", 2020, 2, ELECTRICITY=700)
    filings.send_back(actor=city.actor("county"), filing_id=quarter.pk, reason="核对", at=AT)
    city.tell("school", 2020, 2, by=city.actor("clerk"), ELECTRICITY=3900)


def test_a_sheet_over_locked_months_is_refused_only_where_it_differs(
    city: City, locked: Filing
) -> None:
    school = city.institution("school")
    same = (school.pk, date(2020, 2, 1))
    other = (school.pk, date(2020, 4, 1))
    assert returning.standing([same, other]) == {same: FilingState.LOCKED}
    lines = {same: builders.lines({"ELECTRICITY": 4080, "WATER": 122})}
    assert returning.differing(lines) == set()
    lines[same] |= builders.lines({"GAS": 5})
    assert returning.differing(lines) == {same}


def test_the_database_forbids_what_nobody_may(city: City, locked: Filing) -> None:
    february = MonthReturn.objects.get(institution=city.institution("school"), month="2020-02-01")
    for act in (
        lambda: Consumption.objects.filter(month_return=february).update(amount=1),
        lambda: Consumption.objects.filter(month_return=february).delete(),
        lambda: Consumption.objects.create(month_return=february, energy=Energy.LPG, amount=1),
        lambda: Filing.objects.filter(pk=locked.pk).update(state=FilingState.COUNTY),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_exception_says_why_and_opens_the_months(city: City, locked: Filing) -> None:
    keeper = city.actor("keeper")
    assert refused(filings.unlock, actor=keeper, filing_id=locked.pk, reason="") == "reason_missing"
    filings.unlock(actor=keeper, filing_id=locked.pk, reason="供电公司更正二月账单", at=AT)
    city.tell("school", 2020, 2, ELECTRICITY=3900)
    told = Record.objects.get(verb="energy.filing.unlocked")
    assert told.note == "供电公司更正二月账单"


def test_a_quarter_of_a_locked_year_stays_locked(city: City, locked: Filing) -> None:
    for month in range(7, 13):
        city.tell("school", 2020, month, ELECTRICITY=4000 + month, WATER=120)
    filings.open_period(actor=SYSTEM, kind=FilingKind.YEAR, first=FIRST, at=AT)
    year = of(city, "school", FilingKind.YEAR)
    later = AT + timedelta(days=180)
    with time_machine.travel(later, tick=False):
        filings.send(actor=SYSTEM, filing_id=year.pk, at=later)
        filings.hand_on(actor=SYSTEM, filing_id=year.pk, at=later)
        filings.lock(actor=SYSTEM, filing_id=year.pk, at=later)
        how = {"actor": SYSTEM, "reason": "更正"}
        assert refused(filings.unlock, filing_id=locked.pk, **how) == "year_locked"
        filings.unlock(actor=SYSTEM, filing_id=year.pk, reason="更正", at=later)
        filings.unlock(actor=SYSTEM, filing_id=locked.pk, reason="更正", at=later)


# ── how far they have come ───────────────────────────────────────────────────────────────


def test_progress_counts_every_desk(city: City, quarter: Filing) -> None:
    filings.send(actor=city.actor("clerk"), filing_id=quarter.pk, at=AT)
    parts = queries.progress(scope=Scope.all(), kind=FilingKind.QUARTER, first=FIRST, today=TODAY)
    by_area = {part.area_id: part for part in parts}
    leping = by_area[city.units["leping"].pk]
    assert (leping.total, leping.county, leping.drafting, leping.late) == (2, 1, 1, 1)
    assert leping.rate == 0, "it was due in April"
    whole = queries.whole(parts)
    assert (whole.total, whole.sent, whole.late) == (4, 1, 3)


def test_the_map_shows_every_institution_where_it_lies(city: City, quarter: Filing) -> None:
    filings.send(actor=city.actor("clerk"), filing_id=quarter.pk, at=AT)

    def squares(who: str) -> set[tuple[str, str]]:
        page = seen(city, who, "progress")
        return set(re.findall(r'data-state="(\w+)" href="[^"]+" title="([^，]+)，', page))

    leping = {("COUNTY", "乐平市第一中学"), ("LATE", "乐平市财政局")}
    assert squares("keeper") == leping | {("LATE", "浮梁县卫生院"), ("LATE", "市第二人民医院")}
    assert squares("county") == leping
    assert squares("clerk") == {("COUNTY", "乐平市第一中学")}
    (path,) = re.findall(
        r'href="([^"]+)" title="乐平市第一中学，', seen(city, "county", "progress")
    )
    assert path == reverse("energy:filing", args=[quarter.pk])


def test_who_sent_in_time_stays_in_time_when_it_comes_back(city: City) -> None:
    city.half_year("school")
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=FIRST, at=AT)
    april = AT.replace(month=4, day=15, hour=23)
    with time_machine.travel(april, tick=False):
        filings.send(actor=city.actor("clerk"), filing_id=of(city, "school").pk, at=april)
    filings.send_back(actor=SYSTEM, filing_id=of(city, "school").pk, reason="核对", at=AT)
    scope = city.actor("county").scope("energy.return.see")
    (part,) = queries.progress(scope=scope, kind=FilingKind.QUARTER, first=FIRST, today=TODAY)
    assert (part.in_time, part.rate) == (1, 50)


def test_reminding_tells_those_who_have_not_sent(city: City, quarter: Filing) -> None:
    before = Notice.objects.count()
    ids = list(Filing.objects.values_list("pk", flat=True))
    assert filings.urge(actor=city.actor("county"), filing_ids=ids, at=AT) == 2
    told = Notice.objects.order_by("pk")[before:]
    assert [each.person_id for each in told] == [city.people["clerk"].pk]
    assert "已过 4月15日 的期限" in told[0].title
    filings.urge(actor=city.actor("county"), filing_ids=ids, at=AT)
    assert Notice.objects.count() == before + 1, "once a day"


def test_the_job_opens_what_is_over_and_reminds_before_the_day(city: City) -> None:
    assert filings.open_due(actor=SYSTEM, at=AT) == 8  # the second quarter, and 2019
    assert filings.open_due(actor=SYSTEM, at=AT) == 0
    five_before = AT.replace(month=7, day=10)
    assert filings.remind(actor=SYSTEM, at=five_before) == 4
    assert filings.remind(actor=SYSTEM, at=AT.replace(month=7, day=12)) == 0
    assert filings.remind(actor=SYSTEM, at=AT.replace(month=7, day=16)) == 4


# ── doubts ───────────────────────────────────────────────────────────────────────────────


def test_an_explained_doubt_stays_explained_while_its_figure_stays(city: City) -> None:
    city.half_year("school")
    city.tell("school", 2020, 7, ELECTRICITY=(42_000, 2604), WATER=120)
    doubt = Doubt.objects.get()
    clerk = city.actor("clerk")
    assert refused(doubting.explain, actor=clerk, doubt_id=doubt.pk, explanation=" ") == (
        "explanation_missing"
    )
    doubting.explain(actor=clerk, doubt_id=doubt.pk, explanation="新楼通电", at=AT)
    assert refused(doubting.explain, actor=clerk, doubt_id=doubt.pk, explanation="再写") == "state"
    city.tell("school", 2020, 7, WATER=121)
    assert [each.state for each in Doubt.objects.all()] == [DoubtState.EXPLAINED]
    city.tell("school", 2020, 7, ELECTRICITY=(43_000, 2604))
    assert sorted(each.state for each in Doubt.objects.all()) == [
        DoubtState.EXPLAINED, DoubtState.OPEN,
    ]  # fmt: skip


def test_a_corrected_figure_closes_its_doubt(city: City) -> None:
    city.half_year("school")
    city.tell("school", 2020, 7, ELECTRICITY=(42_000, 2604), WATER=120)
    city.tell("school", 2020, 7, ELECTRICITY=(4200, 2604))
    assert Doubt.objects.get().state == DoubtState.CORRECTED


def test_nobody_explains_for_others(city: City) -> None:
    city.tell("school", 2020, 7, ELECTRICITY=(0, 2604), WATER=120)
    doubt = Doubt.objects.get()
    with pytest.raises(Doubt.DoesNotExist):
        doubting.explain(
            actor=city.actor("stranger"), doubt_id=doubt.pk, explanation="不是我的", at=AT
        )
    with pytest.raises(NotAllowed):
        doubting.explain(actor=city.actor("leader"), doubt_id=doubt.pk, explanation="看看", at=AT)
