"""The shape of what people fill in about disposals and lots; nothing is saved or decided here."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.fleet.terms.disposals import REMOVALS, DisposalMethod
from guanjia.kernel.org.models import Unit
from guanjia.ui.forms import Fen, Form, choose

_DAY_FORMATS = ["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"]
_DAY = {"width": "m"}
_SUM = {"unit": "元", "width": "m", "example": "如 26000.00"}
_MOST = Decimal(100_000_000)  # beyond it somebody mistook the column


class Day(forms.DateField):
    """A day, typed as ``2020-05-23`` or picked."""

    def __init__(self, *, label: str, **options: Any) -> None:
        super().__init__(
            label=label,
            input_formats=_DAY_FORMATS,
            error_messages={
                "required": f"没有填{label}。",
                "invalid": f"{label}写成 2026-05-08 这样的日期。",
            },
            widget=forms.DateInput(
                attrs={
                    "data-date": "date",
                    "autocomplete": "off",
                    "maxlength": 20,
                    "placeholder": "如 2026-05-08",
                },
                format="%Y-%m-%d",
            ),
            **options,
        )


class Yuan(Fen):
    """An amount in 元 as people write it (``311,000.00``); gives 分."""

    def __init__(self, *, label: str, **options: Any) -> None:
        super().__init__(
            label=label,
            min_value=0,
            max_value=_MOST,
            decimal_places=2,
            error_messages={
                "required": f"没有填{label}。",
                "invalid": f"{label}只填数字，如 26000.00。",
                "min_value": f"{label}不能小于零。",
                "max_value": f"{label}超出一亿元，核对单位是不是元。",
                "max_decimal_places": f"{label}最多两位小数。",
            },
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            **options,
        )


def _words(label: str, longest: int, *, required: bool = True, **attrs: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        error_messages={
            "required": f"没有填{label}。",
            "max_length": f"{label}最多 {longest} 个字。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def _method(choices: Iterable[DisposalMethod]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="处置方式",
        choices=[(method.value, method.label) for method in choices],
        coerce=DisposalMethod,
        error_messages={"required": "没有选处置方式。", "invalid_choice": "从列出的方式中选一项。"},
        widget=forms.RadioSelect,
    )


class Opening(forms.Form):
    """A request to dispose of a car (申请处置)."""

    method = _method(DisposalMethod)
    to_unit = _words("接收单位", 60, required=False, list="units")
    reason = _words("处置原因", 200)

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Iterable[Unit]) -> None:
        self.units = list(units)
        super().__init__(data, label_suffix="")

    def clean(self) -> dict[str, Any]:
        """Only a transfer has a receiving unit: short name, whole name or code."""
        given = dict(super().clean() or {})
        text = str(given.get("to_unit") or "").strip()
        given["to_unit"] = None
        if given.get("method") == DisposalMethod.TRANSFER:
            found = [u for u in self.units if text in (u.shown, u.short_name, u.name, u.code)]
            if not text:
                self.add_error("to_unit", "没有填接收单位。")
            elif len(found) != 1:
                word = f"有 {len(found)} 个单位叫" if found else "单位名录中没有"
                self.add_error("to_unit", f"{word}“{text}”，填单位简称或编码。")
            else:
                given["to_unit"] = found[0]
        return given


class Valuation(Form):
    """What a car is worth (估值)."""

    valuation = Yuan(label="估值")
    valuer = _words("评估机构", 60)
    valued_on = Day(label="估值日期")
    looks = {"valuation": _SUM, "valuer": {"width": "l"}, "valued_on": _DAY}

    def given(self) -> dict[str, Any]:
        """The valuation in 分."""
        told = dict(self.cleaned_data)
        return {"valuation_fen": told.pop("valuation"), **told}


class Deal(Form):
    """The deal (成交)."""

    document = _words("批准文号", 60)
    buyer = _words("买受人", 60)
    proceeds = Yuan(label="处置收入")
    disposed_on = Day(label="处置日期")
    looks = {
        "document": {"width": "l", "example": "如 景机管处〔2020〕1号"},
        "buyer": {"width": "l"},
        "proceeds": _SUM,
        "disposed_on": _DAY,
    }

    def __init__(self, *args: Any, buyer: str = "买受人", **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["buyer"].label = buyer

    def given(self) -> dict[str, Any]:
        """The facts of the deal, its sum in 分."""
        told = dict(self.cleaned_data)
        return {"facts": {"proceeds_fen": told.pop("proceeds"), **told}}


def buyer_of(row: Any, *_: Any) -> dict[str, Any]:
    """What the buyer of a car is called: who takes in a scrapped one buys nothing."""
    return {} if row.method == DisposalMethod.AUCTION else {"buyer": "回收企业"}


class Payment(Form):
    """What was paid into the treasury (缴库)."""

    receipt = _words("缴库凭证号", 40)
    paid = Yuan(label="缴库金额")
    paid_on = Day(label="缴库日期")
    difference_note = _words("差额原因", 200, required=False)
    looks = {
        "receipt": {"width": "l", "example": "如 JK20200001"},
        "paid": _SUM,
        "paid_on": _DAY,
        "difference_note": {"width": "l", "help": "没有差额不写"},
    }

    def given(self) -> dict[str, Any]:
        """The facts of the payment, its sum in 分."""
        told = dict(self.cleaned_data)
        return {"facts": {"paid_fen": told.pop("paid"), **told}}


class Plate(Form):
    """When the plate was given back (号牌交回)."""

    on = Day(label="交回日期")
    looks = {"on": _DAY}


class Transfer(Form):
    """From when on the car is the other unit's (划转)."""

    on = Day(label="划转日期")
    looks = {"on": _DAY}


