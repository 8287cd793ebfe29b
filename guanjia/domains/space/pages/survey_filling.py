"""填报: the facts of the unit and its rooms, each on a form of its own, also on a phone."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from guanjia.domains.space.actions import survey_filling as actions
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.models import SurveyReturn, SurveyRoom
from guanjia.domains.space.pages import filling
from guanjia.domains.space.pages import survey_view as view
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import Entry
from guanjia.kernel.org.models import Person, Unit
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs

FILL = queries.FILL
_FEN = Decimal(100)


def _words(filing: SurveyReturn, **more: Any) -> dict[str, Any]:
    """Where a form about a return leads back to."""
    return {
        "list": filing.survey.title,
        "list_url": reverse("space:survey", args=[filing.survey_id]),
        "back": str(filing.unit),
        "back_url": reverse("space:survey_return", args=[filing.pk]),
        "keep": "不改",
        **more,
    }


@needs(FILL)
def survey_return_facts(request: PageRequest, filing_id: int) -> HttpResponse:
    """填单位情况."""
    filing = queries.filing(scope=request.scope, filing_id=filing_id)
    rent = filing.leased_rent_fen
    first = {name: getattr(filing, name) for name in actions.FACTS if name != "leased_rent_fen"}
    first["leased_rent"] = None if rent is None else rent / _FEN
    form = forms.Facts(request.POST or None, initial=first)

    def enter(_: dict[str, Any], at: datetime) -> HttpResponse:
        actions.fill_facts(actor=request.actor, filing_id=filing.pk, facts=form.facts(), at=at)
        pages.flash(request, "单位情况已保存")
        return pages.to("space:survey_return", filing.pk)

    day = formats.day(filing.survey.as_of, style="full")
    words = _words(filing, title="填单位情况", act="保存", lead=f"截至 {day} 的情况")
    return filling.fill(request, form=form, words=words, enter=enter)


@needs(FILL)
def survey_room(request: PageRequest, filed_room_id: int) -> HttpResponse:
    """更正一间: what the unit says of a room of its return, or that it does not have it."""
    row = SurveyRoom.objects.within(request.scope).get(pk=filed_room_id)
    filing = queries.filing(scope=request.scope, filing_id=row.filing_id)
    near, known = _people(filing.unit), list(Person.objects.filter(pk__in=row.people))
    first = {name: getattr(row, name) for name in ("entry", "kind", "usable_m2", "state", "why")}
    added = row.entry == Entry.ADDED
    if added:
        first["entry"] = Entry.KEPT
    first["people"] = "、".join(_shown(person, near) for person in known)
    form = forms.RoomFiled(request.POST or None, initial=first, near=near, known=known, added=added)
    place = {name: getattr(row, name) for name in ("compound", "building", "floor", "number")}

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        told = {**place, **_told(given)}
        actions.fill_rooms(actor=request.actor, filing_id=filing.pk, rows=[told], at=at)
        done = "已核减" if told["entry"] is Entry.STRUCK else "已保存"
        pages.flash(request, f"{row.place} {done}")
        return pages.to("space:survey_return", filing.pk)

    now = view.change(row) or ("台账里不是本单位的房间" if row.ledger_m2 is None else "与台账一致")
    words = _words(filing, title=row.place, act="保存", now=now, people=near)
    return filling.fill(request, form=form, words=words, enter=enter)


@needs(FILL)
def survey_room_new(request: PageRequest, filing_id: int) -> HttpResponse:
    """增加一间 that the ledger does not give to the unit."""
    filing = queries.filing(scope=request.scope, filing_id=filing_id)
    near = _people(filing.unit)
    first = {"kind": RoomKind.OFFICE, "state": RoomState.IN_USE} | _where(filing)
    form = forms.RoomAdded(request.POST or None, initial=first, near=near)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        told = {**given, **_told({**given, "entry": Entry.ADDED})}
        actions.fill_rooms(actor=request.actor, filing_id=filing.pk, rows=[told], at=at)
        pages.flash(request, f"已增加 {given['building']} {given['number']}")
        return pages.to("space:survey_return", filing.pk)

    words = _words(
        filing, title="增加房间", act="增加", keep="不增加", people=near,
        lead="台账没有列在本单位名下、实际在用的房间",
    )  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)


def _where(filing: SurveyReturn) -> dict[str, Any]:
    """Compound and building of the unit's first room, which is where most others are."""
    first = filing.rooms.values("compound", "building").first()
    return dict(first or {})


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "entry": Entry(given["entry"]),
        "kind": RoomKind(given["kind"]),
        "usable_m2": given["usable_m2"],
        "state": RoomState(given["state"]),
        "people": given["people"],
        "why": given["why"],
    }


def _people(unit: Unit) -> list[Person]:
    """The serving people of a unit: whose names may be written."""
    rows = Person.objects.serving().filter(unit__path__startswith=unit.path)
    return list(rows.order_by("unit__position", "number"))


def _shown(person: Person, near: list[Person]) -> str:
    """A name where it means one person of the unit, else the 工号."""
    same = [one for one in near if one.name == person.name]
    return person.name if len(same) == 1 else person.number
