"""周转房: the page of a tenancy; what may be done is declared in ``acts``, lists are registers."""

from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.acts.tenancies import ACTS
from guanjia.domains.space.models import Rent, Tenancy
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.terms.tenancies import TenancyState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval.panel import Station
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE = reading.SEE


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
        "acts": [act for act in ACTS if not act.makes and act.may(actor, found)],
        "list_url": reverse("space:tenancies_list") if actor.can(SEE) else "",
        "sees_room": actor.can("space.room.see") and actor.scope("space.room.see").everything,
    }
    return pages.render(request, "space/tenancy.html", context)


def _visible(actor: Actor, tenancy_id: int) -> Tenancy:
    everywhere = reading.sees_tenancy(actor, tenancy_id)
    scope = Scope.all() if everywhere else Scope()
    return reading.tenancy(scope=scope, tenancy_id=tenancy_id)


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
