"""Quotas (编制): how they stand on a day, a unit's own, a change and its approval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import quotas as actions
from guanjia.domains.fleet.approvals import QUOTA
from guanjia.domains.fleet.forms import quotas as forms
from guanjia.domains.fleet.models import QuotaChange
from guanjia.domains.fleet.pages import assets
from guanjia.domains.fleet.queries import purchases
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.rules import quotas as rules
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.quotas import CHANGE_MENDING, NOTHING, ChangeState, Standing
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import Station
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, ASK, ENTER = "fleet.quota.see", "fleet.quota.request", "fleet.quota.enter"
SUBJECT = "fleet.quotachange"
_REFUSED = 422
_ASKED = ("fleet.quota.requested", "fleet.quota.changed")
_CHIPS = {
    ChangeState.PENDING: ("wait", "hourglass"),
    ChangeState.RETURNED: ("stop", "arrow-back-up"),
    ChangeState.WITHDRAWN: ("idle", "arrow-back-up"),
    ChangeState.AGREED: ("done", "circle-check"),
    ChangeState.REFUSED: ("stop", "circle-x"),
}


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


# ── asking for a change ────────────────────────────────────────────────────────────────────


@needs(ASK)
def quota_request(request: PageRequest) -> HttpResponse:
    """The form for a change; a refusal comes back in it with its 依据."""
    at, units = timezone.now(), assets.units_within(request.scope)
    if request.method != "POST":
        first = {"takes_effect_on": timezone.localdate(), **_asked_for(request, units)}
        return _form_page(request, forms.QuotaForm(units=units, initial=first))
    form = forms.QuotaForm(request.POST, units=units)
    if form.is_valid():
        try:
            change = actions.request_change(
                actor=request.actor, facts=form.facts(), files=form.cleaned_data["files"], at=at
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _to(request, change, "已提交")
    return _form_page(request, form, status=_REFUSED)


def _asked_for(request: PageRequest, units: Sequence[Unit]) -> dict[str, Any]:
    """The unit and class that the address asks for."""
    wanted = request.GET.get("unit", "")
    named = next((unit.shown for unit in units if unit.code == wanted), "")
    use = request.GET.get("use", "")
    return {"unit": named, "use": use if use in Use.__members__ else Use.OTHER.value}


@needs(ASK)
def quota_mend(request: PageRequest, change_id: int) -> HttpResponse:
    """The same form for a change that was sent back or taken back."""
    at, change = timezone.now(), reading.changes(request.scope).get(pk=change_id)
    units = [change.quota.unit]
    if request.method != "POST":
        form = forms.QuotaForm(units=units, initial=forms.initial_of(change), changing=True)
        return _form_page(request, form, change=change)
    form = forms.QuotaForm(
        {**request.POST.dict(), "use": change.quota.use, "files": request.POST.getlist("files")},
        units=units, changing=True,
    )  # fmt: skip
    if form.is_valid():
        try:
            change = actions.change_request(
                actor=request.actor, change_id=change_id, facts=form.facts(),
                files=form.cleaned_data["files"], comment=form.cleaned_data["comment"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _to(request, change, "已改并重新提交")
    return _form_page(request, form, change=change, status=_REFUSED)


def _form_page(
    request: PageRequest,
    form: forms.QuotaForm,
    *,
    change: QuotaChange | None = None,
    status: int = 200,
) -> HttpResponse:
    files = attachments.of(model=SUBJECT, row_id=change.pk, kind=ATTACHMENT) if change else []
    context = {"form": form, "change": change, "files": files}
    return pages.render(request, "fleet/quota_request.html", context, status=status)


def _to(request: PageRequest, change: QuotaChange, done: str) -> HttpResponse:
    case = cases.case_for(subject_type=SUBJECT, subject_id=change.pk, route=QUOTA.key)
    pages.flash(request, "，".join(filter(None, (done, assets.waiting(case)))))
    return pages.to("fleet:quota_change", change.pk)


# ── one change ─────────────────────────────────────────────────────────────────────────────


@needs_sign_in
def quota_change(request: PageRequest, change_id: int) -> HttpResponse:
    """A change with its approval, for whoever may see it or has to do with it."""
    return _change_page(request, change_id, timezone.now())


@needs(ENTER)
@require_POST
def quota_document(request: PageRequest, change_id: int) -> HttpResponse:
    """登记文号: the document that grants the change."""
    reading.changes(request.scope).get(pk=change_id)  # outside the scope: 404
    at = timezone.now()
    try:
        given = checked(forms.Document(request.POST))
        actions.set_document(actor=request.actor, change_id=change_id, at=at, **given)
    except Refused as refused:
        return _change_page(request, change_id, at, refused=refused.findings)
    pages.flash(request, f"已登记文号 {given['document']}")
    return pages.to("fleet:quota_change", change_id)


def _change_page(
    request: PageRequest, change_id: int, at: datetime, *, refused: Sequence[Finding] = ()
) -> HttpResponse:
    actor = request.actor
    change = reading.change(actor=actor, change_id=change_id)
    case = cases.case_for(subject_type=SUBJECT, subject_id=change.pk, route=QUOTA.key)
    shown = panel.show(request=request, actor=actor, case=case, at=at) if case else None
    verdict, day = assets.stored(model=SUBJECT, pk=change.pk, verbs=_ASKED)
    state = ChangeState(change.state)
    mine = actor.person_id is not None and actor.person_id == change.applicant_id
    context = {
        "change": change,
        "about": actions.summary_of(change),
        "approval": shown,
        "refused": tuple(refused),
        "chip": (*_CHIPS[state], state.label),
        "life": _life(change, shown),
        "verdict": verdict,
        "verdict_on": day,
        "files": attachments.of(model=SUBJECT, row_id=change.pk, kind=ATTACHMENT),
        "records": trail.told_beside_story(model=SUBJECT, pk=change.pk, asked=_ASKED),
        "may_mend": mine and actor.can(ASK) and state in CHANGE_MENDING,
        "may_document": state is ChangeState.AGREED and _within(actor, ENTER, change.quota.unit),
        "sees": actor.can(SEE),
    }
    status = _REFUSED if refused else 200
    return pages.render(request, "fleet/quota_change.html", context, status=status)


def _life(change: QuotaChange, shown: panel.Shown | None) -> list[Station]:
    who = change.applicant.name if change.applicant else ""
    done = change.state == ChangeState.AGREED
    holds = done and change.takes_effect_on <= timezone.localdate()
    at = "done" if holds else "now" if done else "later"
    effect = Station(at=at, title="生效", when=formats.day(change.takes_effect_on))
    return assets.life(asked_at=change.asked_at, who=who, shown=shown, after=[effect])
