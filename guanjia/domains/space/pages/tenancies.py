"""周转房: the page of a tenancy and what is done from it. The lists are registers."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import tenancies as actions
from guanjia.domains.space.forms import tenancies as forms
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import Rent, Tenancy
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.tenancies import TenancyState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval.panel import Station
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, KEEP, COLLECT = reading.SEE, reading.KEEP, reading.COLLECT
_PEOPLE_MAX = 2_000
Doing = Callable[[dict[str, Any], datetime], str]  # what was done, in a sentence


# ── one tenancy ──────────────────────────────────────────────────────────────────────────


@needs_sign_in
def tenancy(request: PageRequest, tenancy_id: int) -> HttpResponse:
    """Who lives there until when, every month's rent, what was paid; for the tenant as well."""
    at, actor = timezone.now(), request.actor
    found = _visible(actor, tenancy_id)
    today = timezone.localdate(at)
    rents = list(found.rents.select_related("payment").order_by("-month"))
    owed = [one for one in rents if one.payment_id is None]
    context = {
        "tenancy": found,
        "chip": chip(found, today),
        "over": _over(found, today),
        "life": life(found),
        "rents": [(one, _rent_chip(one, today)) for one in rents],
        "owed": sum(one.fen for one in owed),
        "owed_months": len(owed),
        "payments": found.payments.select_related("taken_by"),
        "leave_cite": rules.leave_by(left_on=found.left_on, law=law_at(found.left_on))[1]
        if found.left_on
        else None,
        "files": attachments.of(model=reading.SUBJECT, row_id=found.pk),
        "records": trail.told(model=reading.SUBJECT, pk=found.pk),
        "on_time": at,
        **_acts(actor, found),
    }
    return pages.render(request, "space/tenancy.html", context)


def _visible(actor: Actor, tenancy_id: int) -> Tenancy:
    everywhere = reading.sees_tenancy(actor, tenancy_id)
    scope = Scope.all() if everywhere else Scope()
    return reading.tenancy(scope=scope, tenancy_id=tenancy_id)


def _acts(actor: Actor, found: Tenancy) -> dict[str, Any]:
    """What this person may do, and where they may look."""

    def may(verb: str) -> bool:
        return actor.can(verb) and reading.tenancies(actor.scope(verb)).filter(pk=found.pk).exists()

    keeps, running = may(KEEP), found.state == TenancyState.RUNNING
    return {
        "may_keep": keeps and running,
        "may_renew": keeps and running and found.left_on is None,
        "may_collect": may(COLLECT),
        "may_call_off": keeps and running and not found.payments.filter(voided_at=None).exists(),
        "list_url": reverse("space:tenancies_list") if actor.can(SEE) else "",
        "sees_room": actor.can("space.room.see") and actor.scope("space.room.see").everything,
    }


def _over(found: Tenancy, today: date) -> bool:
    ends = [day for day in (found.last_on, found.leave_by) if day is not None]
    return found.state == TenancyState.RUNNING and min(ends) < today


def chip(found: Tenancy, today: date) -> tuple[str, str, str]:
    """Tone, icon and word of the state."""
    return ("stop", "alarm", "超期未退") if _over(found, today) else found.chip


def _rent_chip(rent: Rent, today: date) -> tuple[str, str, str]:
    if rent.payment_id is not None:
        return "done", "circle-check", "已交"
    if rent.due_on < today:
        return "stop", "alarm", "欠交"
    return "wait", "hourglass", "待交"


def life(found: Tenancy) -> list[Station]:
    """From moving in to the return."""
    begin = formats.day(found.since_on)
    stations = [Station(at="done", title="入住", when=begin, who=found.tenant.name)]
    if found.state == TenancyState.CALLED_OFF:
        return [*stations, Station(at="stop", title="已取消", who=found.note)]
    if found.left_on is not None:
        stations.append(Station(at="done", title="离任", when=formats.day(found.left_on)))
    if found.ended_on is not None:
        who = found.get_condition_display()
        return [
            *stations,
            Station(at="done", title="退房验房", when=formats.day(found.ended_on), who=who),
        ]
    end = found.leave_by or found.last_on
    word = "前退房" if found.leave_by else "到期"
    return [*stations, Station(at="now", title="退房", when=f"{formats.day(end)}{word}")]


@needs(SEE)
def rent(request: PageRequest, rent_id: int) -> HttpResponse:
    """One month is read on the page of its tenancy."""
    found = reading.rents(request.scope).get(pk=rent_id)
    return pages.to("space:tenancy", found.tenancy_id)


# ── the acts ─────────────────────────────────────────────────────────────────────────────


