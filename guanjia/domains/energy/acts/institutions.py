"""What may be done about institutions (公共机构), and who fills in for them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.energy.actions import institutions as actions
from guanjia.domains.energy.forms import institutions as forms
from guanjia.domains.energy.forms.reforms import Reform
from guanjia.domains.energy.queries import institutions as reading
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form, as_typed

INSTITUTIONS, CLERKS = reading.INSTITUTIONS, reading.CLERKS
ENTER, CLERK = actions.ENTER, actions.CLERK


def _in_scope(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"scope": actor.scope(CLERK)}


def _size(institution: Any, today: date) -> Mapping[str, Any]:
    now = institution.spells.filter(during__contains=today).first()
    return {name: as_typed(getattr(now, name, None)) for name in ("floor_m2", "people", "staff")}


def _left(institution: Any, _: Actor, __: date) -> Mapping[str, Any]:
    return {"left": institution.left_on is not None}


NAME = Act(
    key="clerk", title="指定统计员", button="指定", on=INSTITUTIONS, verb=CLERK,
    form=forms.Clerk, fit=_in_scope, first=lambda _, today: {"since": today},
    do=actions.assign_clerk, adds="energy.InstitutionClerk", keep="不指定",
    lead="统计员填报这家机构的月报、说明疑点、报送报表；账号由安全管理员开设",
    said="已指定 {person} 为统计员",
)  # fmt: skip
END = Act(
    key="end", title="不再担任统计员", on=CLERKS, verb=CLERK, form=Form, do=actions.end_clerk,
    offered=lambda clerk, _: clerk.until is None, keep="返回", said="{person} 不再担任统计员",
)  # fmt: skip
RESIZE = Act(
    key="size", title="登记面积人数变动", button="登记面积人数", on=INSTITUTIONS, verb=ENTER,
    offered=lambda one, _: one.left_on is None, form=forms.Resize, first=_size,
    do=actions.restate_size, lead="今天起按新的数计算，以前各天不变；留空的不改",
    said="已登记，今天起按新的面积和人数计算",
)  # fmt: skip

REFORM = Act(
    key="reform", title="登记变动", on=INSTITUTIONS, verb=ENTER, form=Reform, fit=_left,
    do=actions.reform_of, icon="arrows-exchange", main=False, said="已登记 {name} 的变动",
)  # fmt: skip

ACTS = (NAME, END, RESIZE, REFORM)
