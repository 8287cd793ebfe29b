"""Paths of the department."""

from django.urls import URLPattern, path, register_converter

from guanjia.domains.space.acts import buildings as building_acts
from guanjia.domains.space.acts import clearances as clearance_acts
from guanjia.domains.space.acts import disposals as disposal_acts
from guanjia.domains.space.acts import findings as finding_acts
from guanjia.domains.space.acts import granting
from guanjia.domains.space.acts import plans as plan_acts
from guanjia.domains.space.acts import rectifying as rectifying_acts
from guanjia.domains.space.acts import rooms as room_acts
from guanjia.domains.space.acts import rounds as round_acts
from guanjia.domains.space.acts import survey_differences as difference_acts
from guanjia.domains.space.acts import survey_doubts as doubt_acts
from guanjia.domains.space.acts import survey_returns as return_acts
from guanjia.domains.space.acts import surveys as survey_acts
from guanjia.domains.space.acts import tenancies as tenancy_acts
from guanjia.domains.space.acts import works as works_acts
from guanjia.domains.space.pages import (
    allocations,
    buildings,
    clearances,
    disposals,
    findings,
    handing_over,
    idle,
    patrol,
    plan_entry,
    plans,
    reconcile,
    rectifying,
    rents,
    room_files,
    rooms,
    rounds,
    scores,
    standards,
    survey_differences,
    survey_drafts,
    survey_filling,
    survey_reports,
    survey_returns,
    surveys,
    tenancies,
    works,
)
from guanjia.domains.space.registers.catalogue import REGISTERS
from guanjia.ui.acts import pages as acts
from guanjia.ui.registers import urls as registers

app_name = "space"


