"""表计登记, 抄表登记, 表计报警: declared once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from guanjia.domains.energy.actions import metering
from guanjia.domains.energy.actions import meters as actions
from guanjia.domains.energy.models import Institution, Meter, MeterAlarm, MeterNote
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.registers.works import AREA, area_of, facts_of, unfit
from guanjia.domains.energy.rules import meters as rules
from guanjia.domains.energy.rules.meter_messages import NUMBER
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import (
    READING_MAX,
    AlarmKind,
    AlarmState,
    MeterRole,
)
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.codes import credit_code_fault

MULTIPLIER_MAX, HOUR_MAX = 999_999, 999_999_999
DIGITS_MIN, DIGITS_MAX = 3, 12
PLACES = 3


def number_fault(value: str) -> str | None:
    """What is wrong with a 表号; ``None`` for one that is one."""
    return None if NUMBER.fullmatch(value) else "表号写字母、数字、点、横线，最多 40 个字"


def _faults(register: Register, row: ImportRow, verdict: Verdict) -> list[Fault]:
    """What a rule refuses about a row, in its cells."""
    return [
        register.fault(row, one.field, one.code, one.sentence.rstrip("。"))
        for one in verdict.refusals
    ]


# ── 表计 ─────────────────────────────────────────────────────────────────────────────────


def _check_meters(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    errors = unfit(METERS, rows, actor, actions.ENTER)
    known = queries.by_number([row.values["number"] for row in rows])
    others = queries.outside(actor.scope(actions.ENTER), {one.pk for one in known.values()})
    now = timezone.now()
    oldest = metering.kept_from(timezone.localdate(now))
    for row in rows:
        told = row.values
        there = known.get(told["number"])
        if there is not None and there.pk in others:
            sentence = "这个表号已登记在别的机构，核对表号"
            errors.append(METERS.fault(row, "number", "number_taken", sentence))
        begins = rules.Begins(
            number=told["number"],
            installed_at=timezone.localtime(told["installed_at"]),
            until=told["until"],
            moved=there is None or there.installed_at != told["installed_at"],
        )
        errors += _faults(METERS, row, rules.may_begin(begins, now=now, oldest=oldest))
    return Checked(errors=errors)


def _write_meters(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = facts_of(
        rows,
        METERS,
        "number",
        "energy",
        "role",
        "place",
        "multiplier",
        "digits",
        "most_per_hour",
        "installed_at",
        "installed_reading",
        "until",
    )
    return Written.of(actions.enter_meters(actor=actor, rows=facts, at=at))


def _in_use(at: datetime) -> Q:
    return Q(until=None) | Q(until__gte=timezone.localdate(at))


def _alarmed(_: datetime) -> Q:
    return Q(waiting__gt=0)


def _gone(at: datetime) -> Q:
    return Q(until__lt=timezone.localdate(at))


METERS = Register(
    key="energy.meters",
    title="表计登记",
    noun="只",
    key_column="number",
    columns=[
        of(
            Meter.number,
            unique=True,
            check=number_fault,
            check_code="number_invalid",
            link="energy:meter",
            duplicate_code="number_duplicate",
            example="DB-3602-0017",
        ),
        of(
            Institution.code,
            heading="信用代码",
            path="institution.code",
            check=credit_code_fault,
            check_code="code_invalid",
            fold=2,
            example="12360200MB8463675X",
            sort="",
        ),
        of(
            Institution.name,
            path="institution.name",
            widget="energy/cells/name.html",
            sort="institution__name",
            example="市图书馆",
            required=False,
        ),
        of(Meter.energy),
        of(Meter.role),
        of(Meter.place, fold=1, example="一楼配电房", sort=""),
        of(Meter.multiplier, above=0, maximum=MULTIPLIER_MAX, shown=0, example="80"),
        of(Meter.digits, minimum=DIGITS_MIN, maximum=DIGITS_MAX, fold=2, example="6", sort=""),
        of(Meter.most_per_hour, above=0, maximum=HOUR_MAX, fold=2, example="400", sort=""),
        of(Meter.installed_at, fold=1),
        of(
            Meter.installed_reading,
            minimum=0,
            maximum=int(READING_MAX),
            fold=2,
            example="0",
            sort="",
        ),
        of(Meter.until, fold=1),
        of(Meter.heard, shown=1, imported=False, sort=""),
        of(Meter.heard_at, imported=False),
        Column(
            name="waiting",
            title="报警",
            kind=Kind.INTEGER,
            sort="waiting",
            imported=False,
            widget="energy/cells/waiting.html",
        ),
    ],
    rows=queries.listed,
    see=queries.SEE,
    take=actions.ENTER,
    filters=[
        Filter(name="energy", title="品种", kind="choice", choices=Energy, path="energy"),
        Filter(name="role", title="用途", kind="choice", choices=MeterRole, path="role"),
        AREA,
        Filter(
            name="words",
            title="表号、机构、位置",
            kind="text",
            path="number,place,institution__name,institution__code",
        ),
        Filter(name="heard", title="最近上传", kind="dates", path="heard_at", more=True),
    ],
    views=[
        View(key="use", title="在用", condition=_in_use),
        View(key="alarm", title="有报警", condition=_alarmed),
        View(key="gone", title="已停用", condition=_gone),
        View(key="all", title="全部"),
    ],
    totals={"meters": Count("pk")},
    order=("institution__position", "energy", "number"),
    order_name="number",
    check_rows=_check_meters,
    write_rows=_write_meters,
    place=650,
    url="energy:meters_list",
)

# ── 抄表 ─────────────────────────────────────────────────────────────────────────────────


def _check_notes(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    others = queries.outside(actor.scope(actions.READ), {row.values["number"].pk for row in rows})
    there = queries.noted({(row.values["number"].pk, row.values["at"]) for row in rows})
    now = timezone.now()
    errors: list[Fault] = []
    for row in rows:
        meter, at = row.values["number"], row.values["at"]
        if there.get((meter.pk, at)) != row.values["value"]:
            told = timezone.localtime(at)
            verdict = rules.may_note(at=told, life=actions.life(meter, now=now))
            errors += _faults(NOTES, row, verdict)
        if meter.pk in others:
            sentence = "这只表不在您的管理范围内，删去这一行"
            errors.append(NOTES.fault(row, "number", "outside", sentence))
    return Checked(errors=errors)


def _write_notes(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    facts = [
        {"meter": row.values["number"], "at": row.values["at"], "value": row.values["value"]}
        for row in rows
    ]
    return Written.of(actions.note_readings(actor=actor, rows=facts, at=at))


_OF_AREA = area_of("meter__institution__area")
_OF_METER = Filter(
    name="words",
    title="表号、机构",
    kind="text",
    path="meter__number,meter__institution__name,meter__institution__code",
)
_ENERGY = Filter(name="energy", title="品种", kind="choice", choices=Energy, path="meter__energy")

NOTES = Register(
    key="energy.meter_notes",
    title="抄表登记",
    noun="次",
    key_column="number",
    key_with=("at",),
    columns=[
        Column(
            name="number",
            title="表号",
            kind=Kind.REFERENCE,
            reference=queries.by_number,
            missing="没有登记表号“{value}”，先登记表计",
            missing_code="meter_unknown",
            required=True,
            unique=True,
            duplicate_code="note_duplicate",
            value=lambda row: row.meter.number,
            sort="meter__number",
            link="energy:meter_note",
            example="DB-3602-0017",
        ),
        of(
            Institution.name,
            path="meter.institution.name",
            widget="energy/cells/name.html",
            imported=False,
            sort="meter__institution__name",
        ),
        of(Meter.energy, path="meter.energy", imported=False, sort="meter__energy"),
        of(MeterNote.at),
        of(MeterNote.value, minimum=0, maximum=int(READING_MAX), shown=1, example="12345.6"),
    ],
    rows=queries.notes,
    see=queries.SEE,
    take=actions.READ,
    filters=[
        _ENERGY,
        _OF_AREA,
        _OF_METER,
        Filter(name="at", title="抄表时间", kind="dates", path="at"),
    ],
    views=[View(key="all", title="全部")],
    totals={"notes": Count("pk")},
    order=("-at", "meter__number"),
    order_name="at",
    order_down=True,
    check_rows=_check_notes,
    write_rows=_write_notes,
    place=660,
    url="energy:meter_notes_list",
)

# ── 报警 ─────────────────────────────────────────────────────────────────────────────────


def _is(*states: AlarmState) -> Any:
    return lambda _: Q(state__in=states)


ALARMS = Register(
    key="energy.meter_alarms",
    title="表计报警",
    noun="条",
    key_column="number",
    key_with=("kind", "day"),
    columns=[
        Column(
            name="number",
            title="表号",
            value=lambda row: row.meter.number,
            sort="meter__number",
            link="energy:alarm",
            imported=False,
            unique=True,
        ),
        of(
            Institution.name,
            path="meter.institution.name",
            widget="energy/cells/name.html",
            imported=False,
            sort="meter__institution__name",
        ),
        of(Meter.energy, path="meter.energy", imported=False, sort="meter__energy"),
        of(MeterAlarm.kind, imported=False),
        of(MeterAlarm.sentence, imported=False, widget="energy/cells/sentence.html", sort=""),
        of(MeterAlarm.day, imported=False),
        of(MeterAlarm.last_day, imported=False),
        of(MeterAlarm.state, widget="ui/register/state.html", imported=False),
        of(MeterAlarm.explanation, fold=2, imported=False, sort=""),
    ],
    rows=queries.alarms,
    see=queries.SEE,
    take=queries.SETTLE,
    filters=[
        Filter(name="kind", title="报警", kind="choice", choices=AlarmKind, path="kind"),
        _ENERGY,
        _OF_AREA,
        _OF_METER,
        Filter(name="day", title="首日", kind="dates", path="day"),
    ],
    views=[
        View(key="open", title="待处理", condition=_is(AlarmState.OPEN)),
        View(key="settled", title="已处理", condition=_is(AlarmState.EXPLAINED, AlarmState.CLOSED)),
        View(key="all", title="全部"),
    ],
    totals={"alarms": Count("pk")},
    order=("-last_day", "-pk"),
    order_name="last_day",
    order_down=True,
    url="energy:meter_alarms_list",
)
