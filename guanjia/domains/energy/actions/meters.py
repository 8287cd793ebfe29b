"""Meters as an institution has them: entering them, changing the device, reading one by eye."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.actions import metering, metering_rolls
from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Institution, Meter, MeterChange, MeterDay, MeterNote
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.queries.rolling import span_of
from guanjia.domains.energy.rules import meters as rules
from guanjia.domains.energy.terms.meters import READING_SCALE
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.audit import entering
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

ENTER, READ = "energy.meter.enter", "energy.meter.read"

Rows = Sequence[Mapping[str, Any]]
# What decides how readings are counted, and from when.
_COUNTS = ("energy", "multiplier", "digits", "most_per_hour", "installed_at", "installed_reading")


@transaction.atomic
def enter_meters(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Meters as a ledger states them, told apart by ``number``; see ``models.Meter`` for the rest.

    Needs ``energy.meter.enter`` for their institutions, and for those the numbers belonged to.
    What was counted is counted anew where a multiplier, a limit, the beginning or the end is other
    than it was. Returns created, changed, unchanged.
    """
    numbers = {row["number"] for row in rows}
    there = set(Meter.objects.filter(number__in=numbers).values_list("institution", flat=True))
    must_hold(actor, ENTER, {row["institution"].pk for row in rows} | there)
    entered = entering.enter(
        actor=actor, model=Meter, key="number", rows=rows, verb="energy.meter.entered", at=at
    )
    _must_begin(entered, at)
    for meter in entered.created:
        metering_rolls.mark(meter.pk, timezone.localdate(meter.installed_at))
    for meter, before in entered.updated:
        days = _to_count_anew(meter, before)
        if days:
            metering_rolls.mark(meter.pk, *days)
    return entered.counts()


@transaction.atomic
def enter_meter(
    *, actor: Actor, institution_id: int, facts: Mapping[str, Any], at: datetime
) -> Meter:
    """登记表计: one meter of an institution, under a number nobody uses yet. ``facts``: as
    ``enter_meters``."""
    actor.must(ENTER)
    number = facts["number"]
    rows: Any = Institution.objects.within(actor.scope(ENTER))
    institution = rows.get(pk=institution_id)
    if Meter.objects.filter(number=number).exists():
        sentence = f"表号 {number} 已经登记，核对表号；要改的在那只表的页面改。"
        refuse("number_taken", "没有登记：", sentence, field="number").enforce()
    enter_meters(actor=actor, rows=[{"institution": institution, **facts}], at=at)
    found: Meter = Meter.objects.get(number=number)
    return found


@transaction.atomic
def amend_meter(*, actor: Actor, meter_id: int, facts: Mapping[str, Any], at: datetime) -> Meter:
    """更正表计; its number stays. ``facts``: as ``enter_meters``."""
    meter: Meter = locked(queries.METERS, actor=actor, verb=ENTER, pk=meter_id)
    if facts["number"] != meter.number:
        sentence = f"表号不能改（{meter.number}）；换了表的登记换表，登记错的停用后另登记一只。"
        refuse("number_stays", "没有保存：", sentence, field="number").enforce()
    enter_meters(actor=actor, rows=[{"institution": meter.institution, **facts}], at=at)
    meter.refresh_from_db()
    return meter


def _must_begin(entered: entering.Entered, at: datetime) -> None:
    """Refuse meters that would count before or after they can; they are locked."""
    oldest = metering.kept_from(timezone.localdate(at))
    updated = [meter.pk for meter, _ in entered.updated]
    changes = MeterChange.objects.filter(meter__in=updated).order_by("-at")
    first: dict[int, datetime] = dict(changes.values_list("meter", "at"))
    told = [(one, True) for one in entered.created]
    told += [(one, "installed_at" in was) for one, was in entered.updated]
    for one, moved in told:
        begins = rules.Begins(
            number=one.number,
            installed_at=timezone.localtime(one.installed_at),
            until=one.until,
            moved=moved,
            first_change=timezone.localtime(first[one.pk]) if one.pk in first else None,
        )
        rules.may_begin(begins, now=at, oldest=oldest).enforce()


def _to_count_anew(meter: Meter, before: Mapping[str, Any]) -> set[date]:
    """Where counting anew begins after a change of its facts; nowhere where they count nothing."""
    if not before.keys().isdisjoint(_COUNTS):
        # Where it began, and where it begins now: the readings of either day may be none.
        begun = {meter.installed_at, before.get("installed_at", meter.installed_at)}
        return {timezone.localdate(each) for each in begun}
    ends = {meter.until, before["until"]} - {None} if "until" in before else ()
    return {min(ends)} if ends else set()


