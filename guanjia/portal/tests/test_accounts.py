"""Accounts and duties: three administrators, and changes that act at once."""

import re
from typing import Any

from guanjia.kernel.access import actions
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.access.tests.builders import AT, LONG_AGO, SYSTEM
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values.actor import Reach


def give(client: Any, account: Any, **given: str) -> Any:
    body = {"duty": "fleet.approver", "reach": "BELOW", "unit": "3602D036", "since": "2020-05-20"}
    return client.post(f"/accounts/{account.pk}/duties/", {**body, **given})


def test_the_system_administrator_opens_an_account_and_sees_its_password_once(
    city: Any, visit: Any
) -> None:
    client = visit("sysadmin")
    person = city.person("asker")
    fresh = type(person).objects.create(
        number="D036099", name="新人", unit=person.unit, rank=person.rank,
        employment=person.employment,
    )  # fmt: skip
    answer = client.post("/accounts/open/", {"username": "xinren", "person": fresh.number})
    shown = re.search(r"新密码 <code>([^<]+)</code>", answer.content.decode())
    assert shown is not None
    account = Account.objects.get(username="xinren")
    assert account.check_password(shown[1])
    assert (account.name, account.must_change_password) == ("新人", True)
    assert shown[1] not in client.get(f"/accounts/{account.pk}/").content.decode()
    assert not any(shown[1] in str(record.after) for record in Record.objects.all())


def test_a_taken_name_and_an_unknown_person_are_refused(city: Any, visit: Any) -> None:
    client = visit("sysadmin")
    answer = client.post("/accounts/open/", {"username": "asker", "name": "某人"})
    assert "用户名 asker 已有人用。" in answer.content.decode()
    answer = client.post("/accounts/open/", {"username": "x", "person": "D999"})
    assert "人员名录中没有 D999" in answer.content.decode()
    answer = client.post("/accounts/open/", {"username": "x", "person": "D036016"})
    assert "莫兴已有账号。" in answer.content.decode()
    assert not Account.objects.filter(username="x").exists()


def test_a_granted_duty_acts_on_the_next_request(city: Any, visit: Any) -> None:
    trip = city.requested()
    them, security = visit("colleague"), visit("secadmin")
    assert trip.number not in them.get("/").content.decode()
    assert give(security, city.accounts["colleague"]).status_code == 302
    assert trip.number in them.get("/").content.decode(), "without signing in again"


def test_a_changed_scope_acts_on_the_next_request(city: Any, visit: Any) -> None:
    keeper, security = visit("keeper"), visit("secadmin")
    account = city.accounts["keeper"]
    farming, other = city.units["farming"], city.units["other"]
    assert keeper.get(f"/units/{other.pk}/").status_code == 200
    (grant,) = Grant.objects.filter(account=account)
    security.post(f"/accounts/{account.pk}/duties/{grant.pk}/revoke/")
    assert keeper.get(f"/units/{other.pk}/").status_code == 403
    give(security, account, duty="org.keeper", unit=farming.code)
    assert keeper.get(f"/units/{farming.pk}/").status_code == 200
    assert keeper.get(f"/units/{other.pk}/").status_code == 404


def test_the_three_administrators_stay_apart(city: Any, visit: Any) -> None:
    security = visit("secadmin")
    answer = give(security, city.accounts["sysadmin"], duty="access.audit", reach="CITY")
    assert "系统、安全、审计三员不得由一人兼任。" in answer.content.decode()
    assert Grant.objects.filter(duty="access.audit").count() == 1


def test_nobody_gives_themselves_a_duty(city: Any, visit: Any) -> None:
    client, account = visit("secadmin"), city.accounts["secadmin"]
    assert "不能给自己授权" in client.get(f"/accounts/{account.pk}/").content.decode()
    assert "不能给自己授权" in give(client, account).content.decode()
    assert Grant.objects.filter(account=account).count() == 1


def test_each_administrator_does_only_their_part(city: Any, visit: Any) -> None:
    account = city.accounts["asker"]
    assert give(visit("sysadmin"), account).status_code == 403
    assert give(visit("auditor"), account).status_code == 403
    security = visit("secadmin")
    assert security.post(f"/accounts/{account.pk}/password/").status_code == 403
    assert security.post(f"/accounts/{account.pk}/active/", {"active": "0"}).status_code == 403
    assert security.get("/accounts/open/").status_code == 403
    assert security.get("/audit/").status_code == 403
    html = security.get(f"/accounts/{account.pk}/").content.decode()
    assert "授予职责" in html
    assert "重设密码" not in html
    assert visit("asker").get("/accounts/").status_code == 403


def test_a_reach_without_its_unit_is_refused(city: Any, visit: Any) -> None:
    client, account = visit("secadmin"), city.accounts["asker"]
    answer = give(client, account, unit="")
    assert "没有选单位。" in answer.content.decode()
    assert "单位名录中没有 9999" in give(client, account, unit="9999").content.decode()


def test_a_suspended_account_is_out_at_once(city: Any, visit: Any) -> None:
    them, account = visit("asker"), city.accounts["asker"]
    assert them.get("/").status_code == 200
    visit("sysadmin").post(f"/accounts/{account.pk}/active/", {"active": "0"})
    assert them.get("/").status_code == 302
    visit("sysadmin").post(f"/accounts/{account.pk}/active/", {"active": "1"})
    assert visit("asker").get("/").status_code == 200
    assert Record.objects.filter(verb="access.account.suspended").count() == 1


def test_nobody_suspends_themselves(city: Any, visit: Any) -> None:
    client, account = visit("sysadmin"), city.accounts["sysadmin"]
    assert "停用账号" not in client.get(f"/accounts/{account.pk}/").content.decode()
    assert client.post(f"/accounts/{account.pk}/active/", {"active": "0"}).status_code == 422


def test_the_list_finds_people_by_name_and_unit(city: Any, visit: Any) -> None:
    client = visit("sysadmin")
    html = client.get("/accounts/", {"q": "莫兴"}).content.decode()
    assert "asker" in html
    assert "dispatcher" not in html
    assert "用车申请人" in html
    assert "没有符合条件的账号" in client.get("/accounts/", {"state": "off"}).content.decode()


def test_an_administrator_of_one_unit_sees_and_gives_only_there(city: Any, visit: Any) -> None:
    local = city.accounts["head"]
    actions.grant(
        actor=SYSTEM, account_id=local.pk, duty="access.security", reach=Reach.BELOW,
        unit_id=city.units["farming"].pk, since=LONG_AGO, at=AT,
    )  # fmt: skip
    client = visit("head")
    assert client.get(f"/accounts/{city.accounts['stranger'].pk}/").status_code == 404
    assert give(client, city.accounts["stranger"]).status_code == 404
    answer = give(client, city.accounts["asker"], reach="CITY")
    assert "数据范围超出您自己的。" in answer.content.decode()
    answer = give(client, city.accounts["asker"], unit="3602D040")
    assert "不在您的范围内" in answer.content.decode()
    assert give(client, city.accounts["asker"]).status_code == 302
