"""A look over all rooms (核查): what becomes a finding, and that a finding stays as it was."""

import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from guanjia.domains.space.actions import clearances, findings, judging, timelines
from guanjia.domains.space.actions.judging import Judged
from guanjia.domains.space.models import Finding, Floor, Room
from guanjia.domains.space.queries import finding_facts
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.domains.space.terms.findings import FindingCode, FindingState, Outcome
from guanjia.domains.space.terms.ledger import Basis, RoomKind, RoomState, TitleState
from guanjia.domains.space.tests.builders import SINCE, TODAY, City, always
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Employment, Rank
from guanjia.kernel.regulations import lawbook
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

DAY = timedelta(days=1)


def judge(city: City, day: date = TODAY, at: datetime = AT) -> Judged:
    return judging.judge(actor=city.actor("keeper"), day=day, at=at)


def codes(day: date = TODAY) -> set[tuple[str, str]]:
    """What is found on a day, by code and label."""
    return {(found.code.value, found.label) for found in finding_facts.found_on(day)}


def the(code: FindingCode, **facts: Any) -> Finding:
    found: Finding = Finding.objects.get(code=code, **facts)
    return found


def seat(city: City, number: str, who: str, since: date = SINCE) -> None:
    timelines.seat(room=city.room(number), person=city.people[who], since=since)


def restate(city: City, number: str, on: date, **facts: Any) -> None:
    timelines.restate(room=city.room(number), on=on, told_at=AT, **facts)


@pytest.fixture
def tidy(city: City) -> City:
    """The city with nothing to find: the two rooms that are over the standard are smaller."""
    restate(city, "102", SINCE, usable_m2=Decimal(18))
    restate(city, "203", SINCE, usable_m2=Decimal(9))
    assert codes() == set()
    return city


# ── what is found ────────────────────────────────────────────────────────────────────────


def test_rooms_over_the_standard_are_found_once_with_value_and_article(city: City) -> None:
    assert judge(city) == Judged(raised=2)
    found = the(FindingCode.OVER_AREA, room=city.room("102"))
    assert (found.measured, found.limit, found.unit) == (20, 18, city.units["farming"])
    assert (found.judged_on, found.value_since) == (TODAY, date(2014, 11, 24))
    assert found.cite_title == "党政机关办公用房建设标准"
    assert found.cite_checked_on is not None
    assert found.state == FindingState.RAISED
    assert found.due_on == date(2020, 6, 3)  # ten workdays
    assert Record.objects.filter(verb="space.finding.raised", on_id=found.pk).exists()
    assert judge(city, at=AT + timedelta(hours=1)) == Judged(same=2)
    assert Finding.objects.count() == 2
    assert Record.objects.filter(verb="space.finding.raised").count() == 2


def test_two_who_share_a_room_are_within_the_sum_of_their_limits(tidy: City) -> None:
    seat(tidy, "101", "deputy")  # 24 for 24 + 18
    assert ("OVER_AREA", "常委楼 101") not in codes()
    assert ("TWO_OFFICES", "占小青") in codes()


def test_a_unit_over_what_is_approved(tidy: City) -> None:
    for number in ("201", "202"):
        timelines.hold(
            room=tidy.room(number), unit=tidy.units["farming"], since=TODAY, basis=Basis.ALLOTTED
        )
    Unit.objects.filter(pk=tidy.units["farming"].pk).update(headcount=6)
    assert ("UNIT_OVER", "市农业农村局") in codes()
    judge(tidy)
    found = the(FindingCode.UNIT_OVER)
    # 24 + 18 + 4 × 9 of offices, 6 × 8 of service rooms, 9 % of both
    assert found.limit == Decimal("137.34")
    assert found.measured == 24 + 18 + 18 + 60 + 24 + 18
    assert "按实有职级推算" in found.sentence
    assert ("UNIT_OVER", "市农业农村局") not in codes(TODAY - DAY)


