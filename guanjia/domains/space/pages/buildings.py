"""Compounds and buildings: what they are, floor by floor, unit by unit, and how they change."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.space.actions import buildings as actions
from guanjia.domains.space.forms import buildings as forms
from guanjia.domains.space.forms.ledger import FILE_KINDS, ActForm, FilesForm
from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.pages import dated, filling
from guanjia.domains.space.queries import buildings as queries
from guanjia.domains.space.terms.ledger import (
    BuildingKind,
    BuildingState,
    RoomKind,
    SafetyGrade,
    TitleState,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.registers.declaration import Column
from guanjia.kernel.registers.fields import of
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.sections import Section

SEE, ENTER = "space.room.see", "space.building.enter"


def m2(value: Any) -> str:
    """An area as it is shown, or nothing."""
    return f"{formats.num(value, places=1)} ㎡" if value is not None else ""


# ── compounds ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def compounds(request: PageRequest) -> HttpResponse:
    """院落: the compounds with their land and buildings, today or on a day."""
    day, past = filling.asked_day(request)
    rows = queries.compound_rows(request.scope, day)
    pages.tell_shown(request, rows=len(rows))
    context = {"compounds": rows, "may": request.actor.can(ENTER), "day": day, "past": past}
    return pages.render(request, "space/compounds.html", context)


@needs(SEE)
def compound(request: PageRequest, compound_id: int) -> HttpResponse:
    """One compound: its land, its buildings, today or on a day; what was done."""
    day, past = filling.asked_day(request)
    found = _compound(request, compound_id, day)
    rows = [row for row in queries.compound_rows(request.scope, day) if row[0].pk == found.pk]
    context = {
        "compounds": rows,
        "compound": found,
        "day": day,
        "past": past,
        "may": request.actor.can(ENTER),
        "changes": dated.chapters(found),
        "records": trail.told(model="space.compound", pk=found.pk, change=dated.change),
    }
    return pages.render(request, "space/compound.html", context)


def _compound(request: PageRequest, compound_id: int, day: date) -> Compound:
    seen = Building.objects.within(request.scope).values("compound")
    rows = queries.as_at(Compound.objects.filter(pk__in=seen), day)
    found: Compound = rows.get(pk=compound_id)
    return found


@needs(ENTER)
def compound_amend(request: PageRequest, compound_id: int) -> HttpResponse:
    """更正院落: address and land, as they stood today or on a day."""
    day, past = filling.asked_day(request)
    found = _compound(request, compound_id, day)
    initial = forms.compound_initial(found) | dated.first_day(day, past=past)
    form = forms.CompoundForm(filling.posted(request), initial=initial)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        facts = form.told(found.facts)
        done = actions.amend_compound(
            actor=request.actor, compound_id=found.pk, facts=facts, on=given["on"],
            why=given["why"], seen=day, at=at,
        )  # fmt: skip
        pages.flash(request, dated.done(done, facts))
        return pages.to("space:compound", found.pk)

    words = {
        "title": "更正院落", "lead": dated.lead("地址、土地面积和土地权属证号", day, past=past),
        "act": "更正院落", "keep": "不更正", "back": str(found),
        "back_url": reverse("space:compound", args=[found.pk]) + dated.query(day, past=past),
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)


# ── a building ───────────────────────────────────────────────────────────────────────────


@needs(SEE)
def building(request: PageRequest, building_id: int) -> HttpResponse:
    """One building: the archive, its title, its floors and who is in it, today or on a day."""
    day, past = filling.asked_day(request)
    found = _building(request, building_id, day)
    rooms = queries.rooms_of(building=found, day=day, scope=request.scope)
    pages.tell_shown(request, rows=len(rooms), register="space.rooms")
    context = {
        "building": found,
        "facts": FACTS.rows(found),
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
        "changes": dated.chapters(found),
        "records": trail.told(model="space.building", pk=found.pk, change=dated.change),
        "may": request.actor.can(ENTER),
        "may_add": request.actor.can("space.room.enter"),
    }
    return pages.render(request, "space/building.html", context)


def _building(request: PageRequest, building_id: int, day: date) -> Building:
    rows = queries.as_at(Building.objects.within(request.scope), day)
    found: Building = rows.get(pk=building_id)
    return found


def _list_url(building: Building, day: date, *, past: bool, view: str = "all") -> str:
    """The room register of this building on that day; further filters are added behind."""
    on = f"&on={day:%Y-%m-%d}" if past else ""
    return f"{reverse('space:rooms_list')}?view={view}&building={building.pk}{on}"


def _safety(building: Building) -> str:
    appraised = f"（{building.appraised_on:%Y-%m-%d} 鉴定）" if building.appraised_on else ""
    return f"{building.get_safety_display()}{appraised}" if building.safety else ""


FACTS = Section(
    title="楼栋",
    fields=(
        of(Compound.name, title="院落", path="compound.name"),
        of(Compound.address, path="compound.address"),
        of(Building.gross_m2, value=lambda building: m2(building.gross_m2)),
        of(Building.floors_above, unit="层"),
        of(Building.kind),
        of(Building.structure),
        of(Building.built_year, value=lambda building: str(building.built_year or "")),
        of(Building.delivered_on),
        Column(name="safety", title="安全等级", value=_safety),
        of(Compound.land_m2, value=lambda building: m2(building.compound.land_m2)),
    ),
)


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


# ── what changes about a building ────────────────────────────────────────────────────────


def _act(  # noqa: PLR0917 — a form, the words around it, and what it does
    request: PageRequest,
    building_id: int,
    kind: Callable[..., ActForm],
    words: Mapping[str, str],
    initial: Callable[[Building], Mapping[str, Any]],
    doing: Callable[[Building, ActForm, datetime], str],
) -> HttpResponse:
    """An act on one building: the form with what is known, then back to its page with one line."""
    day, past = filling.asked_day(request)
    found = _building(request, building_id, day)
    form = kind(filling.posted(request), initial=dict(initial(found)))

    def enter(_: dict[str, Any], at: datetime) -> HttpResponse:
        pages.flash(request, doing(found, form, at))
        return pages.to("space:building", found.pk)

    around = {
        "back": str(found),
        "back_url": reverse("space:building", args=[found.pk]) + dated.query(day, past=past),
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
    """更正楼栋: plain facts as they stood today or on a day, with why."""
    day, past = filling.asked_day(request)

    def doing(found: Building, form: Any, at: datetime) -> str:
        facts, given = form.told(actions.AMENDABLE), form.cleaned_data
        done = actions.amend_building(
            actor=request.actor, building_id=found.pk, facts=facts, on=given["on"],
            why=given["why"], seen=day, at=at,
        )  # fmt: skip
        return dated.done(done, facts)

    def initial(found: Building) -> dict[str, Any]:
        facts = {name: getattr(found, name) for name in actions.AMENDABLE}
        return facts | dated.first_day(day, past=past)

    lead = dated.lead("改了什么、从哪天起、为什么，都记入操作记录", day, past=past)
    words = {"title": "更正楼栋", "act": "更正楼栋", "keep": "不更正", "lead": lead}
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
    first = {"kind": FILE_KINDS[0]}
    return _act(request, building_id, FilesForm, words, lambda _: first, doing)


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
