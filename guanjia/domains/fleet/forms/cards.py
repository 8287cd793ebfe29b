"""What people fill in about fuel cards (加油卡); nothing is saved or decided here."""

from guanjia.domains.fleet.forms.cars import OfCar, plain_plate
from guanjia.domains.fleet.models import FuelCard
from guanjia.ui.forms import Form, field_for


class Give(OfCar):
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


class Move(OfCar):
    """换车."""

    on = field_for(FuelCard.since, label="换车日期")
    reason = field_for(FuelCard.reason, label="原因", required=True)
    looks = {
        "car": {"width": "m", "example": "如 赣H12345"},
        "on": {"width": "m"},
        "reason": {"width": "l", "example": "如 原车已处置"},
    }
