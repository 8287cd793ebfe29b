"""The pages of oversight and sealing: what is seen and not seen, and what is done from them."""

import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import oversight, sealing
from guanjia.domains.fleet.models import (
    Car,
    Finding,
    MonthlyList,
    SealedCar,
    Sealing,
    Sighting,
    Trip,
)
from guanjia.domains.fleet.terms.oversight import FindingState, Outcome
from guanjia.domains.fleet.tests.builders import AT, HOUR, SMALL, SYSTEM, City
from guanjia.domains.fleet.tests.watching import drove, know_places, moment, review, seen
from guanjia.kernel.values.actor import Reach
from guanjia.ui.tests.reading import flat

LIST = "/fleet/oversight/"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def finding(city: City) -> Finding:
    """A red finding of the farming bureau's trip."""
    know_places()
    city.join("other_clerk", None, ("fleet.clerk", Reach.BELOW, city.units["other"]))
    drove(
        city, "PC2020051900008", "2020-05-19T08:05", "2020-05-19T21:10",
        plan=("2020-05-19T08:00", "2020-05-19T18:00"), destination="浮梁县",
    )  # fmt: skip
    seen(city, "2020-05-19T20:30", "婺源东收费站")
    review()
    found: Finding = Finding.objects.get()
    return found


def client_of(city: City, username: str) -> Client:
    client = Client()
    client.force_login(city.accounts[username], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return flat(response.content)


def at(what: str, row: Any) -> str:
    return reverse(f"fleet:{what}", args=[row.pk])


def test_the_list_shows_the_finding_to_its_unit_and_to_nobody_elses(
    city: City, finding: Finding
) -> None:
    for who in ("clerk", "car_keeper", "supervisor", "head"):
        page = text(client_of(city, who).get(LIST))
        assert finding.number in page, who
        assert "超出批准地点、超出批准时间" in page
    assert finding.number not in text(client_of(city, "other_clerk").get(LIST))
    assert client_of(city, "asker").get(LIST).status_code == 403
    assert client_of(city, "other_clerk").get(at("finding", finding)).status_code == 404


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", True),
        ("level=RED", True),
        ("level=GREEN", False),
        ("month=2020-05", True),
        ("month=2020-04", False),
        ("state=OPEN", True),
        ("state=CLOSED", False),
        ("state=all", True),
        ("code=OUTSIDE_PLACE", True),
        ("code=IDLE", False),
        ("words=h10001", True),
        ("words=PC2020051900008", True),
        ("words=赣H10002", False),
        ("month=2020-13&level=NONSENSE&state=x&unit=abc&page=99", True),
        ("unit=999999999", True),
    ],
)
def test_the_filters_of_the_address_narrow_the_list(
    city: City, finding: Finding, query: str, there: bool
) -> None:
    response = client_of(city, "car_keeper").get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert (finding.number in text(response)) is there


def test_the_page_of_a_finding_names_articles_and_opens_its_evidence(
    city: City, finding: Finding
) -> None:
    page = text(client_of(city, "clerk").get(at("finding", finding)))
    for shown in ("婺源县", "超过 3 小时 10 分", "党政机关公务用车管理办法", "未核对", "提交说明"):
        assert shown in page
    clue = Sighting.objects.get()
    assert at("sighting", clue) in page
    assert at("trip", finding.trip) in page
    client = client_of(city, "clerk")
    assert client.get(at("sighting", clue)).status_code == 200, "a central car, but evidence"
    assert client_of(city, "other_clerk").get(at("sighting", clue)).status_code == 404


def test_acts_are_offered_to_whom_they_belong(city: City, finding: Finding) -> None:
    acts = {"提交说明": "explain", "处理</a>": "decide", "退回说明</a>": "return"}
    seen_by = {
        who: {
            acts[word]
            for word in acts
            if word in text(client_of(city, who).get(at("finding", finding)))
        }
        for who in ("clerk", "car_keeper", "supervisor", "head")
    }
    assert seen_by["clerk"] == {"explain"}
    assert seen_by["supervisor"] == seen_by["head"] == set()
    assert seen_by["car_keeper"] == {"explain"}, "before the unit spoke there is nothing to decide"
    oversight.explain_finding(
        actor=city.actor("clerk"), finding_id=finding.pk, explanation="说明", at=AT
    )
    page = text(client_of(city, "car_keeper").get(at("finding", finding)))
    assert "处理</a>" in page
    assert "退回说明</a>" in page
    assert "改说明" not in page, "the unit's words are the unit's"
    assert "改说明" in text(client_of(city, "clerk").get(at("finding", finding)))


