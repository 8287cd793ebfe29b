"""Allocations (调配): asking, mending, the page of one, and the small acts done from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.actions import allocations as actions
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.forms import allocations as forms
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.pages import allocation_view as view
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import rooms, units
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import (
    OVER,
    UNDER_WAY,
    UNSENT,
    AllocationMethod,
    AllocationState,
)
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.kernel.approvals import preview
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.texts import is_id
from guanjia.ui import pages
from guanjia.ui.approval import life as approval
from guanjia.ui.approval import lines
from guanjia.ui.approval.lines import Line
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

REQUEST, GRANT, SUBJECT = actions.REQUEST, actions.GRANT, reading.SUBJECT
REFUSED, _PER_PAGE = 422, 50


_TABS = (
    ("", "在办", UNDER_WAY),
    ("pending", "审批中", (AllocationState.PENDING,)),
    ("unsent", "待修改", UNSENT),
    ("agreed", "待选房、登记", (AllocationState.AGREED,)),
    ("reserved", "待交接", (AllocationState.RESERVED,)),
    ("in_use", "使用中", (AllocationState.IN_USE, AllocationState.RECORDED)),
    ("over", "已结束、已取消", OVER),
)


@needs(reading.SEE)
def allocations(request: PageRequest) -> HttpResponse:
    """办公用房调配: what is under way, by its state; what has a voucher is a register besides."""
    view_key = request.GET.get("view", "")
    states = next((found for key, _, found in _TABS if key == view_key), _TABS[0][2])
    rows = reading.allocations(request.scope).filter(state__in=states)
    counted = reading.counts(request.scope)
    context = {
        "page": Paginator(rows.order_by("-pk"), _PER_PAGE).get_page(request.GET.get("page")),
        "tabs": [
            {
                "title": title,
                "url": f"?view={key}" if key else ".",
                "current": key == view_key,
                "count": sum(counted.get(state, 0) for state in found),
            }
            for key, title, found in _TABS
        ],
        "may_ask": request.actor.can(REQUEST),
    }
    return pages.render(request, "space/allocations.html", context)


# ── asking ───────────────────────────────────────────────────────────────────────────────


@needs(REQUEST)
def allocation_request(request: PageRequest) -> HttpResponse:
    """申请用房: for the own unit; who asks for several chooses one first."""
    at, own = timezone.now(), units.units_within(request.scope)
    text = (request.POST.get("unit") or request.GET.get("unit") or "").strip()[:100]
    unit = units.unit_called(own, text)
    if unit is None:
        return _choose_unit(request, own, text)
    if request.method != "POST":
        return _form_page(request, _form(request, unit, at), unit, at)
    form = _form(request, unit, at)
    if _complete(request, form, at):
        try:
            made = actions.request(
                actor=request.actor, unit_id=unit.pk, asked=form.asked(),
                files=form.cleaned_data["files"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _sent(request, made, "已提交")
    return _form_page(request, form, unit, at)


@needs(REQUEST)
def allocation_mend(request: PageRequest, allocation_id: int) -> HttpResponse:
    """The same form for a request that was sent back or taken back."""
    at = timezone.now()
    found = reading.allocation(scope=request.scope, allocation_id=allocation_id)
    if found.extends_id is not None or found.state not in UNSENT:
        return pages.to("space:allocation", allocation_id)
    form = _form(request, found.unit, at, allocation=found)
    if _complete(request, form, at):
        try:
            made = actions.mend(
                actor=request.actor, allocation_id=allocation_id, asked=form.asked(),
                files=form.cleaned_data["files"], comment=form.cleaned_data["comment"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _sent(request, made, "已改并重新提交")
    return _form_page(request, form, found.unit, at, allocation=found)


def _complete(request: PageRequest, form: forms.AskForm, at: datetime) -> bool:
    """Whether a form was sent to be acted on and says all it must. Where only the need was asked
    about (重新核算), nothing is said of what is missing."""
    if form.is_bound and "reckon" in request.POST:
        form.only_counted()
        return False
    return form.is_bound and form.may_be_asked(law_at(at)) and form.is_valid()


def _choose_unit(request: PageRequest, own: Sequence[Unit], text: str) -> HttpResponse:
    """Whose offices these will be; one's own unit is chosen already."""
    context = {"units": own, "typed": text}
    status = REFUSED if text else 200
    return pages.render(request, "space/allocation_unit.html", context, status=status)


