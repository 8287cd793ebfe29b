"""大中修台账: repairs as they were asked for, planned, built and settled; old ones from Excel."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.actions import works_ledger
from guanjia.domains.space.models import Building, Compound, Works
from guanjia.domains.space.queries import buildings
from guanjia.domains.space.queries import works as reading
from guanjia.domains.space.registers.disposals import sum_yuan, yuan
from guanjia.domains.space.terms.works import WorksKind, WorksPart, WorksState
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

_MOST = 10_000_000_000


def _buildings(rows: Sequence[ImportRow]) -> dict[tuple[str, str], Building]:
    found = Building.objects.select_related("compound").filter(
        name__in={row.values["building"] for row in rows}
    )
    return {(one.compound.name, one.name): one for one in found}


def _place(row: ImportRow) -> tuple[str, str]:
    return row.values["compound"], row.values["building"]


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Buildings that are not there, and days that cannot be."""
    places, today = _buildings(rows), timezone.localdate()
    here = Works.objects.filter(asked_at__isnull=False, building__in=list(places.values()))
    asked = set(here.values_list("building", "title", "accepted_on"))
    faults = [fault for row in rows for fault in _faults(row, places, asked, today)]
    return Checked(errors=faults)


def _faults(
    row: ImportRow,
    places: Mapping[tuple[str, str], Building],
    asked: Collection[tuple[int, str, date | None]],
    today: date,
) -> Iterator[Fault]:
    told = row.values
    building = places.get(_place(row))
    if building is None:
        sentence = f"{told['compound']}没有这栋楼，先导入楼栋台账"
        yield WORKS.fault(row, "building", "building_unknown", sentence)
        return
    accepted, settled = told["accepted_on"], told["settled_on"]
    if (building.pk, told["title"], accepted) in asked:
        return  # done here: the sheet does not change it
    if accepted is None:
        yield WORKS.fault(row, "accepted_on", "required", "台账只登记已验收的，补填验收日期")
        return
    if accepted > today:
        yield WORKS.fault(row, "accepted_on", "in_the_future", "验收日期还没有到")
    if settled is not None and not accepted <= settled <= today:
        yield WORKS.fault(row, "settled_on", "out_of_order", "决算日期应在验收以后，不晚于今天")
    if (settled is None) != (told["final"] is None):
        yield WORKS.fault(row, "final", "unsettled", "决算金额和决算日期要一起填")


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    places = _buildings(rows)
    facts = [
        {
            **row.values,
            "building": places[_place(row)],
            "final_fen": None if row.values["final"] is None else int(row.values["final"] * 100),
        }
        for row in rows
    ]
    return Written.of(works_ledger.enter_works(actor=actor, rows=facts, at=at))


def _is(*states: WorksState) -> Any:
    return lambda _: Q(state__in=states)


def _late(at: datetime) -> Q:
    return reading.late_rows(timezone.localdate(at))


WORKS = Register(
    key="space.works",
    title="办公用房大中修台账",
    noun="项",
    key_column="title",
    key_with=("compound", "building", "accepted_on"),
    columns=[
        of(Works.number, imported=False, link="space:works_one"),
        of(Works.state, imported=False, widget="ui/register/state.html"),
        of(
            Compound.name,
            name="compound",
            path="building.compound.name",
            sort="building__compound__position",
            fold=1,
            example="市委大院",
            unique=False,
        ),
        of(
            Building.name,
            name="building",
            path="building.name",
            sort="building__position",
            widget="space/cells/works_building.html",
            example="1号楼",
        ),
        of(Works.title, unique=True, example="屋面防水维修"),
        of(Works.kind),
        of(Works.part),
        Column(
            name="unit_name",
            title="申请单位",
            path="unit.shown",
            imported=False,
            sort="unit__position",
            fold=1,
        ),
        Column(
            name="plan_year",
            title="计划年度",
            value=lambda row: row.plan_year or "",
            imported=False,
            sort="plan_year",
        ),
        Column(
            name="budget",
            title="预算(元)",
            heading="预算",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("budget_fen"),
            imported=False,
            sort="budget_fen",
            total="budget",
        ),
        of(Works.funds, imported=False, fold=2),
        of(Works.contractor, fold=1, sort=""),
        of(Works.started_on, imported=False, fold=2),
        of(Works.accepted_on, example="2015-10-20"),
        of(Works.settled_on, fold=1),
        Column(
            name="final",
            title="决算(元)",
            heading="决算",
            unit="元",
            kind=Kind.DECIMAL,
            above=0,
            maximum=_MOST,
            value=yuan("final_fen"),
            sort="final_fen",
            total="final",
            example="86500.00",
        ),
        of(Works.over_note, imported=False, fold=2, sort=""),
    ],
    rows=reading.works,
    see=reading.SEE,
    take=reading.KEEP,
    filters=[
        Filter(name="state", title="状态", kind="choice", path="state", choices=WorksState),
        Filter(name="kind", title="类别", kind="choice", path="kind", choices=WorksKind),
        Filter(name="part", title="部位", kind="choice", path="part", choices=WorksPart),
        Filter(
            name="building",
            title="楼栋",
            kind="pick",
            path="building",
            options=buildings.buildings,
        ),
        Filter(
            name="words",
            title="项目、编号、施工单位",
            kind="text",
            path="title,number,contractor,building__name",
        ),
        Filter(name="accepted", title="验收日期", kind="dates", path="accepted_on", more=True),
        Filter(name="unit", title="申请单位", kind="unit", path="unit", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="asked", title="待列入计划", condition=_is(WorksState.ASKED)),
        View(
            key="under_way",
            title="进行中",
            condition=_is(WorksState.PLANNED, WorksState.BUILDING),
        ),
        View(key="accepted", title="待决算", condition=_is(WorksState.ACCEPTED)),
        View(key="late", title="决算逾期", condition=_late),
    ],
    totals={"budget": sum_yuan("budget_fen"), "final": sum_yuan("final_fen")},
    order=("-pk",),
    order_name="number",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=455,
    url="space:works_list",
    create_url="space:works_new",
    create_label="申请大中修",
    create_verb="space.works.request",
)