class Why(Form):
    """Why a disposal is called off (取消)."""

    reason = _words("取消原因", 200)
    looks = {"reason": {"width": "l", "example": "如 车况尚好，继续使用"}}


class Comment(Form):
    """A word on the way."""

    comment = _words("报批说明", 200, required=False)
    looks = {"comment": {"width": "l"}}


class Lot(Form):
    """A new lot (新建批次)."""

    title = _words("批次名称", 60)
    method = _method(REMOVALS)
    held_on = Day(label="举办日期", required=False)
    agent = _words("受托机构", 60, required=False)
    document = _words("批准文号", 60, required=False)
    looks = {
        "title": {"width": "l", "example": "如 2020年第一批公务用车拍卖"},
        "held_on": _DAY,
        "agent": {"width": "l", "example": "拍卖行、回收企业"},
        "document": {"width": "l", "example": "如 景机管处〔2020〕1号"},
    }


class Settlement(Form):
    """The agent's settlement (成交总额)."""

    total = Yuan(label="成交总额")
    agent = _words("受托机构", 60)
    held_on = Day(label="举办日期")
    looks = {"total": _SUM, "agent": {"width": "l"}, "held_on": _DAY}

    def given(self) -> dict[str, Any]:
        """The total in 分."""
        told = dict(self.cleaned_data)
        return {"total_fen": told.pop("total"), **told}


class LotPaid(Form):
    """Money of a lot paid into the treasury (缴库)."""

    receipt = _words("缴库凭证号", 40)
    amount = Yuan(label="缴库金额")
    paid_on = Day(label="缴库日期")
    looks = {
        "receipt": {"width": "l", "example": "如 JK20200001"},
        "amount": _SUM,
        "paid_on": _DAY,
    }

    def given(self) -> dict[str, Any]:
        """The amount in 分."""
        told = dict(self.cleaned_data)
        return {"amount_fen": told.pop("amount"), **told}


class Close(Form):
    """Why the sums of a lot differ (核销); not asked where they agree."""

    reason = _words("差额原因", 200, required=False)
    looks = {"reason": {"width": "l"}}

    def __init__(self, *args: Any, differs: bool, **rest: Any) -> None:
        super().__init__(*args, **rest)
        if not differs:
            del self.fields["reason"]


class Chosen(Form):
    """The disposals ticked for a lot."""

    disposals = forms.TypedMultipleChoiceField(
        label="车辆", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "没有选车。", "invalid_choice": "有的车已不在待处置之列。"},
    )  # fmt: skip

    def __init__(self, *args: Any, waiting: Iterable[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(
            self,
            "disposals",
            [(str(row.pk), f"{row.car.plate} {row.unit.shown}") for row in waiting],
        )

    def given(self) -> dict[str, Any]:
        """Their ids."""
        return {"disposal_ids": self.cleaned_data["disposals"]}


class OneOf(Form):
    """A lot, chosen from the open ones."""

    lot_id = forms.TypedChoiceField(
        label="批次", coerce=int,
        error_messages={"required": "没有选批次。", "invalid_choice": "这一批不能放，重新选。"},
    )  # fmt: skip
    looks = {"lot_id": {"width": "l"}}

    def __init__(self, *args: Any, lots: Iterable[Any], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(self, "lot_id", [(str(lot.pk), f"{lot.title}（{lot.cars} 辆）") for lot in lots])