def _form(
    request: PageRequest, unit: Unit, at: datetime, *, allocation: Allocation | None = None
) -> forms.AskForm:
    """The form of a unit: with its people in service, or with what was asked."""
    ranks = reading.ranks_for(unit=unit, law=law_at(at))
    if allocation is None:
        first = forms.staff_initial(reading.staff_by_rank(unit))
        first["way"] = request.GET.get("way", AllocationMethod.REALLOCATE.value)[:20]
    else:
        first = forms.initial_of(allocation)
    own = reading.own_rooms(unit=unit, day=timezone.localdate(at))
    return forms.AskForm(
        request.POST if request.method == "POST" else None,
        ranks=ranks,
        own=[(str(row.pk), _room_words(row)) for row in own],
        changing=allocation is not None,
        initial=first,
    )


def _room_words(row: Any) -> str:
    told = f"{row}　{row.now.get_kind_display()} {rules.area(row.now.usable_m2)}"
    return f"{told}　{RoomState.CLEARING.label}" if row.now.state == RoomState.CLEARING else told


def _form_page(
    request: PageRequest,
    form: forms.AskForm,
    unit: Unit,
    at: datetime,
    *,
    allocation: Allocation | None = None,
) -> HttpResponse:
    files = (
        attachments.of(model=SUBJECT, row_id=allocation.pk, kind=ATTACHMENT) if allocation else []
    )
    context = {
        "form": form,
        "unit": unit,
        "several": len(units.units_within(request.scope)) > 1,
        "allocation": allocation,
        "files": files,
        **_beside(request, form, unit, at),
    }
    status = REFUSED if form.errors else 200
    return pages.render(request, "space/allocation_request.html", context, status=status)


def _beside(request: PageRequest, form: forms.AskForm, unit: Unit, at: datetime) -> dict[str, Any]:
    """The need as the form stands, who decides, and for keepers how much stands empty."""
    law, day = law_at(at), timezone.localdate(at)
    persons = form.counted() if form.is_bound else _initially(form)
    given = form["back"].value() or []
    back = [int(pk) for pk in given if is_id(str(pk))]
    steps = preview.ahead(
        route=ALLOCATION, unit=unit, applicant_id=request.actor.person_id, case=None, at=at,
        facts={"way": "REALLOCATE", "wanted": 0.0, "over": 0.0, "persons": 0, "extends": False},
    )  # fmt: skip
    keeper = Line(tone="idle", icon="key", who="办公用房管理科", act="批准后选房、签发凭证")
    free = rooms.vacant(day=day) if request.actor.can(GRANT) else None
    known = reading.people_of(unit=unit, day=day)
    return {
        "need": reading.need_of(unit=unit, persons=persons, back=back, day=day, law=law),
        "people": rules.people_known(persons=sum(persons.values()), known=known),
        "parts": reading.approved_for(unit=unit, persons=persons, law=law).basic,
        "ahead": [*lines.ahead(steps, first=True), keeper],
        "free": free,
        "free_m2": free.aggregate(m2=Sum("now__usable_m2"))["m2"] if free is not None else None,
        "earlier": {way.value: [each.value for each in rules.earlier_ways(way, law)]
                    for way in AllocationMethod},
    }  # fmt: skip


def _initially(form: forms.AskForm) -> dict[Any, int]:
    """How many of each rank the form shows before anything is typed."""
    found = {rank: form.initial.get(f"persons_{rank.value}") or 0 for rank in form.ranks}
    return {rank: n for rank, n in found.items() if n}


def _sent(request: PageRequest, allocation: Allocation, done: str) -> HttpResponse:
    case = cases.case_for(subject_type=SUBJECT, subject_id=allocation.pk, route=ALLOCATION.key)
    pages.flash(request, "，".join(filter(None, (done, approval.waiting(case)))))
    return pages.to("space:allocation", allocation.pk)


# ── one allocation ───────────────────────────────────────────────────────────────────────


@needs_sign_in
def allocation(request: PageRequest, allocation_id: int) -> HttpResponse:
    """An allocation with its approval, for whoever may see it or has to do with it."""
    at, actor = timezone.now(), request.actor
    found = view.visible(actor=actor, allocation_id=allocation_id)
    context = view.page(request=request, actor=actor, allocation=found, at=at)
    return pages.render(request, "space/allocation.html", context)
