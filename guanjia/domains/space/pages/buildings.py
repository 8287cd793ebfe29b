"""Compounds and buildings: what they are, floor by floor, unit by unit, and how they change."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.space.actions import buildings as actions
from guanjia.domains.space.forms import ledger as forms
from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import buildings as queries
from guanjia.domains.space.terms.ledger import (
    BuildingKind,
    BuildingState,
    RoomKind,
    SafetyGrade,
    Structure,
    TitleState,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit.models import Record
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER = "space.room.see", "space.building.enter"
_TERMS = {
    "state": BuildingState,
    "title_state": TitleState,
    "safety": SafetyGrade,
    "kind": BuildingKind,
    "structure": Structure,
}
_NAMES = {
    "state": "", "title_state": "", "safety": "安全等级 ", "kind": "", "structure": "",
    "gross_m2": "建筑面积 ", "title_m2": "证载面积 ", "floors_above": "层数 ",
    "built_year": "建成年份 ", "title_no": "证号 ", "title_owner": "权属人 ",
}  # fmt: skip


def m2(value: Any) -> str:
    """An area as it is shown, or nothing."""
    return f"{formats.num(value, places=1)} ㎡" if value is not None else ""


# ── compounds ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def compounds(request: PageRequest) -> HttpResponse:
    """院落: the compounds with their land and buildings."""
    rows = queries.compound_rows(request.scope)
    pages.tell_shown(request, rows=len(rows))
    context = {"compounds": rows, "may": request.actor.can(ENTER)}
    return pages.render(request, "space/compounds.html", context)


@needs(SEE)
def compound(request: PageRequest, compound_id: int) -> HttpResponse:
    """One compound: its land, its buildings, what was done."""
    found = _compound(request, compound_id)
    rows = [row for row in queries.compound_rows(request.scope) if row[0].pk == found.pk]
    context = {
        "compounds": rows,
        "compound": found,
        "may": request.actor.can(ENTER),
        "records": trail.told(model="space.compound", pk=found.pk),
    }
    return pages.render(request, "space/compound.html", context)


def _compound(request: PageRequest, compound_id: int) -> Compound:
    seen = Building.objects.within(request.scope).values("compound")
    return Compound.objects.get(pk=compound_id, pk__in=seen)


@needs(ENTER)
def compound_amend(request: PageRequest, compound_id: int) -> HttpResponse:
    """更正院落: address and land."""
    found = _compound(request, compound_id)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        actions.amend_compound(actor=request.actor, compound_id=found.pk, facts=given, at=at)
        pages.flash(request, f"已更正 {found}")
        return pages.to("space:compound", found.pk)

    form = forms.CompoundForm(request.POST or None, initial=forms.compound_initial(found))
    words = {
        "title": "更正院落", "lead": "地址、土地面积和土地权属证号", "act": "更正院落",
        "keep": "不更正", "back": str(found),
        "back_url": reverse("space:compound", args=[found.pk]),
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)


# ── a building ───────────────────────────────────────────────────────────────────────────


@needs(SEE)
def building(request: PageRequest, building_id: int) -> HttpResponse:
    """One building: the archive, its title, its floors and who is in it, today or on a day."""
    found = _building(request, building_id)
    day, past = filling.asked_day(request)
    rooms = queries.rooms_of(building=found, day=day, scope=request.scope)
    pages.tell_shown(request, rows=len(rooms), register="space.rooms")
    context = {
        "building": found,
        "facts": _facts(found),
        "title": _title(found),
        "day": day,
        "past": past,
        "whole": request.scope.everything,
        "floors": queries.by_floor(rooms),
        "kinds": queries.by_kind(rooms),
        "units": queries.by_unit(rooms),
        "all": queries.total(rooms),
        "columns": list(RoomKind),
        "list_url": _list_url(found, day, past=past),
        "unheld_url": _list_url(found, day, past=past, view="unheld"),
        "files": attachments.of(model="space.building", row_id=found.pk),
        "records": trail.told(model="space.building", pk=found.pk, change=change),
        "may": request.actor.can(ENTER),
        "may_add": request.actor.can("space.room.enter"),
    }
    return pages.render(request, "space/building.html", context)


def _building(request: PageRequest, building_id: int) -> Building:
    rows = Building.objects.within(request.scope).select_related("compound")
    found: Building = rows.get(pk=building_id)
    return found


def _list_url(building: Building, day: date, *, past: bool, view: str = "all") -> str:
    """The room register of this building on that day; further filters are added behind."""
    on = f"&on={day:%Y-%m-%d}" if past else ""
    return f"{reverse('space:rooms_list')}?view={view}&building={building.pk}{on}"


def _facts(building: Building) -> list[tuple[str, str]]:
    appraised = f"（{building.appraised_on:%Y-%m-%d} 鉴定）" if building.appraised_on else ""
    return [
        ("院落", building.compound.name),
        ("地址", building.compound.address),
        ("建筑面积", m2(building.gross_m2)),
        ("层数", f"{building.floors_above} 层"),
        ("建筑类别", building.get_kind_display()),
        ("建筑结构", building.get_structure_display()),
        ("建成年份", str(building.built_year or "")),
        ("交付日期", formats.day(building.delivered_on, style="iso")
         if building.delivered_on else ""),
        ("安全等级", f"{building.get_safety_display()}{appraised}" if building.safety else ""),
        ("土地面积", m2(building.compound.land_m2)),
    ]  # fmt: skip


def _title(building: Building) -> list[tuple[str, str]]:
    filed = building.title_state == TitleState.FILED
    return [
        ("备案号" if filed else "权属证号", building.title_no),
        ("权属人", building.title_owner),
        ("备案日期" if filed else "登记日期", formats.day(building.titled_on, style="iso")
         if building.titled_on else ""),
        ("证载面积", m2(building.title_m2)),
        ("土地权属证号", building.compound.land_title_no),
    ]  # fmt: skip


def change(record: Record) -> str:
    """What an act changed, from what into what, where it is short."""
    before, after = record.before or {}, record.after or {}
    told = []
    for name, label in _NAMES.items():
        if name in before and name in after:
            old, new = _shown(name, before[name]), _shown(name, after[name])
            told.append(f"{label}{old or '未登记'} → {new or '未登记'}")
    return "，".join(told[:3])


def _shown(name: str, value: Any) -> str:
    term = _TERMS.get(name)
    if term is None or value in (None, ""):
        return str(value or "")
    return term(value).label if value in set(term) else str(value)


# ── what changes about a building ────────────────────────────────────────────────────────


def _act(  # noqa: PLR0917 — a form, the words around it, and what it does
    request: PageRequest,
    building_id: int,
    kind: Callable[..., forms.ActForm],
    words: Mapping[str, str],
    initial: Callable[[Building], Mapping[str, Any]],
    doing: Callable[[Building, forms.ActForm, datetime], str],
) -> HttpResponse:
    """An act on one building: the form with what is known, then back to its page with one line."""
    found = _building(request, building_id)
    form = kind(request.POST or None, initial=dict(initial(found)))

    def enter(_: dict[str, Any], at: datetime) -> HttpResponse:
        pages.flash(request, doing(found, form, at))
        return pages.to("space:building", found.pk)

    around = {
        "back": str(found), "back_url": reverse("space:building", args=[found.pk]),
        "list": "楼栋台账", "list_url": reverse("space:buildings_list"), **words,
    }  # fmt: skip
    return filling.fill(request, form=form, words=around, enter=enter)


@needs(ENTER)
def building_title(request: PageRequest, building_id: int) -> HttpResponse:
    """登记权属: a deed, a filing, or how far it is."""

    def doing(found: Building, form: Any, at: datetime) -> str:
        actions.record_title(
            actor=request.actor, building_id=found.pk, title=form.title(),
            note=form.cleaned_data["note"], at=at,
        )  # fmt: skip
        return f"已登记 {found} 的权属：{form.title().state.label}"

    def initial(found: Building) -> dict[str, Any]:
        return {
            "state": found.title_state, "number": found.title_no, "owner": found.title_owner,
            "on": found.titled_on, "area_m2": found.title_m2,
        }  # fmt: skip

    words = {
        "title": "登记权属", "act": "登记权属",
        "lead": "权属统一登记到机关事务管理部门名下；资料缺失、权属不清的做权属备案",
    }  # fmt: skip
    return _act(request, building_id, forms.TitleForm, words, initial, doing)


@needs(ENTER)
def building_appraisal(request: PageRequest, building_id: int) -> HttpResponse:
    """登记安全鉴定."""

    def doing(found: Building, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        actions.record_appraisal(
            actor=request.actor, building_id=found.pk, grade=SafetyGrade(given["grade"]),
            on=given["on"], note=given["note"], at=at,
        )  # fmt: skip
        return f"已登记 {found} 的安全鉴定：{SafetyGrade(given['grade']).label}"

    words = {"title": "登记安全鉴定", "act": "登记鉴定", "lead": "按鉴定报告填写，报告附在楼栋页"}
    return _act(request, building_id, forms.AppraisalForm, words, lambda _: {}, doing)


@needs(ENTER)
def building_amend(request: PageRequest, building_id: int) -> HttpResponse:
    """更正楼栋: plain facts, with why."""

    def doing(found: Building, form: Any, at: datetime) -> str:
        facts = {name: form.cleaned_data[name] for name in actions.AMENDABLE}
        why = form.cleaned_data["why"]
        actions.amend_building(
            actor=request.actor, building_id=found.pk, facts=facts, why=why, at=at
        )
        return f"已更正 {found} 的台账"

    def initial(found: Building) -> dict[str, Any]:
        return {name: getattr(found, name) for name in actions.AMENDABLE}

    words = {"title": "更正楼栋", "act": "更正楼栋", "keep": "不更正",
             "lead": "改了什么、为什么，都记入操作记录"}  # fmt: skip
    return _act(request, building_id, forms.BuildingAmend, words, initial, doing)


@needs(ENTER)
def building_files(request: PageRequest, building_id: int) -> HttpResponse:
    """附上照片和文件."""

    def doing(found: Building, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        count = actions.add_files(
            actor=request.actor, building_id=found.pk, files=given["files"], kind=given["kind"],
            at=at,
        )  # fmt: skip
        return f"已附上 {count} 个文件"

    words = {"title": "附上照片和文件", "act": "附上文件", "keep": "不附",
             "lead": "照片、证照、图纸、鉴定报告，附上后随楼栋长期保存"}  # fmt: skip
    first = {"kind": forms.FILE_KINDS[0]}
    return _act(request, building_id, forms.FilesForm, words, lambda _: first, doing)


@needs(ENTER)
def building_new(request: PageRequest) -> HttpResponse:
    """新建楼栋."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        facts = {name: given[name] for name in actions.AMENDABLE}
        made = actions.add_building(
            actor=request.actor, compound=given["compound"], name=given["name"], facts=facts, at=at
        )
        pages.flash(request, f"已登记 {made}，接着登记权属和房间")
        return pages.to("space:building", made.pk)

    first: dict[str, Any] = {"kind": BuildingKind.MULTI, "state": BuildingState.DELIVERED}
    if (compound_id := request.GET.get("compound", "")).isdecimal():
        known = Compound.objects.filter(pk=compound_id[:18]).first()
        first |= {"compound": known.name} if known else {}
    form = forms.BuildingNew(request.POST or None, initial=first)
    words = {
        "title": "新建楼栋", "act": "登记楼栋", "back": "楼栋台账",
        "back_url": reverse("space:buildings_list"), "lead": "许多栋一起登记，用导入 Excel",
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)
