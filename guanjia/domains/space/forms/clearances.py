"""What people fill in about giving rooms back (腾退); nothing is saved or decided here."""

from datetime import date
from typing import Any

from django import forms

from guanjia.domains.space.forms.ledger import ActForm, Day, words, words_of
from guanjia.domains.space.forms.units import ForUnit
from guanjia.domains.space.models import Clearance
from guanjia.domains.space.queries import allocations as reading
from guanjia.domains.space.rules.allocations import area
from guanjia.domains.space.terms.clearances import BY_HAND, ClearanceReason
from guanjia.kernel.org.models import Person
from guanjia.ui.forms import choose

_WHY_MAX = 200
_DAY = {"width": "m"}


class Open(ForUnit):
    """发起腾退: which unit, why, which of its rooms, from when the time counts, about whom."""

    unit = words("腾退单位", 100, required=False)
    reason = forms.ChoiceField(
        label="腾退原因",
        choices=[(each.value, each.label) for each in BY_HAND],
        error_messages={"required": "选一项腾退原因。", "invalid_choice": "从列出的原因中选。"},
    )
    begins_on = Day("起算日期")
    person = forms.CharField(
        label="涉及人员",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "people"}),
    )
    rooms = forms.MultipleChoiceField(
        label="房间",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选房间不是这个单位在用的。"},
    )
    note = words_of(Clearance.note, required=False)

    def __init__(self, *args: Any, day: date, **rest: Any) -> None:
        super().__init__(*args, **rest)
        unit = self.chosen
        own = reading.own_rooms(unit=unit, day=day) if unit else []
        choose(
            self,
            "rooms",
            [
                (str(row.pk), f"{row}　{row.now.get_kind_display()} {area(row.now.usable_m2)}")
                for row in own
            ],
        )
        people = Person.objects.serving().order_by("number")
        self.near = list(people.filter(unit__path__startswith=unit.path)) if unit else []

    def clean_person(self) -> Person | None:
        """Somebody of the unit by 工号 or name; two of a name are asked for the 工号."""
        typed = self.cleaned_data["person"].split(" ", 1)[0].strip()
        if not typed:
            return None
        found = [one for one in self.near if typed in (one.number, one.name)]
        if len(found) == 1:
            return found[0]
        told = "有几个同名的，写工号。" if found else "这个单位没有这个人，写工号或姓名。"
        raise forms.ValidationError(told)

    def given(self) -> dict[str, Any]:
        """With the ids of unit, rooms and person."""
        told = dict(self.cleaned_data)
        person = told.pop("person")
        return {
            "unit_id": told.pop("unit").pk,
            "reason": ClearanceReason(told.pop("reason")),
            "room_ids": [int(pk) for pk in told.pop("rooms")],
            "person_id": person.pk if person else None,
            **told,
        }


class HandBack(ActForm):
    """移交."""

    on = Day("移交日期")
    note = words("说明", _WHY_MAX, required=False)
    looks = {"on": _DAY, "note": {"width": "l", "example": "如 钥匙 3 把，空调遥控器 2 个"}}


class Accept(ActForm):
    """接收."""

    on = Day("接收日期")
    looks = {"on": _DAY}


class SendBack(ActForm):
    """退回整改."""

    reason = words("还差什么", _WHY_MAX)
    looks = {"reason": {"width": "l"}}


class CallOff(ActForm):
    """撤销腾退."""

    reason = words("撤销原因", _WHY_MAX)
    looks = {"reason": {"width": "l"}}
