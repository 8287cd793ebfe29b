"""待办: who sees what waits, in which order, and at what cost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanjia.domains.fleet.actions import dispatching, requests
from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.calendar import actions as workdays
from guanjia.kernel.calendar.terms import DayKind
from guanjia.ui.tests.reading import flat

HOUR = timedelta(hours=1)
DOOR = 4  # session, account, person, duties
BUDGET = 12


def page(client: Client, url: str = "/") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return flat(answer.content)


def rows(html: str) -> list[str]:
    """The to-dos as lines of text."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    found = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_a_dispatcher_sees_the_urgent_first(city: Any, visit: Any, clock: Any) -> None:
    late = city.out(planned_from=AT - 3 * HOUR, planned_to=AT - HOUR, at=AT - 4 * HOUR)
    afternoon = city.approved(planned_from=AT + 5 * HOUR, planned_to=AT + 6 * HOUR)
    morning = city.approved(planned_from=AT + HOUR, planned_to=AT + 2 * HOUR)
    lines = rows(page(visit("dispatcher")))
    assert [line.split()[0] for line in lines] == ["逾期未归", "待派车", "待派车", "到期提醒"]
    assert late.number in lines[0]
    assert "逾期 1 小时 30 分未收车" in lines[0]
    assert morning.number in lines[1]
    assert "邵红 9:00 批准" in lines[1]
    assert afternoon.number in lines[2]


def test_only_the_first_verb_is_primary(city: Any, visit: Any) -> None:
    city.approved()
    city.approved(planned_from=AT + 2 * HOUR)
    assert page(visit("dispatcher")).count("btn-primary") == 1


def test_an_applicant_does_not_see_what_waits_for_dispatchers(city: Any, visit: Any) -> None:
    trip = city.approved()
    html = page(visit("asker"))
    assert "待派车" in html  # the state of one's own request, in 我的用车
    assert rows(html) == []
    assert trip.number not in page(visit("stranger"))
    assert "今日车辆" not in html


def test_an_approver_sees_requests_of_the_unit_only(city: Any, visit: Any) -> None:
    trip = city.requested()
    assert [line.split()[0] for line in rows(page(visit("approver")))] == ["待审批"]
    assert rows(page(visit("stranger_boss"))) == []
    assert rows(page(visit("supervisor"))) == []
    requests.approve_trip(actor=city.actor("approver"), trip_id=trip.pk, at=AT)
    assert rows(page(visit("approver"))) == []


def test_a_returned_request_comes_back_with_its_opinion(city: Any, visit: Any) -> None:
    trip = city.requested()
    requests.return_trip(actor=city.actor("approver"), trip_id=trip.pk, comment="写明人数", at=AT)
    (line,) = rows(page(visit("asker")))
    assert line.startswith("已退回")
    assert "意见：写明人数" in line
    assert "修改后再交" in line


def test_a_finished_trip_asks_for_a_rating_for_thirty_days(
    city: Any, visit: Any, clock: Any
) -> None:
    city.finished(planned_from=AT - 4 * HOUR, planned_to=AT - HOUR, at=AT - 5 * HOUR)
    assert "待评价" in page(visit("asker"))
    clock.move_to(AT + timedelta(days=31))
    assert "待评价" not in page(visit("asker"))


def test_a_driver_sees_the_journeys_of_the_day(city: Any, visit: Any) -> None:
    city.approved()
    client = visit("driver")
    assert rows(page(client)) == []


def test_a_driver_linked_to_a_person_sees_what_to_drive(city: Any, visit: Any) -> None:
    driver = city.drivers["汪杰"]
    type(driver).objects.filter(pk=driver.pk).update(person=city.person("driver"))
    city.dispatched()
    (line,) = rows(page(visit("driver")))
    assert line.startswith("出车任务")
    assert line.endswith("出车")


