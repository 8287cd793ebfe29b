"""People who fill in, and who may be named for it."""

from collections.abc import Collection

from guanjia.domains.energy.models import InstitutionClerk
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope


def one(*, scope: Scope, number: str) -> Person | None:
    """Somebody of the scope who serves, by 工号; ``None`` where there is nobody."""
    rows = Person.objects.within(scope).serving().filter(number=number.strip())
    found: Person | None = rows.first()
    return found


def clerks(institution_ids: Collection[int]) -> dict[int, list[int]]:
    """The people who fill in today, by institution."""
    rows = InstitutionClerk.objects.filter(institution__in=set(institution_ids), until=None)
    found: dict[int, list[int]] = {}
    for institution, person in rows.order_by("pk").values_list("institution", "person"):
        found.setdefault(institution, []).append(person)
    return found
