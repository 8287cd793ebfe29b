"""Looks from outside: each leaves its trace, whoever it is; and secret cars stay at home."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanjia.domains.fleet.actions import oversight, secrecy
from guanjia.domains.fleet.models import Finding
from guanjia.domains.fleet.tests import builders
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, City
from guanjia.kernel.access import looks
from guanjia.kernel.access.models import Account, Look
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Reach

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
OUTSIDERS = {
    "finance": "fleet.finance_supervisor",
    "auditor": "fleet.audit_supervisor",
    "police": "fleet.police_supervisor",
}


@pytest.fixture
def city(fleet_city: City) -> City:
    made = fleet_city
    for number, (name, duty) in enumerate(OUTSIDERS.items()):
        person = org.person(f"S{number:03d}", made.units["other"])
        made.accounts[name] = access.account(name, person, (duty, Reach.CITY_READ, None))
    return made


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client


TAG = re.compile(r"<[^>]*>")


def text_of(answer: Any) -> str:
    """What an answer says, with and without its tags (a plate is set in two)."""
    text = answer.content.decode()
    return text + TAG.sub("", text)


def seen() -> list[tuple[Any, ...]]:
    return list(
        Look.objects.order_by("pk").values_list(
            "account__username", "duty", "page", "subject_type", "subject_id", "refused"
        )
    )


# ── what is recorded ─────────────────────────────────────────────────────────────────────


def test_a_supervisors_page_of_a_car_is_recorded_with_the_car(city: City) -> None:
    car = city.cars[SMALL]
    answer = browser(city.accounts["finance"]).get(f"/fleet/cars/{car.pk}/")
    assert answer.status_code == 200
    assert seen() == [
        ("finance", "fleet.finance_supervisor", "fleet:car", "fleet.car", car.pk, False)
    ]
    look = Look.objects.get()
    assert (look.title, look.rows, look.exported) == ("车辆台账", 1, False)
    assert look.address == "127.0.0.1"
    assert abs(look.at - timezone.now()) < timedelta(minutes=1)


def test_a_list_is_recorded_with_its_filters_and_how_many_rows_it_showed(city: City) -> None:
    browser(city.accounts["police"]).get("/fleet/cars/?view=all&state=IN_USE")
    look = Look.objects.get()
    assert (look.register, look.title, look.query) == (
        "fleet.cars", "公务用车台账", "view=all&state=IN_USE",
    )  # fmt: skip
    assert look.rows == 6


def test_a_sheet_that_is_taken_out_is_recorded_with_all_its_rows(city: City) -> None:
    browser(city.accounts["auditor"]).get("/fleet/cars/export/?view=all")
    look = Look.objects.get()
    assert (look.exported, look.rows, look.register) == (True, 7, "fleet.cars")


def test_a_call_of_the_api_is_recorded(city: City) -> None:
    browser(city.accounts["auditor"]).get("/api/registers/fleet.cars")
    look = Look.objects.get()
    assert (look.page, look.register, look.rows) == (
        "GET /api/registers/fleet.cars", "fleet.cars", 7,
    )  # fmt: skip
    assert look.title == "接口 公务用车台账"


def test_a_search_is_recorded_and_an_empty_one_is_not(city: City) -> None:
    client = browser(city.accounts["supervisor"])
    client.get("/search/?q=")
    assert seen() == []
    client.get("/search/?q=赣H1")
    assert [row[2] for row in seen()] == ["portal:search"]


@pytest.mark.parametrize("path", ["/fleet/board/", "/fleet/trips/", "/fleet/drivers/"])
def test_what_lies_outside_the_field_is_refused_and_recorded_as_refused(
    city: City, path: str
) -> None:
    answer = browser(city.accounts["finance"]).get(path)
    assert answer.status_code == 403
    [look] = Look.objects.all()
    assert (look.refused, look.rows, look.path) == (True, None, path)


def test_a_row_nobody_may_see_is_recorded_as_refused(city: City) -> None:
    trip = city.finished()
    answer = browser(city.accounts["finance"]).get(f"/fleet/trips/{trip.pk}/")
    assert answer.status_code == 404
    [look] = Look.objects.all()
    assert (look.refused, look.subject_type, look.subject_id) == (True, "fleet.trip", trip.pk)


def test_what_asks_by_itself_is_not_recorded(city: City) -> None:
    client = browser(city.accounts["supervisor"])
    client.get("/notices/bell/", headers={"X-Guanjia-Poll": "1"})
    client.get("/me/")
    client.get("/")
    assert seen() == []


def test_a_board_that_asks_again_and_again_is_one_look_in_a_while(city: City) -> None:
    client = browser(city.accounts["supervisor"])
    with time_machine.travel(AT, tick=False) as clock:
        client.get("/fleet/board/")
        for _ in range(19):
            clock.shift(timedelta(seconds=30))
            client.get("/fleet/board/", headers={"HX-Request": "true"})
        assert len(seen()) == 1
        clock.shift(timedelta(seconds=30))
        client.get("/fleet/board/", headers={"HX-Request": "true"})
        assert len(seen()) == 2, "who sits there for long leaves a trace of it"
        client.get("/fleet/board/?day=2020-05-19", headers={"HX-Request": "true"})
        assert len(seen()) == 3, "another day is another look"
        client.get("/fleet/board/")
        assert len(seen()) == 4, "who opens it looks"


@pytest.mark.parametrize("header", ["X-Guanjia-Poll", "HX-Request"])
def test_nobody_looks_without_a_trace_by_saying_that_the_browser_asked(
    city: City, header: str
) -> None:
    client = browser(city.accounts["supervisor"])
    for plate in (SMALL, SECOND):
        client.get(f"/fleet/cars/{city.cars[plate].pk}/", headers={header: "true"})
    assert [look.subject_id for look in Look.objects.order_by("pk")] == [
        city.cars[SMALL].pk, city.cars[SECOND].pk,
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["dispatcher", "car_keeper", "head", "clerk"])
def test_people_of_the_house_leave_no_look(city: City, who: str) -> None:
    client = browser(city.accounts[who])
    client.get("/fleet/cars/?view=all")
    client.get(f"/fleet/cars/{city.cars[SMALL].pk}/")
    client.get("/fleet/looks/")
    assert seen() == []


def test_who_also_has_a_duty_of_the_house_is_recorded_all_the_same(city: City) -> None:
    both = access.account(
        "both",
        org.person("B001", city.units["farming"]),
        ("fleet.applicant", Reach.OWN, None),
        ("fleet.supervisor", Reach.CITY_READ, None),
    )
    browser(both).get("/fleet/trips/?view=all")
    assert [row[:2] for row in seen()] == [("both", "fleet.supervisor")]


def test_a_look_costs_one_statement(city: City) -> None:
    car = city.cars[SMALL]

    def asked(who: str) -> int:
        client = browser(city.accounts[who])
        client.get(f"/fleet/cars/{car.pk}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/fleet/cars/{car.pk}/")
        return sum("access_look" in each["sql"] for each in captured)

    assert asked("supervisor") == 1
    assert asked("clerk") == 0


@pytest.mark.pg15
def test_what_cannot_be_recorded_is_not_shown(city: City, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise InternalError("full")

    monkeypatch.setattr(looks, "record_look", broken)
    client = browser(city.accounts["finance"])
    client.raise_request_exception = False
    answer = client.get(f"/fleet/cars/{city.cars[SMALL].pk}/")
    assert answer.status_code == 500
    assert SMALL not in text_of(answer)


def test_looks_are_never_changed_nor_deleted(city: City) -> None:
    browser(city.accounts["finance"]).get("/fleet/cars/?view=all")
    for act in (lambda: Look.objects.update(rows=0), lambda: Look.objects.all().delete()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
    assert Look.objects.count() == 1


def test_an_address_that_leads_elsewhere_is_kept_as_one_of_ours(city: City) -> None:
    browser(city.accounts["finance"]).get("//evil.example/")
    for look in Look.objects.all():
        assert not look.path.startswith("//")


# ── who reads them ───────────────────────────────────────────────────────────────────────


def test_the_keeper_reads_who_looked_at_what(city: City) -> None:
    trip = city.finished()
    browser(city.accounts["supervisor"]).get(f"/fleet/trips/{trip.pk}/")
    browser(city.accounts["police"]).get(f"/fleet/cars/{city.cars[SMALL].pk}/")
    page = browser(city.accounts["car_keeper"]).get("/fleet/looks/?view=all")
    text = text_of(page)
    assert trip.number in text
    assert SMALL in text
    assert "纪检监察" in text
    only = browser(city.accounts["car_keeper"]).get(
        "/fleet/looks/?view=all&field=fleet.police_supervisor"
    )
    assert trip.number not in text_of(only)
    assert SMALL in text_of(only)


@pytest.mark.parametrize("who", ["supervisor", "finance", "dispatcher", "head", "stranger"])
def test_nobody_else_reads_them(city: City, who: str) -> None:
    assert browser(city.accounts[who]).get("/fleet/looks/").status_code == 403


def test_the_page_of_a_car_tells_the_keeper_who_looked_and_nobody_else(city: City) -> None:
    car = city.cars[SMALL]
    browser(city.accounts["finance"]).get(f"/fleet/cars/{car.pk}/")
    told = text_of(browser(city.accounts["car_keeper"]).get(f"/fleet/cars/{car.pk}/"))
    assert "最近被谁查看" in told
    assert "监督员（财政）" in told
    for who in ("dispatcher", "supervisor", "finance"):
        text = text_of(browser(city.accounts[who]).get(f"/fleet/cars/{car.pk}/"))
        assert "最近被谁查看" not in text


def test_a_supervisor_is_told_that_looks_are_kept(city: City) -> None:
    sentence = "看过什么会留下记录"
    assert sentence in text_of(browser(city.accounts["police"]).get("/fleet/window/"))
    assert sentence not in text_of(browser(city.accounts["dispatcher"]).get("/fleet/cars/"))


# ── the window ───────────────────────────────────────────────────────────────────────────


def test_the_window_offers_each_field_its_own_lists(city: City) -> None:
    def offered(who: str) -> str:
        return text_of(browser(city.accounts[who]).get("/fleet/window/"))

    discipline, police, finance = (offered(who) for who in ("supervisor", "police", "finance"))
    assert 'href="/fleet/trips/?view=all"' in discipline
    assert 'href="/fleet/drivers/?view=all"' in police
    assert 'href="/fleet/drivers/?view=all"' not in finance
    for text in (police, finance):
        assert "/fleet/trips/" not in text
        assert "打开用车分析" not in text
        assert "最近一期督车清单" not in text
    assert "打开用车分析" in discipline
    assert "财政领域" in finance


def test_the_window_is_theirs_alone(city: City) -> None:
    for who in ("dispatcher", "car_keeper", "head", "stranger"):
        assert browser(city.accounts[who]).get("/fleet/window/").status_code == 403


def test_the_window_counts_without_secret_cars(city: City) -> None:
    _mark(city)
    text = text_of(browser(city.accounts["police"]).get("/fleet/window/"))
    assert '<b>6</b><span class="gj-unit">辆' in text


def test_the_window_counts_the_monthly_list_as_its_page_shows_it(city: City) -> None:
    for place, (plate, level) in enumerate(((SMALL, "RED"), (SECOND, "RED"), (SECOND, "GREEN"))):
        Finding.objects.create(
            number=f"DC2020{place:04d}", car=city.cars[plate], unit=city.units["bureau"],
            on_day=AT.date() - timedelta(days=place), level=level, raised_at=AT, due_on=AT.date(),
        )  # fmt: skip
    made = oversight.make_monthly_list(actor=city.actor("car_keeper"), month=AT.date(), at=AT)
    browsing = browser(city.accounts["supervisor"])

    def counts() -> dict[str, int]:
        text = text_of(browsing.get("/fleet/window/"))
        links = rf'href="(/fleet/oversight/lists/{made.pk}/[^"]*)"><b>(\d+)</b>'
        return {url: int(count) for url, count in re.findall(links, text)}

    def opened(url: str) -> int:
        return len(browsing.get(url).context["rows"])

    assert sorted(counts().values()) == [1, 2, 3]
    assert {url: opened(url) for url in counts()} == counts()
    _mark(city)
    assert sorted(counts().values()) == [1, 1, 2], "nobody counts a car that is secret by now"
    assert {url: opened(url) for url in counts()} == counts()


# ── secret cars ──────────────────────────────────────────────────────────────────────────


def _mark(city: City, plate: str = SMALL, *, secret: bool = True) -> None:
    secrecy.mark_secret(
        actor=city.actor("car_keeper"),
        car_id=city.cars[plate].pk,
        secret=secret,
        reason="定密文件〔2020〕3 号",
        at=AT,
    )


def test_marking_a_car_secret_is_recorded_with_its_reason(city: City) -> None:
    _mark(city)
    city.cars[SMALL].refresh_from_db()
    assert city.cars[SMALL].secret
    record = Record.objects.filter(verb="fleet.car.secret_set").get()
    assert (record.before, record.after) == ({"secret": False}, {"secret": True})
    assert record.note == "定密文件〔2020〕3 号"
    _mark(city)  # again: nothing to do
    assert Record.objects.filter(verb="fleet.car.secret_set").count() == 1


def test_marking_a_car_secret_wants_a_reason(city: City) -> None:
    with pytest.raises(Refused) as refused:
        secrecy.mark_secret(
            actor=city.actor("car_keeper"), car_id=city.cars[SMALL].pk, secret=True, reason=" ",
            at=AT,
        )  # fmt: skip
    assert [finding.code for finding in refused.value.findings] == ["reason_missing"]


@pytest.mark.parametrize("who", ["clerk", "head", "supervisor"])
def test_only_who_keeps_the_register_marks_a_car(city: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        secrecy.mark_secret(
            actor=city.actor(who), car_id=city.cars[SMALL].pk, secret=True, reason="x", at=AT
        )


def test_the_mark_is_set_and_taken_away_on_the_page_of_the_car(city: City) -> None:
    client, car = browser(city.accounts["car_keeper"]), city.cars[SMALL]
    empty = client.post(f"/fleet/cars/{car.pk}/secret/", {"reason": ""})
    assert empty.status_code == 422
    assert "没有填原因" in text_of(empty)
    client.post(f"/fleet/cars/{car.pk}/secret/", {"reason": "定密文件"})
    car.refresh_from_db()
    assert car.secret
    page = client.get(f"/fleet/cars/{car.pk}/").content.decode()
    assert "涉密" in page
    assert [f"/{car.pk}/{act}/" in page for act in ("secret", "not-secret")] == [False, True]
    client.post(f"/fleet/cars/{car.pk}/not-secret/", {"reason": "解密"})
    car.refresh_from_db()
    assert not car.secret


def test_a_secret_car_is_the_houses_own_and_no_supervisors(city: City) -> None:
    trip = city.finished()
    _mark(city)
    car = city.cars[SMALL]
    for who in ("supervisor", "finance", "auditor", "police"):
        client = browser(city.accounts[who])
        assert client.get(f"/fleet/cars/{car.pk}/").status_code == 404
        assert client.get(f"/fleet/trips/{trip.pk}/").status_code == 404
        assert SMALL not in text_of(client.get("/fleet/cars/?view=all"))
    for who in ("dispatcher", "car_keeper"):
        client = browser(city.accounts[who])
        assert client.get(f"/fleet/cars/{car.pk}/").status_code == 200
        assert client.get(f"/fleet/trips/{trip.pk}/").status_code == 200
        assert SMALL in text_of(client.get("/fleet/cars/?view=all"))
    assert browser(city.accounts["approver"]).get(f"/fleet/trips/{trip.pk}/").status_code == 200


def test_the_trail_and_the_papers_of_a_secret_car_stay_at_home(city: City) -> None:
    trip = city.finished()
    other = city.finished(car=SECOND, planned_from=AT + timedelta(hours=9),
                          planned_to=AT + timedelta(hours=10))  # fmt: skip
    _mark(city)
    client = browser(city.accounts["supervisor"])
    trail = text_of(client.get("/audit/"))
    assert trip.number not in trail
    assert SMALL not in trail
    assert other.number in trail
    papers = text_of(client.get("/vouchers/?view=all"))
    assert trip.number not in papers
    assert other.number in papers
    home = text_of(browser(city.accounts["dispatcher"]).get("/vouchers/?view=all"))
    assert trip.number in home


def test_a_trip_once_given_a_secret_car_does_not_name_it_outside(city: City) -> None:
    trip = city.dispatched()
    city.dispatch(trip, car=SECOND)
    _mark(city)
    text = text_of(browser(city.accounts["supervisor"]).get(f"/fleet/trips/{trip.pk}/"))
    assert SECOND in text.replace("<i>", "").replace("</i>", "")
    assert "涉密车辆" in text
    assert SMALL not in text


def test_the_trail_gives_no_field_the_details_of_another(city: City) -> None:
    def trail(who: str) -> str:
        return text_of(browser(city.accounts[who]).get("/audit/?verb=fleet.driver.entered"))

    assert builders.DRIVER_MOBILE in trail("supervisor"), "discipline sees drivers"
    assert builders.DRIVER_MOBILE not in trail("auditor")
