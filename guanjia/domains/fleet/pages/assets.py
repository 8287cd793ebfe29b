"""What the pages of quotas and purchases share: units to ask for, stored verdicts, lives."""

from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.values.actor import Scope
from guanjia.ui.approval.life import life, stored, waiting

__all__ = ["life", "stored", "units_within", "waiting"]

_NO_KEEPERS = (Nature.AREA, Nature.SECTION)  # areas and sections keep no cars of their own


def units_within(scope: Scope) -> list[Unit]:
    """The units of a scope that may keep cars."""
    rows = Unit.objects.open().within(scope).exclude(nature__in=_NO_KEEPERS)
    return list(rows.select_related("parent"))
