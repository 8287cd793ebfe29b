"""Acts that make a part of a row, and acts on parts: what is made once, where the page leads."""

from dataclasses import replace
from inspect import signature
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.http import QueryDict
from django.urls import reverse

from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.models import Person
from guanjia.kernel.org.tests import builders
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.ui.acts.api import router, schema_of
from guanjia.ui.acts.declaration import Act, within
from guanjia.ui.acts.pages import do, form_of, home
from guanjia.ui.forms import Form

pytestmark = pytest.mark.django_db
UNITS = Subject(model="org.unit", title="单位", page="org:unit", key="unit_id", path="units")
REQUEST: Any = SimpleNamespace(actor=replace(SYSTEM, account_id=1))


class Named(Form):
    """Who comes to a unit."""

    number = forms.CharField(label="编号", max_length=20)

    def given(self) -> dict[str, Any]:
        """As the action takes it."""
        return {"number": self.cleaned_data["number"]}


def join(*, actor: Any, unit_id: int, number: str, at: Any) -> Person:
    return builders.person(number, builders.Unit.objects.get(pk=unit_id))


JOIN = Act(
    key="join", title="登记人员", on=UNITS, verb="org.keep", form=Named, do=join, said="已登记",
    adds="org.person",
)  # fmt: skip


def sent(row: Any, number: str, token: Any) -> Any:
    form = Named({"number": number})
    assert form.is_valid()
    return do(JOIN, request=REQUEST, row=row, form=form, at=AT, token=token)


def test_a_part_is_made_once_by_one_form_and_row() -> None:
    one, other = builders.unit("36"), builders.unit("37")
    token = uuid4()
    made = sent(one, "P1", token)
    assert sent(one, "P1", token) == made, "the same form sent twice"
    # The same number for a unit of its own would be refused: another row is another form.
    assert sent(other, "P2", token) != made
    assert Person.objects.count() == 2


def test_only_a_form_that_makes_something_takes_a_key() -> None:
    changes = replace(JOIN, key="rename", adds="")
    made = router([JOIN, changes], tag="x")
    parameters = [
        [name for name in signature(operation.view_func).parameters if name == "idempotency_key"]
        for path in made.path_operations.values()
        for operation in path.operations
    ]
    assert parameters == [["idempotency_key"], []]


class Chosen(Form):
    """Several of what is there."""

    rooms = forms.MultipleChoiceField(label="房间", choices=[("1", "101"), ("2", "102")])


def test_of_what_may_be_chosen_several_come_as_a_list() -> None:
    body = schema_of(replace(JOIN, form=Chosen))(rooms=["1", "2"])
    form = Chosen(body.dict())
    assert form.is_valid()
    assert form.given() == {"rooms": ["1", "2"]}


def test_an_address_fills_in_what_it_names() -> None:
    act = replace(JOIN, form=Chosen, first=lambda _, __: {"rooms": ["2"]})
    for query, first in (("rooms=1&rooms=2&other=3", ["1", "2"]), ("", ["2"])):
        request: Any = SimpleNamespace(actor=SYSTEM, GET=QueryDict(query))
        form = form_of(act, None, row=builders.Unit(), request=request, at=AT)
        assert form.initial == {"rooms": first}


def test_a_row_of_an_account_is_in_no_other_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    units = replace(UNITS, rows=lambda _: builders.Unit.objects.all(), mine="headcount")
    act = replace(JOIN, on=units, adds="")
    unit = builders.unit("36")
    builders.Unit.objects.filter(pk=unit.pk).update(headcount=1)
    one, other = (replace(SYSTEM, account_id=pk) for pk in (1, 2))
    assert within(act, one, unit.pk) == unit
    assert act.may(one, unit)
    assert not act.may(other, unit)
    with pytest.raises(builders.Unit.DoesNotExist):
        within(act, other, unit.pk)


def test_a_part_stands_on_the_page_of_its_row() -> None:
    people = Subject(
        model="org.person", title="人员", page="org:unit", home=lambda row: row.unit_id
    )
    person = builders.person("P1", builders.unit("36"))
    assert people.home_of(person) == person.unit_id
    assert UNITS.home_of(person.unit) == person.unit.pk
    ours = replace(JOIN, on=replace(UNITS, space="fleet"))
    assert (JOIN.url_name, ours.url_name) == ("org:units_join", "fleet:units_join")
    listed = replace(people, page="portal:search", home=lambda _: None)
    assert home(replace(JOIN, on=listed), person) == reverse("portal:search"), "a list takes no id"


def test_what_is_done_to_several_names_none_in_its_address() -> None:
    """How many they are is said, and nothing is made."""
    told: dict[str, Any] = {}

    def urge(**given: Any) -> int:
        told.update(given)
        return 3

    act = replace(
        JOIN, key="urge", adds="", several=True, do=urge,
        said=lambda count, given: f"已催 {given['number']} 等 {count} 家",
    )  # fmt: skip
    form = Named({"number": "P1"})
    assert form.is_valid()
    count = do(act, request=REQUEST, row=None, form=form, at=AT, token=uuid4())
    assert (act.address, act.made) == ("units/urge/", "")
    assert act.sentence(count, form.given()) == "已催 P1 等 3 家"
    assert told == {"actor": REQUEST.actor, "at": AT, "number": "P1"}
    beneath = replace(act, key="urge_people", beneath=True)
    do(beneath, request=REQUEST, row=builders.Unit(pk=7), form=form, at=AT, token=None)
    assert told["unit_id"] == 7
    made = router([act, beneath], tag="x")
    assert list(made.path_operations) == ["/units/urge", "/units/{int:unit_id}/urge-people"]


def test_a_sentence_says_what_was_filled_in() -> None:
    """Where a row does not tell it: an entry of the past leaves the row of today as it is."""
    form = Named({"number": "P1"})
    assert form.is_valid()
    act = replace(JOIN, hears=True, said=lambda unit, given: f"{unit.code} 已有 {given['number']}")
    assert act.sentence(builders.Unit(code="36"), form.given()) == "36 已有 P1"
