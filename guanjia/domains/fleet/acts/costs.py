"""What may be done about costs (运行费用), and the totals of the sheets of others."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.fleet.actions import costs as actions
from guanjia.domains.fleet.actions import sheets
from guanjia.domains.fleet.acts import of_car
from guanjia.domains.fleet.forms import costs as forms
from guanjia.domains.fleet.models import Cost
from guanjia.domains.fleet.queries import costs as reading
from guanjia.domains.fleet.queries import sheets as sheet_queries
from guanjia.domains.fleet.terms.costs import CostSource, Full
from guanjia.domains.fleet.terms.costs import CostState as S
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import as_it_stands

ENTER, JUDGE, COSTS = reading.ENTER, reading.JUDGE, reading.COSTS


def _may_void(cost: Cost, actor: Actor) -> bool:
    """A row of a sheet only who judges may make void."""
    return cost.source == CostSource.HAND or COSTS.reaches(actor, JUDGE, cost.pk)


def _as_it_stands(cost: Cost, _: date) -> Mapping[str, Any]:
    told = as_it_stands(cost, actions.AMENDABLE)
    return {**told, "full": "" if cost.full is None else Full.YES if cost.full else Full.NO}


def _told(_: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    trips = sheet_queries.trips(actor.scope("fleet.trip.see"))
    return {**of_car.cars(ENTER)(_, actor, today), "trips": trips, "today": today}


def _where(cost: Cost) -> str:
    """Its page; what another unit bears that had the car then is not theirs to look at."""
    if cost.unit_id != cost.car.unit_id:
        return reverse("fleet:costs_list")
    return reverse("fleet:cost", args=[cost.pk])


NEW = Act(
    key="new", title="登记费用", on=COSTS, verb=ENTER, makes=True, form=forms.Receipt, fit=_told,
    first=lambda _, today: {"spent_on": today}, do=actions.enter_receipt, then=_where,
    template="fleet/cost_new.html", more=of_car.suggested,
    lead="一张票据一笔；油卡和 ETC 的钱等对账单导入",
    said=lambda cost: (
        f"已登记 {cost.car.plate} {cost.get_kind_display()} {money.yuan(cost.amount_fen)}"
    ),
)  # fmt: skip
AMEND = Act(
    key="amend", title="补登里程和备注", button="补登", on=COSTS, verb=ENTER, when=(S.COUNTED,),
    form=forms.Amendment, fit=lambda cost, *_: {"cost": cost}, first=_as_it_stands,
    do=actions.amend_cost, keep="不补登", lead="票据和对账单没有写明的", icon="pencil", main=False,
    said="已补登，油耗重新核算",
)  # fmt: skip
REFUSE = Act(
    key="refuse", title="不予报销", button="定为不予报销", on=COSTS, verb=JUDGE, to=S.REFUSED,
    form=forms.Refusal, do=actions.refuse_cost, keep="不定", lead="不再计入，由个人承担",
    icon="ban", main=False, said="已定为不予报销，不再计入",
)  # fmt: skip
VOID = Act(
    key="void", title="作废", on=COSTS, verb=ENTER, to=S.VOID, offered=_may_void, form=forms.Void,
    do=actions.void_cost, keep="不作废", lead="作废后不再计入，记录保留", icon="circle-x",
    main=False, said="已作废，不再计入",
)  # fmt: skip
TOTAL = Act(
    key="new", title="登记总额", on=reading.STATEMENTS, verb=JUDGE, makes=True, form=forms.Total,
    do=sheets.state_total, lead="照对方月结单末行填写，与导入的逐笔合计相比；再登记的代替原来的",
    said=lambda row: f"已登记 {row.month:%Y-%m} {row.get_source_display()}总额",
)  # fmt: skip

# In the order of the buttons on the page of a cost; then that of the sheets.
ON_COSTS = (AMEND, REFUSE, VOID)
ACTS = (NEW, *ON_COSTS, TOTAL)
