"""What is filled in of one car, named by its plate; nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.models import Car, Cars
from guanjia.ui.forms import Form


def plain_plate(text: str) -> str:
    """A plate as it is stored: capitals, no dot or blank."""
    return text.upper().replace("·", "").replace(" ", "").replace("\u3000", "")


class OfCar(Form):
    """For one of the cars the person may act for, named by its plate."""

    car = forms.CharField(
        label="号牌号码", max_length=20,
        error_messages={"required": "补填号牌号码。", "max_length": "号牌号码最多 20 个字。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "cars"}),
    )  # fmt: skip

    def __init__(self, *args: Any, cars: Cars, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.cars = cars

    def clean_car(self) -> Car | None:
        """The car of this plate; none where none need be named."""
        plate = plain_plate(self.cleaned_data["car"])
        if not plate:
            return None
        car: Car | None = self.cars.filter(plate=plate).first()
        if car is None:
            raise forms.ValidationError(f"车辆台账中没有 {plate}，或不在您的范围内。")
        return car

    def given(self) -> dict[str, Any]:
        """With the id of the car."""
        told = dict(self.cleaned_data)
        return {"car_id": told.pop("car").pk, **told}
