"""The nouns of approvals (审批)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guanjia.kernel.values.term import Term


class CaseState(Term):
    """Where a case stands."""

    RUNNING = "RUNNING", "审批中"
    RETURNED = "RETURNED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    AGREED = "AGREED", "已同意"


class StepState(Term):
    """Where a step of a case stands."""

    AHEAD = "AHEAD", "未到"
    ACTIVE = "ACTIVE", "待办"
    AGREED = "AGREED", "已同意"
    RETURNED = "RETURNED", "已退回"
    DROPPED = "DROPPED", "未办"


class ActKind(Term):
    """What somebody did on a case."""

    SUBMIT = "SUBMIT", "提交申请"
    RESUBMIT = "RESUBMIT", "修改后再交"
    AGREE = "AGREE", "同意"
    RETURN = "RETURN", "退回"
    WITHDRAW = "WITHDRAW", "撤回"
    HAND_OVER = "HAND_OVER", "转办"
    CHECK = "CHECK", "核对规则"
    NOTE = "NOTE", "办理"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a route: who decides is found from the unit and the verb they must be able to do.

    ``when``: facts of the case → whether the step is needed; judged once, when the case opens.
    """

    key: str
    title: str
    verb: str
    when: Callable[[Any], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route (审批流程) as a department ships it. A case ends on the version it began with."""

    key: str
    title: str
    version: int
    steps: tuple[Step, ...]
