"""节假日封存: planning one, its report, and each car's part in it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import sealing as actions
from guanjia.domains.fleet.acts.sealing import ACTS, CALL_OFF, open_to
from guanjia.domains.fleet.approvals import SEALING_EXCEPTION
from guanjia.domains.fleet.forms import oversight as forms
from guanjia.domains.fleet.models import Finding, SealedCar, Sealing
from guanjia.domains.fleet.pages import oversight_view
from guanjia.domains.fleet.pages.look import number
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import sealing as queries
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.oversight import GroundCode
from guanjia.domains.fleet.terms.sealing import SEALED_LIFE, SealState
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval import panel
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, PLAN, HAND_IN = queries.SEE, queries.PLAN, queries.HAND_IN
_REFUSED = 422
PER_PAGE = 100


@needs(SEE)
def sealings(request: PageRequest) -> HttpResponse:
    """All sealings with their counts, and the holidays ahead."""
    now = timezone.now()
    rows = queries.sealings(request.scope)
    planned = [row.during for row in rows if row.called_off_at is None]
    ahead = queries.holidays(since=times.day_of(now), law=law_at(now))
    return pages.render(
        request,
        "fleet/sealings.html",
        {
            "rows": rows,
            "ahead": [
                holiday
                for holiday in ahead
                if not any(d.lower < holiday.end_at and holiday.begin_at < d.upper for d in planned)
            ],
            "may_plan": request.actor.can(PLAN),
            "now": now,
        },
    )


@needs(PLAN)
def sealing_plan(request: PageRequest) -> HttpResponse:
    """安排封存: which holiday, from when to when, the notice, and which cars stay in use."""
    now = timezone.now()
    form = forms.Plan(request.POST or None, initial=_first(request, now))
    chosen = map(number, request.POST.getlist("without"))
    without = [pk for pk in chosen if pk is not None]
    findings: Sequence[verdicts.Finding] = ()
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan_sealing(
                actor=request.actor, without=without, at=now, **form.cleaned_data
            )
        except Refused as refused:
            findings = refused.findings
        else:
            pages.flash(request, f"已安排{made}，各单位已收到通知")
            return pages.to("fleet:sealing", made.pk)
    context = {
        "form": form,
        "findings": findings,
        "without": without,
        "cars": queries.to_be_sealed(request.scope),
        "cite": law_at(now)["fleet.trip.rest_day"].cite,
    }
    status = _REFUSED if request.method == "POST" else 200
    return pages.render(request, "fleet/sealing_plan.html", context, status=status)


def _first(request: HttpRequest, now: datetime) -> dict[str, str]:
    """What the form begins with: the holiday asked for, else the next one."""
    ahead = queries.holidays(since=times.day_of(now), law=law_at(now))
    day = request.GET.get("first", "")
    chosen = next((h for h in ahead if h.first.isoformat() == day), ahead[0] if ahead else None)
    if chosen is None:
        return {}
    when = f"{times.moment(chosen.begin_at)}至{times.moment(chosen.end_at)}"
    return {
        "title": f"{chosen.first.year}年{chosen.name}封存",
        "begin_at": timezone.localtime(chosen.begin_at).strftime("%Y-%m-%d %H:%M"),
        "end_at": timezone.localtime(chosen.end_at).strftime("%Y-%m-%d %H:%M"),
        "notice": f"{chosen.name}期间（{when}）公务用车封存停驶，停放在本单位指定地点，"
        "钥匙集中交存，登记里程表。因工作需要用车的，提前申请例外。",
    }


@needs(SEE)
def sealing(request: PageRequest, sealing_id: int) -> HttpResponse:
    """The report of one sealing, and its cars; each count opens its rows."""
    now, asked = timezone.now(), request.GET.get("state", "")
    found = queries.sealing(scope=request.scope, sealing_id=sealing_id)
    rows = queries.cars_of(scope=request.scope, sealing_id=sealing_id)
    if asked in set(SealState):
        rows = rows.filter(state=asked)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    mine = _mine(request, sealing_id)
    context = {
        "sealing": found,
        "page": page,
        "lines": [
            (row, _word(row, now), open_to(row, request.actor) if row.pk in mine else ())
            for row in page.object_list
        ],
        "tabs": _tabs(found, asked, reverse("fleet:sealing", args=[sealing_id])),
        "late": found.n_to_seal if found.during.lower < now and not found.called_off_at else 0,
        "violations": _violations(request, sealing_id, times.day_of(now)),
        "now": now,
        "over": found.during.upper <= now,
        "acts": [CALL_OFF] if CALL_OFF.may(request.actor, found) else (),
    }
    return pages.render(request, "fleet/sealing.html", context)


def _mine(request: PageRequest, sealing_id: int) -> set[int]:
    """The cars this person may hand in."""
    if not request.actor.can(HAND_IN):
        return set()
    rows = queries.cars_of(scope=request.actor.scope(HAND_IN), sealing_id=sealing_id)
    return set(rows.values_list("pk", flat=True))


def _word(row: SealedCar, now: datetime) -> tuple[str, str, str]:
    """Tone, icon and word of a car's state; who did not hand it in in time is late."""
    state = SealState(row.state)
    if state is SealState.TO_SEAL and row.sealing.called_off_at is not None:
        return "idle", "lock-open", _title(row.sealing, state)
    if state is SealState.TO_SEAL and row.sealing.during.lower < now:
        return "stop", "alarm", "逾期未封存"
    return SEALED_LIFE.chip(row.state)


