"""Compounds and buildings: entering them, and what changes about them (title, appraisal, state)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max

from guanjia.domains.space.actions import building_lives as lives
from guanjia.domains.space.models import Building, Compound, Holding, RoomSpell
from guanjia.domains.space.queries.buildings import BUILDING, ENTER
from guanjia.domains.space.rules import buildings as rules
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.terms.ledger import (
    COMPOUND_FACTS,
    TITLE_FACTS,
    BuildingState,
    SafetyGrade,
    TitleState,
)
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

Rows = Sequence[Mapping[str, Any]]
Days = tuple[date | None, date | None]  # half-open
ENTERED = (
    "gross_m2", "floors_above", "kind", "built_year", "title_no", "title_owner", "delivered_on",
    "state",
)  # fmt: skip
# An empty cell of these says nothing; taking away is done on the building's page.
_MAY_BE_UNTOLD = ("built_year", "title_no", "title_owner", "delivered_on")
# How the title stands where there is none.
_UNTITLED = {
    "title_state": TitleState.NONE, "title_no": "", "title_owner": "", "titled_on": None,
    "title_m2": None,
}  # fmt: skip
AMENDABLE = (
    "gross_m2", "floors_above", "kind", "built_year", "structure", "delivered_on", "state",
)  # fmt: skip


@transaction.atomic
def enter_buildings(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter buildings as a ledger states them: ``compound`` and ``name``, and the fields of
    ``ENTERED``; compounds that are new come with them.

    A number of title makes the title registered; a building without one is 未登记 unless it was
    told otherwise before. What a known building is now otherwise, it is from today; a new one was
    always as it is told. Needs ``space.building.enter``; returns created, changed, unchanged.
    """
    actor.must(ENTER)
    compounds = _compounds(actor, [row["compound"] for row in rows], at)
    known = {
        (building.compound_id, building.name): building
        for building in Building.objects.select_for_update(of=("self",))
        .filter(compound__in=[compound.pk for compound in compounds.values()])
        .order_by("pk")
    }
    created = updated = unchanged = 0
    for place, row in enumerate(rows, start=Building.objects.count()):
        compound = compounds[row["compound"]]
        building = known.get((compound.pk, row["name"]))
        facts = {name: row[name] for name in ENTERED}
        facts = {
            name: value
            for name, value in facts.items()
            if value not in (None, "") or name not in _MAY_BE_UNTOLD
        }
        if facts.get("title_no"):
            facts["title_state"] = TitleState.REGISTERED
        if building is None:
            facts = {"title_state": TitleState.NONE, **facts}
            structure = {"structure": row["structure"]} if row.get("structure") else {}
            building = _new(compound, row["name"], place, facts | structure, at)
            made(
                building, actor=actor, verb="space.building.entered", at=at,
                beside=facts | structure,
            )  # fmt: skip
            created += 1
        elif _amend(
            actor, building, facts, "space.building.entered", at, "导入台账", on=ledger.day_of(at)
        ):
            updated += 1
        else:
            unchanged += 1
    return created, updated, unchanged


def _compounds(actor: Actor, names: Sequence[str], at: datetime) -> dict[str, Compound]:
    wanted = list(dict.fromkeys(names))
    found = {one.name: one for one in Compound.objects.filter(name__in=wanted)}
    place = Compound.objects.count()
    for name in wanted:
        if name not in found:
            found[name] = Compound.objects.create(name=name, position=place)
            place += 1
            made(found[name], "name", actor=actor, verb="space.compound.entered", at=at)
    return found


def _new(
    compound: Compound, name: str, place: int, facts: Mapping[str, Any], at: datetime
) -> Building:
    building: Building = Building.objects.create(
        compound=compound, name=name, position=place, **facts
    )
    building.spells.update(told_at=at)  # the database wrote it, by its own clock
    return building


def _amend(  # noqa: PLR0913, PLR0917 — what of what, how it is called, when and why
    actor: Actor,
    building: Building,
    facts: Mapping[str, Any],
    verb: str,
    at: datetime,
    why: str,
    *,
    on: date | None,
    seen: date | None = None,
    note: str = "",
    since: Mapping[str, Any] | None = None,
) -> bool:
    """Restate a building and record what was changed from what, as of the day it holds from."""
    today = ledger.day_of(at)
    if on == today and all(getattr(building, name) == value for name, value in facts.items()):
        return False  # a ledger of many that are as they were
    stood = lives.facts_on(building, on or seen or today)
    changed = {name: value for name, value in facts.items() if stood[name] != value}
    if not lives.restate(building, on=on, facts=facts, why=why, told_at=at, seen=seen):
        return False
    change(
        building, {}, actor=actor, verb=verb, at=at, note=note, also=since,
        beside={name: (stood[name], value) for name, value in changed.items()},
    )  # fmt: skip
    return True


@transaction.atomic
def add_building(
    *, actor: Actor, compound: str, name: str, facts: Mapping[str, Any], at: datetime
) -> Building:
    """A new building (新建楼栋), in a compound that may be new too; refused where it is known."""
    actor.must(ENTER)
    compound, name = compound.strip(), name.strip()
    if Building.objects.filter(compound__name=compound, name=name).exists():
        refuse(
            "building_known", "没有登记：", f"{compound}已有{name}，打开它改。", field="name"
        ).enforce()
    row = dict.fromkeys(ENTERED) | dict(facts) | {"compound": compound, "name": name}
    row["title_no"], row["title_owner"] = row["title_no"] or "", row["title_owner"] or ""
    enter_buildings(actor=actor, rows=[row], at=at)
    building: Building = Building.objects.get(compound__name=compound, name=name)
    return building


