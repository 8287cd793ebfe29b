"""What the pages of costs, cards and fuel show, to whom, and what they answer to bad input."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guanjia.domains.fleet.actions import costs
from guanjia.domains.fleet.models import Car, CarStay, Cost, FuelCard, FuelLevel, Statement
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.domains.fleet.tests import spending
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, City
from guanjia.kernel.registers.models import Remark
from guanjia.ui.tests.reading import flat

BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


def text(answer: Any) -> str:
    return flat(answer.content)


@pytest.fixture
def mine(city: City) -> City:
    """The city, in which the farming bureau keeps the second car itself."""
    Car.objects.filter(plate=SECOND).update(unit=city.units["farming"])
    CarStay.objects.filter(car__plate=SECOND).update(unit=city.units["farming"])
    city.cars[SECOND].refresh_from_db()
    return city


FORM: dict[str, Any] = {
    "car": "赣H·10002",
    "kind": "FUEL",
    "spent_on": "2020-05-19",
    "clock": "09:30",
    "amount": "1,122.00",
    "litres": "200",
    "full": "on",
    "odometer_km": "10050",
    "place": "瓷都大道加油站",
    "number": "036022000111",
    "barred": "NONE",
}


def test_a_clerk_enters_a_receipt_and_sees_what_is_odd(mine: City) -> None:
    Car.objects.filter(plate=SECOND).update(tank_l=50)
    clerk = browser(mine, "clerk")
    answer = clerk.post("/fleet/costs/new/", {**FORM, "amount": "¥1,122.00"})
    cost = Cost.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/fleet/costs/{cost.pk}/")
    assert (cost.amount_fen, cost.litres, cost.full) == (112_200, 200, True)
    page = text(clerk.get(f"/fleet/costs/{cost.pk}/"))
    assert "已登记 赣H10002 加油 1,122.00 元" in page
    assert "加油多于油箱容积" in page
    assert "没有对应的派车单" in page
    assert "未核对" in page, "the article of 凭单出车 was not compared"
    remark = Remark.objects.get(code="tank_exceeded")
    answer = clerk.post(
        f"/fleet/costs/remarks/{remark.pk}/explain/", {"explanation": "另加了备用油桶"}
    )
    assert answer.status_code == 302
    assert "另加了备用油桶" in text(clerk.get(f"/fleet/costs/{cost.pk}/"))


def test_what_is_not_paid_is_refused_with_its_basis_and_nothing_typed_is_lost(mine: City) -> None:
    clerk = browser(mine, "clerk")
    answer = clerk.post("/fleet/costs/new/", {**FORM, "barred": "PRIVATE"})
    page = text(answer)
    assert answer.status_code == 422
    assert "私用行程不予报销" in page
    assert "规则：本局参数：不予报销的情形" in page
    assert 'value="036022000111"' in page
    assert 'value="1,122.00"' in page
    assert not Cost.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"car": "赣H10001"}, "车辆台账中没有 赣H10001，或不在您的范围内"),
        ({"car": ""}, "补填号牌号码"),
        ({"amount": "一百"}, "金额只填数字"),
        ({"amount": "-3"}, "金额不能小于零"),
        ({"amount": ""}, "没有填金额"),
        ({"spent_on": "2020-13-40"}, "写成 2020-05-08 这样的日期"),
        ({"spent_on": "2999-01-01"}, "这一天还没有到"),
        ({"litres": ""}, "没有填升数"),
        ({"litres": "-4"}, "升数大于 0"),
        ({"odometer_km": "很多"}, "只填数字"),
        ({"clock": "25:99"}, "写成 14:30 这样的时间"),
        ({"kind": "BRIBE"}, "从列出的类别中选一项"),
        ({"trip_number": "PC0"}, "没有 PC0 这张派车单"),
        ({"barred": "X"}, "从列出的情形中选一项"),
    ],
)
def test_bad_input_is_answered_in_words(mine: City, changes: dict[str, str], sentence: str) -> None:
    answer = browser(mine, "clerk").post("/fleet/costs/new/", {**FORM, **changes})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Cost.objects.exists()


def test_a_receipt_pressed_twice_is_entered_once(mine: City) -> None:
    clerk = browser(mine, "clerk")
    for number in ("036022000111", ""):
        first = clerk.post("/fleet/costs/new/", {**FORM, "number": number})
        again = clerk.post("/fleet/costs/new/", {**FORM, "number": number})
        assert first["Location"] == again["Location"]
    assert Cost.objects.count() == 2


def test_a_receipt_that_is_known_is_not_changed_by_entering_it_again(mine: City) -> None:
    clerk = browser(mine, "clerk")
    clerk.post("/fleet/costs/new/", FORM)
    answer = clerk.post("/fleet/costs/new/", {**FORM, "amount": "10"})
    assert answer.status_code == 422
    assert "这张票据已登记过" in text(answer)
    assert "2020-05-19 赣H10002 加油 1,122.00 元，计入" in text(answer)
    cost = Cost.objects.get()
    assert cost.amount_fen == 112_200
    costs.void_cost(actor=mine.actor("clerk"), cost_id=cost.pk, reason="错", at=AT)
    answer = clerk.post("/fleet/costs/new/", FORM)
    assert (answer.status_code, "作废" in text(answer)) == (422, True)


def test_a_cost_is_seen_by_its_unit_the_keeper_and_the_supervisors_only(mine: City) -> None:
    cost = spending.entered(mine, car=mine.cars[SECOND])
    address = f"/fleet/costs/{cost.pk}/"
    for who in ("clerk", "car_keeper", "supervisor", "head", "car_decider"):
        assert browser(mine, who).get(address).status_code == 200, who
    assert browser(mine, "stranger").get(address).status_code == 403
    theirs = spending.entered(mine, number="P2")
    assert browser(mine, "clerk").get(f"/fleet/costs/{theirs.pk}/").status_code == 404
    Car.objects.filter(plate=SECOND).update(secret=True)
    assert browser(mine, "supervisor").get(address).status_code == 404
    assert browser(mine, "car_keeper").get(address).status_code == 200


def test_the_acts_are_offered_to_whoever_may_do_them(mine: City) -> None:
    cost = spending.entered(mine, car=mine.cars[SECOND])
    address = f"/fleet/costs/{cost.pk}/"
    acts = {"作废": "void", "不予报销": "refuse", "补登": "amend"}
    offered = {
        who: {name for name, act in acts.items() if f"/{act}/" in page}
        for who in ("clerk", "car_keeper", "supervisor", "head")
        for page in [text(browser(mine, who).get(address))]
    }
    assert offered == {
        "clerk": {"作废", "补登"},
        "car_keeper": {"作废", "不予报销", "补登"},
        "supervisor": set(),
        "head": set(),
    }


def test_a_clerk_cannot_make_a_row_of_a_sheet_void(mine: City) -> None:
    spending.card(mine, car=SECOND)
    cost = spending.fuel(mine, "1", car=SECOND)
    clerk = browser(mine, "clerk")
    assert "/void/" not in text(clerk.get(f"/fleet/costs/{cost.pk}/"))
    answer = clerk.post(f"/fleet/costs/{cost.pk}/void/", {"reason": "不要"})
    assert answer.status_code == 403
    cost.refresh_from_db()
    assert cost.state == "COUNTED"


def test_void_and_refusal_and_their_refusals_are_shown(mine: City) -> None:
    cost = spending.entered(mine, car=mine.cars[SECOND])
    keeper = browser(mine, "car_keeper")
    answer = keeper.post(f"/fleet/costs/{cost.pk}/refuse/", {"barred": "PRIVATE", "reason": ""})
    assert answer.status_code == 422
    assert "没有填怎样认定" in text(answer)
    answer = keeper.post(f"/fleet/costs/{cost.pk}/refuse/", {"barred": "?", "reason": "x"})
    assert answer.status_code == 422
    keeper.post(f"/fleet/costs/{cost.pk}/refuse/", {"barred": "PRIVATE", "reason": "本人确认"})
    page = text(keeper.get(f"/fleet/costs/{cost.pk}/"))
    assert "私用行程：本人确认" in page
    assert "已定为不予报销" in page
    answer = keeper.post(f"/fleet/costs/{cost.pk}/void/", {"reason": "x"})
    assert answer.status_code == 409
    assert "不能作废" in text(answer)
    assert "现在是不予报销" in text(answer)


def test_full_and_odometer_are_written_down_later(mine: City) -> None:
    spending.card(mine, car=SECOND)
    cost = spending.fuel(mine, "1", car=SECOND)
    clerk = browser(mine, "clerk")
    address = f"/fleet/costs/{cost.pk}/amend/"
    assert 'name="litres"' not in text(clerk.get(address)), "the sheet tells them"
    clerk.post(address, {"full": "YES", "odometer_km": "10050"})
    cost.refresh_from_db()
    assert (cost.full, cost.odometer_km) == (True, 10_050)
    clerk.post(address, {"full": "NO", "odometer_km": "10050"})
    cost.refresh_from_db()
    assert (cost.full, cost.odometer_km) == (False, 10_050)
    answer = clerk.post(address, {"full": "NO", "odometer_km": "-5"})
    assert (answer.status_code, "不小于 0" in text(answer)) == (422, True)
    told = clerk.post(f"/api{address}".rstrip("/"), {"note": "补"}, content_type="application/json")
    assert told.json()["name"] == str(cost)
    cost.refresh_from_db()
    assert (cost.full, cost.odometer_km, cost.note) == (False, 10_050, "补"), "the rest stays"


def test_both_tellings_of_the_same_money_name_each_other(mine: City) -> None:
    spending.card(mine)
    trip = mine.finished()
    told = Cost.objects.create(
        car=mine.cars[SMALL], unit=mine.units["bureau"], kind=CostKind.FUEL, trip=trip,
        spent_on=trip.planned_to.date(), amount_fen=22_440, litres=Decimal(40), source="TRIP",
        source_no=f"{trip.number}-加油", entered_at=AT,
    )  # fmt: skip
    row = spending.fuel(mine, "1", spent_at=trip.planned_from + timedelta(hours=1))
    keeper = browser(mine, "car_keeper")
    assert f"/fleet/costs/{row.pk}/" in text(keeper.get(f"/fleet/costs/{told.pk}/"))
    page = text(keeper.get(f"/fleet/costs/{row.pk}/"))
    assert f"/fleet/costs/{told.pk}/" in page
    assert trip.number in page
    assert trip.destination in text(browser(mine, "supervisor").get(f"/fleet/costs/{row.pk}/"))


# ── cards ────────────────────────────────────────────────────────────────────────────────


def test_the_keeper_gives_stops_and_moves_cards(mine: City) -> None:
    keeper = browser(mine, "car_keeper")
    given = {"number": "1000 11", "car": "赣H 10001", "issuer": "中石化", "since": "2020-01-01"}
    answer = keeper.post("/fleet/cards/new/", given)
    card = FuelCard.objects.get()
    assert (card.number, answer["Location"]) == ("100011", f"/fleet/cards/{card.pk}/")
    answer = keeper.post("/fleet/cards/new/", {**given, "car": SECOND})
    assert answer.status_code == 422
    assert "100011 已给赣H10001用" in text(answer)
    moved = {"car": SECOND, "on": "2020-05-01", "reason": "原车停用"}
    keeper.post(f"/fleet/cards/{card.pk}/move/", moved)
    new = FuelCard.objects.get(until=None)
    assert new.car.plate == SECOND
    page = text(keeper.get(f"/fleet/cards/{new.pk}/"))
    assert "原车停用" in page
    assert SMALL in page
    answer = keeper.post(f"/fleet/cards/{new.pk}/stop/", {"until": "2020-06-01", "reason": ""})
    assert (answer.status_code, "补填停用原因" in text(answer)) == (422, True)
    keeper.post(f"/fleet/cards/{new.pk}/stop/", {"until": "2020-06-01", "reason": "遗失"})
    new.refresh_from_db()
    assert new.until == date(2020, 6, 1)


def test_a_clerk_sees_the_own_card_and_cannot_stop_it(mine: City) -> None:
    card = spending.card(mine, car=SECOND)
    other = spending.card(mine, number="9999000011112222")
    clerk = browser(mine, "clerk")
    assert '/stop/"' not in text(clerk.get(f"/fleet/cards/{card.pk}/"))
    assert clerk.post(f"/fleet/cards/{card.pk}/stop/", {"reason": "x"}).status_code == 403
    assert clerk.get(f"/fleet/cards/{other.pk}/").status_code == 404
    listed = text(clerk.get("/fleet/cards/?view=all"))
    assert spending.CARD in listed
    assert other.number not in listed


# ── fuel ─────────────────────────────────────────────────────────────────────────────────


def test_the_fuel_of_a_car_is_shown_from_full_to_full(mine: City) -> None:
    today = timezone.localdate()
    for days, km in ((9, 10_000), (4, 10_500)):
        spending.entered(
            mine, number=f"F{km}", car=mine.cars[SECOND], kind=CostKind.FUEL, litres=Decimal(40),
            amount_fen=24_000, full=True, odometer_km=km, spent_on=today - timedelta(days=days),
        )  # fmt: skip
    page = text(browser(mine, "clerk").get(f"/fleet/cars/{mine.cars[SECOND].pk}/fuel/"))
    assert "8.00" in page
    assert "80.00" in page, "both fills of the year"
    assert "没有可比的中位数" in page
    assert f"words={SECOND}" in page or "words=%E8%B5%A3H10002" in page
    assert browser(mine, "clerk").get(f"/fleet/cars/{mine.cars[SMALL].pk}/fuel/").status_code == 404


def test_a_level_is_written_down_and_what_is_wrong_is_said(mine: City) -> None:
    car = mine.cars[SECOND]
    clerk = browser(mine, "clerk")
    today = timezone.localdate().isoformat()
    clerk.post(f"/fleet/cars/{car.pk}/level/", {"on": today, "clock": "", "litres": "35.5"})
    assert FuelLevel.objects.get().litres == Decimal("35.5")
    answer = clerk.post(f"/fleet/cars/{car.pk}/level/", {"on": today, "litres": "很多"})
    assert (answer.status_code, "油量写成 35.5 这样的数" in text(answer)) == (422, True)
    small = mine.cars[SMALL].pk
    answer = clerk.post(f"/fleet/cars/{small}/level/", {"on": today, "litres": "5"})
    assert answer.status_code == 404


# ── sheets against their totals ──────────────────────────────────────────────────────────


def test_a_sheet_is_compared_with_its_total_to_the_fen(mine: City) -> None:
    spending.card(mine)
    spending.sold(mine, spending.sale(mine, "1"))
    keeper = browser(mine, "car_keeper")
    assert "未登记" in text(keeper.get("/fleet/costs/statements/"))
    total = {"source": "FUEL_SHEET", "month": "2020-05", "amount": "224.41", "entries": "1"}
    keeper.post("/fleet/costs/statements/new/", total)
    page = text(keeper.get("/fleet/costs/statements/"))
    assert "-0.01 元" in page
    assert "tripped=WITHOUT" in page
    keeper.post("/fleet/costs/statements/new/", {**total, "amount": "224.40"})
    assert "相符" in text(keeper.get("/fleet/costs/statements/"))
    answer = keeper.post("/fleet/costs/statements/new/", {**total, "month": "五月"})
    assert (answer.status_code, "写成 2020-05 这样的月份" in text(answer)) == (422, True)
    assert Statement.objects.count() == 1


def test_a_unit_sees_its_own_rows_and_no_total_of_the_city(mine: City) -> None:
    spending.card(mine, car=SECOND)
    spending.sold(mine, spending.sale(mine, "1", car=SECOND), spending.sale(mine, "2"))
    browser(mine, "car_keeper").post(
        "/fleet/costs/statements/new/",
        {"source": "FUEL_SHEET", "month": "2020-05", "amount": "99999", "entries": ""},
    )
    page = text(browser(mine, "clerk").get("/fleet/costs/statements/"))
    assert "224.40" in page
    assert "99,999.00" not in page
    assert "448.80" not in page
    assert browser(mine, "clerk").post("/fleet/costs/statements/new/").status_code == 403


def test_the_tank_is_written_down_and_old_fuel_is_judged_by_it(mine: City) -> None:
    car = mine.cars[SECOND]
    cost = spending.entered(
        mine, car=car, kind=CostKind.FUEL, litres=Decimal("60"), amount_fen=36_000
    )
    clerk, keeper = browser(mine, "clerk"), browser(mine, "car_keeper")
    assert clerk.post(f"/fleet/cars/{car.pk}/tank/", {"tank_l": "50"}).status_code == 403
    assert "油箱容积没有登记" in text(keeper.get(f"/fleet/cars/{car.pk}/fuel/"))
    keeper.post(f"/fleet/cars/{car.pk}/tank/", {"tank_l": "50", "battery_kwh": ""})
    assert Remark.objects.filter(object_id=cost.pk, code="tank_exceeded", state="OPEN").exists()
    keeper.post(f"/fleet/cars/{car.pk}/tank/", {"tank_l": "60", "battery_kwh": ""})
    assert not Remark.objects.filter(object_id=cost.pk, code="tank_exceeded", state="OPEN").exists()
    answer = keeper.post(f"/fleet/cars/{car.pk}/tank/", {"tank_l": "-1"})
    assert (answer.status_code, "油箱容积大于 0" in text(answer)) == (422, True)


def test_what_is_odd_waits_in_the_units_own_to_do_list(mine: City) -> None:
    theirs = spending.entered(mine, car=mine.cars[SECOND])
    central = spending.entered(mine, number="P2")
    Car.objects.filter(plate=SECOND).update(keeping="UNIT")
    clerk, keeper = (
        text(browser(mine, "clerk").get("/")),
        text(browser(mine, "car_keeper").get("/")),
    )
    assert f"/fleet/costs/{theirs.pk}/" in clerk
    assert "没有对应的派车单" in clerk
    assert f"/fleet/costs/{central.pk}/" not in clerk
    assert f"/fleet/costs/{central.pk}/" in keeper
    assert f"/fleet/costs/{theirs.pk}/" not in keeper, "the unit explains its own cars"


def test_the_fuel_of_another_year_is_shown_when_asked_for(mine: City) -> None:
    spending.entered(
        mine, car=mine.cars[SECOND], kind=CostKind.FUEL, litres=Decimal("41.50"),
        amount_fen=24_900, spent_on=date(2019, 3, 5),
    )  # fmt: skip
    address = f"/fleet/cars/{mine.cars[SECOND].pk}/fuel/"
    clerk = browser(mine, "clerk")
    assert "41.50" not in text(clerk.get(address))
    assert "?year=2019" in text(clerk.get(address))
    assert "41.50" in text(clerk.get(f"{address}?year=2019"))
    assert clerk.get(f"{address}?year=20190").status_code == 200


def test_a_day_from_full_to_empty_and_refuelled_reports_what_was_burnt(mine: City) -> None:
    car = mine.cars[SECOND]
    clerk = browser(mine, "clerk")
    day = (timezone.localdate() - timedelta(days=2)).isoformat()
    # told out of order: the evening first, and once corrected
    for clock, litres in (("18:30", "98"), ("8:00", "100"), ("12:10", "0"), ("18:30", "99")):
        answer = clerk.post(
            f"/fleet/cars/{car.pk}/level/", {"on": day, "clock": clock, "litres": litres}
        )
        assert answer.status_code == 302
    answer = clerk.get(f"/fleet/cars/{car.pk}/fuel/?day={day}")
    sums, (shown,) = answer.context["level_sums"], answer.context["level_days"]
    assert (sums.used, sums.filled) == (100, 99)
    assert (shown.used, shown.filled, shown.readings) == (100, 99, 3)
    page = text(answer)
    assert '<dt>用油</dt><dd class="gj-num"><b>100.0</b>' in page
    assert len(answer.context["levels"]) == 3, "the number opens its readings"


def test_a_day_begins_with_the_last_level_before_it(mine: City) -> None:
    car = mine.cars[SECOND]
    clerk = browser(mine, "clerk")
    today = timezone.localdate()
    for days, clock, litres in ((3, "18:00", "60"), (2, "8:00", "59"), (2, "18:00", "40")):
        day = (today - timedelta(days=days)).isoformat()
        clerk.post(f"/fleet/cars/{car.pk}/level/", {"on": day, "clock": clock, "litres": litres})
    last, first = clerk.get(f"/fleet/cars/{car.pk}/fuel/").context["level_days"]
    assert (last.used, last.readings) == (20, 2)
    assert (first.used, first.readings) == (0, 1)
    wrong = clerk.get(f"/fleet/cars/{car.pk}/fuel/?day=nonsense")
    assert wrong.context["level_day"] == last


@pytest.mark.parametrize("tank", ["50.25", "0.01", "-5", "9999"])
def test_a_tank_that_cannot_be_is_refused_in_words(mine: City, tank: str) -> None:
    car = mine.cars[SECOND]
    answer = browser(mine, "car_keeper").post(f"/fleet/cars/{car.pk}/tank/", {"tank_l": tank})
    assert answer.status_code == 422
    assert "油箱容积" in text(answer)
    assert f'value="{tank}"' in text(answer), "nothing typed is lost"


def test_a_trip_lists_its_costs_to_those_who_may_see_them(mine: City) -> None:
    start = AT - timedelta(days=1)
    trip = mine.recorded(
        "PC2020051900001", car=mine.cars[SECOND], start_km=9_800, end_km=9_860, went_at=start,
        back_at=start + timedelta(hours=2),
    )  # fmt: skip
    one = spending.entered(
        mine, number="P1", car=mine.cars[SECOND], spent_on=start.date(), place="浮梁停车场"
    )
    two = spending.entered(
        mine, number="P2", car=mine.cars[SECOND], spent_on=start.date(), amount_fen=2_500
    )
    costs.void_cost(actor=mine.actor("car_keeper"), cost_id=two.pk, reason="重复", at=AT)
    address = f"/fleet/trips/{trip.pk}/"
    for who in ("clerk", "car_keeper"):
        answer = browser(mine, who).get(address)
        page = text(answer)
        assert "计入 1 笔，10.00 元" in page, who
        for cost in (one, two):
            assert f'href="/fleet/costs/{cost.pk}/"' in page, who
    asker = browser(mine, "asker").get(address)
    assert asker.status_code in (200, 404)
    assert f'href="/fleet/costs/{one.pk}/"' not in text(asker)
