"""能耗定额: the values in force and how kinds stand to them; those over it and what they say."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.acts.quotas import ACCEPTED, EXPLAINED, RETURNED
from guanjia.domains.energy.forms.quotas import Explain
from guanjia.domains.energy.models import QuotaCase
from guanjia.domains.energy.pages.links import link, returns_link
from guanjia.domains.energy.pages.scales import standing
from guanjia.domains.energy.pages.years import chosen_year
from guanjia.domains.energy.queries import quotas as queries
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.queries.quotas import Measured
from guanjia.domains.energy.rules import quotas as rules
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.quotas import (
    MEASURE_UNITS,
    OWED,
    CaseState,
    Place,
    QuotaMeasure,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, JUDGE, EXPLAIN, DECIDE = queries.SEE, queries.JUDGE, queries.EXPLAIN, queries.DECIDE
_REFUSED, _PER_PAGE = 422, 30


@needs(SEE)
def quotas(request: PageRequest) -> HttpResponse:
    """The quotas of a year, how many institutions stand where, and which kinds have none."""
    year, today = chosen_year(request), timezone.localdate()
    rows = queries.of_year(request.scope, year, today)
    tallies = queries.tallies(rows, queries.law_of(year, today))
    having = {tally.kind for tally in tallies}
    context = {
        "year": year, "running": year >= today.year,
        "years": [
            {"title": f"{each} 年", "url": link("energy:quotas", year=each),
             "current": each == year}
            for each in sorted({*totals.years(request.scope), year}, reverse=True)
        ],
        "tallies": [_tally(tally, year) for tally in tallies],
        "without": [kind.label for kind in InstitutionKind if kind not in having],
        "behind": _behind(request, rows, year),
        "cases": _counts(request, year, today),
        "may_judge": request.actor.can(JUDGE),
        "on_time": timezone.now(),
    }  # fmt: skip
    return pages.render(request, "energy/quotas.html", context)


def _tally(tally: queries.Tally, year: int) -> dict[str, Any]:
    measure = tally.quota.measure

    def behind(place: Place | str = "") -> str:
        query = {"year": year, "kind": tally.kind, "measure": measure, "place": place}
        return link("energy:quotas", **query) + "#institutions"

    return {
        "kind": tally.kind, "measure": measure, "unit": MEASURE_UNITS[measure],
        "quota": tally.quota, "total": tally.total, "url": behind(),
        "places": [(place, tally.places.get(place, 0), behind(place)) for place in Place],
    }  # fmt: skip


def _behind(
    request: PageRequest, rows: Sequence[Measured], year: int
) -> dict[str, Any] | None:  # fmt: skip
    """The institutions behind a count of the table: those of a kind, a measure, and a place."""
    asked = {name: request.GET.get(name, "") for name in ("kind", "measure", "place")}
    if asked["kind"] not in set(InstitutionKind) or asked["measure"] not in set(QuotaMeasure):
        return None
    found = [
        each for each in rows
        if each.body.kind == asked["kind"] and each.quota.measure == asked["measure"]
        and (asked["place"] in ("", each.place))
    ]  # fmt: skip
    found.sort(key=lambda each: -each.value)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    place = Place(asked["place"]).label if asked["place"] in set(Place) else ""
    return {
        "title": f"{InstitutionKind(asked['kind']).label} {place}".strip(), "page": page,
        "rows": [{**standing(each, year), "body": each.body} for each in page],
        "unit": MEASURE_UNITS[QuotaMeasure(asked["measure"])],
        "measure": QuotaMeasure(asked["measure"]).label,
    }  # fmt: skip


def _counts(request: PageRequest, year: int, today: Any) -> list[dict[str, Any]]:
    rows = queries.listed(request.scope).filter(year=year)
    parts = (
        ("owed", "待说明", rows.filter(state__in=OWED)),
        ("late", "逾期未说明", rows.filter(state__in=OWED, due_on__lt=today)),
        ("told", "已说明待核", rows.filter(state=CaseState.TOLD)),
        ("taken", "已采纳", rows.filter(state=CaseState.ACCEPTED)),
    )
    return [
        {"title": title, "count": found.count(),
         "url": link("energy:quota_cases_list", view=view, year=year)}
        for view, title, found in parts
    ]  # fmt: skip


# ── a case ───────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def quota_case(request: PageRequest, quota_id: int) -> HttpResponse:
    """One institution over its quota: the figures it was judged by, its words, what came of it."""
    found: QuotaCase = queries.listed(request.scope).get(pk=quota_id)
    measure, owed = QuotaMeasure(found.measure), found.state in OWED
    context = {
        "case": found, "row": found, "institution": found.institution, "measure": measure,
        "unit": MEASURE_UNITS[measure],
        "over": round(100 * (found.value - found.bound) / found.bound, 1),
        "demand": law_at(timezone.localdate())[rules.DEMANDS],
        "late": owed and found.due_on < timezone.localdate(),
        "form": Explain(initial={"explanation": found.explanation})
        if owed and EXPLAINED.may(request.actor, found) else None,
        "acts": [act for act in (RETURNED, ACCEPTED) if act.may(request.actor, found)],
        "returns_url": returns_link(found.year, words=found.institution.name),
        "files": attachments.of(model="energy.quotacase", row_id=found.pk),
        "records": trail.told(model="energy.quotacase", pk=found.pk),
    }  # fmt: skip
    return pages.render(request, "energy/quota_case.html", context)
