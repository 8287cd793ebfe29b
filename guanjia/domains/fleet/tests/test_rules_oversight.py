"""The rules of oversight and sealing against cases that an official can read."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.fleet.rules import oversight, sealing, standing, times
from guanjia.domains.fleet.rules.places import Entry, Gazetteer
from guanjia.domains.fleet.terms.oversight import (
    DayFacts,
    DoubtFacts,
    FineFacts,
    Ground,
    JourneyFacts,
    PlannedFacts,
    ReadingFacts,
    SeenFacts,
)
from guanjia.domains.fleet.terms.sealing import SealFacts
from guanjia.domains.fleet.terms.sightings import SightingSource
from guanjia.kernel.calendar.published import published
from guanjia.kernel.regulations.lawbook import law_at

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
PLATE = "赣H12345"


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case.get("case") or case["text"]) for case in read]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=times.ZONE)


def day(on: date) -> DayFacts:
    kind = published(on)
    return DayFacts(works=kind.works, label=kind.label())


def days(first: date, last: date) -> dict[date, DayFacts]:
    wanted = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {on: day(on) for on in wanted}


def seen(rows: Sequence[Sequence[Any]]) -> tuple[SeenFacts, ...]:
    return tuple(
        SeenFacts(id=n, at=moment(at), place=place, area=area, source=SightingSource.TOLL)
        for n, (at, place, area) in enumerate(rows, start=1)
    )


def journey(given: Mapping[str, Any]) -> JourneyFacts:
    on = given.get("day", DAY)
    facts: dict[str, Any] = {
        "trip_id": 7,
        "number": "PC2020052000012",
        "planned_from": moment(f"{on}T08:00"),
        "planned_to": moment(f"{on}T18:00"),
        "went_at": moment(f"{on}T08:05"),
        "back_at": moment(f"{on}T17:40"),
        "destination": "浮梁县",
        "areas": frozenset({"昌江区", "珠山区", "浮梁县"}),
        "start_km": 10_000,
        "before": ReadingFacts(
            km=10_000 - given.get("gap", 0), at=moment("2020-04-19T17:00"),
            number="PC2020051900007", trip_id=6,
        ),
    }  # fmt: skip
    for name in ("planned_from", "planned_to", "went_at", "back_at"):
        if name in given:
            facts[name] = moment(given[name]) if given[name] else None
    for name in (
        "unknown", "rest_reason", "recorded", "papers", "papers_due_on",
        "inspected_until", "insured_until",
    ):  # fmt: skip
        if name in given:
            facts[name] = given[name]
    if "areas" in given:
        facts["areas"] = frozenset(given["areas"])
    return JourneyFacts(**facts, seen=seen(given.get("seen", ())))


def levels(grounds: Sequence[Ground]) -> dict[str, str]:
    return {ground.code.value: ground.level.value for ground in grounds}


def told(grounds: Sequence[Ground]) -> str:
    return "\n".join(f"{g.headline}{g.sentence}" for g in grounds)


@pytest.mark.parametrize("case", cases("oversight_journey"))
def test_a_journey_is_judged_as_the_cases_say(case: Mapping[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    facts = journey(given)
    at = moment(given.get("at", "2020-05-22T08:00"))
    touched = days(
        facts.went_at.astimezone(times.ZONE).date(),
        (facts.back_at or at).astimezone(times.ZONE).date(),
    )
    grounds = oversight.judge_journey(journey=facts, days=touched, at=at, law=law_at(facts.went_at))
    assert levels(grounds) == expect["found"]
    for words in expect.get("says", ()):
        assert words in told(grounds)
    if "level" in expect:
        assert oversight.gravest([g.level for g in grounds]).value == expect["level"]
    if "cites" in expect:
        assert expect["cites"] in grounds[0].cite.title
    assert expect.get("unjudged", "") in oversight.unjudged(facts)
    assert all(ground.evidence for ground in grounds), "every ground opens a row"


def test_the_words_about_a_car_that_is_out_do_not_change_by_themselves() -> None:
    facts = journey({"back_at": None})
    early, late = (
        oversight.outside_time(journey=facts, at=moment(at), law=law_at(DAY))
        for at in ("2020-05-20T20:00", "2020-05-23T09:00")
    )
    assert early is not None
    assert early == late


@pytest.mark.parametrize("case", cases("oversight_day"))
def test_a_day_without_a_journey_is_judged_as_the_cases_say(case: Mapping[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    planned = [
        PlannedFacts(
            trip_id=n, number=f"PC202005200000{n}", planned_from=moment(begin),
            planned_to=moment(end),
        )
        for n, (begin, end) in enumerate(given.get("planned", ()), start=1)
    ]  # fmt: skip
    grounds = oversight.judge_day(
        seen=seen(given["seen"]), planned=planned, day=day(case["day"]), law=law_at(case["day"])
    )
    assert levels(grounds) == expect["found"]
    for words in expect.get("says", ()):
        assert words in told(grounds)
    if "cites" in expect:
        assert expect["cites"] in grounds[0].cite.title
    if "evidence" in expect:
        assert len(grounds[0].evidence) == expect["evidence"]


@pytest.mark.parametrize("case", cases("oversight_standing"))
def test_what_stands_is_judged_as_the_cases_say(case: Mapping[str, Any]) -> None:
    law, expect = law_at(DAY), case["expect"]
    ground: Ground | None
    if "idle" in case:
        given = case["idle"]
        ground = standing.idle(
            begin=date(2020, 2, 1), ever=given.get("ever", True), days=given["days"], last=None,
            law=law,
        )  # fmt: skip
    elif "fine" in case:
        given = case["fine"]
        fine = FineFacts(
            id=1, number="3602001", at=moment(f"{given['day']}T09:00"), place="迎宾大道",
            what="超速", handled=given.get("handled", False),
        )  # fmt: skip
        ground = standing.fine_waits(fine=fine, on=given["today"], law=law)
    else:
        doubt = DoubtFacts(
            id=1, code=case["doubt"], headline="存疑。", sentence="", cite=None, cost_id=3,
            title="加油 2020-05-20",
        )  # fmt: skip
        ground = standing.cost_doubt(doubt=doubt, law=law)
    if not expect:
        assert ground is None
        return
    assert ground is not None
    assert ground.level.value == expect["level"]
    assert expect.get("says", "") in told([ground])
    assert expect.get("code", ground.code.value) == ground.code.value


def seal(case: Mapping[str, Any]) -> SealFacts:
    begin, end = case.get("km", (None, None))
    return SealFacts(
        id=1, sealing_id=1, title="劳动节封存",
        begin_at=moment("2020-04-30T18:00"), end_at=moment("2020-05-06T08:00"),
        sealed_at=moment(case["sealed"]) if "sealed" in case else None,
        released_at=moment(case["released"]) if "released" in case else None,
        sealed_km=begin, released_km=end,
        called_off_at=moment(case["called_off"]) if "called_off" in case else None,
    )  # fmt: skip


@pytest.mark.parametrize("case", cases("sealing"))
def test_a_sealed_car_is_judged_as_the_cases_say(case: Mapping[str, Any]) -> None:
    law, facts, expect = law_at(date(2020, 5, 1)), seal(case), case["expect"]
    ground: Ground | None
    if "journey" in case:
        went, back = case["journey"]
        ground = sealing.driven_out(
            seal=facts, journey=journey({"went_at": went, "back_at": back}),
            at=moment("2020-05-10T08:00"), law=law,
        )  # fmt: skip
    elif "seen" in case:
        clue = seen([[case["seen"], "城北加油站", "珠山区"]])
        ground = sealing.seen_moving(seal=facts, seen=clue, law=law)
    elif "km" in case:
        ground = sealing.odometer_moved(seal=facts, law=law)
    else:
        ground = sealing.handed_in_late(seal=facts, at=moment(case["late_at"]), law=law)
    if not expect:
        assert ground is None
        return
    assert ground is not None
    assert ground.code.value == expect["code"]
    assert expect.get("level", ground.level.value) == ground.level.value
    assert expect.get("says", "") in told([ground])
    assert "公务用车管理办法" in ground.cite.title
    assert ground.cite.unchecked


@pytest.mark.parametrize("case", cases("sealing_bounds"))
def test_a_sealing_lasts_from_workday_to_workday(case: Mapping[str, Any]) -> None:
    first, last = case["holiday"]
    around = days(first - timedelta(days=10), last + timedelta(days=10))
    bounds = sealing.bounds(first=first, last=last, days=sorted(around.items()), law=law_at(first))
    assert bounds == tuple(moment(text) for text in case["expect"])


@pytest.mark.parametrize("case", cases("may_seal"))
def test_sealing_wants_place_keys_and_odometer(case: Mapping[str, Any]) -> None:
    given = {"place": "院内车库", "keys_to": "办公室保险柜", "km": 10_000, **case["given"]}
    verdict = sealing.may_seal(ledger_km=10_000, plate=PLATE, **given)
    assert [finding.code for finding in verdict.refusals] == case["expect"]["refused"]
    assert case["expect"].get("says", "") in "".join(f.text() for f in verdict.refusals)


@pytest.mark.parametrize("case", cases("may_call_off"))
def test_a_sealing_is_called_off_before_it_is_over(case: Mapping[str, Any]) -> None:
    facts = seal({})
    verdict = sealing.may_call_off(
        begin_at=facts.begin_at, end_at=facts.end_at, at=moment(case["at"]),
        reason=case.get("reason", "防汛应急"),
    )  # fmt: skip
    told = {"refused": verdict.refusals, "warned": verdict.warnings}
    assert {name: f.code for name, found in told.items() for f in found} == case["expect"]


def test_a_car_is_not_released_with_fewer_kilometres_than_it_was_sealed_with() -> None:
    facts = seal({"sealed": "2020-04-30T17:00", "km": (10_000, None)})
    for km, codes in ((None, ["km_missing"]), (9_999, ["odometer_back"]), (10_000, [])):
        verdict = sealing.may_release(seal=facts, km=km, plate=PLATE)
        assert [finding.code for finding in verdict.refusals] == codes


BOOK = Gazetteer.of(
    [
        Entry(name="浮梁县", area="浮梁县", aliases=("浮梁",)),
        Entry(name="乐平市", area="乐平市", aliases=("乐平",)),
        Entry(name="婺源县", area="婺源县", aliases=("婺源", "江湾"), on_the_way=("浮梁县",)),
        Entry(name="昌江区", area="昌江区", aliases=("高铁北站",)),
        Entry(name="浮梁路", area="珠山区"),
    ]
)


@pytest.mark.parametrize("case", cases("places"))
def test_a_place_is_put_into_its_county(case: Mapping[str, Any]) -> None:
    assert list(BOOK.areas(case["text"])) == case["areas"]
    assert BOOK.area(case["text"]) == next(iter(case["areas"]), "")
    if "through" in case:
        assert BOOK.through(case["text"]) == set(case["through"])
