"""After the approval (选房、登记、交接): choosing rooms, what was leased or built, handing over."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space import vouchers
from guanjia.domains.space.actions import granting, handing_over
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.pages import allocation_view as view
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import clearances, vacancies
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import AllocationState, FreeRoom
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.texts import is_id
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs

REQUEST, GRANT = view.REQUEST, view.GRANT
REFUSED = 422
_PICTURE = "data:image/png;base64,"
_AT_ONCE = 40  # rooms that a page shows unfolded
_PICTURE_MAX = 400_000  # letters: more than any signature


# ── choosing rooms ───────────────────────────────────────────────────────────────────────


@needs(GRANT)
def allocation_grant(request: PageRequest, allocation_id: int) -> HttpResponse:
    """选房: the groups that fit, side by side, and every empty room to choose from."""
    at = timezone.now()
    found = reading.allocation(scope=request.scope, allocation_id=allocation_id)
    if found.state != AllocationState.AGREED:
        return pages.to("space:allocation", allocation_id)
    free = _free(found, at)
    form = _grant_form(request, free, at)
    refused: Sequence[Finding] = ()
    if form.is_bound and form.is_valid():
        try:
            made = granting.grant(
                actor=request.actor, allocation_id=allocation_id, room_ids=form.chosen(),
                since_on=form.cleaned_data["since_on"], gross_m2=form.cleaned_data["gross_m2"],
                at=at,
            )  # fmt: skip
        except Refused as no:
            refused, free = no.findings, _free(found, at)
        else:
            pages.flash(request, f"已签发 {made.paper}，等{made.unit}接收房间")
            return pages.to("space:allocation", allocation_id)
    context = _grant_words(found, form, free, at) | {"refused": refused}
    context["others"] = _others(form, free, refused)
    status = REFUSED if refused or form.errors else 200
    return pages.render(request, "space/allocation_grant.html", context, status=status)


def _free(allocation: Allocation, at: datetime) -> list[FreeRoom]:
    since, until = vouchers.days_of(allocation)
    day = timezone.localdate(at)
    return vacancies.fitting(day=day, since=since or day, until=until)


def _grant_form(request: PageRequest, free: Sequence[FreeRoom], at: datetime) -> forms.GrantForm:
    """With the rooms that the address names; in a post also those somebody else took meanwhile,
    so that the refusal can say who."""
    posted = request.POST.getlist("rooms") if request.method == "POST" else []
    taken = [int(pk) for pk in posted if is_id(pk)]
    first = {"rooms": request.GET.getlist("rooms"), "since_on": timezone.localdate(at)}
    return forms.GrantForm(
        request.POST if request.method == "POST" else None,
        ids={*(room.id for room in free), *taken},
        initial=first,
    )


def _grant_words(
    allocation: Allocation, form: forms.GrantForm, free: Sequence[FreeRoom], at: datetime
) -> dict[str, Any]:
    """Need, groups that fit, and every empty room by its building."""
    need = reading.need_of_allocation(allocation, day=timezone.localdate(at), law=law_at(at))
    wanted = allocation.wanted_m2
    chosen = {str(pk) for pk in form["rooms"].value() or []}
    places = [
        {
            "title": f"{compound} {building}",
            "rooms": rooms,
            "open": len(free) <= _AT_ONCE or any(str(room.id) in chosen for room in rooms),
        }
        for (compound, building), rooms in _by_building(free)
    ]
    return {
        "allocation": allocation,
        "form": form,
        "places": places,
        "chosen": chosen,
        "need": need,
        "offers": [view.offer_words(each) for each in rules.offers(free, wanted)] if wanted else [],
        "term": vouchers.term(allocation) if allocation.is_loan else "",
    }


def _others(
    form: forms.GrantForm, free: Sequence[FreeRoom], refused: Sequence[Finding]
) -> list[tuple[str, str]]:
    """Rooms to take instead of those that are gone: in words, and as a query that chooses them
    beside what else was chosen and is still free."""
    there = {str(room.id) for room in free}
    kept = [f"rooms={pk}" for pk in form["rooms"].value() or [] if pk in there]
    found = {option.value: option.label for finding in refused for option in finding.options}
    return [(label, "&".join([*kept, f"rooms={pk}"])) for pk, label in found.items()]


def _by_building(free: Sequence[FreeRoom]) -> list[tuple[tuple[str, str], list[FreeRoom]]]:
    grouped = groupby(free, key=lambda room: (room.compound, room.building))
    return [(place, list(rooms)) for place, rooms in grouped]


# ── leased or built ──────────────────────────────────────────────────────────────────────


@needs(GRANT)
def allocation_outside(request: PageRequest, allocation_id: int) -> HttpResponse:
    """登记租用、建设的房屋, with the document that approves it."""
    at = timezone.now()
    found = reading.allocation(scope=request.scope, allocation_id=allocation_id)
    if found.state != AllocationState.AGREED:
        return pages.to("space:allocation", allocation_id)
    form = forms.OutsideForm(
        request.POST if request.method == "POST" else None,
        initial={"since_on": timezone.localdate(at), "document": found.document},
    )
    refused: Sequence[Finding] = ()
    if form.is_bound and form.is_valid():
        try:
            made = granting.grant_outside(
                actor=request.actor, allocation_id=allocation_id, at=at, **form.cleaned_data
            )
        except Refused as no:
            refused = no.findings
        else:
            pages.flash(request, f"已登记，签发 {made.paper}")
            return pages.to("space:allocation", allocation_id)
    context = {"allocation": found, "form": form, "refused": refused}
    status = REFUSED if refused or form.errors else 200
    return pages.render(request, "space/allocation_outside.html", context, status=status)


# ── handing over ─────────────────────────────────────────────────────────────────────────


@needs(REQUEST)
def allocation_hand_over(request: PageRequest, allocation_id: int) -> HttpResponse:
    """交接: on the keeper's screen or the unit's phone, signed by who receives the rooms."""
    at = timezone.now()
    found = reading.allocation(scope=request.scope, allocation_id=allocation_id)
    if found.state != AllocationState.RESERVED:
        return pages.to("space:allocation", allocation_id)
    form = forms.HandOverForm(
        request.POST if request.method == "POST" else None,
        initial={"on": timezone.localdate(at), "receiver": _receiver(request, found)},
    )
    refused: Sequence[Finding] = ()
    if form.is_bound and form.is_valid():
        try:
            _hand_over(request, found, form, at)
        except Refused as no:
            refused = no.findings
        else:
            return pages.to("space:allocation", allocation_id)
    back = reading.going_back(found)
    # For rooms that are being cleared already the time runs since then.
    cleared = clearances.being_cleared([row.room_id for row in back])
    context = {
        "allocation": found,
        "form": form,
        "refused": refused,
        "given": reading.given(found),
        "back": [row for row in back if row.room_id not in cleared],
    }
    status = REFUSED if refused or form.errors else 200
    return pages.render(request, "space/allocation_hand_over.html", context, status=status)


def _receiver(request: PageRequest, allocation: Allocation) -> str:
    """Whoever has the phone of the unit in hand receives; the keeper writes the name."""
    if request.actor.can(GRANT):
        return allocation.applicant.name if allocation.applicant else ""
    return request.actor.name


def _hand_over(
    request: PageRequest, allocation: Allocation, form: forms.HandOverForm, at: datetime
) -> None:
    made = handing_over.hand_over(
        actor=request.actor, allocation_id=allocation.pk, on=form.cleaned_data["on"],
        receiver=form.cleaned_data["receiver"], signature=drawn(request.POST.get("signature", "")),
        at=at,
    )  # fmt: skip
    due = made.clearances.order_by("-pk").first()
    told = f"，旧房{formats.day(due.due_on)}前移交" if due else ""
    pages.flash(request, f"已交接，{made.receiver}签收{told}")


def drawn(text: str) -> bytes | None:
    """The picture of a signature as the page sends it; ``None`` for what is none."""
    if not text.startswith(_PICTURE) or len(text) > _PICTURE_MAX:
        return None
    try:
        return base64.b64decode(text[len(_PICTURE) :], validate=True)
    except (ValueError, binascii.Error):
        return None
