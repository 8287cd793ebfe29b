"""一张网: how we stand with the province, its messages and decisions, the field table."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from guanjia.domains.fleet.actions import network as actions
from guanjia.domains.fleet.exchange import catalogue
from guanjia.domains.fleet.exchange.fields import Shape
from guanjia.domains.fleet.forms import network as forms
from guanjia.kernel.exchange import queries, takers
from guanjia.kernel.exchange.models import Incoming, Outgoing, Peer
from guanjia.kernel.exchange.terms import Algorithm, InState, OutState, PeerState
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import NotAllowed
from guanjia.kernel.values.term import Term
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

SEE, KEEP = "fleet.network.see", actions.KEEP
PER_PAGE, LISTED = 50, 10

Looks = Mapping[Any, tuple[str, str]]  # state → tone and icon of its word
PEER_LOOKS: Looks = {
    PeerState.OFF: ("idle", "circle-dashed"),
    PeerState.ON: ("done", "circle-check"),
    PeerState.PAUSED: ("stop", "hand-stop"),
}
OUT_LOOKS: Looks = {
    OutState.WAITING: ("wait", "clock"),
    OutState.SENT: ("done", "circle-check"),
    OutState.REFUSED: ("stop", "circle-x"),
    OutState.SUPERSEDED: ("idle", "versions"),
    OutState.WITHHELD: ("idle", "eye-off"),
}
IN_LOOKS: Looks = {
    InState.WAITING: ("wait", "clock"),
    InState.APPLIED: ("done", "circle-check"),
    InState.UNAPPLIED: ("stop", "circle-x"),
    InState.OUTDATED: ("idle", "versions"),
}


def everywhere(request: PageRequest) -> None:
    """What is reported is the whole city's: a duty for a part of it does not open these pages."""
    if not request.scope.everything:
        raise NotAllowed(SEE, "查看一张网（全市）")


def peer_or_new() -> Peer:
    """The province's platform, or what it is before anybody set it up."""
    found = queries.peer(catalogue.PROVINCE)
    return found or Peer(key=catalogue.PROVINCE, title=catalogue.PROVINCE_TITLE)


@needs(SEE)
def network(request: PageRequest) -> HttpResponse:
    """How we stand with the province's platform."""
    everywhere(request)
    return _network_page(request)


def _network_page(request: PageRequest, *, findings: tuple[Finding, ...] = ()) -> HttpResponse:
    peer = peer_or_new()
    standing = queries.standing(peer)
    refused = queries.messages(peer=peer).filter(state=OutState.REFUSED)[:LISTED]
    unapplied = queries.incoming(peer=peer).filter(state=InState.UNAPPLIED)[:LISTED]
    context = {
        "peer": peer,
        **looked(PeerState(peer.state), PEER_LOOKS),
        "standing": standing,
        "out": _counts(OUT_LOOKS, standing.by_state),
        "came": _counts(IN_LOOKS, standing.incoming),
        "refused": [message_row(message) for message in refused],
        "unapplied": [incoming_row(row) for row in unapplied],
        "findings": findings,
        "may": request.actor.can(KEEP),
        "algorithm": Algorithm(peer.algorithm).label,
        "entities": len(catalogue.ENTITIES),
        "not_sent": len(catalogue.NOT_SENT),
        "standard": catalogue.STANDARD,
    }
    return pages.render(request, "fleet/network.html", context, status=422 if findings else 200)


def looked(state: Term, looks: Looks) -> dict[str, Any]:
    """A state with the tone and icon of its word."""
    tone, icon = looks[state]
    return {"state": state, "tone": tone, "icon": icon}


