"""A car's and a driver's page, and the cells of the registers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import entering
from guanjia.domains.fleet.models import Car, Driver
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.domains.fleet.terms.drivers import DriverState
from guanjia.domains.fleet.tests import builders, spending
from guanjia.domains.fleet.tests.builders import AT, DRIVER_MOBILE, HOUR, SECOND, SMALL, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import RemarkKind


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def at(what: str, row: Any) -> str:
    return reverse(f"fleet:{what}", args=[row.pk])


def test_a_car_shows_its_archive_and_how_its_readings_join(city: City) -> None:
    day = 24 * HOUR
    city.recorded("PC2020051800001", start_km=9_700, end_km=9_800, went_at=AT - 2 * day,
                  back_at=AT - 2 * day + HOUR, planned_from=AT - 2 * day,
                  planned_to=AT - 2 * day + HOUR)  # fmt: skip
    city.recorded("PC2020051900001", start_km=9_800, end_km=9_860)
    page = text(client_of(city, "dispatcher").get(at("car", city.cars[SMALL])))
    for seen in ("大众朗逸", "集中管理", "PC2020051900001", "相接", "改状态", "2021-05-31"):
        assert seen in page


def test_who_only_looks_has_no_acts_and_the_applicant_no_page(city: City) -> None:
    page = text(client_of(city, "supervisor").get(at("car", city.cars[SMALL])))
    assert "大众朗逸" in page
    assert "改状态" not in page
    assert client_of(city, "asker").get(at("car", city.cars[SMALL])).status_code == 403


def test_a_car_outside_the_scope_does_not_exist(city: City) -> None:
    client = client_of(city, "clerk")
    assert client.get(at("car", city.cars[SMALL])).status_code == 404, "the bureau's, not theirs"
    assert client.get("/fleet/cars/999999/").status_code == 404


def test_a_car_goes_to_repair_with_its_reason(city: City) -> None:
    client, car = client_of(city, "dispatcher"), city.cars[SMALL]
    refused = client.post(at("car_state", car), {"state": "REPAIR", "reason": ""})
    assert refused.status_code == 422
    assert "没有填原因。" in text(refused)
    done = client.post(at("car_state", car), {"state": "REPAIR", "reason": "变速箱"}, follow=True)
    assert "现在维修" in text(done)
    assert "在用 → 维修" in text(done)
    assert Car.objects.get(pk=car.pk).state == CarState.REPAIR


def test_a_promised_car_stays_in_use_and_the_trip_is_named(city: City) -> None:
    trip = city.dispatched(car=SMALL)
    answer = client_of(city, "dispatcher").post(
        at("car_state", city.cars[SMALL]), {"state": "STOPPED", "reason": "停用"}
    )
    assert answer.status_code == 422
    assert trip.number in text(answer)


@pytest.mark.parametrize("state", ["DISPOSED", "NONSENSE", ""])
def test_no_other_state_can_be_set_here(city: City, state: str) -> None:
    answer = client_of(city, "dispatcher").post(
        at("car_state", city.cars[SMALL]), {"state": state, "reason": "试"}
    )
    assert answer.status_code == 422


def test_a_disposed_car_stays_so(city: City) -> None:
    Car.objects.filter(plate=SMALL).update(state=CarState.DISPOSED)
    client, car = client_of(city, "dispatcher"), city.cars[SMALL]
    assert at("car_state", car) not in text(client.get(at("car", car)))
    answer = client.post(at("car_state", car), {"state": "IN_USE", "reason": "试"})
    assert (answer.status_code, "现在是已处置" in text(answer)) == (409, True)


def test_an_open_remark_on_a_car_is_answered_once_and_in_words(city: City) -> None:
    client, car = client_of(city, "dispatcher"), city.cars[SMALL]
    remark = Remark.objects.create(
        register="fleet.cars", object_id=car.pk, code="price_over", kind=RemarkKind.FINDING,
        headline="购置价格 20.00 万元。", raised_at=AT,
    )  # fmt: skip
    assert "写下说明" in text(client.get(at("car", car)))
    assert "写下说明" not in text(client_of(city, "supervisor").get(at("car", car)))
    address = reverse("fleet:car_remark_explain", args=[remark.pk])
    refused = client.post(address, {"explanation": ""})
    assert refused.status_code == 422
    assert "没有写说明" in text(refused)
    done = client.post(address, {"explanation": "含税"}, follow=True)
    assert "已说明：购置价格 20.00 万元" in text(done)
    remark.refresh_from_db()
    assert (remark.state, remark.explanation) == ("EXPLAINED", "含税")
    again = client.post(address, {"explanation": "含税"})
    assert (again.status_code, "这件事已说明" in text(again)) == (409, True)
    other = reverse("fleet:order_remark_explain", args=[remark.pk])
    assert client.post(other, {"explanation": "含税"}).status_code in {403, 404}, "of a car"
    assert client_of(city, "supervisor").post(address, {"explanation": "x"}).status_code == 403


def test_inspection_and_insurance_are_written_down(city: City) -> None:
    client, car = client_of(city, "dispatcher"), city.cars[SMALL]
    bad = client.post(at("car_amend", car), {"inspected_until": "明年"})
    assert bad.status_code == 422
    assert "写成 2026-05-08 这样的日期。" in text(bad)
    given = {"inspected_until": "2020-06-01", "insured_until": "2020-05-01", "terminal": "1"}
    page = text(client.post(at("car_amend", car), given, follow=True))
    assert "快到期" in page
    assert "已过期" in page
    assert Record.objects.filter(verb="fleet.car.amended").count() == 1


def test_a_driver_shows_the_licence_and_hides_the_number(city: City) -> None:
    driver = city.drivers["汪杰"]
    assert DRIVER_MOBILE in text(client_of(city, "dispatcher").get(at("driver", driver)))
    masked = text(client_of(city, "supervisor").get(at("driver", driver)))
    assert DRIVER_MOBILE not in masked
    assert "138****0049" in masked
    assert client_of(city, "asker").get(at("driver", driver)).status_code == 403


def test_a_driver_goes_on_leave_and_a_promised_one_does_not(city: City) -> None:
    client, driver = client_of(city, "dispatcher"), city.drivers["方敏"]
    url = at("driver_state", driver)
    assert client.post(url, {"state": "ON_LEAVE", "reason": ""}).status_code == 422
    done = client.post(url, {"state": "ON_LEAVE", "reason": "年休假"}, follow=True)
    assert "方敏 现在请假" in text(done)
    assert Driver.objects.get(pk=driver.pk).state == DriverState.ON_LEAVE
    record = Record.objects.get(verb="fleet.driver.state_set")
    assert (record.after, record.note) == ({"state": "ON_LEAVE"}, "年休假")
    trip = city.dispatched()
    held = client.post(
        at("driver_state", city.drivers["汪杰"]), {"state": "ON_LEAVE", "reason": "病假"}
    )
    assert held.status_code == 422
    assert trip.number in text(held)


def test_the_trip_register_says_what_is_late_urgent_and_shared(city: City) -> None:
    city.out(car=SECOND, driver="方敏")
    with time_machine.travel(AT + 4 * HOUR, tick=False):
        page = text(client_of(city, "dispatcher").get(reverse("fleet:trips_list")))
    assert "逾期未归" in page
    assert "<i>赣H</i>10002" in page


@pytest.mark.parametrize("name", ["trips", "cars", "drivers"])
def test_every_register_opens_with_rows(city: City, name: str) -> None:
    city.dispatched()
    answer = client_of(city, "dispatcher").get(reverse(f"fleet:{name}_list"))
    assert answer.status_code == 200
    assert "gj-word" in text(answer)


def test_a_renewed_licence_is_written_down_and_stays(city: City) -> None:
    driver, dispatcher = city.drivers["方敏"], client_of(city, "dispatcher")
    url = at("driver_licence", driver)
    assert "登记换证" in dispatcher.get(at("driver", driver)).content.decode()
    wrong = dispatcher.post(url, {"licence": "C1", "licence_until": "明年"})
    assert wrong.status_code == 422
    assert "写成 2026-05-08 这样的日期" in wrong.content.decode()
    assert dispatcher.post(url, {"licence": "B1", "licence_until": "2031-04-30"}).status_code == 302
    driver.refresh_from_db()
    assert (driver.licence, driver.licence_until) == ("B1", date(2031, 4, 30))
    assert Record.objects.get(verb="fleet.driver.amended").before["licence"] == "C1"
    row = builders.driver_row(driver.number, driver.name, driver.unit, licence="B1")
    entering.enter_drivers(actor=builders.SYSTEM, rows=[row], at=AT)  # an older ledger
    driver.refresh_from_db()
    assert driver.licence_until == date(2031, 4, 30)


def test_the_archive_tells_body_tank_and_battery_and_leads_to_the_fuel(city: City) -> None:
    client, car = client_of(city, "dispatcher"), city.cars[SMALL]
    given = {"body": "SEDAN", "tank_l": "50.5", "battery_kwh": ""}
    for _ in range(2):  # pressed twice: one record
        page = text(client.post(at("car_amend", car), given, follow=True))
    for seen in ("轿车", "50.5 L", "已登记 赣H10001 的档案"):
        assert seen in page
    assert Record.objects.filter(verb="fleet.car.amended").count() == 1
    car.refresh_from_db()
    assert (car.body, car.tank_l, car.battery_kwh) == ("SEDAN", Decimal("50.5"), None)
    assert car.inspected_until == date(2021, 5, 31), "what was not sent stays"
    assert at("car_fuel", car) in text(client_of(city, "car_keeper").get(at("car", car)))
    assert at("car_fuel", car) not in text(client_of(city, "dispatcher").get(at("car", car))), (
        "whoever sees no costs"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"tank_l": "50.25"}, "油箱容积最多一位小数。"),
        ({"tank_l": "0"}, "油箱容积大于 0。"),
        ({"battery_kwh": "很大"}, "电池容量写成 48.5 这样的数。"),
        ({"body": "TANK"}, "从列出的车型中选一项。"),
    ],
)
def test_what_no_car_is_built_like_is_refused_and_nothing_typed_is_lost(
    city: City, given: dict[str, str], sentence: str
) -> None:
    car = city.cars[SMALL]
    answer = client_of(city, "dispatcher").post(at("car_amend", car), {"terminal": "139", **given})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert 'value="139"' in text(answer)
    before = car.terminal
    car.refresh_from_db()
    assert (car.tank_l, car.terminal) == (None, before)


def test_old_fuel_is_judged_by_the_tank_that_is_written_down(city: City) -> None:
    cost = spending.entered(
        city, kind=CostKind.FUEL, litres=Decimal(60), amount_fen=36_000, odometer_km=10_000
    )
    client = client_of(city, "dispatcher")
    for tank, waiting in (("50", 1), ("70", 0)):
        client.post(at("car_amend", city.cars[SMALL]), {"tank_l": tank})
        odd = Remark.objects.filter(object_id=cost.pk, code="tank_exceeded", state="OPEN")
        assert odd.count() == waiting
