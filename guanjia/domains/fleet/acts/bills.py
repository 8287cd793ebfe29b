"""What may be done about bills (结算单) and their lines."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.actions import bills as actions
from guanjia.domains.fleet.forms import bills as forms
from guanjia.domains.fleet.models import Bill, BillLine
from guanjia.domains.fleet.queries import bills as reading
from guanjia.domains.fleet.terms.bills import DEALT_WITH, Answer, BillState, LineKind
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act

DRAW, ANSWER, BILLS, LINES = reading.DRAW, reading.ANSWER, reading.BILLS, reading.LINES


def is_over(bill: Bill) -> bool:
    """Whether the month of a bill is over, so that it may be sent."""
    return timezone.localdate() >= Period.month_of(bill.month).end


def _waiting(bill: Bill) -> Any:
    return bill.lines.filter(answer__in=reading.OPEN_ANSWERS)


def _asked(bill: Bill, actor: Actor, _: date) -> Mapping[str, Any]:
    return {"waiting": _waiting(bill), "for_unit": not actions.is_own(actor, bill.unit)}


def _lines(bill: Bill, form: Any, actor: Actor, _: datetime) -> Mapping[str, Any]:
    seen = reading.seen_lines(scope=actor.scope(ANSWER), bill_id=bill.pk)
    return {
        "rows": [
            (each, form[form.asks[each.line.pk]]) for each in seen if each.line.pk in form.asks
        ]
    }


def _disputed(bill: Bill) -> int:
    return int(bill.lines.filter(answer=Answer.DISPUTED).count())


def _answered(bill: Bill) -> str:
    if bill.state == BillState.DISPUTED:
        return f"已答复 {bill}，{_disputed(bill)} 行有异议，等管理员处理"
    return f"已同意 {bill}，等管理员结清"


def _decided(line: BillLine) -> str:
    left = _disputed(line.bill)
    said = "调整" if line.adjusted_fen is not None else "维持原金额"
    return f"已处理：{said}，" + (f"还有 {left} 行异议" if left else "等单位再答复")


def _corrected(line: BillLine, _: date) -> Mapping[str, Any]:
    """What its trip comes to, where that was corrected after the bill was drawn."""
    (seen,) = reading.corrected([line])
    if seen.now is None:
        return {}
    why = f"里程由 {line.km} 更正为 {seen.now.km} 公里"
    return {"right": formats.yuan(seen.right_fen), "reason": why}


SEND = Act(
    key="send", title="发出账单", on=BILLS, verb=DRAW, when=DEALT_WITH["send"], form=forms.Send,
    offered=lambda bill, _: is_over(bill), do=actions.send_bill, keep="不发出", icon="send",
    lead="发出后明细不再重算，由单位逐行答复",
    said="已发出 {number}，{unit}在 {answer_due_on:%Y-%m-%d} 前答复",
)  # fmt: skip
ANSWERED = Act(
    key="answer", title="答复账单", on=BILLS, verb=ANSWER, when=DEALT_WITH["answer"],
    form=forms.Answer, fit=_asked, do=actions.answer_bill, template="fleet/bill_answer_act.html",
    more=_lines, keep="不答复", icon="send", lead="有异议的写明理由；没写的，答复后即为同意",
    said=_answered,
)  # fmt: skip
CLOSE = Act(
    key="close", title="结清", on=BILLS, verb=DRAW, when=DEALT_WITH["close"], form=forms.Close,
    do=actions.close_bill, keep="不结清", icon="check",
    lead="结清后签发结算单，以后的差错记入下一期", said="已结清 {number}，结算单已签发",
)  # fmt: skip
DECIDE = Act(
    key="decide", title="处理异议", on=LINES, verb=DRAW, to=Answer.DECIDED, form=forms.Decide,
    first=lambda line, _: {"adjusted": formats.yuan(line.due)}, do=actions.decide_dispute,
    keep="不处理", lead="全部处理后账单退回单位再答复", said=_decided,
)  # fmt: skip
ADJUST = Act(
    key="adjust", title="记入下一期更正", button="记入下一期", on=LINES, verb=DRAW,
    offered=lambda line, _: (line.bill.state, line.kind) == (BillState.CLOSED, LineKind.TRIP),
    form=forms.Adjust, first=_corrected, do=actions.adjust_line, adds=LINES.model,
    keep="不更正", lead="填应为的金额，差额记入单位的下一期账单",
    said=lambda line: f"差额 {money.yuan(line.amount_fen)} 已记入 {line.bill}",
)  # fmt: skip

# In the order of the buttons on the page of a bill; then those beside its lines.
ON_BILLS = (SEND, ANSWERED, CLOSE)
ACTS = (*ON_BILLS, DECIDE, ADJUST)
