"""What may be done with meters (表计): entered, corrected, changed for another device, read off."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from guanjia.domains.energy.actions import meters as actions
from guanjia.domains.energy.forms import meters as forms
from guanjia.domains.energy.models import Meter, MeterChange, MeterNote
from guanjia.domains.energy.queries.institutions import INSTITUTIONS
from guanjia.domains.energy.queries.meters import ENTER, METERS, READ
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import as_typed

_FACTS = (
    "number", "energy", "role", "place", "multiplier", "digits", "most_per_hour", "installed_at",
    "installed_reading", "until",
)  # fmt: skip


def _typed(row: Any, *names: str) -> dict[str, Any]:
    """Facts of a device as people type them; moments as the form writes them."""
    found = {name: getattr(row, name) for name in names}
    return {
        name: value if name == "installed_at" else as_typed(value) for name, value in found.items()
    }


def _facts(meter: Meter, _: date) -> Mapping[str, Any]:
    return _typed(meter, *_FACTS)


def _changed(meter: Meter, _: Actor, __: date) -> Mapping[str, Any]:
    return {"changed": meter.changes.exists()}


def _device(meter: Meter, _: date) -> Mapping[str, Any]:
    last = meter.changes.order_by("-at").first()
    return {**_typed(last or meter, "multiplier", "digits"), "began": "0"}


def _now(_: Meter, __: date) -> Mapping[str, Any]:
    return {"at": timezone.localtime().replace(second=0, microsecond=0)}


def _said_changed(device: MeterChange) -> str:
    return f"已登记 {device.meter.number} 换表，用量几分钟内重新计算"


def _said_read(note: MeterNote) -> str:
    return f"已记下 {note.meter.number} 止码 {as_typed(note.value)}，用量几分钟内算好"


NEW = Act(
    key="meter", title="登记表计", on=INSTITUTIONS, verb=ENTER, form=forms.Meter,
    do=actions.enter_meter, adds="energy.Meter", icon="plus", said="已登记表计 {number}",
    then=lambda meter: reverse("energy:meter", args=[meter.pk]),
)  # fmt: skip
AMEND = Act(
    key="edit", title="更正表计", button="保存表计", on=METERS, verb=ENTER, form=forms.Meter,
    fit=_changed, first=_facts, do=actions.amend_meter, keep="不更正", icon="pencil", main=False,
    said="已保存表计 {number}",
)  # fmt: skip
CHANGE = Act(
    key="change", title="登记换表", on=METERS, verb=READ, form=forms.Change, first=_device,
    do=actions.change_meter, adds="energy.MeterChange", icon="refresh", main=False,
    said=_said_changed,
)  # fmt: skip
READ_OFF = Act(
    key="read", title="抄表", button="记下止码", on=METERS, verb=READ, form=forms.Note,
    first=_now, do=actions.note_reading, adds="energy.MeterNote", keep="不记", icon="pencil",
    said=_said_read,
)  # fmt: skip

# In the order of the buttons on the page of a meter.
OF_METER = (AMEND, CHANGE, READ_OFF)
ACTS = (NEW, *OF_METER)
