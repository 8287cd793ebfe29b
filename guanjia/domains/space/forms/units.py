"""Forms that are filled in for one of several units, which is named first; nothing is saved."""

from collections.abc import Sequence
from typing import Any

from django import forms

from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.queries.units import unit_called
from guanjia.kernel.org.models import Unit


class ForUnit(ActForm):
    """For one of the units the person may act for: the ``chosen`` one, by its name or code.

    The field ``unit`` is of the form. Where there is but one unit, it need not be named.
    """

    def __init__(self, *args: Any, units: Sequence[Unit], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.units, self.named = units, str(self["unit"].value() or "").strip()
        self.chosen = unit_called(units, self.named)

    @property
    def unknown(self) -> str:
        """What is said where no unit is called so."""
        if not self.named:
            return f"补填{self['unit'].label}。"
        return f"您的范围内没有“{self.named}”，写简称、全称或编码。"

    def clean_unit(self) -> Unit:
        """The unit that was named."""
        if self.chosen is None:
            raise forms.ValidationError(self.unknown)
        return self.chosen
