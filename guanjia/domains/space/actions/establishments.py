"""Entering how many of which rank a unit is granted (职级编制)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.space.models import Establishment
from guanjia.kernel.acts import stretches
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.locks import advisory
from guanjia.kernel.values.actor import Actor

VERB = "space.establishment.enter"
_FACTS = ("rank", "number", "document", "during")

Rows = Sequence[Mapping[str, Any]]
Key = tuple[int, str]


@transaction.atomic
def enter_establishments(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter numbers as a ledger states them: ``unit``, ``rank``, ``number``, ``since``,
    ``document``.

    A number holds from its day on until the next one that is known; one with the day of a known
    number corrects it. The same number as before from a later day is nothing new. Returns how many
    were created, changed and left as they were. Needs ``space.establishment.enter``.
    """
    actor.must(VERB)
    advisory.advisory(VERB)  # numbers of one unit hang together; they are entered one by one
    known = _known(rows)
    created: list[Establishment] = []
    changed: list[tuple[Establishment, dict[str, Any]]] = []
    for told in sorted(rows, key=lambda row: row["since"]):
        line = known.setdefault((told["unit"].pk, str(told["rank"])), [])
        row, before = _put(line, told)
        if row is None:
            continue
        if before is None:
            created.append(row)
        else:
            changed.append((row, before))
    audit.record_many(
        audit.entry(
            actor=actor, verb="space.establishment.entered", on=row, at=at, before=before,
            after=audit.facts_of(row, *_FACTS),
        )
        for row, before in [*((each, None) for each in created), *changed]
    )  # fmt: skip
    return len(created), len(changed), len(rows) - len(created) - len(changed)


def _known(rows: Rows) -> dict[Key, list[Establishment]]:
    """The numbers of the units in question, locked, each line of time in its order."""
    units = {row["unit"].pk for row in rows}
    found: dict[Key, list[Establishment]] = {}
    locked = Establishment.objects.select_for_update(of=("self",)).select_related("unit")
    for row in locked.filter(unit__in=units).order_by("pk"):
        found.setdefault((row.unit_id, row.rank), []).append(row)
    for line in found.values():
        line.sort(key=lambda row: row.during.lower)
    return found


def _put(
    line: list[Establishment], told: Mapping[str, Any]
) -> tuple[Establishment | None, dict[str, Any] | None]:
    """Put one number into the time line of its rank: the row that is new or was corrected, with
    what it was; ``None`` where the ledger says nothing new."""
    since: date = told["since"]
    number, document = told["number"], told.get("document") or ""
    same = next((row for row in line if row.during.lower == since), None)
    if same is not None:
        if (same.number, same.document) == (number, document):
            return None, None
        before = audit.facts_of(same, *_FACTS)
        facts = {"number": number, "document": document}
        return stretches.follow(same, on=since, facts=facts), before
    earlier = [row for row in line if row.during.lower < since]
    later = [row for row in line if row.during.lower > since]
    if earlier and earlier[-1].number == number and earlier[-1].document == document:
        return None, None
    end = later[0].during.lower if later else None
    if earlier:
        stretches.finish(earlier[-1], since)
    row: Establishment = Establishment.objects.create(
        unit=told["unit"], rank=told["rank"], number=number, document=document,
        during=DateRange(since, end),
    )  # fmt: skip
    line.append(row)
    line.sort(key=lambda each: each.during.lower)
    return row, None
