"""Quotas (编制): how they stand on a day, a unit's own, a change and its approval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.acts.quotas import ACTS
from guanjia.domains.fleet.approvals import QUOTA
from guanjia.domains.fleet.forms import quotas as forms
from guanjia.domains.fleet.models import QuotaChange
from guanjia.domains.fleet.queries import purchases
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.rules import quotas as rules
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.quotas import NOTHING, ChangeState, Standing
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval import life as approval
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import Station
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, ASK, ENTER = reading.SEE, reading.ASK, reading.ENTER
SUBJECT = reading.SUBJECT
_ASKED = ("fleet.quota.requested", "fleet.quota.changed")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How one class of one unit stands, and where its rows are."""

    use: Use | None
    standing: Standing
    url: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A unit with its classes in their order."""

    unit: Unit
    url: str
    cells: tuple[Cell, ...]
    total: Cell

    @property
    def over(self) -> int:
        """Cars beyond the quota, class by class: a free place of one class helps no other."""
        return sum(cell.standing.over for cell in self.cells)


# ── how they stand ─────────────────────────────────────────────────────────────────────────


@needs(SEE)
def quotas(request: PageRequest) -> HttpResponse:
    """编制: units and classes as of a day, those beyond their quota in red with the article."""
    today = timezone.localdate()
    on, note = forms.read_day(request.GET.get("on", ""), today=today)
    rows = _rows(request.scope, on, on == today)
    view, words = request.GET.get("view", ""), request.GET.get("words", "").strip()[:60]
    over = [row for row in rows if row.over]
    free = [row for row in rows if any(c.standing.free > 0 for c in row.cells)]
    chosen = {"over": over, "free": free}.get(view, rows)
    shown = [row for row in chosen if words in f"{row.unit.name}{row.unit.shown}{row.unit.code}"]
    tabs = [("", "全部", rows), ("over", "超编", over), ("free", "有空余", free)]
    context = {
        "on": on,
        "past": on != today,
        "note": note,
        "words": words,
        "view": view,
        "uses": list(Use),
        "rows": shown,
        "sums": [_sum(shown, place) for place in range(len(Use))],
        "total": _added(row.total.standing for row in shown),
        "tabs": [
            {
                "title": title,
                "url": _address(on, today, view=key, words=words),
                "current": key == view,
                "count": len(found),
                "tone": "stop" if key == "over" else "",
            }
            for key, title, found in tabs
        ],
        "verdict": _over_all(over, on),
        "shared": request.scope.shared,
        "may_ask": request.actor.can(ASK),
        "may_enter": request.actor.can(ENTER),
        "sees_purchases": request.actor.can(purchases.SEE),
    }
    return pages.render(request, "fleet/quotas.html", context)


def _address(on: date, today: date, **given: str) -> str:
    query = {name: value for name, value in given.items() if value}
    if on != today:
        query["on"] = f"{on:%Y-%m-%d}"
    return f"?{urlencode(query)}" if query else "."


def _rows(scope: Scope, on: date, is_today: bool) -> list[Row]:
    by_unit = reading.standings(scope=scope, on=on)
    units = Unit.objects.filter(pk__in=by_unit).order_by("position", "code")
    return [
        row
        for unit in units
        if (row := _row(unit, by_unit[unit.pk], "" if is_today else f"{on:%Y-%m-%d}"))
    ]


def _row(unit: Unit, by_use: Mapping[Use, Standing], on: str) -> Row:
    url = reverse("fleet:quota_unit", args=[unit.pk])
    query = {"on": on} if on else {}
    cells = tuple(
        Cell(
            use=use,
            standing=by_use.get(use, NOTHING),
            url=f"{url}?{urlencode({**query, 'use': use.value})}",
        )
        for use in Use
    )
    whole = f"{url}?{urlencode(query)}" if query else url
    total = Cell(use=None, standing=_added(c.standing for c in cells), url=whole)
    return Row(unit=unit, url=whole, cells=cells, total=total)


def _added(standings: Iterable[Standing]) -> Standing:
    return sum(standings, NOTHING)


def _sum(rows: Sequence[Row], place: int) -> Standing:
    return _added(row.cells[place].standing for row in rows)


def _over_all(over: Sequence[Row], on: date) -> list[Finding]:
    """One refusal for all units beyond their quota, with the article."""
    if not over:
        return []
    law = law_at(on)
    cite = law[rules.KEPT].cite if rules.KEPT in law else None
    cars = sum(row.over for row in over)
    names = "、".join(row.unit.shown for row in over[:3]) + ("等" if len(over) > 3 else "")  # noqa: PLR2004 — three names, then 等
    return [
        Finding(
            code="over_quota",
            headline=f"{len(over)} 个单位超编 {cars} 辆。",
            sentence=f"{names}。处置或划转超出的车辆，或申请增加编制。",
            cite=cite,
        )
    ]


# ── one unit ───────────────────────────────────────────────────────────────────────────────


@needs(SEE)
def quota_unit(request: PageRequest, unit_id: int) -> HttpResponse:
    """A unit's quotas on a day: the changes with their documents, the cars on the books."""
    unit = Unit.objects.within(request.scope).get(pk=unit_id)
    today = timezone.localdate()
    on, note = forms.read_day(request.GET.get("on", ""), today=today)
    use = request.GET.get("use", "")
    use = use if use in Use.__members__ else ""
    by_use = reading.standings(scope=request.scope, on=on, unit_ids=[unit.pk]).get(unit.pk, {})
    row = _row(unit, by_use, "" if on == today else f"{on:%Y-%m-%d}")
    changes = reading.changes(request.scope).filter(quota__unit=unit)
    stays = reading.on_books(scope=request.scope, unit_id=unit.pk, on=on)
    under_way = _under_way(request.actor, unit, on)
    if use:
        changes, stays = changes.filter(quota__use=use), stays.filter(use=use)
        under_way = under_way.filter(use=use) if under_way is not None else None
    context = {
        "unit": unit,
        "on": on,
        "past": on != today,
        "note": note,
        "row": row,
        "use": Use[use] if use else None,
        "uses": list(Use),
        "verdicts": _verdicts(row, on),
        "changes": changes,
        "stays": stays,
        "purchases": under_way,
        "takes": {p.pk for p in reading.reserving(on).filter(unit=unit)},
        "shared": request.scope.shared,
        "may_ask": _within(request.actor, ASK, unit),
        "may_buy": _within(request.actor, "fleet.purchase.request", unit),
        "sees_cars": request.actor.can("fleet.car.see"),
    }
    return pages.render(request, "fleet/quota_unit.html", context)


