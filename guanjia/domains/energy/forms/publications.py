"""The shape of what is to be published; nothing is saved or decided here."""

from django import forms

from guanjia.domains.energy.forms import fields
from guanjia.ui.forms import Form


class Draft(Form):
    """Which year, and whether key users are listed by name."""

    year = fields.year()
    key_users = forms.BooleanField(label="列出重点用能单位", required=False)
