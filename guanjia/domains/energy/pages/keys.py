"""填报接口: the keys by which other systems tell monthly returns, and what they brought."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import keyed as actions
from guanjia.domains.energy.acts.keys import ACTS
from guanjia.domains.energy.forms.keys import Key
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import institutions as directory
from guanjia.kernel.exchange.models import ApiKey
from guanjia.kernel.exchange.terms import CallState
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs

GIVE = actions.GIVE
_REFUSED, _CALLS = 422, 20
_YEAR = timedelta(days=365)


@needs(GIVE)
def keys(request: PageRequest) -> HttpResponse:
    """Every key that tells returns."""
    today = timezone.localdate()
    rows = [
        {"key": key, "open": key.revoked_at is None and key.since <= today <= key.until,
         "institutions": len(actions.institutions_of(key))}
        for key in actions.given(request.scope)
    ]  # fmt: skip
    return pages.render(request, "energy/keys.html", {"rows": rows})


@needs(GIVE)
def key_give(request: PageRequest) -> HttpResponse:
    """发放密钥; its text is shown on the answer to this very form and never again."""
    today = timezone.localdate()
    form = Key(
        request.POST or None, areas=areas.choices(request.scope),
        initial={"since": today, "until": today + _YEAR, "per_minute": 30},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            key, text = _give(request, form)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            answer = _page(request, key, text=text)
            answer["Cache-Control"] = "no-store"
            return answer
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "energy/key_give.html", {"form": form}, status=status)


def _give(request: PageRequest, form: Key) -> tuple[ApiKey, str]:
    told = form.cleaned_data
    known = directory.Directory([code for code, _ in told["subjects"]])
    ids = []
    for code, name in told["subjects"]:
        one = known.find(code, name)
        if one is None:
            sentence = f"{code} {name}：名录库中没有，或几家同一代码，核对代码和名称。"
            refuse("institution_unknown", "没有发放：", sentence, field="subjects").enforce()
        else:
            ids.append(one.pk)
    return actions.give_key(
        actor=request.actor, area_ids=told["areas"], institution_ids=ids, at=timezone.now(),
        **{name: told[name] for name in ("partner", "contact", "networks", "since", "until",
                                         "per_minute")},
    )  # fmt: skip


@needs(GIVE)
def key(request: PageRequest, energy_key_id: int) -> HttpResponse:
    """One key: for whom, and its last calls."""
    return _page(request, actions.given(request.scope).get(pk=energy_key_id))


def _page(request: PageRequest, found: ApiKey, *, text: str = "") -> HttpResponse:
    calls: Any = found.calls.all()
    context = {
        "key": found, "text": text,
        "areas": [areas.title(one) for one in Unit.objects.filter(pk__in=found.unit_ids)],
        "institutions": list(
            Institution.objects.filter(pk__in=found.subject_ids).order_by("position")
        ),
        "open": found.revoked_at is None,
        "answered": calls.filter(state=CallState.ANSWERED).count(),
        "refused_calls": calls.filter(state=CallState.REFUSED).count(),
        "calls": list(calls.order_by("-pk")[:_CALLS]),
        "acts": [act for act in ACTS if act.may(request.actor, found)],
        "records": trail.told(model="exchange.apikey", pk=found.pk),
    }  # fmt: skip
    return pages.render(request, "energy/key.html", context)
