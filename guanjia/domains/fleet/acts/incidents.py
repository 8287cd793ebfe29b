"""What may be done about fines (违法) and accidents (事故)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.fleet.actions import incidents as actions
from guanjia.domains.fleet.acts import of_car
from guanjia.domains.fleet.forms import incidents as forms
from guanjia.domains.fleet.forms.upkeep import Attach
from guanjia.domains.fleet.models import Accident, Fine
from guanjia.domains.fleet.queries import upkeep as reading
from guanjia.domains.fleet.terms.upkeep import AccidentState, Blame, FineState
from guanjia.ui import formats
from guanjia.ui.acts.declaration import Act

ENTER, FINES, ACCIDENTS = reading.ENTER_FINE, reading.FINES, reading.ACCIDENTS


def _fined(fine: Fine) -> str:
    told = f"当时 {fine.driver} 在开" if fine.driver else "没有对应的派车单，已记为待核"
    return f"已登记 {fine.car.plate} 的违法 {fine.number}，{told}"


def _paid(fine: Fine, today: date) -> Mapping[str, Any]:
    return {"on": today, "payer": fine.driver.name if fine.driver else ""}


def _known(accident: Accident, today: date) -> Mapping[str, Any]:
    sums = ("loss_fen", "insurer_fen", "self_fen")
    told = {name: formats.yuan(getattr(accident, name)) for name in sums}
    return {**told, "blame": accident.blame, "on": today}


NEW_FINE = Act(
    key="new", title="登记违法", on=FINES, verb=ENTER, makes=True, form=forms.NewFine,
    fit=of_car.cars(ENTER), do=actions.enter_fine, template=of_car.FORM, more=of_car.suggested,
    lead="按处罚决定书或违法通知填写；驾驶员按当时的派车单找，找不到的记为待核", said=_fined,
)  # fmt: skip
ATTACH_TO_FINE = Act(
    key="attach", title="补交附件", button="附上文件", on=FINES, verb=ENTER, form=Attach,
    do=actions.attach_to_fine, keep="不补交", said="已附上文件", icon="paperclip", main=False,
)  # fmt: skip
HANDLE = Act(
    key="handle", title="登记处理", on=FINES, verb=ENTER, to=FineState.HANDLED,
    form=forms.Handle, first=_paid, do=actions.handle_fine, lead="罚款由责任人个人缴纳",
    icon="clipboard-check", said="已登记处理，{payer}缴款",
)  # fmt: skip
NEW_ACCIDENT = Act(
    key="new", title="登记事故", on=ACCIDENTS, verb=ENTER, makes=True, form=forms.NewAccident,
    fit=of_car.cars(ENTER), first=lambda *_: {"blame": Blame.PENDING}, do=actions.enter_accident,
    template=of_car.FORM, more=of_car.suggested,
    lead="先登记，金额和责任可以在结案时补齐；结案时损失须等于保险赔付加自付",
    said="已登记 {car.plate} 的事故 {number}",
)  # fmt: skip
ATTACH_TO_ACCIDENT = Act(
    key="attach", title="补交附件", button="附上文件", on=ACCIDENTS, verb=ENTER, form=Attach,
    do=actions.attach_to_accident, keep="不补交", said="已附上文件", icon="paperclip", main=False,
)  # fmt: skip
CLOSE = Act(
    key="close", title="结案", on=ACCIDENTS, verb=ENTER, to=AccidentState.CLOSED,
    form=forms.Close, first=_known, do=actions.close_accident, keep="不结案",
    lead="损失须等于保险赔付加自付，一分不差", icon="clipboard-check",
    said="已结案，自付 {self_fen:yuan}",
)  # fmt: skip

# In the order of the buttons on their pages.
ON_FINES = (NEW_FINE, ATTACH_TO_FINE, HANDLE)
ON_ACCIDENTS = (NEW_ACCIDENT, ATTACH_TO_ACCIDENT, CLOSE)
ACTS = (*ON_FINES, *ON_ACCIDENTS)
