"""Tenancies of 周转房 for tests; made by calling actions."""

from datetime import date, datetime
from typing import Any

from guanjia.domains.space.actions import rents, tenancies
from guanjia.domains.space.models import RentPayment, Tenancy
from guanjia.domains.space.terms.tenancies import (
    Condition,
    PaidBy,
    Payment,
    Return,
    TenancyAsked,
    TenantKind,
)
from guanjia.domains.space.tests.builders import City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.values.actor import Actor

SINCE = date(2020, 3, 16)
LAST = date(2022, 3, 15)


def asked(city: City, who: str = "sitter", room: str = "B101", **changes: Any) -> TenancyAsked:
    """Two years from the middle of March 2020 on."""
    facts: dict[str, Any] = {
        "room_id": city.room(room).pk, "tenant_id": city.people[who].pk,
        "kind": TenantKind.EXCHANGE, "since_on": SINCE, "last_on": LAST,
        "document": "景机管房〔2020〕3号",
    }  # fmt: skip
    return TenancyAsked(**(facts | changes))


def moved_in(
    city: City, who: str = "sitter", room: str = "B101", at: datetime = AT, **changes: Any
) -> Tenancy:
    """Somebody who lives there."""
    wish = asked(city, who, room, **changes)
    return tenancies.move_in(actor=city.actor("keeper"), asked=wish, at=at)


def back(**changes: Any) -> Return:
    """A return without fault."""
    facts: dict[str, Any] = {"on": AT.date(), "condition": Condition.FINE, "keys": 2}
    return Return(**(facts | changes))


def payment(tenancy: Tenancy, *, months: int = 1, **changes: Any) -> Payment:
    """The oldest months that are owed."""
    rows = list(tenancy.rents.filter(payment=None).order_by("month")[:months])
    facts: dict[str, Any] = {
        "rent_ids": tuple(row.pk for row in rows), "fen": sum(row.fen for row in rows),
        "receipt": "PJ0001", "on": AT.date(), "by": PaidBy.TRANSFER,
    }  # fmt: skip
    return Payment(**(facts | changes))


def paid(city: City, tenancy: Tenancy, *, months: int = 1, **changes: Any) -> RentPayment:
    """The same, taken by the cashier."""
    return rents.pay(
        actor=city.actor("cashier"), tenancy_id=tenancy.pk, at=AT,
        payment=payment(tenancy, months=months, **changes),
    )  # fmt: skip


def furnish(city: City, keeper: Actor, cashier: Actor) -> Tenancy:
    """Somebody who lives there and paid a month, for the house."""
    made = tenancies.move_in(actor=keeper, asked=asked(city), at=AT)
    rents.pay(actor=cashier, tenancy_id=made.pk, payment=payment(made), at=AT)
    return made
