"""Fields that several forms of the department have."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.energy.forms.returns import Amount
from guanjia.ui.forms import WholeNumber

FIRST_YEAR, LAST_YEAR = 2000, 2199
FLOOR_MAX, PEOPLE_MAX = Decimal(10_000_000), 1_000_000
_MEMBERS_MAX = 60_000


class Day(forms.DateField):
    """A day as pages write it, within the years this is about."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label, input_formats=["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d"],
            widget=forms.TextInput(
                attrs={"data-date": "date", "maxlength": 10, "autocomplete": "off"}
            ),
            error_messages={
                "required": f"补填{label}。", "invalid": f"{label}写成 2020-12-31 这样。",
            },
        )  # fmt: skip

    def clean(self, value: Any) -> date:
        """Within the years this is about."""
        day: date = super().clean(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(f"{self.label}的年份不对。")
        return day


class Members(forms.CharField):
    """Institutions by name or code, one a line; a list of what was written."""

    def __init__(self, *, label: str = "参加机构", required: bool = False) -> None:
        super().__init__(
            label=label, max_length=_MEMBERS_MAX, required=required,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={
                "required": f"写明{label}，一行一家。",
                "max_length": f"{label}最多 {_MEMBERS_MAX} 个字。",
            },
        )  # fmt: skip

    def clean(self, value: Any) -> list[str]:
        """Each line once, without blanks."""
        text: str = super().clean(value)
        return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _typed(mode: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off", **attrs})


def year(label: str = "年度") -> forms.IntegerField:
    """A year."""
    said = f"{label}写成 2020 这样。"
    return forms.IntegerField(
        label=label, min_value=FIRST_YEAR, max_value=LAST_YEAR, widget=_typed("numeric"),
        error_messages={"required": f"补填{label}。", "invalid": said, "min_value": said,
                        "max_value": said},
    )  # fmt: skip


def amount(
    label: str, *, low: Decimal, high: Decimal, places: int, between: str = "", aria: str = ""
) -> Amount:
    """An amount that may be left empty; ``between`` says what it has to be where it is not."""
    too_large = between or f"{label}过大，核对位数和单位。"
    return Amount(
        label=label, required=False, min_value=low, max_value=high, max_digits=16,
        decimal_places=places,
        widget=_typed("decimal", **({"aria-label": aria} if aria else {})),
        error_messages={
            "invalid": f"{label}只填数字，如 4016.5。",
            "min_value": between or f"{label}不应小于 {low:f}。",
            "max_value": too_large, "max_digits": too_large, "max_whole_digits": too_large,
            "max_decimal_places": f"{label}最多 {places} 位小数。",
        },
    )  # fmt: skip


def floor_m2() -> Amount:
    """Floor space in ㎡."""
    return amount("建筑面积", low=Decimal("0.01"), high=FLOOR_MAX, places=2)


def people(label: str) -> WholeNumber:
    """A number of people that may be left empty."""
    return WholeNumber(
        label=label, required=False, min_value=0, max_value=PEOPLE_MAX, widget=_typed("numeric"),
        error_messages={"invalid": f"{label}写整数。", "min_value": f"{label}不应小于 0。",
                        "max_value": f"{label}过大，核对位数。"},
    )  # fmt: skip


def words(label: str, longest: int, *, required: bool = True, rows: int = 0, **more: Any) -> (
    forms.CharField
):  # fmt: skip
    """Some words; ``rows`` makes room for more than a line."""
    return forms.CharField(
        label=label, max_length=longest, required=required,
        widget=forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(),
        error_messages={"required": f"补填{label}。",
                        "max_length": f"{label}最多 {longest} 个字。"},
        **more,
    )  # fmt: skip
