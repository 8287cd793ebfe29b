"""The shape of a month that somebody fills in; nothing is saved or decided here."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from guanjia.domains.energy.terms.energies import SOURCES, Energy, Used
from guanjia.kernel.values.period import Period
from guanjia.ui import findings
from guanjia.ui.forms import Fen, Form

AMOUNT_MAX = Decimal(10_000_000_000)
COST_MAX = Decimal(1_000_000_000)


class OfMonth(Form):
    """Which month is filled in."""

    month = forms.CharField(label="月份", max_length=7)
    looks = {"month": {"width": "s", "example": "如 2020-07"}}

    def clean_month(self) -> date:
        """The first day of the month; none that has not begun."""
        named = Period.month_named(self.cleaned_data["month"])
        if named is None:
            raise forms.ValidationError("月份写成 2020-07 这样的年月。")
        if named.start > timezone.localdate():
            raise forms.ValidationError("这个月还没有到，到月底再填。")
        return named.start


class Amount(forms.DecimalField):
    """An amount as pages write it: commas between thousands are no fault."""

    def to_python(self, value: Any) -> Any:
        """As the base class, without the commas."""
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "").strip()
        return super().to_python(value)


def _widget(label: str) -> forms.TextInput:
    return forms.TextInput(
        attrs={"inputmode": "decimal", "autocomplete": "off", "aria-label": label}
    )


class Month(Form):
    """Amount and cost of every source; what is left empty says nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for energy, source in SOURCES.items():
            self.fields[energy.lower()] = Amount(
                label=energy.label, required=False, min_value=Decimal(0), max_value=AMOUNT_MAX,
                max_digits=16, decimal_places=4, widget=_widget(f"{energy.label}（{source.unit}）"),
                error_messages=_faults(energy.label, "最多四位小数"),
            )  # fmt: skip
            self.fields[f"{energy.lower()}_cost"] = Fen(
                label=source.cost, required=False, min_value=Decimal(0), max_value=COST_MAX,
                max_digits=13, decimal_places=2, widget=_widget(f"{source.cost}（元）"),
                error_messages=_faults(source.cost, "最多写到分"),
            )  # fmt: skip

    def lines(self) -> dict[Energy, Used]:
        """What was told, by source."""
        found = {}
        for energy in Energy:
            amount = self.cleaned_data.get(energy.lower())
            cost = self.cleaned_data.get(f"{energy.lower()}_cost")
            if amount is not None or cost is not None:
                found[energy] = Used(amount=amount, cost_fen=cost)
        return found


def _faults(label: str, places: str) -> dict[str, str]:
    return {
        "invalid": f"{label}只填数字，如 4016.5。",
        "min_value": f"{label}不应小于 0。",
        "max_value": f"{label}过大，核对位数和单位。",
        "max_digits": f"{label}过大，核对位数和单位。",
        "max_whole_digits": f"{label}过大，核对位数和单位。",
        "max_decimal_places": f"{label}{places}。",
    }


class Explain(Form):
    """Why a figure is as it is."""

    explanation = findings.explanation("说明")
    looks = {"explanation": {"width": "l", "example": "数字没有写错的，写明原因；写错的更正月报"}}


class Reason(Form):
    """Why something is sent back or opened again."""

    reason = forms.CharField(
        label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "补填原因。", "max_length": "原因最多 300 个字。"},
    )  # fmt: skip
    looks = {"reason": {"width": "l"}}


class Back(Reason):
    """Why a filing goes back to its institution."""

    looks = {"reason": {"width": "l", "example": "哪个月、哪一项要核对"}}
