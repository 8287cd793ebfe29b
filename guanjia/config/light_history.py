"""Migrations without what costs most of their time: a first start takes half as long.

Historical models do not learn of their constraints, indexes and triggers. Django would build each
of them, and all that hang together with it, anew for every one of these; nothing reads that on
PostgreSQL. The statements are the same, and so is what ``makemigrations`` compares.
"""

from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger


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


def _add_trigger(operation: Any, app_label: str, state: Any) -> None:
    _append(state, app_label, operation.model_name, "triggers", operation.trigger)
