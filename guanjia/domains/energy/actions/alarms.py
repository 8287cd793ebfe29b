"""Alarms of meters: raised at night from what was counted, settled by people in words."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.events import MetersAlarmed
from guanjia.domains.energy.models import Meter, MeterAlarm, MeterDay
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.rules import meter_alarms
from guanjia.domains.energy.rules.meter_alarms import Alarm, DayOf, Earlier, Limits
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import ALARM_LIFE, AlarmKind, AlarmState, Settling
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.events import bus
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings.declaration import FindingKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.actor import Actor

SETTLE = queries.SETTLE
ALARMS = FindingKind(
    subject=queries.ALARMS, stem="energy.alarm", explains=SETTLE, decides=SETTLE,
    owed=(AlarmState.OPEN,), explained=AlarmState.EXPLAINED, back=None, final=True,
    order=Citation(title=ALARM_LIFE.rule, own=True), files=None,
    unit=lambda row: row.meter.institution.unit, said="处理说明",
    steps={"explained": "settled", "closed": "settled"},
    about=lambda row: {"sentence": row.sentence},
)  # fmt: skip
_AT_ONCE = 200  # meters


def look_over(*, actor: Actor, day: date, at: datetime) -> list[MeterAlarm]:
    """Judge a day of every meter in use (``day``: yesterday); returns the alarms that are new.

    An alarm that waits is told what was found last; one that was explained is quiet for a while.
    A meter that sends again is no longer silent.
    """
    found: list[MeterAlarm] = []
    for ids in _portions():
        found += _look_at(actor, ids, day, at)
    return found


def _portions() -> Iterator[list[int]]:
    """Meters some at a time, all those of an institution together: it is told once a night."""
    rows = Meter.objects.order_by("institution", "pk").values_list("institution", "pk")
    portion: list[int] = []
    for _, of_one in groupby(rows, key=lambda row: row[0]):
        portion += [pk for _, pk in of_one]
        if len(portion) >= _AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


@transaction.atomic
def _look_at(actor: Actor, ids: Collection[int], day: date, at: datetime) -> list[MeterAlarm]:
    meters = [
        meter
        for meter in Meter.objects.filter(pk__in=list(ids)).select_related("institution__area")
        if meter.until is None or meter.until >= day
    ]
    days = _days(meters, day)
    open_, settled = _known(meters)
    made: list[MeterAlarm] = []
    seen_again: list[MeterAlarm] = []
    for meter in meters:
        limits = Limits.of(law_at(day), Energy(meter.energy))
        for alarm in _found(meter, days.get(meter.pk, ()), limits, day=day, at=at):
            what = (meter.pk, alarm.kind)
            waits = open_.pop(what, None)
            if waits is not None:
                waits.last_day, waits.sentence = max(day, waits.last_day), alarm.sentence
                seen_again.append(waits)
            elif meter_alarms.raises(day, settled.get(what), limits):
                made.append(
                    MeterAlarm(
                        meter=meter, kind=alarm.kind, day=day, last_day=day, raised_at=at,
                        sentence=alarm.sentence, state=AlarmState.OPEN,
                    )
                )  # fmt: skip
    # What is seen of one that waits is no act: who settles it is told what was found last.
    MeterAlarm.objects.bulk_update(seen_again, ["last_day", "sentence"])
    MeterAlarm.objects.bulk_create(made)
    _heard_again(actor, [one for (_, kind), one in open_.items() if kind is AlarmKind.SILENT], at)
    audit.record_many(
        audit.entry(
            actor=actor, verb="energy.alarm.raised", on=one, at=at,
            after={"kind": one.kind, "day": one.day, "sentence": one.sentence},
        )
        for one in made
    )  # fmt: skip
    if made:
        bus.publish(MetersAlarmed(alarm_ids=tuple(one.pk for one in made), at=at))
    return made


def _found(
    meter: Meter, days: Sequence[DayOf], limits: Limits, *, day: date, at: datetime
) -> Iterable[Alarm]:
    if days and days[-1].day == day:
        yield from meter_alarms.judge(Energy(meter.energy), days, limits)
    heard = None if meter.heard_at is None else timezone.localtime(meter.heard_at)
    alarm = meter_alarms.silent(heard, at, limits)
    if alarm is not None:
        yield alarm


def _days(meters: Sequence[Meter], day: date) -> dict[int, list[DayOf]]:
    """The days up to one that are looked at, by meter, in order."""
    usual = law_at(day)["energy.meter.usual_days"].value
    rows = MeterDay.objects.filter(
        meter__in=[meter.pk for meter in meters],
        day__gte=day - timedelta(days=int(usual["WITHIN"])), day__lte=day,
    )  # fmt: skip
    found: dict[int, list[DayOf]] = {}
    for row in rows.order_by("meter", "day"):
        found.setdefault(row.meter, []).append(
            DayOf(day=row.day, hours=row.hours, backwards=row.backwards, jumped=row.jumped)
        )
    return found


What = tuple[int, AlarmKind]


def _known(meters: Sequence[Meter]) -> tuple[dict[What, MeterAlarm], dict[What, Earlier]]:
    """The alarms that wait, and how the last one of each kind was settled."""
    rows = MeterAlarm.objects.select_for_update(of=("self",)).filter(meter__in=meters)
    open_: dict[What, MeterAlarm] = {}
    settled: dict[What, Earlier] = {}
    for row in rows.select_related("meter__institution__area").order_by("pk"):
        what = (row.meter_id, AlarmKind(row.kind))
        if row.state == AlarmState.OPEN:
            open_[what] = row
        elif row.explained_at is not None:
            on = timezone.localdate(row.explained_at)
            settled[what] = Earlier(state=AlarmState(row.state), settled_on=on)
    return open_, settled


def _heard_again(actor: Actor, alarms: Sequence[MeterAlarm], at: datetime) -> None:
    for alarm in alarms:
        findings.settle(
            ALARMS, actor=actor, row=alarm, state=AlarmState.CLOSED,
            explanation="恢复上传，自动解除", at=at,
        )  # fmt: skip


@transaction.atomic
def settle(
    *, actor: Actor, alarm_id: int, how: Settling, explanation: str, at: datetime
) -> MeterAlarm:
    """Say why it is as it is (EXPLAINED), or what was done about it (CLOSED).

    Needs ``energy.alarm.settle`` for its institution.
    """
    if how is Settling.EXPLAINED:
        told: MeterAlarm = findings.explain(
            ALARMS, actor=actor, pk=alarm_id, explanation=explanation, at=at
        )
        return told
    row: MeterAlarm = findings.held(
        ALARMS, actor=actor, pk=alarm_id, act="登记处理", when=(AlarmState.OPEN,)
    )
    findings.settle(
        ALARMS, actor=actor, row=row, state=AlarmState.CLOSED, explanation=explanation, at=at
    )
    return row