def test_the_clerk_explains_and_an_empty_explanation_is_refused_with_what_was_typed(
    city: City, finding: Finding
) -> None:
    client = client_of(city, "clerk")
    refused = client.post(at("finding_explain", finding), {"explanation": " "})
    assert refused.status_code == 422
    assert "没有写情况说明。" in text(refused)
    long = client.post(at("finding_explain", finding), {"explanation": "长" * 1001})
    assert long.status_code == 422
    assert "最多 1000 个字" in text(long)
    assert "长" * 1001 in text(long), "nothing is lost"
    done = client.post(at("finding_explain", finding), {"explanation": "送专家"}, follow=True)
    assert "已说明，等公务用车管理科处理" in text(done)
    assert "送专家" in text(done)


def test_the_keeper_decides_and_closes_from_the_page(city: City, finding: Finding) -> None:
    keeper = client_of(city, "car_keeper")
    early = keeper.post(at("finding_decide", finding), {"outcome": "TRUE", "decision": "属实"})
    assert early.status_code == 422
    assert "单位还没有说明" in text(early)
    client_of(city, "clerk").post(at("finding_explain", finding), {"explanation": "送专家"})
    nonsense = keeper.post(at("finding_decide", finding), {"outcome": "X", "decision": "属实"})
    assert nonsense.status_code == 422
    keeper.post(at("finding_decide", finding), {"outcome": "TRUE", "decision": "属实，已提醒"})
    done = keeper.post(at("finding_close", finding), {"closing": ""}, follow=True)
    assert "已办结" in text(done)
    finding.refresh_from_db()
    assert (finding.state, finding.outcome) == (FindingState.CLOSED, Outcome.TRUE)


@pytest.mark.parametrize("act", ["explain", "return", "decide", "close"])
def test_who_only_looks_can_do_nothing(city: City, finding: Finding, act: str) -> None:
    for who in ("supervisor", "head", "stranger"):
        answer = client_of(city, who).post(at(f"finding_{act}", finding), {"explanation": "x"})
        assert answer.status_code == 403, who
    answer = client_of(city, "other_clerk").post(
        at("finding_explain", finding), {"explanation": "x"}
    )
    assert answer.status_code == 404


def test_looking_over_a_month_tells_what_it_found(city: City, finding: Finding) -> None:
    seen(city, "2020-05-18T21:00", "江湾停车场")
    keeper = client_of(city, "car_keeper")
    done = keeper.post(reverse("fleet:finding_review"), {"month": "2020-05"}, follow=True)
    assert "已核查 2020年5月：新列 1 件" in text(done)
    bad = keeper.post(reverse("fleet:finding_review"), {"month": "五月"}, follow=True)
    assert "写成 2020-05 这样的月份" in text(bad)
    assert client_of(city, "clerk").post(reverse("fleet:finding_review")).status_code == 403


@pytest.mark.parametrize(
    ("month", "words"),
    [
        ("0001-01", "写成 2020-05 这样的月份"),
        ("9999-12", "写成 2020-05 这样的月份"),
        ("2020-06", "这个月还没有到"),
        ("2012-09", "2012年9月还没有督车规则"),
    ],
)
def test_a_month_that_cannot_be_is_said_in_words(city: City, month: str, words: str) -> None:
    keeper = client_of(city, "car_keeper")
    done = keeper.post(reverse("fleet:finding_review"), {"month": month}, follow=True)
    assert words in text(done)
    assert not Finding.objects.exists()
    assert keeper.get(f"{LIST}?month={month}").status_code == 200
    made = keeper.post(reverse("fleet:monthly_list_make"), {"month": month}, follow=True)
    assert made.status_code in (200, 422)


