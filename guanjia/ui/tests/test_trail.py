"""What was done to a row, in words: the names of acts, their order, and what is left out."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit.models import Record
from guanjia.ui import trail

MODEL, PK = "test.row", 7


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_titles", {})
    monkeypatch.setattr(trail, "_by_approval", {})
    routes = [SimpleNamespace(subject=MODEL)]
    monkeypatch.setattr(trail.routes, "all_routes", lambda: routes)
    trail.name_acts(
        {"test.row.entered": "登记", "test.row.returned": "退回申请", "test.row.sent": "报批"},
        by_approval={"approved": "同意", "returned": "退回"},
    )


def written(*verbs: str, pk: int = PK, **facts: Any) -> None:
    for minutes, verb in enumerate(verbs):
        on = SimpleNamespace(pk=pk, _meta=SimpleNamespace(label_lower=MODEL))
        at = AT + timedelta(minutes=minutes)
        audit.record(actor=SYSTEM, verb=verb, on=on, at=at, **facts)


def whats(told: list[trail.Told]) -> list[str]:
    return [one.what for one in told]


def test_a_verb_has_the_name_it_was_given() -> None:
    assert trail.act_title("test.row.entered") == "登记"
    assert trail.act_title("test.row.lost") == ""
    assert trail.act_title("other.row.approved") == "", "no route is about it"


def test_what_every_route_records_is_named_unless_the_department_has_a_word() -> None:
    assert trail.act_title("test.row.approved") == "同意"
    assert trail.act_title("test.row.returned") == "退回申请"


@pytest.mark.django_db
def test_the_newest_stands_first_and_other_rows_are_not_told() -> None:
    written("test.row.entered", "test.row.approved", note="情况属实")
    written("test.row.sent", pk=8)
    told = trail.told(model=MODEL, pk=PK)
    assert whats(told) == ["同意", "登记"]
    assert (told[0].name, told[0].note, told[0].change) == (SYSTEM.name, "情况属实", "")
    assert told[0].at == AT + timedelta(minutes=1)


@pytest.mark.django_db
def test_a_verb_without_a_name_is_told_as_it_is() -> None:
    written("test.row.lost")
    assert whats(trail.told(model=MODEL, pk=PK)) == ["test.row.lost"]


@pytest.mark.django_db
def test_only_so_many_are_told() -> None:
    written(*["test.row.entered"] * 4, "test.row.sent")
    assert whats(trail.told(model=MODEL, pk=PK, limit=2)) == ["报批", "登记"]


@pytest.mark.django_db
def test_the_page_says_what_changed() -> None:
    written("test.row.entered", before={"state": "新"}, after={"state": "旧"})

    def change(record: Record) -> str:
        return f"{record.before['state']} → {record.after['state']}"

    (told,) = trail.told(model=MODEL, pk=PK, change=change)
    assert told.change == "新 → 旧"


@pytest.mark.django_db
def test_beside_the_story_of_the_approval_nothing_stands_twice() -> None:
    written("test.row.entered", "test.row.sent", "test.row.returned", "test.row.approved")
    assert whats(trail.told_beside_story(model=MODEL, pk=PK)) == ["报批", "登记"]
    asked = trail.told_beside_story(model=MODEL, pk=PK, asked=("test.row.sent",))
    assert whats(asked) == ["登记"]


def test_the_panel_shows_who_did_what_and_says_so_when_there_is_nothing() -> None:
    told = trail.Told(at=AT, name="邵红", what="出账", note="补入一单", change="2 行，330.00 元")
    shown = render_to_string("ui/parts/records.html", {"records": [told]})
    assert "<b>邵红</b> 出账 <span" in shown
    assert "<q>补入一单</q>" in shown
    assert "还没有记录" in render_to_string("ui/parts/records.html", {"records": []})
