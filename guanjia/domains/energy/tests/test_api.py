"""Monthly returns over the API: many at once or none, faults by row, and keys of other systems."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from guanjia.domains.energy.actions import keyed
from guanjia.domains.energy.models import Institution, MonthReturn
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, TODAY, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.exchange.models import ApiCall, ApiKey
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

URL, KEYED = "/api/energy/returns", "/api/partner/v1/energy/returns"


def month(city: City, name: str = "school", text: str = "2020-05", **facts: Any) -> dict[str, Any]:
    one = city.institution(name)
    return {
        "code": one.code, "name": one.name, "month": text,
        "lines": [{"energy": "ELECTRICITY", "amount": "4016.5", "cost_fen": 249023},
                  {"energy": "WATER", "amount": 120, "cost_fen": 34200}],
        **facts,
    }  # fmt: skip


def send(city: City, *months: dict[str, Any], who: str = "clerk") -> tuple[int, Any]:
    body = {"months": list(months)}
    answer = visit(city, who).post(URL, body, content_type="application/json")
    return answer.status_code, answer.json()


def fields(told: Any) -> list[tuple[str, str]]:
    return [(finding["field"], finding["code"]) for finding in told["findings"]]


# ── for who is signed in ─────────────────────────────────────────────────────────────────


def test_months_come_in_and_come_in_again_unchanged(city: City) -> None:
    months = [month(city, text=f"2020-0{n}") for n in (1, 2, 3)]
    assert send(city, *months) == (
        200, {"created": 3, "updated": 0, "unchanged": 0, "doubts": 0},
    )  # fmt: skip
    assert send(city, *months)[1] == {"created": 0, "updated": 0, "unchanged": 3, "doubts": 0}
    row = MonthReturn.objects.get(month="2020-02-01")
    assert row.origin == "API"
    assert Record.objects.filter(verb="energy.return.entered").count() == 3
    school = city.institution("school").pk
    told = visit(city, "clerk").get(f"/api/energy/institutions/{school}/returns?year=2020").json()
    assert [each["month"] for each in told["months"]] == ["2020-01", "2020-02", "2020-03"]
    assert told["months"][0]["lines"][0] == {
        "energy": "ELECTRICITY", "title": "电", "unit": "kWh", "amount": "4016.5000",
        "cost_fen": 249023,
    }  # fmt: skip


def test_what_is_odd_comes_in_as_a_doubt(city: City) -> None:
    lines = [{"energy": "ELECTRICITY", "amount": 0, "cost_fen": 62000},
             {"energy": "WATER", "amount": 1, "cost_fen": 285}]  # fmt: skip
    assert send(city, month(city, lines=lines))[1]["doubts"] == 1


def test_one_fault_and_nothing_is_written(city: City) -> None:
    status, told = send(
        city,
        month(city, text="2020-01"),
        month(city, code="12360200MB0000000X"),
        {**month(city), "name": "某校"},
        month(city, text="2020-09"),
        month(city, text="2020-01"),
        month(city, text="2020-04", lines=[{"energy": "WATER", "amount": 1}] * 2),
    )
    assert status == 422
    assert fields(told) == [
        ("months.1.code", "institution_unknown"), ("months.2.name", "name_differs"),
        ("months.3.month", "month_bad"), ("months.4.month", "month_duplicate"),
        ("months.5.lines", "energy_twice"),
    ]  # fmt: skip
    assert "第 5 条 month：与第 1 条是同一机构同一月份" in told["detail"]
    assert not MonthReturn.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field", "said"),
    [
        ({"month": "五月"}, "months.0.month", "months 第 1 条 month"),
        ({"lines": [{"energy": "WIND", "amount": 1}]}, "months.0.lines.0.energy", "不在可选的值里"),
        ({"lines": [{"energy": "WATER", "amount": "少"}]}, "months.0.lines.0.amount", "应是数"),
        ({"lines": [{"energy": "WATER", "amount": -1}]}, "months.0.lines.0.amount", "第 1 条"),
        ({"lines": []}, "months.0.lines", "months 第 1 条 lines"),
        ({"extra": 1}, "months.0.extra", "没有这一项"),
        ({"month": "0001-01"}, "months.0.month", "months 第 1 条 month"),
        ({"9" * 5000: 1}, "months.0." + "9" * 60, "没有这一项"),
    ],
)
def test_what_cannot_be_read_is_named_by_row_and_field(
    city: City, facts: dict[str, Any], field: str, said: str
) -> None:
    status, told = send(city, month(city, **facts))
    assert status == 422
    assert fields(told)[0][0] == field
    assert said in told["detail"]


def test_nobody_tells_or_reads_months_of_others(city: City) -> None:
    status, told = send(city, month(city, "clinic"))
    assert (status, fields(told)) == (422, [("code", "outside")])
    assert send(city, month(city), who="leader")[0] == 403
    assert Client().post(URL, {"months": []}, content_type="application/json").status_code == 401
    clinic = city.institution("clinic").pk
    answer = visit(city, "clerk").get(f"/api/energy/institutions/{clinic}/returns?year=2020")
    assert answer.status_code == 404


# ── for other systems ────────────────────────────────────────────────────────────────────


def give(city: City, *, who: str = "keeper", areas: Any = (), names: Any = (), **facts: Any) -> Any:
    return keyed.give_key(
        **{
            "actor": city.actor(who), "partner": "教育局平台", "contact": "", "networks": [],
            "area_ids": [city.units[name].pk for name in areas],
            "institution_ids": [city.institution(name).pk for name in names],
            "since": TODAY, "until": TODAY, "per_minute": 30, "at": AT, **facts,
        }
    )  # fmt: skip


def bring(text: str, *months: dict[str, Any], body: Any = None) -> tuple[int, Any]:
    answer = Client().post(
        KEYED, body if body is not None else {"months": list(months)},
        content_type="application/json", headers={"Authorization": f"Bearer {text}"},
    )  # fmt: skip
    return answer.status_code, answer.json()


def test_a_key_tells_the_months_of_its_institutions(city: City) -> None:
    key, text = give(city, names=["school"])
    assert bring(text, month(city))[1] == {
        "created": 1, "updated": 0, "unchanged": 0, "doubts": 0,
    }  # fmt: skip
    record = Record.objects.get(verb="energy.return.entered")
    assert record.name == f"接口密钥 教育局平台（{key.prefix}）"
    assert text not in str(list(Record.objects.values()))
    assert ApiKey.objects.get().digest not in text
    call = ApiCall.objects.get()
    assert (call.state, call.rows, call.scope) == ("ANSWERED", 1, "energy.returns.write")


def test_a_key_of_an_area_tells_all_of_it_and_nothing_else(city: City) -> None:
    _, text = give(city, areas=["leping"])
    assert bring(text, month(city), month(city, "office"))[0] == 200
    status, told = bring(text, month(city, text="2020-06"), month(city, "clinic"))
    assert (status, fields(told)) == (422, [("months.1.code", "institution_unknown")])
    assert MonthReturn.objects.count() == 2
    assert ApiCall.objects.filter(state="REFUSED", rows=0).count() == 1


def test_a_key_is_not_told_who_else_there_is(city: City) -> None:
    school, clinic = city.institution("school"), city.institution("clinic")
    _, text = give(city, names=["school"])

    def answer(**facts: Any) -> list[Any]:
        status, told = bring(text, month(city) | facts)
        assert status == 422
        return [{k: v for k, v in each.items() if k != "cite"} for each in told["findings"]]

    unknown = answer(code="12360200MB0000000X", name="某单位")
    for name in (clinic.name, "某单位", ""):
        assert answer(code=clinic.code, name=name) == unknown
    Institution.objects.filter(pk=clinic.pk).update(code=school.code)
    assert answer(name=clinic.name) == answer(name="某单位")
    assert bring(text, month(city, text="2020-04") | {"name": ""})[0] == 200


def test_the_city_as_an_area_is_its_own_institutions(city: City) -> None:
    _, text = give(city, areas=["city"])
    assert bring(text, month(city, "hospital"))[0] == 200
    assert bring(text, month(city))[0] == 422


@pytest.mark.parametrize(
    ("body", "code"),
    [("不是 JSON", 422), ({"months": [{"code": "1"}]}, 422), ({}, 422),
     ({"months": [{"9" * 5000: 1}]}, 422), ({"9" * 5000: 1}, 422)],
)  # fmt: skip
def test_what_a_key_brings_must_be_readable_and_is_written_down(
    city: City, body: Any, code: int
) -> None:
    _, text = give(city, names=["school"])
    status, told = bring(text, body=body)
    assert status == code
    assert told["findings"]
    assert ApiCall.objects.get().state == "REFUSED"


def test_a_stopped_key_tells_nothing(city: City) -> None:
    key, text = give(city, names=["school"])
    keyed.stop_key(actor=city.actor("keeper"), energy_key_id=key.pk, reason="换平台", at=AT)
    assert bring(text, month(city)) == (401, {"detail": "这个接口密钥已停用。"})


def test_locked_months_are_kept_from_keys_too(city: City) -> None:
    from guanjia.domains.energy.models import Filing  # noqa: PLC0415 — only here

    city.tell("school", 2020, 5, ELECTRICITY=4000)
    Filing.objects.create(
        institution=city.institution("school"), kind="QUARTER", first="2020-04-01",
        due_on=TODAY, state="LOCKED", sent_at=AT, locked_at=AT,
    )  # fmt: skip
    _, text = give(city, names=["school"])
    status, told = bring(text, month(city))
    assert (status, fields(told)) == (422, [("month", "month_locked")])


def test_a_key_that_writes_says_for_whom(city: City) -> None:
    with pytest.raises(Refused, match="没有写填报范围"):
        give(city)


@pytest.mark.parametrize("who", ["county", "clerk", "supervisor"])
def test_only_the_bureau_gives_keys(city: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        give(city, who=who, names=["school"])


def test_a_key_is_given_by_page_and_shown_once(city: City) -> None:
    school = city.institution("school")
    told = {
        "partner": "教育局平台", "since": f"{TODAY}", "until": f"{TODAY + timedelta(days=90)}",
        "per_minute": "30", "subjects": f"{school.code} {school.name}\n",
    }  # fmt: skip
    bad = post(city, "keeper", "key_give", **{**told, "subjects": "12360200MB0000000X"})
    assert bad.status_code == 422
    assert "名录库中没有" in bad.content.decode()
    shown = post(city, "keeper", "key_give", **told)
    assert shown["Cache-Control"] == "no-store"
    text = shown.content.decode().split("<code>")[1].split("</code>")[0]
    assert bring(text, month(city))[0] == 200
    key = ApiKey.objects.get()
    again = seen(city, "keeper", "key", key.pk)
    assert text not in again
    assert school.name in again
    assert post(city, "keeper", "key_stop", key.pk, reason="").status_code == 422
    assert post(city, "keeper", "key_stop", key.pk, reason="到期").status_code == 302
    assert visit(city, "county").get(reverse("energy:keys")).status_code == 403
