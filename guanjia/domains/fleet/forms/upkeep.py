"""Fields that the forms of upkeep, fines and accidents have in common, and the small ones."""

from typing import Any

from django import forms

from guanjia.domains.fleet.terms.upkeep import FILES
from guanjia.kernel.values.term import Term
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber


def words(label: str, longest: int, *, required: bool = True, **attrs: str) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        error_messages={
            "required": f"没有填{label}。",
            "max_length": f"{label}最多 {longest} 个字。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def chosen(label: str, term: type[Term], *, required: bool = True) -> forms.ChoiceField:
    """One of a few choices, side by side."""
    return forms.ChoiceField(
        label=label,
        choices=term.choices(),
        required=required,
        widget=forms.RadioSelect,
        error_messages={
            "required": f"没有选{label}。",
            "invalid_choice": f"从列出的{label}中选一项。",
        },
    )


def whole(label: str, *, most: int, least: int = 0, required: bool = False) -> WholeNumber:
    """A whole number."""
    return WholeNumber(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        error_messages={
            "required": f"没有填{label}。",
            "invalid": f"{label}只填整数。",
            "min_value": f"{label}不小于 {least}。",
            "max_value": f"{label}不大于 {most:,}。",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


def papers_field(help_text: str = "", *, required: bool = False) -> Any:
    """Files that go with what is told (附件)."""
    return FilesField(label="附件", bounds=FILES, help_text=help_text, required=required)


def note() -> forms.CharField:
    return words("备注", 200, required=False)


class Attach(Form):
    """补交附件."""

    files = papers_field(required=True)
