"""Insurance, maintenance, fines and accounts against cases an official can read: cases/upkeep."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given as drawn
from hypothesis import strategies as st

from guanjia.domains.fleet.models import Car, Plan
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.rules import accounts, order_lines
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.accounts import Group
from guanjia.domains.fleet.terms.cars import CarFacts, CarState, Keeping, Use
from guanjia.domains.fleet.terms.upkeep import (
    Blame,
    DoneBefore,
    Due,
    DueKind,
    ItemFacts,
    ItemKind,
    LastDone,
    LossFacts,
    PaidBy,
    PlanFacts,
    QuoteFacts,
)
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Verdict

FOLDER = Path(__file__).parent / "cases" / "upkeep"
DAY = date(2020, 5, 20)
LAW = law_at(DAY)


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def cases(name: str) -> list[Any]:
    read = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(case["given"], case["expect"], id=case["case"]) for case in read]


@pytest.mark.parametrize(("given", "expect"), cases("due"))
def test_a_plan_is_due_by_whichever_comes_first(
    given: Mapping[str, Any], expect: Mapping[str, Any]
) -> None:
    last = LastDone(on=given["last"]["on_date"], km=given["last"].get("km"))
    due = rules.due(
        plan=PlanFacts(title="小保养", **given["plan"]), last=last,
        odometer=given["odometer"], on=given["on_date"],
    )  # fmt: skip
    told = {"due_on": due.on, "km": due.km, "days_left": due.days_left, "km_left": due.km_left}
    assert {name: {**told, "reached": due.reached}[name] for name in expect} == expect


@pytest.mark.parametrize(("given", "expect"), cases("state_of"))
def test_what_is_valid_until_a_day_holds_on_it(given: Mapping[str, Any], expect: str) -> None:
    due = Due(days_left=given.get("days_left"), km_left=given.get("km_left"))
    state = rules.state_of(kind=DueKind(given["kind"]), due=due, law=LAW)
    assert state.name == expect


@pytest.mark.parametrize(("given", "expect"), cases("covered_until"))
def test_a_cover_lasts_as_long_as_it_is_unbroken(
    given: Mapping[str, Any], expect: date | None
) -> None:
    spans = [(begin, end) for begin, end in given["spans"]]
    assert rules.covered_until(spans=spans, on=given["on_date"]) == expect
    assert rules.covered_until(spans=spans[::-1], on=given["on_date"]) == expect


@pytest.mark.parametrize(("given", "expect"), cases("approval_of_quote"))
def test_a_dear_quote_is_approved_by_more_people(
    given: Mapping[str, Any], expect: Mapping[str, bool]
) -> None:
    total = fen(given["yuan"])
    assert rules.needs_approval(total_fen=total, law=LAW) is expect["approval"]
    assert rules.is_large(total_fen=total, law=LAW) is expect["large"]


@pytest.mark.parametrize(("given", "expect"), cases("fine_is_late"))
def test_a_fine_waits_only_so_long(given: Mapping[str, date], expect: bool) -> None:
    happened, on = given["happened_on"], given["on_date"]
    assert rules.fine_is_late(happened_on=happened, on=on, law=LAW) is expect


@pytest.mark.parametrize(("given", "expect"), cases("rates_of"))
def test_few_cars_have_no_median(given: list[str], expect: Mapping[str, Any]) -> None:
    shown = accounts.rates_of(rates=[Decimal(rate) for rate in given], law=LAW)
    assert shown.cars == expect["cars"]
    assert shown.median == (None if expect["median"] is None else Decimal(expect["median"]))


@pytest.mark.parametrize(("given", "expect"), cases("order_lines"))
def test_lines_are_read_as_offices_write_them(given: str, expect: list[list[Any]]) -> None:
    read = order_lines.read(given)
    assert [
        [item.title, item.kind.name, f"{item.quantity.normalize():f}", item.price_fen]
        for item in read
    ] == expect
    assert order_lines.read(order_lines.write(read)) == read


# ── verdicts ─────────────────────────────────────────────────────────────────────────────


def same_again(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    items = [ItemFacts(title=title, kind=order_lines.kind_of(title)) for title in given["items"]]
    before = [DoneBefore(title=t, number=n, on=on) for t, n, on in given["before"]]
    return rules.same_again(items=items, before=before, on=given["on_date"], law=law)


def may_settle(given: Mapping[str, Any], _: LawInForce) -> Verdict:
    return rules.may_settle(
        quoted_fen=fen(given["quoted_yuan"]), amount_fen=fen(given["amount_yuan"])
    )


def fine_is_paid_by(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    return rules.fine_is_paid_by(paid_by=PaidBy[given["paid_by"]], law=law)


def may_close(given: Mapping[str, Any], _: LawInForce) -> Verdict:
    return rules.may_close(
        loss=LossFacts(
            blame=Blame[given["blame"]], loss_fen=fen(given["loss"]),
            insurer_fen=fen(given["insurer"]), self_fen=fen(given["self"]),
        )
    )  # fmt: skip


VERDICTS = [
    pytest.param(rule, *case.values, id=f"{rule.__name__}: {case.id}")
    for rule in (same_again, may_settle, fine_is_paid_by, may_close)
    for case in cases(rule.__name__)
]


@pytest.mark.parametrize(("rule", "given", "expect"), VERDICTS)
def test_the_rule_says_what_the_official_signed(
    rule: Any, given: Mapping[str, Any], expect: Mapping[str, Any]
) -> None:
    verdict = rule(given, LAW)
    found = [*verdict.refusals, *verdict.warnings]
    for kind, findings in (("refused", verdict.refusals), ("warned", verdict.warnings)):
        assert [finding.code for finding in findings] == expect.get(kind, [])
    for finding in found:
        assert finding.headline.endswith("。")
        assert finding.sentence.endswith("。")
        assert finding.cite is not None, "every no has its 依据"
    if "says" in expect:
        assert any(expect["says"] in finding.text() for finding in found), found
    if "field" in expect:
        assert [finding.field for finding in found] == [expect["field"]]
    if "cites" in expect:
        assert any(f.cite is not None and expect["cites"] in f.cite.line() for f in found), found


def test_every_case_file_is_played() -> None:
    played = {
        "due", "state_of", "covered_until", "approval_of_quote", "fine_is_late", "rates_of",
        "order_lines", "same_again", "may_settle", "fine_is_paid_by", "may_close",
    }  # fmt: skip
    assert {path.stem for path in FOLDER.glob("*.yaml")} == played


# ── what needs no table ──────────────────────────────────────────────────────────────────


def test_a_quote_needs_lines_with_prices() -> None:
    assert rules.may_quote(quote=QuoteFacts(items=())).refusals[0].code == "quote_empty"
    bare = ItemFacts(title="机油", price_fen=None)
    refused = rules.may_quote(quote=QuoteFacts(items=(bare,))).refusals[0]
    assert (refused.code, "机油没有单价" in refused.sentence) == ("price_missing", True)
    priced = ItemFacts(title="机油", quantity=Decimal("1.5"), price_fen=333)
    assert rules.may_quote(quote=QuoteFacts(items=(priced,))).allowed
    assert QuoteFacts(items=(priced,)).total_fen == 500, "half a 分 is rounded"


def test_a_disposed_car_goes_to_no_garage() -> None:
    car = CarFacts(
        plate="赣H10001", seats=5, state=CarState.DISPOSED, use=Use.OTHER,
        keeping=Keeping.CENTRAL, unit_id=1, unit_name="机关事务管理局",
    )  # fmt: skip
    assert rules.may_report(car=car).refusals[0].code == "car_disposed"


@pytest.mark.parametrize(
    "text", ["机油 4×", "机油 ×80", "机油 0×80.00", "机油 4×80.00 机滤 1×45.00"]
)
def test_a_line_nobody_can_read_is_named(text: str) -> None:
    with pytest.raises(order_lines.LineUnreadable, match="机油"):
        order_lines.read(text)


@drawn(
    st.lists(
        st.builds(
            ItemFacts,
            title=st.sampled_from(
                ["机油", "机滤", "刹车片", "轮胎", "更换工时", "拆装", "防冻液 -35 度"]
            ),
            kind=st.sampled_from(list(ItemKind)),
            quantity=st.integers(1, 9999).map(lambda n: Decimal(n) / 100),
            price_fen=st.integers(0, 9_999_999),
        ),
        max_size=8,
    )
)
def test_lines_come_back_as_they_were_written(items: list[ItemFacts]) -> None:
    items = [  # a line whose name says labour is labour
        ItemFacts(
            title=i.title, quantity=i.quantity, price_fen=i.price_fen,
            kind=ItemKind.LABOUR if "工时" in i.title else i.kind,
        )
        for i in items
    ]  # fmt: skip
    assert order_lines.read(order_lines.write(items)) == items


def test_of_two_plans_of_a_title_the_closer_one_holds() -> None:
    car = Car(pk=1, use=Use.EMERGENCY, make="大众朗逸 2016 款")
    everybody = Plan(pk=1, title="小保养", months=6)
    kind = Plan(pk=2, title="小保养", use=Use.EMERGENCY, months=4)
    make = Plan(pk=3, title="小保养", make="大众朗逸", km=5000)
    other = Plan(pk=4, title="小保养", make="别克", km=7000)
    own = Plan(pk=5, title="小保养", car_id=1, km=4000)
    elsewhere = Plan(pk=6, title="大保养", car_id=2, km=40_000)
    assert queries.plans_of(car, [everybody]) == [everybody]
    assert queries.plans_of(car, [kind, everybody]) == [kind]
    assert queries.plans_of(car, [everybody, make, kind, other]) == [make]
    assert queries.plans_of(car, [own, make, elsewhere]) == [own]


# ── accounts ─────────────────────────────────────────────────────────────────────────────

GROUP, OTHER = Group("OTHER", "SEDAN", "BURNS"), Group("OTHER", "SMALL", "BURNS")


def test_a_car_that_did_not_drive_has_no_rate() -> None:
    assert accounts.per_km(total_fen=10_000, entries=1, km=0) is None
    assert accounts.per_km(total_fen=0, entries=0, km=100) is None, "no cost is known"
    assert accounts.per_km(total_fen=10_000, entries=1, km=80) == Decimal("125.00")
    assert accounts.per_100km(litres=Decimal(0), km=100) is None
    assert accounts.per_100km(litres=Decimal("41.5"), km=500) == Decimal("8.30")


@drawn(
    st.dictionaries(
        st.integers(1, 40),
        st.tuples(
            st.sampled_from([GROUP, OTHER]),
            st.none() | st.integers(1, 60).map(lambda n: Decimal(n) / 4),
        ),
        max_size=30,
    )
)
def test_medians_and_places_agree_with_a_naive_count(
    rates: dict[int, tuple[Group, Decimal | None]],
) -> None:
    placed = accounts.place(rates=rates, law=LAW)
    for key, (group, rate) in rates.items():
        same = sorted(r for g, r in rates.values() if g == group and r is not None)
        found = placed[key]
        assert found.rate == rate
        assert found.among == len(same)
        if rate is None:
            assert found.place is None
        else:
            assert found.place == 1 + sum(other > rate for other in same)
        if len(same) < 5:
            assert found.median is None
            continue
        half = len(same) // 2
        middle = same[half] if len(same) % 2 else (same[half - 1] + same[half]) / 2
        assert found.median == middle.quantize(Decimal("0.01"))


def test_how_far_above_the_median_is_told_in_per_cent() -> None:
    rates = {n: (GROUP, Decimal(100 + n)) for n in range(4)} | {9: (GROUP, Decimal(153))}
    placed = accounts.place(rates=rates, law=LAW)
    assert (placed[9].place, placed[9].median, placed[9].above) == (1, Decimal(102), Decimal(50))
