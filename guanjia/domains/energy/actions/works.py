"""Audits, demonstration units and city scores as ledgers state them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import CityScore, Demonstration, EnergyAudit
from guanjia.kernel.audit import entering
from guanjia.kernel.values.actor import Actor

AUDIT, DEMONSTRATE, RANK = "energy.audit.enter", "energy.demonstration.enter", "energy.rank.enter"

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def enter_audits(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Energy audits: ``institution``, ``begun_on``, ``auditor``, ``done_on``, ``state``.

    An institution and the day it began make an audit. Returns created, changed, unchanged.
    """
    must_hold(actor, AUDIT, {row["institution"].pk for row in rows})
    entered = entering.enter(
        actor=actor, model=EnergyAudit, key=("institution", "begun_on"), rows=rows,
        verb="energy.audit.entered", at=at,
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def enter_demonstrations(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Steps to demonstration units: ``institution``, ``level``, ``batch``, ``stage``, ``on``."""
    must_hold(actor, DEMONSTRATE, {row["institution"].pk for row in rows})
    entered = entering.enter(
        actor=actor, model=Demonstration, key=("institution", "level", "batch", "stage"), rows=rows,
        verb="energy.demonstration.entered", at=at,
    )  # fmt: skip
    return entered.counts()


@transaction.atomic
def enter_city_scores(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """What the province gave its cities: ``year``, ``city``, ``score``, ``small``."""
    actor.must(RANK)
    entered = entering.enter(
        actor=actor, model=CityScore, key=("year", "city"), rows=rows,
        verb="energy.city_score.entered", at=at,
    )  # fmt: skip
    return entered.counts()
