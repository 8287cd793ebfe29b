"""Units, people, the calendar and the law."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from guanjia.kernel.calendar import queries as workdays
from guanjia.kernel.calendar.terms import DayKind
from guanjia.kernel.org.models import Person, Post, Unit, UnitChange
from guanjia.kernel.regulations import lawbook
from guanjia.portal.pages import law


def text(client: Client, url: str, **query: Any) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# ── units ────────────────────────────────────────────────────────────────────────────────


def test_a_unit_shows_its_people_its_sections_and_its_history(city: Any, visit: Any) -> None:
    html = text(visit("keeper"), f"/units/{city.units['farming'].pk}/")
    assert "邵红" in html
    assert "3602D03601" in html
    assert "没有登记过更名" in html
    assert "更名" in html


def test_outside_the_scope_a_unit_does_not_exist(city: Any, visit: Any) -> None:
    assert visit("asker").get(f"/units/{city.units['farming'].pk}/").status_code == 403
    assert visit("keeper").get("/units/999999/").status_code == 404


def reform(client: Client, unit: Unit, act: str, **given: Any) -> Any:
    return client.post(
        f"/units/{unit.pk}/{act}/", {"on": "2020-06-01", "document": "景编〔2020〕1号", **given}
    )


def test_a_renamed_unit_keeps_its_old_name_in_its_history(city: Any, visit: Any) -> None:
    client, unit = visit("keeper"), city.units["farming"]
    answer = reform(client, unit, "rename", name="市乡村振兴局", short_name="乡村振兴局")
    assert answer["Location"] == f"/units/{unit.pk}/"
    html = text(client, f"/units/{unit.pk}/")
    assert "市乡村振兴局" in html
    assert "市农业农村局" in html
    assert "景编〔2020〕1号" in html


def test_a_merged_unit_hands_over_its_people(city: Any, visit: Any) -> None:
    client, unit, into = visit("keeper"), city.units["other"], city.units["farming"]
    assert reform(client, unit, "merge", into="3602D999").status_code == 200
    answer = reform(client, unit, "merge", into=into.code)
    assert answer["Location"] == f"/units/{into.pk}/"
    assert Person.objects.filter(unit=into, name="洪涛").exists()
    html = text(client, f"/units/{unit.pk}/")
    assert "已撤销" in html
    assert client.get(f"/units/{unit.pk}/rename/").status_code == 404


def test_a_split_unit_takes_the_chosen_people(city: Any, visit: Any) -> None:
    client, unit = visit("keeper"), city.units["farming"]
    who = city.person("colleague")
    answer = reform(
        client, unit, "split", code="3602D037", name="市林业局", short_name="林业局",
        people=[str(who.pk)],
    )  # fmt: skip
    assert answer.status_code == 302
    made = Unit.objects.get(code="3602D037")
    who.refresh_from_db()
    assert who.unit_id == made.pk
    again = reform(client, unit, "split", code="3602D037", name="甲", short_name="甲")
    assert "已有单位在用" in again.content.decode()


def test_a_unit_with_people_is_not_closed(city: Any, visit: Any) -> None:
    client = visit("keeper")
    answer = reform(client, city.units["other"], "close")
    assert "还有 2 人在册" in answer.content.decode()
    assert UnitChange.objects.count() == 0
    assert client.get(f"/units/{city.units['other'].pk}/burn/").status_code == 404


def test_reforms_need_their_duty(city: Any, visit: Any) -> None:
    unit = city.units["farming"]
    assert reform(visit("sysadmin"), unit, "close").status_code == 403
    assert "/close/" not in text(visit("sysadmin"), f"/units/{unit.pk}/")


# ── people ───────────────────────────────────────────────────────────────────────────────


def test_a_phone_number_is_masked_without_the_duty(city: Any, visit: Any) -> None:
    url = f"/people/{city.person('driver').pk}/"
    assert "138****0049" in text(visit("sysadmin"), url)
    assert "13879810049" in text(visit("keeper"), url)


def test_posts_are_held_and_left(city: Any, visit: Any) -> None:
    client, who = visit("keeper"), city.person("asker")
    url = f"/people/{who.pk}/"
    given = {"unit": "3602D040", "title": "联络员", "since": "2020-01-01"}
    assert client.post(f"{url}posts/", given)["Location"] == url
    post = Post.objects.get(person=who)
    assert "联络员" in text(client, url)
    client.post(f"{url}posts/{post.pk}/leave/")
    post.refresh_from_db()
    assert post.until == date(2020, 5, 20)
    assert "没有填职务" in client.post(f"{url}posts/", {**given, "title": ""}).content.decode()


# ── the calendar ─────────────────────────────────────────────────────────────────────────


def test_everybody_sees_the_year_and_only_its_keeper_changes_it(city: Any, visit: Any) -> None:
    html = text(visit("asker"), "/calendar/", year="2020")
    assert "2020年" in html
    assert "法定节假日" in html
    assert "调整这一天" not in html
    given = {"day": "2020-05-20", "kind": "REST", "reason": "景府办〔2020〕9号"}
    assert visit("asker").post("/calendar/set/", given).status_code == 403
    client = visit("sysadmin")
    assert client.post("/calendar/set/", given)["Location"] == "/calendar/?year=2020"
    assert workdays.day_kind(date(2020, 5, 20)) is DayKind.REST
    assert "景府办〔2020〕9号" in text(client, "/calendar/", year="2020")
    client.post("/calendar/2020-05-20/clear/")
    assert workdays.day_kind(date(2020, 5, 20)) is DayKind.WORKDAY


def test_a_change_needs_its_reason(city: Any, visit: Any) -> None:
    answer = visit("sysadmin").post("/calendar/set/", {"day": "2020-05-20", "kind": "REST"})
    assert "没有填理由" in answer.content.decode()


@pytest.mark.parametrize("year", ["", "x", "1", "99999", "-5", "2099", "9" * 5000])
def test_any_year_in_the_address_gives_a_page(city: Any, visit: Any, year: str) -> None:
    text(visit("asker"), "/calendar/", year=year)


def test_a_year_that_was_not_published_says_so(city: Any, visit: Any) -> None:
    assert "放假安排还没有公布" in text(visit("asker"), "/calendar/", year="2099")


# ── the law ──────────────────────────────────────────────────────────────────────────────


def test_the_law_of_a_day_with_its_unchecked_boxes(city: Any, visit: Any) -> None:
    client = visit("asker")
    html = text(client, "/law/", on="2020-05-20")
    assert "未核对" in html
    assert "《党政机关公务用车管理办法》" in html
    assert "那一天还没有有效的条文" in text(client, "/law/", on="1950-01-01")


def test_every_provision_has_a_page_that_citations_lead_to(city: Any, visit: Any) -> None:
    client = visit("asker")
    book = lawbook.load(lawbook.folders())
    for key, history in book.by_key.items():
        html = text(client, law.cite_url(history[-1].cite), on="2020-05-20")
        assert history[-1].title in html, key
        assert "历次的值" in html
    assert client.get("/law/fleet.nothing/").status_code == 404


def test_who_keeps_the_list_enters_that_somebody_left_and_takes_it_back(
    city: Any, visit: Any
) -> None:
    client, someone = visit("keeper"), city.person("asker")
    place = f"/people/{someone.pk}/"
    assert f'href="{place}"' in text(client, "/people/", words=someone.number)
    assert visit("asker").post(f"{place}leave/", {"left_on": "2020-05-01"}).status_code == 403
    late = client.post(f"{place}leave/", {"left_on": "2031-01-01"})
    assert late.status_code == 422
    assert "离职日期还没有到" in late.content.decode()
    assert client.post(f"{place}leave/", {"left_on": "2020-05-01"}).status_code == 302
    assert Person.objects.get(pk=someone.pk).left_on == date(2020, 5, 1)
    assert "已离职" in text(client, place)
    client.post(f"{place}back/")
    assert Person.objects.get(pk=someone.pk).left_on is None
