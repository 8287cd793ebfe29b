"""用车分析: what it counts, what it opens, and what it costs to ask."""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanjia.domains.fleet.actions import costs, secrecy
from guanjia.domains.fleet.models import Finding, Trip
from guanjia.domains.fleet.queries import dashboard, slots
from guanjia.domains.fleet.rules import dashboard as rules
from guanjia.domains.fleet.rules.times import ZONE
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, SYSTEM, City
from guanjia.kernel.registers import catalogue, listing
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
ALL = Scope.all()
MAY = Period.parse("2020-05")
LATER = date(2020, 6, 10)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def city(fleet_city: City) -> City:
    """Two journeys of the small car, one over a weekend of the second, in May 2020."""
    made = fleet_city
    drove = {"state": "FINISHED"}
    for number, car, went, back, start in (
        ("PC2020051100001", SMALL, "2020-05-11T09:00", "2020-05-11T11:00", 9_000),
        ("PC2020051200002", SMALL, "2020-05-12T16:30", "2020-05-12T20:00", 9_100),
        ("PC2020051600003", SECOND, "2020-05-15T17:00", "2020-05-18T09:00", 8_000),
    ):
        made.recorded(
            number, car=made.cars[car], planned_from=at(went), planned_to=at(back),
            went_at=at(went), back_at=at(back), start_km=start, end_km=start + 50, **drove,
        )  # fmt: skip
    return made


def use_of(plate: str, **changes: Any) -> dashboard.CarUse:
    found = dashboard.use_of_cars(scope=ALL, period=MAY, today=LATER, **changes)
    return next(each for each in found if each.car.plate == plate)


