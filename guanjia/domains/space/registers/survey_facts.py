"""统计报表的明细: the rooms and buildings behind the figures of published reports."""

from typing import Any

from django.db.models import Count, Q, Sum

from guanjia.domains.space.models import SurveyBuilding
from guanjia.domains.space.queries import survey_reports as reports
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.registers.surveys import survey_filter
from guanjia.domains.space.terms.ledger import BuildingState, RoomKind, RoomState, TitleState
from guanjia.domains.space.terms.surveys import FactSource
from guanjia.kernel.registers.declaration import Column, Filter, Kind, Register, View


def _of_building(rows: Any, value: str) -> Any:
    """The rooms of a building of the ledger, by its name at the time."""
    told = SurveyBuilding.objects.filter(building=int(value))
    found = told.values_list("compound", "name").distinct()
    wanted = Q(pk__in=[])
    for compound, name in found:
        wanted |= Q(compound=compound, building=name)
    return rows.filter(wanted)


FACTS = Register(
    key="space.survey_facts",
    title="统计报表房间",
    noun="间",
    key_column="number",
    key_with=("survey", "compound", "building"),
    columns=[
        Column(name="compound", title="院落", fold=1, sort="compound"),
        Column(name="building", title="楼栋", sort="building"),
        Column(name="floor", title="楼层", kind=Kind.INTEGER, sort="floor"),
        Column(name="number", title="房间号", required=True, unique=True, sort="number"),
        Column(name="kind", title="房间类别", kind=Kind.CHOICE, choices=RoomKind, sort="kind"),
        Column(name="usable_m2", title="使用面积(㎡)", heading="使用面积", unit="㎡",
               kind=Kind.DECIMAL, sort="usable_m2", total="usable_m2"),
        Column(name="unit_name", title="使用单位", path="unit.shown", sort="unit__position"),
        Column(name="people_names", title="使用人", max_length=2000),
        Column(name="state", title="状态", kind=Kind.CHOICE, choices=RoomState, sort="state"),
        Column(name="source", title="来源", kind=Kind.CHOICE, choices=FactSource, sort="source"),
        Column(name="survey", title="统计摸底", path="survey.title", fold=1),
    ],
    rows=reports.facts,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        survey_filter("survey"),
        # Exactly one: a report counts the units below a unit by themselves.
        Filter(name="unit", title="使用单位", kind="pick", path="unit",
               options=reports.unit_choices),
        Filter(name="place", title="楼栋", kind="pick", options=reports.building_choices,
               apply=_of_building),
        Filter(name="kind", title="类别", kind="choice", choices=RoomKind, path="kind"),
        Filter(name="state", title="状态", kind="choice", choices=RoomState, path="state"),
        Filter(name="words", title="房间号、使用人", kind="text", path="number,people_names",
               more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="vacant", title="空置", condition=lambda _: Q(state=RoomState.VACANT)),
        View(key="unheld", title="没有使用单位", condition=lambda _: Q(unit__isnull=True)),
        View(key="others", title="没有参加填报的单位", condition=lambda _: reports.others(),
             count=False),
    ],
    totals={"rooms": Count("pk"), "usable_m2": Sum("usable_m2")},
    order=("-survey__as_of", "pk"),
    place=934,
    url="space:survey_facts_list",
)  # fmt: skip

BUILDINGS = Register(
    key="space.survey_buildings",
    title="统计报表楼栋",
    noun="栋",
    key_column="name",
    key_with=("survey", "compound"),
    columns=[
        Column(name="compound", title="院落", sort="compound"),
        Column(name="name", title="楼栋", required=True, unique=True, sort="name"),
        Column(name="gross_m2", title="建筑面积(㎡)", heading="建筑面积", unit="㎡",
               kind=Kind.DECIMAL, sort="gross_m2", total="gross_m2"),
        Column(name="state", title="楼栋状态", kind=Kind.CHOICE, choices=BuildingState,
               sort="state"),
        Column(name="title_state", title="权属状态", kind=Kind.CHOICE, choices=TitleState,
               sort="title_state"),
        Column(name="title_no", title="权属证号"),
        Column(name="survey", title="统计摸底", path="survey.title", fold=1),
    ],
    rows=reports.buildings,
    see=queries.SEE,
    take=queries.PLAN,
    filters=[
        survey_filter("survey"),
        Filter(name="title", title="权属状态", kind="choice", choices=TitleState,
               path="title_state"),
        Filter(name="words", title="楼栋、证号", kind="text", path="name,title_no"),
    ],
    views=[View(key="all", title="全部", count=False)],
    totals={"buildings": Count("pk"), "gross_m2": Sum("gross_m2")},
    order=("-survey__as_of", "position", "pk"),
    place=935,
    url="space:survey_buildings_list",
)  # fmt: skip
