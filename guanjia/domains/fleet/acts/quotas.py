"""What may be done about changes of quotas (编制变更)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.actions import quotas as actions
from guanjia.domains.fleet.approvals import QUOTA
from guanjia.domains.fleet.forms import quotas as forms
from guanjia.domains.fleet.queries import quotas as reading
from guanjia.domains.fleet.terms.quotas import ChangeState as S
from guanjia.kernel.attachments import queries as attachments
from guanjia.kernel.attachments.terms import ATTACHMENT
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.approval.life import said

ASK, ENTER, CHANGES = reading.ASK, reading.ENTER, reading.CHANGES
_FORM = "fleet/quota_request.html"


def _units(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"units": reading.units_within(actor.scope(ASK))}


def _as_it_stands(row: Any, _: date) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in actions.MENDED}


def _is_mine(row: Any, actor: Actor) -> bool:
    return actor.person_id is not None and actor.person_id == row.applicant_id


def _attached(row: Any, _: Any, __: Actor, ___: datetime) -> Mapping[str, Any]:
    return {"files": attachments.of(model=CHANGES.model, row_id=row.pk, kind=ATTACHMENT)}


REQUEST = Act(
    key="request", title="申请编制变更", button="提交申请", on=CHANGES, verb=ASK, makes=True,
    form=forms.Request, fit=_units, first=lambda _, today: {"takes_effect_on": today},
    do=actions.request_change, template=_FORM,
    said=said("已提交", on=CHANGES.model, route=QUOTA.key),
)  # fmt: skip
MEND = Act(
    key="mend", title="修改后再交", button="重新提交", on=CHANGES, verb=ASK, to=S.PENDING,
    offered=_is_mine, form=forms.Mend, first=_as_it_stands, do=actions.change_request,
    said=said("已改并重新提交", on=CHANGES.model, route=QUOTA.key), template=_FORM, more=_attached,
    icon="pencil", main=False,
)  # fmt: skip
DOCUMENT = Act(
    key="document", title="登记文号", on=CHANGES, verb=ENTER, when=(S.AGREED,),
    form=forms.Document, first=lambda row, _: {"document": row.document},
    do=actions.set_document, lead="批准这次变更的文件", said="已登记文号 {document}",
    icon="file-text", main=False,
)  # fmt: skip

# In the order of the buttons on the page of a change.
ACTS = (REQUEST, MEND, DOCUMENT)
