"""What may be done about purchases (更新购置)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from guanjia.domains.fleet.actions import carding
from guanjia.domains.fleet.actions import purchases as actions
from guanjia.domains.fleet.approvals import PURCHASE
from guanjia.domains.fleet.forms import purchases as forms
from guanjia.domains.fleet.forms import quotas as small
from guanjia.domains.fleet.queries import archive, quotas
from guanjia.domains.fleet.queries import purchases as reading
from guanjia.domains.fleet.terms.cars import CarState, Energy, Keeping, Use
from guanjia.domains.fleet.terms.purchases import PurchaseState as S
from guanjia.kernel.approvals import preview
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval import lines
from guanjia.ui.approval.life import said
from guanjia.ui.approval.lines import Line

ASK, CARD, ENTER, PURCHASES = reading.ASK, reading.CARD, reading.ENTER, reading.PURCHASES
_FORM = "fleet/purchase_request.html"
# What is asked for unless somebody says otherwise.
_USUAL = {"energy": Energy.ELECTRIC.value, "body": "SEDAN", "domestic": True}


def _within(row: Any, actor: Actor, _: date) -> Mapping[str, Any]:
    scope = actor.scope(ASK)
    return {"units": [row.unit] if row else quotas.units_within(scope), "scope": scope}


def _is_mine(row: Any, actor: Actor) -> bool:
    return actor.person_id is not None and actor.person_id == row.applicant_id


def _may_cancel(row: Any, actor: Actor) -> bool:
    return _is_mine(row, actor) or PURCHASES.reaches(actor, CARD, row.pk)


def _beside(row: Any, form: Any, _: Actor, at: datetime) -> Mapping[str, Any]:
    """The cars that may be renewed, what is attached already, and what stands beside the form."""
    cars = archive.cars(form.scope).exclude(state=CarState.DISPOSED)
    if len(form.units) == 1:
        cars = cars.filter(unit=form.units[0])
    return {
        "files": attachments.of(model=PURCHASES.model, row_id=row.pk, kind=ATTACHMENT)
        if row
        else [],
        "cars": cars.exclude(keeping=Keeping.LEASED).order_by("plate"),
        "beside": _stands(form, at),
    }


def _stands(form: Any, at: datetime) -> Mapping[str, Any]:
    """How the quotas of the unit stand, and who decides; nothing without a unit."""
    try:
        unit = small.unit_of(form.units, str(form["unit"].value() or ""))
    except ValidationError:  # a name that is none yet: nothing to show beside
        return {}
    on = timezone.localtime(at).date()
    by_use = {use: quotas.standing(unit_id=unit.pk, use=use, on=on) for use in Use}
    return {
        "unit": unit,
        "quotas": [(use, standing) for use, standing in by_use.items() if not standing.empty],
        "ahead": _ahead(unit, at),
    }


def _ahead(unit: Unit, at: datetime) -> Sequence[Line]:
    steps = preview.ahead(
        route=PURCHASE, unit=unit, facts={"kind": "NEW", "early": False, "special": False},
        applicant_id=None, case=None, at=at,
    )  # fmt: skip
    return [
        *lines.ahead(steps, first=True),
        Line(tone="idle", icon="car", who="公务用车管理科", act="购置后登记新车"),
    ]


def _carded(row: Any) -> str:
    old = f"，旧车 {row.old_car} 出编待处置" if row.old_car else ""
    return f"已登记 {row.new_car}{old}"


REQUEST = Act(
    key="request", title="申请更新购置", button="提交申请", on=PURCHASES, verb=ASK, makes=True,
    form=forms.Request, fit=_within, first=lambda _, __: _USUAL, do=actions.request_purchase,
    said=said("已提交", on=PURCHASES.model, route=PURCHASE.key), template=_FORM, more=_beside,
)  # fmt: skip
MEND = Act(
    key="mend", title="修改后再交", button="重新提交", on=PURCHASES, verb=ASK, to=S.PENDING,
    offered=_is_mine, form=forms.Mend, fit=_within, first=lambda row, _: forms.initial_of(row),
    do=actions.change_purchase, template=_FORM, more=_beside, icon="pencil", main=False,
    said=said("已改并重新提交", on=PURCHASES.model, route=PURCHASE.key),
)  # fmt: skip
DOCUMENT = Act(
    key="document", title="登记文号", on=PURCHASES, verb=ENTER, when=actions.DOCUMENTED,
    form=small.Document, first=lambda row, _: {"document": row.document},
    do=actions.set_document, lead="批准这次购置的文件", said="已登记文号 {document}",
    icon="file-text", main=False,
)  # fmt: skip
CANCEL = Act(
    key="cancel", title="取消购置", on=PURCHASES, verb=ASK, when=reading.CANCELLING[ASK],
    also={CARD: reading.CANCELLING[CARD]}, offered=_may_cancel, form=small.Why,
    do=actions.cancel_purchase, keep="不取消", lead="取消后不能恢复，占用的编制空出来",
    said="已取消，占用的编制已空出", icon="circle-x", main=False,
)  # fmt: skip
# What a ledger tells of has its car already, mostly: there it is not offered.
ENTER_CAR = Act(
    key="card", title="登记新车", on=PURCHASES, verb=CARD, to=S.CARDED,
    offered=lambda row, _: row.state == S.AGREED, form=forms.NewCar,
    fit=lambda row, _, __: {"renews": row.old_car_id is not None}, first=forms.first_of_car,
    do=carding.card_purchase, said=_carded, template="fleet/purchase_card.html", icon="car",
)  # fmt: skip

# In the order of the buttons on the page of a purchase.
ACTS = (REQUEST, MEND, DOCUMENT, CANCEL, ENTER_CAR)
