"""The rules against cases that an official can read: `cases/<rule>.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from guanjia.domains.fleet.rules import dispatch, journeys, plates, prices, requests, times
from guanjia.domains.fleet.terms.cars import CarFacts, CarState, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.drivers import DriverFacts, DriverState, Licence
from guanjia.domains.fleet.terms.trips import Booked, Purpose, Reading, TripFacts
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)


def moment(text: str) -> datetime:
    """A time of the cases: ``2020-05-20T09:00`` in Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=times.ZONE)


TRIP = TripFacts(
    planned_from=moment("2020-05-20T09:00"),
    planned_to=moment("2020-05-20T12:00"),
    passengers=2,
    purpose=Purpose.SURVEY,
    unit_id=36,
)
CAR = CarFacts(
    plate="赣H12345",
    seats=5,
    state=CarState.IN_USE,
    use=Use.OTHER,
    keeping=Keeping.CENTRAL,
    unit_id=55,
    unit_name="市机关事务管理局",
    inspected_until=date(2021, 1, 31),
)
DRIVER = DriverFacts(
    name="汪杰",
    licence=Licence.C1,
    licence_until=date(2025, 1, 1),
    state=DriverState.ON_DUTY,
)
BEFORE = Reading(km=52_300, at=moment("2020-05-19T17:30"), number="PC2020051900007")
AFTER = Reading(km=52_400, at=moment("2020-05-21T08:00"), number="PC2020052100003")

_READ = {
    "planned_from": moment,
    "planned_to": moment,
    "at": moment,
    "begin": moment,
    "until": moment,
    "back_at": moment,
    "state": lambda text: CarState[text] if text in CarState.__members__ else DriverState[text],
    "keeping": lambda text: Keeping[text],
    "licence": lambda text: Licence[text],
}