def _under_way(actor: Actor, unit: Unit, on: date) -> Any:
    """The purchases under way on the day; ``None`` for whoever may not see any."""
    if not actor.can(purchases.SEE):
        return None
    rows = purchases.purchases(actor.scope(purchases.SEE))
    return rows.filter(unit=unit).holding_on(on).order_by("use", "pk")


def _within(actor: Actor, verb: str, unit: Unit) -> bool:
    return actor.can(verb) and Unit.objects.within(actor.scope(verb)).filter(pk=unit.pk).exists()


def _verdicts(row: Row, on: date) -> list[Finding]:
    law = law_at(on)
    found: list[Finding] = []
    for cell in row.cells:
        for finding in rules.kept(standing=cell.standing, law=law).refusals:
            label = cell.use.label if cell.use else ""
            found.append(
                Finding(
                    code=finding.code,
                    headline=f"{label}{finding.headline}",
                    sentence=finding.sentence,
                    cite=finding.cite,
                )
            )
    return found


# ── one change ─────────────────────────────────────────────────────────────────────────────


@needs_sign_in
def quota_change(request: PageRequest, change_id: int) -> HttpResponse:
    """A change with its approval, for whoever may see it or has to do with it."""
    actor = request.actor
    change = reading.change(actor=actor, change_id=change_id)
    case = cases.case_for(subject_type=SUBJECT, subject_id=change.pk, route=QUOTA.key)
    shown = panel.show(request=request, actor=actor, case=case, at=timezone.now()) if case else None
    verdict, day = approval.stored(model=SUBJECT, pk=change.pk, verbs=_ASKED)
    context = {
        "change": change,
        "about": reading.summary_of(change),
        "approval": shown,
        "chip": change.chip,
        "life": _life(change, shown),
        "verdict": verdict,
        "verdict_on": day,
        "files": attachments.of(model=SUBJECT, row_id=change.pk, kind=ATTACHMENT),
        "records": trail.told_beside_story(model=SUBJECT, pk=change.pk, asked=_ASKED),
        "acts": [act for act in ACTS if not act.makes and act.may(actor, change)],
        "sees": actor.can(SEE),
    }
    return pages.render(request, "fleet/quota_change.html", context)


def _life(change: QuotaChange, shown: panel.Shown | None) -> list[Station]:
    who = change.applicant.name if change.applicant else ""
    done = change.state == ChangeState.AGREED
    holds = done and change.takes_effect_on <= timezone.localdate()
    at = "done" if holds else "now" if done else "later"
    effect = Station(at=at, title="生效", when=formats.day(change.takes_effect_on))
    return approval.life(asked_at=change.asked_at, who=who, shown=shown, after=[effect])