def _counts(looks: Looks, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [looked(state, looks) | {"n": counts.get(state, 0)} for state in looks]


def message_row(message: Outgoing) -> dict[str, Any]:
    """A message as the lists show it."""
    return {
        "message": message,
        **looked(OutState(message.state), OUT_LOOKS),
        "kind": _kind(message.kind),
    }


def incoming_row(row: Incoming) -> dict[str, Any]:
    """A decision of the province as the lists show it."""
    taker = takers.get(row.kind)
    return {
        "row": row,
        **looked(InState(row.state), IN_LOOKS),
        "kind": taker.title if taker else row.kind,
        "said": json.dumps(json.loads(row.body), ensure_ascii=False, indent=2),
    }


# ── setting up and switching ────────────────────────────────────────────────────────────


@needs(KEEP)
def network_settings(request: PageRequest) -> HttpResponse:
    """Where the platform is, who we are there, and what we sign with."""
    everywhere(request)
    peer = peer_or_new()
    names = ("url", "client", "algorithm", "authority", "pin")
    form = forms.Settings(
        request.POST if request.method == "POST" else None,
        kept=bool(peer.secret),
        initial={name: getattr(peer, name) for name in names},
    )
    if form.is_bound and form.is_valid():
        given = {name: form.cleaned_data[name] for name in names}
        try:
            actions.save_peer(
                actor=request.actor, settings=given, secret=form.cleaned_data["secret"],
                at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            pages.flash(request, "已保存对接设置")
            return pages.to("fleet:network")
    context = {"form": form, "peer": peer}
    status = 422 if form.errors else 200
    return pages.render(request, "fleet/network_settings.html", context, status=status)


def _switch(request: PageRequest, doing: Callable[[datetime], str]) -> HttpResponse:
    everywhere(request)
    try:
        sentence = doing(timezone.now())
    except Refused as refused:
        return _network_page(request, findings=refused.findings)
    pages.flash(request, sentence)
    return pages.to("fleet:network")


@needs(KEEP)
@require_POST
def network_on(request: PageRequest) -> HttpResponse:
    """接通: report from now on, and all that is there first."""

    def doing(at: datetime) -> str:
        return f"已接通，先报 {actions.switch_on(actor=request.actor, at=at):,} 条现有数据"

    return _switch(request, doing)


@needs(KEEP)
@require_POST
def network_pause(request: PageRequest) -> HttpResponse:
    """暂停: changes go on to be noted."""

    def doing(at: datetime) -> str:
        actions.pause(actor=request.actor, reason=request.POST.get("reason", ""), at=at)
        return "已暂停，变动照记，恢复后补报"

    return _switch(request, doing)


@needs(KEEP)
@require_POST
def network_resume(request: PageRequest) -> HttpResponse:
    """恢复: at the next minute."""

    def doing(at: datetime) -> str:
        actions.resume(actor=request.actor, at=at)
        return "已恢复，一分钟内开始补报"

    return _switch(request, doing)


@needs(KEEP)
@require_POST
def network_off(request: PageRequest) -> HttpResponse:
    """断开: nothing is noted any more."""

    def doing(at: datetime) -> str:
        actions.switch_off(actor=request.actor, reason=request.POST.get("reason", ""), at=at)
        return "已断开，再接通时重报全部数据"

    return _switch(request, doing)


@needs(SEE)
def network_changes(request: PageRequest) -> HttpResponse:
    """Changes that no message covers yet."""
    everywhere(request)
    peer = peer_or_new()
    page = Paginator(queries.changes(peer=peer), PER_PAGE).get_page(request.GET.get("page"))
    shown = [{"change": change, "kind": _kind(change.kind)} for change in page.object_list]
    return pages.render(request, "fleet/network_changes.html", {"page": page, "rows": shown})


def _kind(kind: str) -> str:
    entity = catalogue.entity(kind)
    return entity.title if entity else kind


# ── messages and decisions ──────────────────────────────────────────────────────────────


@needs(SEE)
def network_messages(request: PageRequest) -> HttpResponse:
    """Every message, what became of it, and what the platform answered."""
    everywhere(request)
    form, peer = forms.MessageFilter(request.GET), peer_or_new()
    given = form.given()
    rows = queries.messages(peer=peer)
    if words := given.pop("words", ""):
        rows = rows.filter(label__icontains=words)
    page = Paginator(rows.filter(**given), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [message_row(message) for message in page.object_list],
        "narrowed": bool(given or words),
        "may": request.actor.can(KEEP),
    }
    return pages.render(request, "fleet/network_messages.html", context)


@needs(SEE)
def network_message(request: PageRequest, message_id: int) -> HttpResponse:
    """One message: its text as it is sent, the changes it covers, the versions around it."""
    everywhere(request)
    message = Outgoing.objects.select_related("peer").get(pk=message_id)
    return _message_page(request, message)


def _message_page(
    request: PageRequest, message: Outgoing, findings: tuple[Finding, ...] = ()
) -> HttpResponse:
    same = Outgoing.objects.filter(
        peer=message.peer_id, kind=message.kind, subject_id=message.subject_id
    )
    told = json.loads(message.body) if message.body else {}
    entity = catalogue.entity(message.kind)
    titles = {field.name: field for field in entity.fields} if entity else {}
    context = {
        **message_row(message),
        "values": [
            (titles[name].title if name in titles else name, _shown(titles.get(name), value))
            for name, value in (told.get("data") or {}).items()
        ],
        "text": json.dumps(told, ensure_ascii=False, indent=2) if told else "",
        "others": [message_row(one) for one in same.order_by("-version")[:20]],
        "said": message.answer.rstrip("。"),
        "again": request.actor.can(KEEP) and message.state == OutState.REFUSED,
        "findings": findings,
    }
    status = 422 if findings else 200
    return pages.render(request, "fleet/network_message.html", context, status=status)


def _shown(field: Any, value: Any) -> Any:
    """A value as people read it: the word of a code beside it."""
    if value is True or value is False:
        return "是" if value else "否"
    if field is not None and field.shape is Shape.MONEY and value is not None:
        return f"{value}（{money.yuan(value)} 元）"
    if field is not None and field.terms and value:
        return f"{value}（{field.terms(value).label}）"
    return value


@needs(KEEP)
@require_POST
def network_again(request: PageRequest, message_id: int) -> HttpResponse:
    """再发 a message that was refused."""
    everywhere(request)
    message = Outgoing.objects.select_related("peer").get(pk=message_id)
    try:
        actions.send_again(actor=request.actor, message_id=message_id, at=timezone.now())
    except Refused as refused:
        return _message_page(request, message, refused.findings)
    pages.flash(request, f"{message} 排队再发")
    return pages.back(request, reverse("fleet:network_message", args=[message_id]))


@needs(SEE)
def network_incoming(request: PageRequest) -> HttpResponse:
    """Every decision of the province, and what was done with it."""
    everywhere(request)
    return _incoming_page(request)


def _incoming_page(request: PageRequest, findings: tuple[Finding, ...] = ()) -> HttpResponse:
    form, peer = forms.IncomingFilter(request.GET), peer_or_new()
    given = form.given()
    rows = queries.incoming(peer=peer).filter(**given)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": [incoming_row(row) for row in page.object_list],
        "narrowed": bool(given),
        "may": request.actor.can(KEEP),
        "findings": findings,
    }
    status = 422 if findings else 200
    return pages.render(request, "fleet/network_incoming.html", context, status=status)


@needs(KEEP)
@require_POST
def network_apply(request: PageRequest, incoming_id: int) -> HttpResponse:
    """再办 a decision that could not be applied."""
    everywhere(request)
    try:
        row = actions.apply_again(actor=request.actor, incoming_id=incoming_id, at=timezone.now())
    except Refused as refused:
        return _incoming_page(request, refused.findings)
    pages.flash(request, f"{row.number} 排队再办，一分钟内办理")
    return pages.back(request, reverse("fleet:network_incoming"))


@needs(SEE)
def network_fields(request: PageRequest) -> HttpResponse:
    """The table of what is sent: entity by entity, field by field, with the dictionaries."""
    everywhere(request)
    context = {
        "entities": catalogue.ENTITIES,
        "not_sent": catalogue.NOT_SENT,
        "standard": catalogue.STANDARD,
    }
    return pages.render(request, "fleet/network_fields.html", context)