def test_somebody_who_left_has_a_month(tidy: City) -> None:
    Person.objects.filter(pk=tidy.people["deputy"].pk).update(left_on=TODAY)
    assert codes(date(2020, 6, 20)) == set()
    assert codes(date(2020, 6, 21)) == {("LATE_LEFT", "占小青 常委楼 102")}
    timelines.unseat(room=tidy.room("102"), on=date(2020, 6, 21))
    assert codes(date(2020, 6, 21)) == set()


def test_after_the_end_of_a_second_post_there_are_two_months(tidy: City) -> None:
    post = org.hold_post(
        actor=SYSTEM, person_id=tidy.people["chief"].pk, unit_id=tidy.units["other"].pk,
        title="兼职", since=SINCE, at=AT,
    )  # fmt: skip
    timelines.hold(room=tidy.room("202"), unit=tidy.units["other"], since=SINCE, basis=Basis.LEDGER)
    restate(tidy, "202", SINCE, state=RoomState.IN_USE)
    seat(tidy, "202", "chief")
    assert codes() == set(), "one more at the other unit, smaller than the standard, is allowed"
    org.leave_post(actor=SYSTEM, post_id=post.pk, until=TODAY, at=AT)
    later = date(2020, 7, 20)
    assert ("LATE_POST", "余建国 常委楼 202") not in codes(later)
    assert ("LATE_POST", "余建国 常委楼 202") in codes(later + DAY)


def test_rooms_that_are_not_back_in_time(tidy: City) -> None:
    clearances.open_clearance(
        actor=tidy.actor("keeper"), unit_id=tidy.units["farming"].pk,
        reason=ClearanceReason.NEW_FOR_OLD, room_ids=[tidy.room("104").pk], begins_on=TODAY, at=AT,
    )  # fmt: skip
    assert codes(date(2020, 6, 20)) == set()
    (found,) = finding_facts.found_on(date(2020, 6, 21))
    assert found.code is FindingCode.LATE_CLEARANCE
    assert "建新交旧，2020年5月20日起算，应于2020年6月20日前移交：常委楼 104" in found.sentence
    assert (found.cite.article, found.unit_id) == ("第十七条", tidy.units["farming"].pk)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"title_state": TitleState.NONE}, True),
        ({"title_state": TitleState.PENDING}, True),
        ({"title_state": TitleState.FILED}, False),
        ({"title_state": TitleState.NONE, "state": "BUILDING"}, False),
        ({"title_state": TitleState.NONE, "delivered_on": TODAY + DAY}, False),
    ],
)
def test_a_building_without_its_title(tidy: City, facts: dict[str, Any], found: bool) -> None:
    always(**facts)
    assert (("UNTITLED", "常委楼") in codes()) is found


def test_a_title_that_came_later_was_missing_before(tidy: City) -> None:
    always(titled_on=TODAY)
    assert codes() == set()
    assert codes(TODAY - DAY) == {("UNTITLED", "常委楼")}


def test_technical_rooms_with_people_in_them(tidy: City) -> None:
    restate(tidy, "103", SINCE, kind=RoomKind.TECHNICAL)
    assert codes() == {("TECHNICAL_MISUSE", "常委楼 103")}


def test_another_use_than_the_one_it_was_given_for(tidy: City) -> None:
    restate(tidy, "104", TODAY, kind=RoomKind.ANCILLARY)
    assert codes() == {("FUNCTION_CHANGED", "常委楼 104")}
    assert codes(TODAY - DAY) == set()


def test_a_room_of_ones_unit_that_stands_empty_or_is_lent_out(tidy: City) -> None:
    restate(tidy, "104", TODAY, state=RoomState.VACANT)
    assert codes(TODAY + 30 * DAY) == set()
    assert codes(TODAY + 31 * DAY) == {("VACANT_HELD", "常委楼 104")}
    restate(tidy, "104", TODAY + 40 * DAY, state=RoomState.LENT)
    assert codes(TODAY + 40 * DAY) == {("LENT_OUT", "常委楼 104")}


def test_people_of_another_unit_unless_on_loan(tidy: City) -> None:
    guest = tidy.people["stranger"]
    timelines.unseat(room=tidy.room("203"), on=SINCE)
    seat(tidy, "101", "stranger")
    assert codes() == {("LENT_OUT", "常委楼 101")}
    Person.objects.filter(pk=guest.pk).update(employment=Employment.SECONDED)
    assert codes() == set()


