"""Who may what: the duties (职责) of the department, and its verbs in Chinese. Pure."""

from guanjia.kernel.access.duties import Duty

_SEE = frozenset({"fleet.trip.see"})
_BOARD = frozenset(
    {"fleet.trip.see", "fleet.car.see", "fleet.driver.see", "fleet.board.see", "vouchers.see"}
)
# What a unit keeps of its own cars.
_UNIT = frozenset(
    {
        "fleet.quota.see",
        "fleet.purchase.see",
        "fleet.disposal.see",
        "fleet.cost.see",
        "fleet.upkeep.see",
        "fleet.fine.see",
        "fleet.bill.see",
        "fleet.seal.see",
        "fleet.oversight.see",
        "fleet.publication.see",
    }
)
_ALL = _BOARD | _UNIT | {"fleet.dashboard.see"}
_ASK = frozenset(
    {
        "fleet.quota.request",
        "fleet.purchase.request",
        "fleet.disposal.request",
        "fleet.cost.enter",
        "fleet.upkeep.enter",
        "fleet.bill.answer",
        "fleet.seal.hand_in",
        "fleet.oversight.explain",
    }
)

DUTIES = (
    Duty(
        key="fleet.applicant",
        title="用车申请人",
        verbs=frozenset({"fleet.trip.request"}),
        reads=_SEE,
    ),
    Duty(
        key="fleet.clerk",
        title="单位用车联络员",
        verbs=frozenset({"fleet.trip.request", "fleet.trip.paper"}) | _ASK,
        reads=_SEE | {"fleet.car.see", "fleet.driver.see"} | _UNIT,
    ),
    Duty(
        key="fleet.approver",
        title="单位用车审批人",
        verbs=frozenset({"fleet.trip.approve"}),
        reads=_SEE,
    ),
    Duty(
        key="fleet.head",
        title="单位主要负责人",
        verbs=frozenset(
            {"fleet.trip.approve", "fleet.trip.approve_rest_day", "fleet.asset.approve"}
        ),
        reads=_SEE | {"fleet.car.see"} | _UNIT,
    ),
    Duty(
        key="fleet.dispatcher",
        title="调度员",
        verbs=frozenset(
            {
                "fleet.trip.request",
                "fleet.trip.dispatch",
                "fleet.trip.record",
                "fleet.trip.correct",
                "fleet.trip.paper",
                "fleet.car.enter",
                "fleet.driver.enter",
                "vouchers.void",
            }
        ),
        reads=_BOARD | {"fleet.driver.reveal", "fleet.dashboard.see"},
    ),
    Duty(
        key="fleet.driver",
        title="驾驶员",
        verbs=frozenset({"fleet.trip.drive"}),
        reads=_SEE,
    ),
    Duty(
        key="fleet.keeper",
        title="公务用车管理员",
        verbs=_ASK
        | {
            "fleet.asset.review",
            "fleet.car.enter",
            "fleet.quota.enter",
            "fleet.purchase.enter",
            "fleet.purchase.card",
            "fleet.disposal.enter",
            "fleet.disposal.deal",
            "fleet.card.keep",
            "fleet.cost.judge",
            "fleet.upkeep.decide",
            "fleet.fine.enter",
            "fleet.bill.draw",
            "fleet.seal.plan",
            "fleet.oversight.find",
            "fleet.oversight.decide",
            "fleet.publication.make",
            "fleet.network.keep",
        },
        reads=_ALL | {"fleet.driver.reveal", "fleet.network.see", "fleet.look.see"},
    ),
    Duty(
        key="fleet.decider",
        title="公务用车审批领导",
        verbs=frozenset({"fleet.asset.decide"}),
        reads=_ALL,
    ),
    Duty(key="fleet.leader", title="分管领导", reads=_ALL),
    Duty(
        key="fleet.supervisor",
        title="监督员（纪检监察）",
        reads=_ALL | {"audit.see", "fleet.window.see"},
        watched=True,
    ),
    Duty(
        key="fleet.finance_supervisor",
        title="监督员（财政）",
        reads=frozenset(
            {
                "fleet.car.see",
                "fleet.quota.see",
                "fleet.purchase.see",
                "fleet.disposal.see",
                "fleet.cost.see",
                "fleet.upkeep.see",
                "fleet.bill.see",
                "fleet.publication.see",
                "fleet.window.see",
            }
        ),
        watched=True,
    ),
    Duty(
        key="fleet.audit_supervisor",
        title="监督员（审计）",
        reads=_UNIT | {"fleet.trip.see", "fleet.car.see", "audit.see", "fleet.window.see"},
        watched=True,
    ),
    Duty(
        key="fleet.police_supervisor",
        title="监督员（公安）",
        reads=frozenset(
            {"fleet.car.see", "fleet.driver.see", "fleet.fine.see", "fleet.window.see"}
        ),
        watched=True,
    ),
)

