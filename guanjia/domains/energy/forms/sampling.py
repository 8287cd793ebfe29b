"""The shape of a draw and of a check; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.sampling import FILES
from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.forms.fields import Day
from guanjia.domains.energy.forms.returns import AMOUNT_MAX
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.sampling import Method
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form

_PERIODS = (("0", "全年"), ("1", "第一季度"), ("2", "第二季度"), ("3", "第三季度"),
            ("4", "第四季度"))  # fmt: skip


class Draw(Form):
    """For which period, and by what seed."""

    year = fields.year()
    quarter = forms.ChoiceField(
        label="报告期", choices=_PERIODS,
        error_messages={"required": "选一个报告期。", "invalid_choice": "选一个报告期。"},
    )  # fmt: skip
    seed = fields.words("随机种子", 64)


class Check(Form):
    """Who looked when and how, what was proven by source, and what to make of it."""

    method = forms.ChoiceField(
        label="核查方式", choices=Method.choices,
        error_messages={"required": "选核查方式。", "invalid_choice": "选核查方式。"},
    )  # fmt: skip
    checker = fields.words("核查人", 60)
    on = Day("核查日期")
    conclusion = fields.words("结论", 500, rows=3)
    files: Any = FilesField(label="材料", bounds=FILES, help_text="票据、抄表照片、核查记录")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for energy, source in SOURCES.items():
            self.fields[energy.lower()] = fields.amount(
                energy.label, low=Decimal(0), high=AMOUNT_MAX, places=4,
                aria=f"{energy.label}核实（{source.unit}）",
            )  # fmt: skip

    def proven(self) -> dict[Energy, Decimal]:
        """The amounts proven, by source."""
        told = {energy: self.cleaned_data.get(energy.lower()) for energy in Energy}
        return {energy: amount for energy, amount in told.items() if amount is not None}
