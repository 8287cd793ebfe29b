"""One row typed on a page: read, judged and written as a row of a file is."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from guanjia.kernel.org.models import Person

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
GOOD = {
    "number": "n7", "name": "钱七", "rank": "科级以下", "unit": "C1", "title": "",
    "mobile": "", "hired_on": "2020年3月5日",
}  # fmt: skip


def test_a_row_is_registered_as_a_file_would(clerk: Client) -> None:
    response = clerk.post("/people/new/", GOOD)
    assert (response.status_code, response["Location"]) == (302, "/people/")
    made = Person.objects.get(number="N7")
    assert (made.name, made.unit.code, made.hired_on) == ("钱七", "C1", date(2020, 3, 5))
    assert "已登记" in clerk.get("/people/").content.decode()


def test_the_next_may_follow_at_once(clerk: Client) -> None:
    response = clerk.post("/people/new/", {**GOOD, "again": "1"})
    assert response["Location"] == "/people/new/"


def test_the_same_again_is_said_to_be_the_same(clerk: Client) -> None:
    for _ in range(2):
        clerk.post("/people/new/", GOOD)
    assert "与已登记的相同" in clerk.get("/people/").content.decode()
    assert Person.objects.filter(number="N7").count() == 1


def test_every_fault_stands_at_its_field_and_nothing_is_lost(clerk: Client) -> None:
    response = clerk.post("/people/new/", {**GOOD, "unit": "C9", "hired_on": "去年", "title": "x"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "名录中没有 C9" in page
    assert "写成 2016-05-08 这样的日期" in page
    assert 'value="钱七"' in page
    assert 'value="去年"' in page
    assert not Person.objects.filter(number="N7").exists()


def test_what_must_be_told_is_asked_for(clerk: Client) -> None:
    page = clerk.post("/people/new/", {"number": "n8"}).content.decode()
    assert "补填姓名" in page
    assert "补填单位编码" in page


def test_something_odd_is_registered_and_said(clerk: Client) -> None:
    clerk.post("/people/new/", {**GOOD, "title": "船长"})
    assert "职务少见" in clerk.get("/people/").content.decode()
    assert Person.objects.filter(number="N7").exists()


def test_the_page_helps_typing(clerk: Client) -> None:
    page = clerk.get("/people/new/?name=孙八").content.decode()
    assert '<option value="C11"></option>' in page
    assert 'value="孙八"' in page
    assert page.index("id_hired_on") < page.index("id_mobile")
    assert "登记人员" in clerk.get("/people/").content.decode()


def test_only_who_may_take_rows_in_finds_it(sign_in: SignIn) -> None:
    chief = sign_in("tests-chief")
    assert chief.get("/people/new/").status_code == 403
    assert "登记人员" not in chief.get("/people/").content.decode()
