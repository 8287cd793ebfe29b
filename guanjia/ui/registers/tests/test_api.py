"""The register over the API answers as its pages do."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from guanjia.kernel.org.models import Person
from guanjia.ui.registers.tests.conftest import GOOD, HEADERS, workbook

pytestmark = pytest.mark.django_db
REPORT = {"register", "sheet", "rows", "created", "updated", "unchanged", "errors", "doubts"}


def test_the_list_takes_the_filters_of_the_page(sign_in: Callable[..., Client]) -> None:
    client = sign_in(reach="BELOW", unit="C1")
    found = client.get("/api/people?words=A&sort=-name&per_page=1&page=2").json()
    assert (found["register"], found["count"], found["page"], found["pages"]) == (
        "tests.people", 2, 2, 2,
    )  # fmt: skip
    assert found["totals"] == {"people": 2}
    assert found["rows"][0]["number"] == "A1"
    assert found["rows"][0]["mobile"] == "158****2391"
    assert found["rows"][0]["hired_on"] == "2020-03-05"
    assert found["rows"][0]["rank"] == "正局(处)级"


def test_rows_per_page_are_bounded_and_junk_is_noted(clerk: Client) -> None:
    found = clerk.get("/api/people?per_page=9999&rank=KING").json()
    assert found["per_page"] == 200
    assert found["notes"] == ["“职级”中没有“KING”，这个条件没有用上。"]


def test_without_sign_in_there_is_no_answer(units: object) -> None:
    assert Client().get("/api/people").status_code == 401


def test_the_template_can_be_fetched(clerk: Client) -> None:
    assert clerk.get("/api/people/template").content.startswith(b"PK")


def test_a_dry_run_writes_nothing_and_an_import_does(clerk: Client) -> None:
    dry = clerk.post("/api/people/import", {"file": workbook(GOOD), "dry_run": "true"})
    assert (dry.status_code, dry.json()["created"]) == (200, 1)
    assert not Person.objects.filter(number="N1").exists()
    done = clerk.post("/api/people/import", {"file": workbook(GOOD)}).json()
    assert done.keys() == REPORT
    assert (done["rows"], done["created"], done["unchanged"]) == (1, 1, 0)
    again = clerk.post("/api/people/import", {"file": workbook(GOOD)}).json()
    assert (again["created"], again["unchanged"]) == (0, 1)


def test_faults_are_named_by_row_and_column(clerk: Client) -> None:
    row = ["", *GOOD[1:]]
    response = clerk.post("/api/people/import", {"file": workbook(row)})
    assert response.status_code == 422
    fault = response.json()["errors"][0]
    assert fault["row"] == 3
    assert fault["column"] == HEADERS[0]
    assert fault["code"] == "required_missing"


def test_the_description_names_the_filters(clerk: Client) -> None:
    described = clerk.get("/api/openapi.json").content
    operation = json.loads(described)["paths"]["/api/people"]["get"]
    names = [parameter["name"] for parameter in operation["parameters"]]
    assert names == [
        "page", "per_page", "sort", "view", "rank", "hired_from", "hired_to", "unit", "words",
    ]  # fmt: skip
