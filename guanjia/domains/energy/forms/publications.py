"""What people fill in about analyses and what is published; nothing is saved or decided here."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q

from guanjia.domains.energy.forms import fields
from guanjia.domains.energy.models import EnergyPublication
from guanjia.domains.energy.queries import analysis
from guanjia.kernel.values.actor import Scope
from guanjia.ui.forms import Form, choose, field_for


class Draft(Form):
    """Which year, and whether key users are listed by name."""

    year = forms.TypedChoiceField(
        label="年度", coerce=int,
        error_messages={"required": "选一个年度。", "invalid_choice": "从列出的年度中选。"},
    )  # fmt: skip
    key_users = forms.BooleanField(label="列出重点用能单位", required=False)
    looks = {"year": {"width": "s"}}

    def __init__(self, *args: Any, years: Iterable[int], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choices = [(str(year), f"{year} 年") for year in years]
        choose(self, "year", choices)


class Correct(Form):
    """Why another edition takes the place of one."""

    reason = field_for(EnergyPublication.reason, label="更正原因", required=True)
    looks = {"reason": {"width": "l", "help": "一并公示"}}


class Withdraw(Form):
    """Why one is taken down."""

    reason = field_for(EnergyPublication.withdrawn_reason, required=True)
    looks = {"reason": {"width": "l", "help": "一并写明"}}


class Issue(Form):
    """Of which key user and year; once it was issued, why again."""

    institution = fields.words("机构名称", 100)
    year = fields.year()
    reason = fields.words("重新出具原因", 200, required=False, rows=3)
    looks = {
        "institution": {"width": "l", "help": "写名录库中的全称，同名的写信用代码"},
        "year": {"width": "s"},
        "reason": {"width": "l", "help": "第一次出具不填；公示时一并公开"},
    }

    def __init__(self, *args: Any, scope: Scope, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.scope = scope

    def clean(self) -> dict[str, Any]:
        """The one key user of this name, or of this code, in the year."""
        told = super().clean() or {}
        if "year" in told and "institution" in told:
            words = told["institution"].strip()
            rows = analysis.key_users(self.scope, told["year"])
            found = list(rows.filter(Q(name=words) | Q(code=words))[:2])
            if len(found) != 1:
                sentence = "这一年的重点用能单位中没有唯一的这个名称，核对名称，同名的填信用代码。"
                raise forms.ValidationError({"institution": sentence})
            told["institution"] = found[0]
        return told

    def given(self) -> dict[str, Any]:
        """With the id of the institution."""
        told = dict(self.cleaned_data)
        return {"institution_id": told.pop("institution").pk, **told}
