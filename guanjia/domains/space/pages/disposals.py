"""处置利用: the page of one, and the acts done from it, each on a page of its own."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, When
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import disposal_deals as deals
from guanjia.domains.space.actions import disposals as actions
from guanjia.domains.space.forms import disposals as forms
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import Disposal
from guanjia.domains.space.pages import disposal_view as view
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.queries import idle
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.disposals import (
    CALLED,
    LEAVING,
    VALUED,
    DisposalWay,
    IncomeState,
)
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, REQUEST, DEAL = view.SEE, view.REQUEST, view.DEAL
_REFUSED = 422
_ROOMS_MAX = 1_000
_COMES_IN = "换入的房屋另在楼栋台账、房间台账登记"
Doing = Callable[[Any, datetime], str]  # what was done, in a sentence


@needs_sign_in
def disposal(request: PageRequest, reuse_id: int) -> HttpResponse:
    """The whole disposal for whoever may see it, with the acts this person may do."""
    at, actor = timezone.now(), request.actor
    found = view.visible(actor=actor, disposal_id=reuse_id)
    context = view.page(request=request, actor=actor, disposal=found, at=at)
    context |= {
        "list_url": reverse("space:disposals_list") if actor.can(SEE) else "",
        "sees_rooms": actor.can("space.room.see") and actor.scope("space.room.see").everything,
        "files": attachments.of(model=reading.SUBJECT, row_id=found.pk),
        "on_time": at,
    }
    return pages.render(request, "space/disposal.html", context)


# ── asking ───────────────────────────────────────────────────────────────────────────────


@needs(REQUEST)
def disposal_new(request: PageRequest) -> HttpResponse:
    """申请处置利用: rooms from the list of the empty ones, how, for whom, why."""
    chosen = _ticked(request, request.GET.getlist("room"))
    form = forms.Reuse(filling.posted(request), initial={"way": request.GET.get("way", "")})
    words = {
        "title": "申请处置利用", "act": "登记申请", "back": "闲置用房台账",
        "back_url": reverse("space:idle_list"),
        "lead": "登记后评估、报批；方式有六种，出租、拍卖、置换先评估",
    }  # fmt: skip

    def enter(at: datetime) -> Disposal:
        asked = form.asked(tuple(chosen))
        return actions.request(
            actor=request.actor, asked=asked, files=form.cleaned_data["files"], at=at
        )

    return _wish(request, form=form, chosen=chosen, words=words, enter=enter)


@needs(REQUEST)
def disposal_change(request: PageRequest, reuse_id: int) -> HttpResponse:
    """修改: what was not sent, or was sent back."""
    found = reading.disposal(scope=request.scope, disposal_id=reuse_id)
    kept = list(found.rooms.values_list("room", flat=True))
    chosen = _ticked(request, [str(pk) for pk in kept])
    first = {
        "way": found.way, "purpose": found.purpose, "party": found.party, "reason": found.reason,
        "to_unit": found.to_unit.code if found.to_unit else "",
    }  # fmt: skip
    form = forms.Reuse(filling.posted(request), initial=first, fixed=True)
    words = {
        "title": "修改处置利用", "act": "保存修改", "keep": "不修改", "back": found.number,
        "back_url": reverse("space:disposal", args=[found.pk]), "lead": "方式不能改",
    }  # fmt: skip

    def enter(at: datetime) -> Disposal:
        asked = form.asked(tuple(chosen))
        return actions.change(
            actor=request.actor, disposal_id=found.pk, asked=asked,
            files=form.cleaned_data["files"], at=at,
        )  # fmt: skip

    return _wish(request, form=form, chosen=chosen, words=words, enter=enter)


def _ticked(request: PageRequest, first: list[str]) -> list[int]:
    given = request.POST.getlist("room") if request.method == "POST" else first
    return sorted({int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 12})  # noqa: PLR2004 — longer ones are no ids


def _wish(
    request: PageRequest,
    *,
    form: forms.Reuse,
    chosen: list[int],
    words: Mapping[str, Any],
    enter: Callable[[datetime], Disposal],
) -> HttpResponse:
    at = timezone.now()
    findings: tuple[Finding, ...] = ()
    if form.is_bound and form.is_valid():
        try:
            made = enter(at)
        except Refused as refused:
            form.add_refusal(refused)
            findings = tuple(
                one for one in refused.findings if one.cite or one.field not in form.fields
            )
        else:
            pages.flash(request, f"已登记 {made.number}，{_then(made)}")
            return pages.to("space:disposal", made.pk)
    rows = idle.idle(day=timezone.localdate(at), scope=request.scope)
    # What is chosen comes first: the list shows some dozen rooms at a time, and not all of many.
    first = Case(When(pk__in=chosen, then=0), default=1)
    rows = rows.order_by(first, "building__compound__position", "building__position", "number")
    context = {
        "form": form, "findings": findings, "chosen": chosen,
        "rooms": list(rows[:_ROOMS_MAX]), "units": _units(), **words,
    }  # fmt: skip
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "space/disposal_new.html", context, status=status)


def _then(made: Disposal) -> str:
    waits = made.way in VALUED and made.valuation_fen is None
    return "登记评估后报批" if waits else "可以报批"


def _units() -> list[Unit]:
    rows = Unit.objects.open().exclude(nature__in=[Nature.SECTION, Nature.AREA])
    return list(rows.order_by("position", "code"))


# ── the acts ─────────────────────────────────────────────────────────────────────────────


def _act(
    request: PageRequest,
    found: Disposal,
    *,
    form: ActForm,
    words: Mapping[str, Any],
    doing: Doing,
) -> HttpResponse:
    """The form of one act; afterwards to the page of the disposal with one line."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        pages.flash(request, doing(given, at))
        return pages.to("space:disposal", found.pk)

    around = {
        "back": found.number, "back_url": reverse("space:disposal", args=[found.pk]),
        "list": "闲置用房处置利用", "list_url": reverse("space:disposals_list"),
        "now": view.about(found), **words,
    }  # fmt: skip
    return filling.fill(request, form=form, words=around, enter=enter)


