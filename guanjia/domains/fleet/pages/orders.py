"""Work orders (维保工单): reported, quoted, and the acts done from the page of one."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import orders as actions
from guanjia.domains.fleet.actions import papers
from guanjia.domains.fleet.approvals import ORDER
from guanjia.domains.fleet.forms import upkeep as forms
from guanjia.domains.fleet.forms.quote_lines import Lines
from guanjia.domains.fleet.models import Order
from guanjia.domains.fleet.pages import filling, order_view
from guanjia.domains.fleet.queries import upkeep as queries
from guanjia.domains.fleet.terms.upkeep import QUOTABLE, OrderKind, OrderState
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages
from guanjia.ui.approval import panel
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, ENTER, DECIDE = order_view.SEE, order_view.ENTER, order_view.DECIDE


@needs_sign_in
def order(request: PageRequest, order_id: int) -> HttpResponse:
    """The whole order for whoever may see it, with the acts this person may do."""
    return _page(request, order_id)


def _page(request: PageRequest, order_id: int, findings: Iterable[Finding] = ()) -> HttpResponse:
    at, actor = timezone.now(), request.actor
    found = order_view.visible(actor=actor, order_id=order_id)
    context = order_view.page(request=request, actor=actor, order=found, at=at)
    refused = tuple(findings)
    context |= {"refused": refused, "typed": request.POST, "listed": actor.can(SEE)}
    context |= filling.papers(request, model=order_view.SUBJECT, row_id=order_id)
    status = filling.REFUSED if refused else 200
    return pages.render(request, "fleet/order.html", context, status=status)


# ── reporting and quoting ────────────────────────────────────────────────────────────────


@needs(ENTER)
def order_new(request: PageRequest) -> HttpResponse:
    """报修: what is wrong, where it goes, and the quote if there is one already."""
    lines = Lines.read(request.POST)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        files = given.pop("papers")
        facts = {**given, "kind": OrderKind(given["kind"])}
        made = actions.report_order(
            actor=request.actor, facts=facts, items=lines.items(), files=files, at=at
        )
        pages.flash(request, f"已报修 {made.car.plate}，{_next(made)}")
        return pages.to("fleet:order", made.pk)

    started = filling.started(request)
    for name in ("kind", "service", "fault", "accident"):
        if name in request.GET:
            started[name] = request.GET[name][:200]
    form = forms.OrderForm(request.POST or None, scope=request.scope, initial=started)
    if lines.faults:
        form.full_clean()
        form.add_error(None, f"报价明细有 {len(lines.faults)} 行要改。")
    words = {
        "title": "报修", "act": "提交报修", "keep": "不报修", "back": "维保工单台账",
        "back_url": "fleet:orders_list", "lead": _lead(),
    }  # fmt: skip
    more = {
        "lines": lines, "garages": queries.garages(request.scope)[:50],
        "services": forms.services(), "accidents": form.accidents(),
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter, more=more)


def _lead() -> str:
    law = law_at(timezone.localdate())
    above = int(law["fleet.order.approval_above"].value)
    return f"报价不超过 {above:,} 元的，报价后即可送修；超过的须经审批。"


def _next(made: Order) -> str:
    """In whose hands an order is now."""
    if made.state == OrderState.PENDING:
        case = cases.case_for(subject_type="fleet.order", subject_id=made.pk, route=ORDER.key)
        return panel.waiting_line(case) if case else "等审批"
    return "可以送修" if made.state == OrderState.APPROVED else "等报价"


@needs(ENTER)
def quote(request: PageRequest, order_id: int) -> HttpResponse:
    """报价, or another one."""
    found = queries.orders(request.scope).get(pk=order_id)
    sent = request.method == "POST"
    standing = Lines.of(item.facts() for item in found.items.all())
    lines = Lines.read(request.POST) if sent else standing
    form = forms.QuotePapers(request.POST if sent else None)
    findings: Sequence[Finding] = ()
    if sent and not lines.faults and form.is_valid():
        try:
            made = actions.quote_order(
                actor=request.actor, order_id=order_id, items=lines.items(),
                files=form.cleaned_data["papers"], at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            findings = refused.findings
        else:
            pages.flash(request, f"已报价 {(made.quoted_fen or 0) / 100:,.2f} 元，{_next(made)}")
            return pages.to("fleet:order", order_id)
    context = {
        "order": found, "lines": lines, "findings": findings, "lead": _lead(),
        "open": found.state in QUOTABLE, "form": form,
    }  # fmt: skip
    status = filling.REFUSED if sent else 200
    return pages.render(request, "fleet/order_quote.html", context, status=status)


# ── the acts of the page ─────────────────────────────────────────────────────────────────


def _act(request: PageRequest, order_id: int, kind: Any, doing: Any) -> HttpResponse:
    return filling.act(
        request, kind=kind, doing=doing, done="fleet:order", done_id=order_id,
        again=lambda findings: _page(request, order_id, findings),
    )  # fmt: skip


@require_POST
@needs(ENTER)
def send_in(request: PageRequest, order_id: int) -> HttpResponse:
    """送修."""

    def doing(given: dict[str, Any], at: datetime) -> str:
        made = actions.send_in(actor=request.actor, order_id=order_id, at=at, **given)
        return f"{made.car.plate} 已送{made.garage}，验收前不派车"

    return _act(request, order_id, forms.SendIn, doing)


@require_POST
@needs(ENTER)
def accept(request: PageRequest, order_id: int) -> HttpResponse:
    """验收."""

    def doing(given: dict[str, Any], at: datetime) -> str:
        passed = given.pop("passed") == "1"
        made = actions.accept_order(
            actor=request.actor, order_id=order_id, passed=passed, at=at, **given
        )
        if passed:
            return f"已验收，{made.car.plate} 现在{made.car.get_state_display()}，等结算"
        return f"验收不合格，{made.car.plate} 留厂返修"

    return _act(request, order_id, forms.Accept, doing)


@require_POST
@needs(DECIDE)
def settle(request: PageRequest, order_id: int) -> HttpResponse:
    """结算."""

    def doing(given: dict[str, Any], at: datetime) -> str:
        made = actions.settle_order(actor=request.actor, order_id=order_id, at=at, **given)
        return f"已结算 {(made.amount_fen or 0) / 100:,.2f} 元，记入 {made.car.plate} 的运行费用"

    return _act(request, order_id, forms.Settle, doing)


@require_POST
@needs(ENTER)
def cancel(request: PageRequest, order_id: int) -> HttpResponse:
    """取消工单."""

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.cancel_order(actor=request.actor, order_id=order_id, at=at, **given)
        return "工单已取消"

    return _act(request, order_id, forms.Reason, doing)


@require_POST
@needs(ENTER)
def attach(request: PageRequest, order_id: int) -> HttpResponse:
    """补交附件."""
    add = partial(papers.add_to_order, actor=request.actor, order_id=order_id)
    return _act(request, order_id, forms.Papers, filling.attaching(add))


@require_POST
@needs(ENTER)
def explain(request: PageRequest, order_id: int, remark_id: int) -> HttpResponse:
    """The answer to a doubt on an order."""
    queries.orders(request.scope).get(pk=order_id)  # outside the scope: 404
    doing = filling.answering(
        request, register="fleet.orders", row_id=order_id, remark_id=remark_id
    )
    return _act(request, order_id, forms.Explanation, doing)