def browser(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


# ── what is counted ──────────────────────────────────────────────────────────────────────


def test_use_is_counted_by_working_days_and_office_hours(city: City) -> None:
    small = use_of(SMALL)
    # May 2020 had 18 + 1 working days: the 9th was a Saturday on which offices worked (调休).
    assert (small.trips, small.km) == (2, 100)
    assert small.use.days_used == 2
    assert small.use.days_there == 19
    # 9:00–11:00 lies within the morning; of 16:30–20:00 one hour lies before the office closes.
    assert small.use.minutes_out == Decimal(180)
    assert small.use.minutes_open == Decimal(19 * 390)
    assert small.days_rate == Decimal("10.5")


def test_a_weekend_out_counts_its_working_days_only(city: City) -> None:
    second = use_of(SECOND)
    assert second.use.days_used == 2, "Friday and Monday"
    # Friday 17:00–17:30, Monday 8:30–9:00.
    assert second.use.minutes_out == Decimal(60)


def test_days_that_are_not_over_do_not_count(city: City) -> None:
    found = dashboard.use_of_cars(scope=ALL, period=MAY, today=date(2020, 5, 11))
    small = next(each for each in found if each.car.plate == SMALL)
    assert small.use.days_there == 5, "6, 7, 8, 9 and 11 May"


def test_a_car_bought_later_was_there_for_fewer_days(city: City) -> None:
    builders.car("赣H30001", city.units["bureau"], registered_on=date(2020, 5, 25))
    assert use_of("赣H30001").use.days_there == 5
    builders.car("赣H30002", city.units["bureau"], registered_on=date(2020, 6, 25))
    assert use_of("赣H30002").days_rate is None


def test_the_car_of_a_period_before_all_journeys_was_not_used(city: City) -> None:
    found = dashboard.use_of_cars(scope=ALL, period=Period.parse("2019-05"), today=LATER)
    assert {each.trips for each in found} == {0}


def test_an_hour_of_the_week_counts_every_journey_under_way(city: City) -> None:
    found = dashboard.out_by_hour(scope=ALL, period=MAY)
    assert found[1, 9] == 1, "Monday the 11th at 9; the weekend's ended at 9 sharp"
    assert found[1, 8] == 1
    assert (1, 11) not in found, "it was back at 11 sharp"
    assert found[2, 16] == found[2, 19] == 1
    assert (2, 20) not in found
    assert found[6, 3] == found[7, 23] == 1, "the whole weekend"


def test_every_hour_opens_just_the_journeys_it_counts(city: City) -> None:
    found = dashboard.out_by_hour(scope=ALL, period=MAY)
    for day in range(1, 8):
        for hour in range(24):
            rows = slots.under_way(Trip.objects.all(), day, hour)
            assert rows.count() == found.get((day, hour), 0), rules.slot_of(day, hour)


def test_a_journey_longer_than_a_week_is_under_way_in_every_hour(city: City) -> None:
    city.recorded(
        "PC2020052000009", car=city.cars[SMALL], planned_from=at("2020-05-20T08:00"),
        planned_to=at("2020-05-28T08:00"), went_at=at("2020-05-20T08:00"),
        back_at=at("2020-05-28T08:00"), start_km=9_200, end_km=9_900,
    )  # fmt: skip
    found = dashboard.out_by_hour(scope=ALL, period=MAY)
    assert all(found[day, hour] >= 1 for day in range(1, 8) for hour in range(24))
    assert found[3, 12] == 1, "counted once, though it was out on two Wednesdays"
    assert slots.under_way(Trip.objects.all(), 3, 12).count() == 1


def test_demand_is_summed_by_purpose_place_and_unit(city: City) -> None:
    city.recorded("PC2020051300005", destination="乐平", unit=city.units["section"],
                  went_at=at("2020-05-13T09:00"), back_at=at("2020-05-13T10:00"),
                  planned_from=at("2020-05-13T09:00"), planned_to=at("2020-05-13T10:00"),
                  start_km=9_200, end_km=9_210)  # fmt: skip
    [purpose] = dashboard.by_purpose(scope=ALL, period=MAY)
    assert (purpose.key, purpose.title, purpose.trips, purpose.km) == ("SURVEY", "调研督导", 4, 160)
    assert [(p.key, p.trips) for p in dashboard.by_place(scope=ALL, period=MAY)] == [
        ("浮梁", 3), ("乐平", 1),
    ]  # fmt: skip
    [unit] = dashboard.by_unit(scope=ALL, period=MAY)
    assert (unit.key, unit.trips) == ("3602D036", 4), "a section counts with its unit"


def _spend(city: City, *, day: str, fen: int, kind: str = "TOLL") -> None:
    row = {
        "car": city.cars[SMALL],
        "unit": city.units["bureau"],
        "kind": kind,
        "spent_on": date.fromisoformat(day),
        "amount_fen": fen,
        "source": "HAND",
    }
    costs.record_costs(actor=SYSTEM, rows=[row], at=AT)


def test_costs_are_summed_by_kind_in_the_period_and_by_month_around_it(city: City) -> None:
    for day, fen in (("2020-04-30", 100), ("2020-05-01", 1_000), ("2020-05-31", 10_000)):
        _spend(city, day=day, fen=fen)
    _spend(city, day="2020-06-01", fen=7)
    window = Period(date(2019, 6, 1), date(2020, 6, 1))
    spent = dashboard.spent(scope=ALL, period=MAY, window=window)
    assert spent.kinds == {"TOLL": 11_000}
    assert spent.months == {date(2020, 4, 1): 100, date(2020, 5, 1): 11_000}
    assert spent.total_fen == 11_000


def test_the_bar_of_a_kind_of_cost_opens_just_what_it_sums(page: Any, city: City) -> None:
    for day, fen in (("2020-04-30", 100), ("2020-05-01", 120_000), ("2020-05-31", 250_000)):
        _spend(city, day=day, fen=fen)
    chart = charts_of(flat(page().content))["chart_kinds"]
    [value], [url] = chart["series"][0]["values"], chart["series"][0]["urls"]
    register = catalogue.get("fleet.costs")
    assert register is not None
    query = listing.read(register=register, params=dict(parse_qsl(urlsplit(url).query)))
    assert not query.notes
    rows = listing.all_rows(query=query, scope=ALL, at=AT)
    assert sum(row.amount_fen for row in rows) == 370_000
    assert value == pytest.approx(0.37)


# ── the page ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def page(city: City) -> Any:
    def opened(who: str = "car_keeper", address: str = "/fleet/dashboard/?period=2020-05") -> Any:
        with time_machine.travel(at("2020-06-10T10:00"), tick=False):
            return browser(city, who).get(address)

    return opened


def charts_of(text: str) -> dict[str, Any]:
    found = re.findall(r'<script id="(chart_\w+)" type="application/json">(.*?)</script>', text)
    return {key: json.loads(data) for key, data in found}


def test_every_bar_opens_just_the_rows_it_counts(page: Any, city: City) -> None:
    found = charts_of(flat(page().content))
    opened = 0
    for key, chart in found.items():
        for series in chart["series"]:
            for value, url in zip(series["values"], series["urls"], strict=False):
                if not value or not url or chart["unit"] == "万元":
                    continue
                where = urlsplit(url)
                if where.path == "/fleet/dashboard/cars/":
                    with time_machine.travel(at("2020-06-10T10:00"), tick=False):
                        answer = browser(city, "car_keeper").get(url)
                    assert answer.context["count"] == value, key
                else:
                    register = catalogue.get(f"fleet.{where.path.strip('/').split('/')[1]}")
                    assert register is not None
                    query = listing.read(register=register, params=dict(parse_qsl(where.query)))
                    assert not query.notes, url
                    rows = listing.all_rows(query=query, scope=ALL, at=AT)
                    assert rows.count() == value, f"{key}: {url}"
                opened += 1
    assert opened >= 6, "each chart has a bar at least"


def test_every_cell_of_the_strip_opens_its_journeys(page: Any) -> None:
    text = flat(page().content)
    cells = re.findall(r'<a href="([^"]*slot=[^"]*)" title="[^"]*">(\d+)</a>', text)
    assert cells
    register = catalogue.get("fleet.trips")
    assert register is not None
    for url, count in cells[:12]:
        params = dict(parse_qsl(urlsplit(url.replace("&amp;", "&")).query))
        query = listing.read(register=register, params=params)
        assert not query.notes
        assert listing.all_rows(query=query, scope=ALL, at=AT).count() == int(count)


def test_the_first_visit_shows_the_last_month_with_journeys(page: Any) -> None:
    answer = page(address="/fleet/dashboard/")
    assert answer.context["period"] == MAY
    assert "2020年5月" in flat(answer.content)


def test_a_period_that_cannot_be_read_is_said_in_words(page: Any) -> None:
    answer = page(address="/fleet/dashboard/?period=去年")
    assert answer.status_code == 200
    assert "读不出时段“去年”" in flat(answer.content)


@pytest.mark.parametrize("page_of", ["", "cars/", "findings/"])
@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("0001-01", "还没有办公时间的规定"),
        ("1900", "还没有办公时间的规定"),
        ("2000-01-01..2020-05-31", "还没有办公时间的规定"),
        ("2013-01-01..9998-12-31", "一次最多看 10 年"),
        ("9999-12", "读不出时段"),
    ],
)
def test_a_period_that_cannot_be_counted_is_said_in_words(
    page: Any, page_of: str, period: str, said: str
) -> None:
    answer = page(address=f"/fleet/dashboard/{page_of}?period={period}")
    assert answer.status_code == 200
    assert said in flat(answer.content)
    assert answer.context["period"] == MAY, "the usual one instead"


