"""Fines (违法) and accidents (事故): entered by hand, handled and closed on their pages."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import incidents as actions
from guanjia.domains.fleet.actions import papers
from guanjia.domains.fleet.forms import upkeep as forms
from guanjia.domains.fleet.models import Accident, Trip
from guanjia.domains.fleet.pages import filling
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.rules import upkeep as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.upkeep import Blame, PaidBy
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, ENTER = "fleet.fine.see", "fleet.fine.enter"


def _sees_trip(actor: Actor, trip: Trip | None) -> bool:
    """Whether the journey may be opened: the police see fines, not journeys."""
    if trip is None or not actor.can("fleet.trip.see"):
        return False
    scope = actor.scope("fleet.trip.see")
    return bool(Trip.objects.within(scope).filter(pk=trip.pk).exists())


def _may_report(actor: Actor, accident: Accident) -> bool:
    """Whether somebody may report the car of an accident to the garage."""
    scope = actor.scope("fleet.upkeep.enter")
    if scope.nothing or accident.car.state == CarState.DISPOSED:
        return False
    return archive.cars(scope).filter(pk=accident.car_id).exists()


# ── a fine ───────────────────────────────────────────────────────────────────────────────


@needs(ENTER)
def fine_new(request: PageRequest) -> HttpResponse:
    """登记违法."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        given["points"] = given["points"] or 0
        files = given.pop("papers")
        made = actions.enter_fine(actor=request.actor, row=given, files=files, at=at)
        told = f"当时 {made.driver} 在开" if made.driver else "没有对应的派车单，已记为待核"
        pages.flash(request, f"已登记 {made.car.plate} 的违法 {made.number}，{told}")
        return pages.to("fleet:fine", made.pk)

    words = {
        "title": "登记违法", "act": "登记违法", "back": "交通违法台账",
        "back_url": "fleet:fines_list",
        "lead": "按处罚决定书或违法通知填写。驾驶员按当时的派车单找；找不到的记为待核。",
    }  # fmt: skip
    form = forms.FineForm(
        request.POST or None, scope=request.scope, initial=filling.started(request)
    )
    return filling.fill(request, form=form, words=words, enter=enter)


@needs(SEE)
def fine(request: PageRequest, fine_id: int) -> HttpResponse:
    """One fine: who drove, whether it is paid and by whom."""
    return _fine_page(request, fine_id)


def _fine_page(
    request: PageRequest, fine_id: int, findings: Iterable[Finding] = ()
) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    found = queries.fines(actor.scope(SEE)).get(pk=fine_id)
    law, refused = law_at(today), tuple(findings)
    late = found.handled_on is None and rules.fine_is_late(
        happened_on=timezone.localdate(found.at), on=today, law=law
    )
    may = actor.can(ENTER) and queries.fines(actor.scope(ENTER)).filter(pk=fine_id).exists()
    context = {
        "fine": found,
        "car": found.car,
        "late": late,
        "days": law["fleet.fine.handle_days"].value,
        "own_money": law["fleet.fine.own_money"].cite,
        "remarks": Remark.objects.filter(register="fleet.fines", object_id=fine_id)
        .select_related("explained_by").order_by("-state", "pk"),
        "records": trail.told(model="fleet.fine", pk=fine_id),
        "sees_trip": _sees_trip(actor, found.trip),
        "may": may,
        **filling.papers(request, model="fleet.fine", row_id=fine_id),
        "refused": refused,
        "typed": request.POST,
        "payer": found.driver.name if found.driver else "",
        "today": today,
    }  # fmt: skip
    status = filling.REFUSED if refused else 200
    return pages.render(request, "fleet/fine.html", context, status=status)


@require_POST
@needs(ENTER)
def fine_handle(request: PageRequest, fine_id: int) -> HttpResponse:
    """处理违法: paid, by whom, when."""

    def doing(given: dict[str, Any], at: datetime) -> str:
        given["paid_by"] = PaidBy(given["paid_by"])
        made = actions.handle_fine(actor=request.actor, fine_id=fine_id, at=at, **given)
        return f"已登记处理，{made.payer}缴款"

    return filling.act(
        request, kind=forms.Handle, doing=doing, done="fleet:fine", done_id=fine_id,
        again=lambda findings: _fine_page(request, fine_id, findings),
    )  # fmt: skip


