"""合署办公点: who shares a building, what it used month by month, and where that went."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import sites as actions
from guanjia.domains.energy.acts.sites import SHARE
from guanjia.domains.energy.forms.returns import Month
from guanjia.domains.energy.models import Institution, Site, SiteReturn
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import sites as queries
from guanjia.domains.energy.terms.energies import SOURCES, USUAL, Energy
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.period import Period
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, TELL = queries.SEE, queries.TELL
_REFUSED, _MONTHS, _RECENT = 422, 24, 3


def _mine(request: PageRequest, verb: str, site_id: int) -> bool:
    """Whether the reader may do this with the site."""
    if not request.actor.can(verb):
        return False
    there = Site.objects.of_areas(request.actor.scope(verb)).filter(pk=site_id)
    return bool(there.exists())


def _seen(request: PageRequest) -> Any:
    """The institutions whose parts the reader may know."""
    return set(Institution.objects.within(request.actor.scope(SEE)).values_list("pk", flat=True))


@needs(SEE)
def site(request: PageRequest, site_id: int) -> HttpResponse:
    """The building, who shares it since when, and its months."""
    found: Site = queries.listed(request.scope).get(pk=site_id)
    today, seen = timezone.localdate(), _seen(request)
    shares = list(found.shares.select_related("institution").order_by("-during", "pk"))
    now = [row for row in shares if today in row.during and row.institution_id in seen]
    past = [row for row in shares if today not in row.during and row.institution_id in seen]
    context = {
        "site": found, "area": areas.title(found.area), "shares": now, "past": past,
        "hidden": sum(1 for row in shares if today in row.during) - len(now),
        "months": [_month_row(row) for row in queries.months(found, request.scope)[:_MONTHS]],
        "this_month": f"{today:%Y-%m}",
        "acts": [act for act in (SHARE,) if act.may(request.actor, found)],
        "may_tell": _mine(request, TELL, found.pk),
        "records": trail.told(model="energy.site", pk=found.pk),
    }  # fmt: skip
    return pages.render(request, "energy/site.html", context)


def _month_row(row: SiteReturn) -> dict[str, Any]:
    told: Any = row
    lines = {Energy(line.energy): line for line in told.told}
    power, water = lines.get(Energy.ELECTRICITY), lines.get(Energy.WATER)
    return {
        "row": row, "url": link("energy:site_return", row.pk),
        "power": power.amount if power else None, "water": water.amount if water else None,
        "cost_fen": sum(line.cost_fen or 0 for line in lines.values()),
    }  # fmt: skip


@needs(SEE)
def site_return(request: PageRequest, site_return_id: int) -> HttpResponse:
    """A month of a building: every source, and what of it went to whom."""
    there = SiteReturn.objects.within(request.scope)
    row: SiteReturn = there.select_related("site__area").get(pk=site_return_id)
    seen = _seen(request)
    (found,) = queries.months(row.site).filter(pk=row.pk)
    context = {
        "row": row, "site": row.site, "title": f"{row.month.year}年{row.month.month}月",
        "lines": [
            {"energy": Energy(line.energy), "source": SOURCES[Energy(line.energy)], "line": line,
             "parts": [part for part in line.given if part.month_return.institution_id in seen],
             "hidden": sum(part.month_return.institution_id not in seen for part in line.given)}
            for line in sorted(found.told, key=lambda line: list(Energy).index(line.energy))
        ],
        "may_tell": _mine(request, TELL, row.site_id),
        "month": f"{row.month:%Y-%m}",
        "records": trail.told(model="energy.sitereturn", pk=row.pk),
    }  # fmt: skip
    return pages.render(request, "energy/site_return.html", context)


# ── acts ─────────────────────────────────────────────────────────────────────────────────


@needs(TELL)
def site_tell(request: PageRequest, site_id: int, month: str) -> HttpResponse:
    """填报办公点的月份, which is divided onto the months of those who share it."""
    found: Site = Site.objects.of_areas(request.scope).get(pk=site_id)
    day = _month(month)
    shares = queries.of_month(found.pk, day)
    form = Month(request.POST or None, initial=_told(found, day))
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.tell_month(
                actor=request.actor, site_id=found.pk, month=day, lines=form.lines(),
                at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            said = f"已保存，按比例分摊到 {len(shares)} 家机构"
            pages.flash(request, said)
            return pages.to("energy:site_return", row.pk)
    context = {
        "site": found, "month": day, "title": f"{day.year}年{day.month}月", "form": form,
        "shares": shares, "months": _choices(found, day),
        "lines": [
            {"energy": energy, "source": source, "usual": energy in USUAL,
             "amount_field": form[energy.lower()], "cost_field": form[f"{energy.lower()}_cost"]}
            for energy, source in SOURCES.items()
        ],
    }  # fmt: skip
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "energy/site_tell.html", context, status=status)


def _month(text: str) -> date:
    found = Period.month_named(text)
    if found is None or found.start > timezone.localdate():
        raise Http404
    return found.start


def _choices(found: Site, chosen: date) -> list[dict[str, Any]]:
    """The last months, to choose another."""
    today, days = timezone.localdate().replace(day=1), []
    for back in range(_RECENT):
        index = today.year * 12 + today.month - 1 - back
        days.append(date(index // 12, index % 12 + 1, 1))
    return [
        {"title": f"{day:%Y-%m}", "current": day == chosen,
         "url": link("energy:site_tell", found.pk, f"{day:%Y-%m}")}
        for day in sorted({*days, chosen})
    ]  # fmt: skip


def _told(found: Site, day: date) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for row in queries.months(found).filter(month=day):
        for line in row.told:
            name = Energy(line.energy).lower()
            if line.amount is not None:
                given[name] = f"{line.amount.normalize():f}"
            if line.cost_fen is not None:
                given[f"{name}_cost"] = formats.yuan(line.cost_fen)
    return given
