"""The vouchers of a row on its own page: ``{% load vouchers %}{% vouchers_of row "凭证" %}``."""

from typing import Any

from django import template
from django.db import models
from django.utils import timezone

from guanjia.kernel.vouchers import queries
from guanjia.kernel.vouchers.models import Voucher
from guanjia.kernel.vouchers.terms import Form, State

register = template.Library()

# Tone and icon of a state.
LOOKS = {
    State.VALID: ("done", "circle-check"),
    State.LATER: ("wait", "clock-hour-4"),
    State.EXPIRED: ("idle", "hourglass"),
    State.REPLACED: ("idle", "arrows-exchange"),
    State.VOID: ("stop", "ban"),
}


def look(voucher: Voucher) -> tuple[str, str, str]:
    """Tone, icon and word of a voucher's state today."""
    state = voucher.state(timezone.localdate())
    return (*LOOKS[state], state.label)


@register.inclusion_tag("ui/parts/vouchers.html", name="vouchers_of")
def vouchers_of(row: models.Model, title: str) -> dict[str, Any]:
    """The newest voucher of a row with its files and code, and the earlier ones; two statements.

    Whoever may open the row may open its vouchers; nothing is shown where there are none.
    """
    found = [
        {
            "voucher": voucher,
            "look": look(voucher),
            "pdf": any(file.form == Form.PDF for file in voucher.files.all()),
        }
        for voucher in queries.of(row)
    ]
    return {"title": title, "newest": found[0] if found else None, "earlier": found[1:]}
