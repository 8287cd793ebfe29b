"""督车: the list of findings, a finding, and what is done with it."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.db.models.functions import TruncMonth
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.acts.oversight import EXPLAINED, ON_FINDINGS
from guanjia.domains.fleet.forms import oversight as forms
from guanjia.domains.fleet.models import Findings
from guanjia.domains.fleet.pages import oversight_view as view
from guanjia.domains.fleet.pages.look import number
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import oversight as queries
from guanjia.domains.fleet.terms.oversight import (
    FindingState,
    GroundCode,
    Level,
    Outcome,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers import addresses

SEE, DECIDE = queries.SEE, queries.DECIDE
PER_PAGE = 50
_REFUSED = 422
_OPEN = "under_way"


# ── the list ─────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def oversight(request: PageRequest) -> HttpResponse:
    """The findings inside the scope, with filters in the address."""
    asked = {name: request.GET.get(name, "").strip() for name in _FILTERS}
    today = timezone.localdate()
    everything = queries.findings(request.scope)
    rows = _narrowed(everything, asked)
    counted = queries.counts(rows)
    shown = _in_state(rows, asked["state"])
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    return pages.render(
        request,
        "fleet/oversight.html",
        {
            "page": page,
            "rows": [view.row(finding, today=today) for finding in page.object_list],
            "tabs": _tabs(asked, counted),
            "asked": asked,
            "narrowed": any(asked[name] for name in _FILTERS if name != "state"),
            "months": _months(everything, today),
            "units": _units(everything),
            "levels": [(each.value, each.label) for each in Level],
            "codes": [(each.value, each.label) for each in GroundCode],
            "outcomes": [(each.value, each.label) for each in Outcome],
            "counts": _level_counts(asked, shown),
            "may_decide": request.actor.can(DECIDE),
            "may_find": request.actor.can("fleet.oversight.find"),
            "month": asked["month"] or f"{today:%Y-%m}",
            "on_time": timezone.now(),
        },
    )


_FILTERS = ("state", "level", "month", "unit", "code", "outcome", "words")


def _narrowed(rows: Findings, asked: Mapping[str, str]) -> Findings:
    month = forms.month_of(asked["month"])
    unit = number(asked["unit"])
    return queries.narrowed(
        rows,
        period=Period.month_of(month) if month else None,
        level=asked["level"] if asked["level"] in set(Level) else "",
        code=asked["code"] if asked["code"] in set(GroundCode) else "",
        outcome=asked["outcome"] if asked["outcome"] in set(Outcome) else "",
        unit=Unit.objects.filter(pk=unit).first() if unit is not None else None,
        words=asked["words"].upper().replace("·", "")[:60],
    )


def _in_state(rows: Findings, state: str) -> Findings:
    """The rows of a tab; what waits comes first by its gravity, else the latest."""
    if state in set(FindingState):
        rows = rows.filter(state=state)
    elif state != "all":
        rows = rows.exclude(state=FindingState.CLOSED)
    rank = Case(
        *(When(level=level, then=Value(n)) for n, level in enumerate(Level)),
        output_field=IntegerField(),
    )
    if state in ("", _OPEN, FindingState.OPEN, FindingState.EXPLAINED):
        return rows.order_by(rank, "-on_day", "-pk")
    return rows.order_by("-on_day", "-pk")


def _address(asked: Mapping[str, str], **changes: str) -> str:
    query = {name: value for name, value in {**asked, **changes}.items() if value}
    return f"{reverse('fleet:oversight')}?{urlencode(query)}" if query else "?"


def _tabs(asked: Mapping[str, str], counted: Mapping[str, int]) -> list[dict[str, Any]]:
    now = asked["state"] if asked["state"] in {*FindingState, "all"} else ""
    under = sum(counted[state] for state in FindingState if state != FindingState.CLOSED)
    tabs = [("", "未办结", under), *((s.value, s.label, counted[s.value]) for s in FindingState)]
    tabs.append(("all", "全部", counted["all"]))
    return [
        {"title": t, "count": n, "current": key == now, "url": _address(asked, state=key)}
        for key, t, n in tabs
    ]


def _level_counts(asked: Mapping[str, str], shown: Findings) -> list[dict[str, Any]]:
    counted = queries.counts(shown)
    return [
        {
            "level": level.label,
            "tone": view.LEVELS[level][0],
            "icon": view.LEVELS[level][1],
            "count": counted[level.value],
            "url": _address(asked, level="" if asked["level"] == level.value else level.value),
            "current": asked["level"] == level.value,
        }
        for level in Level
    ]


def _months(rows: Findings, today: date) -> list[tuple[str, str]]:
    found = rows.order_by().annotate(m=TruncMonth("on_day")).values_list("m", flat=True).distinct()
    months = sorted({today.replace(day=1), *found}, reverse=True)
    return [(f"{month:%Y-%m}", f"{month.year}年{month.month}月") for month in months]


def _units(rows: Findings) -> list[Unit]:
    ids = rows.order_by().values("unit")
    return list(Unit.objects.filter(pk__in=ids).order_by("position", "pk"))


# ── a finding ────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def finding(request: PageRequest, finding_id: int) -> HttpResponse:
    """One finding for whoever may see it, with the acts this person may do."""
    actor, at = request.actor, timezone.now()
    found = queries.finding(scope=request.scope, finding_id=finding_id)
    today = timezone.localdate(at)
    context = {
        "finding": found,
        "grounds": view.grounds(found, actor=actor),
        "chip": view.chip(found, today=today),
        "level": view.LEVELS[Level(found.level)],
        "level_label": Level(found.level).label,
        "life": view.life(found),
        "records": trail.told(model="fleet.finding", pk=found.pk),
        "files": attachments.of(model="fleet.finding", row_id=found.pk),
        "form": forms.Explain(),
        "acts": [act for act in ON_FINDINGS if act is not EXPLAINED and act.may(actor, found)],
        "may_explain": EXPLAINED.may(actor, found),
        "on_time": at,
        **_links(actor, found),
    }
    return pages.render(request, "fleet/finding.html", context)


def _links(actor: Actor, found: Any) -> dict[str, str]:
    scope = actor.scope("fleet.car.see")
    sees_car = actor.can("fleet.car.see") and archive.cars(scope).filter(pk=found.car_id).exists()
    sees_trip = bool(found.trip_id) and actor.can("fleet.trip.see")
    listed = reverse("fleet:oversight")
    return {
        "car_url": reverse("fleet:car", args=[found.car_id]) if sees_car else "",
        "trip_url": reverse("fleet:trip", args=[found.trip_id]) if sees_trip else "",
        "of_car_url": f"{listed}?state=all&words={found.car.plate}",
        "list_url": addresses.maybe("fleet:oversight") or listed,
    }
