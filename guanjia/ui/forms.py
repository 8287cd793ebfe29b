"""Reading small forms: what cannot be read is refused like anything else."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from guanjia.kernel.regulations.verdict import Refused, refuse

NOT_DONE = "没有办成。"  # the headline of an act; of what is typed in it is 没有保存。


class Form(forms.Form):
    """A form that can show what the rules refused: beside its field, else at its head."""

    def add_refusal(self, refused: Refused) -> None:
        """Put every finding where it belongs."""
        for finding in refused.findings:
            where = finding.field if finding.field in self.fields else None
            self.add_error(where, finding.text())


class WholeNumber(forms.IntegerField):
    """A whole number, also as pages write it: ``188,912``."""

    def to_python(self, value: Any) -> int | None:
        """Commas between thousands are no fault."""
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "")
        number: int | None = super().to_python(value)
        return number


class Fen(forms.DecimalField):
    """An amount in 元 as people write it (``311,000.00``); gives 分, ``None`` for an empty one."""

    def to_python(self, value: Any) -> Any:
        """Commas and 元 are what ledgers write."""
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "").replace("元", "").strip()
        return super().to_python(value)

    def clean(self, value: Any) -> int | None:
        """The amount in 分."""
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


def first_fault(form: forms.BaseForm) -> tuple[str, str]:
    """The field and the sentence of the first thing that is wrong; ``""`` for the whole form."""
    name, faults = next(iter(form.errors.items()))
    return ("" if name == NON_FIELD_ERRORS else name), str(faults[0])


def checked(form: forms.BaseForm, *, headline: str = "没有保存。") -> dict[str, Any]:
    """The values of a form; raises ``Refused`` with the first fault, at its field.

    ``headline``: what came of it, for an act ``NOT_DONE``.
    """
    if not form.is_valid():
        field, sentence = first_fault(form)
        refuse("unreadable", headline, sentence, field=field).enforce()
    return form.cleaned_data