class FloorConverter:
    """The number of a floor in an address: ``3``, ``-1``."""

    regex = r"-?[1-9]\d{0,9}"

    def to_python(self, value: str) -> int:
        """As a number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """As written."""
        return str(value)


register_converter(FloorConverter, "floor")

urlpatterns: list[URLPattern] = [
    # 房屋台账
    path("compounds/", buildings.compounds, name="compounds"),
    path("compounds/<int:compound_id>/", buildings.compound, name="compound"),
    path("buildings/<int:building_id>/", buildings.building, name="building"),
    *acts.urls(building_acts.ACTS),
    *acts.urls(room_acts.ACTS),
    path("rooms/<int:room_id>/", rooms.room, name="room"),
    path("rooms/<int:room_id>/files/", room_files.room_files, name="room_files"),
    path("units/<int:unit_id>/", rooms.unit_ledger, name="unit_ledger"),
    path("reconcile/", reconcile.reconcile, name="reconcile"),
    path("reconcile/export/", reconcile.reconcile_export, name="reconcile_export"),
    # 楼层平面图
    path("floors/", plans.floors, name="floors"),
    path("floors/<int:building_id>/", plans.stack, name="floor_stack"),
    path("floors/<int:building_id>/<floor:floor_no>/", plans.floor, name="floor"),
    path(
        "floors/<int:building_id>/<floor:floor_no>/rooms/<int:room_id>/",
        plans.floor_room,
        name="floor_room",
    ),
    path(
        "floors/<int:building_id>/<floor:floor_no>/files/",
        room_files.floor_files,
        name="floor_files",
    ),
    path("floors/id/<int:floor_id>/", room_files.floor_by_id, name="floor_by_id"),
    path("floors/<int:building_id>/<floor:floor_no>/new/", plan_entry.plan_new, name="plan_new"),
    path(
        "floors/<int:building_id>/<floor:floor_no>/sketch/",
        plan_entry.plan_sketch,
        name="plan_sketch",
    ),
    path("plans/<int:edition_id>/", plans.plan, name="plan"),
    path("plans/drawings/<int:drawing_id>/", plan_entry.plan_upload, name="plan_upload"),
    *acts.urls(plan_acts.ACTS),
    # 核定面积, 用房问题
    path("standards/", standards.standards, name="standards"),
    path("standards/export/", standards.standards_export, name="standards_export"),
    path("standards/units/<int:unit_id>/", standards.standards_unit, name="standards_unit"),
    path("findings/judge/", findings.findings_judge, name="findings_judge"),
    path("findings/<int:finding_id>/", findings.finding, name="finding"),
    *acts.urls(finding_acts.ACTS),
    # 闲置用房, 处置利用
    path("idle/sums/", idle.idle, name="idle"),
    path("idle/<int:room_id>/", idle.idle_room, name="idle_room"),
    path("idle/<int:room_id>/tell/", idle.idle_tell, name="idle_tell"),
    *acts.urls((*disposal_acts.ACTS, *disposal_acts.INCOME_ACTS)),
    path("disposals/<int:reuse_id>/", disposals.disposal, name="disposal"),
    path("incomes/<int:income_id>/", disposals.income, name="income"),
    # 巡检
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/new/", rounds.round_new, name="round_new"),
    path("rounds/scores/", scores.scores, name="scores"),
    path("rounds/scores/export/", scores.scores_export, name="scores_export"),
    path("rounds/scores/<int:unit_id>/", scores.score_unit, name="score_unit"),
    path("rounds/<int:round_id>/", rounds.round, name="round"),
    *acts.urls(round_acts.ACTS),
    path("rounds/<int:round_id>/units/<int:unit_id>/", rounds.round_unit, name="round_unit"),
    path("rounds/<int:round_id>/units/<int:unit_id>/doors/", patrol.door_signs, name="door_signs"),
    path("inspections/<int:inspection_id>/", rounds.inspection, name="inspection"),
    path("rectifications/<int:rectification_id>/", rectifying.rectification, name="rectification"),
    *acts.urls(rectifying_acts.ACTS),
    path("patrol/", patrol.patrol, name="patrol"),
    path("patrol/worker.js", patrol.patrol_worker, name="patrol_worker"),
    path("patrol/key/", patrol.patrol_key, name="patrol_key"),
    path("patrol/door/<int:room_id>/", patrol.patrol_door, name="patrol_door"),
    path("patrol/<int:round_id>/", patrol.patrol_round, name="patrol_round"),
    path("patrol/<int:round_id>/rooms/", patrol.patrol_rooms, name="patrol_rooms"),
    path("patrol/<int:round_id>/looks/", patrol.patrol_send, name="patrol_send"),
    # 调配, 腾退
    path("allocations/", allocations.allocations, name="allocations"),
    path("allocations/<int:allocation_id>/", allocations.allocation, name="allocation"),
    *acts.urls(granting.ACTS),
    path(
        "allocations/<int:allocation_id>/hand-over/",
        handing_over.allocation_hand_over,
        name="allocation_hand_over",
    ),
    *acts.urls(clearance_acts.ACTS),
    path("clearances/<int:clearance_id>/", clearances.clearance, name="clearance"),
    # 统计摸底
    *acts.urls((*survey_acts.ACTS, *survey_acts.UNIT_ACTS)),
    path("surveys/<int:survey_id>/", surveys.survey, name="survey"),
    path("surveys/<int:survey_id>/report/", survey_reports.survey_report, name="survey_report"),
    path(
        "surveys/<int:survey_id>/report/rooms/",
        survey_drafts.survey_draft_rooms,
        name="survey_draft_rooms",
    ),
    path(
        "surveys/<int:survey_id>/report/buildings/",
        survey_drafts.survey_draft_buildings,
        name="survey_draft_buildings",
    ),
    path(
        "surveys/<int:survey_id>/report/export/",
        survey_reports.survey_report_export,
        name="survey_report_export",
    ),
    path("surveys/returns/<int:filing_id>/", survey_returns.survey_return, name="survey_return"),
    path(
        "surveys/returns/<int:filing_id>/facts/",
        survey_filling.survey_return_facts,
        name="survey_return_facts",
    ),
    path(
        "surveys/returns/<int:filing_id>/rooms/new/",
        survey_filling.survey_room_new,
        name="survey_room_new",
    ),
    *acts.urls(return_acts.ACTS),
    path("surveys/rooms/<int:filed_room_id>/", survey_filling.survey_room, name="survey_room"),
    *acts.urls(doubt_acts.ACTS),
    path(
        "surveys/differences/<int:difference_id>/",
        survey_differences.survey_difference,
        name="survey_difference",
    ),
    path(
        "surveys/differences/<int:difference_id>/next/",
        survey_differences.survey_difference_next,
        name="survey_difference_next",
    ),
    *acts.urls(difference_acts.ACTS),
    # 周转房
    *acts.urls((*tenancy_acts.ACTS, *tenancy_acts.PAYMENT_ACTS)),
    path("tenancies/<int:tenancy_id>/", tenancies.tenancy, name="tenancy"),
    path("rents/<int:rent_id>/", tenancies.rent, name="rent"),
    path("rents/desk/", rents.rent_desk, name="rent_desk"),
    # 大中修
    *acts.urls(works_acts.ACTS),
    path("works/<int:works_id>/", works.works_one, name="works_one"),
    path("works/buildings/<int:building_id>/", works.works_building, name="works_building"),
    *(page for prefix, register in REGISTERS for page in registers.paths(register, prefix)),
]