VERBS = {
    "fleet.trip.see": "查看派车单",
    "fleet.trip.request": "申请用车",
    "fleet.trip.approve": "审批用车",
    "fleet.trip.approve_rest_day": "审批休息日用车",
    "fleet.trip.dispatch": "派车",
    "fleet.trip.drive": "出车收车",
    "fleet.trip.record": "补录派车单",
    "fleet.trip.correct": "更正里程",
    "fleet.trip.paper": "应急补单",
    "fleet.car.see": "查看车辆台账",
    "fleet.car.enter": "维护车辆台账",
    "fleet.driver.see": "查看驾驶员名册",
    "fleet.driver.enter": "维护驾驶员名册",
    "fleet.driver.reveal": "查看手机号",
    "fleet.board.see": "查看派车看板",
    "fleet.asset.approve": "单位审批车辆事项",
    "fleet.asset.review": "审核车辆事项",
    "fleet.asset.decide": "审批车辆事项",
    "fleet.quota.see": "查看编制",
    "fleet.quota.request": "申请编制",
    "fleet.quota.enter": "登记编制",
    "fleet.purchase.see": "查看更新购置",
    "fleet.purchase.request": "申请更新购置",
    "fleet.purchase.enter": "登记更新审批",
    "fleet.purchase.card": "登记新车",
    "fleet.disposal.see": "查看处置",
    "fleet.disposal.request": "申请处置",
    "fleet.disposal.enter": "登记处置",
    "fleet.disposal.deal": "办理处置",
    "fleet.cost.see": "查看运行费用",
    "fleet.cost.enter": "登记运行费用",
    "fleet.cost.judge": "核定运行费用",
    "fleet.card.keep": "管理加油卡",
    "fleet.upkeep.see": "查看保险检验维保",
    "fleet.upkeep.enter": "登记保险检验维保",
    "fleet.upkeep.decide": "核定维保工单",
    "fleet.fine.see": "查看违法事故",
    "fleet.fine.enter": "登记违法事故",
    "fleet.bill.see": "查看结算",
    "fleet.bill.draw": "出账和结清",
    "fleet.bill.answer": "确认账单",
    "fleet.seal.see": "查看封存",
    "fleet.seal.plan": "安排封存",
    "fleet.seal.hand_in": "登记封存",
    "fleet.oversight.see": "查看督车",
    "fleet.oversight.find": "登记行车线索",
    "fleet.oversight.explain": "说明督车事项",
    "fleet.oversight.decide": "处理督车事项",
    "fleet.publication.see": "查看公示稿",
    "fleet.publication.make": "编发公示",
    "fleet.dashboard.see": "查看用车分析",
    "fleet.network.see": "查看一张网",
    "fleet.network.keep": "管理一张网和接口",
    "fleet.look.see": "查看监督浏览记录",
    "fleet.window.see": "查看监督窗口",
    "vouchers.see": "查看凭证登记",
    "vouchers.void": "作废凭证",
}
