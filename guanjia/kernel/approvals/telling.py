"""Writing what was done on a case: its own history, the trail, and the news."""

from datetime import datetime
from typing import Any, TypeVar

from django.utils import timezone

from guanjia.kernel.approvals.events import News
from guanjia.kernel.approvals.models import Act, Case, CaseStep
from guanjia.kernel.approvals.terms import ActKind
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.regulations.verdict import Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor

SYSTEM = Actor.system("系统")
# What may have taken a case out of somebody's hands; not what merely followed from it.
_TELLING = (
    ActKind.RESUBMIT,
    ActKind.AGREE,
    ActKind.RETURN,
    ActKind.OBJECT,
    ActKind.WITHDRAW,
    ActKind.STOP,
    ActKind.HAND_OVER,
    ActKind.RESEAT,
)
Kind = TypeVar("Kind", bound=News)


def tell(
    *,
    case: Case,
    actor: Actor,
    kind: ActKind,
    step: CaseStep | None = None,
    comment: str = "",
    to: str = "",
    behalf: str = "",
    signature: Attachment | None = None,
    at: datetime,
) -> Act:
    """Write an act into the case's history."""
    act: Act = Act.objects.create(
        case=case,
        step=step,
        kind=kind,
        person_id=actor.person_id,
        name=actor.name,
        behalf=behalf,
        is_system=actor.is_system,
        comment=comment.strip()[:500],
        to=to[:400],
        signature=signature,
        at=at,
    )
    return act


def tell_checked(*, case: Case, verdict: Verdict, at: datetime) -> None:
    """Write into the case's history that the rules let the request pass, with how many words."""
    told = f"通过，提示 {len(verdict.warnings)} 条" if verdict.warnings else "通过"
    tell(case=case, actor=SYSTEM, kind=ActKind.CHECK, comment=told, at=at)


def record(
    *, case: Case, actor: Actor, verb: str, subject: Any, at: datetime, **parts: Any
) -> None:
    """Write an act into the trail, as something done to the subject: ``<its model>.approved``."""
    done = f"{case.subject_type}.{verb}"
    audit.record(actor=actor, verb=done, on=subject, at=at, **parts)


def publish(news: type[Kind], case: Case, **facts: Any) -> None:
    """Tell whoever subscribed, in this transaction."""
    bus.publish(
        news(
            case_id=case.pk,
            route=case.route,
            subject_type=case.subject_type,
            subject_id=case.subject_id,
            **facts,
        )
    )


def stale(case: Case) -> Refused:
    """The refusal for whoever comes second: who was first, and when."""
    last = case.acts.filter(kind__in=_TELLING).order_by("-pk").first()
    did = f"{last.name}已于 {_clock(last.at)} {ActKind(last.kind).label}" if last else "已办结"
    verdict = refuse("already_decided", f"这件已不在您手上，{did}。", "刷新后看新内容。")
    return Refused(verdict.refusals)


def _clock(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.month}月{local.day}日 {local.hour}:{local.minute:02d}"
