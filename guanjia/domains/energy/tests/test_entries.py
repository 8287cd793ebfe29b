"""Rows about institutions typed on a page: the name is enough where it is one."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from guanjia.domains.energy.actions import institutions
from guanjia.domains.energy.models import DegreeDays, Institution, WorkRecord
from guanjia.domains.energy.tests import builders
from guanjia.domains.energy.tests.browsing import visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, City, code

pytestmark = pytest.mark.django_db
WORK = {"kind": "宣传活动", "on": "2020-06-29", "title": "节能宣传周", "people": "120"}


def test_a_clerk_tells_work_by_the_name_of_the_institution(city: City) -> None:
    clerk, url = visit(city, "clerk"), reverse("energy:work_new")
    page = clerk.get(url).content.decode()
    assert "乐平市第一中学" in page
    assert "乐平市财政局" not in page
    clerk.post(url, {**WORK, "name": "乐平市第一中学", "code": ""})
    told = WorkRecord.objects.get()
    assert (told.institution, told.on, told.people) == (
        city.institution("school"), date(2020, 6, 29), 120,
    )  # fmt: skip
    clerk.post(url, {**WORK, "name": "乐平市第一中学", "code": ""})
    assert "与已登记的相同" in clerk.get(reverse("energy:work_list")).content.decode()


def test_somebody_elses_institution_is_not_known_there(city: City) -> None:
    response = visit(city, "clerk").post(
        reverse("energy:work_new"), {**WORK, "name": "浮梁县卫生院", "code": ""}
    )
    assert "您的填报范围内没有“浮梁县卫生院”" in response.content.decode()
    given = {**WORK, "name": "浮梁县卫生院", "code": city.institution("clinic").code}
    response = visit(city, "clerk").post(reverse("energy:work_new"), given)
    assert response.status_code == 422
    assert not WorkRecord.objects.exists()


def test_a_name_that_two_carry_asks_for_the_code(city: City) -> None:
    institutions.enter_institutions(
        actor=SYSTEM, at=AT,
        rows=[builders.row("市第二人民医院", 77, area=city.units["leping"])],
    )  # fmt: skip
    keeper, url = visit(city, "keeper"), reverse("energy:work_new")
    given = {**WORK, "name": "市第二人民医院", "code": ""}
    assert "有 2 家机构叫“市第二人民医院”" in keeper.post(url, given).content.decode()
    keeper.post(url, {**given, "code": code(77)})
    assert WorkRecord.objects.get().institution.code == code(77)


def test_an_institution_is_entered_by_hand(city: City) -> None:
    given = {
        "code": code(78), "name": "乐平市图书馆", "kind": "事业单位-文化", "area": "乐平市",
        "floor_m2": "1,489.5", "people": "52", "staff": "", "entered_on": "2020-08-01",
        "assessed": "是", "key_user": "否",
    }  # fmt: skip
    assert visit(city, "keeper").post(reverse("energy:institutions_new"), given).status_code == 302
    assert Institution.objects.get(code=code(78)).area == city.units["leping"]
    assert visit(city, "clerk").get(reverse("energy:institutions_new")).status_code == 403


def test_degree_days_of_a_month_are_typed(city: City) -> None:
    url = reverse("energy:weather_new")
    given = {"month": "2020-07", "heating": "0", "cooling": "212.5", "source": "市气象局"}
    assert visit(city, "keeper").post(url, given).status_code == 302
    assert DegreeDays.objects.get().cooling == Decimal("212.5")
    assert visit(city, "keeper").post(url, {**given, "month": "2020-08"}).status_code == 422
    assert visit(city, "clerk").post(url, given).status_code == 403
