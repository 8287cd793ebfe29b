"""Who may what: the duties (职责) of the department, and its verbs in Chinese. Pure."""

from guanjia.kernel.access.duties import Duty

# What a unit keeps of its own rooms.
_UNIT = frozenset(
    {
        "space.room.see",
        "space.standard.see",
        "space.finding.see",
        "space.allocation.see",
        "space.round.see",
        "space.survey.see",
        "space.disposal.see",
        "space.works.see",
    }
)
_ALL = _UNIT | {"space.tenancy.see", "space.reconcile.see"}

DUTIES = (
    Duty(
        key="space.clerk",
        title="单位办公用房管理员",
        verbs=frozenset(
            {
                "space.room.seat",
                "space.finding.explain",
                "space.allocation.request",
                "space.allocation.hand_back",
                "space.round.rectify",
                "space.survey.fill",
                "space.works.request",
            }
        ),
        reads=_UNIT,
    ),
    Duty(
        key="space.head",
        title="单位用房审批人",
        verbs=frozenset({"space.matter.approve", "space.survey.approve"}),
        reads=_UNIT,
    ),
    Duty(
        key="space.keeper",
        title="办公用房管理员",
        verbs=frozenset(
            {
                "space.room.seat",
                "space.building.enter",
                "space.room.enter",
                "space.plan.draw",
                "space.establishment.enter",
                "space.finding.judge",
                "space.finding.explain",
                "space.finding.decide",
                "space.matter.review",
                "space.allocation.request",
                "space.allocation.grant",
                "space.allocation.enter",
                "space.allocation.hand_back",
                "space.allocation.accept",
                "space.round.plan",
                "space.round.inspect",
                "space.round.rectify",
                "space.round.accept",
                "space.round.enter",
                "space.survey.plan",
                "space.survey.fill",
                "space.survey.review",
                "space.disposal.request",
                "space.disposal.deal",
                "space.tenancy.keep",
                "space.works.request",
                "space.works.keep",
            }
        ),
        reads=_ALL,
    ),
    Duty(
        key="space.inspector",
        title="办公用房巡检员",
        verbs=frozenset({"space.round.inspect"}),
        reads=frozenset({"space.room.see", "space.round.see", "space.finding.see"}),
    ),
    Duty(
        key="space.decider",
        title="办公用房审批领导",
        verbs=frozenset({"space.matter.decide"}),
        reads=_ALL,
    ),
    Duty(
        key="space.cashier",
        title="周转房租金收费员",
        verbs=frozenset({"space.tenancy.collect"}),
        reads=frozenset({"space.tenancy.see"}),
    ),
    Duty(key="space.leader", title="分管领导（办公用房）", reads=_ALL),
    Duty(
        key="space.supervisor",
        title="监督员（办公用房）",
        reads=_ALL | {"audit.see"},
        watched=True,
    ),
)

VERBS = {
    "space.room.see": "查看房屋台账",
    "space.room.enter": "维护房间台账",
    "space.room.seat": "登记房间使用人",
    "space.building.enter": "维护楼栋台账",
    "space.reconcile.see": "查看台账核对",
    "space.plan.draw": "维护楼层平面图",
    "space.standard.see": "查看核定面积",
    "space.establishment.enter": "登记职级编制",
    "space.finding.see": "查看用房问题",
    "space.finding.judge": "核查用房",
    "space.finding.explain": "说明用房问题",
    "space.finding.decide": "处理用房问题",
    "space.matter.approve": "单位审批用房事项",
    "space.matter.review": "审核用房事项",
    "space.matter.decide": "审批用房事项",
    "space.allocation.see": "查看调配",
    "space.allocation.request": "申请用房",
    "space.allocation.grant": "调配房间",
    "space.allocation.enter": "登记调配台账",
    "space.allocation.hand_back": "移交腾退房间",
    "space.allocation.accept": "接收腾退房间",
    "space.round.see": "查看巡检",
    "space.round.plan": "安排巡检",
    "space.round.inspect": "现场巡检",
    "space.round.rectify": "办理整改",
    "space.round.accept": "验收整改",
    "space.round.enter": "登记巡检台账",
    "space.survey.see": "查看统计摸底",
    "space.survey.plan": "布置统计摸底",
    "space.survey.fill": "填报统计摸底",
    "space.survey.approve": "单位审批填报",
    "space.survey.review": "审核统计填报",
    "space.disposal.see": "查看闲置处置",
    "space.disposal.request": "申请处置利用",
    "space.disposal.deal": "办理处置利用",
    "space.tenancy.see": "查看周转房",
    "space.tenancy.keep": "管理周转房",
    "space.tenancy.collect": "收取周转房租金",
    "space.works.see": "查看大中修",
    "space.works.request": "申请大中修",
    "space.works.keep": "管理大中修",
}
