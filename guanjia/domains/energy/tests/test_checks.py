"""What is odd about a month: cases that an official can read, and faults planted at random."""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guanjia.domains.energy.rules import checks
from guanjia.domains.energy.rules.checks import Limits, Usual
from guanjia.domains.energy.terms.energies import Energy, Measure, Used
from guanjia.domains.energy.terms.returns import Check, Severity
from guanjia.domains.energy.tests.builders import TODAY
from guanjia.kernel.regulations.lawbook import law_at

LIMITS = Limits.of(law_at(TODAY))
CASES = Path(__file__).parent / "cases"


def used(amount: Any, cost: Any) -> Used:
    return Used(
        amount=None if amount is None else Decimal(str(amount)),
        cost_fen=None if cost is None else int(Decimal(str(cost)) * 100),
    )


def cases() -> Iterator[Any]:
    for case in yaml.safe_load((CASES / "oddities.yaml").read_text(encoding="utf-8")):
        yield pytest.param(case, id=case["case"])


@pytest.mark.parametrize("case", list(cases()))
def test_cases(case: dict[str, Any]) -> None:
    lines = {Energy(name): used(*pair) for name, pair in case["given"].items()}
    lines.setdefault(Energy.WATER, used(120, 342))
    lines.setdefault(Energy.ELECTRICITY, used(4000, 2480))
    usuals = {
        Energy(name): checks.usual([used(*each) for each in others], needs=LIMITS.history)
        for name, others in case.get("others", {}).items()
    }
    for name, peers in case.get("peers", {}).items():
        usuals[Energy(name)] = Usual(peers=float(peers))
    found = [
        f"{each.check} {each.energy} {each.measure}"
        for each in checks.oddities(lines, usuals, LIMITS)
    ]
    assert found == case["expect"]


def test_what_is_switched_off_is_not_told() -> None:
    quiet = replace(LIMITS, severity=dict.fromkeys(Check, Severity.OFF))
    assert checks.oddities({Energy.ELECTRICITY: used(0, 500)}, {}, quiet) == []


# ── planted faults, by a generator ───────────────────────────────────────────────────────


def year_of(rng: random.Random, base: float, price: float) -> list[Used]:
    """Twelve months with seasons and some noise, at a price that hardly moves."""
    months = []
    for number in range(12):
        season = 1 + 0.25 * (1 if number in (0, 1, 6, 7) else 0)
        amount = round(base * season * rng.uniform(0.85, 1.15), 1)
        months.append(used(amount, round(amount * price * rng.uniform(0.97, 1.03), 2)))
    return months


SLIPS = {"ten": 10, "tenth": 0.1, "thousand": 1000, "thousandth": 0.001}


@given(
    seed=st.integers(0, 10**6),
    energy=st.sampled_from([Energy.ELECTRICITY, Energy.WATER, Energy.GAS, Energy.PETROL]),
    base=st.floats(80, 50_000),
    place=st.integers(0, 11),
    slip=st.sampled_from(sorted(SLIPS)),
)
@settings(max_examples=300, deadline=None)
def test_a_slipped_amount_is_found_and_blamed_on_the_amount(
    seed: int, energy: Energy, base: float, place: int, slip: str
) -> None:
    rng = random.Random(seed)
    price = {"ELECTRICITY": 0.62, "WATER": 2.85, "GAS": 3.3, "PETROL": 6.4}[energy]
    months = year_of(rng, base, price)
    right = months[place]
    assert right.amount is not None
    wrong = Used(amount=round(right.amount * Decimal(str(SLIPS[slip])), 4), cost_fen=right.cost_fen)
    others = months[:place] + months[place + 1 :]
    usual = checks.usual(others, needs=LIMITS.history)
    (odd,) = [
        each
        for each in checks.oddities({energy: wrong}, {energy: usual}, LIMITS)
        if each.energy is energy
    ]
    assert odd.measure is Measure.AMOUNT
    assert odd.check is (Check.TEN if "ten" in slip else Check.THOUSAND)


@given(
    seed=st.integers(0, 10**6),
    base=st.floats(80, 50_000),
    place=st.integers(0, 11),
    times=st.sampled_from([0.1, 0.25, 3, 4, 10]),
)
@settings(max_examples=200, deadline=None)
def test_a_wrong_cost_is_found_and_blamed_on_the_cost(
    seed: int, base: float, place: int, times: float
) -> None:
    months = year_of(random.Random(seed), base, 0.62)
    right = months[place]
    assert right.cost_fen is not None
    wrong = Used(amount=right.amount, cost_fen=round(right.cost_fen * times))
    usual = checks.usual(months[:place] + months[place + 1 :], needs=LIMITS.history)
    (odd,) = [
        each
        for each in checks.oddities(
            {Energy.ELECTRICITY: wrong}, {Energy.ELECTRICITY: usual}, LIMITS
        )
        if each.energy is Energy.ELECTRICITY
    ]
    assert (odd.check, odd.measure) == (Check.PRICE, Measure.COST)


@given(seed=st.integers(0, 10**6), base=st.floats(80, 50_000))
@settings(max_examples=100, deadline=None)
def test_a_clean_year_is_not_doubted(seed: int, base: float) -> None:
    months = year_of(random.Random(seed), base, 0.62)
    for place, month in enumerate(months):
        others = months[:place] + months[place + 1 :]
        usual = checks.usual(others, needs=LIMITS.history)
        lines = {Energy.ELECTRICITY: month, Energy.WATER: used(120, 342)}
        assert checks.oddities(lines, {Energy.ELECTRICITY: usual}, LIMITS) == []


LOUD = replace(
    LIMITS,
    severity={**LIMITS.severity, Check.MONTH_ON_MONTH: Severity.DOUBT,
              Check.YEAR_ON_YEAR: Severity.DOUBT},
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "year", "expect"),
    [(4000, 4000, []), (5715, None, [Check.MONTH_ON_MONTH]), (5714, None, []),
     (None, 3000, [Check.YEAR_ON_YEAR]), (3000, 6000, [Check.MONTH_ON_MONTH, Check.YEAR_ON_YEAR]),
     (0, 0, [])],
)  # fmt: skip
def test_moves_from_month_to_month_are_told_where_the_bureau_wants_it(
    before: Any, year: Any, expect: list[Check]
) -> None:
    lines = {Energy.ELECTRICITY: used(4000, 2480), Energy.WATER: used(0, 0)}
    usuals = {Energy.ELECTRICITY: Usual(before=before, year=year)}
    assert [each.check for each in checks.oddities(lines, usuals, LOUD)] == expect
    assert checks.oddities(lines, usuals, LIMITS) == [], "they are off until somebody wants them"


def test_what_a_bureau_wrote_before_still_says_nothing() -> None:
    class Law(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            found = law_at(TODAY)[key]
            told = {**found.value, "MISSING": "NOTE"} if key.endswith("severity") else found.value
            return SimpleNamespace(value=told)

    law: Any = Law()
    assert Limits.of(law).severity[Check.MISSING] is Severity.OFF


def test_a_source_that_fell_to_nothing_moved_by_a_hundred_percent() -> None:
    lines = {Energy.ELECTRICITY: used(0, 0), Energy.WATER: used(0, 0)}
    found = checks.oddities(lines, {Energy.ELECTRICITY: Usual(before=4000)}, LOUD)
    assert [(each.check, "少 100%" in each.sentence) for each in found] == [
        (Check.MONTH_ON_MONTH, True)
    ]
