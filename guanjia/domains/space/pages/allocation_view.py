"""What the page of an allocation shows, in words: its life, need, rooms, papers, what is next."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from guanjia.domains.space import vouchers
from guanjia.domains.space.acts.granting import ACTS, CHOOSE, offer_words
from guanjia.domains.space.approvals import ALLOCATION
from guanjia.domains.space.models import Allocation
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.queries import clearances, rooms, vacancies
from guanjia.domains.space.rules import allocations as rules
from guanjia.domains.space.terms.allocations import (
    FROM_STOCK,
    UNSENT,
    AllocationMethod,
    AllocationState,
)
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.vouchers import queries as papers
from guanjia.kernel.vouchers.terms import Form
from guanjia.ui import formats, trail
from guanjia.ui.approval import life as approval
from guanjia.ui.approval import panel
from guanjia.ui.approval.lines import Line
from guanjia.ui.approval.panel import Station
from guanjia.ui.templatetags.vouchers import look

SEE, SUBJECT = reading.SEE, reading.SUBJECT
REQUEST, GRANT = reading.REQUEST, reading.GRANT
S = AllocationState
PHRASES = ("同意调配。", "同意，旧房按期腾退。", "请先内部调剂，再报。")
_ASKED = (
    "space.allocation.requested",
    "space.allocation.changed",
    "space.allocation.extension_requested",
)
_KEEPERS = "办公用房管理科"


def visible(*, actor: Actor, allocation_id: int) -> Allocation:
    """The allocation inside the scope, or one whose approval concerns this person; else 404."""
    try:
        scope = actor.scope(SEE) if actor.can(SEE) else Scope()
        return reading.allocation(scope=scope, allocation_id=allocation_id)
    except Allocation.DoesNotExist:
        if not cases.has_to_do_with(actor=actor, subject_type=SUBJECT, subject_id=allocation_id):
            raise
        return reading.allocation(scope=Scope.all(), allocation_id=allocation_id)


def page(
    *, request: HttpRequest, actor: Actor, allocation: Allocation, at: datetime
) -> dict[str, Any]:
    """Everything the template shows."""
    case = cases.case_for(subject_type=SUBJECT, subject_id=allocation.pk, route=ALLOCATION.key)
    shown = None
    if case is not None:
        shown = panel.show(
            request=request, actor=actor, case=case, at=at, phrases=PHRASES,
            after=_after(allocation),
        )  # fmt: skip
    verdict, day = approval.stored(model=SUBJECT, pk=allocation.pk, verbs=_ASKED)
    later = allocation.extensions.exclude(state=S.CALLED_OFF).first()
    cleared = clearances.of_allocation(allocation.pk)
    asks, grants = (
        reading.ALLOCATIONS.reaches(actor, verb, allocation.pk) for verb in (REQUEST, GRANT)
    )
    for row in cleared:
        row.is_late = row.is_late_on(timezone.localdate(at))
    return {
        "allocation": allocation,
        "about": reading.summary_of(allocation),
        "approval": shown,
        "acts": [act for act in ACTS if not act.makes and act.may(actor, allocation)],
        "may_choose": CHOOSE.may(actor, allocation),
        "may_hand_over": allocation.state == S.RESERVED and (asks or grants),
        "chip": allocation.chip,
        "life": _life(allocation, shown, cleared),
        "facts": _facts(allocation),
        "verdict": verdict,
        "verdict_on": day,
        "given": reading.given(allocation),
        "back": reading.going_back(allocation),
        "ways": list(allocation.ways.select_related("told_by")),
        "later": later,
        "cleared": cleared,
        "papers": _papers(allocation),
        "files": attachments.of(model=SUBJECT, row_id=allocation.pk, kind=ATTACHMENT),
        "signature": next(
            iter(attachments.of(model=SUBJECT, row_id=allocation.pk, kind="接收签名")), None
        ),
        "records": trail.told_beside_story(model=SUBJECT, pk=allocation.pk, asked=_ASKED),
        "sees": actor.can(SEE),
        "sees_rooms": actor.can(rooms.SEE),
        "days_left": _days_left(allocation, timezone.localdate(at)),
        "ended_word": f"{allocation.get_way_display()}已到期",
        "ending_word": f"{allocation.get_way_display()}将到期",
        **_need(allocation, at),
        **_offers(actor, allocation, at),
    }


def _after(allocation: Allocation) -> list[Line]:
    state = S(allocation.state)
    if state in UNSENT and allocation.applicant:
        who = allocation.applicant.name
        act = "取消后重新申请续借" if allocation.extends_id else "修改后再交，或取消"
        return [Line(tone="wait", icon="pencil", who=who, act=act)]
    if state is S.AGREED:
        return [Line(tone="wait", icon="key", who=_KEEPERS, act=next_act(allocation))]
    if state is S.RESERVED:
        who = str(allocation.unit)
        return [Line(tone="wait", icon="key", who=who, act="接收房间，签名")]
    return []


def next_act(allocation: Allocation) -> str:
    """What the keeper does once it is approved."""
    if allocation.extends_id is not None:
        return "签发续借凭证"
    way = AllocationMethod(allocation.way)
    return "选房" if way in FROM_STOCK else f"登记{way.label}的房屋"


def _facts(allocation: Allocation) -> list[tuple[str, str]]:
    """The request as terms and values; what says nothing is left out."""
    people = "、".join(str(row) for row in allocation.needs.all())
    term = vouchers.term(allocation) if allocation.since_on else ""
    wanted, usable = allocation.wanted_m2, allocation.usable_m2
    told = [
        ("申请理由", allocation.reason),
        ("用房人数", people),
        ("申请面积", f"{rules.area(wanted)}（使用面积）" if wanted else ""),
        ("坐落", allocation.place),
        ("使用面积", rules.area(usable) if usable else ""),
        ("建筑面积", rules.area(allocation.gross_m2) if allocation.gross_m2 else ""),
        ("使用期限", term),
        ("批准文号", allocation.document),
        ("批准日期", formats.day(allocation.approved_on) if allocation.approved_on else ""),
        ("接收人", allocation.receiver),
        ("申请人", allocation.applicant.name if allocation.applicant else ""),
        ("说明", allocation.state_note),
    ]
    return [(title, value) for title, value in told if value]


def _days_left(allocation: Allocation, today: Any) -> int | None:
    """Days to the last day of a loan or a lease in use; below zero they are over."""
    if allocation.way not in reading.FOR_A_TERM or allocation.last_on is None:
        return None
    if allocation.state not in reading.LOANS_RUNNING:
        return None
    return int((allocation.last_on - today).days)


def _life(allocation: Allocation, shown: panel.Shown | None, cleared: list[Any]) -> list[Station]:
    state = S(allocation.state)
    who = allocation.applicant.name if allocation.applicant else ""
    common: dict[str, Any] = {"asked_at": allocation.asked_at, "who": who}
    if state is S.CALLED_OFF:
        stopped = [Station(at="stop", title="已取消", who=allocation.state_note)]
        if shown is None:
            return approval.life(**common, shown=None, after=stopped)
        done = [station for station in shown.stations if station.at == "done"]
        return [*approval.life(**common, shown=None, after=[]), *done, *stopped]
    return approval.life(**common, shown=shown, after=_ahead(allocation, cleared))


def _ahead(allocation: Allocation, cleared: list[Any]) -> list[Station]:
    """From the choice of rooms to the end."""
    state, found = S(allocation.state), []
    if allocation.asked_at is not None:
        title = next_act(allocation)
        at = "done" if allocation.granted_at else ("now" if state is S.AGREED else "later")
        when = formats.daytime(allocation.granted_at) if allocation.granted_at else ""
        found.append(Station(at=at, title=title, when=when, who=allocation.paper))
        if allocation.extends_id is None and AllocationMethod(allocation.way) in FROM_STOCK:
            done = allocation.handed_over_on
            at = "done" if done else ("now" if state is S.RESERVED else "later")
            when = formats.day(done) if done else ""
            found.append(Station(at=at, title="交接", when=when, who=allocation.receiver))
    for clearance in cleared:
        if clearance.state == "CALLED_OFF":
            continue
        over = clearance.state == "DONE"
        day = clearance.accepted_on if over else clearance.due_on
        when = formats.day(day) + ("" if over else "前")
        found.append(
            Station(at="done" if over else "now", title=clearance.get_reason_display(), when=when,
                    who=clearance.number)
        )  # fmt: skip
    if allocation.way in reading.FOR_A_TERM and (allocation.last_on or allocation.ended_on):
        at = "done" if state is S.ENDED else "later"
        day = allocation.ended_on or allocation.last_on
        found.append(Station(at=at, title="归还", when=formats.day(day) if day else ""))
    return found


def _need(allocation: Allocation, at: datetime) -> dict[str, Any]:
    """What the unit may have and has now, while it matters; else what was reckoned then."""
    if allocation.asked_at is None or allocation.extends_id is not None:
        return {"need": None}
    now = allocation.state in (S.PENDING, S.AGREED, *UNSENT)
    if not now:
        return {"need": None, "then": allocation.entitled_m2 is not None}
    law, day = law_at(at), timezone.localdate(at)
    parts = reading.approved_for(
        unit=allocation.unit, persons=reading.named(allocation), law=law
    ).basic
    return {"need": reading.need_of_allocation(allocation, day=day, law=law), "parts": parts}


def _offers(actor: Actor, allocation: Allocation, at: datetime) -> dict[str, Any]:
    """The empty rooms that fit, side by side, for whoever chooses; before and after approval."""
    wanted = allocation.wanted_m2
    fits = (
        wanted is not None
        and allocation.state in (S.PENDING, S.AGREED)
        and AllocationMethod(allocation.way) in FROM_STOCK
        and allocation.extends_id is None
        and reading.ALLOCATIONS.reaches(actor, GRANT, allocation.pk)
    )
    if not fits or wanted is None:
        return {"compares": False}
    since, until = vouchers.days_of(allocation)
    day = timezone.localdate(at)
    free = vacancies.fitting(day=day, since=since or day, until=until)
    return {
        "compares": True,
        "offers": [offer_words(each) for each in rules.offers(free, wanted)],
        "free_count": len(free),
        "free_m2": sum((room.usable_m2 for room in free), Decimal(0)),
    }


def _papers(allocation: Allocation) -> list[dict[str, Any]]:
    """Its vouchers and agreements, those that hold first."""
    found = []
    for paper in papers.of(allocation):
        seen = look(paper)
        pdf = any(file.form == Form.PDF for file in paper.files.all())
        stands = seen[0] in ("done", "wait")  # neither void nor replaced
        found.append({"paper": paper, "look": seen, "pdf": pdf, "stands": stands})
    return sorted(
        found,
        key=lambda each: (not each["stands"], each["paper"].kind == vouchers.AGREEMENT.key),
    )


def after_approval(allocation_id: int, at: datetime) -> str:  # noqa: ARG001 — as the panel calls it
    """Who has an allocation once its approval is over, for the line after the last act."""
    allocation = Allocation.objects.get(pk=allocation_id)
    if allocation.state != S.AGREED:
        return ""
    return f"等{_KEEPERS}{next_act(allocation)}"
