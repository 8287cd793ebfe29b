"""Migrations without what costs most of their time come to the same tables."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from guanjia.config import light_history

pytestmark = pytest.mark.django_db
CHECK = models.CheckConstraint(name="rv_small", condition=models.Q(n__lte=9))
UNIQUE = models.UniqueConstraint(name="rv_once", fields=["n"])
INDEX = models.Index(name="rv_quick", fields=["n"])


def _as_django_does(state: Any, app_label: str, model_name: str, option: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option] = [*options.get(option, []), added]
    state.reload_model(app_label, model_name, delay=True)


@pytest.mark.parametrize("append", [light_history._append, _as_django_does])
@pytest.mark.parametrize("built", [True, False])
def test_a_field_that_is_altered_keeps_the_constraints_it_stands_in(
    append: Callable[..., None], built: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProjectState, "_append_option", append)
    plain = [("id", models.BigAutoField(primary_key=True)), ("n", models.PositiveIntegerField())]
    state = ProjectState()
    if built:
        assert state.apps
    with connection.schema_editor() as editor:
        for one in (
            migrations.CreateModel("Thing", plain),
            migrations.AddConstraint("thing", CHECK),
            migrations.AddConstraint("thing", UNIQUE),
            migrations.AddIndex("thing", INDEX),
            migrations.AlterField("thing", "n", models.IntegerField()),
        ):
            after = state.clone()
            one.state_forwards("rv", after)
            one.database_forwards("rv", editor, state, after)
            state = after
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, "rv_thing")
    assert {"rv_small", "rv_once", "rv_quick"} <= set(there)
