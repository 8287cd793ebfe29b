"""The shape of a draw and of a check; nothing is saved or decided here."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.sampling import FILES, Found
from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.forms.fields import Day
from guanjia.domains.energy.forms.returns import AMOUNT_MAX
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.domains.energy.terms.sampling import Method
from guanjia.ui import formats
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
    looks = {
        "year": {"width": "s"},
        "quarter": {"width": "m"},
        "seed": {"width": "l", "example": "如 2020-07-15 摇号 0827"},
    }

    def given(self) -> dict[str, Any]:
        """As the draw takes it."""
        return {**self.cleaned_data, "quarter": int(self.cleaned_data["quarter"])}


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

    def __init__(self, *args: Any, told: Mapping[Energy, Decimal], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.looks = {
            "method": {"width": "m"},
            "checker": {"width": "m"},
            "on": {"width": "m"},
            "conclusion": {"width": "l"},
            **{one.lower(): _look(source.unit, told.get(one)) for one, source in SOURCES.items()},
        }

    def given(self) -> dict[str, Any]:
        """What was found."""
        told = self.cleaned_data
        amounts = {energy: told.get(energy.lower()) for energy in Energy}
        found = Found(
            method=Method(told["method"]), checker=told["checker"], on=told["on"],
            proven={energy: one for energy, one in amounts.items() if one is not None},
            conclusion=told["conclusion"], files=told["files"],
        )  # fmt: skip
        return {"found": found}


def _look(unit: str, told: Decimal | None) -> dict[str, str]:
    now = "现在没有填报" if told is None else f"现在填报 {formats.num(told)}"
    return {"unit": unit, "width": "m", "help": now}


# A field for each source, above who looked and how.
Check.base_fields = {
    **{
        energy.lower(): fields.amount(
            f"{energy.label}核实", low=Decimal(0), high=AMOUNT_MAX, places=4
        )
        for energy in SOURCES
    },
    **Check.base_fields,
}