def test_an_emergency_owes_its_papers(city: Any, visit: Any) -> None:
    dispatching.dispatch_urgently(
        actor=city.actor("dispatcher"),
        facts=city.wish(purpose=Purpose.EMERGENCY, planned_from=AT, planned_to=AT + HOUR),
        car_id=city.cars["赣H10001"].pk,
        driver_id=city.drivers["汪杰"].pk,
        reason="山洪险情",
        at=AT,
    )
    (line,) = [line for line in rows(page(visit("dispatcher"))) if line.startswith("待补单")]
    assert "山洪险情" in line
    assert line.endswith("催补")
    (line,) = rows(page(visit("clerk")))
    assert line.endswith("补单")
    assert not line.endswith("催补")


def test_the_tab_narrows_and_keeps_the_counts(city: Any, visit: Any) -> None:
    city.approved()
    html = page(visit("dispatcher"), "/?kind=due")
    lines = rows(html)
    assert lines
    assert {line.split()[0] for line in lines} == {"到期提醒"}
    assert "待派车" in html


def test_a_quiet_page_says_so_and_offers_the_usual_acts(city: Any, visit: Any) -> None:
    html = page(visit("asker"))
    assert "没有等您办的事" in html
    assert "新建用车申请" in html
    assert "gj-count" not in html.partition("<nav")[2].partition("</nav>")[0]


def test_the_badge_counts_what_waits(city: Any, visit: Any) -> None:
    city.requested()
    city.requested(planned_from=AT + 2 * HOUR)
    side = page(visit("approver"), "/me/").partition("<nav")[2].partition("</nav>")[0]
    assert '<span class="gj-count" data-tone="stop">2</span>' in side


def test_the_head_says_what_day_it_is(city: Any, visit: Any) -> None:
    html = page(visit("asker"))
    assert "上午好，莫兴" in html
    assert "2020年5月20日 星期三" in html
    assert "工作日" in html
    workdays.set_day(actor=SYSTEM, day=AT.date(), kind=DayKind.REST, reason="临时放假", at=AT)
    assert "休息日" in page(visit("asker"))


def test_every_number_of_the_day_opens_just_its_rows(city: Any, visit: Any) -> None:
    city.finished(planned_from=AT - 4 * HOUR, planned_to=AT - 3 * HOUR, at=AT - 5 * HOUR)
    city.out(start_km=10_080, planned_from=AT - 2 * HOUR, planned_to=AT - HOUR, at=AT - 5 * HOUR)
    city.dispatched(car="赣H10002", driver="方敏", planned_from=AT + HOUR, planned_to=AT + 2 * HOUR)
    client = visit("dispatcher")
    facts = re.findall(
        r'<a href="(/fleet/(?:trips|cars)/\?[^"]+)"><span>([^<]+)</span>.*?<b>([\d,]+)</b>',
        page(client),
    )
    assert {title: n for _, title, n in facts} == {
        "出车中": "1", "已派未出": "1", "停用、检修": "1", "今日派车": "3", "今日行驶": "80",
    }  # fmt: skip
    for url, title, n in facts:
        listed = page(client, url.replace("&amp;", "&"))
        if title == "今日行驶":
            assert f">{n}<" in listed or f"{n} " in listed
        else:
            assert f"共 {n} " in listed, title


@pytest.mark.parametrize("who", ["dispatcher", "asker", "approver", "supervisor", "nobody"])
def test_the_front_page_costs_the_same_with_many_rows(city: Any, visit: Any, who: str) -> None:
    client = visit(who)
    _fill(city, 1)
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    _fill(city, 6)
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few)
    assert len(many) <= BUDGET + DOOR, [q["sql"][:100] for q in many.captured_queries]


def _fill(city: Any, number: int) -> None:
    for _ in range(number):
        city.requested()
        city.approved()


def test_done_and_started_show_ones_own(city: Any, visit: Any) -> None:
    trip = city.approved()
    done = page(visit("approver"), "/done/")
    assert trip.number in done
    assert "同意用车" in done
    assert trip.number in page(visit("asker"), "/started/")
    assert trip.number not in page(visit("colleague"), "/started/")
    assert trip.number not in page(visit("dispatcher"), "/done/")
