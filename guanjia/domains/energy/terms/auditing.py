"""Words of energy audits: what an audit looks at, and how its measures stand. Pure."""

from guanjia.kernel.values.term import Term


class AuditContent(Term):
    """The seven things an energy audit looks at (审计内容)."""

    FILES = "FILES", "竣工资料和设备台账"
    METERING = "METERING", "计量与账单核对、人均和单位面积评估"
    RUNNING = "RUNNING", "设备运行和管理制度"
    FOLLOWED = "FOLLOWED", "上次审计建议的落实"
    POTENTIAL = "POTENTIAL", "节能潜力"
    QUOTA = "QUOTA", "年度计划和能耗定额执行"
    TRUTH = "TRUTH", "计量器具和数据真实性"


class MeasureState(Term):
    """How far a measure has come; worked out from its days."""

    OPEN = "OPEN", "未完成"
    LATE = "LATE", "已逾期"
    DONE = "DONE", "已完成"
