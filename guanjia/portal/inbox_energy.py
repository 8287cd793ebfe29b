"""What energy puts into 待办: filings and assessments to send and to review, doubts to explain,
appeals to answer, alarms to settle, measures of audits that are late."""

from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from guanjia.domains.energy.queries import assessing, auditing, doubts, filings, meters, quotas
from guanjia.domains.energy.terms.assessment import Desk
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.portal import places
from guanjia.portal.inbox import Source, Todo, due_words

_REVIEW, _SEND, _EXPLAIN, _LATE = 2, 4, 4, 4  # beside 待审批 and 已退回


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


def _to_send(actor: Actor, _: datetime) -> Any:
    """Those whose returns one fills in oneself; who oversees many has the page of progress."""
    scope = actor.scope(filings.FILL)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return filings.to_send(scope)


def _to_review(actor: Actor, _: datetime) -> Any:
    if actor.can(filings.ACCEPT):
        return filings.at_city(actor.scope(filings.ACCEPT))
    return filings.at_county(actor.scope(filings.REVIEW)) if actor.can(filings.REVIEW) else None


def _to_explain(actor: Actor, _: datetime) -> Any:
    scope = actor.scope(doubts.EXPLAIN)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return doubts.waiting(scope)


def _filing(row: Any, at: datetime, *, kind: str, verb: str, rank: int) -> Todo:
    today = timezone.localdate(at)
    late = row.due_on < today
    return Todo(
        kind=kind,
        tone="stop" if late or row.state == "SENT_BACK" else "wait",
        icon="bolt",
        title=f"{row.institution} {filings.period_of(row)}能耗报表",
        detail=f"退回：{row.reason[:40]}" if row.state == "SENT_BACK" else row.get_state_display(),
        due=due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=places.maybe("energy:filing", row.pk),
        verb=verb,
        rank=rank,
        due_at=_noon(row.due_on),
    )


def _show_send(row: Any, _: Actor, at: datetime) -> Todo:
    return _filing(row, at, kind="能耗报表待报送", verb="报送", rank=_SEND)


def _show_review(row: Any, _: Actor, at: datetime) -> Todo:
    return _filing(row, at, kind="能耗报表待审核", verb="审核", rank=_REVIEW)


def _show_explain(row: Any, _: Actor, __: datetime) -> Todo:
    month = row.month_return.month
    return Todo(
        kind="月报疑点待说明",
        tone="wait",
        icon="alert-circle",
        title=f"{row.month_return.institution} {month.year}年{month.month}月",
        detail=row.sentence,
        due="",
        url=places.maybe("energy:doubt", row.pk),
        verb="说明",
        rank=_EXPLAIN,
        due_at=row.raised_at,
    )


def _to_score(actor: Actor, _: datetime) -> Any:
    """Those one scores oneself; who oversees many has the list."""
    scope = actor.scope(assessing.FILL)
    if not scope.person_id or actor.can(assessing.REVIEW):
        return None
    return assessing.waiting(scope, Desk.SELF)


def _to_assess(actor: Actor, _: datetime) -> Any:
    if actor.can(assessing.DECIDE):
        return assessing.waiting(actor.scope(assessing.DECIDE), Desk.CITY)
    if actor.can(assessing.REVIEW):
        return assessing.waiting(actor.scope(assessing.REVIEW), Desk.COUNTY)
    return None


def _to_answer(actor: Actor, _: datetime) -> Any:
    if not actor.can(assessing.DECIDE):
        return None
    return assessing.appeals_waiting(actor.scope(assessing.DECIDE))


def _assessment(row: Any, at: datetime, *, kind: str, verb: str, rank: int) -> Todo:
    today, due = timezone.localdate(at), row.scheme.self_until
    own = row.desk == Desk.SELF
    late = own and due is not None and due < today
    back = own and row.back_why
    return Todo(
        kind=kind,
        tone="stop" if late or back else "wait",
        icon="clipboard-check",
        title=f"{row.institution} {row.scheme}",
        detail=f"退回：{row.back_why[:40]}" if back else row.get_desk_display(),
        due=due_words(due, today=today) if own and due is not None else "",
        due_tone="stop" if late else "",
        url=places.maybe("energy:assessment", row.pk),
        verb=verb,
        rank=rank,
        due_at=_noon(due) if due is not None else at,
    )


def _show_score(row: Any, _: Actor, at: datetime) -> Todo:
    return _assessment(row, at, kind="考核待自评", verb="自评", rank=_SEND)


