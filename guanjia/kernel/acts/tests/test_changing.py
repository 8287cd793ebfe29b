"""A change saves, records and publishes just what it was told; or nothing at all."""

from typing import Any

import pytest

from guanjia.kernel.acts.changing import change, made, reasoned
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.org.models import Person
from guanjia.kernel.org.tests import builders
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.regulations.verdict import Refused, refuse, warn

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]


@pytest.fixture
def person(db: None) -> Any:
    return builders.person("P1", builders.unit("36"))


def test_only_what_is_named_is_saved_recorded_and_told(person: Person) -> None:
    person.number = "not named"
    with bus.captured() as heard:
        change(
            person, {"title": " 科长 "}, actor=SYSTEM, verb="org.person.named", at=AT,
            note=" 换届 ", verdict=warn("odd", "少见。", "核对一下。"), news=["told"],
        )  # fmt: skip
    kept = Person.objects.get(pk=person.pk)
    assert (kept.title, kept.number) == ("科长", "P1")
    record = Record.objects.get(verb="org.person.named")
    assert (record.before, record.after, record.note) == ({"title": ""}, {"title": "科长"}, "换届")
    assert record.verdict["warnings"][0]["code"] == "odd"
    assert heard == ["told"]


def test_what_is_saved_elsewhere_is_recorded_beside_the_facts(person: Person) -> None:
    change(
        person, {"title": "科长"}, actor=SYSTEM, verb="org.person.named", at=AT,
        beside={"posts": ("无", "一科")},
    )  # fmt: skip
    record = Record.objects.get(verb="org.person.named")
    assert record.before == {"title": "", "posts": "无"}
    assert record.after == {"title": "科长", "posts": "一科"}


def test_what_is_saved_elsewhere_alone_is_recorded_alone(person: Person) -> None:
    change(
        person, {}, actor=SYSTEM, verb="org.person.named", at=AT, beside={"posts": ("无", "一科")}
    )
    record = Record.objects.get(verb="org.person.named")
    assert (record.before, record.after) == ({"posts": "无"}, {"posts": "一科"})


def test_a_part_is_told_on_the_trail_of_its_row(person: Person) -> None:
    change(person, {"title": "科长"}, actor=SYSTEM, verb="org.unit.headed", at=AT, on=person.unit)
    made(person, "title", actor=SYSTEM, verb="org.unit.joined", at=AT, on=person.unit)
    for verb in ("org.unit.headed", "org.unit.joined"):
        record = Record.objects.get(verb=verb)
        assert (record.on_type, record.on_id) == ("org.unit", person.unit_id)
        assert record.after == {"title": "科长"}


def test_a_verdict_that_refuses_changes_nothing(person: Person) -> None:
    with bus.captured() as heard, pytest.raises(Refused):
        change(
            person, {"title": "科长"}, actor=SYSTEM, verb="org.person.named", at=AT,
            verdict=refuse("no", "不行。", "没有编制。"), news=["told"],
        )  # fmt: skip
    assert Person.objects.get(pk=person.pk).title == ""
    assert not Record.objects.filter(verb="org.person.named").exists()
    assert heard == []


def test_a_change_may_rest_on_what_the_rules_refuse(person: Person) -> None:
    change(
        person, {"title": ""}, actor=SYSTEM, verb="org.person.named", at=AT, enforced=False,
        verdict=refuse("no", "不行。", "没有编制。"),
    )  # fmt: skip
    record = Record.objects.get(verb="org.person.named")
    assert record.verdict["refusals"][0]["code"] == "no"


def test_what_was_made_is_recorded_with_its_facts_and_what_was_said(person: Person) -> None:
    made(
        person, "number", "title", actor=SYSTEM, verb="org.person.made", at=AT,
        verdict=warn("odd", "少见。", "核对一下。"),
    )  # fmt: skip
    record = Record.objects.get(verb="org.person.made")
    assert (record.before, record.after) == (None, {"number": "P1", "title": ""})
    assert record.verdict["warnings"][0]["code"] == "odd"


def test_a_reason_is_more_than_blanks() -> None:
    assert reasoned(" 漏水 ") == "漏水"
    with pytest.raises(Refused):
        reasoned("  ")


def test_what_is_saved_elsewhere_is_recorded_with_what_is_made(person: Person) -> None:
    made(person, "number", actor=SYSTEM, verb="org.person.named", at=AT, beside={"sheet": "人员"})
    record = Record.objects.get(verb="org.person.named")
    assert record.after == {"number": "P1", "sheet": "人员"}
