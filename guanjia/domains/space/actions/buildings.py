"""Compounds and buildings: entering them, and what changes about them (title, appraisal, state)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from guanjia.domains.space.models import Building, Compound, Floor
from guanjia.domains.space.rules import buildings as rules
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.terms.ledger import (
    BuildingState,
    SafetyGrade,
    TitleState,
)
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

Rows = Sequence[Mapping[str, Any]]
ENTERED = (
    "gross_m2", "floors_above", "kind", "built_year", "title_no", "title_owner", "delivered_on",
    "state",
)  # fmt: skip
# An empty cell of these says nothing; taking away is done on the building's page.
_MAY_BE_UNTOLD = ("built_year", "title_no", "title_owner", "delivered_on")
AMENDABLE = (
    "gross_m2", "floors_above", "kind", "built_year", "structure", "delivered_on", "state",
)  # fmt: skip


@transaction.atomic
def enter_buildings(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter buildings as a ledger states them: ``compound`` and ``name``, and the fields of
    ``ENTERED``; compounds that are new come with them.

    A number of title makes the title registered; a building without one is 未登记 unless it was
    told otherwise before. Needs ``space.building.enter``; returns created, changed, unchanged.
    """
    actor.must("space.building.enter")
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
            building = Building(compound=compound, name=row["name"], position=place, **facts)
            building.save()
            _tell(actor, building, "space.building.entered", at, None, facts, "")
            created += 1
        elif _amend(actor, building, facts, "space.building.entered", at, ""):
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
            audit.record(
                actor=actor, verb="space.compound.entered", on=found[name], at=at,
                after={"name": name},
            )  # fmt: skip
    return found


def _locked(actor: Actor, building_id: int) -> Building:
    building: Building = (
        Building.objects.within(actor.scope("space.building.enter"))
        .select_for_update(of=("self",))
        .select_related("compound")
        .get(pk=building_id)
    )
    return building


def _amend(  # noqa: PLR0917 — what of what, how it is called, when and why
    actor: Actor, building: Building, facts: Mapping[str, Any], verb: str, at: datetime, note: str
) -> bool:
    changed = {name: value for name, value in facts.items() if getattr(building, name) != value}
    if not changed:
        return False
    before = audit.facts_of(building, *changed)
    for name, value in changed.items():
        setattr(building, name, value)
    building.save(update_fields=list(changed))
    _tell(actor, building, verb, at, before, changed, note)
    return True


def _tell(  # noqa: PLR0917 — as above
    actor: Actor,
    building: Building,
    verb: str,
    at: datetime,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    note: str,
) -> None:
    audit.record(
        actor=actor, verb=verb, on=building, at=at, before=before, after=after,
        note=note,
    )  # fmt: skip


@transaction.atomic
def add_building(
    *, actor: Actor, compound: str, name: str, facts: Mapping[str, Any], at: datetime
) -> Building:
    """A new building (新建楼栋), in a compound that may be new too; refused where it is known."""
    actor.must("space.building.enter")
    compound, name = compound.strip(), name.strip()
    if Building.objects.filter(compound__name=compound, name=name).exists():
        refuse(
            "building_known", "没有登记：", f"{compound}已有{name}，打开它改。", field="name"
        ).enforce()
    row = dict.fromkeys(ENTERED) | dict(facts) | {"compound": compound, "name": name}
    row["title_no"], row["title_owner"] = row["title_no"] or "", row["title_owner"] or ""
    enter_buildings(actor=actor, rows=[row], at=at)
    building: Building = Building.objects.get(compound__name=compound, name=name)
    if facts.get("structure"):
        _amend(actor, building, {"structure": facts["structure"]}, "space.building.amended", at, "")
    return building


@transaction.atomic
def record_title(
    *, actor: Actor, building_id: int, title: rules.Title, note: str = "", at: datetime
) -> Building:
    """How the title to a building stands (权属登记、权属备案 …), with number and day."""
    building = _locked(actor, building_id)
    rules.may_record_title(title=title, today=ledger.day_of(at)).enforce()
    facts = {
        "title_state": title.state,
        "title_no": title.number,
        "title_owner": title.owner,
        "titled_on": title.on,
        "title_m2": title.area_m2,
    }
    _amend(actor, building, facts, "space.building.titled", at, note)
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
    """What an appraisal of the building's safety found (安全鉴定), and when."""
    building = _locked(actor, building_id)
    rules.may_appraise(on=on, today=ledger.day_of(at), last=building.appraised_on).enforce()
    facts = {"safety": grade, "appraised_on": on}
    _amend(actor, building, facts, "space.building.appraised", at, note)
    return building


@transaction.atomic
def amend_building(
    *, actor: Actor, building_id: int, facts: Mapping[str, Any], why: str, at: datetime
) -> Building:
    """Correct or change plain facts of a building (面积、层数、类别、结构 …), with why."""
    building = _locked(actor, building_id)
    given = {name: facts[name] for name in AMENDABLE if name in facts}
    highest = Floor.objects.filter(building=building, rooms__isnull=False).order_by("-number")
    top = highest.values_list("number", flat=True).first()
    rules.may_amend(
        why=why,
        floors_above=given.get("floors_above", building.floors_above),
        top_floor=top,
        state=BuildingState(given.get("state", building.state)),
        held=building.state != given.get("state", building.state)
        and building.rooms.filter(holdings__during__contains=ledger.day_of(at)).exists(),
    ).enforce()
    _amend(actor, building, given, "space.building.amended", at, why)
    return building


@transaction.atomic
def add_files(
    *, actor: Actor, building_id: int, files: Sequence[int], kind: str, at: datetime
) -> int:
    """Photos and papers of a building (照片、图纸、证照、鉴定报告); returns how many were added."""
    building = _locked(actor, building_id)
    claimed = attachments.claim(
        actor=actor, ids=files, subject=building, kind=kind, bounds=rules.FILES, at=at
    )
    return len(claimed)


@transaction.atomic
def amend_compound(
    *, actor: Actor, compound_id: int, facts: Mapping[str, Any], at: datetime
) -> Compound:
    """Address and land of a compound (地址、土地面积、土地权属证号)."""
    actor.must("space.building.enter")
    compound = Compound.objects.select_for_update().get(pk=compound_id)
    given = {name: facts[name] for name in ("address", "land_m2", "land_title_no") if name in facts}
    changed = {name: value for name, value in given.items() if getattr(compound, name) != value}
    if not changed:
        return compound
    before = audit.facts_of(compound, *changed)
    for name, value in changed.items():
        setattr(compound, name, value)
    compound.save(update_fields=list(changed))
    audit.record(
        actor=actor, verb="space.compound.amended", on=compound, at=at, before=before, after=changed
    )
    return compound
