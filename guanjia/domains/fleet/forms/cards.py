"""What people fill in about fuel cards (加油卡); nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.forms.costs import car_of, plain_plate
from guanjia.domains.fleet.models import Car, Cars, FuelCard
from guanjia.ui.forms import Form, field_for


class _ForCar(Form):
    """For one of the cars the person may act for, named by its plate."""

    car = forms.CharField(
        label="号牌号码", max_length=20,
        error_messages={"required": "补填号牌号码。", "max_length": "号牌号码最多 20 个字。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "cars"}),
    )  # fmt: skip

    def __init__(self, *args: Any, cars: Cars, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.cars = cars

    def clean_car(self) -> Car:
        """The car of this plate."""
        return car_of(self.cleaned_data["car"], self.cars)

    def given(self) -> dict[str, Any]:
        """With the id of the car."""
        told = dict(self.cleaned_data)
        return {"car_id": told.pop("car").pk, **told}


class Give(_ForCar):
    """发卡."""

    number = field_for(FuelCard.number)
    issuer = field_for(FuelCard.issuer)
    since = field_for(FuelCard.since)
    field_order = ("number", "car", "issuer", "since")
    looks = {
        "number": {"width": "l", "example": "卡面上的号码"},
        "car": {"width": "m", "example": "如 赣H12345"},
        "issuer": {"width": "m", "example": "如 中石化"},
        "since": {"width": "m"},
    }

    def clean_number(self) -> str:
        """Without blanks, in capitals."""
        return plain_plate(self.cleaned_data["number"])


class Stop(Form):
    """停用."""

    until = field_for(FuelCard.until, required=True)
    reason = field_for(FuelCard.reason, required=True)
    looks = {
        "until": {"width": "m"},
        "reason": {"width": "l", "example": "如 卡片遗失，已挂失"},
    }


class Move(_ForCar):
    """换车."""

    on = field_for(FuelCard.since, label="换车日期")
    reason = field_for(FuelCard.reason, label="原因", required=True)
    looks = {
        "car": {"width": "m", "example": "如 赣H12345"},
        "on": {"width": "m"},
        "reason": {"width": "l", "example": "如 原车已处置"},
    }
