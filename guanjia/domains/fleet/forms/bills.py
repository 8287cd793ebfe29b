"""What people fill in about bills (结算单) and their lines; nothing is saved or decided here."""

from collections.abc import Iterable
from typing import Any

from django import forms

from guanjia.domains.fleet.forms.disposals import Yuan
from guanjia.domains.fleet.forms.upkeep import words
from guanjia.domains.fleet.models import BillLine
from guanjia.ui.forms import Form

_LONGEST = 200


class Send(Form):
    """发出账单: nothing is filled in."""


class _Disputes(forms.Field):
    """Reasons by line, as a call tells them; on the page each line has a field of its own."""

    told_as = dict[int, str]
    widget = forms.HiddenInput

    def to_python(self, value: Any) -> dict[int, str]:
        """What a call told; nothing of a page."""
        return value if isinstance(value, dict) else {}


class Answer(Form):
    """答复账单: why lines are disputed; the unit agrees to those without words."""

    disputes = _Disputes(label="有异议的明细号和理由，没有列出的即同意", required=False)
    told_by = words("单位谁、怎样答复的", _LONGEST, required=False)
    looks = {"told_by": {"width": "l", "example": "如 占小青 6月8日来函同意"}}

    def __init__(
        self, *args: Any, waiting: Iterable[BillLine], for_unit: bool, **rest: Any
    ) -> None:
        super().__init__(*args, **rest)
        self.asks = {line.pk: f"dispute_{line.pk}" for line in waiting}
        for name in self.asks.values():
            self.fields[name] = words("异议理由", _LONGEST, required=False)
            self.fields[name].widget.attrs["placeholder"] = "同意；有异议写理由"
        if not for_unit:
            del self.fields["told_by"]

    def lines(self) -> Any:
        """The fields but those of the lines, which stand in their table."""
        return [line for line in super().lines() if line.bound.name == "told_by"]

    def given(self) -> dict[str, Any]:
        """The reasons that were written, by line."""
        told = self.cleaned_data
        typed = {pk: told[name] for pk, name in self.asks.items() if told[name].strip()}
        return {"disputes": {**told["disputes"], **typed}, "told_by": told.get("told_by", "")}


class Close(Form):
    """结清."""

    paid_no = words("入账凭据号", 40, required=False)
    looks = {"paid_no": {"width": "l", "example": "如 非税收入票据号"}}


class Decide(Form):
    """处理异议: another amount, or the same, always with words."""

    adjusted = Yuan(label="应为金额", required=False)
    reply = words("处理说明", _LONGEST)
    looks = {
        "adjusted": {"unit": "元", "width": "m", "help": "不改的维持原金额"},
        "reply": {"width": "l", "example": "如 核对里程表照片，维持原金额"},
    }

    def given(self) -> dict[str, Any]:
        """The amount in 分."""
        told = dict(self.cleaned_data)
        return {"adjusted_fen": told.pop("adjusted"), **told}


class Adjust(Form):
    """记入下一期更正."""

    right = Yuan(label="应为金额")
    reason = words("原因", _LONGEST)
    looks = {
        "right": {"unit": "元", "width": "m", "example": "如 150.00"},
        "reason": {"width": "l", "example": "如 里程更正"},
    }

    def given(self) -> dict[str, Any]:
        """The amount in 分."""
        told = dict(self.cleaned_data)
        return {"right_fen": told.pop("right"), **told}
