"""The shape of what is to be published; nothing is saved or decided here."""

from django import forms

from guanjia.ui.forms import Form

_FIRST_YEAR, _LAST_YEAR = 2000, 2199


class Draft(Form):
    """Which year, and whether key users are listed by name."""

    year = forms.IntegerField(
        label="年度", min_value=_FIRST_YEAR, max_value=_LAST_YEAR,
        error_messages={"required": "补填年度。", "invalid": "年度写成 2020 这样。",
                        "min_value": "年度写成 2020 这样。", "max_value": "年度写成 2020 这样。"},
    )  # fmt: skip
    key_users = forms.BooleanField(label="列出重点用能单位", required=False)
