"""The shape of what people fill in about insurance, inspection, maintenance, fines and accidents;
nothing is saved or decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from guanjia.domains.fleet.forms.disposals import Day, Yuan
from guanjia.domains.fleet.models import Car
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.upkeep import (
    FILES,
    Cover,
    Passed,
)
from guanjia.kernel.regulations.verdict import Finding
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.term import Term
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber


def words(label: str, longest: int, *, required: bool = True, **attrs: str) -> forms.CharField:
    """One line of text."""
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


def chosen(label: str, term: type[Term], *, required: bool = True) -> forms.ChoiceField:
    """One of a few choices, side by side."""
    return forms.ChoiceField(
        label=label,
        choices=term.choices(),
        required=required,
        widget=forms.RadioSelect,
        error_messages={
            "required": f"没有选{label}。",
            "invalid_choice": f"从列出的{label}中选一项。",
        },
    )


def whole(label: str, *, most: int, least: int = 0, required: bool = False) -> WholeNumber:
    """A whole number."""
    return WholeNumber(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        error_messages={
            "required": f"没有填{label}。",
            "invalid": f"{label}只填整数。",
            "min_value": f"{label}不小于 {least}。",
            "max_value": f"{label}不大于 {most:,}。",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def papers_field(help_text: str = "", *, required: bool = False) -> Any:
    """Files that go with what is told (附件)."""
    return FilesField(label="附件", bounds=FILES, help_text=help_text, required=required)


def note() -> forms.CharField:
    return words("备注", 200, required=False)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A field with how it is shown."""

    bound: Any
    unit: str = ""
    width: str = ""
    help: str = ""
    example: str = ""


class OfCar(forms.Form):
    """What is told of one car: its plate first. ``cars``: whose plates may be chosen."""

    car = words("号牌号码", 20, list="cars")
    shown: Mapping[str, Mapping[str, str]] = {}

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        scope: Scope,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.scope = scope
        self.findings: tuple[Finding, ...] = ()
        super().__init__(data, initial=dict(initial or {}), label_suffix="")

    def clean_car(self) -> Car:
        """The car of this plate inside the scope."""
        text = str(self.cleaned_data["car"]).upper().replace("·", "").replace(" ", "")
        found: Car | None = archive.cars(self.scope).filter(plate=text).first()
        if found is None:
            raise forms.ValidationError(f"车辆台账中没有 {text[:10]}，或不在您的范围内。")
        return found

    def plates(self) -> list[tuple[str, str]]:
        """What to offer for the car."""
        rows = archive.cars(self.scope).exclude(state="DISPOSED").order_by("plate")
        return [(car.plate, car.make) for car in rows]

    def rows(self) -> list[Shown]:
        """The fields in their order, each with how it is shown."""
        return [
            Shown(bound=self[name], **self.shown.get(name, {}))
            for name in self.fields
            if not self[name].is_hidden and name != "papers"
        ]


_CAR = {"width": "m", "example": "如 赣H12345"}


class PolicyForm(OfCar):
    """An insurance policy, as it is written on it."""

    cover = chosen("险种", Cover)
    number = words("保险单号", 40)
    insurer = words("保险公司", 60)
    begin = Day(label="保险期起")
    last = Day(label="保险期止")
    premium_fen = Yuan(label="保费")
    paid_on = Day(label="缴费日期", required=False)
    note = note()
    shown = {
        "car": _CAR,
        "insurer": {"example": "如 人保财险景德镇分公司", "width": "l"},
        "number": {"width": "l"},
        "begin": {"width": "m"},
        "last": {
            "width": "m",
            "help": "填保险单上的最后一天，如 2027-05-19 24 时止，填 2027-05-19",
        },
        "premium_fen": {"unit": "元", "width": "m"},
        "paid_on": {"width": "m", "help": "不填按保险期起算，费用记在这一天"},
    }

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        begin, last = given.get("begin"), given.get("last")
        if begin and last and last < begin:
            self.add_error("last", "保险期止早于保险期起。")
        return given


class InspectionForm(OfCar):
    """An inspection, as the station wrote it down."""

    on = Day(label="检验日期")
    result = chosen("检验结论", Passed)
    valid_until = Day(label="检验有效期止", required=False)
    station = words("检验机构", 60)
    fee_fen = Yuan(label="检验费")
    number = words("检验编号", 40, required=False)
    note = note()
    shown = {
        "car": _CAR,
        "on": {"width": "m"},
        "valid_until": {"width": "m", "help": "合格的填，按检验标志上的日期"},
        "station": {"width": "l"},
        "fee_fen": {"unit": "元", "width": "m"},
        "number": {"width": "l", "help": "没有编号的不填，由系统编号"},
    }

    def clean(self) -> dict[str, Any]:
        """One that passed says until when; one that failed does not."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        until, on = given.get("valid_until"), given.get("on")
        passed = given.get("result") == Passed.PASSED
        if passed and until is None and "valid_until" not in self.errors:
            self.add_error("valid_until", "合格的要填检验有效期止。")
        if not passed and until is not None:
            self.add_error("valid_until", "不合格的没有检验有效期，清空这一项。")
        if passed and until and on and until < on:
            self.add_error("valid_until", "检验有效期止早于检验日期。")
        return given


class PlanForm(forms.Form):
    """What is done every so often, and for which cars."""

    title = words("保养项目", 30)
    plate = words("号牌号码", 20, required=False, list="cars")
    use = forms.ChoiceField(
        label="车辆类别", required=False, choices=[("", "不限"), *Use.choices()],
        error_messages={"invalid_choice": "从列出的车辆类别中选一项。"},
    )  # fmt: skip
    make = words("品牌型号", 60, required=False)
    months = whole("每隔月数", most=120, least=1)
    km = whole("每隔公里数", most=500_000, least=100)
    items = words("保养内容", 200, required=False)

    def facts(self, scope: Scope) -> dict[str, Any]:
        """What ``make_plan`` takes; raises ``ValidationError`` for an unknown plate."""
        given = dict(self.cleaned_data)
        text = str(given.pop("plate")).upper().replace("·", "").replace(" ", "")
        given["car"] = None
        if text:
            given["car"] = archive.cars(scope).filter(plate=text).first()
            given["use"] = given["make"] = ""
            if given["car"] is None:
                raise forms.ValidationError(f"车辆台账中没有 {text[:10]}，或不在您的范围内。")
        return given


# ── small forms of acts ──────────────────────────────────────────────────────────────────


class Attach(Form):
    """补交附件."""

    files = papers_field(required=True)


class Explanation(forms.Form):
    """The answer to a doubt."""

    explanation = words("说明", 500)
