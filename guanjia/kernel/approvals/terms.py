"""The nouns of approvals (审批). Pure."""

from guanjia.kernel.values.term import Term


class CaseState(Term):
    """Where a case stands."""

    RUNNING = "RUNNING", "审批中"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    AGREED = "AGREED", "已同意"
    STOPPED = "STOPPED", "已终止"


UNDER_WAY = (CaseState.RUNNING, CaseState.RETURNED)  # such a case keeps its edition


class StepState(Term):
    """Where a step of a case stands; ``CARRIED`` was agreed in the round before and still holds."""

    AHEAD = "AHEAD", "未到"
    ACTIVE = "ACTIVE", "待办"
    AGREED = "AGREED", "已同意"
    CARRIED = "CARRIED", "沿用"
    RETURNED = "RETURNED", "已退回"
    DROPPED = "DROPPED", "未办"


class Mode(Term):
    """How the people of a step decide together."""

    ANY = "ANY", "或签（一人办即可）"
    ALL = "ALL", "会签（都要办）"
    TURN = "TURN", "依次办"
    ONE = "ONE", "一人办（名单第一位）"


class SeatState(Term):
    """Where one person's part in a step stands."""

    AHEAD = "AHEAD", "未轮到"
    ACTIVE = "ACTIVE", "待办"
    PAUSED = "PAUSED", "等加签"
    AGREED = "AGREED", "已同意"
    RETURNED = "RETURNED", "已退回"
    HANDED = "HANDED", "已转办"
    REMOVED = "REMOVED", "已减签"
    DROPPED = "DROPPED", "未办"


OPEN_SEATS = (SeatState.AHEAD, SeatState.ACTIVE, SeatState.PAUSED)


class Origin(Term):
    """Why a person has a part in a step."""

    ROUTE = "ROUTE", "按流程"
    HANDED = "HANDED", "转办"
    BEFORE = "BEFORE", "加签，先办"
    AFTER = "AFTER", "加签，后办"
    ESCALATED = "ESCALATED", "超时上报"
    KEEPER = "KEEPER", "待指定审批人"


class Late(Term):
    """What happens when a step is not decided in its time."""

    REMIND = "REMIND", "只提醒"
    ESCALATE = "ESCALATE", "提醒并报上级"


class EditionState(Term):
    """Where an edition of a route stands; only the one in force takes new cases."""

    DRAFT = "DRAFT", "草稿"
    IN_FORCE = "IN_FORCE", "现行"
    RETIRED = "RETIRED", "已停用"
    DROPPED = "DROPPED", "未启用"


class ActKind(Term):
    """What somebody did on a case."""

    SUBMIT = "SUBMIT", "提交申请"
    RESUBMIT = "RESUBMIT", "修改后再交"
    AGREE = "AGREE", "同意"
    RETURN = "RETURN", "退回"
    OBJECT = "OBJECT", "不同意"
    WITHDRAW = "WITHDRAW", "撤回"
    STOP = "STOP", "终止"
    HAND_OVER = "HAND_OVER", "转办"
    LEND = "LEND", "委托"
    ADD_BEFORE = "ADD_BEFORE", "加签，先办"
    ADD_AFTER = "ADD_AFTER", "加签，后办"
    REMOVE = "REMOVE", "减签"
    COPY = "COPY", "抄送"
    URGE = "URGE", "催办"
    REMIND = "REMIND", "超时提醒"
    ESCALATE = "ESCALATE", "超时上报"
    RESEAT = "RESEAT", "更换审批人"
    CHECK = "CHECK", "核对规则"
    NOTE = "NOTE", "办理"