def _show_assess(row: Any, _: Actor, at: datetime) -> Todo:
    return _assessment(row, at, kind="考核待评审", verb="评审", rank=_REVIEW)


def _show_answer(row: Any, _: Actor, __: datetime) -> Todo:
    return Todo(
        kind="考核申诉待复核",
        tone="wait",
        icon="clipboard-check",
        title=f"{row.score.assessment.institution} {row.score.indicator}",
        detail=row.words,
        due="",
        url=places.maybe("energy:appeal", row.pk),
        verb="复核",
        rank=_REVIEW,
        due_at=row.asked_at,
    )


def _to_settle(actor: Actor, _: datetime) -> Any:
    """The alarms of meters of one's own institutions; who oversees many has the list."""
    scope = actor.scope(meters.SETTLE)
    if not scope.person_id or actor.can(filings.REVIEW):
        return None
    return meters.waiting(scope)


def _show_settle(row: Any, _: Actor, __: datetime) -> Todo:
    return Todo(
        kind="表计报警待处理",
        tone="wait",
        icon="bell",
        title=f"{row.meter.institution} {row.get_kind_display()}",
        detail=row.sentence,
        due="",
        url=places.maybe("energy:alarm", row.pk),
        verb="处理",
        rank=_EXPLAIN,
        due_at=row.raised_at,
    )


def _late_measures(actor: Actor, at: datetime) -> Any:
    """Measures of audits that should have been done."""
    if not actor.can(auditing.KEEP):
        return None
    return auditing.late(actor.scope(auditing.KEEP), timezone.localdate(at))


def _show_late(row: Any, _: Actor, at: datetime) -> Todo:
    audit = row.finding.audit
    return Todo(
        kind="整改措施已逾期",
        tone="stop",
        icon="alert-octagon",
        title=f"{audit.institution} {row.title}",
        detail=row.finding.words[:40],
        due=due_words(row.due_on, today=timezone.localdate(at)),
        due_tone="stop",
        url=places.maybe("energy:audit", audit.pk),
        verb="办理",
        rank=_LATE,
        due_at=_noon(row.due_on),
    )


def _owed_words(actor: Actor, _: datetime) -> Any:
    scope = actor.scope(quotas.EXPLAIN)
    return None if not scope.person_id or actor.can(quotas.DECIDE) else quotas.owed(scope)


def _told_words(actor: Actor, _: datetime) -> Any:
    return quotas.told(actor.scope(quotas.DECIDE)) if actor.can(quotas.DECIDE) else None


def _show_quota(row: Any, _: Actor, at: datetime) -> Todo:
    today, told = timezone.localdate(at), row.state == "TOLD"
    late = not told and row.due_on < today
    return Todo(
        kind="超定额说明待核" if told else "超定额待说明",
        tone="stop" if late or row.state == "BACK" else "wait",
        icon="scale",
        title=f"{row.institution} {row.year}年{row.get_measure_display()}超定额",
        detail=f"退回：{row.answer[:40]}" if row.state == "BACK" else row.words[:40],
        due="" if told else due_words(row.due_on, today=today),
        due_tone="stop" if late else "",
        url=places.maybe("energy:quota_case", row.pk),
        verb="核说明" if told else "说明",
        rank=_REVIEW if told else _EXPLAIN,
        due_at=row.told_at if told else _noon(row.due_on),
    )


ENERGY = (
    Source(key="energy_send", kind="能耗报表待报送", rows=_to_send, show=_show_send),
    Source(key="energy_review", kind="能耗报表待审核", rows=_to_review, show=_show_review),
    Source(key="energy_explain", kind="月报疑点待说明", rows=_to_explain, show=_show_explain),
    Source(key="energy_score", kind="考核待自评", rows=_to_score, show=_show_score),
    Source(key="energy_assess", kind="考核待评审", rows=_to_assess, show=_show_assess),
    Source(key="energy_answer", kind="考核申诉待复核", rows=_to_answer, show=_show_answer),
    Source(key="energy_alarms", kind="表计报警待处理", rows=_to_settle, show=_show_settle),
    Source(key="energy_measure", kind="整改措施已逾期", rows=_late_measures, show=_show_late),
    Source(key="energy_quota", kind="超定额待说明", rows=_owed_words, show=_show_quota),
    Source(key="energy_quota_told", kind="超定额说明待核", rows=_told_words, show=_show_quota),
)
