"""办公用房专项巡检记录, and 整改: declared once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from guanjia.domains.space.actions import round_ledgers as actions
from guanjia.domains.space.actions.round_ledgers import Row
from guanjia.domains.space.models import (
    Building,
    Inspection,
    Mark,
    Rectification,
    Room,
    Round,
)
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.rules import rounds as rules
from guanjia.domains.space.terms.rounds import UNDONE, RectState, Result, Told
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.cells import fold_label
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
from guanjia.kernel.values.actor import Actor, Scope

SEE, ENTER, PLAN = "space.round.see", "space.round.enter", "space.round.plan"
# Words that offices use for what was found.
_WORDS = {
    "无": Result.FINE,
    "正常": Result.FINE,
    "合格": Result.FINE,
    "未发现问题": Result.FINE,
    "没有问题": Result.FINE,
    "超标": Result.OVER,
    "超面积": Result.OVER,
    "擅自改变功能": Result.CHANGED,
    "改变功能": Result.CHANGED,
    "空置": Result.VACANT,
    "账实不符": Result.MISMATCH,
    "出租": Result.LET,
    "出借": Result.LET,
    "未公示": Result.UNPUBLISHED,
    "其他": Result.OTHER,
}


def results_by_word(words: Collection[str]) -> Mapping[str, Result]:
    """What a ledger calls a finding, as our own word."""
    known = {fold_label(each.label): each for each in Result}
    known |= {fold_label(word): each for word, each in _WORDS.items()}
    return {word: known[fold_label(word)] for word in words if fold_label(word) in known}


# ── a ledger comes in ────────────────────────────────────────────────────────────────────


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    today = timezone.localdate()
    places = _places(rows)
    ids = {row.values["unit"].pk for row in rows}
    mine = set(
        Unit.objects.within(actor.scope(ENTER)).filter(pk__in=ids).values_list("pk", flat=True)
    )
    errors: list[Fault] = []
    doubts: list[Fault] = []
    sound: dict[int, Row] = {}
    for row in rows:
        found = [*_place(row, places), *_day(row, today)]
        if row.values["unit"].pk not in mine:
            found.append(INSPECTIONS.fault(row, "unit", "outside", "这家单位不在您的范围内"))
        verdict = rules.ledger_row(
            results=row.values["results"], on=row.values["on"], due=row.values["due_on"]
        )
        found += _faults(row, verdict, refused=True)
        errors += found
        if not found:
            doubts += _faults(row, verdict, refused=False)
            sound[row.number] = _row(row.values, places)
    doubts += _beside_known(rows, sound)
    return Checked(errors=errors, doubts=doubts)


def _faults(row: ImportRow, verdict: Verdict, *, refused: bool) -> Iterator[Fault]:
    for finding in verdict.refusals if refused else verdict.warnings:
        yield INSPECTIONS.fault(row, finding.field, finding.code, finding.text().rstrip("。"))


def _day(row: ImportRow, today: date) -> Iterator[Fault]:
    on, looked = row.values["on"], row.values.get("looked_at")
    if on > today:
        yield INSPECTIONS.fault(row, "on", "in_the_future", "检查日期还没有到")
    if looked is not None and timezone.localdate(looked) != on:
        # A telephone whose clock was off tells another day than ours.
        if abs(timezone.localdate(looked) - on) <= timedelta(days=1):
            return
        yield INSPECTIONS.fault(row, "looked_at", "other_day", f"和检查日期 {on:%Y-%m-%d} 不是一天")


def _beside_known(rows: Sequence[ImportRow], sound: Mapping[int, Row]) -> Iterator[Fault]:
    """What a telephone recorded stands; days outside a round that was planned here."""
    known = actions.known_of(sound.values())
    planned = {
        each.title: each
        for each in Round.objects.filter(
            title__in={row.title for row in sound.values()}, from_ledger=False
        )
    }
    for row in rows:
        told = sound.get(row.number)
        if told is None:
            continue
        old = known.get(told.key)
        if old is not None and old.told == Told.PHONE and actions.differs(old, told):
            sentence = "手机巡检的现场记录不改，这一行没有写入"
            yield INSPECTIONS.fault(row, "results", "recorded_on_the_spot", sentence)
        round_ = planned.get(told.title)
        if round_ is not None and not round_.begins_on <= told.on <= round_.ends_on:
            sentence = f"不在巡检日期 {round_.begins_on:%Y-%m-%d} 至 {round_.ends_on:%Y-%m-%d} 内"
            yield INSPECTIONS.fault(row, "on", "outside_the_round", sentence)


Places = Mapping[tuple[str, str], list[Room]]


def _places(rows: Sequence[ImportRow]) -> Places:
    """The rooms that a file names, by building and number, in one statement."""
    wanted = {_named(row.values) for row in rows} - {("", "")}
    found: dict[tuple[str, str], list[Room]] = {}
    rooms = Room.objects.select_related("building").filter(
        building__name__in={name for name, _ in wanted}, number__in={n for _, n in wanted}
    )
    for room in rooms:
        found.setdefault((room.building.name, room.number), []).append(room)
    return found


def _named(values: Mapping[str, Any]) -> tuple[str, str]:
    return values.get("building") or "", values.get("room") or ""


def _place(row: ImportRow, places: Places) -> Iterator[Fault]:
    building, number = _named(row.values)
    if not building and not number:
        return
    if not building or not number:
        column = "room" if building else "building"
        yield INSPECTIONS.fault(row, column, "half_a_room", "楼栋和房间号要一起写")
        return
    there = places.get((building, number), ())
    if not there:
        sentence = f"房间台账中没有{building} {number}"
        yield INSPECTIONS.fault(row, "room", "room_unknown", sentence)
    elif len(there) > 1:
        sentence = f"有 {len(there)} 个院落都有{building} {number}，分不清是哪一间"
        yield INSPECTIONS.fault(row, "room", "room_ambiguous", sentence)


def _row(values: Mapping[str, Any], places: Places) -> Row:
    there = places.get(_named(values), ())
    return Row(
        title=values["title"],
        unit=values["unit"],
        on=values["on"],
        inspector=values["inspector"],
        results=values["results"],
        due_on=values["due_on"],
        room=there[0] if there else None,
        looked_at=values.get("looked_at"),
    )


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    places = _places(rows)
    told = [_row(row.values, places) for row in rows]
    return Written.of(actions.enter_inspections(actor=actor, rows=told, at=at))


# ── the list ─────────────────────────────────────────────────────────────────────────────


def _rows(scope: Scope) -> Any:
    return queries.inspections(scope)


def _of_result(rows: Any, value: Any) -> Any:
    if value == Result.FINE:
        return queries.with_problem(rows, wanted=False)
    marked = Mark.objects.filter(inspection=OuterRef("pk"), item__result=value)
    return rows.filter(Exists(marked))


def _labels(row: Inspection) -> tuple[str, ...]:
    return tuple(each.label for each in row.results)


_FOUND = Exists(Mark.objects.filter(inspection=OuterRef("pk")))
_CALLED_OFF = Exists(
    Rectification.objects.filter(inspection=OuterRef("pk"), state=RectState.CALLED_OFF)
)


def _problem(_: datetime) -> Q:
    """As rounds count them: the latest look at a room."""
    return Q(_FOUND, replaced=False)


def _deducted(at: datetime) -> Q:
    """As the yearly score counts them: without what was called off."""
    return _problem(at) & ~Q(_CALLED_OFF)


def _rounds(scope: Scope) -> list[tuple[int, str]]:
    return [(row.pk, row.title) for row in queries.rounds(scope)[:200]]


INSPECTIONS = Register(
    key="space.inspections",
    title="办公用房专项巡检记录",
    noun="条",
    key_column="title",
    key_with=("unit", "building", "room", "looked_at"),
    columns=[
        of(
            Round.title,
            path="round.title",
            sort="round__begins_on",
            link="space:inspection",
            duplicate_code="inspection_duplicate",
            example="2020年办公用房专项巡检",
        ),
        of(
            Inspection.unit,
            title="单位编码",
            path="unit.code",
            reference=org.units_by_code,
            missing="单位名录中没有 {value}",
            missing_code="unit_unknown",
            sort="unit__position",
            fold=2,
            example="3602D001",
        ),
        Column(
            name="unit_name",
            title="单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
        ),
        of(
            Building.name,
            name="building",
            path="room.building.name",
            optional=True,
            sort="room__building__position",
            required=False,
        ),
        of(
            Room.number,
            name="room",
            path="room.number",
            optional=True,
            sort="room__number",
            required=False,
        ),
        of(Inspection.on_day, name="on", path="on_day"),
        of(Inspection.scanned_at, name="looked_at", path="scanned_at", optional=True, fold=1),
        of(Inspection.inspector_name, name="inspector", path="inspector_name"),
        Column(
            name="results",
            title="检查结果",
            kind=Kind.REFERENCE,
            many=True,
            reference=results_by_word,
            required=True,
            value=_labels,
            missing="检查结果没有“{value}”，写无问题、面积超标、功能改变、空置未报、台账不符等，几项用、隔开",
            missing_code="result_unknown",
            widget="space/cells/results.html",
            example="面积超标、台账不符",
        ),
        of(Inspection.due_on),
        of(Inspection.told, imported=False, fold=2),
        of(Inspection.note, imported=False, fold=2, sort=""),
    ],
    rows=_rows,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="on", title="检查日期", kind="dates", path="on_day"),
        Filter(name="result", title="检查结果", kind="choice", choices=Result, apply=_of_result),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(
            name="words",
            title="巡检、检查人、房间",
            kind="text",
            path="round__title,inspector_name,room__number",
        ),
        Filter(name="round", title="巡检", kind="pick", path="round", options=_rounds, more=True),
        Filter(name="told", title="来源", kind="choice", path="told", choices=Told, more=True),
        Filter(name="due", title="整改期限", kind="dates", path="due_on", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="counted", title="最新记录", condition=lambda _: Q(replaced=False)),
        View(key="problem", title="有问题", condition=_problem),
        View(key="deducted", title="计扣分", condition=_deducted),
        View(key="fine", title="无问题", condition=lambda _: Q(replaced=False) & ~Q(_FOUND)),
        View(key="replaced", title="另有新记录", condition=lambda _: Q(replaced=True)),
    ],
    totals={"records": Count("pk")},
    order=("-on_day", "-pk"),
    order_name="on",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=440,
    url="space:inspections_list",
)


# ── what is put right ────────────────────────────────────────────────────────────────────


def _what(row: Rectification) -> tuple[str, ...]:
    return row.inspection.words


def _late(at: datetime) -> Q:
    return Q(state=RectState.OPEN, due_on__lt=timezone.localdate(at))


RECTIFICATIONS = Register(
    key="space.rectifications",
    title="巡检整改台账",
    noun="件",
    key_column="number",
    columns=[
        of(Rectification.number, imported=False, link="space:rectification"),
        of(Rectification.state, imported=False, widget="ui/register/state.html"),
        Column(
            name="unit_name", title="单位", path="unit.shown", imported=False, sort="unit__position"
        ),
        Column(name="room", title="房间", imported=False, sort="room__number"),
        Column(name="what", title="问题", value=_what, imported=False),
        of(Rectification.due_on, imported=False),
        of(Rectification.explained_at, imported=False, fold=1),
        of(Rectification.closed_at, imported=False, fold=1),
        Column(
            name="round_title",
            title="巡检",
            path="round.title",
            imported=False,
            sort="round__begins_on",
            fold=1,
        ),
    ],
    rows=queries.rectifications,
    see=SEE,
    take=ENTER,
    filters=[
        Filter(name="state", title="状态", kind="choice", path="state", choices=RectState),
        Filter(name="unit", title="单位", kind="unit", path="unit"),
        Filter(name="due", title="整改期限", kind="dates", path="due_on"),
        Filter(
            name="words",
            title="编号、房间、巡检",
            kind="text",
            path="number,room__number,round__title",
        ),
        Filter(name="round", title="巡检", kind="pick", path="round", options=_rounds, more=True),
        Filter(name="found", title="检查日期", kind="dates", path="inspection__on_day", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="undone", title="未办结", condition=lambda _: Q(state__in=UNDONE)),
        View(key="late", title="逾期", condition=_late),
        View(key="open", title="待整改", condition=lambda _: Q(state=RectState.OPEN)),
        View(key="answered", title="待验收", condition=lambda _: Q(state=RectState.ANSWERED)),
        View(key="ended", title="已办结", condition=lambda _: ~Q(state__in=UNDONE)),
        View(
            key="was_late",
            title="曾逾期",
            condition=lambda at: _late(at) | Q(explained_at__date__gt=F("due_on")),
        ),
    ],
    totals={"records": Count("pk")},
    order=("due_on", "pk"),
    order_name="due_on",
    place=445,
    url="space:rectifications_list",
)
