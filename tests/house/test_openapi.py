"""The description of the API as others rely on it.

A change on purpose: ``GUANJIA_REFRESH=1 pytest tests/house/test_openapi.py``, and commit the file.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from guanjia.config.api import api

KEPT = Path(__file__).parent / "openapi.json"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return json.loads(json.dumps(api.get_openapi_schema(), ensure_ascii=False, default=str))


def test_the_api_is_as_it_was_described(described: dict[str, Any]) -> None:
    if os.environ.get("GUANJIA_REFRESH") == "1":
        text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True)
        KEPT.write_text(text + "\n", "utf-8")
    kept = json.loads(KEPT.read_text("utf-8"))
    assert set(described["paths"]) == set(kept["paths"])
    for path, methods in kept["paths"].items():
        assert described["paths"][path] == methods, path
    assert described["components"] == kept["components"]
    assert described["info"] == kept["info"]


def test_every_operation_says_what_it_does_in_chinese(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            summary = operation.get("summary", "")
            assert any("一" <= sign <= "鿿" for sign in summary), f"{method} {path}: {summary}"


def test_no_two_operations_have_one_name(described: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for methods in described["paths"].values()
        for operation in methods.values()
    ]
    assert len(set(names)) == len(names)
