"""Sign-in, sign-out, passwords, the lock after wrong ones."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings

from guanjia.kernel.access.tests.builders import AT, PASSWORD
from guanjia.kernel.audit.models import Record
from guanjia.portal.pages import doors

URL = "/sign-in/"
FRESH = "蓝色的瓷碗 2020"


def knock(client: Client, username: str = "asker", password: str = PASSWORD, **more: str) -> Any:
    return client.post(URL, {"username": username, "password": password, **more})


def test_a_stranger_is_asked_who_they_are(city: Any) -> None:
    answer = Client().get("/units/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in/?next=%2Funits%2F"


def test_signing_in_leads_back_and_leaves_a_trace(city: Any) -> None:
    answer = knock(Client(), next="/me/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/me/?a=1")
    record = Record.objects.get(verb="access.signed_in")
    assert (record.name, record.address) == ("莫兴", "127.0.0.1")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_it_never_leads_away_from_the_house(city: Any, target: str) -> None:
    assert knock(Client(), next=target)["Location"] == "/"


def test_a_wrong_password_says_what_to_do_and_keeps_next(city: Any) -> None:
    answer = knock(Client(), password="wrong", next="/me/")
    html = answer.content.decode()
    assert "没有登录：用户名或密码不对，或账号已停用。再输一次。" in html
    assert 'name="next" value="/me/"' in html
    assert "wrong" not in html


def test_five_wrong_passwords_shut_the_door_for_a_quarter_of_an_hour(city: Any, clock: Any) -> None:
    client = Client()
    answers = [knock(client, password="wrong") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert "连续输错 5 次，9:45 后再试" in answers[-1].content.decode()
    assert knock(client).status_code == 429, "the right one does not open it either"
    clock.move_to(AT + timedelta(minutes=46))
    assert knock(client).status_code == 302


def test_a_reset_by_the_administrator_lifts_the_lock(city: Any, visit: Any) -> None:
    client = Client()
    for _ in range(5):
        knock(client, password="wrong")
    account = city.accounts["asker"]
    html = visit("sysadmin").post(f"/accounts/{account.pk}/password/").content.decode()
    fresh = re.search(r"新密码 <code>([^<]+)</code>", html)
    assert fresh is not None
    answer = knock(client, password=fresh[1])
    assert answer.status_code == 302
    assert client.get("/").headers["Location"] == "/me/password/", "the first password must go"
    assert client.get("/api/report?period=2020").status_code == 403


def test_a_suspended_account_does_not_enter(city: Any) -> None:
    account = city.accounts["asker"]
    type(account).objects.filter(pk=account.pk).update(is_active=False)
    assert "没有登录" in knock(Client()).content.decode()


@pytest.mark.parametrize(("left", "enters"), [(0, False), (1, False), (-1, True)])
def test_who_left_does_not_enter_from_that_day(
    city: Any, visit: Any, *, left: int, enters: bool
) -> None:
    """Neither anew nor in a session that is open; taken back, the account is as it was."""
    person = city.person("asker")
    open_session = visit("asker")
    assert open_session.get("/me/").status_code == 200
    person.left_on = AT.date() - timedelta(days=left)
    person.save(update_fields=["left_on"])
    answer = knock(Client())
    assert (answer.status_code == 302) is enters
    assert (open_session.get("/me/").status_code == 200) is enters
    if enters:
        return
    assert "离职，账号不能再用" in answer.content.decode()
    assert "离职" not in knock(Client(), password="wrong").content.decode(), "not to a guesser"
    assert open_session.get("/me/").status_code == 302, "the session is over"
    assert not Record.objects.filter(verb="access.signed_in").exists()
    person.left_on = None
    person.save(update_fields=["left_on"])
    assert knock(Client()).status_code == 302


def test_an_open_session_of_who_left_is_told_why(city: Any, visit: Any) -> None:
    client, other = visit("asker"), visit("asker")
    city.person("asker").__class__.objects.filter(pk=city.person("asker").pk).update(
        left_on=AT.date()
    )
    page = client.get("/")
    assert page.status_code == 403
    assert "您已登记 2020-05-20 离职" in page.content.decode()
    api = other.get("/api/report?period=2020")
    assert (api.status_code, "离职" in api.json()["detail"]) == (403, True)


def test_signing_out_needs_a_post(city: Any, visit: Any) -> None:
    client = visit("asker")
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == URL
    assert client.get("/me/").status_code == 302
    assert Record.objects.filter(verb="access.signed_out").count() == 1


def change(client: Client, **given: str) -> Any:
    return client.post("/me/password/", {"old": PASSWORD, "new": FRESH, "again": FRESH, **given})


def test_a_changed_password_keeps_this_session_and_ends_the_others(city: Any, visit: Any) -> None:
    here, elsewhere = visit("asker"), visit("asker")
    assert change(here)["Location"] == "/me/"
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"old": "wrong"}, "原密码不对。"),
        ({"again": "another one"}, "两次输入的新密码不一样"),
        ({"new": "12345678", "again": "12345678"}, "新密码太弱。"),
        ({"new": PASSWORD, "again": PASSWORD}, "新密码与原密码相同。"),
        ({"new": ""}, "没有填新密码"),
    ],
)
def test_a_refused_password_says_why(
    city: Any, visit: Any, given: dict[str, str], said: str
) -> None:
    answer = change(visit("asker"), **given)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_an_idle_session_ends(city: Any, visit: Any, clock: Any) -> None:
    client = visit("asker")
    client.get("/me/")
    clock.move_to(AT + timedelta(minutes=30 + 61))
    assert client.get("/me/").status_code == 302


def test_only_a_demo_offers_its_accounts(city: Any) -> None:
    sample = type("Sample", (), {"username": "xiong", "name": "熊燕欣", "role_title": "调度员"})
    known = list(doors._samples)
    doors.show_samples(lambda: ([sample], "secret-of-the-demo"))
    try:
        assert "secret-of-the-demo" not in Client().get(URL).content.decode()
        with override_settings(DEMO=True):
            assert "secret-of-the-demo" in Client().get(URL).content.decode()
    finally:
        doors._samples[:] = known


def test_the_health_page_asks_nobody_who_they_are(city: Any) -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}


def test_a_browser_that_looks_for_an_icon_is_sent_to_it() -> None:
    assert Client().get("/favicon.ico")["Location"] == "/static/ui/icon.svg"
