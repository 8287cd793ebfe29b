"""Migrations without what costs most of their time: a first start takes a third as long.

Django would build a historical model, and all that hang together with it, anew for each of its
new fields, constraints, indexes and triggers. Here a model that was built learns of a field, a
constraint or an index in place (a field that is altered keeps those it stands in), and of
triggers not at all, which nothing reads. The statements are the same, and so is what
``makemigrations`` compares.

In place means: for the states before as well, which share the models. Forwards nothing asks them,
for a state is only ever looked at by the operation that comes next. Backwards Django first
collects a state per migration and then walks through them, so there a field is added its way.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED
from pgtrigger.migrations import AddTrigger

_READ = ("constraints", "indexes")

_djangos_add_field: Callable[..., None] = ProjectState.add_field
_djangos_backwards: Callable[..., Any] = vars(MigrationExecutor)[
    "_migrate_all_backwards"
]  # private


def take() -> None:
    """From now on, for this process. Safe to repeat."""
    for owner, name, lighter in (
        (ProjectState, "_append_option", _append),  # private
        (ProjectState, "add_field", _add_field),
        (AddTrigger, "state_forwards", _add_trigger),
        (MigrationExecutor, "_migrate_all_backwards", _backwards),  # private
    ):
        getattr(owner, name)  # a release that calls it otherwise is found by every test
        setattr(owner, name, lighter)


def _append(state: Any, app_label: str, model_name: str, option: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option] = [*options.get(option, []), added]
    if option in _READ and "apps" in vars(state):
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option, [*getattr(meta, option), added])


def _add_field(state: Any, app_label: str, model_name: str, name: str, *told: Any) -> None:
    field, preserve_default = told  # handed on by position, as Django does
    model = _built(state, app_label, model_name, name)
    if model is None:
        _djangos_add_field(state, app_label, model_name, name, *told)
        return
    if not preserve_default:
        field = field.clone()
        field.default = NOT_PROVIDED
    key = app_label, model_name
    state.models[key].fields[name] = field
    if state._relations is not None:
        state.resolve_model_field_relations(key, name, field)
    model.add_to_class(name, field.clone())
    state.apps.clear_cache()  # whom others point to is remembered by every model


def _built(state: Any, app_label: str, model_name: str, name: str) -> Any:
    """The model, when it may learn of the field in place."""
    if "apps" not in vars(state):
        return None  # nothing is built yet
    model = state.apps.get_model(app_label, model_name)
    # Relations are resolved among the models of the registry that a model was built in.
    if model._meta.apps is not state.apps:
        return None
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return model
    return None


def _add_trigger(operation: Any, app_label: str, state: Any) -> None:
    _append(state, app_label, operation.model_name, "triggers", operation.trigger)


def _backwards(*arguments: Any, **named: Any) -> Any:
    states: Any = ProjectState
    states.add_field = _djangos_add_field
    try:
        return _djangos_backwards(*arguments, **named)
    finally:
        states.add_field = _add_field
