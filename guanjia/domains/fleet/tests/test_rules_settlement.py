"""What a journey costs and what may be done with a bill: cases an official can sign, and what
holds whatever the numbers are."""

import itertools
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanjia.domains.fleet.models import Bill
from guanjia.domains.fleet.queries.bills import BILLS
from guanjia.domains.fleet.rules import bills, publications, times
from guanjia.domains.fleet.terms.bills import (
    DEALT_WITH,
    BillFacts,
    BillState,
    JourneyFacts,
    LineKind,
)
from guanjia.domains.fleet.terms.publications import (
    PUBLICATION_LIFE,
    PublicationState,
    Told,
    changes_between,
    digest_of,
    told_from_json,
    totals_of,
)
from guanjia.kernel.acts.changing import OutOfState, in_state
from guanjia.kernel.regulations.lawbook import NotInForce, law_at
from guanjia.kernel.values import money
from guanjia.kernel.values.period import Period

FOLDER = Path(__file__).parent / "cases"
DAY = date(2020, 5, 20)


def cases(name: str) -> Any:
    found = yaml.load((FOLDER / f"{name}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    return pytest.mark.parametrize("case", found, ids=[case["case"] for case in found])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=times.ZONE)


def journey(given: dict[str, str]) -> JourneyFacts:
    return JourneyFacts(
        km=int(given["km"]),
        seats=int(given["seats"]),
        went_at=moment(given["went_at"]),
        back_at=moment(given["back_at"]),
        rest_days=int(given.get("rest_days", 0)),
    )


@cases("price")
def test_a_journey_costs_what_the_case_says(case: dict[str, Any]) -> None:
    facts, expect = journey(case["given"]), case["expect"]
    price = bills.price(facts, law_at(facts.went_at))
    assert price.amount_fen == money.parse_yuan(expect["yuan"])
    if "hours" in expect:
        assert price.hours == int(expect["hours"])
    if "size" in expect:
        assert price.size == expect["size"]
    if "steps" in expect:
        assert [step.text for step in price.steps] == expect["steps"]


@cases("split")
def test_a_shared_price_divides_as_the_case_says(case: dict[str, Any]) -> None:
    given = case["given"]
    parts = bills.split(money.parse_yuan(given["yuan"]), [int(n) for n in given["riders"]])
    assert parts == [money.parse_yuan(text) for text in case["expect"]]


@cases("may_bill")
def test_a_bill_may_be_dealt_with_as_the_case_says(case: dict[str, Any]) -> None:
    month = Period.month_of(DAY)
    facts = BillFacts(
        state=BillState[case["given"]["state"]],
        month_is_over=date.fromisoformat(case["on"]) >= month.end,
        waiting=0,
        disputed=0,
    )
    verb = case["given"]["verb"]
    try:
        bill = Bill(number="JS1", state=facts.state)
        in_state(BILLS, bill, act=verb, when=DEALT_WITH[verb])
        found = bills.may_send(facts).refusals if verb == "send" else ()
    except OutOfState as refused:
        found = refused.findings
    assert [finding.code for finding in found] == case["expect"]["refused"]
    if "says" in case["expect"]:
        assert case["expect"]["says"] in found[0].text()
    assert all(finding.cite and finding.cite.own for finding in found)


# ── the tariff of the day ────────────────────────────────────────────────────────────────

NEW_TARIFF = """
fleet.tariff.small:
  title: 小型车用车结算价格
  unit: 分
  values:
    - since: 2020-06-01
      value: {start_fen: 4000, start_km: 10, km_fen: 200, hour_fen: 1500, rest_day_fen: 6000, night_fen: 4000, overnight_fen: 20000}
      cite: {own: 本局参数：2020年6月起的结算价格}
"""  # noqa: E501 — as such a file is written


def test_a_new_tariff_holds_for_journeys_that_depart_from_its_day_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "fleet-settlement.yaml").write_text(NEW_TARIFF, "utf-8")
    monkeypatch.setenv("GUANJIA_REGULATIONS_DIR", str(tmp_path))

    def priced(went: str, back: str) -> Any:
        facts = JourneyFacts(km=15, seats=5, went_at=moment(went), back_at=moment(back))
        return bills.price(facts, law_at(facts.went_at))

    before = priced("2020-05-31T21:30", "2020-05-31T21:59")
    assert before.amount_fen == 4750
    assert before.tariff == "小型车用车结算价格，2012-10-01 起执行"
    over = priced("2020-05-31T21:00", "2020-06-01T05:00")
    assert over.tariff.endswith("2012-10-01 起执行"), "the day it departed decides"
    after = priced("2020-06-01T09:00", "2020-06-01T10:00")
    assert after.amount_fen == 4000 + 5 * 200 + 1500
    assert after.tariff.endswith("2020-06-01 起执行")


def test_before_the_first_tariff_there_is_no_price() -> None:
    facts = JourneyFacts(
        km=1, seats=5, went_at=moment("2012-09-30T09:00"), back_at=moment("2012-09-30T10:00")
    )
    with pytest.raises(NotInForce):
        bills.price(facts, law_at(facts.went_at))


# ── whatever the numbers are ─────────────────────────────────────────────────────────────

START = moment("2020-05-20T00:00")
minutes = st.integers(0, 6 * 24 * 60)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    km=st.integers(0, 3000),
    seats=st.integers(1, 60),
    went=minutes,
    away=st.integers(1, 5 * 24 * 60),
    rest=st.integers(0, 6),
)
def test_the_steps_sum_to_the_amount(km: int, seats: int, went: int, away: int, rest: int) -> None:
    begin = START + timedelta(minutes=went)
    facts = JourneyFacts(
        km=km,
        seats=seats,
        went_at=begin,
        back_at=begin + timedelta(minutes=away),
        rest_days=rest,
    )
    price = bills.price(facts, law_at(DAY))
    assert sum(step.amount_fen for step in price.steps) == price.amount_fen
    for step in price.steps[1:]:
        assert step.text.endswith(f"= {money.yuan(step.amount_fen)}")
    assert 0 <= price.hours <= -(-away // 60)
    further = bills.price(
        JourneyFacts(km=km + 1, seats=seats, went_at=begin, back_at=facts.back_at, rest_days=rest),
        law_at(DAY),
    )
    assert further.amount_fen >= price.amount_fen, "no kilometre makes it cheaper"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, 10_000_000), st.lists(st.integers(1, 80), min_size=1, max_size=12))
