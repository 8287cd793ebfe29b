"""Setting days by hand, when the published calendar is late or a city decides otherwise."""

from datetime import date, datetime

from django.db import transaction

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.calendar import queries
from guanjia.kernel.calendar.models import WorkdayOverride
from guanjia.kernel.calendar.terms import Day, DayKind
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

_FACTS = ("day", "kind", "name", "reason")


@transaction.atomic
def set_day(
    *, actor: Actor, day: date, kind: DayKind, reason: str, at: datetime, name: str = ""
) -> Day:
    """Set the kind of a day (调整工作日历).

    Who holds the verb ``workdays.set``; a reason must be given (else ``Refused``). Writes the
    override and one record with before and after; the same again changes and records nothing.
    """
    actor.must("workdays.set")
    if not reason.strip():
        refuse("reason_missing", "没有调整。", "写明理由，如通知的文号。", field="reason").enforce()
    # Two clerks may set a day that has no row yet.
    advisory.advisory(f"workdays.day.{day.isoformat()}")
    row = WorkdayOverride.objects.filter(day=day).first() or WorkdayOverride(day=day)
    before = audit.facts_of(row, *_FACTS) if row.pk else None
    row.kind, row.name, row.reason = kind.value, name.strip(), reason.strip()
    after = audit.facts_of(row, *_FACTS)
    if before != after:
        row.by, row.set_at = actor.name, at
        row.save()
        audit.record(
            actor=actor, verb="workdays.day.set", on=row, at=at, before=before, after=after
        )
    return queries.day_of(day)


@transaction.atomic
def clear_day(*, actor: Actor, day: date, at: datetime) -> Day:
    """Take an override away, so that the published calendar speaks again (恢复公布的日历).

    Who holds ``workdays.set``. Removes the override and records what it was; a day without
    one stays as it is.
    """
    actor.must("workdays.set")
    row = WorkdayOverride.objects.select_for_update().filter(day=day).first()
    if row is not None:
        audit.record(
            actor=actor,
            verb="workdays.day.cleared",
            on=row,
            at=at,
            before=audit.facts_of(row, *_FACTS),
        )
        row.delete()
    return queries.day_of(day)
