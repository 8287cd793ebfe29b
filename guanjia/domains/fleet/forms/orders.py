"""What people fill in about work orders (维保工单); nothing is saved or decided here."""

from collections.abc import Mapping
from typing import Any

from django import forms

from guanjia.domains.fleet.forms.cars import OfCar
from guanjia.domains.fleet.forms.disposals import Day, Yuan
from guanjia.domains.fleet.forms.quote_lines import LinesField
from guanjia.domains.fleet.forms.upkeep import chosen, papers_field, whole, words
from guanjia.domains.fleet.models import Accident
from guanjia.domains.fleet.queries import upkeep
from guanjia.domains.fleet.terms.upkeep import OrderKind
from guanjia.kernel.values.actor import Scope
from guanjia.ui.forms import Form

_QUOTED = "报价单、故障照片，手机拍照也可"
_DAY = {"width": "m"}
_KM = {"unit": "公里", "width": "m"}


def _odometer() -> forms.IntegerField:
    return whole("里程表", most=3_000_000)


class _Quoted(Form):
    """A form with the lines of a quote, which its page draws as a table."""

    def lines(self) -> Any:
        """The fields but the table."""
        return [line for line in super().lines() if line.bound.name != "items"]


class New(_Quoted, OfCar):
    """报修: what is wrong with a car, where it is to go, and the quote if there is one already."""

    kind = chosen("维保类别", OrderKind)
    service = words("保养项目", 30, required=False, list="services")
    accident = words("事故", 40, required=False, list="accidents")
    fault = words("报修内容", 200)
    garage = words("定点厂", 60, list="garages")
    odometer_km = _odometer()
    items = LinesField(required=False)
    files = papers_field(_QUOTED)
    looks = {
        "car": {"width": "m", "example": "如 赣H12345"},
        "accident": {"width": "l", "help": "事故修理的选是哪一起；还没有登记的不填"},
        "service": {"width": "m", "help": "保养的填，与保养计划同名，如 小保养"},
        "fault": {"example": "如 变速箱换挡顿挫；或 到期保养"},
        "garage": {"width": "l"},
        "odometer_km": _KM,
    }

    def __init__(self, *args: Any, scope: Scope, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.scope = scope

    def clean(self) -> dict[str, Any]:
        """A maintenance names its service; a repair has none."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        maintained = given.get("kind") == OrderKind.MAINTENANCE
        if maintained and not given.get("service"):
            self.add_error("service", "保养的要填保养项目。")
        if not maintained:
            given["service"] = ""
        given["accident"] = self._accident(given)
        return given

    def _accident(self, given: Mapping[str, Any]) -> Accident | None:
        """The accident of this number that befell the car; only a repair after one has it."""
        text, car = str(given.get("accident") or "").strip(), given.get("car")
        if not text or car is None or given.get("kind") != OrderKind.ACCIDENT:
            return None
        found: Accident | None = upkeep.accidents(self.scope).filter(car=car, number=text).first()
        if found is None:
            self.add_error("accident", f"{car.plate}没有编号 {text} 的事故。")
        return found

    def given(self) -> dict[str, Any]:
        """The facts of the order, its quote and its papers."""
        facts = {**self.cleaned_data, "kind": OrderKind(self.cleaned_data["kind"])}
        return {"items": facts.pop("items"), "files": facts.pop("files"), "facts": facts}


class Quote(_Quoted):
    """报价: the lines, and what the garage wrote."""

    items = LinesField(required=False)
    files = papers_field(_QUOTED)


class SendIn(Form):
    """送修."""

    on = Day(label="送修日期")
    odometer_km = _odometer()
    looks = {"on": _DAY, "odometer_km": _KM}


class Accept(Form):
    """验收: passed, or back to the garage."""

    passed = forms.ChoiceField(
        label="验收结论", choices=[("1", "验收合格，出厂"), ("0", "不合格，返修")],
        widget=forms.RadioSelect,
        error_messages={"required": "没有选验收结论。", "invalid_choice": "选合格或返修。"},
    )  # fmt: skip
    on = Day(label="出厂日期")
    note = words("验收意见", 200, required=False)
    looks = {"on": _DAY, "note": {"width": "l", "example": "返修的写明原因"}}

    def given(self) -> dict[str, Any]:
        """With whether it passed."""
        return {**self.cleaned_data, "passed": self.cleaned_data["passed"] == "1"}


class Settle(Form):
    """结算."""

    amount_fen = Yuan(label="结算金额")
    on = Day(label="结算日期")
    invoice_no = words("发票号", 40, required=False)
    looks = {
        "amount_fen": {"unit": "元", "width": "m", "help": "不超过报价"},
        "on": _DAY,
        "invoice_no": {"width": "l"},
    }


class Cancel(Form):
    """取消工单."""

    reason = words("原因", 200)
    looks = {"reason": {"width": "l", "example": "如 另一家报价更低"}}