def test_the_parts_sum_to_the_whole_and_nobody_pays_a_fen_too_much(
    amount: int, riders: list[int]
) -> None:
    parts = bills.split(amount, riders)
    assert sum(parts) == amount
    for part, count in zip(parts, riders, strict=True):
        assert abs(part * sum(riders) - amount * count) < sum(riders)
    more = sorted(zip(riders, parts, strict=True))
    assert all(
        few_part <= many_part or many == few
        for (few, few_part), (many, many_part) in itertools.pairwise(more)
    )


def test_a_shared_price_keeps_its_steps_and_says_who_pays_the_rest() -> None:
    facts = JourneyFacts(
        km=57, seats=7, went_at=moment("2020-05-20T09:00"), back_at=moment("2020-05-20T12:00")
    )
    whole = bills.price(facts, law_at(DAY))
    part = bills.shared(whole, riders=2, all_riders=7, part_fen=4291)
    assert part.amount_fen == 4291
    assert sum(step.amount_fen for step in part.steps) == 4291
    assert "全车 7 人，本单 2 人" in part.steps[-1].text


def test_nobody_cannot_share_a_price() -> None:
    with pytest.raises(ValueError, match="nobody"):
        bills.split(100, [])


# ── answers and decisions ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("waiting", "disputed", "after"),
    [(0, 0, BillState.AGREED), (0, 1, BillState.DISPUTED), (2, 1, BillState.DISPUTED),
     (1, 0, BillState.SENT)],
)  # fmt: skip
def test_lines_decide_where_a_bill_stands(waiting: int, disputed: int, after: BillState) -> None:
    facts = BillFacts(state=BillState.SENT, month_is_over=True, waiting=waiting, disputed=disputed)
    assert bills.state_after(facts) is after


@pytest.mark.parametrize(
    ("amount", "adjusted", "code"),
    [
        (5000, None, ""),
        (5000, 0, ""),
        (5000, 5000, ""),
        (5000, 5001, "adjusted_out_of_bounds"),
        (5000, -1, "adjusted_out_of_bounds"),
        (-700, 0, ""),
        (-700, -701, "adjusted_out_of_bounds"),
    ],
)
def test_a_dispute_never_makes_a_line_dearer(amount: int, adjusted: int | None, code: str) -> None:
    verdict = bills.may_decide(amount_fen=amount, adjusted_fen=adjusted)
    assert [finding.code for finding in verdict.refusals] == ([code] if code else [])