def test_an_empty_period_says_so(page: Any) -> None:
    text = flat(page(address="/fleet/dashboard/?period=2018").content)
    assert "这个时段没有出车" in text
    assert charts_of(text).keys() <= {"chart_ages", "chart_bands", "chart_cost_months"}


def test_a_dispatcher_sees_use_and_no_money_and_no_findings(page: Any) -> None:
    text = flat(page("dispatcher").content)
    assert "在途时段" in text
    assert "每月费用" not in text
    assert "督车</h2>" not in text


@pytest.mark.parametrize("who", ["clerk", "head", "stranger", "driver"])
def test_the_analysis_is_the_bureaus(page: Any, who: str) -> None:
    assert page(who).status_code == 403
    assert page(who, "/fleet/dashboard/cars/").status_code == 403


def test_a_supervisor_sees_no_secret_car_in_it(page: Any, city: City) -> None:
    secrecy.mark_secret(
        actor=city.actor("car_keeper"), car_id=city.cars[SMALL].pk, secret=True, reason="定密",
        at=AT,
    )  # fmt: skip
    for address in ("/fleet/dashboard/?period=2020-05", "/fleet/dashboard/cars/?period=2020-05"):
        text = re.sub(r"<[^>]*>", "", flat(page("supervisor", address).content))
        assert SMALL not in text
        assert SECOND in text
    shown = charts_of(flat(page("supervisor").content))
    assert sum(shown["chart_purpose"]["series"][0]["values"]) == 1
    assert sum(charts_of(flat(page().content))["chart_purpose"]["series"][0]["values"]) == 3


