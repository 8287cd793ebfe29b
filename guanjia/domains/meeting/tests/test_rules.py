"""Spans that share a moment, what may be asked for, and what is offered instead."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.meeting import rules
from guanjia.domains.meeting.terms import Asked, Hall, Slot, Standing
from guanjia.kernel.values.period import SHANGHAI

AT = datetime(2020, 5, 20, 9, tzinfo=SHANGHAI)
HOUR, STEP = timedelta(hours=1), timedelta(minutes=30)


def asked(**changes: Any) -> Asked:
    facts: dict[str, Any] = {
        "title": "调度会", "room_id": 1, "starts_at": AT + HOUR, "ends_at": AT + 3 * HOUR,
        "people": 40,
    }  # fmt: skip
    return Asked(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"title": "  "}, ["no_title"]),
        ({"ends_at": AT + HOUR}, ["ends_before"]),
        ({"ends_at": AT + 26 * HOUR}, ["too_long"]),
        ({"starts_at": AT}, ["past"]),
        (
            {"starts_at": AT + timedelta(days=367), "ends_at": AT + timedelta(days=367, hours=1)},
            ["too_far"],
        ),
        ({"people": 0}, ["no_people"]),
        ({"people": 60}, []),
        ({"people": 61}, ["too_small"]),
    ],
)
def test_what_may_be_asked_for(changes: dict[str, Any], codes: list[str]) -> None:
    verdict = rules.may_ask(asked=asked(**changes), seats=60, standing=Standing.OPEN, at=AT)
    assert [one.code for one in verdict.refusals] == codes
    assert all(one.field and one.sentence.endswith("。") for one in verdict.refusals)


def test_a_room_out_of_use_is_not_booked_and_one_without_known_seats_is() -> None:
    closed = rules.may_ask(asked=asked(), seats=60, standing=Standing.CLOSED, at=AT)
    assert [one.code for one in closed.refusals] == ["closed"]
    assert rules.may_ask(asked=asked(people=900), seats=None, standing=Standing.OPEN, at=AT).allowed


def test_a_meeting_is_held_once_it_has_begun() -> None:
    assert rules.may_hold(starts_at=AT, at=AT).allowed
    assert not rules.may_hold(starts_at=AT + STEP, at=AT).allowed


def test_a_span_is_said_with_its_day_and_the_second_day_where_there_is_one() -> None:
    assert rules.span(AT, AT + HOUR) == "5月20日 9:00–10:00"
    assert rules.span(AT, AT + 24 * HOUR) == "5月20日 9:00–5月21日 9:00"


# ── any spans ────────────────────────────────────────────────────────────────────────────

spans = st.tuples(st.integers(-40, 90), st.integers(1, 20)).map(
    lambda told: (AT + told[0] * STEP, AT + (told[0] + told[1]) * STEP)
)
halls = st.lists(
    st.tuples(st.integers(1, 120), st.lists(spans, max_size=12)), min_size=1, max_size=6
).map(
    lambda told: [
        Hall(room_id=place, name=f"会议室 {place}", seats=seats, busy=tuple(busy))
        for place, (seats, busy) in enumerate(told, start=1)
    ]
)


@given(one=spans, other=spans)
def test_spans_overlap_when_some_half_hour_lies_in_both(one: Any, other: Any) -> None:
    def steps(span: tuple[datetime, datetime]) -> set[int]:
        return {int((span[0] - AT) / STEP) + n for n in range(int((span[1] - span[0]) / STEP))}

    assert rules.overlaps(one=one, other=other) == bool(steps(one) & steps(other))
    assert rules.overlaps(one=one, other=other) == rules.overlaps(one=other, other=one)
    assert not rules.overlaps(one=one, other=(one[1], one[1] + HOUR)), "half-open"


@given(halls=halls, wanted=spans, people=st.integers(1, 130))
def test_what_is_offered_is_free_long_enough_large_enough_and_at_most_three(
    halls: list[Hall], wanted: tuple[datetime, datetime], people: int
) -> None:
    wish = asked(starts_at=wanted[0], ends_at=wanted[1], people=people)
    offers = rules.nearest_free(halls=halls, wanted=wish, at=AT)
    named = {hall.name: hall for hall in halls}
    assert len(offers) <= 3
    assert len({(one.what, one.starts_at) for one in offers}) == len(offers)
    for offer in offers:
        hall, span = named[offer.what], (offer.starts_at, offer.ends_at)
        assert offer.ends_at - offer.starts_at == wanted[1] - wanted[0]
        assert not any(rules.overlaps(one=span, other=busy) for busy in hall.busy)
        if hall.room_id == wish.room_id:
            assert offer.starts_at > AT
        else:
            assert hall.seats >= people
            assert span == wanted


def test_other_rooms_come_first_the_smallest_before_the_larger_then_other_times() -> None:
    taken = ((AT + HOUR, AT + 2 * HOUR),)
    halls = [
        Hall(room_id=1, name="甲", seats=60, busy=taken),
        Hall(room_id=2, name="乙", seats=200),
        Hall(room_id=3, name="丙", seats=50),
        Hall(room_id=4, name="丁", seats=10),
    ]
    wish = asked(ends_at=AT + 2 * HOUR)
    assert rules.nearest_free(halls=halls, wanted=wish, at=AT) == [
        Slot("丙", AT + HOUR, AT + 2 * HOUR),
        Slot("乙", AT + HOUR, AT + 2 * HOUR),
        Slot("甲", AT + 2 * HOUR, AT + 3 * HOUR),
    ]


def test_where_nothing_is_free_the_refusal_says_so() -> None:
    verdict = rules.taken(clashes=[Slot("其他单位占用", AT, AT + HOUR)], free=[])
    assert "其他单位占用，5月20日 9:00–10:00。两周内没有合适的空档。" in verdict.refusals[0].text()
    assert rules.taken(clashes=[], free=[]).allowed
