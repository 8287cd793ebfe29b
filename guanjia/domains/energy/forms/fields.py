"""Fields that several forms of the department have."""

from datetime import date
from typing import Any

from django import forms

_FIRST_YEAR, _LAST_YEAR = 2000, 2199
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
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
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
