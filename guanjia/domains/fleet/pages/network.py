"""一张网: how we stand with the province, its messages and decisions, the field table."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.fleet.actions import network as actions
from guanjia.domains.fleet.acts.network import AGAIN, OF_PEER, RESUME
from guanjia.domains.fleet.exchange import catalogue
from guanjia.domains.fleet.exchange.fields import Shape
from guanjia.domains.fleet.forms import network as forms
from guanjia.kernel.exchange import queries, takers
from guanjia.kernel.exchange.models import Incoming, Outgoing, Peer
from guanjia.kernel.exchange.terms import (
    IN_LIFE,
    OUT_LIFE,
    PEER_LIFE,
    Algorithm,
    InState,
    OutState,
)
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import NotAllowed
from guanjia.kernel.values.life import Life
from guanjia.ui import pages
from guanjia.ui.acts.declaration import Act
from guanjia.ui.pages import PageRequest, needs

SEE, KEEP = "fleet.network.see", actions.KEEP
PER_PAGE, LISTED = 50, 10


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
    peer = peer_or_new()
    standing = queries.standing(peer)
    refused = queries.messages(peer=peer).filter(state=OutState.REFUSED)[:LISTED]
    unapplied = queries.incoming(peer=peer).filter(state=InState.UNAPPLIED)[:LISTED]
    context = {
        "peer": peer,
        **looked(PEER_LIFE, peer.state),
        "standing": standing,
        "out": _counts(OUT_LIFE, standing.by_state),
        "came": _counts(IN_LIFE, standing.incoming),
        "refused": [message_row(message) for message in refused],
        "unapplied": [incoming_row(row) for row in unapplied],
        "may": request.actor.can(KEEP),
        "acts": _offered(OF_PEER, request, peer),
        "now_again": bool(_offered((RESUME,), request, peer)),
        "algorithm": Algorithm(peer.algorithm).label,
        "entities": len(catalogue.ENTITIES),
        "not_sent": len(catalogue.NOT_SENT),
        "standard": catalogue.STANDARD,
    }
    return pages.render(request, "fleet/network.html", context)


def _offered(acts: Sequence[Act], request: PageRequest, row: Any) -> list[Act]:
    """The acts that may be done to a row now; to a platform nobody set up, none."""
    return [act for act in acts if row.pk and act.may(request.actor, row)]


def looked(life: Life, value: str) -> dict[str, Any]:
    """A state with the tone and icon of its word."""
    stage = life.states[life.of(value)]
    return {"state": life.of(value), "tone": stage.tone, "icon": stage.icon}


def _counts(life: Life, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    return [looked(life, state.value) | {"n": counts.get(state, 0)} for state in life.states]


def message_row(message: Outgoing) -> dict[str, Any]:
    """A message as the lists show it."""
    return {
        "message": message,
        **looked(OUT_LIFE, message.state),
        "kind": _kind(message.kind),
    }


def incoming_row(row: Incoming) -> dict[str, Any]:
    """A decision of the province as the lists show it."""
    taker = takers.get(row.kind)
    return {
        "row": row,
        **looked(IN_LIFE, row.state),
        "kind": taker.title if taker else row.kind,
        "said": json.dumps(json.loads(row.body), ensure_ascii=False, indent=2),
    }


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
        "acts": _offered((AGAIN,), request, message),
    }
    return pages.render(request, "fleet/network_message.html", context)


def _shown(field: Any, value: Any) -> Any:
    """A value as people read it: the word of a code beside it."""
    if value is True or value is False:
        return "是" if value else "否"
    if field is not None and field.shape is Shape.MONEY and value is not None:
        return f"{value}（{money.yuan(value)} 元）"
    if field is not None and field.terms and value:
        return f"{value}（{field.terms(value).label}）"
    return value


@needs(SEE)
def network_incoming(request: PageRequest) -> HttpResponse:
    """Every decision of the province, and what was done with it."""
    everywhere(request)
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
    }
    return pages.render(request, "fleet/network_incoming.html", context)


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
