"""What people are told about approvals: what waits for them, and what became of their requests."""

from datetime import datetime

from guanjia.kernel.approvals import queries
from guanjia.kernel.approvals.events import (
    CaseAgreed,
    CaseCopied,
    CaseReturned,
    CaseStopped,
    CaseUrged,
    CaseWithdrawn,
    HandedOver,
    News,
    StepLate,
    StepReached,
)
from guanjia.kernel.approvals.models import Act, Case, CaseStep
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import About, mark_over, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.notices.terms import PRESSING

ASKED = NoticeKind(key="approvals.asked", title="待您审批", template="notices/approvals_asked.txt")
HANDED = NoticeKind(
    key="approvals.handed", title="转您审批", template="notices/approvals_handed.txt"
)
AGREED = NoticeKind(
    key="approvals.agreed", title="申请已同意", template="notices/approvals_agreed.txt"
)
RETURNED = NoticeKind(
    key="approvals.returned", title="申请被退回", template="notices/approvals_returned.txt"
)
STOPPED = NoticeKind(
    key="approvals.stopped", title="申请被终止", template="notices/approvals_stopped.txt"
)
COPIED = NoticeKind(
    key="approvals.copied", title="抄送给您", template="notices/approvals_copied.txt"
)
URGED = NoticeKind(
    key="approvals.urged",
    title="催办",
    template="notices/approvals_urged.txt",
    urgent=True,
    channels=PRESSING,
)
LATE = NoticeKind(
    key="approvals.late",
    title="审批超时提醒",
    template="notices/approvals_late.txt",
    urgent=True,
    channels=PRESSING,
)
KINDS = (ASKED, HANDED, AGREED, RETURNED, STOPPED, COPIED, URGED, LATE)


def facts_of(case: Case) -> dict[str, str]:
    """What every text about a case may name."""
    return {
        "route": case.route_title,
        "label": case.subject_label,
        "summary": case.summary,
        "applicant": case.applicant.name if case.applicant else "系统",
        "unit": str(case.unit),
    }


def _case(news: News) -> Case:
    return Case.objects.select_related("unit", "applicant").get(pk=news.case_id)


def _subject(news: News) -> About:
    return About(news.subject_type, news.subject_id)


def _last(case: Case) -> Act:
    found: Act = Act.objects.filter(case=case).order_by("-pk")[0]
    return found


def _act(act: Act) -> dict[str, str]:
    by = f"{act.name}（代 {act.behalf}）" if act.behalf else act.name
    return {"by": by, "comment": act.comment}


def _no_longer_asked(news: News, case: Case, at: datetime) -> None:
    """Whoever decided, or need not any more, has no unread 待您审批 of it."""
    still = [person.pk for person in queries.deciders(case)]
    mark_over(kinds=(ASKED, HANDED, URGED, LATE), subject=_subject(news), but=still, at=at)


def step_reached(news: StepReached) -> None:
    """待您审批, to everybody whose turn it is now: also again, after whom they had added."""
    case, step = _case(news), CaseStep.objects.get(pk=news.step_id)
    last = _last(case)
    _no_longer_asked(news, case, last.at)
    send(
        kind=ASKED,
        to=news.person_ids,
        facts=facts_of(case) | {"step": step.title},
        subject=_subject(news),
        once=f"{step.pk}:{step.visit}:{last.pk}",
        at=last.at,
    )


def handed_over(news: HandedOver) -> None:
    """转您审批, to whom a colleague gave it, with what they said."""
    case = _case(news)
    act = _last(case)
    _no_longer_asked(news, case, act.at)
    send(
        kind=HANDED,
        to=news.person_ids,
        facts=facts_of(case) | _act(act),
        subject=_subject(news),
        once=str(act.pk),
        without=[act.person_id],
        at=act.at,
    )


def _closed(kind: NoticeKind, news: CaseAgreed | CaseReturned | CaseStopped) -> None:
    case, act = _case(news), Act.objects.get(pk=news.act_id)
    _no_longer_asked(news, case, act.at)
    send(
        kind=kind,
        to=[case.applicant_id],
        facts=facts_of(case) | _act(act),
        subject=_subject(news),
        once=str(act.pk),
        without=[act.person_id],
        at=act.at,
    )


def case_agreed(news: CaseAgreed) -> None:
    """申请已同意, to the applicant, with the last 意见."""
    _closed(AGREED, news)


def case_returned(news: CaseReturned) -> None:
    """申请被退回, to the applicant, with what to mend."""
    _closed(RETURNED, news)


def case_stopped(news: CaseStopped) -> None:
    """申请被终止, to the applicant, with the reason."""
    _closed(STOPPED, news)


def case_withdrawn(news: CaseWithdrawn) -> None:
    """Nobody is told; but whoever was asked is asked no longer."""
    _no_longer_asked(news, _case(news), Act.objects.get(pk=news.act_id).at)


def case_copied(news: CaseCopied) -> None:
    """抄送给您, to the readers."""
    _by_act(COPIED, news)


def case_urged(news: CaseUrged) -> None:
    """催办, at once, to those who hold the case."""
    _by_act(URGED, news)


def _by_act(kind: NoticeKind, news: CaseCopied | CaseUrged) -> None:
    case, act = _case(news), Act.objects.get(pk=news.act_id)
    send(
        kind=kind,
        to=news.person_ids,
        facts=facts_of(case) | _act(act),
        subject=_subject(news),
        once=str(act.pk),
        without=[act.person_id],
        at=act.at,
    )


def step_late(news: StepLate) -> None:
    """审批超时提醒, at once: when the time is about to pass, and when it has passed."""
    case, step = _case(news), CaseStep.objects.get(pk=news.step_id)
    overdue = step.escalated_at is not None
    send(
        kind=LATE,
        to=news.person_ids,
        facts=facts_of(case)
        | {"step": step.title, "overdue": overdue, "escalated": news.escalated},
        subject=_subject(news),
        once=f"{step.pk}:{step.visit}:{overdue}",
        at=step.escalated_at or step.reminded_at or _last(case).at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(StepReached, step_reached)
    bus.subscribe(HandedOver, handed_over)
    bus.subscribe(CaseAgreed, case_agreed)
    bus.subscribe(CaseReturned, case_returned)
    bus.subscribe(CaseStopped, case_stopped)
    bus.subscribe(CaseWithdrawn, case_withdrawn)
    bus.subscribe(CaseCopied, case_copied)
    bus.subscribe(CaseUrged, case_urged)
    bus.subscribe(StepLate, step_late)
