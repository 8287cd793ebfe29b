"""The root of the API: one shape for every fault, and a description that loads nothing."""

from typing import Any

import pytest
from django.test import Client


def test_a_stranger_is_told(city: Any) -> None:
    answer = Client().get("/api/registers/org.units")
    assert answer.status_code == 401
    assert answer.json() == {"detail": "登录已过期，重新登录后内容还在。"}


def test_without_the_duty_the_duty_is_named(city: Any, visit: Any) -> None:
    answer = visit("asker").get("/api/registers/org.units")
    assert answer.status_code == 403
    assert "查看单位名录" in answer.json()["detail"]


def test_a_register_gives_its_rows(city: Any, visit: Any) -> None:
    answer = visit("keeper").get("/api/registers/org.units", {"words": "教育"})
    assert answer.status_code == 200
    assert [row["code"] for row in answer.json()["rows"]] == ["3602D040"]


def test_a_refusal_lists_its_findings(city: Any, visit: Any) -> None:
    answer = visit("reader").get("/api/report", {"period": "last year"})
    assert answer.status_code == 422
    body = answer.json()
    (finding,) = body["findings"]
    assert set(finding) == {"code", "headline", "sentence", "field", "cite"}
    assert finding["code"] == "period_unreadable"


def test_what_cannot_be_read_is_said_in_chinese(city: Any, visit: Any) -> None:
    answer = visit("reader").get("/api/report")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "没有办成：period 没有填"


def test_what_does_not_exist_is_not_found(city: Any, visit: Any) -> None:
    client = visit("reader")
    answer = client.get("/api/figures/fleet.nothing", {"period": "2020"})
    assert answer.status_code == 404
    assert answer.json() == {"detail": "没有这一页，或不在您的范围内。"}
    assert client.get("/api/nothing").status_code == 404


def test_a_change_needs_the_token(city: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.accounts["keeper"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/api/registers/org.units/import")
    assert answer.status_code == 403
    assert "X-CSRFToken" in answer.json()["detail"]


def test_the_report_and_its_figures(city: Any, visit: Any) -> None:
    city.recorded("PC2020051902100")
    client = visit("reader")
    found = client.get("/api/report", {"period": "2020-05"}).json()["figures"]
    assert found["fleet.trips"]["value"] == 1
    keys = [figure["key"] for figure in client.get("/api/figures").json()]
    assert "fleet.km" in keys
    one = client.get("/api/figures/fleet.km", {"period": "2020-05"}).json()
    assert float(one["value"]) == 60
    assert (one["first"], one["last"]) == ("2020-05-01", "2020-05-31")


def test_the_description_is_a_page_of_our_own(city: Any, visit: Any) -> None:
    client = visit("keeper")
    html = client.get("/api/docs").content.decode()
    assert "/api/registers/org.units" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html
    schema = client.get("/api/openapi.json").json()
    assert schema["info"]["title"] == "管家 API"
    assert Client().get("/api/docs").status_code == 200


@pytest.mark.django_db
def test_the_root_of_the_api_describes_it() -> None:
    for address in ("/api/", "/api/docs"):
        answer = Client().get(address)
        assert answer.status_code == 200
        assert "/api/fleet/trips" in answer.content.decode()
