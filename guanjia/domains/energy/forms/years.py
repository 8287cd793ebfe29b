"""Which year is issued; nothing is saved or decided here."""

from guanjia.domains.energy.forms import fields
from guanjia.ui.forms import Form


class Issue(Form):
    """年度定稿."""

    year = fields.year()
    looks = {"year": {"width": "s", "unit": "年"}}
