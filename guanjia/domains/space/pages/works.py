"""大中修: one project, a building's projects, and what is done. The list is a register."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import works as actions
from guanjia.domains.space.forms import works as forms
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import Building, Works
from guanjia.domains.space.pages import filling
from guanjia.domains.space.queries import works as reading
from guanjia.domains.space.rules import works as rules
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.works import DONE, LastWorks, WorksPart, WorksState
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Verdict, verdict_from_json
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats, pages, trail
from guanjia.ui.approval.panel import Station
from guanjia.ui.pages import PageRequest, needs

SEE, REQUEST, KEEP = reading.SEE, reading.REQUEST, reading.KEEP
S = WorksState
CHIPS = {
    S.ASKED: ("wait", "hourglass"),
    S.PLANNED: ("move", "calendar"),
    S.BUILDING: ("move", "tool"),
    S.ACCEPTED: ("wait", "receipt"),
    S.SETTLED: ("done", "circle-check"),
    S.REFUSED: ("stop", "circle-x"),
    S.CALLED_OFF: ("idle", "circle-x"),
}
Doing = Callable[[dict[str, Any], datetime], str]  # what was done, in a sentence


@needs(SEE)
def works_one(request: PageRequest, works_id: int) -> HttpResponse:
    """One project: its life, sums, papers, and the acts this person may do."""
    at, actor = timezone.now(), request.actor
    found = reading.one(scope=request.scope, works_id=works_id)
    tone, icon = CHIPS[S(found.state)]
    last = reading.last_of(
        building_id=found.building_id, part=WorksPart(found.part), without=found.pk
    )
    context = {
        "works": found,
        "chip": (tone, icon, S(found.state).label),
        "life": life(found),
        "last": last,
        "interval": _interval(found, last, at),
        "settle_by": rules.settle_by(accepted_on=found.accepted_on, law=law_at(at))
        if found.state == S.ACCEPTED and found.accepted_on
        else None,
        "checked": _checked(found),
        "files": attachments.of(model=reading.SUBJECT, row_id=found.pk),
        "records": trail.told(model=reading.SUBJECT, pk=found.pk),
        "on_time": at,
        **_acts(actor, found),
    }
    return pages.render(request, "space/works.html", context)


def _interval(found: Works, last: LastWorks | None, at: datetime) -> dict[str, Any] | None:
    """From when the part may be repaired again, while that is still to be decided on."""
    if last is None or found.state not in (S.ASKED, S.REFUSED):
        return None
    law = law_at(at)
    first = rules.free_from(last=last, law=law)
    if first is None:
        return None
    cite = law[rules.INTERVAL].cite
    return {"first": first, "soon": timezone.localdate(at) < first, "cite": cite}


def _acts(actor: Actor, found: Works) -> dict[str, bool]:
    """What this person may do with the project as it stands."""

    def may(verb: str) -> bool:
        return actor.can(verb) and reading.works(actor.scope(verb)).filter(pk=found.pk).exists()

    keeps, state = may(KEEP), S(found.state)
    return {
        "may_plan": keeps and state in (S.ASKED, S.REFUSED),
        "may_turn_down": keeps and state == S.ASKED,
        "may_begin": keeps and state == S.PLANNED,
        "may_accept": keeps and state == S.BUILDING,
        "may_settle": keeps and state == S.ACCEPTED,
        "may_call_off": (keeps and state in (S.ASKED, S.PLANNED))
        or (may(REQUEST) and state == S.ASKED),
    }


def _checked(found: Works) -> Verdict | None:
    """The newest stored verdict that said anything."""
    records = audit.about(on_type=reading.SUBJECT, on_id=found.pk).order_by("-at", "-pk")
    told = next((one for one in records if one.verdict), None)
    return verdict_from_json(told.verdict or {}) if told else None


def life(found: Works) -> list[Station]:
    """申请, 列入计划, 施工, 验收, 决算: when, by whom, how much."""
    state = S(found.state)
    stations = []
    if found.asked_at is not None:
        who = found.unit.shown if found.unit else ""
        stations = [_done("申请", formats.daytime(found.asked_at), who)]
    if state in (S.REFUSED, S.CALLED_OFF):
        return [*stations, Station(at="stop", title=state.label, who=found.state_note)]
    year = f"{found.plan_year} 年" if found.plan_year else ""
    if found.asked_at is not None:
        stations.append(_step("列入计划", year, yuan(found.budget_fen or 0), now=state == S.ASKED))
        begun = _day(found.started_on)
        stations.append(_step("施工", begun, found.contractor, now=state == S.PLANNED))
    stations.append(_step("验收", _day(found.accepted_on), "", now=state == S.BUILDING))
    cost = yuan(found.final_fen or 0)
    stations.append(_step("决算", _day(found.settled_on), cost, now=state == S.ACCEPTED))
    return stations


def _day(on: date | None) -> str:
    return formats.day(on) if on else ""


def _done(title: str, when: str, who: str) -> Station:
    return Station(at="done", title=title, when=when, who=who)


def _step(title: str, when: str, who: str, *, now: bool) -> Station:
    if when:
        return _done(title, when, who)
    return Station(at="now" if now else "later", title=title)


@needs(SEE)
def works_building(request: PageRequest, building_id: int) -> HttpResponse:
    """The projects of a building, and from when each part may be repaired again."""
    building = Building.objects.within(request.scope).select_related("compound").get(pk=building_id)
    rows = reading.of_building(building_id=building.pk, scope=request.scope)
    law = law_at(timezone.localdate())
    done = [one for one in rows if one.state in DONE]
    context = {
        "building": building,
        "rows": [(one, *CHIPS[S(one.state)]) for one in rows],
        "parts": [
            (WorksPart(part).label, last.accepted_on, rules.free_from(last=last, law=law))
            for part in sorted({one.part for one in done})
            if (last := reading.last_of(building_id=building.pk, part=WorksPart(part)))
        ],
        "cite": law[rules.INTERVAL].cite if rules.INTERVAL in law else None,
        "spent": sum(one.final_fen or 0 for one in done),
        "may_ask": request.actor.can(REQUEST),
    }
    return pages.render(request, "space/works_building.html", context)


# ── the acts ─────────────────────────────────────────────────────────────────────────────


@needs(REQUEST)
def works_new(request: PageRequest) -> HttpResponse:
    """申请大中修."""
    rows = reading.buildings_of(request.scope, day=timezone.localdate())
    first = {"building": request.GET.get("building", "")[:18]}
    form = forms.Ask(filling.posted(request), initial=first, buildings=rows)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        made = actions.request(actor=request.actor, asked=form.asked(), files=given["files"], at=at)
        pages.flash(request, f"已申请 {made}，等办公用房管理科列入计划")
        return pages.to("space:works_one", made.pk)

    words = {
        "title": "申请大中修", "act": "提交申请", "keep": "不申请", "back": "大中修台账",
        "back_url": reverse("space:works_list"), "lead": "日常维修由使用单位自己办，不在这里申请",
    }  # fmt: skip
    return filling.fill(request, form=form, words=words, enter=enter)


def _act(
    request: PageRequest,
    found: Works,
    *,
    form: ActForm,
    words: Mapping[str, Any],
    doing: Doing,
) -> HttpResponse:
    """The form of one act; afterwards to the page of the project with one line."""

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        pages.flash(request, doing(given, at))
        return pages.to("space:works_one", found.pk)

    budget = f"，预算 {yuan(found.budget_fen)}" if found.budget_fen else ""
    around = {
        "back": found.number, "back_url": reverse("space:works_one", args=[found.pk]),
        "list": "大中修台账", "list_url": reverse("space:works_list"),
        "now": f"{found.building} {found.title}，{found.get_kind_display()}{budget}", **words,
    }  # fmt: skip
    return filling.fill(request, form=form, words=around, enter=enter)


@needs(KEEP)
def works_plan(request: PageRequest, works_id: int) -> HttpResponse:
    """列入计划."""
    found = reading.one(scope=request.scope, works_id=works_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        done = actions.plan(
            actor=request.actor, works_id=found.pk, planned=form.planned(), files=given["files"],
            at=at,
        )  # fmt: skip
        return f"已列入 {done.plan_year} 年计划，预算 {yuan(done.budget_fen or 0)}"

    estimate = formats.yuan(found.estimate_fen) if found.estimate_fen else ""
    first = {"year": timezone.localdate().year, "budget": estimate}
    form = forms.Plan(filling.posted(request), initial=first)
    words = {
        "title": "列入计划", "act": "列入计划", "keep": "返回",
        "lead": "同一部位没有满间隔年限的，写明特殊原因",
    }  # fmt: skip
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def works_turn_down(request: PageRequest, works_id: int) -> HttpResponse:
    """不列入计划."""
    found = reading.one(scope=request.scope, works_id=works_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.turn_down(actor=request.actor, works_id=found.pk, reason=given["reason"], at=at)
        return "已登记不列入计划，申请单位已收到通知"

    words = {"title": "不列入计划", "act": "不列入计划", "keep": "返回"}
    form = forms.Why(filling.posted(request))
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def works_begin(request: PageRequest, works_id: int) -> HttpResponse:
    """开工."""
    found = reading.one(scope=request.scope, works_id=works_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.begin(
            actor=request.actor, works_id=found.pk, contract=form.agreed(), files=given["files"],
            at=at,
        )  # fmt: skip
        return f"已登记开工，{given['contractor']}施工"

    form = forms.Begin(filling.posted(request), initial={"on": timezone.localdate()})
    words = {"title": "登记开工", "act": "登记开工", "lead": "合同价超预算的写明原因和批复"}
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def works_accept(request: PageRequest, works_id: int) -> HttpResponse:
    """验收."""
    found = reading.one(scope=request.scope, works_id=works_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.accept(
            actor=request.actor, works_id=found.pk, accepted_on=given["accepted_on"],
            conclusion=given["conclusion"], files=given["files"], at=at,
        )  # fmt: skip
        return "已登记验收，等决算"

    form = forms.Accept(filling.posted(request), initial={"accepted_on": timezone.localdate()})
    words = {"title": "登记验收", "act": "登记验收", "lead": "验收以后按期决算"}
    return _act(request, found, form=form, words=words, doing=doing)


@needs(KEEP)
def works_settle(request: PageRequest, works_id: int) -> HttpResponse:
    """决算."""
    found = reading.one(scope=request.scope, works_id=works_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.settle(
            actor=request.actor, works_id=found.pk, settled_on=given["settled_on"],
            fen=given["final"], over_note=given["over_note"], files=given["files"], at=at,
        )  # fmt: skip
        return f"已决算 {yuan(given['final'])}"

    form = forms.Settle(filling.posted(request), initial={"settled_on": timezone.localdate()})
    words = {"title": "登记决算", "act": "登记决算", "lead": "决算超预算的写明原因"}
    return _act(request, found, form=form, words=words, doing=doing)


@needs(REQUEST)
def works_call_off(request: PageRequest, works_id: int) -> HttpResponse:
    """取消."""
    found = reading.one(scope=request.scope, works_id=works_id)

    def doing(given: dict[str, Any], at: datetime) -> str:
        actions.call_off(actor=request.actor, works_id=found.pk, reason=given["reason"], at=at)
        return f"已取消 {found.number}"

    words = {"title": "取消大中修", "act": "取消大中修", "keep": "不取消", "lead": "开工前才能取消"}
    form = forms.Why(filling.posted(request))
    return _act(request, found, form=form, words=words, doing=doing)
