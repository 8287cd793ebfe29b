"""收租: one screen for the cashier. Who, which months, and the sum typed anew."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import rents as actions
from guanjia.domains.space.forms import tenancies as forms
from guanjia.domains.space.models import RentPayment, Tenancy
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.tenancies import PaidBy, Payment
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

COLLECT = reading.COLLECT
_REFUSED, _SHOWN, _PAYMENTS, _ID_MAX = 422, 60, 12, 18


@needs(COLLECT)
def rent_desk(request: PageRequest) -> HttpResponse:
    """Who owes, the most first; or who was searched for."""
    return _page(request, None, form=None)


@needs(COLLECT)
def rent_take(request: PageRequest, tenancy_id: int) -> HttpResponse:
    """The months of one tenancy: ticked, typed, taken; a refusal keeps all that was typed."""
    found = reading.tenancy(scope=request.scope, tenancy_id=tenancy_id)
    form = forms.Take(
        filling.posted(request), initial={"paid_on": timezone.localdate(), "by": PaidBy.TRANSFER}
    )
    findings: tuple[Finding, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            made = _take(request, found, form.cleaned_data, timezone.now())
        except Refused as refused:
            form.add_refusal(refused)
            findings = refused.findings
        else:
            whose = f"{found.tenant.name} {made.months}"
            pages.flash(request, f"已收 {whose} 租金 {yuan(made.fen)}，票据 {made.receipt}")
            return pages.to("space:rent_take", found.pk)
    return _page(request, found, form=form, findings=findings)


def _ticked(request: PageRequest) -> tuple[int, ...]:
    given = request.POST.getlist("rent")
    return tuple(
        int(one) for one in given if one.isascii() and one.isdigit() and len(one) < _ID_MAX
    )


def _take(request: PageRequest, found: Tenancy, given: dict[str, Any], at: datetime) -> RentPayment:
    payment = Payment(
        rent_ids=_ticked(request), fen=given["amount"], receipt=given["receipt"],
        on=given["paid_on"], by=PaidBy(given["by"]),
    )  # fmt: skip
    return actions.pay(actor=request.actor, tenancy_id=found.pk, payment=payment, at=at)


def _page(
    request: PageRequest,
    chosen: Tenancy | None,
    *,
    form: forms.Take | None,
    findings: tuple[Finding, ...] = (),
) -> HttpResponse:
    words = request.GET.get("words", "").strip()[:40]
    rows = (
        reading.found(request.scope, words=words) if words else reading.with_arrears(request.scope)
    )
    context: dict[str, Any] = {
        "words": words, "rows": list(rows[:_SHOWN]), "form": form, "findings": findings,
        "chosen": chosen, "today": timezone.localdate(),
    }  # fmt: skip
    if chosen is not None:
        owed = list(chosen.rents.unpaid().order_by("month"))
        ticked = _ticked(request) if request.method == "POST" else (owed[0].pk,) if owed else ()
        sums, total = [], 0
        for one in owed:  # what the months up to this one come to, since they are paid in order
            total += one.fen
            sums.append((one, total, rules.in_words(total)))
        context |= {
            "owed": sums, "ticked": ticked,
            "payments": [
                (one, one.months.split("、"))
                for one in chosen.payments.select_related("taken_by")[:_PAYMENTS]
            ],
        }  # fmt: skip
    status = _REFUSED if form is not None and form.is_bound else 200
    return pages.render(request, "space/rent_desk.html", context, status=status)


@needs(COLLECT)
def payment_void(request: PageRequest, payment_id: int) -> HttpResponse:
    """作废收款."""
    rows = RentPayment.objects.filter(tenancy__in=reading.tenancies(request.scope).values("pk"))
    found = rows.select_related("tenancy__tenant").get(pk=payment_id)
    back = reverse("space:rent_take", args=[found.tenancy_id])

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        actions.void(actor=request.actor, payment_id=found.pk, reason=given["reason"], at=at)
        pages.flash(request, f"已作废票据 {found.receipt}，{found.months} 重新待交")
        return pages.to("space:rent_take", found.tenancy_id)

    words = {
        "title": "作废收款", "act": "作废收款（留痕）", "keep": "不作废", "list": "周转房收租",
        "list_url": reverse("space:rent_desk"), "back": found.tenancy.tenant.name,
        "back_url": back, "now": f"票据 {found.receipt}，{found.months}，{yuan(found.fen)}",
        "lead": "作废后这些月份重新待交，票据号可以重开",
    }  # fmt: skip
    form = forms.Why(filling.posted(request))
    return filling.fill(request, form=form, words=words, enter=enter)
