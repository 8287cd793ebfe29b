"""The shape of targets and base years somebody tells; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.targets import FILES
from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.forms.fields import Day
from guanjia.domains.energy.terms.targets import Against, Aim
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form

_FIGURE_MAX = Decimal(9_999_999_999)


class Target(Form):
    """The falls an institution wants in a year, and the plan it files with them."""

    year = fields.year()
    against = forms.ChoiceField(
        label="比较基准", choices=Against.choices,
        error_messages={"required": "选一个比较基准。", "invalid_choice": "选一个比较基准。"},
    )  # fmt: skip
    document = fields.words("实施方案", 120)
    filed_on = Day("报备日期")
    files: Any = FilesField(label="方案文件", bounds=FILES, help_text="盖章的实施方案")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for aim in Aim:
            label = f"{aim.label}下降"
            self.fields[aim.lower()] = fields.amount(
                label, low=Decimal(0), high=Decimal(100), places=2,
                between=f"{label}应在 0 到 100 之间。",
            )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """What was told, as the action takes it."""
        names = ("year", "against", "document", "filed_on", *(aim.lower() for aim in Aim))
        return {name: self.cleaned_data[name] for name in names}


class Base(Form):
    """The figures of a base year, of an area or an institution, and where they stand."""

    area = forms.TypedChoiceField(
        label="区域", coerce=int, empty_value=None, required=False,
        error_messages={"invalid_choice": "选列出的区域。"},
    )  # fmt: skip
    code = fields.words("信用代码", 18, required=False)
    name = fields.words("机构名称", 100, required=False)
    year = fields.year("基期年")
    source = fields.words("数据来源", 200)

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Any = self.fields["area"]
        known.choices = [("", "机构"), *areas]
        for aim in Aim:
            self.fields[aim.lower()] = fields.amount(
                aim.label, low=Decimal("0.0001"), high=_FIGURE_MAX, places=4
            )

    def clean(self) -> dict[str, Any]:
        """Of one of both."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not told.get("area") and not told.get("code"):
            self.add_error("code", "选一个区域，或填机构的统一社会信用代码。")
        return told

    def facts(self) -> dict[str, Any]:
        """The figures as the action takes them."""
        names = ("year", "source", *(aim.lower() for aim in Aim))
        return {name: self.cleaned_data[name] for name in names}
