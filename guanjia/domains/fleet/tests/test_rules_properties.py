"""What holds of plates, VINs and odometers whatever the numbers are."""

import itertools
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from guanjia.domains.fleet.rules import journeys, plates, times
from guanjia.domains.fleet.terms.trips import Reading
from guanjia.domains.fleet.tests.test_rules import AFTER, BEFORE, TRIP

VIN_SIGNS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PLATE_SIGNS = PLATE_LETTERS + "0123456789"
# Written out from GB 16735 and not taken from the code under test.
VALUES = dict(zip("0123456789", range(10), strict=True)) | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True)
)
WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
CHECK_PLACE = 8


def with_check_digit(body: str) -> str:
    """A VIN of 17 signs whose ninth place is made to fit."""
    rest = sum(VALUES[sign] * weight for sign, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body[:CHECK_PLACE] + ("X" if rest == 10 else str(rest)) + body[CHECK_PLACE + 1 :]


vins = st.text(VIN_SIGNS, min_size=17, max_size=17).map(with_check_digit)


@given(vins)
def test_a_vin_with_its_check_digit_is_right(vin: str) -> None:
    assert plates.vin_fault(vin) is None


@given(vins, st.integers(0, 16), st.sampled_from(VIN_SIGNS))
def test_a_changed_sign_is_found_unless_it_counts_the_same(vin: str, place: int, sign: str) -> None:
    changed = vin[:place] + sign + vin[place + 1 :]
    # 11 is prime and every weight is smaller: at a weighted place only an equal value goes unseen.
    same_value = VALUES[sign] == VALUES[vin[place]]
    right = sign == vin[place] if place == CHECK_PLACE else same_value
    assert (plates.vin_fault(changed) is None) is right


@given(st.text(max_size=20))
def test_whatever_is_written_gets_a_sentence_or_passes(text: str) -> None:
    for fault in (plates.vin_fault(text), plates.plate_fault(text)):
        assert fault is None or len(fault) > 5


@given(
    st.sampled_from("赣京沪粤"),
    st.sampled_from(PLATE_LETTERS),
    st.text(PLATE_SIGNS, min_size=5, max_size=5),
)
def test_an_ordinary_plate_is_right_and_not_new_energy(
    province: str, office: str, serial: str
) -> None:
    plate = province + office + serial
    assert plates.plate_fault(plate) is None
    assert not plates.is_new_energy_plate(plate)


@given(
    st.sampled_from("ABCDEFGHJK"),
    st.text("0123456789", min_size=5, max_size=5),
    st.booleans(),
)
def test_a_new_energy_plate_is_right_and_known(letter: str, digits: str, small: bool) -> None:
    plate = f"赣H{letter}{digits}" if small else f"赣H{digits}{letter}"
    assert plates.plate_fault(plate) is None
    assert plates.is_new_energy_plate(plate)


@given(st.text(PLATE_SIGNS, min_size=5, max_size=5), st.integers(0, 4), st.sampled_from("IO"))
def test_the_letters_that_look_like_digits_are_named(serial: str, place: int, letter: str) -> None:
    fault = plates.plate_fault("赣H" + serial[:place] + letter + serial[place + 1 :])
    assert fault is not None
    assert f"不用字母 {letter}" in fault


legs = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda leg: (leg[0], leg[0] + leg[1])),
    max_size=8,
)


def runs(readings: list[tuple[int, int]]) -> bool:
    return all(a[1] <= b[0] for a, b in itertools.pairwise(readings))


@given(legs)
@settings(max_examples=300)
def test_never_more_trips_are_blamed_than_needed(readings: list[tuple[int, int]]) -> None:
    wrong = journeys.running_order(readings)
    kept = [leg for place, leg in enumerate(readings) if place not in wrong]
    assert runs(kept), "what is kept runs forward"
    least = next(
        left
        for left in range(len(readings) + 1)
        if any(
            runs([leg for place, leg in enumerate(readings) if place not in out])
            for out in itertools.combinations(range(len(readings)), left)
        )
    )
    assert len(wrong) == least


@given(st.integers(0, 100_000), st.integers(0, 2_000))
def test_a_sheet_fits_exactly_when_it_lies_between(start_km: int, driven: int) -> None:
    end_km = start_km + driven
    verdict = journeys.fits_between(
        start=Reading(km=start_km, at=TRIP.planned_from, number="x"),
        end=Reading(km=end_km, at=TRIP.planned_to, number="x"),
        before=BEFORE,
        after=AFTER,
        plate="赣H12345",
    )
    assert verdict.allowed is (start_km >= BEFORE.km and end_km <= AFTER.km)
    for finding in verdict.refusals:
        assert BEFORE.number in finding.sentence
        assert AFTER.number in finding.sentence


@given(st.integers(1, 10_000))
def test_a_stretch_of_time_can_be_read_back(minutes: int) -> None:
    words = times.span(minutes).replace(" 小时", "h").replace(" 分钟", "m").replace(" 分", "m")
    hours, _, rest = words.rpartition("h")
    read = timedelta(hours=int(hours or 0), minutes=int(rest.strip().removesuffix("m") or 0))
    assert read == timedelta(minutes=minutes)