@needs(REQUEST)
def disposal_value(request: PageRequest, reuse_id: int) -> HttpResponse:
    """登记评估."""
    found = reading.disposal(scope=request.scope, disposal_id=reuse_id)
    first = {
        "valuer": found.valuer, "valued_on": found.valued_on or timezone.localdate(),
        "valuation": formats.yuan(found.valuation_fen) if found.valuation_fen else "",
    }  # fmt: skip
    form = forms.Valued(filling.posted(request), initial=first)
    lease = found.way == DisposalWay.LEASE
    form.fields["valuation"].label = "评估月租金" if lease else "评估价"

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.value(
            actor=request.actor, disposal_id=found.pk, valuation=form.valuation_given(),
            files=given["files"], at=at,
        )  # fmt: skip
        return "已登记评估，可以报批"

    words = {"title": "登记评估", "act": "登记评估", "lead": "按评估报告填写，报批以后不能改"}
    return _act(request, found, form=form, words=words, doing=doing)


@needs(REQUEST)
def disposal_send(request: PageRequest, reuse_id: int) -> HttpResponse:
    """报批."""
    found = reading.disposal(scope=request.scope, disposal_id=reuse_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.send(actor=request.actor, disposal_id=found.pk, comment=given["comment"], at=at)
        then = view.after_approval(found.pk, at)
        return f"已报批，{then}" if then else "已报批"

    words = {
        "title": "报批", "act": "报批", "keep": "不报批", "lead": "管理科审核以后，局领导审批",
    }  # fmt: skip
    return _act(request, found, form=forms.Word(filling.posted(request)), words=words, doing=doing)


def _then_rooms(way: DisposalWay) -> str:
    """What becomes of the rooms once the disposal is carried out."""
    if way not in LEAVING:
        return "办理后房间按开始日期变动，之前的台账不变"
    more = f"；{_COMES_IN}" if way == DisposalWay.EXCHANGE else ""
    return f"办理后房间从{CALLED[way]['on']}起移出台账，之前的台账不变{more}"


@needs(DEAL)
def disposal_carry(request: PageRequest, reuse_id: int) -> HttpResponse:
    """办理: the facts each way needs."""
    found = reading.disposal(scope=request.scope, disposal_id=reuse_id)
    way = DisposalWay(found.way)
    first = {"on": timezone.localdate(), "party": found.party, "document": found.document}
    form = forms.CarryOut(filling.posted(request), initial=first, way=way)

    def doing(given: dict[str, Any], at: datetime) -> str:
        done = deals.carry_out(
            actor=request.actor, disposal_id=found.pk, carried=form.carried(),
            files=given["files"], at=at,
        )  # fmt: skip
        owed = done.incomes.count()
        done_so = f"已办理{way.label}" + (f"，{owed} 笔收入待缴库" if owed else "")
        return f"{done_so}，{_COMES_IN}" if way == DisposalWay.EXCHANGE else done_so

    words = {
        "title": f"办理{way.label}", "act": f"办理{way.label}", "keep": "不办理",
        "lead": _then_rooms(way),
    }  # fmt: skip
    return _act(request, found, form=form, words=words, doing=doing)


@needs(DEAL)
def disposal_back(request: PageRequest, reuse_id: int) -> HttpResponse:
    """收回."""
    found = reading.disposal(scope=request.scope, disposal_id=reuse_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        deals.take_back(
            actor=request.actor, disposal_id=found.pk, on=given["on"], note=given["note"], at=at
        )
        return f"已收回，{given['on']:%Y-%m-%d} 起空置"

    form = forms.TakeBack(filling.posted(request), initial={"on": timezone.localdate()})
    words = {
        "title": "收回房间", "act": "收回房间", "keep": "不收回",
        "lead": "收回当天起空置；之后的租金不再收取，之前欠的照收",
    }  # fmt: skip
    return _act(request, found, form=form, words=words, doing=doing)


@needs(REQUEST)
def disposal_call_off(request: PageRequest, reuse_id: int) -> HttpResponse:
    """取消."""
    found = reading.disposal(scope=request.scope, disposal_id=reuse_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.call_off(actor=request.actor, disposal_id=found.pk, reason=given["reason"], at=at)
        return f"已取消 {found.number}，房间仍在闲置台账"

    words = {
        "title": "取消处置利用", "act": "取消处置利用", "keep": "不取消",
        "lead": "取消后不能恢复，要处置须重新申请",
    }  # fmt: skip
    return _act(request, found, form=forms.Why(filling.posted(request)), words=words, doing=doing)


@needs(SEE)
def income(request: PageRequest, income_id: int) -> HttpResponse:
    """One income is read on the page of its disposal."""
    found = reading.income(scope=request.scope, income_id=income_id)
    return pages.to("space:disposal", found.disposal_id)


@needs(DEAL)
def income_pay(request: PageRequest, income_id: int) -> HttpResponse:
    """登记缴库."""
    found = reading.income(scope=request.scope, income_id=income_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        paid = deals.pay_in(actor=request.actor, income_id=found.pk, paid=form.paid_in(), at=at)
        left = paid.disposal.incomes.filter(state=IncomeState.DUE).count()
        return f"已登记缴库 {yuan(given['paid'])}" + (f"，还有 {left} 笔" if left else "，已缴清")

    first = {"paid": formats.yuan(found.due_fen), "paid_on": timezone.localdate()}
    form = forms.PayIn(filling.posted(request), initial=first)
    words = {
        "title": "登记缴库", "act": "登记缴库",
        "now": f"{found.title}，应缴 {yuan(found.due_fen)}，{formats.day(found.due_on)}前",
        "lead": "收入是政府非税收入，全额缴入国库",
    }  # fmt: skip
    disposal_found = reading.disposal(scope=Scope.all(), disposal_id=found.disposal_id)
    return _act(request, disposal_found, form=form, words=words, doing=doing)
