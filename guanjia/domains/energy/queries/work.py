"""Everyday work on energy as lists show it."""

from typing import Any

from guanjia.domains.energy.models import WorkRecord
from guanjia.kernel.values.actor import Scope

SEE, TELL = "energy.work.see", "energy.work.tell"


def listed(scope: Scope) -> Any:
    """The work of a scope's institutions."""
    return WorkRecord.objects.within(scope).select_related("institution__area")
