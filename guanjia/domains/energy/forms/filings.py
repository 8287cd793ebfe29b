"""What people fill in about filings (能耗报表); nothing is saved or decided here."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from guanjia.domains.energy.rules import filings as rules
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.ui.forms import Form, Ids, choose


class Period(Form):
    """One of some periods."""

    period = forms.ChoiceField(
        label="报告期",
        error_messages={"required": "选一个报告期。", "invalid_choice": "从列出的报告期中选。"},
    )
    looks = {"period": {"width": "m"}}

    def __init__(self, *args: Any, periods: Iterable[tuple[FilingKind, date]], **rest: Any) -> None:
        super().__init__(*args, **rest)
        choose(self, "period", [(str(rules.number(*one)), rules.title(*one)) for one in periods])

    def given(self) -> dict[str, Any]:
        """The kind and first day of the period."""
        kind, first = rules.of_number(int(self.cleaned_data["period"]))
        return {"kind": kind, "first": first}


class Ticked(Form):
    """Some filings of the list."""

    ids = Ids(label="报表", error_messages={"required": "先勾选要办理的报表。"})

    def given(self) -> dict[str, Any]:
        """As the actions take them."""
        return {"filing_ids": self.cleaned_data["ids"]}
