"""What is declared as an act is a page and an operation of the API, with the same door."""

import json
from typing import Any

import pytest

from guanjia.config.api import api
from guanjia.ui.acts.declaration import Act
from tests.house.routes import every_operation, every_route

ACTS: list[Act] = [route.view.act for route in every_route() if hasattr(route.view, "act")]
DESCRIBED: dict[str, Any] = {
    operation["operationId"]: operation
    for methods in json.loads(json.dumps(api.get_openapi_schema(), default=str))["paths"].values()
    for operation in methods.values()
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
