"""Reading small forms: what cannot be read is refused like anything else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from guanjia.kernel.registers.amending import Archive
from guanjia.kernel.registers.declaration import Kind
from guanjia.kernel.registers.fields import (
    bounds_of,
    field_of,
    kind_of,
    must_be_told,
    term_of,
    title_of,
)
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.kernel.values.term import Term

_DIGITS = 19  # more than a column of ids can hold
NOT_DONE = "没有办成。"  # the headline of an act; of what is typed in it is 没有保存。


@dataclass(frozen=True)
class Line:
    """How a field stands on the page."""

    bound: Any
    unit: str = ""
    width: str = "m"
    example: str = ""
    help: str = ""


class Form(forms.Form):
    """A form that can show what the rules refused: beside its field, else at its head.

    ``looks`` says how its fields stand: unit, width, example, help.
    """

    looks: dict[str, dict[str, str]] = {}

    def lines(self) -> Any:
        """The fields but files, as the page of an act shows them: ``Line`` for ``Line``."""
        return [
            Line(self[name], **self.looks.get(name, {}))
            for name in self.fields
            if name != "files" and not self[name].is_hidden
        ]

    def given(self) -> dict[str, Any]:
        """What was filled in, by the names the action takes."""
        return dict(self.cleaned_data)

    def add_refusal(self, refused: Refused) -> None:
        """Put every finding where it belongs."""
        for finding in refused.findings:
            where = finding.field if finding.field in self.fields else None
            self.add_error(where, finding.text())


class Nothing(Form):
    """Nothing is filled in: the act is only confirmed."""


class WholeNumber(forms.IntegerField):
    """A whole number, also as pages write it: ``188,912``."""

    def to_python(self, value: Any) -> int | None:
        """Commas between thousands are no fault."""
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "")
        number: int | None = super().to_python(value)
        return number


_NO_FIGURES = str.maketrans("", "", ",，元¥￥")  # what stands around the figures of a sum


class Fen(forms.DecimalField):
    """An amount in 元 as people write it (``311,000.00``); gives 分, ``None`` for an empty one."""

    def to_python(self, value: Any) -> Any:
        """Commas, 元 and ¥ are what ledgers write."""
        if isinstance(value, str):
            value = value.translate(_NO_FIGURES).strip()
        return super().to_python(value)

    def clean(self, value: Any) -> int | None:
        """The amount in 分."""
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)


class Ids(forms.Field):
    """Ids of rows that were ticked in a list, each once; they are no words and not shown."""

    widget = forms.MultipleHiddenInput
    told_as = list[int]

    def to_python(self, value: Any) -> list[int]:
        """The ids, or a fault for what is none."""
        texts = [str(each) for each in value or ()]
        if not all(text.isascii() and text.isdigit() and len(text) < _DIGITS for text in texts):
            raise forms.ValidationError(f"{self.label}读不懂，重新勾选。", code="invalid")
        return list(dict.fromkeys(int(text) for text in texts))


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


# ── fields that say their name in the model ──────────────────────────────────────────────

_DAY = "写成 2026-05-08 这样的日期。"
_PLACES = "零一两三四五六"


def field_for(
    attribute: Any,
    *,
    label: str = "",
    unit: str = "",
    required: bool | None = None,
    most: int | None = None,
    in_sight: bool = False,
) -> forms.Field:
    """The form field of a model field (``Person.name``): its label, length, choices and bounds.

    ``label``, ``required``: where a form says otherwise than the model. ``unit`` stands behind
    what is typed. ``most``: the greatest plausible number; a number with decimals is above 0.
    ``in_sight``: all that may be chosen is shown at once.
    Raises ``TypeError`` for what no form asks for.
    """
    field = field_of(attribute)
    kind, label = kind_of(field), label or title_of(field)
    must = must_be_told(field) if required is None else required
    least, bound = bounds_of(field)
    most = bound if most is None else most
    parts: dict[str, Any] = {"label": label, "required": must}
    if kind is Kind.CHOICE:
        return _choice(field, label, must, in_sight)
    if kind is Kind.DATE:
        return _shown(forms.DateField(**parts, **_says(label, invalid=_DAY)), "", day=True)
    if kind is Kind.DECIMAL:
        return _decimal(field, parts, most, unit)
    if kind is Kind.INTEGER:
        says = _says(
            label, invalid=f"{label}只填整数。", min_value=f"{label}不小于 {least}。",
            max_value=f"{label}最多 {most} {unit}。",
        )  # fmt: skip
        return _shown(WholeNumber(**parts, min_value=least, max_value=most, **says), unit)
    if kind is not Kind.TEXT:
        msg = f"{field}: no form asks for it by itself"
        raise TypeError(msg)
    longest = field.max_length
    says = _says(label, max_length=f"{label}最多 {longest} 个字。")
    return _shown(forms.CharField(**parts, max_length=longest, **says), "")


def _says(label: str, **sentences: str) -> dict[str, Any]:
    return {"error_messages": {"required": f"补填{label}。", **sentences}}


def _choice(field: Any, label: str, must: bool, in_sight: bool) -> forms.ChoiceField:
    term = term_of(field)
    offered = term.choices() if term is not None else []
    return forms.ChoiceField(
        label=label,
        required=must,
        choices=offered if must else [("", "未登记"), *offered],
        widget=forms.RadioSelect if in_sight else forms.Select,
        **_says(label, invalid_choice=f"从列出的{label}中选一项。"),
    )


def _decimal(field: Any, parts: dict[str, Any], most: int | None, unit: str) -> forms.Field:
    label, places = parts["label"], field.decimal_places
    says = _says(
        label,
        invalid=f"{label}写成 48.5 这样的数。",
        min_value=f"{label}大于 0。",
        max_value=f"{label}最多 {most or 0:,} {unit}。",
        max_decimal_places=f"{label}最多{_PLACES[places]}位小数。",
    )
    number = forms.DecimalField(
        **parts, min_value=Decimal(1).scaleb(-places), max_value=most, decimal_places=places, **says
    )
    return _shown(number, unit, maxlength=str(field.max_digits + 1), inputmode="decimal")


def _shown(field: Any, unit: str, *, day: bool = False, **attrs: str) -> Any:
    """As one line of text; ``unit`` stands behind it, where the template looks for it."""
    if day:
        attrs |= {"data-date": "date", "maxlength": "20", "placeholder": "如 2027-05-23"}
    longest = getattr(field, "max_length", None)
    attrs |= {"maxlength": str(longest)} if longest else {}
    field.widget = forms.TextInput(attrs={"autocomplete": "off", **attrs})
    field.unit = unit
    return field


def as_typed(value: Any) -> str:
    """A value as people would type it: days as 2026-05-08, numbers without closing noughts."""
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
    return str(value)


class _Amending(Form):
    """Plain fields of a record; what a call leaves out stays as it is."""

    def given(self) -> dict[str, Any]:
        """The fields that were sent, as ``amend`` takes them."""
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        return {"facts": sent}


def archive_form(archive: Archive, *names: str) -> type[Form]:
    """The form that asks for the plain fields of a record, or for some of them."""
    fields = {
        name: field_for(field, **archive.asks.get(name, {}))
        for name, field in archive.plain().items()
        if not names or name in names
    }
    looks = {name: {"unit": getattr(field, "unit", "")} for name, field in fields.items()}
    return type("Amend", (_Amending,), {**fields, "looks": looks})


def as_it_stands(row: Any, names: Iterable[str]) -> dict[str, str]:
    """Fields of a row as people would type them: what a form that changes them begins with."""
    return {name: as_typed(getattr(row, name)) for name in names}


def choose(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """What may be chosen in a field, where that depends on the row or on who asks."""
    field: Any = form.fields[name]
    field.choices = list(choices)


def offer(form: forms.Form, name: str, terms: Iterable[Term]) -> None:
    """Show only some of what may be chosen; the others are refused in words of their own."""
    field: Any = form.fields[name]
    field.widget.choices = [(term.value, term.label) for term in terms]