@transaction.atomic
def record_title(
    *, actor: Actor, building_id: int, title: rules.Title, note: str = "", at: datetime
) -> Building:
    """How the title to a building stands (权属登记、权属备案 …), with number and day.

    It holds from its day, today where it has none. The title that stands, told again with another
    day, is moved there: before its day nobody had it.
    """
    building: Building = locked(BUILDING, actor=actor, verb=ENTER, pk=building_id)
    today = ledger.day_of(at)
    rules.may_record_title(title=title, today=today).enforce()
    on = title.on or today
    facts = {
        "title_state": title.state,
        "title_no": title.number,
        "title_owner": title.owner,
        "titled_on": title.on,
        "title_m2": title.area_m2,
    }
    why = note or title.state.label
    since, before = lives.stretch(building, TITLE_FACTS)
    papered = title.state in (TitleState.REGISTERED, TitleState.FILED)
    known = (building.title_state, building.title_no) == (title.state, title.number)
    if papered and known and since != on:
        lives.restate(building, on=since, facts=before or _UNTITLED, why="", told_at=at)
    _amend(actor, building, facts, "space.building.titled", at, why, on=on, note=note)
    return building


@transaction.atomic
def record_appraisal(
    *,
    actor: Actor,
    building_id: int,
    grade: SafetyGrade,
    on: date,
    note: str = "",
    at: datetime,
) -> Building:
    """What an appraisal of the building's safety found (安全鉴定); it holds from its day."""
    building: Building = locked(BUILDING, actor=actor, verb=ENTER, pk=building_id)
    rules.may_appraise(on=on, today=ledger.day_of(at), last=building.appraised_on).enforce()
    facts = {"safety": grade, "appraised_on": on}
    why = f"鉴定 {note}".strip()
    _amend(actor, building, facts, "space.building.appraised", at, why, on=on, note=note)
    return building


@transaction.atomic
def amend_building(
    *,
    actor: Actor,
    building_id: int,
    facts: Mapping[str, Any],
    on: date | None,
    why: str,
    at: datetime,
    seen: date | None = None,
) -> Building:
    """Correct or change plain facts of a building (面积、层数、类别、结构 …), with why.

    They hold from the day ``on``. ``None``: they were told wrongly all along, and what stood on the
    day ``seen`` (today) is put right for as long as it stood.
    """
    building: Building = locked(BUILDING, actor=actor, verb=ENTER, pk=building_id)
    given = {name: facts[name] for name in AMENDABLE if name in facts}
    today = ledger.day_of(at)
    rules.may_date(on=on, today=today).enforce()
    seen = seen or today
    stood = lives.facts_on(building, on or seen)
    state = BuildingState(given.get("state", stood["state"]))
    rules.may_amend(
        why=why,
        today=today,
        floors_above=given.get("floors_above", stood["floors_above"]),
        top_floor=_top(building, lives.days_of(building, "floors_above", on=on, seen=seen)),
        state=state,
        held_on=None
        if state == stood["state"]
        else _held(building, lives.days_of(building, "state", on=on, seen=seen), today),
    ).enforce()
    since = {"since": on.isoformat() if on else "always"}
    _amend(
        actor, building, given, "space.building.amended", at, why, on=on, seen=seen, note=why,
        since=since,
    )  # fmt: skip
    return building


def _top(building: Building, days: Days) -> int | None:
    """The highest floor that has a room on one of these days."""
    rooms = RoomSpell.objects.filter(room__building=building, during__overlap=DateRange(*days))
    top: int | None = rooms.aggregate(top=Max("room__level"))["top"]
    return top


def _held(building: Building, days: Days, today: date) -> date | None:
    """The last of these days up to today on which a unit held a room of the building."""
    until = min(days[1] or date.max, today + timedelta(days=1))
    rows = Holding.objects.filter(
        room__building=building, during__overlap=DateRange(days[0], until)
    )
    ends = [min(row.during.upper or until, until) for row in rows]
    return max(ends) - timedelta(days=1) if ends else None


@transaction.atomic
def add_files(
    *, actor: Actor, building_id: int, files: Sequence[int], kind: str, at: datetime
) -> Building:
    """Photos and papers of a building (照片、图纸、证照、鉴定报告)."""
    building: Building = locked(BUILDING, actor=actor, verb=ENTER, pk=building_id)
    attachments.claim(
        actor=actor, ids=files, subject=building, kind=kind, bounds=rules.FILES, at=at
    )
    return building


@transaction.atomic
def amend_compound(
    *,
    actor: Actor,
    compound_id: int,
    facts: Mapping[str, Any],
    on: date | None,
    why: str,
    at: datetime,
    seen: date | None = None,
) -> Compound:
    """Address and land of a compound (地址、土地面积、土地权属证号); days as ``amend_building``."""
    actor.must(ENTER)
    compound: Compound = Compound.objects.select_for_update().get(pk=compound_id)
    given = {name: facts[name] for name in COMPOUND_FACTS if name in facts}
    rules.may_amend_compound(why=why, on=on, today=ledger.day_of(at)).enforce()
    stood = lives.facts_on(compound, on or seen or ledger.day_of(at))
    changed = {name: value for name, value in given.items() if stood[name] != value}
    if lives.restate(compound, on=on, facts=given, why=why, told_at=at, seen=seen):
        change(
            compound, {}, actor=actor, verb="space.compound.amended", at=at, note=why,
            beside={name: (stood[name], value) for name, value in changed.items()},
            also={"since": on.isoformat() if on else "always"},
        )  # fmt: skip
    return compound
