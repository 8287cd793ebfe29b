"""Migrations without what costs most of their time: a first start takes half as long.

Django would build a historical model, and all that hang together with it, anew for each of its
constraints, indexes and triggers. Here a model that was built learns of a constraint or an index
in place (a field that is altered keeps those it stands in), and of triggers not at all, which
nothing reads. The statements are the same, and so is what ``makemigrations`` compares.
"""

from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

_READ = ("constraints", "indexes")


def take() -> None:
    """From now on, for this process. Safe to repeat."""
    for owner, name, lighter in (
        (ProjectState, "_append_option", _append),  # private
        (AddTrigger, "state_forwards", _add_trigger),
    ):
        getattr(owner, name)  # a release that calls it otherwise is found by every test
        setattr(owner, name, lighter)


def _append(state: Any, app_label: str, model_name: str, option: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option] = [*options.get(option, []), added]
    if option in _READ and "apps" in vars(state):
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option, [*getattr(meta, option), added])


def _add_trigger(operation: Any, app_label: str, state: Any) -> None:
    _append(state, app_label, operation.model_name, "triggers", operation.trigger)
