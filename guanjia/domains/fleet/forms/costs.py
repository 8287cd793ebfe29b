"""The shape of what people fill in about costs, cards and fuel; nothing is saved here."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.fleet.forms.cars import OfCar
from guanjia.domains.fleet.forms.disposals import Yuan
from guanjia.domains.fleet.models import Cost, Trip
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.costs import SHEETS, Barred, CostKind, CostSource, Full
from guanjia.ui.forms import Form, WholeNumber

_DAY = {"required": "没有填日期。", "invalid": "写成 2020-05-08 这样的日期。"}
_KINDS = (
    CostKind.FUEL,
    CostKind.CHARGE,
    CostKind.TOLL,
    CostKind.PARKING,
    CostKind.WASH,
    CostKind.RENT,
    CostKind.OTHER,
)
NO_CASE = "NONE"
_KM_MAX = 3_000_000


def _day(label: str = "日期", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        error_messages={"required": f"没有填{label}。", "invalid": _DAY["invalid"]},
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"],
        widget=forms.DateInput(
            attrs={"data-date": "date", "autocomplete": "off", "maxlength": 20}, format="%Y-%m-%d"
        ),
    )


def _clock() -> forms.TimeField:
    return forms.TimeField(
        label="时间",
        required=False,
        error_messages={"invalid": "写成 14:30 这样的时间。"},
        input_formats=["%H:%M", "%H：%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"autocomplete": "off", "maxlength": 8}, format="%H:%M"),
    )


def _quantity(label: str, unit: str, *, most: int = 2_000, places: int = 2) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(1).scaleb(-places),
        max_value=Decimal(most),
        decimal_places=places,
        error_messages={
            "invalid": f"{label}写成 48.5 这样的数。",
            "min_value": f"{label}大于 0。",
            "max_value": f"{label}最多 {most:,} {unit}。",
            "max_decimal_places": f"{label}最多{'一两'[places - 1]}位小数。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
    )


def _odometer() -> WholeNumber:
    return WholeNumber(
        label="里程表",
        required=False,
        min_value=0,
        max_value=_KM_MAX,
        error_messages={
            "invalid": "只填数字，如 59251。",
            "min_value": "不小于 0。",
            "max_value": "里程表读数最多 3,000,000 公里。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


def _words(label: str, longest: int, *, required: bool = False, **attrs: str) -> forms.CharField:
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


class Receipt(OfCar):
    """A cost as its receipt tells it (登记费用)."""

    kind = forms.ChoiceField(
        label="费用类别",
        choices=[(kind.value, kind.label) for kind in _KINDS],
        initial=CostKind.FUEL.value,
        widget=forms.RadioSelect,
        error_messages={"required": "没有选类别。", "invalid_choice": "从列出的类别中选一项。"},
    )
    spent_on = _day()
    clock = _clock()
    amount = Yuan(label="金额")
    litres = _quantity("升数", "升")
    kwh = _quantity("电量", "度")
    full = forms.BooleanField(label="加满", required=False)
    odometer_km = _odometer()
    place = _words("地点", 100, list="places")
    number = _words("票据号", 60)
    trip_number = _words("派车单号", 30)
    note = _words("备注", 200)
    barred = forms.ChoiceField(
        label="由个人承担",
        required=False,
        initial=NO_CASE,
        choices=[(NO_CASE, "没有下列情形"), *((case.value, case.label) for case in Barred)],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "从列出的情形中选一项。"},
    )

    def __init__(self, *args: Any, trips: Any, today: date, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.trips, self.today = trips, today

    def clean_spent_on(self) -> date:
        """Not a day that is still to come."""
        day: date = self.cleaned_data["spent_on"]
        if day > self.today:
            raise forms.ValidationError(f"这一天还没有到，今天是 {self.today:%Y-%m-%d}。")
        return day

    def clean_trip_number(self) -> Trip | None:
        """The trip of this number; none where nothing is typed."""
        number = self.cleaned_data["trip_number"].strip()
        if not number:
            return None
        trip: Trip | None = self.trips.filter(number=number).select_related("car").first()
        if trip is None:
            raise forms.ValidationError(f"没有 {number} 这张派车单，或不在您的范围内。")
        return trip

    def clean(self) -> dict[str, Any]:
        """Fuel says its litres; a trip is the car's own."""
        given = super().clean() or {}
        trip, car = given.get("trip_number"), given.get("car")
        if trip is not None and car is not None and trip.car_id != car.pk:
            self.add_error("trip_number", f"{trip.number} 用的是{trip.car or '别的车'}。")
        if given.get("kind") == CostKind.FUEL and "litres" in given and not given["litres"]:
            self.add_error("litres", "没有填升数，油耗要用。")
        return given

    def given(self) -> dict[str, Any]:
        """The row as ``enter_receipt`` takes it."""
        given = self.cleaned_data
        barred = given["barred"] if given["barred"] not in ("", NO_CASE) else None
        kind = CostKind(given["kind"])
        at = given["clock"] and datetime.combine(given["spent_on"], given["clock"], times.ZONE)
        fuel = kind is CostKind.FUEL
        facts = {
            "number": given["number"].strip(),
            "car": given["car"],
            "kind": kind,
            "spent_on": given["spent_on"],
            "spent_at": at or None,
            "amount_fen": given["amount"],
            "litres": given["litres"] if fuel else None,
            "kwh": given["kwh"] if kind is CostKind.CHARGE else None,
            "full": given["full"] if fuel else None,
            "odometer_km": given["odometer_km"],
            "place": given["place"],
            "note": given["note"],
            "barred": barred,
        }
        return {"row": facts | ({"trip": given["trip_number"]} if given["trip_number"] else {})}


