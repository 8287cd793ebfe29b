"""通知渠道 and 发送记录: how notices leave the platform, and what became of them."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from guanjia.kernel.notices import queries
from guanjia.kernel.notices.actions import channels as actions
from guanjia.kernel.notices.actions import deliveries as sending
from guanjia.kernel.notices.channels.catalogue import WAYS
from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.notices.models import Delivery
from guanjia.kernel.notices.terms import GROUPS, RETRIED, ChannelKind, DeliveryState
from guanjia.kernel.org import queries as org
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.portal import notice_forms as forms
from guanjia.portal.pages.home import paged
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

# State → tone and icon of its word.
_LOOKS = {
    DeliveryState.WAITING: ("wait", "clock"),
    DeliveryState.SENDING: ("move", "send"),
    DeliveryState.SENT: ("done", "circle-check"),
    DeliveryState.FAILED: ("wait", "alert-triangle"),
    DeliveryState.GIVEN_UP: ("stop", "circle-x"),
    DeliveryState.SKIPPED: ("idle", "minus"),
}


@needs("notices.channel.set")
def channels(request: PageRequest) -> HttpResponse:
    """The four channels, set up or not."""
    known = queries.channels()
    rows = [{"way": way, "kind": kind, "channel": known.get(kind)} for kind, way in WAYS.items()]
    return pages.render(request, "portal/channels.html", {"rows": rows})


def _kind(text: str) -> ChannelKind:
    try:
        return ChannelKind(text.upper())
    except ValueError:
        raise Http404 from None


@needs("notices.channel.set")
def channel(request: PageRequest, kind: str) -> HttpResponse:
    """Set up one channel."""
    chosen = _kind(kind)
    form = _form(chosen, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        settings, secrets = form.split(WAYS[chosen])
        enabled = bool(form.cleaned_data["enabled"])
        try:
            actions.save_channel(
                actor=request.actor, kind=chosen, enabled=enabled, settings=settings,
                secrets=secrets, at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            pages.flash(request, f"{chosen.label}已保存{'并启用' if enabled else '，没有启用'}")
            return pages.to("portal:channel", kind=chosen.value.lower())
    return _shown(request, chosen, form)


def _form(kind: ChannelKind, data: Any) -> forms.Channel:
    known = queries.channels().get(kind)
    return forms.Channel(
        data,
        way=WAYS[kind],
        known=known.settings if known else {},
        kept=bool(known and known.secret),
        initial={"enabled": known.enabled if known else True},
    )


def _shown(
    request: PageRequest,
    kind: ChannelKind,
    form: forms.Channel,
    *,
    trial: forms.Trial | None = None,
    fault: str = "",
) -> HttpResponse:
    person = org.people(Scope(person_id=request.actor.person_id or 0)).first()
    own = queries.preference(request.actor).email if kind is ChannelKind.EMAIL else ""
    if kind is not ChannelKind.EMAIL and person is not None:
        own = person.mobile
    context = {
        "kind": kind,
        "slug": kind.value.lower(),
        "way": WAYS[kind],
        "channel": queries.channels().get(kind),
        "form": form,
        "trial": trial or forms.Trial(initial={"address": own}),
        "group": kind in GROUPS,
        "fault": fault,
    }
    bad = bool(form.errors or fault or (trial and trial.errors))
    return pages.render(request, "portal/channel.html", context, status=422 if bad else 200)


@needs("notices.channel.set")
def try_channel(request: PageRequest, kind: str) -> HttpResponse:
    """发一条试试: at once, and say what came of it."""
    chosen = _kind(kind)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    trial, fault = forms.Trial(request.POST), ""
    if trial.is_valid():
        address = trial.cleaned_data["address"]
        try:
            actions.try_channel(
                actor=request.actor, kind=chosen, address=address, at=timezone.now()
            )
        except Refused as refused:
            trial.add_refusal(refused)
        except ChannelFailure as failed:
            fault = failed.sentence
        else:
            pages.flash(request, f"已发出一条，{chosen.label}的服务器已收下")
            return pages.to("portal:channel", kind=chosen.value.lower())
    return _shown(request, chosen, _form(chosen, None), trial=trial, fault=fault)


@needs("notices.delivery.see")
def deliveries(request: PageRequest) -> HttpResponse:
    """发送记录: what went out to whom, what did not and why."""
    form = forms.DeliveryFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    page = paged(request, queries.deliveries(request.scope, **given))
    retries = request.actor.can("notices.channel.set")
    context = {
        "form": form,
        "page": page,
        "rows": [_row(delivery, retries) for delivery in page.object_list],
        "narrowed": any(given.values()),
        "query": request.GET.urlencode(),
    }
    return pages.render(request, "portal/deliveries.html", context)


def _row(delivery: Delivery, retries: bool) -> dict[str, Any]:
    state = DeliveryState(delivery.state)
    tone, icon = _LOOKS[state]
    return {
        "delivery": delivery,
        "state": state,
        "tone": tone,
        "icon": icon,
        "retry": retries and state in RETRIED,
    }


@needs("notices.channel.set")
def retry(request: PageRequest, delivery_id: int) -> HttpResponse:
    """重发 a message that did not go out."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    sent = sending.retry(actor=request.actor, delivery_id=delivery_id, at=timezone.now())
    pages.flash(request, f"发给{sent.person.name}的这条已排上，一分钟内再发")
    return pages.back(request, pages.to("portal:deliveries")["Location"])
