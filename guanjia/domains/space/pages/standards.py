"""核定面积: what every unit may have against what it holds, and how the figures come about."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.pages.filling import asked_day
from guanjia.domains.space.queries import findings as finding_queries
from guanjia.domains.space.queries import standards as queries
from guanjia.domains.space.rules import standards as rules
from guanjia.domains.space.terms.ledger import BuildingKind, RoomKind
from guanjia.domains.space.terms.standards import (
    BASIC,
    NO_AREA,
    Approved,
    Basis,
    Extras,
    Part,
    UnitStanding,
)
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.ui import excel, formats, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import addresses
from guanjia.ui.registers.pages import excel as excel_response

SEE, ENTER = queries.SEE, queries.ENTER
_VIEWS = (("", "全部"), ("over", "超核定面积"), ("office", "办公室超"), ("unknown", "不能核定"))
_MOST, _FINDINGS = 100_000, 20


# ── all units ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def standards(request: PageRequest) -> HttpResponse:
    """Every unit of the scope: approved, actual, over; the worst first."""
    day, past = asked_day(request)
    asked = {
        "view": request.GET.get("view", ""),
        "words": request.GET.get("words", "").strip()[:60],
    }
    everything = _by_over(queries.standings(day=day, scope=request.scope))
    named = [each for each in everything if _named(each, asked["words"])]
    shown = [each for each in named if _in_view(each, asked["view"])]
    on = f"{day:%Y-%m-%d}" if past else ""
    context = {
        "day": day,
        "past": past,
        "asked": asked,
        "rows": [_row(each, day=day, past=past) for each in shown],
        "tabs": [
            {
                "title": title,
                "count": sum(_in_view(each, key) for each in named),
                "current": key == asked["view"],
                "url": _address({**asked, "view": key, "on": on}),
            }
            for key, title in _VIEWS
        ],
        "sums": _sums(shown),
        "over_url": _address({**asked, "view": "over", "on": on}),
        "derived": sum(each.approved.facts.basis is Basis.DERIVED for each in shown),
        "export_url": f"{reverse('space:standards_export')}?{urlencode({**asked, 'on': day})}",
        "may_enter": request.actor.can(ENTER),
        "on_time": timezone.now(),
    }
    return pages.render(request, "space/standards.html", context)


def _address(asked: Mapping[str, str]) -> str:
    query = {name: value for name, value in asked.items() if value}
    return f"{reverse('space:standards')}?{urlencode(query)}" if query else "?"


def _by_over(rows: Sequence[UnitStanding]) -> list[UnitStanding]:
    """The most over first; what cannot be told comes last, in protocol order."""
    worst = Decimal(-(10**9))
    return sorted(
        rows,
        key=lambda each: (
            -(each.over_m2 if each.over_m2 is not None else worst),
            each.position,
            each.unit_code,
        ),
    )


def _named(each: UnitStanding, words: str) -> bool:
    return not words or words in each.unit_full or words.upper() in each.unit_code


def _in_view(each: UnitStanding, view: str) -> bool:
    if view == "over":
        return each.is_over
    if view == "office":
        return (each.over_of(RoomKind.OFFICE) or NO_AREA) > 0
    return each.over_m2 is None if view == "unknown" else True


def _row(each: UnitStanding, *, day: date, past: bool) -> dict[str, Any]:
    facts = each.approved.facts
    url = reverse("space:standards_unit", args=[facts.id])
    return {
        "each": each,
        "name": facts.name,
        "full": each.unit_full,
        "url": f"{url}?on={day:%Y-%m-%d}" if past else url,
        "persons": facts.persons,
        "derived": facts.basis is Basis.DERIVED,
        "total": each.approved.total_m2,
        "held": each.held_m2,
        "held_url": _rooms_url(each, day=day, past=past),
        "over": each.over_m2,
        "office": each.approved.office.m2,
        "office_held": each.held.get(RoomKind.OFFICE, NO_AREA),
        "office_url": _rooms_url(each, day=day, past=past, kind=RoomKind.OFFICE),
        "office_over": each.over_of(RoomKind.OFFICE),
    }


def _rooms_url(each: UnitStanding, *, day: date, past: bool, kind: RoomKind | None = None) -> str:
    """The register of rooms with just the rows that a figure counts."""
    kinds = kind.value if kind else ",".join(BASIC)
    query = {"view": "all", "counted": str(each.approved.facts.id), "kind": kinds}
    if past:
        query["on"] = f"{day:%Y-%m-%d}"
    return addresses.maybe("space:rooms_list", query=urlencode(query))


def _sums(rows: Sequence[UnitStanding]) -> dict[str, Any]:
    """What stands under the columns, over all rows that are shown."""
    known = [each for each in rows if each.approved.total_m2 is not None]
    return {
        "units": len(rows),
        "persons": sum(each.approved.facts.persons for each in rows),
        "total": sum((each.approved.total_m2 or NO_AREA for each in known), NO_AREA),
        "held": sum((each.held_m2 for each in rows), NO_AREA),
        "over": sum((each.over_m2 or NO_AREA for each in known if each.is_over), NO_AREA),
        "over_units": sum(each.is_over for each in rows),
        "office": sum((each.approved.office.m2 or NO_AREA for each in rows), NO_AREA),
        "office_held": sum((each.held.get(RoomKind.OFFICE, NO_AREA) for each in rows), NO_AREA),
    }


_HEADS = (
    "单位编码", "单位", "编制人数", "编制来源",
    "核定办公室(㎡)", "核定服务用房(㎡)", "核定设备用房(㎡)", "核定合计(㎡)",
    "实有办公室(㎡)", "实有服务用房(㎡)", "实有设备用房(㎡)", "实有合计(㎡)", "超出(㎡)", "说明",
)  # fmt: skip


@needs(SEE)
def standards_export(request: PageRequest) -> HttpResponse:
    """导出 Excel: exactly the rows that are shown, in their order."""
    day, _ = asked_day(request)
    view, words = request.GET.get("view", ""), request.GET.get("words", "").strip()[:60]
    rows = [
        each
        for each in _by_over(queries.standings(day=day, scope=request.scope))
        if _named(each, words) and _in_view(each, view)
    ]
    made = f"{request.actor.name} {formats.daytime(timezone.now(), style='iso')} 导出"
    content = excel.book(
        title="各单位办公用房核定面积",
        notes=[
            f"截至 {day:%Y-%m-%d}  共 {len(rows)} 个单位  {made}",
            "口径：使用面积，不含附属用房、技术业务用房和周转房。",
        ],
        heads=_HEADS,
        rows=[_sheet_row(each) for each in rows],
    )  # fmt: skip
    pages.tell_shown(request, rows=len(rows), exported=True)
    return excel_response(content, f"核定面积{day:%Y%m%d}.xlsx")


def _sheet_row(each: UnitStanding) -> list[Any]:
    approved, held = each.approved, each.held
    over = each.over_m2
    return [
        each.unit_code, each.unit_full, approved.facts.persons, approved.facts.basis.label,
        *(part.m2 for part in approved.basic), approved.total_m2,
        *(held.get(kind, NO_AREA) for kind in BASIC), each.held_m2,
        None if over is None else max(over, NO_AREA), _why(approved),
    ]  # fmt: skip


def _why(approved: Approved) -> str:
    notes = [approved.facts.stands_for, *(part.note for part in approved.basic)]
    return "；".join(dict.fromkeys(note.rstrip("。") for note in notes if note))


# ── a unit ───────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def standards_unit(request: PageRequest, unit_id: int) -> HttpResponse:
    """How much a unit may have, part by part with formula and article, and what it holds."""
    unit = Unit.objects.within(request.scope).filter(pk=unit_id).first()
    if unit is None:
        raise Http404
    day, past = asked_day(request)
    standing = queries.standing(unit_id=unit.pk, day=day)
    context: dict[str, Any] = {
        "unit": unit,
        "day": day,
        "past": past,
        "standing": standing,
        "may_enter": request.actor.can(ENTER),
        "list_url": reverse("space:standards"),
        "on_time": timezone.now(),
    }
    if standing is not None:
        context |= _of_unit(request, standing, day=day, past=past)
    return pages.render(request, "space/standards_unit.html", context)


def _of_unit(
    request: PageRequest, standing: UnitStanding, *, day: date, past: bool
) -> dict[str, Any]:
    law, extras = law_at(day), _extras(request)
    approved = standing.approved
    beside = rules.ancillary(persons=approved.facts.persons, extras=extras, law=law)
    over = queries.over_rooms(unit_id=approved.facts.id, day=day)
    return {
        "facts": approved.facts,
        "lines": approved.lines,
        "parts": [_part(standing, part, day=day, past=past) for part in approved.basic],
        "total": approved.total_m2,
        "held": standing.held_m2,
        "held_url": _rooms_url(standing, day=day, past=past),
        "over": standing.over_m2,
        "ancillary": beside,
        "ancillary_m2": sum((part.m2 or NO_AREA for part in beside), NO_AREA),
        "extras": extras,
        "gross": _gross(approved, beside, law),
        "over_rooms": over,
        "over_sum": sum((each.over_m2 for each in over), NO_AREA),
        **_findings(request, approved.facts.id, day=day if past else None),
        "differs": _differs(approved),
        "crowded": _crowded(approved, day),
        "establishments_url": addresses.maybe(
            "space:establishments_list", query=urlencode({"unit": standing.unit_code})
        ),
    }


def _findings(request: PageRequest, unit_id: int, *, day: date | None) -> dict[str, Any]:
    """What was open about the unit when a past day ended, or is open now; and how much it is."""
    if not request.actor.can(finding_queries.SEE):
        return {}
    scope = request.actor.scope(finding_queries.SEE)
    rows = finding_queries.open_about(scope=scope, unit_id=unit_id, on=day)
    return {"findings": list(rows[:_FINDINGS]), "findings_count": rows.count()}


def _part(standing: UnitStanding, part: Part, *, day: date, past: bool) -> dict[str, Any]:
    held = standing.held.get(part.kind, NO_AREA)
    return {
        "part": part,
        "held": held,
        "rooms": standing.rooms.get(part.kind, 0),
        "url": _rooms_url(standing, day=day, past=past, kind=part.kind),
        "over": standing.over_of(part.kind),
    }


def _differs(approved: Approved) -> str:
    """Where the numbers by rank and the headcount of the directory do not agree."""
    facts = approved.facts
    if facts.headcount is None or facts.headcount == facts.persons:
        return ""
    return f"职级编制合计 {facts.persons} 人，单位名录编制 {facts.headcount} 人，不一致。"


def _crowded(approved: Approved, day: date) -> str:
    """Where more people on the establishment serve than it has; no area is approved for them."""
    facts = approved.facts
    there = queries.serving(unit_id=facts.id, day=day)
    if not facts.persons or there <= facts.persons:
        return ""
    more = there - facts.persons
    return f"在编在职 {there} 人，比编制多 {more} 人；核定面积按编制，不按在职人数。"


def _extras(request: PageRequest) -> Extras:
    """What ancillary rooms are to be reckoned for, from the address; nonsense counts as nothing."""

    def number(name: str) -> int:
        text = request.GET.get(name, "").strip()
        return min(int(text), _MOST) if text.isdecimal() and len(text) <= len(str(_MOST)) else 0

    return Extras(
        cars=number("cars"),
        bicycles=number("bicycles"),
        motorcycles=number("motorcycles"),
        guards=number("guards"),
    )


def _gross(approved: Approved, beside: Sequence[Part], law: LawInForce) -> list[Any]:
    """The whole as a building of each kind for which the standard names a ratio."""
    if approved.total_m2 is None:
        return []
    more = sum((part.m2 or NO_AREA for part in beside), NO_AREA)
    found = [
        rules.gross_need(usable_m2=approved.total_m2, ancillary_m2=more, kind=kind, law=law)
        for kind in BuildingKind
    ]
    return [need for need in found if need is not None]
