"""Fields that several forms of the department have."""

from datetime import date
from typing import Any

from django import forms

_FIRST_YEAR, _LAST_YEAR = 2000, 2199


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
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise forms.ValidationError(f"{self.label}的年份不对。")
        return day
