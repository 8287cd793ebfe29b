"""The shape of a delegation (委托) as people write it: the last day counts."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms

from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.verdict import Refused
from guanjia.portal.forms import day_input, text_input
from guanjia.ui.forms import Form


def _day(label: str, **kwargs: Any) -> forms.DateField:
    """A day that is typed as people write it, with the browser's picker beside."""
    return day_input(
        label,
        widget=forms.DateInput(
            format="%Y-%m-%d",
            attrs={"data-date": "date", "autocomplete": "off", "placeholder": "2026-05-08"},
        ),
        **kwargs,
    )


class Lend(Form):
    """Who decides for me, from which day to which, both included, and why.

    Half-open for the kernel: ``until`` is the day after the last.
    """

    person = forms.ChoiceField(
        label="受托人",
        error_messages={"required": "没有选受托人", "invalid_choice": "从名单中选一位同事"},
    )
    since = _day("从哪天")
    last = _day("到哪天", help_text="含当天")
    reason = text_input(
        "事由", most=100, widget=forms.TextInput(attrs={"placeholder": "如：出差、休假"})
    )

    def __init__(self, *args: Any, colleagues: Iterable[Person] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [  # type: ignore[attr-defined]  # of a ChoiceField
            ("", "选一位同事"),
            *((str(p.pk), _called(p)) for p in colleagues),
        ]

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first; a day too far for the calendar is none."""
        given = super().clean() or {}
        since, last = given.get("since"), given.get("last")
        if since and last and last < since:
            self.add_error("last", "最后一天在第一天之前")
        if last == date.max:
            self.add_error("last", "写近一点的日期")
        return given

    @property
    def until(self) -> date:
        """The first day on which one decides oneself again."""
        day: date = self.cleaned_data["last"] + timedelta(days=1)
        return day

    def add_refusal(self, refused: Refused) -> None:
        """What the kernel says of ``until`` stands at the last day."""
        for finding in refused.findings:
            name = "last" if finding.field == "until" else finding.field
            self.add_error(name if name in self.fields else None, finding.text())


def _called(person: Person) -> str:
    return " · ".join(part for part in (person.name, person.unit.shown, person.title) if part)
