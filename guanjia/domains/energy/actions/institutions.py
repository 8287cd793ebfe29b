"""The register of public institutions (名录库): entering them, and what changes about them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import (
    Institution,
    InstitutionChange,
    InstitutionChangePart,
    InstitutionClerk,
    InstitutionSpell,
)
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.rules import institutions as rules
from guanjia.domains.energy.rules.schemes import all_known
from guanjia.domains.energy.terms.institutions import Change
from guanjia.kernel.acts import stretches
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

ENTER, CLERK = "energy.institution.enter", "energy.institution.clerk"
INSTITUTIONS = queries.INSTITUTIONS
# What is dated about an institution; all of it stands in its spells.
DATED = ("name", "kind", "area", "floor_m2", "people", "staff", "assessed", "key_user")
# An empty cell of these says nothing.
_MAY_BE_UNTOLD = ("floor_m2", "people", "staff")

_NOT_ENTERED = "没有登记："

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def enter_institutions(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter institutions as a ledger states them: ``code``, ``entered_on`` and the fields of
    ``DATED``; what differs from today's is so from today on, the days before stay.

    Needs ``energy.institution.enter`` for the areas named and for the institutions as they are. A
    former name means the institution that carried it, whose name stays; one that left the register
    is not entered again by a row, but reopened (``reform``). Returns created, changed, unchanged.
    """
    actor.must(ENTER)
    places = areas.outside(actor.scope(ENTER), [row["area"] for row in rows])
    codes = {row["code"] for row in rows}
    there = Institution.objects.select_for_update().filter(code__in=codes).order_by("pk")
    locked = {row.pk: row for row in there}
    directory = queries.Directory(codes)
    known = [directory.find(row["code"], row["name"]) for row in rows]
    met = [one.pk for one in known if one is not None]
    rules.may_enter(outside=len(places), twice=len(met) - len(set(met))).enforce()
    today = timezone.localdate(at)
    must_hold(actor, ENTER, met)
    spells = {
        spell.institution_id: spell
        for spell in InstitutionSpell.objects.select_for_update()
        .filter(institution__in=met, during__contains=today)
        .order_by("pk")
    }
    new = [row for row, one in zip(rows, known, strict=True) if one is None]
    _create(actor, new, at)
    changed = 0
    for row, one in zip(rows, known, strict=True):
        if one is None or one.pk not in spells:
            continue
        # Its name changes by a reform, not by a sheet that still carries an old one.
        told = {**row, "name": one.name}
        changed += _amend(actor, locked[one.pk], spells[one.pk], told, today, at)
    return len(new), changed, len(rows) - len(new) - changed


