"""What may be done about insurance, inspections and maintenance plans (保险、检验、保养计划)."""

from datetime import date

from guanjia.domains.fleet.actions import upkeep as actions
from guanjia.domains.fleet.acts import of_car
from guanjia.domains.fleet.forms import due as forms
from guanjia.domains.fleet.models import Inspection
from guanjia.domains.fleet.queries import upkeep as reading
from guanjia.domains.fleet.terms.upkeep import PlanState
from guanjia.ui.acts.declaration import Act

ENTER, DECIDE, PLANS = reading.ENTER, reading.DECIDE, reading.PLANS


def _inspected(inspection: Inspection) -> str:
    until: date | None = inspection.valid_until
    told = f"有效期至 {until:%Y-%m-%d}" if until else "不合格，复检合格前不要派出"
    return f"已登记 {inspection.car.plate} 的检验，{told}"


NEW_POLICY = Act(
    key="new", title="登记保险单", on=reading.POLICIES, verb=ENTER, makes=True,
    form=forms.NewPolicy, fit=of_car.cars(ENTER), do=actions.enter_policy, template=of_car.FORM,
    more=of_car.suggested, said="已登记 {car.plate} 的保险单 {number}",
    lead="按保险单填写。交强险登记后，车辆的保险期止随之顺延，保费记入运行费用",
)  # fmt: skip
NEW_INSPECTION = Act(
    key="new", title="登记检验", on=reading.INSPECTIONS, verb=ENTER, makes=True,
    form=forms.NewInspection, fit=of_car.cars(ENTER), first=lambda _, today: {"on": today},
    do=actions.enter_inspection, template=of_car.FORM, more=of_car.suggested, said=_inspected,
    lead="按检验报告填写。检验合格后，车辆的检验有效期止随之顺延，检验费记入运行费用",
)  # fmt: skip
NEW_PLAN = Act(
    key="new", title="新建保养计划", on=PLANS, verb=DECIDE, makes=True, form=forms.NewPlan,
    fit=of_car.cars(DECIDE), do=actions.make_plan, template=of_car.FORM, more=of_car.suggested,
    keep="不新建", lead="同一项目，点名车辆的优先，其次型号，再次类别",
    said="已建保养计划：{for_whom}，{title}，{every}",
)  # fmt: skip
STOP_PLAN = Act(
    key="stop", title="停用保养计划", button="停用", on=PLANS, verb=DECIDE, to=PlanState.STOPPED,
    form=forms.StopPlan, do=actions.stop_plan, keep="不停用", lead="停用后不再按它提醒",
    said="已停用：{for_whom}，{title}",
)  # fmt: skip

ACTS = (NEW_POLICY, NEW_INSPECTION, NEW_PLAN, STOP_PLAN)