def test_the_case_of_the_issue_from_the_button_to_the_page(city: City) -> None:
    """浮梁县 8:00–18:00 and seen at 20:30 elsewhere: red with both reasons. 9 May: nothing."""
    know_places()
    drove(
        city, "PC2020050900001", "2020-05-09T09:00", "2020-05-09T11:00", km=(10_000, 10_060),
        destination="浮梁县",
    )  # fmt: skip
    drove(
        city, "PC2020051900008", "2020-05-19T08:05", "2020-05-19T21:10", km=(10_060, 10_200),
        plan=("2020-05-19T08:00", "2020-05-19T18:00"), destination="浮梁县",
    )  # fmt: skip
    keeper = client_of(city, "car_keeper")
    told = {"plate": SMALL, "seen_at": "2020-05-19 20:30", "place": "江湾停车场", "source": "CHECK"}
    assert keeper.post(reverse("fleet:tell_sighting"), told).status_code == 302
    done = keeper.post(reverse("fleet:finding_review"), {"month": "2020-05"}, follow=True)
    assert "新列 1 件" in text(done)
    found = Finding.objects.get()
    assert found.number in text(done)
    assert "PC2020050900001" not in text(done), "调休 made that Saturday a workday"
    page = text(keeper.get(at("finding", found)))
    for shown in (
        "到过婺源县，不在批准的地点。", "超出批准的时间。", "批准到浮梁县，5月19日 20:30 在婺源县",
        "批准 5月19日 8:00 至 18:00", "党政机关公务用车管理办法",
    ):  # fmt: skip
        assert shown in page
    assert found.level == "RED"
    of_trip = text(keeper.get(at("trip", found.trip)))
    assert found.number in of_trip
    other = Trip.objects.get(number="PC2020050900001")
    assert at("finding", found) not in text(keeper.get(at("trip", other)))


def test_the_monthly_list_is_made_read_and_taken_out(city: City, finding: Finding) -> None:
    keeper = client_of(city, "car_keeper")
    made_page = keeper.post(
        reverse("fleet:monthly_list_make"), {"month": "2020-05", "note": ""}, follow=True
    )
    made = MonthlyList.objects.get()
    assert "已编制2020年5月督车清单（第 1 版，1 件）" in text(made_page)
    page = text(client_of(city, "supervisor").get(at("monthly_list", made)))
    assert finding.number in page
    assert finding.number not in text(client_of(city, "other_clerk").get(at("monthly_list", made)))
    assert finding.number not in text(
        client_of(city, "supervisor").get(at("monthly_list", made) + "?level=GREEN")
    )
    answer = client_of(city, "supervisor").get(at("monthly_list_excel", made))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert finding.number in cells
    other = client_of(city, "other_clerk").get(at("monthly_list_excel", made))
    rows = openpyxl.load_workbook(io.BytesIO(other.content)).active
    assert finding.number not in [cell.value for row in rows.iter_rows() for cell in row]


def test_a_secret_car_is_not_shown_to_who_looks_in_from_outside(
    city: City, finding: Finding
) -> None:
    Car.objects.filter(plate=SMALL).update(secret=True)
    client = client_of(city, "supervisor")
    assert finding.number not in text(client.get(LIST + "?state=all"))
    assert client.get(at("finding", finding)).status_code == 404
    assert client.get(at("sighting", Sighting.objects.get())).status_code == 404
    assert finding.number in text(client_of(city, "car_keeper").get(LIST))


# ── 登记线索 ──────────────────────────────────────────────────────────────────────────────


def test_an_inspector_tells_a_clue_on_the_phone(city: City, finding: Finding) -> None:
    client, url = client_of(city, "car_keeper"), reverse("fleet:tell_sighting")
    assert "登记线索" in text(client.get(url))
    given = {"plate": "赣h·10001", "seen_at": "2020-05-20 08:30", "place": "乐平市人民路",
             "source": "CHECK", "note": "车上无人"}  # fmt: skip
    done = client.post(url, given, follow=True)
    told = Sighting.objects.latest("pk")
    assert (told.car.plate, told.area, told.ref) == (SMALL, "乐平市", "XS2020000002")
    assert "已登记 赣H10001 的线索" in text(done)
    client.post(url, given)
    assert Sighting.objects.latest("pk") == told, "a doubled click is one clue"
    for changes, words in (
        ({"plate": "赣H99999"}, "车辆台账中没有 赣H99999"),
        ({"seen_at": "昨天"}, "写成 2020-05-20 20:30 这样的时间"),
        ({"seen_at": "2020-05-21 08:30"}, "时间还没有到"),
        ({"seen_at": "0001-01-01 00:00"}, "那时还没有这辆车"),
        ({"place": ""}, "没有写地点"),
        ({"source": "TRACK"}, "从列出的来源中选一项"),
    ):
        refused = client.post(url, {**given, **changes})
        assert refused.status_code == 422
        assert words in text(refused)
        assert "车上无人" in text(refused), "nothing is lost"
    assert client_of(city, "clerk").get(url).status_code == 403


