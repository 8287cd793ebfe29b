"""Who watches from outside (监督员): the people behind duties whose looks are recorded."""

from datetime import date

from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Grant


def people(*, verb: str, on: date) -> list[int]:
    """The ids of the people whose watched duties let them see something on a day."""
    keys = [duty.key for duty in duties.all_duties() if duty.watched and verb in duty.reads]
    rows = (
        Grant.objects.in_force(on)
        .filter(duty__in=keys, account__is_active=True, account__person__isnull=False)
        .order_by("account__person")
        .values_list("account__person", flat=True)
        .distinct()
    )
    return list(rows)
