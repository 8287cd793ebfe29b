"""Units that may hold offices, and the one that somebody names."""

from collections.abc import Sequence

from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.values.actor import Scope

_NO_OFFICES = (Nature.AREA, Nature.SECTION)  # areas and sections hold no offices of their own


def units_within(scope: Scope) -> list[Unit]:
    """The units of a scope that may hold offices."""
    rows = Unit.objects.open().within(scope).exclude(nature__in=_NO_OFFICES)
    return list(rows.select_related("parent").order_by("position", "code"))


def unit_called(units: Sequence[Unit], text: str) -> Unit | None:
    """The one of these units with a code, short name or name; the only one where nothing is
    written."""
    if not text:
        return units[0] if len(units) == 1 else None
    word = text.split(" ", 1)[0]
    named = [u for u in units if text in (u.code, u.name, u.short_name, u.shown)]
    named = named or [u for u in units if u.code == word]
    return named[0] if len(named) == 1 else None