def _title(sealing: Sealing, state: SealState) -> str:
    """What a state is called; nothing waits any more once the sealing was called off."""
    waits = state is SealState.TO_SEAL
    return "不用封存" if waits and sealing.called_off_at is not None else state.label


def _tabs(found: Any, asked: str, here: str) -> list[dict[str, Any]]:
    tabs = [("", "应封存", found.n)]
    tabs += [(s.value, _title(found, s), getattr(found, f"n_{s.value.lower()}")) for s in SealState]
    return [
        {
            "title": t,
            "count": n,
            "current": key == asked,
            "url": f"{here}?state={key}" if key else here,
        }
        for key, t, n in tabs
    ]


def _violations(
    request: PageRequest, sealing_id: int, today: date
) -> list[oversight_view.RowShown]:
    """What the rules found about this sealing, for whoever sees findings."""
    if not request.actor.can("fleet.oversight.see"):
        return []
    proof = [{"url_name": "fleet:sealing", "id": sealing_id}]
    rows = Finding.objects.within(request.actor.scope("fleet.oversight.see")).filter(
        grounds__evidence__contains=proof,
        grounds__code__in=[GroundCode.SEALED, GroundCode.NOT_SEALED],
        grounds__gone_at=None,
    )
    found = rows.select_related("unit", "car").prefetch_related("grounds").distinct()
    return [oversight_view.row(finding, today=today) for finding in found.order_by("-pk")[:50]]


@needs_sign_in
def sealed_car(request: PageRequest, sealed_id: int) -> HttpResponse:
    """One car in a sealing with its approval; also for whoever is to decide on it."""
    actor = request.actor
    try:
        row = queries.sealed_car(scope=actor.scope(SEE), sealed_id=sealed_id)
    except SealedCar.DoesNotExist:
        if not queries.sees_sealed(actor, sealed_id):
            raise
        row = queries.sealed_car(scope=Scope.all(), sealed_id=sealed_id)
    at = timezone.now()
    case = cases.case_for(
        subject_type="fleet.sealedcar", subject_id=row.pk, route=SEALING_EXCEPTION.key
    )
    context = {
        "row": row,
        "chip": _word(row, at),
        "approval": panel.show(request=request, actor=actor, case=case, at=at) if case else None,
        "about": actions.summary_of(row) if row.exception_reason else "",
        "facts": _facts(row),
        "files": attachments.of(model="fleet.sealedcar", row_id=row.pk),
        "records": trail.told_beside_story(
            model="fleet.sealedcar", pk=row.pk, asked=["fleet.sealed_car.asked"]
        ),
        "acts": [act for act in ACTS if act.may(actor, row)],
        "car_url": _car_url(request, row),
        "list_url": reverse("fleet:sealing", args=[row.sealing_id]) if actor.can(SEE) else "",
    }
    return pages.render(request, "fleet/sealed_car.html", context)


def _car_url(request: PageRequest, row: SealedCar) -> str:
    actor = request.actor
    if not actor.can("fleet.car.see"):
        return ""
    known = archive.cars(actor.scope("fleet.car.see")).filter(pk=row.car_id)
    return reverse("fleet:car", args=[row.car_id]) if known.exists() else ""


def _facts(row: SealedCar) -> list[tuple[str, str]]:
    def km(value: int | None) -> str:
        return f"{value:,} 公里" if value is not None else ""

    def when(at: datetime | None, by: Any) -> str:
        return f"{formats.daytime(at)} {by.name if by else ''}".strip() if at else ""

    during = row.sealing.during
    return [
        ("使用单位", str(row.unit)),
        ("封存期间", f"{times.moment(during.lower)} 至 {times.moment(during.upper)}"),
        ("停放地点", row.place),
        ("钥匙交存", row.keys_to),
        ("登记封存", when(row.sealed_at, row.sealed_by)),
        ("封存里程表", km(row.sealed_km)),
        ("解封", when(row.released_at, row.released_by)),
        ("解封里程表", km(row.released_km)),
        ("例外理由", row.exception_reason),
        ("审批意见", row.state_note),
    ]
