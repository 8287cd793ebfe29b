"""One month of an institution: what it consumed, beside what is usual, and what is odd about it."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import returns as actions
from guanjia.domains.energy.forms.returns import Month
from guanjia.domains.energy.models import Doubt, Institution, MonthReturn
from guanjia.domains.energy.pages import institutions
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import doubts, sites, totals
from guanjia.domains.energy.queries import filings as filing_queries
from guanjia.domains.energy.queries import meters as meter_queries
from guanjia.domains.energy.queries import returns as returning
from guanjia.domains.energy.terms.energies import SOURCES, USUAL, Used
from guanjia.domains.energy.terms.returns import DoubtState, FilingState, Origin
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.period import Period
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, FILL, EXPLAIN = "energy.return.see", "energy.return.fill", "energy.doubt.explain"
_REFUSED = 422


def _month(text: str) -> date:
    """The month of an address; 404 for what is none, and for one that has not come."""
    found = Period.month_named(text)
    if found is None or found.start > timezone.localdate():
        raise Http404
    return found.start


@needs(SEE)
def month(request: PageRequest, institution_id: int, month: str) -> HttpResponse:
    """The month as it was told."""
    institution, day = institutions.find(request, institution_id), _month(month)
    row = MonthReturn.objects.filter(institution=institution, month=day).first()
    standing = returning.standing([(institution.pk, day)]).get((institution.pk, day))
    fills = institutions.may_fill(request, institution.pk)
    context = {
        "institution": institution,
        "month": day,
        "title": f"{day.year}年{day.month}月",
        "row": row,
        "locked": standing is FilingState.LOCKED,
        "standing": standing,
        "lines": _with_sites(_lines(institution, day), row),
        "doubts": doubts.of_return(row.pk) if row else [],
        "may_fill": fills and standing is None,
        "may_explain": fills and request.actor.can(EXPLAIN),
        "before_url": _beside(institution, day, -1),
        "after_url": _beside(institution, day, 1),
        "filings": filing_queries.of_return(row) if row else [],
        "records": trail.told(model="energy.monthreturn", pk=row.pk) if row else [],
        "offered": meter_queries.offered(institution.pk, day),
    }
    return pages.render(request, "energy/month.html", context)


def _with_sites(lines: list[dict[str, Any]], row: MonthReturn | None) -> list[dict[str, Any]]:
    """The lines with what came to them from shared buildings."""
    given = sites.of_return(row.pk) if row else {}
    return [{**line, "sites": given.get(line["energy"], [])} for line in lines]


def _beside(institution: Institution, day: date, step: int) -> str:
    index = day.year * 12 + day.month - 1 + step
    other = date(index // 12, index % 12 + 1, 1)
    if other > timezone.localdate():
        return ""
    return link("energy:month", institution.pk, f"{other:%Y-%m}")


def _lines(institution: Institution, day: date) -> list[dict[str, Any]]:
    """Every source with what was told, the month before, and the same month a year ago."""
    now = totals.months_of(institution.pk, day.year)
    earlier = totals.months_of(institution.pk, day.year - 1)
    index = day.year * 12 + day.month - 2
    last = date(index // 12, index % 12 + 1, 1)
    of_last = (now if last.year == day.year else earlier).get(last, {})
    of_year = earlier.get(date(day.year - 1, day.month, 1), {})
    told = now.get(day, {})
    return [
        {
            "energy": energy,
            "source": source,
            "amount": told.get(energy, (None, None))[0],
            "cost_fen": told.get(energy, (None, None))[1],
            "price": Used(
                amount=told.get(energy, (None, None))[0], cost_fen=told.get(energy, (None, None))[1]
            ).price,
            "last": of_last.get(energy, (None, None))[0],
            "year": of_year.get(energy, (None, None))[0],
            "usual": energy in USUAL,
        }
        for energy, source in SOURCES.items()
        if energy in told or energy in of_last or energy in USUAL
    ]


@needs(SEE)
def month_return(request: PageRequest, return_id: int) -> HttpResponse:
    """A return by its number, as the trail and notices name it: the page of its month."""
    found: MonthReturn = MonthReturn.objects.within(request.scope).get(pk=return_id)
    return pages.to("energy:month", found.institution_id, f"{found.month:%Y-%m}")


@needs(FILL)
def month_fill(request: PageRequest, institution_id: int, month: str) -> HttpResponse:
    """填报月报: amount and cost of every source."""
    institution, day = institutions.find(request, institution_id), _month(month)
    if not institutions.may_fill(request, institution.pk):
        raise Http404
    form = Month(request.POST or None, initial=_initial(institution, day))
    if form.is_bound and form.is_valid():
        try:
            return _enter(request, institution, day, form)
        except Refused as refused:
            form.add_refusal(refused)
    offered = meter_queries.offered(institution.pk, day)
    context = {
        "institution": institution,
        "month": day,
        "title": f"{day.year}年{day.month}月",
        "form": form,
        "lines": [
            {**line, "amount_field": form[line["energy"].lower()],
             "cost_field": form[f"{line['energy'].lower()}_cost"]}
            for line in _all_lines(institution, day)
        ],
        "back_url": link("energy:month", institution.pk, month),
        "offered": offered,
        "ready": any(one.ready for one in offered),
        "take_url": link("energy:institution_metered", institution.pk, month=month),
    }  # fmt: skip
    return pages.render(
        request, "energy/month_fill.html", context, status=_REFUSED if form.is_bound else 200
    )


def _all_lines(institution: Institution, day: date) -> list[dict[str, Any]]:
    there = {line["energy"]: line for line in _lines(institution, day)}
    return [
        there.get(energy, {"energy": energy, "source": source, "usual": energy in USUAL})
        for energy, source in SOURCES.items()
    ]


def _initial(institution: Institution, day: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in _lines(institution, day):
        name = line["energy"].lower()
        if line["amount"] is not None:
            found[name] = f"{line['amount'].normalize():f}"
        if line["cost_fen"] is not None:
            found[f"{name}_cost"] = formats.yuan(line["cost_fen"])
    return found


def _enter(request: PageRequest, institution: Institution, day: date, form: Month) -> HttpResponse:
    at: datetime = timezone.now()
    told = actions.Month(institution=institution, month=day, lines=form.lines())
    actions.enter_returns(actor=request.actor, months=[told], origin=Origin.PAGE, at=at)
    waiting = Doubt.objects.filter(
        month_return__institution=institution, month_return__month=day, state=DoubtState.OPEN
    ).count()
    said = f"，有 {waiting} 处疑点待说明" if waiting else ""
    pages.flash(
        request, f"已保存 {institution} {day.year}年{day.month}月的月报{said}",
        tone="wait" if waiting else "done",
    )  # fmt: skip
    return pages.to("energy:month", institution.pk, f"{day:%Y-%m}")


@needs("energy.doubt.see")
def doubt(request: PageRequest, doubt_id: int) -> HttpResponse:
    """A doubt stands on the page of its month."""
    found: Doubt = doubts.listed(request.scope).get(pk=doubt_id)
    row = found.month_return
    return pages.to("energy:month", row.institution_id, f"{row.month:%Y-%m}")
