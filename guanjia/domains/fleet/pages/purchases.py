"""Purchases (更新购置): their list, asking for one, its page, the new car's card."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import carding
from guanjia.domains.fleet.actions import purchases as actions
from guanjia.domains.fleet.approvals import PURCHASE
from guanjia.domains.fleet.forms import purchases as forms
from guanjia.domains.fleet.forms import quotas as small
from guanjia.domains.fleet.models import Purchase
from guanjia.domains.fleet.pages import purchase_view
from guanjia.domains.fleet.queries import archive, quotas
from guanjia.domains.fleet.queries import purchases as reading
from guanjia.domains.fleet.terms.cars import CarState, Energy, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.domains.fleet.terms.purchases import MENDING, PurchaseKind, PurchaseState
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages
from guanjia.ui.approval import life as approval
from guanjia.ui.forms import checked
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, ASK, ENTER = reading.SEE, actions.ASK, "fleet.purchase.enter"
CARD, SUBJECT = actions.CARD, reading.SUBJECT
_REFUSED, _PER_PAGE = 422, 50
_TABS = (
    ("", "在办", (PurchaseState.PENDING, PurchaseState.REPORTED, PurchaseState.AGREED, *MENDING)),
    ("pending", "审批中", (PurchaseState.PENDING,)),
    ("returned", "待修改", MENDING),
    ("reported", "报省待批", (PurchaseState.REPORTED,)),
    ("agreed", "待登记新车", (PurchaseState.AGREED,)),
    ("done", "已办结", (PurchaseState.CARDED, PurchaseState.RECORDED)),
    ("dead", "未批准、已取消", (PurchaseState.REFUSED, PurchaseState.CANCELLED)),
)


@needs(SEE)
def purchases(request: PageRequest) -> HttpResponse:
    """更新购置: what is under way, by its state; the approved renewals have a register."""
    view = request.GET.get("view", "")
    states = next((found for key, _, found in _TABS if key == view), _TABS[0][2])
    rows = reading.purchases(request.scope).filter(state__in=states)
    use = request.GET.get("use", "")
    if use in Use.__members__:
        rows = rows.filter(use=use)
    unit = request.GET.get("unit", "")[:40]
    if unit:
        rows = rows.filter(unit__code=unit)
    counted = reading.counts(request.scope)
    context = {
        "page": Paginator(rows.order_by("-pk"), _PER_PAGE).get_page(request.GET.get("page")),
        "use": Use[use] if use in Use.__members__ else None,
        "unit": Unit.objects.within(request.scope).filter(code=unit).first() if unit else None,
        "tabs": [
            {
                "title": title,
                "url": f"?{urlencode({'view': key})}" if key else ".",
                "current": key == view,
                "count": sum(counted.get(state, 0) for state in found),
            }
            for key, title, found in _TABS
        ],
        "may_ask": request.actor.can(ASK),
    }
    return pages.render(request, "fleet/purchases.html", context)


# ── asking ─────────────────────────────────────────────────────────────────────────────────


@needs(ASK)
def purchase_request(request: PageRequest) -> HttpResponse:
    """The form for a purchase; a refusal comes back in it with its 依据."""
    at, units = timezone.now(), quotas.units_within(request.scope)
    if request.method != "POST":
        form = _form(request, None, units, initial=_first_values(request, units))
        return _form_page(request, form, at)
    form = _form(request, request.POST, units)
    if form.is_valid():
        try:
            purchase = actions.request_purchase(
                actor=request.actor, facts=form.facts(), files=form.cleaned_data["files"], at=at
            )
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _to(request, purchase, "已提交")
    return _form_page(request, form, at, status=_REFUSED)


@needs(ASK)
def purchase_mend(request: PageRequest, purchase_id: int) -> HttpResponse:
    """The same form for a purchase that was sent back or taken back."""
    at, purchase = timezone.now(), reading.purchases(request.scope).get(pk=purchase_id)
    units = [purchase.unit]
    if request.method != "POST":
        form = _form(request, None, units, initial=forms.initial_of(purchase), changing=True)
        return _form_page(request, form, at, purchase=purchase)
    form = _form(request, request.POST, units, changing=True)
    if form.is_valid():
        try:
            purchase = actions.change_purchase(
                actor=request.actor, purchase_id=purchase_id, facts=form.facts(),
                files=form.cleaned_data["files"], comment=form.cleaned_data["comment"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            return _to(request, purchase, "已改并重新提交")
    return _form_page(request, form, at, purchase=purchase, status=_REFUSED)


def _form(
    request: PageRequest, data: Any, units: Sequence[Unit], **options: Any
) -> forms.PurchaseForm:
    form = forms.PurchaseForm(data, units=units, **options)
    form.scope = request.scope
    return form


def _first_values(request: PageRequest, units: Sequence[Unit]) -> dict[str, Any]:
    """What the address asks for: a unit and class, or the car that is to be renewed."""
    wanted, use = request.GET.get("unit", ""), request.GET.get("use", "")
    first = {
        "unit": next((unit.shown for unit in units if unit.code == wanted), ""),
        "use": use if use in Use.__members__ else Use.OTHER.value,
        "energy": Energy.ELECTRIC.value,
        "body": "SEDAN",
        "domestic": True,
        "kind": PurchaseKind.RENEWAL.value,
    }
    if request.GET.get("kind") in PurchaseKind.__members__:
        first["kind"] = request.GET["kind"]
    old = archive.cars(request.scope).filter(plate=request.GET.get("old_car", "")[:10]).first()
    if old is not None:
        first |= {"old_car": old.plate, "unit": old.unit.shown, "use": old.use}
        first |= {"reason": f"更新 {old.plate}"}
    return first


def _form_page(
    request: PageRequest,
    form: forms.PurchaseForm,
    at: datetime,
    *,
    purchase: Purchase | None = None,
    status: int = 200,
) -> HttpResponse:
    files = attachments.of(model=SUBJECT, row_id=purchase.pk, kind=ATTACHMENT) if purchase else []
    cars = archive.cars(request.scope).exclude(state=CarState.DISPOSED)
    if len(form.units) == 1:
        cars = cars.filter(unit=form.units[0])
    context = {
        "form": form,
        "purchase": purchase,
        "files": files,
        "cars": cars.exclude(keeping=Keeping.LEASED).order_by("plate"),
        "beside": purchase_view.beside(form=form, at=at),
    }
    return pages.render(request, "fleet/purchase_request.html", context, status=status)


def _to(request: PageRequest, purchase: Purchase, done: str) -> HttpResponse:
    case = cases.case_for(subject_type=SUBJECT, subject_id=purchase.pk, route=PURCHASE.key)
    pages.flash(request, "，".join(filter(None, (done, approval.waiting(case)))))
    return pages.to("fleet:purchase", purchase.pk)


# ── one purchase ───────────────────────────────────────────────────────────────────────────


@needs_sign_in
def purchase(request: PageRequest, purchase_id: int) -> HttpResponse:
    """A purchase with its approval, for whoever may see it or has to do with it."""
    return _page(request, purchase_id, timezone.now())


@needs(ASK)
@require_POST
def purchase_cancel(request: PageRequest, purchase_id: int) -> HttpResponse:
    """取消, with the reason; by the applicant, or by the bureau once it is agreed to."""
    reading.purchases(request.scope).get(pk=purchase_id)  # outside the scope: 404
    at = timezone.now()
    try:
        given = checked(small.Reason(request.POST))
        actions.cancel_purchase(actor=request.actor, purchase_id=purchase_id, at=at, **given)
    except Refused as refused:
        return _page(request, purchase_id, at, refused=refused.findings)
    pages.flash(request, "已取消，占用的编制已空出")
    return pages.to("fleet:purchase", purchase_id)


@needs(ENTER)
@require_POST
def purchase_document(request: PageRequest, purchase_id: int) -> HttpResponse:
    """登记文号: the document that approves the purchase."""
    reading.purchases(request.scope).get(pk=purchase_id)  # outside the scope: 404
    at = timezone.now()
    try:
        given = checked(small.Document(request.POST))
        actions.set_document(actor=request.actor, purchase_id=purchase_id, at=at, **given)
    except Refused as refused:
        return _page(request, purchase_id, at, refused=refused.findings)
    pages.flash(request, f"已登记文号 {given['document']}")
    return pages.to("fleet:purchase", purchase_id)


def _page(
    request: PageRequest, purchase_id: int, at: datetime, *, refused: Sequence[Finding] = ()
) -> HttpResponse:
    found = reading.purchase(actor=request.actor, purchase_id=purchase_id)
    context = purchase_view.page(request=request, actor=request.actor, purchase=found, at=at)
    context |= {"refused": tuple(refused)}
    status = _REFUSED if refused else 200
    return pages.render(request, "fleet/purchase.html", context, status=status)


@needs(CARD)
def purchase_card(request: PageRequest, purchase_id: int) -> HttpResponse:
    """登记新车: the card of the car that was bought; the old one goes its way."""
    at, found = timezone.now(), reading.purchases(request.scope).get(pk=purchase_id)
    form = forms.NewCarForm(
        request.POST if request.method == "POST" else None,
        purchase=found,
        initial={"registered_on": timezone.localdate(), "plate_colour": _colour(found)},
    )
    if form.is_bound and form.is_valid():
        try:
            done = carding.card_purchase(
                actor=request.actor, purchase_id=purchase_id, car=form.facts(),
                method=_method(form), document=form.cleaned_data["document"], at=at,
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            old = f"，旧车 {done.old_car} 出编待处置" if done.old_car else ""
            pages.flash(request, f"已登记 {done.new_car}{old}")
            return pages.to("fleet:purchase", purchase_id)
    context = {"form": form, "purchase": found, "back": reverse("fleet:purchase", args=[found.pk])}
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "fleet/purchase_card.html", context, status=status)


def _method(form: forms.NewCarForm) -> DisposalMethod | None:
    return DisposalMethod(form.cleaned_data["method"]) if "method" in form.fields else None


def _colour(purchase: Purchase) -> str:
    green = purchase.energy in (Energy.ELECTRIC, Energy.PLUG_IN, Energy.FUEL_CELL)
    return (PlateColour.GREEN if green else PlateColour.BLUE).value
