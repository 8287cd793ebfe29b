"""The shape of what people fill in about purchases; nothing is saved or decided here."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.fleet.forms.quotas import ForUnit, choice, day_field, show_refusal, words
from guanjia.domains.fleet.models import Car, Purchase
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.rules import plates
from guanjia.domains.fleet.terms.cars import Body, Energy, Keeping, PlateColour, Use
from guanjia.domains.fleet.terms.disposals import REMOVALS, DisposalMethod
from guanjia.domains.fleet.terms.purchases import FILES, EarlyReason, PurchaseKind
from guanjia.kernel.regulations.verdict import Refused, Verdict
from guanjia.kernel.values.actor import Scope
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber

_NONE = ("", "不提前")
_WAN_FEN = 1_000_000


def _decimal(label: str, *, required: bool, most: int, places: int, what: str) -> Any:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=Decimal("0.01"),
        max_value=most,
        decimal_places=places,
        error_messages={
            "required": f"没有填{label}。",
            "invalid": f"只填数字，{what}。",
            "min_value": f"{label}要大于 0。",
            "max_value": f"{label}不会超过 {most:,}，核对单位：{what}。",
            "max_decimal_places": f"最多 {places} 位小数。",
            "max_digits": f"{label}太长，核对单位：{what}。",
            "max_whole_digits": f"{label}太长，核对单位：{what}。",
        },
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def _seats() -> Any:
    return forms.IntegerField(
        label="座位数",
        min_value=1,
        max_value=80,
        initial=5,
        error_messages={
            "required": "没有填座位数。",
            "invalid": "只填数字。",
            "min_value": "至少 1 座。",
            "max_value": "最多 80 座。",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _yes_no(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _plate(text: str) -> str:
    return text.upper().replace("·", "").replace(" ", "")


class _Purchase(ForUnit):
    """A car to be bought, additional or in the place of another."""

    kind = choice("购置方式", PurchaseKind.choices(), widget=forms.RadioSelect)
    use = choice("车辆类别", Use.choices())
    old_car = words("旧车号牌", 10, required=False, list="cars")
    early_reason = choice("提前更新", [_NONE, *EarlyReason.choices()], required=False)
    old_car_sound = _yes_no("旧车状况")
    energy = choice("能源类型", Energy.choices())
    body = choice("车型", Body.choices())
    make = words("品牌型号", 60)
    displacement_l = _decimal("排气量", required=False, most=10, places=2, what="单位是升")
    seats = _seats()
    price_wan = _decimal("价格", required=True, most=1_000, places=4, what="单位是万元")
    needed_for_law_enforcement = _yes_no("执法需要")
    fixed_city_route = _yes_no("使用场景")
    domestic = _yes_no("产地")
    special_reason = words("特殊情形理由", 200, required=False)
    by_province = _yes_no("报省批复")
    reason = words("事由", 200)
    document = words("文号", 60, required=False)
    files = FilesField(label="附件", bounds=FILES, help_text="请示、报价、检测报告，手机拍照也可")  # type: ignore[assignment]  # a field; the form's own uploads keep their name
    field_order = ("kind", "unit")

    def __init__(self, *args: Any, scope: Scope, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.scope = scope

    def clean_old_car(self) -> Car | None:
        """The car of this plate, within reach."""
        text = _plate(self.cleaned_data["old_car"])
        if not text or self.data.get("kind") == PurchaseKind.NEW:
            return None
        found: Car | None = archive.cars(self.scope).filter(plate=text).first()
        if found is None:
            raise forms.ValidationError(f"您的范围内没有 {text}。")
        return found

    def given(self) -> dict[str, Any]:
        """What is asked for, and its files."""
        told = dict(self.cleaned_data)
        files, old, price = told.pop("files"), told.pop("old_car"), told.pop("price_wan")
        told |= {
            "kind": PurchaseKind(told["kind"]), "unit_id": told.pop("unit").pk,
            "use": Use(told["use"]), "energy": Energy(told["energy"]), "body": Body(told["body"]),
            "old_car_id": old.pk if old else None, "price_fen": int(price * _WAN_FEN),
        }  # fmt: skip
        return {"facts": told, "files": files}


class Request(_Purchase):
    """申请更新购置; the address may name the unit and class, or the car that is to be renewed."""

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        first = self.initial
        if first.get("use") not in Use.__members__:
            first["use"] = Use.OTHER.value
        if first.get("kind") not in PurchaseKind.__members__:
            first["kind"] = PurchaseKind.RENEWAL.value
        plate = first.pop("old_car", "")
        old = archive.cars(self.scope).filter(plate=plate).first() if plate else None
        if old is not None:
            first.update(old_car=old.plate, use=old.use, reason=f"更新 {old.plate}")
            if not self.fields["unit"].disabled:
                first["unit"] = old.unit.shown


class Mend(_Purchase):
    """A purchase that came back (修改更新购置)."""

    comment = words("修改说明", 100, required=False)

    def given(self) -> dict[str, Any]:
        """What is asked for, its files, and what was mended."""
        told = super().given()
        return {**told, "comment": told["facts"].pop("comment")}


def initial_of(purchase: Purchase) -> dict[str, Any]:
    """A purchase as the form shows it, to mend it."""
    names = (
        "kind", "use", "energy", "body", "make", "displacement_l", "seats", "reason", "document",
        "special_reason", "needed_for_law_enforcement", "fixed_city_route", "domestic",
        "old_car_sound", "by_province", "early_reason",
    )  # fmt: skip
    price = purchase.price_fen
    return {
        **{name: getattr(purchase, name) for name in names},
        "old_car": purchase.old_car.plate if purchase.old_car else "",
        "price_wan": wan_of(price),
    }


def wan_of(fen: int | None) -> str:
    """``14.98``, as it is typed."""
    return "" if fen is None else f"{(Decimal(fen) / _WAN_FEN).normalize():f}"


class NewCar(Form):
    """The new car's card (登记新车), as the registration certificate states it."""

    document = words("批准文号", 60)
    plate = words("号牌号码", 10)
    plate_colour = choice("号牌颜色", PlateColour.choices())
    vin = words("车辆识别代号", 17)
    registered_on = day_field("登记日期")
    make = words("品牌型号", 60)
    seats = _seats()
    price_wan = _decimal("购置价格", required=True, most=1_000, places=4, what="单位是万元")
    keeping = choice("管理方式", [(k.value, k.label) for k in Keeping if k is not Keeping.LEASED])
    odometer_km = WholeNumber(
        label="里程表",
        min_value=0,
        max_value=3_000,
        initial=0,
        error_messages={
            "required": "没有填里程表读数。",
            "invalid": "只填整数。",
            "min_value": "里程表不会小于 0。",
            "max_value": "新车的里程表不会超过 3,000 公里。",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    inspected_until = day_field("检验有效期止", required=False)
    insured_until = day_field("保险期止", required=False)
    method = choice(
        "旧车怎样处置", [(m.value, m.label) for m in REMOVALS], widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    verdict = Verdict()

    def __init__(self, *args: Any, renews: bool, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.fields["method"].required = renews
        if not renews:
            del self.fields["method"]

    def add_refusal(self, refused: Refused) -> None:
        """Show a refusal at its fields, with its 依据."""
        show_refusal(self, refused)

    def clean_plate(self) -> str:
        """A number plate that can be."""
        text = _plate(self.cleaned_data["plate"])
        if fault := plates.plate_fault(text):
            raise forms.ValidationError(f"{fault}。")
        return text

    def clean_vin(self) -> str:
        """A vehicle identification number that can be."""
        text = _plate(self.cleaned_data["vin"])
        if fault := plates.vin_fault(text):
            raise forms.ValidationError(f"{fault}。")
        return text

    def given(self) -> dict[str, Any]:
        """The car, the document, and how the old car is disposed of."""
        car = dict(self.cleaned_data)
        document, method = car.pop("document"), car.pop("method", "")
        car |= {
            "plate_colour": PlateColour(car["plate_colour"]), "keeping": Keeping(car["keeping"]),
            "price_fen": int(car.pop("price_wan") * _WAN_FEN),
        }  # fmt: skip
        return {
            "car": car, "document": document, "method": DisposalMethod(method) if method else None
        }  # fmt: skip


def first_of_car(purchase: Purchase, today: date) -> dict[str, Any]:
    """What the card of the new car begins with: what was agreed to."""
    green = purchase.energy in (Energy.ELECTRIC, Energy.PLUG_IN, Energy.FUEL_CELL)
    return {
        "document": purchase.document, "make": purchase.make, "seats": purchase.seats or 5,
        "price_wan": wan_of(purchase.price_fen), "method": DisposalMethod.AUCTION.value,
        "registered_on": today,
        "plate_colour": (PlateColour.GREEN if green else PlateColour.BLUE).value,
    }  # fmt: skip
