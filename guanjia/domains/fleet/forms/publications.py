"""What people fill in about public notices (用车公示); nothing is saved or decided here."""

from typing import Any

from django import forms

from guanjia.domains.fleet.forms.quotas import words
from guanjia.kernel.values.period import Period, PeriodUnreadable
from guanjia.ui.forms import Form


class Draft(Form):
    """The period that is counted (统计公示稿)."""

    period = words("时段", 30)
    looks = {"period": {"width": "m", "example": "如 2020-Q2"}}

    def clean_period(self) -> Period:
        """The period of this text."""
        try:
            return Period.parse(self.cleaned_data["period"])
        except PeriodUnreadable as fault:
            raise forms.ValidationError(str(fault)) from None


class Correct(Form):
    """Why another edition is made (更正)."""

    reason = words("更正原因", 200)
    looks: dict[str, Any] = {
        "reason": {"width": "l", "example": "如 两单里程抄错，已更正", "help": "随新的一版一并公示"}
    }


class Withdraw(Form):
    """Why a notice is taken down (撤下)."""

    reason = words("撤下原因", 200)
    looks = {"reason": {"width": "l", "help": "公示页上一并写明"}}
