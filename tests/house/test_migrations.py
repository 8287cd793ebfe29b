"""Migrations without what costs most of their time come to the same tables."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from guanjia.config import light_history

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
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


@pytest.mark.parametrize("add", [light_history._add_field, light_history._djangos_add_field])
def test_a_field_that_is_added_is_known_from_both_ends(
    add: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ProjectState, "add_field", add)
    key = [("id", models.BigAutoField(primary_key=True))]
    state = ProjectState()
    assert state.apps
    owner = models.ForeignKey("rv.Owner", models.PROTECT, related_name="things", null=True)
    with connection.schema_editor() as editor:
        for one in (
            migrations.CreateModel("Owner", key),
            migrations.CreateModel("Thing", key),
            migrations.AddField("owner", "n", models.IntegerField(default=7), False),
            migrations.AddField("thing", "owner", owner),
            migrations.AddField("thing", "before", models.ForeignKey("self", models.PROTECT)),
        ):
            before = state.clone()
            one.state_forwards("rv", state)
            one.database_forwards("rv", editor, before, state)
    things, owners = state.apps.get_model("rv", "Thing"), state.apps.get_model("rv", "Owner")
    assert owners._meta.get_field("n").default is models.NOT_PROVIDED
    assert things._meta.get_field("owner").related_model is owners
    assert things._meta.get_field("before").related_model is things
    first = owners.objects.create(n=8)
    thing = things(owner=first)
    thing.pk = thing.before_id = 1
    thing.save(force_insert=True)
    assert list(first.things.all()) == [thing]
    assert owners.objects.get(things__before=thing) == first


def test_backwards_a_state_does_not_know_the_field_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        light_history, "_djangos_backwards", lambda: seen.append(ProjectState.add_field)
    )
    MigrationExecutor._migrate_all_backwards()
    assert seen == [light_history._djangos_add_field]
    assert ProjectState.add_field is light_history._add_field
