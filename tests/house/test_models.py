"""Every table of ours: where its foreign keys lead, what it and its rules are called."""

import re

import pytest
from django.apps import apps
from django.db import models

from tests.house.asking import each

pytestmark = pytest.mark.pg15

KERNEL_SHELVES = (
    {"audit"},
    {"numbering", "workdays"},
    {"org"},
    {"access"},
    {"attachments"},
    {"acts"},
    {"approvals"},
    {"registers", "figures", "exchange", "vouchers", "notices"},
)
DOMAIN_SHELVES = (
    {"card", "space", "asset", "telematics", "feedback"},
    {"canteen", "meeting", "repair", "property", "energy", "fleet", "project", "affairs"},
    {"epidemic", "relocation"},
    {"report"},
)
SHELVES = (*KERNEL_SHELVES, {"ui"}, *DOMAIN_SHELVES, {"portal"}, {"demo"})
CHINESE = re.compile(r"[一-鿿]")

OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model.__module__.startswith("guanjia.")
]
KEYS = [
    field
    for model in OURS
    for field in model._meta.get_fields()
    if isinstance(field, models.ForeignKey | models.OneToOneField | models.ManyToManyField)
]


def shelf(label: str) -> int:
    """How high an app stands; a new app must take a place first."""
    found = [height for height, labels in enumerate(SHELVES) if label in labels]
    assert found, f"the app {label!r} has no place on the shelves of tests/house/test_models.py"
    return found[0]


def test_there_are_models_to_look_at() -> None:
    assert {"fleet.trip", "audit.record", "org.unit"} <= {m._meta.label_lower for m in OURS}


@each(KEYS, name=str)
def test_a_foreign_key_goes_down_the_shelves(field: models.ForeignKey) -> None:
    home = field.model._meta.app_label
    host = field.related_model._meta.app_label  # type: ignore[union-attr]  # resolved by now
    assert home == host or shelf(host) < shelf(home)


@each(KEYS, name=str)
def test_a_foreign_key_protects_what_it_points_at(field: models.ForeignKey) -> None:
    assert field.remote_field.on_delete is models.PROTECT


@each(OURS, name=lambda model: model._meta.label)
def test_a_table_has_a_chinese_name(model: type[models.Model]) -> None:
    assert CHINESE.search(str(model._meta.verbose_name))


@each(OURS, name=lambda model: model._meta.label)
def test_a_rule_is_a_sentence_that_begins_with_its_department(model: type[models.Model]) -> None:
    for constraint in model._meta.constraints:
        assert constraint.name.startswith(f"{model._meta.app_label}_")
        assert constraint.name.count("_") >= 2, "a name that says something"
    for index in model._meta.indexes:
        assert index.name.startswith(f"{model._meta.app_label}_")


@each(OURS, name=lambda model: model._meta.label)
def test_a_rule_over_time_speaks_chinese(model: type[models.Model]) -> None:
    """Those two people can meet at once are shown to the one who comes second."""
    for constraint in model._meta.constraints:
        if type(constraint).__name__ == "ExclusionConstraint":
            assert CHINESE.search(str(constraint.violation_error_message))


@each(OURS, name=lambda model: model._meta.label)
def test_a_table_has_an_order_when_it_is_listed(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if isinstance(field, models.CharField | models.TextField):
            assert field.max_length, f"{field} is bounded"