@needs(KEEP)
def tenancy_new(request: PageRequest) -> HttpResponse:
    """登记入住."""
    today = timezone.localdate()
    rooms = list(reading.free_quarters(day=today))
    first = {"since_on": today, "room": request.GET.get("room", "")[:18]}
    form = forms.MoveIn(filling.posted(request), initial=first, rooms=rooms)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        made = actions.move_in(actor=request.actor, asked=form.asked(), files=given["files"], at=at)
        pages.flash(request, f"{made.tenant.name} 已登记入住 {made.room}")
        return pages.to("space:tenancy", made.pk)

    empty = "" if rooms else "现在没有空置的周转房，退房或在房间台账登记空置以后再办"
    words = {
        "title": "登记入住", "act": "登记入住", "back": "周转房租住台账", "now": empty,
        "back_url": reverse("space:tenancies_list"), "people": _people(),
        "lead": "已住的一起登记，用导入 Excel",
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)


def _people() -> list[Person]:
    rows = Person.objects.serving().exclude(employment="RETIRED")
    return list(rows.order_by("unit__position", "number")[:_PEOPLE_MAX])


def _act(
    request: PageRequest,
    found: Tenancy,
    *,
    form: ActForm,
    words: Mapping[str, Any],
    doing: Doing,
) -> HttpResponse:
    """The form of one act; afterwards to the page of the tenancy with one line."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        pages.flash(request, doing(given, at))
        return pages.to("space:tenancy", found.pk)

    around = {
        "back": found.number, "back_url": reverse("space:tenancy", args=[found.pk]),
        "list": "周转房租住台账", "list_url": reverse("space:tenancies_list"),
        "now": f"{found.tenant.name} {found.tenant.unit.shown}，{found.room}，"
        f"{found.since_on:%Y-%m-%d} 至 {found.last_on:%Y-%m-%d}", **words,
    }  # fmt: skip
    return filling.fill(request, form=form, words=around, enter=enter)


@needs(KEEP)
def tenancy_renew(request: PageRequest, tenancy_id: int) -> HttpResponse:
    """续租."""
    found = reading.tenancy(scope=request.scope, tenancy_id=tenancy_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.renew(
            actor=request.actor, tenancy_id=found.pk, last_on=given["last_on"],
            document=given["document"], files=given["files"], at=at,
        )  # fmt: skip
        return f"已续租到 {given['last_on']:%Y-%m-%d}"

    words = {"title": "续租", "act": "续租", "keep": "不续租", "lead": "从原到期日的第二天起算"}
    form = forms.Renew(filling.posted(request))
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def tenancy_left(request: PageRequest, tenancy_id: int) -> HttpResponse:
    """登记离任."""
    found = reading.tenancy(scope=request.scope, tenancy_id=tenancy_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        told = actions.tell_left(
            actor=request.actor, tenancy_id=found.pk, left_on=given["left_on"],
            note=given["note"], at=at,
        )  # fmt: skip
        return f"已登记离任，{told.leave_by:%Y-%m-%d} 前退房"

    words = {"title": "登记离任", "act": "登记离任", "lead": "退房期限按离任当天有效的参数推算"}
    first = {"left_on": found.tenant.left_on or timezone.localdate()}
    form = forms.Left(filling.posted(request), initial=first)
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def tenancy_back(request: PageRequest, tenancy_id: int) -> HttpResponse:
    """退房验房."""
    found = reading.tenancy(scope=request.scope, tenancy_id=tenancy_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        done = actions.hand_back(
            actor=request.actor, tenancy_id=found.pk, back=form.back(), files=given["files"], at=at
        )
        owed = sum(one.fen for one in reading.owed_of(done) if not one.paid)
        told = f"已退房，{done.room} {given['on']:%Y-%m-%d} 起空置"
        told += f"，还欠租金 {yuan(owed)}" if owed else ""
        return told + (f"，应退租金 {yuan(done.refund_fen)}" if done.refund_fen else "")

    words = {
        "title": "退房验房", "act": "登记退房", "keep": "不退房",
        "lead": "退房当天不计租金，当月按住的天数计",
    }  # fmt: skip
    form = forms.HandBack(filling.posted(request), initial={"on": timezone.localdate()})
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def tenancy_call_off(request: PageRequest, tenancy_id: int) -> HttpResponse:
    """取消入住."""
    found = reading.tenancy(scope=request.scope, tenancy_id=tenancy_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.call_off(actor=request.actor, tenancy_id=found.pk, reason=given["reason"], at=at)
        return f"已取消入住，{found.room} 空置"

    words = {
        "title": "取消入住", "act": "取消入住", "keep": "不取消",
        "lead": "没有住过才取消，租金一并取消；住过的办退房",
    }  # fmt: skip
    form = forms.Why(filling.posted(request))
    return _act(request, found, form=form, words=words, doing=doing)
