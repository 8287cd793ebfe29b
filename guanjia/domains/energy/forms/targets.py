"""The shape of targets and base years somebody tells; nothing is saved or decided here."""

from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.actions.targets import FILES
from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.forms.fields import Day
from guanjia.domains.energy.queries.targets import filed_before
from guanjia.domains.energy.terms.targets import UNITS, Against, Aim
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, choose

_FIGURE_MAX = Decimal(9_999_999_999)


# What is told of a year.
FACTS = ("year", "against", "document", "filed_on", *(aim.lower() for aim in Aim))


def _fall(aim: Aim) -> Any:
    """By how many percent an indicator is to fall."""
    label = f"{aim.label}下降"
    return fields.amount(
        label, low=Decimal(0), high=Decimal(100), places=2, between=f"{label}应在 0 到 100 之间。"
    )


def _figure(aim: Aim) -> Any:
    """What an indicator was in the base year."""
    return fields.amount(aim.label, low=Decimal("0.0001"), high=_FIGURE_MAX, places=4)


class Target(Form):
    """By how much indicators of an institution are to fall in a year (年度目标), and its plan."""

    year = fields.year()
    against = forms.ChoiceField(
        label="比较基准", choices=Against.choices,
        error_messages={"required": "选一个比较基准。", "invalid_choice": "选一个比较基准。"},
    )  # fmt: skip
    per_person = _fall(Aim.PER_PERSON)
    per_m2 = _fall(Aim.PER_M2)
    water_per_person = _fall(Aim.WATER_PER_PERSON)
    co2_per_m2 = _fall(Aim.CO2_PER_M2)
    document = fields.words("实施方案", 120)
    filed_on = Day("报备日期")
    files: Any = FilesField(label="方案文件", bounds=FILES, help_text="盖章的实施方案")

    looks = {
        "year": {"width": "s"},
        "against": {"help": "下降百分比与哪一年比"},
        **{aim.lower(): {"unit": "%", "width": "s"} for aim in Aim},
        "document": {"width": "l", "example": "如 2020年度节能工作实施方案"},
    }

    def __init__(self, *args: Any, institution: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if institution is not None:
            self.initial.update(filed_before(institution, self.initial.get("year"), FACTS))

    def given(self) -> dict[str, Any]:
        """What was told, as the action takes it."""
        told = self.cleaned_data
        return {"facts": {name: told[name] for name in FACTS}, "files": told["files"]}


class Base(Form):
    """The figures of a base year, of an area or an institution, and where they stand."""

    area = forms.TypedChoiceField(
        label="区域", coerce=int, empty_value=None, required=False,
        error_messages={"invalid_choice": "选列出的区域。"},
    )  # fmt: skip
    code = fields.words("信用代码", 18, required=False)
    name = fields.words("机构名称", 100, required=False)
    year = fields.year("基期年")
    per_person = _figure(Aim.PER_PERSON)
    per_m2 = _figure(Aim.PER_M2)
    water_per_person = _figure(Aim.WATER_PER_PERSON)
    co2_per_m2 = _figure(Aim.CO2_PER_M2)
    source = fields.words("数据来源", 200)

    looks = {
        "area": {"help": "选区域；是一家机构的选“机构”，填下面两项"},
        "name": {"width": "l"},
        "year": {"width": "s"},
        **{aim.lower(): {"unit": UNITS[aim]} for aim in Aim},
        "source": {"width": "l", "example": "如 2015年度公共机构能耗统计年报"},
    }

    def __init__(self, *args: Any, areas: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "area", [("", "机构"), *areas])

    def clean(self) -> dict[str, Any]:
        """Of one of both."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not told.get("area") and not told.get("code"):
            self.add_error("code", "选一个区域，或填机构的统一社会信用代码。")
        return told

    def given(self) -> dict[str, Any]:
        """Whose figures, and the figures, as the action takes them."""
        told = self.cleaned_data
        facts = {name: told[name] for name in ("year", "source", *(aim.lower() for aim in Aim))}
        return {**{name: told[name] for name in ("area", "code", "name")}, "facts": facts}
