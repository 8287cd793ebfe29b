"""Repairs (大中修) at every stage, for tests; made by calling actions."""

from datetime import date
from typing import Any

from guanjia.domains.space.actions import works
from guanjia.domains.space.models import Works
from guanjia.domains.space.terms.works import (
    Contract,
    Funds,
    Planned,
    WorksAsked,
    WorksKind,
    WorksPart,
)
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.values.actor import Actor

BUDGET = 80_000_000  # 分


def asked(city: City, **changes: Any) -> WorksAsked:
    """A new roof."""
    facts: dict[str, Any] = {
        "building_id": city.building.pk, "title": "屋面防水维修", "kind": WorksKind.MAJOR,
        "part": WorksPart.ROOF, "reason": "三楼以上多处渗漏", "fen": BUDGET,
    }  # fmt: skip
    return WorksAsked(**(facts | changes))


def requested(city: City, by: str = "clerk", **changes: Any) -> Works:
    """Asked for by a unit with rooms there."""
    return works.request(actor=city.actor(by), asked=asked(city, **changes), at=AT)


def plan_of(**changes: Any) -> Planned:
    """For this year, from the budget."""
    facts: dict[str, Any] = {
        "year": TODAY.year, "budget_fen": BUDGET, "funds": Funds.BUDGET,
    }  # fmt: skip
    return Planned(**(facts | changes))


def planned(city: City, special: str = "", **changes: Any) -> Works:
    """Put into the plan."""
    made = requested(city, **changes)
    return works.plan(
        actor=city.actor("keeper"), works_id=made.pk, planned=plan_of(special=special), at=AT
    )


def contract(**changes: Any) -> Contract:
    """A contract below the budget."""
    facts: dict[str, Any] = {
        "on": TODAY, "contractor": "景德镇市第一建筑公司", "paper": "SG-2020-01",
        "fen": BUDGET - 100, "due_on": date(2020, 9, 30),
    }  # fmt: skip
    return Contract(**(facts | changes))


def begun(city: City, **changes: Any) -> Works:
    """Under way."""
    made = planned(city, **changes)
    return works.begin(actor=city.actor("keeper"), works_id=made.pk, contract=contract(), at=AT)


def accepted(city: City, **changes: Any) -> Works:
    """Accepted today."""
    made = begun(city, **changes)
    return works.accept(
        actor=city.actor("keeper"), works_id=made.pk, accepted_on=TODAY, conclusion="合格", at=AT
    )


def furnish(city: City, clerk: Actor) -> Works:
    """One that was asked for in the building of the house."""
    return works.request(actor=clerk, asked=asked(city), at=AT)
