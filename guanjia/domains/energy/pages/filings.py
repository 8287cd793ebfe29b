"""能耗报表报送: how far the areas have come, a filing, and who moves it where."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.acts.filings import OF_ONE
from guanjia.domains.energy.models import Filing, MonthReturn
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import filings as queries
from guanjia.domains.energy.queries import returns as returning
from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import WRITABLE, FilingKind, FilingState
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, REVIEW, ACCEPT, OPEN = queries.SEE, queries.REVIEW, queries.ACCEPT, queries.OPEN


# ── progress ─────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def progress(request: PageRequest) -> HttpResponse:
    """How far every area of the scope has come with a period."""
    today = timezone.localdate()
    known = queries.periods(request.scope)
    asked = request.GET.get("period", "")
    chosen = next((each for each in known if str(rules.number(*each)) == asked), None)
    kind, first = chosen or (known[0] if known else (FilingKind.QUARTER, today.replace(day=1)))
    parts = (
        queries.progress(scope=request.scope, kind=kind, first=first, today=today) if known else []
    )
    titles = {area.pk: areas.title(area) for area in areas.all_areas()}
    due = rules.due(kind, first, law_at(rules.last_day(kind, first))) if known else None
    context = {
        "periods": [
            {"title": rules.title(*each), "current": each == (kind, first),
             "url": link("energy:progress", period=rules.number(*each))}
            for each in known[:8]
        ],
        "title": rules.title(kind, first),
        "due": due,
        "parts": [_part(part, titles.get(part.area_id, ""), kind, first) for part in parts],
        "whole": _part(queries.whole(parts), "合计", kind, first) if parts else None,
        "map": _map(request, [(p.area_id, titles.get(p.area_id, "")) for p in parts], kind, first),
        "legend": _LEGEND,
        "period": rules.number(kind, first),
        "may_open": request.actor.can(OPEN),
        "may_urge": request.actor.can(REVIEW) or request.actor.can(ACCEPT),
    }  # fmt: skip
    return pages.render(request, "energy/progress.html", context)


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
    query: dict[str, Any] = {"period": rules.number(kind, first)}
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
        "acts": [act for act in OF_ONE if act.may(request.actor, found)],
        "records": trail.told(model="energy.filing", pk=found.pk),
    }  # fmt: skip
    return pages.render(request, "energy/filing.html", context)


def _place(each: tuple[Energy, Any]) -> int:
    return list(Energy).index(each[0])