def test_the_page_asks_the_database_seldom_however_much_there_is(page: Any, city: City) -> None:
    def statements(client: Client, address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def asked() -> int:
        client = browser(city, "car_keeper")
        frame = statements(client, "/me/")
        return statements(client, "/fleet/dashboard/?period=2020-05") - frame

    few = asked()
    for hour in range(4):
        begin = at("2020-05-20T08:00") + timedelta(hours=2 * hour)
        city.recorded(
            f"PC202005200001{hour}", planned_from=begin, planned_to=begin + timedelta(hours=1),
            went_at=begin, back_at=begin + timedelta(hours=1), start_km=9_300 + hour,
            end_km=9_301 + hour, destination=f"镇{hour}",
        )  # fmt: skip
    assert asked() == few
    assert few <= 15


def test_the_list_of_cars_narrows_to_a_band_and_to_those_used_too_little(page: Any) -> None:
    whole = page(address="/fleet/dashboard/cars/?period=2020-05")
    low = page(address="/fleet/dashboard/cars/?period=2020-05&band=low")
    assert low.context["count"] == whole.context["count"], "nothing was out for a fifth of May"
    high = page(address="/fleet/dashboard/cars/?period=2020-05&band=4")
    assert high.context["count"] == 0
    assert "没有这一档的车" in flat(high.content)
    for band in ("99", "-1", "²", "٣", "9" * 5000):
        odd = page(address=f"/fleet/dashboard/cars/?period=2020-05&band={band}")
        assert odd.context["count"] == whole.context["count"], band


def test_the_number_of_cars_that_were_out_opens_just_those(page: Any) -> None:
    analysis = page(address="/fleet/dashboard/?period=2020-05").context
    opened = page(address=analysis["cars_out_url"])
    assert opened.context["count"] == analysis["cars_out"]
    assert 0 < analysis["cars_out"] < analysis["cars_all"], "some were out and some were not"
    assert all(row["each"].trips for row in opened.context["rows"])


def test_a_number_of_findings_opens_just_those_findings(page: Any, city: City) -> None:
    for place, (level, day) in enumerate(
        (("RED", "2020-05-01"), ("RED", "2020-05-31"), ("YELLOW", "2020-05-09"),
         ("RED", "2020-06-01"))
    ):  # fmt: skip
        on_day = date.fromisoformat(day)
        Finding.objects.create(
            number=f"DC2020{place:04d}", car=city.cars[SECOND], unit=city.units["bureau"],
            on_day=on_day, level=level, raised_at=AT, due_on=on_day,
        )  # fmt: skip
    counted = {row["label"]: row for row in page().context["levels"]}
    assert (counted["红色"]["n"], counted["黄色"]["n"], counted["绿色"]["n"]) == (2, 1, 0)
    opened = page(address=counted["红色"]["url"])
    assert opened.context["page"].paginator.count == 2
    text = flat(opened.content)
    assert "DC20200000" in text
    assert "DC20200003" not in text
    assert page("dispatcher", counted["红色"]["url"]).status_code == 403
