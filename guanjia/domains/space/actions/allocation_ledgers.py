"""Taking in allocations that ledgers tell of (调配登记): they are facts, without rooms."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.space.actions.allocations import ENTER, new_number
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.terms.allocations import AllocationState
from guanjia.domains.space.vouchers import LOAN, VOUCHER
from guanjia.kernel.acts.changing import change, made
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

TOLD = ("way", "unit_id", "place", "gross_m2", "approved_on", "since_on", "last_on")
_OURS = (
    (VOUCHER.series, re.compile(r"景调配〔(\d{4})〕(\d{1,6})号\Z")),
    (LOAN.series, re.compile(r"景借调〔(\d{4})〕(\d{1,6})号\Z")),
)

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def enter_allocations(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter allocations as a ledger states them: ``paper``, ``unit`` as an object, ``TOLD``.

    Needs ``space.allocation.enter`` for the units. One that was granted here keeps what it says; a
    ledger's own can be corrected by a later ledger. Our numbers go on after those of the ledger.
    Returns how many were created, changed and left as they were.
    """
    actor.must(ENTER)
    _within(actor, rows)
    known = {
        row.paper: row
        for row in Allocation.objects.select_for_update(of=("self",))
        .select_related("unit")
        .filter(paper__in=[row["paper"] for row in rows])
        .order_by("pk")
    }
    created = updated = unchanged = 0
    for row in rows:
        old, facts = known.get(row["paper"]), _facts(row)
        if old is None:
            _create(actor, row, facts, at)
            created += 1
        elif changed := _changes(old, facts):
            _change(actor, old, facts, changed, at)
            updated += 1
        else:
            unchanged += 1
    _keep_clear(rows)
    return created, updated, unchanged


def _within(actor: Actor, rows: Rows) -> None:
    ids = {row["unit"].pk for row in rows}
    inside = set(
        Unit.objects.within(actor.scope(ENTER)).filter(pk__in=ids).values_list("pk", flat=True)
    )
    outside = [row["unit"].shown for row in rows if row["unit"].pk not in inside]
    if outside:
        refuse("outside", f"{outside[0]}不在您的范围内。", "由管理它的单位登记。").enforce()


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: row[name] for name in TOLD if name != "unit_id"}
    return {**facts, "unit_id": row["unit"].pk, "place": row["place"] or ""}


def _create(actor: Actor, row: Mapping[str, Any], facts: dict[str, Any], at: datetime) -> None:
    allocation: Allocation = Allocation.objects.create(
        number=new_number(facts["approved_on"]),
        paper=row["paper"],
        state=AllocationState.RECORDED,
        **facts,
    )
    made(allocation, "paper", *TOLD, actor=actor, verb="space.allocation.entered", at=at)


def _changes(old: Allocation, facts: Mapping[str, Any]) -> list[str]:
    """What a ledger would change; what was granted here is not for a ledger to change."""
    if old.asked_at is not None:
        return []
    return [
        name for name in TOLD if facts[name] not in (None, "") and getattr(old, name) != facts[name]
    ]


def _change(
    actor: Actor, old: Allocation, facts: Mapping[str, Any], names: Sequence[str], at: datetime
) -> None:
    told = {name: facts[name] for name in names}
    change(old, told, actor=actor, verb="space.allocation.entered", at=at)


def _keep_clear(rows: Rows) -> None:
    """Our own numbers go on after the highest of the ledger, year by year."""
    highest: dict[tuple[str, int], int] = {}
    for row in rows:
        for series, pattern in _OURS:
            if read := pattern.match(row["paper"]):
                key = (series, int(read[1]))
                highest[key] = max(highest.get(key, 0), int(read[2]))
    for (series, year), used in sorted(highest.items()):
        numbering.keep_clear(series=series, year=year, used=used)