@require_POST
@needs(ENTER)
def fine_attach(request: PageRequest, fine_id: int) -> HttpResponse:
    """补交附件."""
    doing = filling.attaching(partial(papers.add_to_fine, actor=request.actor, fine_id=fine_id))
    return filling.act(
        request, kind=forms.Papers, doing=doing, done="fleet:fine", done_id=fine_id,
        again=lambda findings: _fine_page(request, fine_id, findings),
    )  # fmt: skip


@require_POST
@needs(ENTER)
def fine_explain(request: PageRequest, fine_id: int, remark_id: int) -> HttpResponse:
    """The answer to a doubt on a fine."""
    queries.fines(request.scope).get(pk=fine_id)  # outside the scope: 404
    doing = filling.answering(request, register="fleet.fines", row_id=fine_id, remark_id=remark_id)
    return filling.act(
        request, kind=forms.Explanation, doing=doing, done="fleet:fine", done_id=fine_id,
        again=lambda findings: _fine_page(request, fine_id, findings),
    )  # fmt: skip


# ── an accident ──────────────────────────────────────────────────────────────────────────


@needs(ENTER)
def accident_new(request: PageRequest) -> HttpResponse:
    """登记事故."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        files = given.pop("papers")
        for name in ("loss_fen", "insurer_fen", "self_fen"):
            given[name] = given[name] or 0
        made = actions.enter_accident(actor=request.actor, row=given, files=files, at=at)
        pages.flash(request, f"已登记 {made.car.plate} 的事故 {made.number}")
        return pages.to("fleet:accident", made.pk)

    words = {
        "title": "登记事故", "act": "登记事故", "back": "交通事故台账",
        "back_url": "fleet:accidents_list",
        "lead": "先登记，金额和责任可以在结案时补齐。结案时损失须等于保险赔付加自付。",
    }  # fmt: skip
    started = filling.started(request, blame=Blame.PENDING)
    form = forms.AccidentForm(request.POST or None, scope=request.scope, initial=started)
    return filling.fill(request, form=form, words=words, enter=enter)


@needs(SEE)
def accident(request: PageRequest, accident_id: int) -> HttpResponse:
    """One accident: what happened, who is to blame, who pays."""
    return _accident_page(request, accident_id)


def _accident_page(
    request: PageRequest, accident_id: int, findings: Iterable[Finding] = ()
) -> HttpResponse:
    actor, refused = request.actor, tuple(findings)
    found = queries.accidents(actor.scope(SEE)).get(pk=accident_id)
    orders = found.orders.order_by("pk") if actor.can("fleet.upkeep.see") else []
    held = queries.accidents(actor.scope(ENTER)) if actor.can(ENTER) else None
    context = {
        "accident": found,
        "car": found.car,
        "orders": orders,
        "records": trail.told(model="fleet.accident", pk=accident_id),
        "sees_trip": _sees_trip(actor, found.trip),
        "may": held is not None and held.filter(pk=accident_id).exists(),
        "blames": [blame for blame in Blame if blame is not Blame.PENDING],
        "unsettled_fen": abs(found.loss_fen - found.insurer_fen - found.self_fen),
        **filling.papers(request, model="fleet.accident", row_id=accident_id),
        "may_report": _may_report(actor, found),
        "refused": refused,
        "typed": request.POST,
        "today": formats.day(timezone.localdate(), style="iso"),
    }
    status = filling.REFUSED if refused else 200
    return pages.render(request, "fleet/accident.html", context, status=status)


@require_POST
@needs(ENTER)
def accident_attach(request: PageRequest, accident_id: int) -> HttpResponse:
    """补交附件."""
    doing = filling.attaching(
        partial(papers.add_to_accident, actor=request.actor, accident_id=accident_id)
    )
    return filling.act(
        request, kind=forms.Papers, doing=doing, done="fleet:accident", done_id=accident_id,
        again=lambda findings: _accident_page(request, accident_id, findings),
    )  # fmt: skip


@require_POST
@needs(ENTER)
def accident_close(request: PageRequest, accident_id: int) -> HttpResponse:
    """结案."""

    def doing(given: dict[str, Any], at: datetime) -> str:
        given["blame"] = Blame(given["blame"])
        made = actions.close_accident(actor=request.actor, accident_id=accident_id, at=at, **given)
        return f"已结案，自付 {made.self_fen / 100:,.2f} 元"

    return filling.act(
        request, kind=forms.Close, doing=doing, done="fleet:accident", done_id=accident_id,
        again=lambda findings: _accident_page(request, accident_id, findings),
    )  # fmt: skip