# ── 节假日封存 ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sealed(city: City) -> Sealing:
    city.join("other_clerk", None, ("fleet.clerk", Reach.BELOW, city.units["other"]))
    return sealing.plan_sealing(
        actor=SYSTEM, title="本周末封存", begin_at=AT - 15 * HOUR, end_at=AT + 40 * HOUR,
        notice="停驶。", at=AT - 20 * HOUR,
    )  # fmt: skip


def test_the_report_counts_and_each_count_opens_its_rows(city: City, sealed: Sealing) -> None:
    own = SealedCar.objects.get(car__plate="赣H20001")
    sealing.seal_car(
        actor=city.actor("other_clerk"), sealed_id=own.pk, place="院内", keys_to="办公室",
        km=10_000, at=AT,
    )  # fmt: skip
    keeper = client_of(city, "car_keeper")
    page = text(keeper.get(at("sealing", sealed)))
    assert '还有 <a href="?state=TO_SEAL">6 辆</a>没有登记' in page
    done = text(keeper.get(at("sealing", sealed) + "?state=SEALED"))
    foreign = at("sealed_car", SealedCar.objects.get(car__plate=SMALL))
    assert at("sealed_car", own) in done
    assert foreign not in done
    mine = text(client_of(city, "other_clerk").get(at("sealing", sealed)))
    assert at("sealed_car", own) in mine
    assert foreign not in mine
    assert "本周末封存" in text(keeper.get(reverse("fleet:sealings")))
    review()
    late = Finding.objects.filter(grounds__code="NOT_SEALED").earliest("pk")
    told = text(keeper.get(at("sealing", sealed)))
    assert at("finding", late) in told
    assert "到期未封存" in told


def test_a_unit_hands_in_on_the_phone_and_typed_words_stay(city: City, sealed: Sealing) -> None:
    own = SealedCar.objects.get(car__plate="赣H20001")
    client = client_of(city, "other_clerk")
    assert "登记封存" in text(client.get(at("sealed_car", own)))
    refused = client.post(
        at("sealed_car_seal", own), {"place": "院内 3 号", "keys_to": "", "km": "9,000x"}
    )
    assert refused.status_code == 422
    assert "里程表填整数" in text(refused)
    assert "院内 3 号" in text(refused)
    done = client.post(
        at("sealed_car_seal", own),
        {"place": "院内", "keys_to": "办公室", "km": "10,000"},
        follow=True,
    )
    assert "赣H20001 已封存" in text(done)
    foreign = SealedCar.objects.get(car__plate=SMALL)
    assert client.get(at("sealed_car", foreign)).status_code == 404
    assert client.post(at("sealed_car_seal", foreign), {"km": 1}).status_code == 404
    assert client_of(city, "supervisor").post(at("sealed_car_seal", own)).status_code == 403


