"""Words of audits, demonstration units and the ranking of cities. Pure."""

from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class AuditState(Term):
    """How far an energy audit (能源审计) has come."""

    PLANNED = "PLANNED", "已计划"
    RUNNING = "RUNNING", "进行中"
    DONE = "DONE", "已完成"
    CALLED_OFF = "CALLED_OFF", "已取消"


_S = AuditState
# A ledger enters audits in any state.
AUDIT_LIFE = Life(
    states={
        _S.PLANNED: Stage(tone="wait", icon="calendar", to=(_S.RUNNING, _S.CALLED_OFF)),
        _S.RUNNING: Stage(tone="move", icon="hourglass", to=(_S.DONE, _S.CALLED_OFF)),
        _S.DONE: Stage(tone="done", icon="circle-check"),
        _S.CALLED_OFF: Stage(tone="idle", icon="ban"),
    },
    rule="能源审计先计划，启动后登记审计情况和发现，再完成",
)
# Under way, or through: what it looked at and found is told then.
FOUND = (_S.RUNNING, _S.DONE)


class DemoLevel(Term):
    """Who awards a demonstration unit (示范单位)."""

    NATIONAL = "NATIONAL", "国家级"
    PROVINCIAL = "PROVINCIAL", "省级"
    CITY = "CITY", "市级"


class DemoStage(Term):
    """How far an application for a demonstration unit has come."""

    RECOMMENDED = "RECOMMENDED", "推荐申报"
    GUIDED = "GUIDED", "督促指导"
    ASSESSED = "ASSESSED", "评价验收"
    AWARDED = "AWARDED", "命名授牌"
    REVIEWED = "REVIEWED", "复核"
    REVOKED = "REVOKED", "撤销"
    FAILED = "FAILED", "未通过"
