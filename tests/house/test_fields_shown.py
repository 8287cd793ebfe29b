"""What a model keeps is shown: in a register, on a page, in a paper, a message or a call.

A field that nobody ever sees is either forgotten in the page or not needed; one that serves a rule
alone is named here with why.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from guanjia.kernel.registers import catalogue
from guanjia.kernel.registers.fields import label_of
from tests.house.asking import each

DOMAINS = Path(__file__).resolve().parents[2] / "guanjia" / "domains"
# Where a domain tells people and other programs something; actions and rules are not among them.
_ROOMS = ("pages", "queries", "templates", "templates-docx", "notices", "api", "exchange",
          "registers", "forms", "vouchers", "figures", "approvals")  # fmt: skip
_TOLD_BY_THE_TRAIL = "the trail (操作记录) on its page says who did it and when"

HIDDEN: dict[str, str] = {
    "fleet.cost.entered_at": _TOLD_BY_THE_TRAIL,
    "fleet.disposallot.opened_at": _TOLD_BY_THE_TRAIL,
    "fleet.lotpayment.entered_at": _TOLD_BY_THE_TRAIL,
    "fleet.sealing.planned_by": _TOLD_BY_THE_TRAIL,
    "space.rentpayment.taken_at": _TOLD_BY_THE_TRAIL,
    "space.surveydifference.found_at": _TOLD_BY_THE_TRAIL,
    "space.surveydoubt.found_at": _TOLD_BY_THE_TRAIL,
    "space.tenancy.entered_at": _TOLD_BY_THE_TRAIL,
    "energy.appeal.answered_at": _TOLD_BY_THE_TRAIL,
    "energy.samplecheck.recorded_at": _TOLD_BY_THE_TRAIL,
    "energy.scheme.opened_at": _TOLD_BY_THE_TRAIL,
    "fleet.statement.told_at": _TOLD_BY_THE_TRAIL,
    "fleet.plan.stopped_on": _TOLD_BY_THE_TRAIL,
    "fleet.groundrow.mark": "tells grounds apart, so that the same one is raised once",
    "fleet.purchase.holding": "the days on which it takes a place of the quota; counted, not told",
    "fleet.trip.booked": "what the exclusion constraint compares; the page says the planned times",
    "fleet.trip.ran": "what the exclusion constraint compares; the page says the actual times",
    "space.planshape.anchor_x": "where the drawing puts the label of a room",
    "space.planshape.anchor_y": "where the drawing puts the label of a room",
    "space.planupload.bytes": "the file itself, until the drawing is read",
    "space.tenancy.rents_from": "the first month with rent; the page lists the months themselves",
    "energy.sampleproof.check_of": "the check whose page lists the proof",
    "energy.quotacase.reminded_on": "its own job reminds, before and after the day",
    "energy.meteraside.first_at": "the readings set aside are told by the hour they came last",
}


def keeps(model: type[models.Model]) -> Iterator[Any]:
    """The fields of a model that hold something of their own."""
    for field in model._meta.concrete_fields:
        if not field.primary_key:
            yield field


def is_shown(field: Any, *, columns: Collection[str], text: str) -> bool:
    """Whether a column is of the field, or a telling file reads it (``.seats``, ``"seats"``)."""
    if label_of(field) in columns:
        return True
    stem = re.escape(field.name)
    read = rf"\.(get_)?{stem}(_id|_display)?\b|[\"'](\w+__)?{stem}[\"']"
    return re.search(read, text) is not None


@cache
def columns() -> frozenset[str]:
    """The fields that registers show."""
    return frozenset(
        column.model_field for register in catalogue.all_registers() for column in register.columns
    )


@cache
def told_by(app: str) -> str:
    """All that the telling rooms of a domain say; a small room is one file."""
    found: list[Path] = []
    for room in _ROOMS:
        place, file = DOMAINS / app / room, DOMAINS / app / f"{room}.py"
        found += [file] if file.is_file() else sorted(place.rglob("*"))
    return "\n".join(path.read_text() for path in found if path.suffix in {".py", ".html", ".txt"})


FIELDS = [
    field
    for app in apps.get_app_configs()
    if app.name.startswith("guanjia.domains.")
    for model in app.get_models()
    for field in keeps(model)
]


@each(FIELDS, name=label_of)
def test_a_field_is_shown_or_said_why_not(field: Any) -> None:
    shown = is_shown(field, columns=columns(), text=told_by(field.model._meta.app_label))
    why = HIDDEN.get(label_of(field))
    assert shown or why, "stands in no column, page, paper or call; show it or say why in HIDDEN"
    assert not (shown and why), "is shown now; take it out of HIDDEN"


def test_what_is_hidden_is_there() -> None:
    assert set(HIDDEN) <= {label_of(field) for field in FIELDS}


def test_a_field_that_nobody_sees_is_found() -> None:
    """The check of the check: a field nobody names, and one that only has part of a shown name."""
    with isolate_apps("guanjia.domains.fleet"):

        class Thing(models.Model):
            seen = models.CharField("可见", max_length=5)
            unseen_by_all = models.CharField("不可见", max_length=5)

            class Meta:
                app_label = "fleet"

    seen, unseen = list(keeps(Thing))
    text = "{{ thing.seen }} {{ thing.unseen_by_all_else }}"
    assert is_shown(seen, columns=(), text=text)
    assert not is_shown(unseen, columns=(), text=text)
    assert not is_shown(unseen, columns=columns(), text=told_by("fleet"))
    assert is_shown(unseen, columns={"fleet.thing.unseen_by_all"}, text="")
