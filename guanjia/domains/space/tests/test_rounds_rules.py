"""The rules of rounds against cases that an official can read, and what holds for all of them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import (
    CLOCK_OFF_MAX,
    PROBLEMS,
    MarkFacts,
    RectFacts,
    Result,
    RoundState,
)
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.period import SHANGHAI

FOLDER = Path(__file__).parent / "cases"
BEGINS = date(2020, 5, 13)
LAW = law_at(BEGINS)
NOON = datetime(2020, 5, 20, 12, 0, tzinfo=SHANGHAI)


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case, id=case["text"]) for case in read]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("case", cases("rounds_record"))
def test_when_a_look_counts(case: dict[str, Any]) -> None:
    looked = moment(case["looked"])
    verdict = rules.may_record(
        state=RoundState(case["state"]), begins_on=BEGINS,
        closed_at=moment(case["closed"]) if "closed" in case else None, looked_at=looked,
        on_day=looked.date(), visited=case.get("visited", True), holder=case.get("holder", ""),
    )  # fmt: skip
    assert verdict.allowed is case.get("allowed", False)
    if not verdict.allowed:
        (finding,) = verdict.refusals
        assert finding.code == case["refused"]
        assert str(case.get("says", "")) in finding.text()
        assert finding.cite is not None, "every refusal names its rule"


@pytest.mark.parametrize("case", cases("rounds_late"))
def test_what_being_late_costs(case: dict[str, Any]) -> None:
    rect = RectFacts(due_on=case["due"], answered_on=case.get("answered"))
    days = rules.late_days(rect=rect, on=case["today"])
    assert days == case["days"]
    assert rules.late_points(days=days, law=LAW) == case["points"]


@pytest.mark.parametrize("case", cases("rounds_score"))
def test_what_a_unit_keeps(case: dict[str, Any]) -> None:
    on = date(2020, 12, 31)
    marks = [
        MarkFacts(round_id=row, item_id=item, points=Decimal(str(points)))
        for row, item, points in case.get("marks", ())
    ]
    rects = [RectFacts(due_on=on - timedelta(days=days)) for days in case.get("late", ())]
    score = rules.score(marks=marks, rects=rects, on=on, law=LAW)
    assert score.left == Decimal(str(case["left"]))
    if "counts" in case:
        assert rules.counting(marks=marks, law=LAW) == case["counts"]


@given(
    some.lists(
        some.tuples(some.integers(1, 3), some.integers(1, 3), some.integers(0, 100)), max_size=20
    ),
    some.lists(some.integers(0, 400), max_size=10),
)
def test_a_score_lies_between_nothing_and_all(
    ticks: list[tuple[int, int, int]], late: list[int]
) -> None:
    on = date(2020, 12, 31)
    marks = [MarkFacts(round_id=r, item_id=i, points=Decimal(p)) for r, i, p in ticks]
    rects = [RectFacts(due_on=on - timedelta(days=days)) for days in late]
    score = rules.score(marks=marks, rects=rects, on=on, law=LAW)
    assert 0 <= score.left <= score.full
    assert score.off + score.left == score.full
    fewer = rules.score(marks=marks[:-1], rects=rects[:-1], on=on, law=LAW)
    assert fewer.left >= score.left, "nothing more found never costs more"


@pytest.mark.parametrize(
    ("ahead", "off"),
    [
        (timedelta(minutes=9), 0),
        (timedelta(minutes=-9), 0),
        (timedelta(minutes=10), 600),
        (timedelta(hours=-2), -7200),
        (timedelta(days=36_500), CLOCK_OFF_MAX),
    ],
)
def test_a_clock_is_off_beyond_the_tolerance(ahead: timedelta, off: int) -> None:
    assert rules.clock_off(sent_at=NOON + ahead, received_at=NOON, law=LAW) == off


def test_every_kind_of_finding_has_points_and_its_article_where_one_is_known() -> None:
    items = rules.usual_items(law=LAW)
    assert [item.result for item in items] == list(PROBLEMS)
    assert all(item.points > 0 for item in items)
    without = [each for each in PROBLEMS if rules.cite_of(result=each, law=LAW) is None]
    assert without == [Result.OTHER]


def test_a_round_before_the_articles_were_in_force_cites_none_of_them() -> None:
    before = law_at(date(2016, 1, 1))
    assert rules.cite_of(result=Result.OVER, law=before) is None
    assert rules.cite_of(result=Result.LET, law=before) is not None
