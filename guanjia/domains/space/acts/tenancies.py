"""What may be done about 周转房: who lives there, and the money they pay."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.actions import rents
from guanjia.domains.space.actions import tenancies as actions
from guanjia.domains.space.forms import tenancies as forms
from guanjia.domains.space.models import RentPayment, Tenancy
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.rules import tenancies as rules
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.tenancies import PaidBy
from guanjia.domains.space.terms.tenancies import TenancyState as S
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

KEEP, COLLECT = reading.KEEP, reading.COLLECT
TENANCIES, PAYMENTS = reading.TENANCIES, reading.PAYMENTS
_PEOPLE_MAX, _SHOWN, _PAYMENTS = 2_000, 60, 12


def _rooms(_: Any, __: Actor, today: date) -> Mapping[str, Any]:
    return {"rooms": list(reading.free_quarters(day=today))}


def _people(_: Any, __: Any, ___: Actor, ____: datetime) -> Mapping[str, Any]:
    rows = Person.objects.serving().exclude(employment="RETIRED")
    return {"people": rows.order_by("unit__position", "number")[:_PEOPLE_MAX]}


def _in_post(found: Tenancy, _: Actor) -> bool:
    return found.left_on is None


def _paid_nothing(found: Tenancy, _: Actor) -> bool:
    return not found.payments.filter(voided_at=None).exists()


def _left(found: Tenancy, today: date) -> Mapping[str, Any]:
    return {"left_on": found.tenant.left_on or today}


def _given_back(found: Tenancy) -> str:
    owed = sum(one.fen for one in reading.owed_of(found) if not one.paid)
    told = f"已退房，{found.room} {found.ended_on:%Y-%m-%d} 起空置"
    told += f"，还欠租金 {yuan(owed)}" if owed else ""
    return told + (f"，应退租金 {yuan(found.refund_fen)}" if found.refund_fen else "")


MOVE_IN = Act(
    key="new", title="登记入住", on=TENANCIES, verb=KEEP, makes=True, form=forms.MoveIn,
    fit=_rooms, first=lambda _, today: {"since_on": today}, do=actions.move_in, more=_people,
    template="space/tenancy_new.html", lead="已住的一起登记，用导入 Excel",
    said="{tenant.name} 已登记入住 {room}",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消入住", on=TENANCIES, verb=KEEP, to=S.CALLED_OFF, form=forms.Why,
    offered=_paid_nothing, do=actions.call_off, keep="不取消", main=False,
    lead="没有住过才取消，租金一并取消；住过的办退房", said="已取消入住，{room} 空置",
)  # fmt: skip
LEFT = Act(
    key="left", title="登记离任", on=TENANCIES, verb=KEEP, when=(S.RUNNING,), form=forms.Left,
    first=_left, offered=_in_post, do=actions.tell_left, main=False,
    lead="退房期限按离任当天有效的参数推算",
    said=lambda found: f"已登记离任，{found.leave_by:%Y-%m-%d} 前退房",
)  # fmt: skip
RENEW = Act(
    key="renew", title="续租", on=TENANCIES, verb=KEEP, when=(S.RUNNING,), form=forms.Renew,
    offered=_in_post, do=actions.renew, keep="不续租", main=False,
    lead="从原到期日的第二天起算", said=lambda found: f"已续租到 {found.last_on:%Y-%m-%d}",
)  # fmt: skip
BACK = Act(
    key="back", title="退房验房", button="登记退房", on=TENANCIES, verb=KEEP, to=S.RETURNED,
    form=forms.HandBack, first=lambda _, today: {"on": today}, do=actions.hand_back,
    keep="不退房", main=False, lead="退房当天不计租金，当月按住的天数计", said=_given_back,
)  # fmt: skip


# ── the cashier ──────────────────────────────────────────────────────────────────────────


def desk(actor: Actor, *, words: str = "") -> dict[str, Any]:
    """Who owes, the most first; or who was searched for."""
    scope = actor.scope(COLLECT)
    rows = reading.found(scope, words=words) if words else reading.with_arrears(scope)
    return {"words": words, "rows": list(rows[:_SHOWN])}


def _months(found: Tenancy, form: Any, actor: Actor, at: datetime) -> Mapping[str, Any]:
    """The months that are owed, with what those up to each come to, since they are paid in order;
    and what was paid."""
    sums, total = [], 0
    for one in form.owed:
        total += one.fen
        sums.append((one, total, rules.in_words(total)))
    payments = found.payments.select_related("taken_by")[:_PAYMENTS]
    return desk(actor) | {
        "chosen": found, "today": timezone.localdate(at), "owed": sums,
        "payments": [(one, one.months.split("、")) for one in payments],
    }  # fmt: skip


def _owes(found: Tenancy, _: Actor) -> bool:
    return found.rents.unpaid().exists()


def _owed(found: Tenancy, _: Actor, __: date) -> Mapping[str, Any]:
    return {"owed": list(found.rents.unpaid().order_by("month"))}


def _oldest(found: Tenancy, today: date) -> Mapping[str, Any]:
    months = found.rents.unpaid().order_by("month").values_list("pk", flat=True)
    return {"paid_on": today, "by": PaidBy.TRANSFER, "rents": list(months[:1])}


def _taken(made: RentPayment) -> str:
    whose = f"{made.tenancy.tenant.name} {made.months}"
    return f"已收 {whose} 租金 {yuan(made.fen)}，票据 {made.receipt}"


TAKE = Act(
    key="take", title="收租", on=reading.OWED, verb=COLLECT, form=forms.Take, fit=_owed,
    first=_oldest, offered=_owes, do=rents.pay, adds="space.RentPayment", icon="receipt",
    template="space/rent_desk.html", more=_months, said=_taken,
    then=lambda made: reverse("space:tenancy_take", args=[made.tenancy_id]),
)  # fmt: skip
VOID = Act(
    key="void", title="作废收款", button="作废收款（留痕）", on=PAYMENTS, verb=COLLECT,
    form=forms.Why, offered=lambda paid, _: paid.voided_at is None, do=rents.void, keep="不作废",
    lead="作废后这些月份重新待交，票据号可以重开",
    said="已作废票据 {receipt}，{months} 重新待交",
)  # fmt: skip

# In the order of the buttons on the page of a tenancy.
ACTS = (MOVE_IN, CALL_OFF, LEFT, RENEW, BACK, TAKE)
PAYMENT_ACTS = (VOID,)
