"""统计填报房间: the rooms of returns, as a sheet that goes out filled in and comes back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum

from guanjia.domains.space.actions import survey_filling
from guanjia.domains.space.models import SurveyReturn, SurveyRoom
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.registers.surveys import survey_filter
from guanjia.domains.space.rules import ledger
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import Entry, ReturnState, SurveyState
from guanjia.kernel.org import queries as org
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
from guanjia.kernel.values.actor import Actor

# What a unit gets to fill in: everything that comes back, with whom the 工号 mean.
SHEET = (
    "filing,unit_name,compound,building,floor,number,entry,kind,usable_m2,people,people_names,"
    "state,why"
)


def returns_by_number(numbers: Collection[str]) -> Mapping[str, SurveyReturn]:
    """Returns by their number."""
    rows = SurveyReturn.objects.filter(number__in=numbers).select_related("survey", "unit")
    return {filing.number: filing for filing in rows}


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Returns that are not the actor's to fill in, or not open; rooms that cannot be so."""
    wanted = {row.values["filing"].pk: row.values["filing"] for row in rows}
    scope = actor.scope(queries.FILL)
    mine = set(
        SurveyReturn.objects.within(scope).filter(pk__in=wanted).values_list("pk", flat=True)
    )
    known = _closed_rows(wanted)
    errors: list[Fault] = []
    for row in rows:
        filing = row.values["filing"]
        if filing.pk not in mine:
            sentence = "这张填报单不在您的范围内"
            errors.append(ROOMS.fault(row, "filing", "filing_outside", sentence))
            continue
        verdict = rules.may_fill(
            survey=SurveyState(filing.survey.state), state=ReturnState(filing.state)
        )
        if not verdict.allowed and _says_as_before(row, known):
            continue
        if not verdict.allowed:
            sentence = verdict.refusals[0].sentence.rstrip("。")
            errors.append(ROOMS.fault(row, "filing", "filing_closed", sentence))
        errors += _faults(row)
    return Checked(errors=errors)


_Rows = Mapping[tuple[int, str, str, str], SurveyRoom]


def _closed_rows(filings: Collection[int]) -> _Rows:
    """The rooms of those of some returns that are not open any more."""
    rows = SurveyRoom.objects.filter(filing__in=filings)
    rows = rows.exclude(filing__state=ReturnState.FILLING, filing__survey__state=SurveyState.OPEN)
    return {(row.filing_id, row.compound, row.building, row.number): row for row in rows}


def _says_as_before(row: ImportRow, known: _Rows) -> bool:
    """Whether a row of a closed return changes nothing: whole lists go out and come back."""
    told = row.values
    place = (told["filing"].pk, told["compound"], told["building"], told["number"])
    return survey_filling.says_nothing_new(known.get(place), told)


def _faults(row: ImportRow) -> list[Fault]:
    told = row.values
    found = []
    if told["entry"] is not Entry.KEPT and not told["why"]:
        sentence = f"{told['entry'].label}要写原因"
        found.append(ROOMS.fault(row, "why", "why_missing", sentence))
    if told["entry"] is not Entry.STRUCK and told["usable_m2"] is None:
        found.append(ROOMS.fault(row, "usable_m2", "area_missing", "没有填使用面积"))
    if told["state"] is RoomState.VACANT and told["people"]:
        sentence = "空置的房间不填使用人"
        found.append(ROOMS.fault(row, "people", "empty_seated", sentence))
    return found


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    closed = _closed_rows({row.values["filing"].pk for row in rows})
    by_return: dict[int, list[dict[str, Any]]] = defaultdict(list)
    fresh = [row for row in rows if not _says_as_before(row, closed)]
    for row in fresh:
        by_return[row.values["filing"].pk].append(dict(row.values))
    counts = [
        survey_filling.fill_rooms(actor=actor, filing_id=filing_id, rows=told, at=at)
        for filing_id, told in sorted(by_return.items())
    ]
    same = len(rows) - len(fresh)
    return Written(
        created=sum(each[0] for each in counts),
        updated=sum(each[1] for each in counts),
        unchanged=same + sum(each[2] for each in counts),
    )


def _numbers(row: Any) -> tuple[str, ...]:
    """The 工号 of who sits there."""
    return tuple(row.people_numbers.split("、")) if row.people_numbers else ()


ROOMS = Register(
    key="space.survey_rooms",
    title="统计填报房间",
    noun="间",
    key_column="number",
    key_with=("filing", "compound", "building"),
    columns=[
        of(
            SurveyRoom.filing,
            title="填报单编号",
            path="filing.number",
            reference=returns_by_number,
            missing="没有编号 {value} 的填报单",
            missing_code="filing_unknown",
            sort="filing__number",
        ),
        Column(
            name="unit_name",
            title="填报单位",
            path="filing.unit.shown",
            imported=False,
            sort="filing__unit__position",
        ),
        of(SurveyRoom.compound, fold=1, example="市民中心"),
        of(SurveyRoom.building, example="市民中心A座"),
        of(
            SurveyRoom.floor,
            minimum=-20,
            maximum=200,
            check=ledger.floor_fault,
            check_code="floor_unknown",
            example="3",
        ),
        of(SurveyRoom.number, unique=True, example="301"),
        of(SurveyRoom.entry, widget="space/cells/entry.html"),
        of(SurveyRoom.kind),
        of(
            SurveyRoom.usable_m2,
            unit="㎡",
            above=0,
            maximum=100_000,
            total="usable_m2",
            example="21.9",
        ),
        of(
            SurveyRoom.ledger_m2,
            title="台账使用面积",
            heading="",
            unit="㎡",
            imported=False,
            fold=1,
            sort="",
        ),
        Column(
            name="people",
            title="使用人工号",
            kind=Kind.REFERENCE,
            reference=org.people_by_number,
            many=True,
            missing="人员名录中没有 {value}",
            missing_code="person_unknown",
            max_length=2_000,
            value=_numbers,
            fold=2,
            example="D045005、D045006",
        ),
        of(SurveyRoom.people_names, title="使用人", imported=False, sort=""),
        of(SurveyRoom.state),
        of(SurveyRoom.why, example="重新测量", sort=""),
        Column(name="survey", title="统计摸底", path="filing.survey.title", imported=False, fold=2),
    ],
    rows=queries.rooms,
    see=queries.SEE,
    take=queries.FILL,
    filters=[
        survey_filter("filing__survey"),
        Filter(name="unit", title="单位", kind="unit", path="filing__unit"),
        Filter(name="entry", title="填报", kind="choice", choices=Entry, path="entry"),
        Filter(name="kind", title="类别", kind="choice", choices=RoomKind, path="kind"),
        Filter(
            name="words",
            title="填报单、楼栋、房间号",
            kind="text",
            path="filing__number,building,number,people_names",
        ),
    ],
    views=[
        View(key="all", title="全部", count=False),
        View(key="added", title="新增", query={"entry": "ADDED"}),
        View(key="struck", title="核减", query={"entry": "STRUCK"}),
    ],
    totals={"rooms": Count("pk"), "usable_m2": Sum("usable_m2")},
    order=(
        "-filing__survey__as_of",
        "filing__unit__position",
        "position",
        "building",
        "floor",
        "number",
    ),
    check_rows=_check,
    write_rows=_write,
    place=936,
    url="space:survey_rooms_list",
)
