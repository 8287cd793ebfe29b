"""Clearances (腾退): opening one, its page, and the acts of both sides. The list is a register."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.space.actions import clearances as actions
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.pages import asking
from guanjia.domains.space.pages import clearance_view as view
from guanjia.domains.space.queries import allocations
from guanjia.domains.space.queries import clearances as reading
from guanjia.domains.space.rules import allocations as words
from guanjia.domains.space.rules import clearances as rules
from guanjia.domains.space.terms.clearances import ClearanceReason
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import formats, pages
from guanjia.ui.forms import NOT_DONE, checked
from guanjia.ui.pages import PageRequest, needs

SEE, HAND_BACK, ACCEPT = view.SEE, view.HAND_BACK, view.ACCEPT
REFUSED = 422
# A loan that ended opens its clearance by itself.
REASONS = [(r.value, r.label) for r in ClearanceReason if r is not ClearanceReason.LOAN_ENDED]


@needs(ACCEPT)
def clearance_new(request: PageRequest) -> HttpResponse:
    """发起腾退: the unit first, then which of its rooms and why."""
    at, units = timezone.now(), asking.units_within(request.scope)
    text = (request.POST.get("unit") or request.GET.get("unit") or "").strip()[:100]
    unit = asking.unit_called(units, text)
    if unit is None:
        return _choose_unit(request, units, text)
    form = _form(request, unit, at)
    refused: Sequence[Finding] = ()
    if form.is_bound and form.is_valid():
        try:
            made = _open(request, unit, form.cleaned_data, at)
        except Refused as no:
            refused = no.findings
        else:
            pages.flash(request, f"已发起腾退，{made.unit}{formats.day(made.due_on)}前移交")
            return pages.to("space:clearance", made.pk)
    context = {"form": form, "unit": unit, "refused": refused, "limits": _limits(at)}
    status = REFUSED if refused or form.errors else 200
    return pages.render(request, "space/clearance_new.html", context, status=status)


def _choose_unit(request: PageRequest, units: Sequence[Unit], text: str) -> HttpResponse:
    context = {"units": units, "typed": text}
    status = REFUSED if text else 200
    return pages.render(request, "space/clearance_unit.html", context, status=status)


def _form(request: PageRequest, unit: Unit, at: datetime) -> forms.ClearForm:
    day = timezone.localdate(at)
    own = allocations.own_rooms(unit=unit, day=day)
    people = Person.objects.serving().filter(unit__path__startswith=unit.path)
    return forms.ClearForm(
        request.POST if request.method == "POST" else None,
        reasons=REASONS,
        own=[
            (str(row.pk), f"{row}　{row.now.get_kind_display()} {words.area(row.now.usable_m2)}")
            for row in own
        ],
        near=people.order_by("number"),
        initial={"begins_on": day, "rooms": request.GET.getlist("rooms")},
    )


def _limits(at: datetime) -> list[tuple[str, str]]:
    """How long each reason leaves, as the lawbook of today says."""
    day, law = timezone.localdate(at), law_at(at)
    limits = [(label, rules.due(reason=ClearanceReason(key), begins_on=day, law=law))
              for key, label in REASONS]  # fmt: skip
    return [(label, limit.words) for label, limit in limits if limit]


def _open(request: PageRequest, unit: Unit, given: dict[str, Any], at: datetime) -> Any:
    return actions.open_clearance(
        actor=request.actor, unit_id=unit.pk, reason=ClearanceReason(given["reason"]),
        room_ids=[int(pk) for pk in given["rooms"]], begins_on=given["begins_on"],
        person_id=given["person"].pk if given["person"] else None, note=given["note"], at=at,
    )  # fmt: skip


@needs(SEE)
def clearance(request: PageRequest, clearance_id: int) -> HttpResponse:
    """One clearance for whoever may see it, with the acts this person may do."""
    return _page(request, clearance_id, timezone.now())


def _page(
    request: PageRequest, clearance_id: int, at: datetime, *, refused: Sequence[Finding] = ()
) -> HttpResponse:
    scope = request.actor.scope(SEE)
    found = reading.clearance(scope=scope, clearance_id=clearance_id)
    context = view.page(actor=request.actor, clearance=found, today=timezone.localdate(at))
    context |= {
        "refused": tuple(refused),
        "typed": request.POST if refused else {},
        "open": request.GET.get("act", ""),
    }
    status = REFUSED if refused else 200
    return pages.render(request, "space/clearance.html", context, status=status)


def _act(
    request: PageRequest,
    clearance_id: int,
    kind: Callable[[Any], Any],
    done: str,
    doing: Callable[[dict[str, Any], datetime], Any],
) -> HttpResponse:
    """Do it and come back with one line; a refusal is shown on the page."""
    reading.clearance(scope=request.scope, clearance_id=clearance_id)  # outside: 404
    at = timezone.now()
    try:
        doing(checked(kind(request.POST), headline=NOT_DONE), at)
    except Refused as refused:
        return _page(request, clearance_id, at, refused=refused.findings)
    pages.flash(request, done)
    return pages.to("space:clearance", clearance_id)


@needs(HAND_BACK)
@require_POST
def clearance_hand_back(request: PageRequest, clearance_id: int) -> HttpResponse:
    """移交, by the unit."""

    def doing(given: dict[str, Any], at: datetime) -> Any:
        return actions.hand_back(actor=request.actor, clearance_id=clearance_id, at=at, **given)

    return _act(request, clearance_id, forms.OnDay, "已移交，等办公用房管理科接收", doing)


@needs(ACCEPT)
@require_POST
def clearance_accept(request: PageRequest, clearance_id: int) -> HttpResponse:
    """接收: the rooms stand empty from that day on."""

    def doing(given: dict[str, Any], at: datetime) -> Any:
        return actions.accept(actor=request.actor, clearance_id=clearance_id, on=given["on"], at=at)

    return _act(request, clearance_id, forms.OnDay, "已接收，房间转为空置", doing)


@needs(ACCEPT)
@require_POST
def clearance_send_back(request: PageRequest, clearance_id: int) -> HttpResponse:
    """退回整改, with what is missing."""

    def doing(given: dict[str, Any], at: datetime) -> Any:
        return actions.send_back(actor=request.actor, clearance_id=clearance_id, at=at, **given)

    return _act(request, clearance_id, forms.Reason, "已退回，单位整改后再移交", doing)


@needs(ACCEPT)
@require_POST
def clearance_call_off(request: PageRequest, clearance_id: int) -> HttpResponse:
    """撤销腾退: the rooms stay in use."""

    def doing(given: dict[str, Any], at: datetime) -> Any:
        return actions.call_off(actor=request.actor, clearance_id=clearance_id, at=at, **given)

    return _act(request, clearance_id, forms.Reason, "已撤销，房间恢复在用", doing)
