"""What people fill in about insurance, inspections and maintenance plans; nothing is saved here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.forms.cars import OfCar
from guanjia.domains.fleet.forms.disposals import Day, Yuan
from guanjia.domains.fleet.forms.upkeep import chosen, note, whole, words
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.upkeep import Cover, Passed
from guanjia.ui.forms import Form

_CAR = {"width": "m", "example": "如 赣H12345"}


class NewPolicy(OfCar):
    """An insurance policy, as it is written on it."""

    cover = chosen("险种", Cover)
    number = words("保险单号", 40)
    insurer = words("保险公司", 60)
    begin = Day(label="保险期起")
    last = Day(label="保险期止")
    premium_fen = Yuan(label="保费")
    paid_on = Day(label="缴费日期", required=False)
    note = note()
    looks = {
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

    def given(self) -> dict[str, Any]:
        """The row as a ledger would have it."""
        return {"row": dict(self.cleaned_data)}


class NewInspection(OfCar):
    """An inspection, as the station wrote it down."""

    on = Day(label="检验日期")
    result = chosen("检验结论", Passed)
    valid_until = Day(label="检验有效期止", required=False)
    station = words("检验机构", 60)
    fee_fen = Yuan(label="检验费")
    number = words("检验编号", 40, required=False)
    note = note()
    looks = {
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

    def given(self) -> dict[str, Any]:
        """The row as a ledger would have it."""
        return {"row": dict(self.cleaned_data)}


class NewPlan(OfCar):
    """What is done every so often, and for which cars."""

    title = words("保养项目", 30)
    months = whole("每隔月数", most=120, least=1)
    km = whole("每隔公里数", most=500_000, least=100)
    use = forms.ChoiceField(
        label="车辆类别", required=False, choices=[("", "不限"), *Use.choices()],
        error_messages={"invalid_choice": "从列出的车辆类别中选一项。"},
    )  # fmt: skip
    make = words("品牌型号", 60, required=False)
    car = words("只给一辆车", 20, required=False, list="cars")
    items = words("保养内容", 200, required=False)
    field_order = ("title", "months", "km", "use", "make", "car", "items")
    looks = {
        "title": {"width": "m", "example": "如 小保养"},
        "months": {"width": "s", "unit": "个月", "help": "月数、公里数填一项或两项，先到为准"},
        "km": {"width": "s", "unit": "公里"},
        "use": {"width": "m"},
        "make": {"width": "m", "help": "含这几个字的都适用"},
        "car": {"width": "m", "help": "填号牌号码；填了的不看类别和型号"},
        "items": {"width": "l", "example": "如 机油、机油滤清器、全车检查"},
    }

    def given(self) -> dict[str, Any]:
        """What ``make_plan`` takes."""
        facts = dict(self.cleaned_data)
        if facts["car"] is not None:
            facts["use"] = facts["make"] = ""
        return {"facts": facts}


class StopPlan(Form):
    """停用: nothing is filled in."""