def _create(actor: Actor, rows: Rows, at: datetime) -> None:
    codes = [row["code"] for row in rows]
    units = {unit.credit_code: unit for unit in Unit.objects.filter(credit_code__in=codes)}
    place = Institution.objects.count()
    rows_made = [
        Institution(
            code=row["code"], name=row["name"], area=row["area"], entered_on=row["entered_on"],
            unit=units.get(row["code"]), position=place + number,
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip
    Institution.objects.bulk_create(rows_made, batch_size=1000)
    InstitutionSpell.objects.bulk_create(
        [
            InstitutionSpell(
                institution=one, during=DateRange(None, None), told_at=at,
                **{name: row[name] for name in DATED},
            )
            for one, row in zip(rows_made, rows, strict=True)
        ],
        batch_size=1000,
    )  # fmt: skip
    audit.record_many(
        audit.entry(
            actor=actor, verb="energy.institution.entered", on=one, at=at,
            after={"code": one.code, "entered_on": one.entered_on}
            | {name: row[name] for name in DATED},
        )
        for one, row in zip(rows_made, rows, strict=True)
    )  # fmt: skip


def _amend(  # noqa: PLR0917 — who, what was there, what the ledger says, and when
    actor: Actor,
    there: Institution,
    spell: InstitutionSpell,
    row: Mapping[str, Any],
    today: date,
    at: datetime,
) -> bool:
    facts = {
        name: row[name] for name in DATED if row[name] is not None or name not in _MAY_BE_UNTOLD
    }
    before = {n: getattr(spell, n) for n, value in facts.items() if getattr(spell, n) != value}
    moved = there.entered_on != row["entered_on"]
    if not before and not moved:
        return False
    after: dict[str, Any] = {name: facts[name] for name in before}
    if before:
        restate(spell, on=today, facts=after, at=at, why=row.get("why") or "")
    # The area stands in the row and in its stretch of days: it is recorded once.
    told = {name: (was, after[name]) for name, was in before.items() if name != "area"}
    facts = {"entered_on": row["entered_on"]} if moved else {}
    facts |= {"area": row["area"]} if "area" in before else {}
    change(there, facts, actor=actor, verb="energy.institution.entered", at=at, beside=told)
    return True


def restate(
    spell: InstitutionSpell, *, on: date, facts: Mapping[str, Any], at: datetime, why: str = ""
) -> InstitutionSpell:
    """An institution is something else from a day on; a second change of a day replaces the first.

    The spell is that of the day, locked by the caller.
    """
    kept = {name: getattr(spell, name) for name in DATED} | dict(facts)
    if spell.during.lower == on:
        why = why or spell.why
    kept |= {"institution_id": spell.institution_id, "told_at": at, "why": why}
    after: InstitutionSpell = stretches.follow(spell, on=on, facts=kept)
    return after


@transaction.atomic
def restate_size(
    *, actor: Actor, institution_id: int, size: rules.Size, why: str, at: datetime
) -> Institution:
    """Floor space and people of an institution from today on; what moves by much says why.

    Needs ``energy.institution.enter`` for it. What is not told stays.
    """
    row: Institution = locked(INSTITUTIONS, actor=actor, verb=ENTER, pk=institution_id)
    today = timezone.localdate(at)
    now = InstitutionSpell.objects.select_for_update().filter(
        institution=row, during__contains=today
    )
    spell: InstitutionSpell = now.first() or InstitutionSpell()
    before = rules.Size(floor_m2=spell.floor_m2, people=spell.people, staff=spell.staff)
    provision = law_at(today)[rules.MOVED]
    changes = rules.moved(before, size, percent=Decimal(provision.value))
    rules.may_restate(
        there=spell.pk is not None, changes=changes, why=why, provision=provision
    ).enforce()
    facts = {
        name: value
        for name in ("floor_m2", "people", "staff")
        if (value := getattr(size, name)) is not None and value != getattr(spell, name)
    }
    if not facts:
        return row
    told = {name: getattr(spell, name) for name in facts}
    restate(spell, on=today, facts=facts, at=at, why=why.strip())
    change(
        row, {}, actor=actor, verb="energy.institution.restated", at=at, note=why,
        beside={name: (told[name], value) for name, value in facts.items()},
    )  # fmt: skip
    return row


# ── who fills in ─────────────────────────────────────────────────────────────────────────


@transaction.atomic
def assign_clerk(
    *, actor: Actor, institution_id: int, person_id: int, since: date, at: datetime
) -> InstitutionClerk:
    """Somebody fills in an institution's returns from a day on; who did before still may.

    Needs ``energy.institution.clerk`` for the institution.
    """
    institution: Institution = locked(INSTITUTIONS, actor=actor, verb=CLERK, pk=institution_id)
    known = InstitutionClerk.objects.filter(institution=institution, person=person_id, until=None)
    rules.may_assign(known=known.exists(), since=since, today=timezone.localdate(at)).enforce()
    clerk: InstitutionClerk = InstitutionClerk.objects.create(
        institution=institution, person_id=person_id, since=since
    )
    made(
        clerk, "since", actor=actor, verb="energy.clerk.assigned", at=at, on=institution,
        beside={"person": clerk.person},
    )  # fmt: skip
    return clerk


@transaction.atomic
def end_clerk(
    *, actor: Actor, clerk_id: int, on: date | None = None, at: datetime
) -> InstitutionClerk:
    """Somebody fills in no longer from a day on, by default from today."""
    actor.must(CLERK)
    clerk: InstitutionClerk = queries.all_clerks(actor.scope(CLERK)).get(pk=clerk_id)
    institution = locked(INSTITUTIONS, actor=actor, verb=CLERK, pk=clerk.institution_id)
    clerk.refresh_from_db(fields=["until"])  # as it stands now that nobody else writes
    if clerk.until is None:
        until = max(on or timezone.localdate(at), clerk.since)
        change(
            clerk, {"until": until}, actor=actor, verb="energy.clerk.ended", at=at,
            on=institution, beside={"person": (clerk.person, clerk.person)},
        )  # fmt: skip
    return clerk


# ── reforms ──────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def reform(
    *,
    actor: Actor,
    kind: Change,
    before: Sequence[int],
    after: Sequence[int],
    on: date,
    name: str = "",
    document: str = "",
    note: str = "",
    at: datetime,
) -> InstitutionChange:
    """What a reform did to institutions: renamed (``name``), merged into another, split into
    others, closed, entered again. What left the register keeps its returns and its history.

    ``before``: whom it happened to; ``after``: what came of it (already in the register).
    """
    rows = {
        pk: locked(INSTITUTIONS, actor=actor, verb=ENTER, pk=pk) for pk in sorted({*before, *after})
    }
    same = Institution.objects.filter(name=name.strip(), code__in={rows[pk].code for pk in before})
    rules.may_reform(
        kind=kind,
        before=[queries.standing(rows[pk]) for pk in before],
        after=[queries.standing(rows[pk]) for pk in after],
        overlap=bool(set(before) & set(after)),
        on=on,
        name=name,
        taken=kind is Change.RENAMED and same.exclude(pk__in=before).exists(),
        today=timezone.localdate(at),
    ).enforce()
    told: InstitutionChange = InstitutionChange.objects.create(
        kind=kind, on=on, document=document.strip(), note=note.strip(), told_at=at
    )
    there = [(pk, False) for pk in before]
    there += [(pk, True) for pk in (after or (before if kind is Change.RENAMED else ()))]
    InstitutionChangePart.objects.bulk_create(
        [InstitutionChangePart(change=told, institution=rows[pk], came=came) for pk, came in there]
    )
    for pk in before:
        facts = _reform_one(rows[pk], told, name.strip(), at)
        change(
            rows[pk], facts, actor=actor, verb="energy.institution.reformed", at=at,
            also={"kind": kind, "on": on, "document": told.document, "name": name.strip(),
                  "after": [str(rows[one]) for one in after]},
        )  # fmt: skip
    return told


@transaction.atomic
def reform_of(
    *,
    actor: Actor,
    institution_id: int,
    kind: Change,
    on: date,
    members: Sequence[str] = (),
    name: str = "",
    document: str = "",
    note: str = "",
    at: datetime,
) -> Institution:
    """What a reform did to one institution. ``members``: into whom it was merged or split, by name
    or code; see ``reform``."""
    actor.must(ENTER)
    after, unknown = queries.named(Scope.all(), members)
    all_known(unknown=unknown, headline=_NOT_ENTERED).enforce()
    try:
        reform(
            actor=actor, kind=kind, before=[institution_id],
            after=after if kind in (Change.MERGED, Change.SPLIT) else [], on=on,
            name=name if kind is Change.RENAMED else "", document=document, note=note, at=at,
        )  # fmt: skip
    except Institution.DoesNotExist:
        # One of those named lies outside the scope: for the actor there is none such.
        all_known(unknown=members, headline=_NOT_ENTERED).enforce()
        raise
    found: Institution = Institution.objects.get(pk=institution_id)
    return found


def _reform_one(
    row: Institution, told: InstitutionChange, name: str, at: datetime
) -> dict[str, Any]:
    """Restate its stretches of days; returns what it is called, or when it left, by now."""
    spells = list(row.spells.select_for_update().order_by("during"))
    if told.kind == Change.RENAMED:
        return {"name": _rename(spells, told.on, name, at)}
    if told.kind == Change.REOPENED:
        facts = {each: getattr(spells[-1], each) for each in DATED}
        InstitutionSpell.objects.create(
            institution=row, during=DateRange(told.on, None), told_at=at, why="恢复", **facts
        )
        return {"left_on": None}
    for spell in spells:  # nothing from that day on; what was told of later days goes
        if spell.during.upper is None or spell.during.upper > told.on:
            stretches.end(spell, told.on)
    return {"left_on": told.on}


def _rename(spells: Sequence[InstitutionSpell], on: date, name: str, at: datetime) -> str:
    """It has the name from a day on: also in what was told of later days, until its next name.

    Returns the name that it has at last.
    """
    place = next(n for n, spell in enumerate(spells) if on in spell.during)
    old, later = spells[place].name, spells[place + 1 :]
    restate(spells[place], on=on, facts={"name": name}, at=at, why="更名")
    renamed = list(takewhile(lambda each: each.name == old, later))
    for spell in renamed:
        spell.name = name
    InstitutionSpell.objects.bulk_update(renamed, ["name"])
    return later[-1].name if later else name