class Void(Form):
    """作废."""

    reason = _words("原因", 150, required=True)
    looks = {"reason": {"width": "l", "example": "如 与油卡对账单重复"}}


class Refusal(Form):
    """不予报销: the case, and how it was found out."""

    barred = forms.ChoiceField(
        label="情形",
        choices=Barred.choices(),
        error_messages={"required": "没有选情形。", "invalid_choice": "从列出的情形中选一项。"},
    )
    reason = _words("怎样认定", 150, required=True)
    looks = {"reason": {"width": "l", "example": "如 用车人确认当天为私人行程"}}

    def given(self) -> dict[str, Any]:
        """The case as a term."""
        return {**self.cleaned_data, "barred": Barred(self.cleaned_data["barred"])}


_OF_KIND = {"full": CostKind.FUEL, "litres": CostKind.FUEL, "kwh": CostKind.CHARGE}


class Amendment(Form):
    """补登: what the source does not tell of a cost."""

    full = forms.ChoiceField(
        label="加满", required=False, choices=[("", "没有登记"), *Full.choices()],
        error_messages={"invalid_choice": "加满选是或否。"},
    )  # fmt: skip
    odometer_km = _odometer()
    litres = _quantity("升数", "升")
    kwh = _quantity("电量", "度")
    place = _words("地点", 100)
    note = _words("备注", 200)
    looks = {
        "full": {"width": "s", "help": "两次加满之间的升数和里程算出百公里油耗"},
        "odometer_km": {"unit": "公里", "width": "m"},
        "litres": {"unit": "升", "width": "m"},
        "kwh": {"unit": "度", "width": "m"},
        "place": {"width": "l"},
        "note": {"width": "l"},
    }

    def __init__(self, *args: Any, cost: Cost, **rest: Any) -> None:
        super().__init__(*args, **rest)
        by_hand = cost.source == CostSource.HAND
        for name in tuple(self.fields):
            fits = _OF_KIND.get(name, cost.kind) == cost.kind
            if not fits or (name in ("litres", "kwh", "place") and not by_hand):
                del self.fields[name]

    def given(self) -> dict[str, Any]:
        """What was told; what a call leaves out stays as it is."""
        facts = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        if "full" in facts:
            facts["full"] = {Full.YES: True, Full.NO: False}.get(facts["full"])
        return {"facts": facts}


class Total(Form):
    """登记总额: what a sheet states for a month."""

    source = forms.ChoiceField(
        label="来源",
        choices=[(source.value, source.label) for source in SHEETS],
        error_messages={"required": "没有选来源。", "invalid_choice": "选油卡或 ETC 对账单。"},
    )
    month = forms.DateField(
        label="月份",
        input_formats=["%Y-%m", "%Y-%m-%d", "%Y年%m月"],
        error_messages={"required": "没有填月份。", "invalid": "写成 2020-05 这样的月份。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": "10"}),
    )
    amount = Yuan(label="总额")
    entries = WholeNumber(
        label="笔数",
        required=False,
        min_value=0,
        max_value=1_000_000,
        error_messages={"invalid": "笔数只填数字。", "min_value": "笔数不小于 0。",
                        "max_value": "笔数最多 1,000,000。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )  # fmt: skip
    looks = {
        "month": {"width": "m", "example": "如 2020-05"},
        "amount": {"unit": "元", "width": "m"},
        "entries": {"width": "s", "help": "对方写了就填"},
    }

    def given(self) -> dict[str, Any]:
        """The sheet as a term, the total in 分."""
        told = dict(self.cleaned_data)
        return {
            "source": CostSource(told["source"]), "month": told["month"],
            "total_fen": told["amount"], "entries": told["entries"],
        }  # fmt: skip


class Level(Form):
    """How much was in the tank, and when."""

    on = _day()
    clock = _clock()
    litres = forms.DecimalField(
        label="油量",
        min_value=Decimal(0),
        max_value=Decimal(2_000),
        decimal_places=2,
        error_messages={
            "required": "没有填油量。",
            "invalid": "油量写成 35.5 这样的数。",
            "min_value": "油量不小于 0。",
            "max_value": "油量最多 2,000 升。",
            "max_decimal_places": "油量最多两位小数。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
    )
    looks = {
        "on": {"width": "m"},
        "clock": {"width": "s", "example": "17:30", "help": "当天的不填为现在，以前的不填为中午"},
        "litres": {"width": "s", "unit": "升"},
    }

    def __init__(self, *args: Any, today: date, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.today = today

    def given(self) -> dict[str, Any]:
        """The instant that was typed; without an hour, now or the day's noon."""
        told = self.cleaned_data
        clock = told["clock"] or (None if told["on"] == self.today else time(12))
        read_at = clock and datetime.combine(told["on"], clock, times.ZONE)
        return {"read_at": read_at, "litres": told["litres"]}
