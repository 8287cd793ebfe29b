"""What may be done about using and disposing of idle rooms (处置利用), and what that brings."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Case, When
from django.utils import timezone

from guanjia.domains.space.actions import disposal_deals as deals
from guanjia.domains.space.actions import disposals as actions
from guanjia.domains.space.approvals import DISPOSAL
from guanjia.domains.space.forms import disposals as forms
from guanjia.domains.space.models import Disposal, DisposalIncome
from guanjia.domains.space.queries import disposals as reading
from guanjia.domains.space.queries import idle
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.disposals import UNSENT, VALUED, DisposalWay
from guanjia.domains.space.terms.disposals import DisposalState as S
from guanjia.domains.space.terms.disposals import IncomeState as I
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals import queries as cases
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval import lines
from guanjia.ui.approval.life import waiting
from guanjia.ui.approval.lines import Line

REQUEST, DEAL = reading.REQUEST, reading.DEAL
DISPOSALS, INCOMES = reading.DISPOSALS, reading.INCOMES
_FORM = "space/disposal_new.html"
_ROOMS_MAX = 1_000


# ── asking ───────────────────────────────────────────────────────────────────────────────


def _rooms(_: Any, form: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The empty rooms to choose from, and the units that may use them."""
    rows = idle.idle(day=timezone.localdate(at), scope=actor.scope(REQUEST))
    # What is chosen comes first: the list shows some dozen rooms at a time, and not all of many.
    first = Case(When(pk__in=form.ticked, then=0), default=1)
    rows = rows.order_by(first, "building__compound__position", "building__position", "number")
    units = Unit.objects.open().exclude(nature__in=[Nature.SECTION, Nature.AREA])
    return {"rooms": list(rows[:_ROOMS_MAX]), "units": units.order_by("position", "code")}


def _as_asked(found: Disposal, _: date) -> Mapping[str, Any]:
    return {
        "rooms": list(found.rooms.values_list("room", flat=True)), "purpose": found.purpose,
        "party": found.party, "reason": found.reason,
        "to_unit": found.to_unit.code if found.to_unit else "",
    }  # fmt: skip


def _asked(made: Disposal) -> str:
    waits = made.way in VALUED and made.valuation_fen is None
    return f"已登记 {made.number}，{'登记评估后报批' if waits else '可以报批'}"


# ── valuation, approval ──────────────────────────────────────────────────────────────────


def _valuation(found: Disposal, today: date) -> Mapping[str, Any]:
    worth = formats.yuan(found.valuation_fen) if found.valuation_fen else ""
    return {"valuer": found.valuer, "valued_on": found.valued_on or today, "valuation": worth}


def _is_valued(found: Disposal, _: Actor) -> bool:
    return found.valuation_fen is not None or found.way not in VALUED


def after_approval(disposal_id: int, at: datetime) -> str:
    """Who has a disposal once its approval is over, for the line after the last act."""
    disposal = reading.disposal(scope=Scope.all(), disposal_id=disposal_id)
    if disposal.state == S.PENDING:
        return waiting(
            cases.case_for(subject_type=reading.SUBJECT, subject_id=disposal.pk, route=DISPOSAL.key)
        )
    if disposal.state != S.AGREED:
        return ""
    line = dealer(disposal, at)
    return f"等{line.who}{line.act}"


def dealer(disposal: Disposal, at: datetime) -> Line:
    """Who carries it out."""
    people = access.holders(verb=DEAL, unit=disposal.unit, on=timezone.localdate(at))
    who = lines.joined([person.name for person in people]) if people else lines.NOBODY
    return Line(tone="wait", icon="gavel", who=who, act=f"办理{disposal.get_way_display()}")


def _sent(found: Disposal) -> str:
    return "，".join(filter(None, ("已报批", after_approval(found.pk, timezone.now()))))


# ── carrying out ─────────────────────────────────────────────────────────────────────────


def _carried(found: Disposal) -> str:
    way, owed = DisposalWay(found.way), found.incomes.count()
    done = f"已办理{way.label}" + (f"，{owed} 笔收入待缴库" if owed else "")
    return f"{done}，{forms.COMES_IN}" if way == DisposalWay.EXCHANGE else done


def _paid(found: DisposalIncome) -> str:
    left = found.disposal.incomes.filter(state=I.DUE).count()
    told = f"已登记缴库 {yuan(found.paid_fen or 0)}"
    return told + (f"，还有 {left} 笔" if left else "，已缴清")


REQUESTED = Act(
    key="new", title="申请处置利用", button="登记申请", on=DISPOSALS, verb=REQUEST, makes=True,
    form=forms.Reuse, do=actions.request, template=_FORM, more=_rooms,
    lead="登记后评估、报批；方式有六种，出租、拍卖、置换先评估", said=_asked,
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消处置利用", on=DISPOSALS, verb=REQUEST, to=S.CALLED_OFF,
    form=forms.Why, do=actions.call_off, keep="不取消", main=False,
    lead="取消后不能恢复，要处置须重新申请", said="已取消 {number}，房间仍在闲置台账",
)  # fmt: skip
MEND = Act(
    key="change", title="修改", button="保存修改", on=DISPOSALS, verb=REQUEST, when=UNSENT,
    form=forms.Mend, fit=lambda row, _, __: {"way": DisposalWay(row.way)}, first=_as_asked,
    do=actions.mend, template=_FORM, more=_rooms, keep="不修改", main=False, lead="方式不能改",
    said=_asked,
)  # fmt: skip
VALUE = Act(
    key="value", title="登记评估", on=DISPOSALS, verb=REQUEST, when=UNSENT,
    offered=lambda row, _: row.way in VALUED, form=forms.Valued, first=_valuation,
    fit=lambda row, _, __: {"lease": row.way == DisposalWay.LEASE}, do=actions.value,
    lead="按评估报告填写，报批以后不能改", said="已登记评估，可以报批",
)  # fmt: skip
SEND = Act(
    key="send", title="报批", on=DISPOSALS, verb=REQUEST, to=S.PENDING, offered=_is_valued,
    form=forms.Word, do=actions.send, keep="不报批", lead="管理科审核以后，局领导审批",
    said=_sent,
)  # fmt: skip
CARRY = Act(
    key="carry", title="办理处置利用", button="办理", on=DISPOSALS, verb=DEAL, when=(S.AGREED,),
    form=forms.CarryOut, fit=lambda row, _, __: {"way": DisposalWay(row.way)},
    first=lambda row, today: {"on": today, "party": row.party, "document": row.document},
    do=deals.carry_out, keep="不办理", said=_carried,
)  # fmt: skip
BACK = Act(
    key="back", title="收回房间", on=DISPOSALS, verb=DEAL, to=S.ENDED, form=forms.TakeBack,
    first=lambda _, today: {"on": today}, do=deals.take_back, keep="不收回", main=False,
    lead="收回当天起空置；之后的租金不再收取，之前欠的照收",
    said=lambda row: f"已收回，{row.ended_on:%Y-%m-%d} 起空置",
)  # fmt: skip
PAY = Act(
    key="pay", title="登记缴库", on=INCOMES, verb=DEAL, to=I.PAID, form=forms.PayIn,
    first=lambda row, today: {"paid": formats.yuan(row.due_fen), "paid_on": today},
    do=deals.pay_in, lead="收入是政府非税收入，全额缴入国库", said=_paid,
)  # fmt: skip

# In the order of the buttons on the page of a disposal.
ACTS = (REQUESTED, CALL_OFF, MEND, VALUE, SEND, CARRY, BACK)
INCOME_ACTS = (PAY,)
