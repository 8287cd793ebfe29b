"""What may be done about lots of disposals (处置批次)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.fleet.actions import lots as actions
from guanjia.domains.fleet.forms import disposals as forms
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.rules import disposals as rules
from guanjia.domains.fleet.terms.disposals import LotState
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Nothing

DEAL, LOTS, IN_LOT = reading.DEAL, reading.LOTS, reading.IN_LOT
_OPEN = (LotState.OPEN,)


def _everywhere(_: Any, actor: Actor) -> bool:
    """Lots are one settlement of the whole city."""
    return actor.can(DEAL) and actor.scope(DEAL).everything


def _may_put(row: Any, actor: Actor) -> bool:
    return _everywhere(row, actor) and bool(_waiting(row, actor, date.min)["waiting"])


def may_take_out(row: Any, actor: Actor) -> bool:
    """Whether a car may leave its lot."""
    return _everywhere(row, actor) and row.lot.state == LotState.OPEN and row.payment_id is None


def _waiting(row: Any, actor: Actor, _: date) -> Mapping[str, Any]:
    return {"waiting": list(reading.to_put(scope=actor.scope(DEAL), method=row.method))}


def _settlement(row: Any, today: date) -> Mapping[str, Any]:
    total = "" if row.total_fen is None else formats.yuan(row.total_fen)
    return {"total": total, "agent": row.agent, "held_on": row.held_on or today}


def _differs(row: Any, _: Actor, __: date) -> Mapping[str, Any]:
    return {"differs": bool(rules.differences(lot=reading.lot_facts(row)).warnings)}


NEW = Act(
    key="new", title="新建批次", on=LOTS, verb=DEAL, makes=True, form=forms.Lot,
    do=actions.open_lot, keep="不建", lead="一场拍卖，或一次交车报废",
    said="已建“{title}”，放入待处置的车",
)  # fmt: skip
PUT = Act(
    key="put", title="放入车辆", button="放入批次", on=LOTS, verb=DEAL, when=_OPEN,
    offered=_may_put, form=forms.Chosen, fit=_waiting, do=actions.put_in_lot, keep="不放入",
    lead="已批准、处置方式相同、还没有分批的车", said="已放入批次", main=False,
)  # fmt: skip
SETTLE = Act(
    key="settle", title="登记成交总额", on=LOTS, verb=DEAL, when=_OPEN,
    offered=lambda row, actor: _everywhere(row, actor) and row.total_fen is None,
    form=forms.Settlement, first=_settlement, do=actions.settle_lot,
    lead="按受托机构的结算单填写", said="已登记成交总额",
)  # fmt: skip
RESETTLE = Act(
    key="resettle", title="更正成交总额", on=LOTS, verb=DEAL, when=_OPEN,
    offered=lambda row, actor: _everywhere(row, actor) and row.total_fen is not None,
    form=forms.Settlement, first=_settlement, do=actions.settle_lot, keep="不更正",
    lead="按受托机构的结算单填写", said="已更正成交总额", main=False,
)  # fmt: skip
PAY = Act(
    key="pay", title="登记缴库", on=LOTS, verb=DEAL, when=_OPEN, offered=_everywhere,
    form=forms.LotPaid, first=lambda _, today: {"paid_on": today}, do=actions.pay_in_lot,
    lead="缴足各车成交之和后，已成交的车一并记为已缴库；登记后不能改", said="已登记缴库",
    adds="fleet.LotPayment", main=False,
)  # fmt: skip
CLOSE = Act(
    key="close", title="核销批次", on=LOTS, verb=DEAL, to=LotState.CLOSED,
    offered=lambda row, actor: _everywhere(row, actor) and row.cars and row.total_fen is not None,
    form=forms.Close, fit=_differs, do=actions.close_lot, keep="不核销",
    lead="核销以后不能再改；三数不等、数字无误的，写明差额原因", said="已核销",
)  # fmt: skip
TAKE_OUT = Act(
    key="take_out", title="移出批次", on=IN_LOT, verb=DEAL, offered=may_take_out,
    form=Nothing, do=actions.take_out, keep="不移出",
    lead="流拍的移出后，可以放入另一批", said="已移出这一批",
)  # fmt: skip

# In the order of the buttons on the page of a lot.
ACTS = (NEW, PUT, SETTLE, RESETTLE, PAY, CLOSE)
