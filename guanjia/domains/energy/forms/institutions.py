"""What people fill in about institutions (公共机构); nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.queries import people
from guanjia.domains.energy.rules.institutions import Size
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope
from guanjia.ui.forms import Form


class Clerk(Form):
    """Who fills in for an institution, and from which day: somebody of one's own scope."""

    number = fields.words("工号", 40)
    since = fields.Day("开始日期")
    looks = {"number": {"width": "m"}, "since": {"width": "m"}}

    def __init__(self, *args: Any, scope: Scope, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.scope = scope

    def clean_number(self) -> Person:
        """Whoever has this number."""
        person = people.one(scope=self.scope, number=self.cleaned_data["number"])
        if person is None:
            raise forms.ValidationError("您的范围内没有这个工号的在职人员，核对工号。")
        return person

    def given(self) -> dict[str, Any]:
        """With the id of the person."""
        return {"person_id": self.cleaned_data["number"].pk, "since": self.cleaned_data["since"]}


class Resize(Form):
    """Floor space and people; what is left empty stays."""

    floor_m2 = fields.floor_m2()
    people = fields.people("用能人数")
    staff = fields.people("编制人数")
    why = fields.words("变动原因", 200, required=False)
    looks = {
        "floor_m2": {"width": "m", "unit": "㎡"},
        "people": {"width": "s", "unit": "人"},
        "staff": {"width": "s", "unit": "人"},
        "why": {"width": "l", "help": "变动较大的要写明，如新校区投入使用、机构合并"},
    }

    def given(self) -> dict[str, Any]:
        """Its size, and why it is another."""
        told = dict(self.cleaned_data)
        return {"why": told.pop("why"), "size": Size(**told)}
