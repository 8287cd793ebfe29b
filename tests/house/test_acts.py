"""What is declared as an act is a page and an operation of the API, with the same door."""

import json
import re
from typing import Any

import pytest
from django.forms import ChoiceField
from django.urls import reverse

from guanjia.config.api import api
from guanjia.ui.acts.api import schema_of
from guanjia.ui.acts.declaration import Act
from tests.house.routes import every_operation, every_route
from tests.house.samples import NAMED, SAMPLES

ACTS: list[Act] = [route.view.act for route in every_route() if hasattr(route.view, "act")]
DESCRIBED: dict[str, Any] = {
    operation["operationId"]: operation
    for methods in json.loads(json.dumps(api.get_openapi_schema(), default=str))["paths"].values()
    for operation in methods.values()
}


# What is chosen before the form of a new row is shown.
FIRST = {
    "space_allocation_new": {"unit": "市农业农村局"},
    "space_clearance_new": {"unit": "市农业农村局"},
}


def name_of(act: Act) -> str:
    return act.url_name.replace(":", "_")


def test_there_are_acts() -> None:
    assert ACTS


@pytest.mark.parametrize("act", ACTS, ids=name_of)
def test_an_act_is_in_the_description_of_the_api(act: Act) -> None:
    operation = DESCRIBED[name_of(act)]
    assert operation["summary"] == act.title
    known = {one.function.__name__: one for one in every_operation()}
    assert known[name_of(act)].needs == act.verb, "page and operation have one door"


@pytest.mark.parametrize("act", ACTS, ids=name_of)
def test_an_act_says_in_which_states_it_may_be_done(act: Act) -> None:
    life = act.on.life
    if life is None or act.makes:
        return
    for verb, states in act.ways.items():
        assert set(states) <= set(life.states), (verb, states)
    if act.to is not None:
        allowed = set(life.before(act.to))
        assert all(set(states) <= allowed for states in act.ways.values())


@pytest.mark.django_db
@pytest.mark.parametrize("act", [act for act in ACTS if act.makes], ids=name_of)
def test_a_form_that_makes_a_row_bears_a_number_of_its_own(house: Any, act: Act) -> None:
    """The same form sent twice makes one row; two forms make two."""
    client = house.visitor(act.verb, "rightful")
    first = FIRST.get(name_of(act), {})
    shown = [client.get(reverse(act.url_name), first).content.decode() for _ in range(2)]
    found = [re.findall(r'name="once" value="([0-9a-f-]{36})"', html) for html in shown]
    assert [len(each) for each in found] == [1, 1]
    assert found[0] != found[1]
    (key,) = (one for one in DESCRIBED[name_of(act)]["parameters"] if one["in"] == "header")
    assert key["name"] == "Idempotency-Key"


def test_what_may_be_chosen_is_in_the_description_of_the_api() -> None:
    """By its value and its Chinese name; what depends on the row or the reader is not."""
    seen = 0
    for act in ACTS:
        told = schema_of(act).model_json_schema()["properties"]
        for name, field in act.form.base_fields.items():
            choices = [] if not isinstance(field, ChoiceField) else list(field.choices)
            values = [(str(value), str(title)) for value, title in choices if value]
            seen += len(values)
            assert all(value in told[name]["enum"] for value, _ in values), (name_of(act), name)
            assert all(title in told[name]["description"] for _, title in values)
    assert seen


def test_acts_on_two_kinds_of_rows_are_not_walked_with_one_sample() -> None:
    kinds: dict[int, set[str]] = {}
    for act in ACTS:
        if act.on_one:
            sample = NAMED.get((act.url_name, act.on.key)) or SAMPLES[act.on.key]
            kinds.setdefault(id(sample), set()).add(act.on.model)
    assert [models for models in kinds.values() if len(models) > 1] == []
