"""The rules of giving and taking back against cases that an official can read."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.rules import clearances
from guanjia.domains.space.terms.allocations import (
    AllocationMethod,
    FreeRoom,
    LettingOut,
    Need,
    Taken,
)
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)
LAW = law_at(DAY)


def cases(name: str) -> list[Any]:
    found = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(each, id=each["case"]) for each in found]


@pytest.mark.parametrize("case", cases("allocation_ways"))
def test_the_way(case: Mapping[str, Any]) -> None:
    if case["way"] in LettingOut.__members__:
        verdict: Verdict = rules.may_let_out(wish=LettingOut(case["way"]), law=LAW)
    else:
        way = AllocationMethod(case["way"])
        refusals = {AllocationMethod(each): "没有合适的" for each in case.get("refused", [])}
        refusals |= {AllocationMethod(each): "  " for each in case.get("blank", [])}
        verdict = rules.in_order(way=way, refusals=refusals, law=LAW) + rules.loan_ends(
            way=way, since_on=case.get("since"), last_on=case.get("last"), law=LAW
        )
    codes = {finding.code for finding in verdict.refusals}
    assert codes == ({case["code"]} if "code" in case else set())
    told = "".join(finding.headline + finding.sentence for finding in verdict.refusals)
    assert case.get("says", "") in told
    assert all(finding.cite is not None for finding in verdict.refusals), "no no without 依据"


@pytest.mark.parametrize("case", cases("clearance_due"))
def test_until_when(case: Mapping[str, Any]) -> None:
    reason = ClearanceReason(case["reason"])
    limit = clearances.due(reason=reason, begins_on=case["begins"], law=LAW)
    assert limit is not None
    assert limit.on == case["due"]
    assert limit.cite is not None
    if "on" in case:
        verdict = clearances.in_time(
            reason=reason, begins_on=case["begins"], due_on=limit.on, on=case["on"], law=LAW
        )
        assert verdict.allowed == (case["late"] == 0)
        told = "".join(finding.headline for finding in verdict.refusals)
        assert (f"逾期 {case['late']} 天" in told) == bool(case["late"])


def need(entitled: int | None, held: int, back: int = 0) -> Need:
    return Need(
        persons=10, entitled_m2=None if entitled is None else Decimal(entitled),
        held_m2=Decimal(held), back_m2=Decimal(back),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "have", "code"),
    [
        (40, need(200, 160), "wanted_within"),
        (41, need(200, 160), "wanted_over"),
        (41, need(200, 160, back=1), "wanted_within"),
        (1, need(100, 160), "wanted_over"),
        (1, need(None, 0), "no_standard"),
    ],
)
def test_what_is_asked_for_beside_what_may_be_given(wanted: int, have: Need, code: str) -> None:
    verdict = rules.within_need(wanted_m2=Decimal(wanted), need=have, law=LAW)
    assert verdict.allowed, "more is a warning; the grant has the last word"
    (finding,) = verdict.warnings + verdict.passes
    assert finding.code == code
    assert finding.cite is not None


@pytest.mark.parametrize(
    ("given_m2", "have", "refused"),
    [
        (40, need(200, 160), False),
        (41, need(200, 160), True),
        (60, need(200, 160, back=20), False),
        (10, need(None, 0), False),
    ],
)
def test_what_may_be_granted(given_m2: int, have: Need, refused: bool) -> None:
    verdict = rules.may_grant(given_m2=Decimal(given_m2), need=have, law=LAW)
    assert verdict.allowed is not refused


def test_who_holds_a_room_is_named_with_until_when() -> None:
    def headline(since: date | None, until: date | None) -> str:
        held = Taken(room_id=1, room="常委楼 202", unit="市教育局", since=since, until=until)
        (finding,) = rules.not_taken(taken=[held], others=[]).refusals
        return finding.headline

    may, june = date(2020, 5, 1), date(2020, 6, 1)
    assert headline(may, june) == "常委楼 202 已给市教育局，2020年5月1日至2020年5月31日。"
    assert headline(may, None) == "常委楼 202 已给市教育局，2020年5月1日起长期使用。"
    assert headline(None, june) == "常委楼 202 已给市教育局，用到2020年5月31日。"
    assert headline(None, None) == "常委楼 202 已给市教育局，长期使用。"


def room(number: int, m2: str, floor: int = 1, building: str = "A座") -> FreeRoom:
    return FreeRoom(
        id=number, name=f"{building} {number}", number=str(number), building=building,
        compound="市民中心", floor=floor, kind="办公室", usable_m2=Decimal(m2), gross_m2=None,
        since=DAY,
    )  # fmt: skip


def test_groups_that_fit_come_nearest_first_and_on_one_floor_where_that_is_as_near() -> None:
    free = [
        room(101, "20", 1), room(201, "18", 2), room(202, "22", 2), room(301, "90", 3, "B座"),
        room(102, "20", 1),
    ]  # fmt: skip
    first, second = rules.offers(free, Decimal(40))
    assert (first.building, first.usable_m2, len(first.floors)) == ("A座", Decimal(40), 1)
    assert (second.building, second.short_m2) == ("B座", Decimal(-50)), "the smallest there is"
    assert rules.offers([], Decimal(40)) == []


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sizes=some.lists(some.integers(min_value=9, max_value=90), max_size=12),
    wanted=some.integers(min_value=1, max_value=400),
)
def test_a_group_never_goes_beyond_the_need_but_by_the_one_smallest_room(
    sizes: list[int], wanted: int
) -> None:
    free = [room(place, str(m2)) for place, m2 in enumerate(sizes, start=1)]
    chosen = rules.best(free, Decimal(wanted))
    together = sum((each.usable_m2 for each in chosen), Decimal(0))
    assert len({each.id for each in chosen}) == len(chosen)
    assert bool(chosen) == bool(free)
    if together > wanted:
        assert len(chosen) == 1
        assert chosen[0].usable_m2 == min(each.usable_m2 for each in free)
    else:
        left = [each for each in free if each not in chosen]
        assert all(each.usable_m2 > wanted - together for each in left), "nothing more fits"
