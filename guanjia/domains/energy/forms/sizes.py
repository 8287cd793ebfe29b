"""The shape of an institution's size; nothing is saved or decided here."""

from guanjia.domains.energy.forms import fields
from guanjia.ui.forms import Form


class SizeForm(Form):
    """Floor space and people; what is left empty stays."""

    floor_m2 = fields.floor_m2()
    people = fields.people("用能人数")
    staff = fields.people("编制人数")
    why = fields.words("变动原因", 200, required=False)