def test_a_sealing_is_called_off_from_its_page(city: City, sealed: Sealing) -> None:
    own = SealedCar.objects.get(car__plate="赣H20001")
    sealing.seal_car(
        actor=city.actor("other_clerk"), sealed_id=own.pk, place="院内", keys_to="办公室",
        km=10_000, at=AT,
    )  # fmt: skip
    keeper, clerk = client_of(city, "car_keeper"), client_of(city, "other_clerk")
    assert "取消封存" not in text(clerk.get(at("sealing", sealed)))
    assert clerk.post(at("sealing_call_off", sealed), {"reason": "我"}).status_code == 403
    refused = keeper.post(at("sealing_call_off", sealed), {"reason": "  "})
    assert refused.status_code == 422
    assert "没有写取消原因。" in text(refused)
    assert 'aria-current="page">节假日封存' in text(refused), "the menu stays where one is"
    done = text(
        keeper.post(at("sealing_call_off", sealed), {"reason": "防汛应急响应"}, follow=True)
    )
    assert "已取消本周末封存，各单位已收到通知" in done
    assert "防汛应急响应" in done
    assert "不用封存" in done
    assert "待封存" not in done
    assert "逾期未封存" not in done
    assert at("sealing_call_off", sealed) not in done
    assert "已取消" in text(keeper.get(reverse("fleet:sealings")))
    page = text(clerk.get(at("sealed_car", own)))
    assert at("sealed_car_release", own) in page
    assert "封存车辆" in page, "its records are told"
    assert "封存已取消，走过的公里不再比对" in text(clerk.get(at("sealed_car_release", own)))
    assert "解封" in text(clerk.post(at("sealed_car_release", own), {"km": "10,050"}, follow=True))


def test_a_car_offers_what_may_be_done_now_also_over_the_api(city: City, sealed: Sealing) -> None:
    own = SealedCar.objects.get(car__plate="赣H20001")
    client = client_of(city, "other_clerk")
    acts = [at(f"sealed_car_{act}", own) for act in ("seal", "except", "release")]

    def call(act: str, **body: Any) -> Any:
        address = f"/api/fleet/sealing/cars/{own.pk}/{act}"
        return client.post(address, body, content_type="application/json")

    for page in (at("sealed_car", own), at("sealing", sealed)):
        assert [act in text(client.get(page)) for act in acts] == [True, True, False]
    assert client.get(acts[2]).status_code == 409
    assert "没有写停放地点" in call("seal", keys_to="办公室", km=10_000).json()["detail"]
    done = call("seal", place="院内", keys_to="办公室", km=10_000).json()
    assert (done["said"], done["state"]) == ("赣H20001 已封存", "SEALED")
    for page in (at("sealed_car", own), at("sealing", sealed)):
        assert [act in text(client.get(page)) for act in acts] == [False, True, True]
    assert call("seal", place="院内", keys_to="办公室", km=10_000).status_code == 409
    assert call("release", km=10_010).json()["state"] == "RELEASED"
    assert call("except", reason="值班").status_code == 409


def test_the_plan_begins_with_the_next_holiday_of_the_calendar(city: City) -> None:
    keeper, url = client_of(city, "car_keeper"), reverse("fleet:sealing_plan")
    page = text(keeper.get(url))
    assert "2020-06-24 18:00" in page
    assert "2020-06-28 08:00" in page, "28 June is a shifted workday"
    bad = keeper.post(
        url, {"title": "端午节封存", "begin_at": "端午", "end_at": "", "notice": "停驶"}
    )
    assert bad.status_code == 422
    assert "写成 2020-05-20 20:30 这样的时间" in text(bad)
    for begin, end, words in (
        ("0001-01-01 00:00", "2020-06-28 08:00", "封存的起时已经过了"),
        ("2020-05-19 18:00", "2020-06-01 08:00", "封存的起时已经过了"),
        ("2020-06-24 18:00", "2021-06-28 08:00", "封存超过 31 天"),
        ("2020-06-24 18:00", "9999-12-31 23:59", "封存超过 31 天"),
    ):
        slip = {"title": "端午节封存", "begin_at": begin, "end_at": end, "notice": "停驶"}
        refused = keeper.post(url, slip)
        assert refused.status_code == 422
        assert words in text(refused)
    assert not Sealing.objects.exists()
    without = city.cars[SMALL].pk
    done = keeper.post(
        url,
        {"title": "端午节封存", "begin_at": "2020-06-24 18:00", "end_at": "2020-06-28 08:00",
         "notice": "停驶", "without": [without]},
        follow=True,
    )  # fmt: skip
    assert "已安排端午节封存" in text(done)
    made = Sealing.objects.get()
    assert made.during.lower == moment("2020-06-24T18:00")
    assert not made.cars.filter(car_id=without).exists()
    assert client_of(city, "clerk").get(url).status_code == 403
