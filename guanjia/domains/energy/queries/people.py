"""People who may be named as clerks."""

from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope


def one(*, scope: Scope, number: str) -> Person | None:
    """Somebody of the scope who serves, by 工号; ``None`` where there is nobody."""
    rows = Person.objects.within(scope).serving().filter(number=number.strip())
    found: Person | None = rows.first()
    return found