def test_a_section_sits_in_the_rooms_of_its_unit(tidy: City) -> None:
    section = tidy.units["section"]
    Person.objects.filter(pk=tidy.people["sitter"].pk).update(unit=section)
    timelines.release(room=tidy.room("104"), on=SINCE)
    timelines.hold(room=tidy.room("104"), unit=section, since=SINCE, basis=Basis.LEDGER)
    assert codes() == set()


# ── a finding stays as it was found ──────────────────────────────────────────────────────

NEW_STANDARD = """    - since: 2020-06-01
      value: {CITY_HEAD: 36, CITY_DEPUTY: 24, BUREAU_HEAD: 18, BUREAU_DEPUTY: 12, BELOW_BUREAU: 8}
      cite: {source: office-space-standard-2014, article: 新表}
      checked_on: null
"""
COUNTY = "\nspace.office.per_person.county:"


@pytest.fixture
def new_standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Bring in another standard, in force from 2020-06-01."""

    def bring() -> None:
        house = tmp_path / "regulations"
        shutil.copytree(lawbook.HOUSE_FOLDER, house)
        file = house / "national" / "space-standards.yaml"
        text = file.read_text("utf-8")
        assert COUNTY in text
        file.write_text(text.replace(COUNTY, f"{NEW_STANDARD}{COUNTY}"), "utf-8")
        monkeypatch.setattr(lawbook, "HOUSE_FOLDER", house)

    return bring


def facts_of(finding: Finding) -> dict[str, Any]:
    finding.refresh_from_db()
    names = [
        "code", "label", "judged_on", "measured", "limit", "headline", "sentence", "cite_title",
        "cite_article", "cite_since", "cite_checked_on", "value_since", "raised_at",
    ]  # fmt: skip
    return {name: getattr(finding, name) for name in names}


def test_a_new_standard_never_rewrites_a_finding_of_an_earlier_day(
    city: City, new_standard: Any
) -> None:
    judge(city)
    old = the(FindingCode.OVER_AREA, room=city.room("102"))
    kept = facts_of(old)
    new_standard()
    assert judge(city, at=AT + timedelta(hours=1)) == Judged(same=2)
    # The day before it is in force nothing is another.
    last = datetime(2020, 5, 31, 9, tzinfo=AT.tzinfo)
    assert judge(city, last.date(), last) == Judged(same=2)
    first = last + DAY
    done = judge(city, first.date(), first)
    assert (done.continued, done.gone, done.same) == (2, 0, 0)
    assert facts_of(old) == kept
    assert (old.state, old.outcome) == (FindingState.CLOSED, Outcome.CONTINUED)
    new = Finding.objects.get(continues=old)
    assert (new.limit, new.value_since, new.cite_article) == (12, date(2020, 6, 1), "新表")
    assert (new.cite_checked_on, new.state) == (None, FindingState.RAISED)
    # Looking at the old day again is by the standard of the old day, and touches nothing newer.
    again = judge(city, TODAY, first + timedelta(hours=1))
    assert (again.raised, again.continued, again.gone) == (0, 0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("limit", 24), ("sentence", "改"), ("judged_on", SINCE), ("cite_title", "")],
)
def test_the_database_keeps_what_was_found(city: City, field: str, value: Any) -> None:
    judge(city)
    finding = the(FindingCode.OVER_AREA, room=city.room("102"))
    with pytest.raises(ProgrammingError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(**{field: value})
    with pytest.raises(ProgrammingError), transaction.atomic():
        finding.delete()


def test_a_closed_finding_is_not_opened_again(city: City) -> None:
    judge(city)
    restate(city, "102", TODAY, usable_m2=Decimal(18))
    judge(city)
    finding = the(FindingCode.OVER_AREA, room=city.room("102"))
    assert (finding.state, finding.outcome) == (FindingState.CLOSED, Outcome.GONE)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(state=FindingState.RAISED, closed_at=None)


def test_what_is_gone_is_closed_and_what_comes_back_is_another(city: City) -> None:
    judge(city)
    restate(city, "102", TODAY, usable_m2=Decimal(18))
    assert judge(city) == Judged(gone=1, same=1)
    old = the(FindingCode.OVER_AREA, room=city.room("102"))
    assert old.closing == "2020-05-20 核查时情形已不存在。"
    tomorrow = AT + DAY
    restate(city, "102", TODAY + DAY, usable_m2=Decimal(20))
    assert judge(city, TODAY + DAY, tomorrow) == Judged(raised=1, same=1)
    assert Finding.objects.filter(room=city.room("102")).count() == 2


def test_other_facts_go_on_in_another_finding_with_the_day_to_mend(city: City) -> None:
    judge(city)
    old = the(FindingCode.OVER_AREA, room=city.room("102"))
    findings.explain_finding(
        actor=city.actor("clerk"), finding_id=old.pk, explanation="历史原因", at=AT
    )
    mend_by = TODAY + 30 * DAY
    findings.decide_finding(
        actor=city.actor("keeper"), finding_id=old.pk, outcome=Outcome.MEND, decision="隔断",
        mend_by=mend_by, at=AT,
    )  # fmt: skip
    restate(city, "102", TODAY, usable_m2=Decimal(19))
    assert judge(city) == Judged(continued=1, same=1)
    new = Finding.objects.get(continues=old)
    assert (new.state, new.mend_by, new.decision) == (FindingState.MENDING, mend_by, "隔断")
    assert (new.measured, new.limit) == (19, 18)


def test_what_was_decided_to_be_nothing_is_raised_again_only_in_other_facts(city: City) -> None:
    judge(city)
    finding = the(FindingCode.OVER_AREA, room=city.room("102"))
    findings.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="两人轮用", at=AT
    )
    findings.decide_finding(
        actor=city.actor("keeper"), finding_id=finding.pk, outcome=Outcome.UNFOUNDED,
        decision="登记有误", at=AT,
    )  # fmt: skip
    assert judge(city) == Judged(same=1)
    restate(city, "102", TODAY, usable_m2=Decimal(21))
    assert judge(city).raised == 1


# ── who may, when, and how much it costs ─────────────────────────────────────────────────


def test_who_may_look_everything_over_and_for_which_day(city: City) -> None:
    for who in ("clerk", "inspector", "supervisor", "decider"):
        with pytest.raises(NotAllowed):
            judging.judge(actor=city.actor(who), day=TODAY, at=AT)
    with pytest.raises(Refused, match="这一天还没有到"):
        judge(city, TODAY + DAY)
    assert not Finding.objects.exists()


def grown(city: City, rooms: int) -> None:
    """More rooms with somebody in each, each over the standard."""
    floor = Floor.objects.get(building=city.building, number=2)
    bureau = city.units["bureau"]
    people = Person.objects.bulk_create(
        Person(
            number=f"X{n:05d}", name=f"人{n}", unit=bureau, rank=Rank.BELOW_BUREAU,
            employment=Employment.ESTABLISHED,
        )
        for n in range(rooms)
    )  # fmt: skip
    for n, person in enumerate(people):
        room = Room.objects.create(building=city.building, floor=floor, number=f"2{n:04d}")
        timelines.begin(
            room=room, since=SINCE, told_at=AT, kind=RoomKind.OFFICE, usable_m2=Decimal(12),
            state=RoomState.IN_USE,
        )  # fmt: skip
        timelines.hold(room=room, unit=bureau, since=SINCE, basis=Basis.LEDGER)
        timelines.seat(room=room, person=person, since=SINCE)


def test_the_statements_of_a_look_do_not_grow_with_the_city(city: City) -> None:
    finding_facts.found_on(TODAY)
    with CaptureQueriesContext(connection) as few:
        finding_facts.found_on(TODAY)
    grown(city, 30)
    with CaptureQueriesContext(connection) as many:
        found = finding_facts.found_on(TODAY)
    assert sum(each.code is FindingCode.OVER_AREA for each in found) == 32
    assert len(many) == len(few)