def read(given: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a case as rules take them."""
    return {name: _READ.get(name, lambda value: value)(value) for name, value in given.items()}


def held(given: Mapping[str, Any]) -> list[Booked]:
    return [
        Booked(
            number="PC2020052000001",
            unit_name="市农业农村局",
            rider="邵红",
            destination="婺源",
            **read(each),
        )
        for each in given
    ]


def may_request(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    facts = read(given)
    at = facts.pop("at", moment("2020-05-19T16:00"))
    rest_days = facts.pop("rest_days", [])
    return requests.may_request(trip=replace(TRIP, **facts), rest_days=rest_days, at=at, law=law)


def may_dispatch(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return dispatch.may_dispatch(
        trip=replace(TRIP, **read(given.get("trip", {}))),
        car=replace(CAR, **read(given.get("car", {}))),
        driver=replace(DRIVER, **read(given.get("driver", {}))),
        car_held=held(given.get("car_held", ())),
        driver_held=held(given.get("driver_held", ())),
        law=law,
    )


def may_share(given: Mapping[str, Any], _: LawInForce) -> Verdict:
    carrier = replace(TRIP, planned_from=moment("2020-05-20T08:00"))
    return dispatch.may_share(
        trip=replace(TRIP, **read(given.get("trip", {}))),
        carrier=replace(carrier, **read(given.get("carrier", {}))),
        riders=given.get("riders", 2),
        seats=given.get("seats", 5),
    )


def may_depart(given: Mapping[str, Any], _: LawInForce) -> Verdict:
    last = BEFORE if "last" not in given else None
    return journeys.may_depart(km=given["km"], last=last, plate=CAR.plate)


def may_finish(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    went_at = moment("2020-05-20T09:00")
    return journeys.may_finish(went_at=went_at, start_km=52_300, law=law, **read(given))


def fits_between(given: Mapping[str, Any], _: LawInForce) -> Verdict:
    number = "PC2020052000009"
    return journeys.fits_between(
        start=Reading(km=given["start_km"], at=TRIP.planned_from, number=number),
        end=Reading(km=given["end_km"], at=TRIP.planned_to, number=number),
        before=BEFORE if "before" not in given else None,
        after=AFTER if "after" not in given else None,
        plate=CAR.plate,
    )


def within_ceiling(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    price, litres = given["price_yuan"], given["displacement_l"]
    return prices.within_ceiling(
        use=Use[given["use"]],
        seats=given.get("seats", 5),
        price_fen=None if price is None else price * 100,
        displacement_l=None if litres is None else Decimal(litres),
        energy=given.get("energy", "PETROL"),
        law=law,
    )


VERDICTS = (
    may_request,
    may_dispatch,
    may_share,
    may_depart,
    may_finish,
    fits_between,
    within_ceiling,
)
SENTENCES = (plates.plate_fault, plates.vin_fault)


def cases_of(*functions: Any) -> list[Any]:
    return [
        pytest.param(function, case, id=f"{function.__name__}: {case['case']}")
        for function in functions
        for case in yaml.safe_load((FOLDER / f"{function.__name__}.yaml").read_text("utf-8"))
    ]


@pytest.mark.parametrize(("rule", "case"), cases_of(*VERDICTS))
def test_the_rule_says_what_the_official_signed(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(case.get("on_date", DAY)))
    expect = case["expect"]
    for kind, findings in (
        ("refused", verdict.refusals),
        ("warned", verdict.warnings),
        ("passed", verdict.passes),
    ):
        if kind in expect:
            assert [finding.code for finding in findings] == expect[kind]
    found = [*verdict.refusals, *verdict.warnings]
    if "says" in expect:
        assert any(expect["says"] in finding.text() for finding in found), found
    if "field" in expect:
        assert [finding.field for finding in found] == [expect["field"]]
    if "cites" in expect:
        assert any(f.cite is not None and expect["cites"] in f.cite.line() for f in found), found


@pytest.mark.parametrize(("rule", "case"), cases_of(*VERDICTS))
def test_a_refusal_is_a_calm_sentence(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(case.get("on_date", DAY)))
    for finding in (*verdict.refusals, *verdict.warnings):
        assert finding.headline.endswith("。")
        assert finding.sentence.endswith("。")
        assert not set("！!") & set(finding.text())


@pytest.mark.parametrize(("check", "case"), cases_of(*SENTENCES))
def test_what_is_wrong_with_a_number_is_said(check: Any, case: dict[str, Any]) -> None:
    fault = check(case["given"])
    if case["expect"] is None:
        assert fault is None
    else:
        assert fault is not None
        assert fault.startswith(case["expect"])


@pytest.mark.parametrize(("check", "case"), cases_of(journeys.running_order))
def test_one_wrong_reading_blames_one_trip(check: Any, case: dict[str, Any]) -> None:
    assert check([tuple(pair) for pair in case["given"]]) == case["expect"]


def test_every_case_file_is_played() -> None:
    played = {function.__name__ for function in (*VERDICTS, *SENTENCES, journeys.running_order)}
    # The other areas play theirs by name in files of their own.
    others = "".join(path.read_text("utf-8") for path in FOLDER.parent.glob("test_rules_*.py"))
    played |= set(re.findall(r"\w+", others))
    assert {path.stem for path in FOLDER.rglob("*.yaml")} <= played


def test_a_car_wished_for_must_fit() -> None:
    law = law_at(DAY)
    assert dispatch.wish_fits(trip=TRIP, car=CAR, law=law).allowed
    big = replace(TRIP, passengers=5)
    kept = replace(CAR, keeping=Keeping.UNIT, state=CarState.REPAIR)
    verdict = dispatch.wish_fits(trip=big, car=kept, law=law)
    assert [f.code for f in verdict.refusals] == ["lent", "too_small", "car_not_in_use"]


@pytest.mark.parametrize(
    ("start_km", "doubtful"), [(52_300, False), (52_350, False), (52_351, True)]
)
def test_kilometres_without_a_sheet_wait_for_a_look(start_km: int, doubtful: bool) -> None:
    start = Reading(km=start_km, at=TRIP.planned_from, number="PC2020052000009")
    verdict = journeys.gap_before(start=start, before=BEFORE, plate=CAR.plate, law=law_at(DAY))
    assert verdict.allowed
    assert bool(verdict.warnings) is doubtful
    assert not journeys.gap_before(start=start, before=None, plate="", law=law_at(DAY)).warnings


def test_a_speed_no_car_drives_is_odd() -> None:
    law = law_at(DAY)
    hour = timedelta(hours=1)
    assert not journeys.unusual_speed(km=120, took=hour, law=law).warnings
    assert journeys.unusual_speed(km=121, took=hour, law=law).warnings[0].code == "speed_doubt"


def test_what_a_finished_trip_lacks_is_named() -> None:
    assert journeys.registered(missing=["事由"], law=law_at(DAY)).warnings[0].sentence == "缺事由。"
    assert journeys.registered(missing=[], law=law_at(DAY)).passes


@pytest.mark.parametrize(
    ("plate", "colour", "fits"),
    [
        ("赣H12345", PlateColour.BLUE, True),
        ("赣H12345", PlateColour.GREEN, False),
        ("赣HD12345", PlateColour.GREEN, True),
        ("赣H12345F", PlateColour.YELLOW_GREEN, True),
        ("赣HD12345", PlateColour.BLUE, False),
    ],
)
def test_plate_and_colour_go_together(plate: str, colour: PlateColour, fits: bool) -> None:
    assert (plates.colour_fault(plate, colour) is None) is fits


@pytest.mark.parametrize(
    ("minutes", "words"), [(48, "48 分钟"), (60, "1 小时"), (387, "6 小时 27 分")]
)
def test_a_stretch_of_time_in_words(minutes: int, words: str) -> None:
    assert times.span(minutes) == words
