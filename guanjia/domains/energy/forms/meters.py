"""The shapes of a meter, a change of its device, a reading taken by eye, words about an alarm."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.forms.returns import Amount
from guanjia.domains.energy.registers.meters import (
    DIGITS_MAX,
    DIGITS_MIN,
    HOUR_MAX,
    MULTIPLIER_MAX,
    PLACES,
    number_fault,
)
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.meters import READING_MAX, MeterRole, Settling
from guanjia.ui import findings
from guanjia.ui.forms import Form

_MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d")
_DAYS = ("%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d")
_SMALLEST = Decimal("0.001")


def _number(
    label: str, *, least: Decimal, most: Decimal, required: bool = True, initial: Any = None
) -> Amount:
    return Amount(
        label=label, required=required, min_value=least, max_value=most, initial=initial,
        max_digits=15, decimal_places=PLACES,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": f"补填{label}。",
            "invalid": f"{label}只填数字，如 4016.5。",
            "min_value": f"{label}过小，核对数字。",
            "max_value": f"{label}过大，核对数字。",
            "max_digits": f"{label}过大，核对数字。",
            "max_whole_digits": f"{label}过大，核对数字。",
            "max_decimal_places": f"{label}最多三位小数。",
        },
    )  # fmt: skip


def _reading(label: str) -> Amount:
    return _number(label, least=Decimal(0), most=READING_MAX)


def _moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, input_formats=list(_MOMENTS),
        widget=forms.DateTimeInput(format=_MOMENTS[0], attrs={"autocomplete": "off"}),
        error_messages={
            "required": f"补填{label}。", "invalid": f"{label}写成 2020-05-08 09:30 这样。",
        },
    )  # fmt: skip


def _digits(label: str) -> forms.IntegerField:
    between = f"{label}写 {DIGITS_MIN} 到 {DIGITS_MAX}。"
    return forms.IntegerField(
        label=label, required=False, min_value=DIGITS_MIN, max_value=DIGITS_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": between, "min_value": between, "max_value": between},
    )  # fmt: skip


def _choice(label: str, of: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[(each.value, each.label) for each in of],
        error_messages={"required": f"选{label}。", "invalid_choice": f"从列出的{label}中选一项。"},
    )  # fmt: skip


class Meter(Form):
    """A meter of an institution."""

    number = forms.CharField(
        label="表号", max_length=40,
        error_messages={"required": "补填表号。", "max_length": "表号最多 40 个字。"},
    )  # fmt: skip
    energy = _choice("品种", Energy)
    role = _choice("用途", MeterRole)
    place = forms.CharField(
        label="安装位置", max_length=100, required=False,
        error_messages={"max_length": "安装位置最多 100 个字。"},
    )  # fmt: skip
    multiplier = _number("倍率", least=_SMALLEST, most=Decimal(MULTIPLIER_MAX), initial=1)
    digits = _digits("整数位数")
    most_per_hour = _number("每小时最大", least=_SMALLEST, most=Decimal(HOUR_MAX), required=False)
    installed_at = _moment("起用时间")
    installed_reading = _reading("起用止码")
    until = forms.DateField(
        label="停用日期", required=False, input_formats=list(_DAYS),
        widget=forms.DateInput(format=_DAYS[0], attrs={"autocomplete": "off"}),
        error_messages={"invalid": "停用日期写成 2020-05-08 这样。"},
    )  # fmt: skip

    looks = {
        "number": {"help": "表上或出厂铭牌的号码，上传数据按它认表"},
        "role": {"help": "总表计入月报；分表只看分项，不计入"},
        "multiplier": {"width": "s", "help": "止码差乘倍率得用量；直读的填 1"},
        "digits": {"width": "s", "help": "表盘小数点前的位数；走满归零的表要填"},
        "most_per_hour": {"help": "超过的读数不计入并报警；不填用本局参数"},
        "until": {"help": "拆除、停用的填最后一天"},
    }

    def __init__(self, *args: Any, changed: bool = False, **rest: Any) -> None:
        super().__init__(*args, **rest)
        if changed:  # these are not those of the device that hangs there now
            for name in ("multiplier", "digits"):
                self.fields[name].label = f"首只表{self.fields[name].label}"

    def clean_number(self) -> str:
        """As intake can name it."""
        number = str(self.cleaned_data["number"]).strip()
        fault = number_fault(number)
        if fault:
            raise forms.ValidationError(f"{fault}。")
        return number

    def given(self) -> dict[str, Any]:
        """As the actions take it."""
        return {"facts": self.cleaned_data}


class Change(Form):
    """换表."""

    changed_at = _moment("换表时间")
    ended = _reading("旧表止码")
    began = _reading("新表起码")
    multiplier = _number("新表倍率", least=_SMALLEST, most=Decimal(MULTIPLIER_MAX))
    digits = _digits("新表整数位数")
    note = forms.CharField(
        label="说明", max_length=200, required=False,
        error_messages={"max_length": "说明最多 200 个字。"},
    )  # fmt: skip
    looks = {
        "changed_at": {
            "example": "如 2020-05-08 09:30", "help": "登错的写同一时间再登记一次，就更正",
        },
        "ended": {"help": "旧表拆下时的止码"},
        "began": {"help": "新表装上时的起码"},
        "multiplier": {"width": "s"},
        "digits": {"width": "s"},
        "note": {"width": "l", "example": "如 供电公司轮换，换表单已存"},
    }  # fmt: skip


class Note(Form):
    """抄表."""

    at = _moment("抄表时间")
    value = _reading("止码")
    looks = {"value": {"help": "照表盘抄，不乘倍率"}}

    def given(self) -> dict[str, Any]:
        """When it was read and what it showed."""
        return {"read_at": self.cleaned_data["at"], "value": self.cleaned_data["value"]}


class Settle(Form):
    """处理报警."""

    how = forms.ChoiceField(
        label="处理", choices=[(each.value, each.label) for each in Settling],
        error_messages={"required": "选处理方式。", "invalid_choice": "从列出的方式中选一项。"},
    )  # fmt: skip
    explanation = findings.explanation("处理说明")
    looks = {"explanation": {"width": "l", "example": "如 夜间空调机组没有停，已改时控"}}

    def given(self) -> dict[str, Any]:
        """How it is settled, in words."""
        return {**self.cleaned_data, "how": Settling(self.cleaned_data["how"])}
