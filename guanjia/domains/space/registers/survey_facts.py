"""统计报表的明细: the rooms and buildings behind the figures of published reports."""

from typing import Any

from django.db.models import Count, Q, Sum

from guanjia.domains.space.models import SurveyBuilding, SurveyFact
from guanjia.domains.space.queries import survey_reports as reports
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.registers.surveys import survey_filter
from guanjia.domains.space.terms.ledger import RoomKind, RoomState, TitleState
from guanjia.kernel.registers.declaration import Column, Filter, Register, View
from guanjia.kernel.registers.fields import of


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
        of(SurveyFact.compound, fold=1, required=False, max_length=200),
        of(SurveyFact.building, required=False, max_length=200),
        of(SurveyFact.floor, required=False),
        of(SurveyFact.number, unique=True, max_length=200),
        of(SurveyFact.kind, required=False),
        of(SurveyFact.usable_m2, unit="㎡", total="usable_m2", required=False),
        Column(name="unit_name", title="使用单位", path="unit.shown", sort="unit__position"),
        of(SurveyFact.people_names, sort=""),
        of(SurveyFact.state, required=False),
        of(SurveyFact.source, required=False),
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
        of(SurveyBuilding.compound, required=False, max_length=200),
        of(SurveyBuilding.name, unique=True, max_length=200),
        of(SurveyBuilding.gross_m2, unit="㎡", total="gross_m2", required=False),
        of(SurveyBuilding.state, required=False),
        of(SurveyBuilding.title_state, required=False),
        of(SurveyBuilding.title_no, sort="", max_length=200),
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