@transaction.atomic
def change_meter(
    *,
    actor: Actor,
    meter_id: int,
    changed_at: datetime,
    ended: Decimal,
    began: Decimal,
    multiplier: Decimal,
    digits: int | None,
    note: str = "",
    at: datetime,
) -> MeterChange:
    """换表: what the old device ended with, what the new one began with (and multiplies by). Told
    again of the same moment, it is corrected.

    Needs ``energy.meter.read`` for the institution. Consumption goes on without a gap: what the
    old device counted up to then, and what the new one counts from then.
    """
    meter: Meter = locked(queries.METERS, actor=actor, verb=READ, pk=meter_id)
    there: MeterChange | None = meter.changes.filter(at=changed_at).first()
    later = meter.changes.filter(at__gt=changed_at).order_by("at").first()
    rules.may_change(
        at=timezone.localtime(changed_at),
        life=life(meter, now=at),
        ended=ended,
        known=_before(meter, changed_at),
        later=None if later is None or there is not None else timezone.localtime(later.at),
    ).enforce()
    facts: dict[str, Any] = {
        "at": changed_at, "ended": ended, "began": began, "multiplier": multiplier,
        "digits": digits, "note": note.strip(),
    }  # fmt: skip
    device = there
    if device is None:
        device = MeterChange.objects.create(
            meter=meter, told_by_id=actor.person_id, told_at=at, **facts
        )
        made(device, *facts, actor=actor, verb="energy.meter.changed", at=at, on=meter)
    elif all(getattr(device, name) == value for name, value in facts.items()):
        return device
    else:
        facts |= {"told_by_id": actor.person_id, "told_at": at}
        change(device, facts, actor=actor, verb="energy.meter.changed", at=at, on=meter)
    metering_rolls.mark(meter.pk, timezone.localdate(changed_at))
    return device


@transaction.atomic
def note_readings(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """抄表: ``meter``, ``at``, ``value`` (as the register shows it). Told again, it is corrected.

    Needs ``energy.meter.read`` for the institutions. Returns created, changed, unchanged.
    """
    must_hold(actor, READ, {row["meter"].institution_id for row in rows})
    entered = entering.enter(
        actor=actor, model=MeterNote, key=("meter", "at"), rows=rows,
        verb="energy.meter.read", at=at,
    )  # fmt: skip
    known = {row["meter"].pk: row["meter"] for row in rows}
    first: dict[int, date] = {}
    for note in [*entered.created, *(row for row, _ in entered.updated)]:
        told = timezone.localtime(note.at)
        rules.may_note(at=told, life=life(known[note.meter_id], now=at)).enforce()
        day = told.date()
        first[note.meter_id] = min(day, first.get(note.meter_id, day))
    for meter_id, day in sorted(first.items()):
        metering_rolls.mark(meter_id, day)
    return entered.counts()


@transaction.atomic
def note_reading(
    *, actor: Actor, meter_id: int, read_at: datetime, value: Decimal, at: datetime
) -> MeterNote:
    """抄表: what one meter shows at a moment. See ``note_readings``."""
    meter: Meter = locked(queries.METERS, actor=actor, verb=READ, pk=meter_id)
    row = {"meter": meter, "at": read_at, "value": value}
    note_readings(actor=actor, rows=[row], at=at)
    found: MeterNote = meter.notes.get(at=read_at)
    return found


def life(meter: Meter, *, now: datetime) -> rules.Life:
    """The time of which something may be told of a meter."""
    return rules.Life(
        installed_at=timezone.localtime(meter.installed_at),
        until=meter.until,
        oldest=metering.kept_from(timezone.localdate(now)),
        now=now,
    )


def _before(meter: Meter, moment: datetime) -> rules.Neighbours:
    """The last good reading of the days before a moment's day, and of that day up to it."""
    rows = MeterDay.objects.filter(
        meter=meter.pk,
        day__lte=timezone.localdate(moment) + timedelta(days=1),
        closing_at__lt=moment,
    )
    row = rows.order_by("-day").first()
    if row is None:
        return rules.Neighbours(before_at=None, before=None)
    last = meter.changes.filter(at__lte=row.closing_at).order_by("-at").first()
    return rules.Neighbours(
        before_at=timezone.localtime(row.closing_at),
        before=Decimal(row.closing) / READING_SCALE,
        span=span_of((meter if last is None else last).digits),
    )
