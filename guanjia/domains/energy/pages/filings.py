"""能耗报表报送: how far the areas have come, a filing, and who moves it where."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.energy.actions import filings as actions
from guanjia.domains.energy.acts.filings import ACTS
from guanjia.domains.energy.models import Filing, MonthReturn
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import filings as queries
from guanjia.domains.energy.queries import returns as returning
from guanjia.domains.energy.registers.filings import number
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import WRITABLE, FilingKind, FilingState
from guanjia.kernel.registers.listing import PER_PAGE_MAX
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages, trail
from guanjia.ui.files import numbers
from guanjia.ui.pages import PageRequest, needs

SEE, REVIEW, ACCEPT, OPEN = queries.SEE, queries.REVIEW, queries.ACCEPT, queries.OPEN
_REFUSED, _YEARS = 422, 3


# ── progress ─────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def progress(request: PageRequest) -> HttpResponse:
    """How far every area of the scope has come with a period."""
    return _progress_page(request)


def _progress_page(request: PageRequest, *, refused: Refused | None = None) -> HttpResponse:
    today = timezone.localdate()
    known = queries.periods(request.scope)
    asked = request.GET.get("period", "")
    chosen = next((each for each in known if str(number(*each)) == asked), None)
    kind, first = chosen or (known[0] if known else (FilingKind.QUARTER, today.replace(day=1)))
    parts = (
        queries.progress(scope=request.scope, kind=kind, first=first, today=today) if known else []
    )
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    due = rules.due(kind, first, law_at(rules.last_day(kind, first))) if known else None
    context = {
        "periods": [
            {"title": rules.title(*each), "url": link("energy:progress", period=number(*each)),
             "current": each == (kind, first)}
            for each in known[:8]
        ],
        "title": rules.title(kind, first),
        "due": due,
        "parts": [_part(part, titles.get(part.area_id, ""), kind, first) for part in parts],
        "whole": _part(queries.whole(parts), "合计", kind, first) if parts else None,
        "map": _map(request, [(p.area_id, titles.get(p.area_id, "")) for p in parts], kind, first),
        "legend": _LEGEND,
        "period": number(kind, first),
        "may_open": request.actor.can(OPEN),
        "may_urge": request.actor.can(REVIEW) or request.actor.can(ACCEPT),
        "choices": _openable(today) if request.actor.can(OPEN) else [],
        "refused": refused.findings if refused else (),
    }  # fmt: skip
    status = _REFUSED if refused else 200
    return pages.render(request, "energy/progress.html", context, status=status)


# One character tells a state in the map, beside its colour.
_SIGNS = {
    FilingState.DRAFT: "填", FilingState.SENT_BACK: "退", FilingState.COUNTY: "县",
    FilingState.CITY: "市", FilingState.LOCKED: "定",
}  # fmt: skip
_LATE = ("逾", "LATE", "逾期未报")
_LEGEND = [(sign, str(state), state.label) for state, sign in _SIGNS.items()] + [_LATE]


def _map(
    request: PageRequest, parts: list[tuple[int, str]], kind: FilingKind, first: date
) -> list[dict[str, Any]]:
    """Every institution as a square in the place it has in the register, by area."""
    today = timezone.localdate()
    found = queries.one_by_one(scope=request.scope, kind=kind, first=first) if parts else {}

    def cell(row: Filing) -> dict[str, Any]:
        state = FilingState(row.state)
        late = state in WRITABLE and row.due_on < today
        sign, key, words = _LATE if late else (_SIGNS[state], str(state), state.label)
        return {"pk": row.pk, "name": row.institution.name, "sign": sign, "key": key,
                "words": words}  # fmt: skip

    return [
        {"title": title, "cells": [cell(row) for row in found.get(pk, ())]} for pk, title in parts
    ]


def _part(part: queries.Progress, title: str, kind: FilingKind, first: date) -> dict[str, Any]:
    query: dict[str, Any] = {"period": number(kind, first)}
    if part.area_id:
        query["area"] = part.area_id
    states = {
        "drafting": FilingState.DRAFT, "back": FilingState.SENT_BACK, "county": FilingState.COUNTY,
        "city": FilingState.CITY, "locked": FilingState.LOCKED,
    }  # fmt: skip
    return {
        "part": part,
        "title": title,
        "url": link("energy:filings_list", view="all", **query),
        "late_url": link("energy:filings_list", view="late", **query),
        "urls": {
            name: link("energy:filings_list", view="all", state=state, **query)
            for name, state in states.items()
        },
        "share": round(100 * part.sent / part.total) if part.total else 0,
    }


def _openable(today: date) -> list[tuple[str, str]]:
    """The periods that have begun, newest first: what can be asked for."""
    found = []
    for year in range(today.year, today.year - _YEARS, -1):
        starts = [(FilingKind.YEAR, date(year, 1, 1))]
        starts += [(FilingKind.QUARTER, date(year, month, 1)) for month in (10, 7, 4, 1)]
        found += [each for each in starts if each[1] <= today]
    return [(str(number(*each)), rules.title(*each)) for each in found]


@needs(OPEN)
@require_POST
def filings_open(request: PageRequest) -> HttpResponse:
    """布置报表 for a period."""
    today = timezone.localdate()
    asked = request.POST.get("period", "")
    wanted = next((each for each in _periods(today) if str(number(*each)) == asked), None)
    if wanted is None:
        return pages.to("energy:progress")
    try:
        opened = actions.open_period(
            actor=request.actor, kind=wanted[0], first=wanted[1], at=timezone.now()
        )
    except Refused as refused:
        return _progress_page(request, refused=refused)
    said = f"新布置 {opened} 家" if opened else "各机构都已布置"
    pages.flash(request, f"{rules.title(*wanted)}：{said}")
    return HttpResponseRedirect(link("energy:progress", period=asked))


def _periods(today: date) -> list[tuple[FilingKind, date]]:
    text = {value for value, _ in _openable(today)}
    return [
        (kind, date(year, month, 1))
        for year in range(today.year, today.year - _YEARS, -1)
        for kind in FilingKind
        for month in ((1,) if kind is FilingKind.YEAR else (1, 4, 7, 10))
        if str(number(kind, date(year, month, 1))) in text
    ]


@needs(REVIEW)
@require_POST
def filings_urge(request: PageRequest) -> HttpResponse:
    """一键催报: all of a period, or of one area, that have not reported."""
    period, area = request.POST.get("period", ""), request.POST.get("area", "")
    known = queries.periods(request.scope)
    wanted = next((each for each in known if str(number(*each)) == period), None)
    rows = queries.listed(request.scope).none()
    if wanted is not None:
        rows = queries.listed(request.scope).filter(kind=wanted[0], first=wanted[1])
    if area.isdecimal():
        rows = rows.filter(institution__area=int(area[:18]))
    ids = list(rows.filter(state__in=WRITABLE).values_list("pk", flat=True))
    count = actions.urge(actor=request.actor, filing_ids=ids, at=timezone.now())
    pages.flash(request, f"已催 {count} 家" if count else "没有要催的机构")
    return HttpResponseRedirect(link("energy:progress", period=period))


# ── a filing ─────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def filing(request: PageRequest, filing_id: int) -> HttpResponse:
    """One filing with its months, what it lacks, and the acts this person may do."""
    found: Filing = queries.listed(request.scope).get(pk=filing_id)
    kind, ready = FilingKind(found.kind), queries.readiness(found)
    months = rules.months(kind, found.first)
    told = dict(
        MonthReturn.objects.filter(institution=found.institution_id, month__in=months)
        .values_list("month", "pk")
    )  # fmt: skip
    waiting = returning.doubted(list(told.values()))
    rows = MonthReturn.objects.filter(pk__in=told.values())
    context = {
        "filing": found,
        "institution": found.institution,
        "area": areas.title(found.institution.area),
        "ready": ready,
        "late": found.state in WRITABLE and found.due_on < timezone.localdate(),
        "months": [
            {"month": month, "told": month in told, "doubts": waiting.get(told.get(month, 0), 0),
             "url": link("energy:month", found.institution_id, f"{month:%Y-%m}")}
            for month in months
        ],
        "sums": [
            {"energy": energy, "amount": amount, "cost_fen": cost}
            for energy, (amount, cost) in sorted(returning.sums(rows).items(), key=_place)
        ],
        "acts": [act for act in ACTS if not act.makes and act.may(request.actor, found)],
        "records": trail.told(model="energy.filing", pk=found.pk),
    }  # fmt: skip
    return pages.render(request, "energy/filing.html", context)


def _place(each: tuple[Energy, Any]) -> int:
    return list(Energy).index(each[0])


# ── several at once ──────────────────────────────────────────────────────────────────────


def _together(
    request: PageRequest, said: str, doing: Callable[[list[int], datetime], int]
) -> HttpResponse:
    """The ticked filings of the list, all of them or none."""
    try:
        ids = numbers(request.POST.getlist("ids"), most=PER_PAGE_MAX) or []
        count = doing(ids, timezone.now())
    except Refused as refused:
        pages.flash(request, str(refused), tone="stop")
    else:
        pages.flash(request, f"{count} 份报表{said}")
    return pages.back(request, link("energy:filings_list"))


@needs(REVIEW)
@require_POST
def filings_pass(request: PageRequest) -> HttpResponse:
    """一并审核通过."""
    return _together(
        request, "已通过，转市级审核",
        lambda ids, at: actions.hand_on_many(actor=request.actor, filing_ids=ids, at=at),
    )  # fmt: skip


@needs(ACCEPT)
@require_POST
def filings_lock(request: PageRequest) -> HttpResponse:
    """一并审定锁定."""
    return _together(
        request, "已审定，各月数据锁定",
        lambda ids, at: actions.lock_many(actor=request.actor, filing_ids=ids, at=at),
    )  # fmt: skip
