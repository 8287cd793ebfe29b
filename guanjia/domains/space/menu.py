"""The pages of the department in the menu, and what people start there."""

from guanjia.ui.menu import Item, Section

# Sections and items come in the order in which they stand in the menu.
SECTIONS = (
    Section(
        title="房屋与标准", group="premises", place=20,
        items=(
            Item(title="楼层平面图", url_name="space:floors", verb="space.room.see",
                 also=("space:floor", "space:floor_stack", "space:floor_room", "space:plan",
                       "space:plan_new", "space:plan_upload",
                       "space:plan_sketch")),
            Item(title="房屋台账", url_name="space:rooms_list", verb="space.room.see",
                 also=("space:room", "space:unit_ledger")),
            Item(title="楼栋台账", url_name="space:buildings_list", verb="space.room.see",
                 also=("space:compounds", "space:compound", "space:building")),
            Item(title="台账核对", url_name="space:reconcile", verb="space.reconcile.see"),
            Item(title="核定面积", url_name="space:standards", verb="space.standard.see",
                 also=("space:standards_unit", "space:establishments_list")),
            Item(title="用房问题", url_name="space:findings_list", verb="space.finding.see",
                 also=("space:finding", "space:findings_judge")),
            Item(title="统计摸底", url_name="space:surveys_list", verb="space.survey.see",
                 also=("space:survey", "space:survey_report",
                       "space:survey_return", "space:survey_return_facts", "space:survey_room",
                       "space:survey_room_new", "space:survey_returns_list",
                       "space:survey_rooms_list", "space:survey_doubts_list",
                       "space:survey_differences_list", "space:survey_difference",
                       "space:survey_facts_list", "space:survey_buildings_list",
                       "space:survey_draft")),
        ),
    ),
    Section(
        title="用房调配", group="premises", place=21,
        items=(
            Item(title="办公用房调配", url_name="space:allocations", verb="space.allocation.see",
                 also=("space:allocations_list", "space:allocation",
                       "space:allocation_hand_over")),
            Item(title="办公用房腾退", url_name="space:clearances_list",
                 verb="space.allocation.see",
                 also=("space:clearance",)),
            Item(title="闲置用房", url_name="space:idle", verb="space.disposal.see",
                 also=("space:idle_list", "space:idle_room", "space:idle_tell",
                       "space:disposals_list", "space:disposal", "space:incomes_list")),
        ),
    ),
    Section(
        title="周转房", group="premises", place=22,
        items=(
            Item(title="周转房", url_name="space:tenancies_list", verb="space.tenancy.see",
                 also=("space:tenancy", "space:rents_list")),
            Item(title="周转房收租", url_name="space:rent_desk", verb="space.tenancy.collect"),
        ),
    ),
    Section(
        title="巡检与维修", group="premises", place=23,
        items=(
            Item(title="巡检", url_name="space:rounds", verb="space.round.see",
                 also=("space:round", "space:round_new", "space:round_unit",
                       "space:inspections_list", "space:inspection", "space:door_signs",
                       "space:patrol", "space:patrol_round")),
            Item(title="巡检整改", url_name="space:rectifications_list", verb="space.round.see",
                 also=("space:rectification",)),
            Item(title="年度考核得分", url_name="space:scores", verb="space.round.see",
                 also=("space:score_unit",)),
            Item(title="大中修", url_name="space:works_list", verb="space.works.see",
                 also=("space:works_one", "space:works_building")),
        ),
    ),
)  # fmt: skip
