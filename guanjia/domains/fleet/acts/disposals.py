"""What may be done about disposals of cars (处置)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.actions import disposals as actions
from guanjia.domains.fleet.actions import lots, transfers
from guanjia.domains.fleet.approvals import DISPOSAL
from guanjia.domains.fleet.forms import disposals as forms
from guanjia.domains.fleet.models import Disposal
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.domains.fleet.terms.disposals import UNDER_WAY, UNSENT, DisposalMethod
from guanjia.domains.fleet.terms.disposals import DisposalState as S
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval import lines
from guanjia.ui.approval.life import waiting
from guanjia.ui.approval.lines import Line
from guanjia.ui.forms import Nothing

REQUEST, DEAL, DISPOSALS = reading.REQUEST, reading.DEAL, reading.DISPOSALS


def dealer(row: Disposal, at: datetime) -> Line:
    """Who deals with what is agreed to."""
    people = access.holders(verb=DEAL, unit=row.unit, on=timezone.localdate(at))
    who = lines.joined([person.name for person in people]) if people else lines.NOBODY
    act = "办理划转" if _is_transfer(row) else "登记成交"
    return Line(tone="wait", icon="archive", who=who, act=act)


def next_line(row: Disposal, at: datetime) -> str:
    """In whose hands a disposal is now: ``等余建国审批``; ``""`` at its end."""
    if row.state == S.PENDING:
        return waiting(
            cases.case_for(subject_type=DISPOSALS.model, subject_id=row.pk, route=DISPOSAL.key)
        )
    if row.state == S.AGREED:
        line = dealer(row, at)
        return f"等{line.who}{line.act}"
    return "等缴库" if row.state == S.DEALT and row.proceeds_fen else ""


def _then(done: str) -> Callable[[Disposal], str]:
    return lambda row: "，".join(filter(None, (done, next_line(row, timezone.now()))))


def _is_transfer(row: Disposal) -> bool:
    return row.method == DisposalMethod.TRANSFER


def _may_send(row: Disposal, _: Actor) -> bool:
    return row.to_unit_id is not None if _is_transfer(row) else row.valuation_fen is not None


def _may_put(row: Disposal, actor: Actor) -> bool:
    if row.state != S.AGREED or _is_transfer(row) or row.lot_id or not actor.can(DEAL):
        return False
    return actor.scope(DEAL).everything and bool(_lots(row, actor, date.min)["lots"])


def _may_return_plate(row: Disposal, _: Actor) -> bool:
    waits = row.state in (S.AGREED, S.DEALT, S.PAID) and row.plate_returned_on is None
    return waits and not _is_transfer(row)


def _may_finish(row: Disposal, _: Actor) -> bool:
    return not _is_transfer(row) and (row.state == S.PAID or not row.proceeds_fen)


def _lots(row: Disposal, actor: Actor, _: date) -> Mapping[str, Any]:
    return {"lots": list(reading.open_lots(scope=actor.scope(DEAL), method=row.method))}


def _valued(row: Disposal, today: date) -> Mapping[str, Any]:
    return {
        "valuation": _yuan(row.valuation_fen), "valuer": row.valuer,
        "valued_on": row.valued_on or today,
    }  # fmt: skip


def _dealt(row: Disposal, today: date) -> Mapping[str, Any]:
    return {
        "document": row.document or (row.lot.document if row.lot else ""), "buyer": row.buyer,
        "proceeds": _yuan(row.proceeds_fen), "disposed_on": row.disposed_on or today,
    }  # fmt: skip


def _yuan(fen: int | None) -> str:
    return "" if fen is None else formats.yuan(fen)


CALL_OFF = Act(
    key="call_off", title="取消处置", on=DISPOSALS, verb=REQUEST, when=reading.CALLING_OFF[REQUEST],
    also={DEAL: reading.CALLING_OFF[DEAL]}, form=forms.Why, do=actions.call_off, keep="不取消",
    lead="车不再处置，取消后不能恢复，要处置须重新申请", said="已取消处置", main=False,
)  # fmt: skip
VALUE = Act(
    key="value", title="登记估值", on=DISPOSALS, verb=REQUEST, when=UNSENT,
    offered=lambda row, _: not _is_transfer(row) and row.valuation_fen is None,
    form=forms.Valuation, first=_valued, do=actions.value_disposal, said=_then("已登记估值"),
    lead="按评估报告填写，没有残值的填 0；报批以后不能改",
)  # fmt: skip
REVALUE = Act(
    key="revalue", title="更正估值", on=DISPOSALS, verb=REQUEST, when=UNSENT,
    offered=lambda row, _: not _is_transfer(row) and row.valuation_fen is not None,
    form=forms.Valuation, first=_valued, do=actions.value_disposal, said=_then("已更正估值"),
    keep="不更正", lead="按评估报告填写，没有残值的填 0；报批以后不能改", main=False,
)  # fmt: skip
SEND = Act(
    key="send", title="报批", on=DISPOSALS, verb=REQUEST, when=UNSENT, offered=_may_send,
    form=forms.Comment, do=actions.send, keep="不报批", said=_then("已报批"),
)  # fmt: skip
PUT_IN_LOT = Act(
    key="lot", title="放入批次", on=DISPOSALS, verb=DEAL, when=actions.DEALING, offered=_may_put,
    form=forms.OneOf, fit=_lots, do=lots.put_one, keep="不放入",
    lead="与同批的车一起处置、结算、缴库", said=_then("已放入批次"), main=False,
)  # fmt: skip
RETURN_PLATE = Act(
    key="plate", title="登记号牌交回", on=DISPOSALS, verb=DEAL, when=UNDER_WAY,
    offered=_may_return_plate, form=forms.Plate, first=lambda _, today: {"on": today},
    do=actions.return_plate, lead="号牌和行驶证交回后，车辆卡片才能注销",
    said=_then("已登记号牌交回"), main=False,
)  # fmt: skip
ENTER_DEAL = Act(
    key="deal", title="登记成交", on=DISPOSALS, verb=DEAL, when=(S.AGREED,),
    offered=lambda row, _: not _is_transfer(row), form=forms.Deal, fit=forms.buyer_of,
    first=_dealt, do=actions.deal, said=_then("已登记成交"),
    lead="按成交确认书或回收证明填写，没有收入的填 0",
)  # fmt: skip
CORRECT_DEAL = Act(
    key="redeal", title="更正成交", on=DISPOSALS, verb=DEAL, when=(S.DEALT,), form=forms.Deal,
    fit=forms.buyer_of, first=_dealt, do=actions.deal, said=_then("已更正成交"), keep="不更正",
    lead="按成交确认书或回收证明填写，没有收入的填 0", main=False,
)  # fmt: skip
PAY = Act(
    key="pay", title="登记缴库", on=DISPOSALS, verb=DEAL, to=S.PAID,
    offered=lambda row, _: bool(row.proceeds_fen), form=forms.Payment, do=actions.pay_in,
    first=lambda row, today: {"paid": _yuan(row.proceeds_fen), "paid_on": today},
    lead="处置收入全额缴入国库；整批一张凭证的到批次里登记", said=_then("已登记缴库"),
)  # fmt: skip
FINISH = Act(
    key="finish", title="办结处置", on=DISPOSALS, verb=DEAL, when=actions.FINISHING,
    offered=_may_finish, form=Nothing, do=actions.finish, keep="不办结",
    lead="车辆卡片注销，从处置日期起不再占编制；办结后不能恢复", said="已办结，车辆卡片已注销",
)  # fmt: skip
TRANSFER = Act(
    key="transfer", title="办结划转", on=DISPOSALS, verb=DEAL, when=(S.AGREED,),
    offered=lambda row, _: _is_transfer(row) and row.to_unit_id is not None, form=forms.Transfer,
    first=lambda _, today: {"on": today}, do=transfers.finish_transfer, keep="不办结",
    lead="从划转日期起由接收单位使用，占它的编制", said="已办结划转",
)  # fmt: skip

# In the order of the buttons on the page of a disposal.
ACTS = (
    CALL_OFF, VALUE, REVALUE, SEND, PUT_IN_LOT, RETURN_PLATE, ENTER_DEAL, CORRECT_DEAL, PAY,
    FINISH, TRANSFER,
)  # fmt: skip