@pytest.mark.parametrize(
    ("kind", "settled", "right", "code"),
    [
        (LineKind.TRIP, 5000, 4999, ""),
        (LineKind.TRIP, 5000, 5001, ""),
        (LineKind.TRIP, 5000, 0, ""),
        (LineKind.TRIP, 5000, 5000, "nothing_differs"),
        (LineKind.TRIP, 5000, -1, "negative"),
        (LineKind.ADJUSTMENT, 5000, 1, "not_a_trip"),
    ],
)
def test_a_correction_is_what_differs(kind: LineKind, settled: int, right: int, code: str) -> None:
    verdict = bills.may_adjust(kind=kind, settled_fen=settled, right_fen=right)
    assert [finding.code for finding in verdict.refusals] == ([code] if code else [])


# ── a public notice ──────────────────────────────────────────────────────────────────────


def told(trips: int = 3, km: int = 120, **costs: int) -> Told:
    return Told(
        unit="3602D036", name="市农业农村局", month="2020-05", trips=trips, km=km, costs=costs
    )


def test_totals_are_the_sums_of_the_rows() -> None:
    rows = [told(FUEL=100, TOLL=20), told(trips=1, km=5, FUEL=7)]
    assert totals_of(rows) == {
        "trips": 4,
        "km": 125,
        "costs": {"FUEL": 107, "TOLL": 20},
        "cost_fen": 127,
    }


def test_every_number_that_differs_is_named_with_both_values() -> None:
    gone = Told(unit="X", name="市某局", month="2020-05", trips=1, km=9, costs={})
    found = changes_between([told(FUEL=100), gone], [told(km=130, FUEL=100, TOLL=5)])
    assert [(each["name"], each["title"], each["old"], each["new"]) for each in found] == [
        ("市农业农村局", "里程", 120, 130),
        ("市农业农村局", "过路费", 0, 5),
        ("市某局", "辆次", 1, 0),
        ("市某局", "里程", 9, 0),
    ]
    assert changes_between([told(FUEL=1)], [told(FUEL=1)]) == []


def test_the_digest_does_not_depend_on_the_order_of_keys_but_on_every_number() -> None:
    row = told(FUEL=100, TOLL=5).as_json()
    turned = dict(reversed(row.items()))
    assert digest_of({"rows": [row]}) == digest_of({"rows": [turned]})
    assert digest_of({"rows": [row]}) != digest_of({"rows": [{**row, "km": 121}]})
    assert told_from_json(row) == told(FUEL=100, TOLL=5)


@cases("may_publish")
def test_a_notice_may_be_published_as_the_case_says(case: dict[str, Any]) -> None:
    verdict = publications.may_publish(
        last=date(2020, 5, 31),
        on=date.fromisoformat(case["on"]),
        law=law_at(DAY),
    )
    assert [finding.code for finding in verdict.refusals] == case["expect"]["refused"]
    if "says" in case["expect"]:
        assert case["expect"]["says"] in verdict.refusals[0].text()
    if "cites" in case["expect"]:
        (found,) = verdict.passes
        assert found.cite is not None
        assert found.cite.article == case["expect"]["cites"]
        assert found.cite.title == "机关事务管理条例"


@pytest.mark.parametrize(
    ("text", "on", "code"),
    [
        ("2020-05", date(2020, 5, 1), ""),
        ("2020-05", date(2020, 4, 30), "ahead"),
        ("2020-H1", date(2020, 7, 1), ""),
        ("2020-05-01..2020-05-30", date(2020, 7, 1), "not_whole_months"),
        ("2020-05-02..2020-05-31", date(2020, 7, 1), "not_whole_months"),
    ],
)
def test_whole_months_are_drafted(text: str, on: date, code: str) -> None:
    verdict = publications.may_draft(period=Period.parse(text), on=on, law=law_at(on))
    assert [finding.code for finding in verdict.refusals] == ([code] if code else [])


def test_what_was_told_stays_or_goes_with_a_reason() -> None:
    assert PUBLICATION_LIFE.before(PublicationState.WITHDRAWN) == (PublicationState.PUBLISHED,)
    assert PUBLICATION_LIFE.before(PublicationState.PUBLISHED) == (PublicationState.DRAFT,)
    for judge in (publications.may_withdraw, publications.may_correct):
        assert judge(reason="数字有误").allowed
        assert not judge(reason=" 误").allowed
