"""Units and people for tests, entered by the same actions as everybody's."""

from datetime import date, datetime
from typing import Any

from guanjia.kernel.org import actions
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Employment, Level, Nature, Rank
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

AT = datetime(2020, 5, 20, 9, 0, tzinfo=SHANGHAI)  # a Wednesday
SYSTEM = Actor.system("测试")


def unit_row(code: str, parent: str | None = None, **facts: Any) -> dict[str, Any]:
    """A row of the units' ledger: a 党政机关 of the city unless told otherwise."""
    return {
        "code": code,
        "name": f"单位{code}",
        "short_name": code,
        "parent_code": parent,
        "nature": Nature.PARTY_OR_STATE,
        "level": Level.PREFECTURE,
        "credit_code": None,
        "headcount": 10,
        "position": 10,
        **facts,
    }


def unit(code: str, parent: Unit | None = None, **facts: Any) -> Unit:
    """A unit below ``parent``."""
    row = unit_row(code, parent.code if parent else None, **facts)
    actions.enter_units(actor=SYSTEM, rows=[row], at=AT)
    return Unit.objects.get(code=code)


def person_row(number: str, at: Unit, name: str = "", **facts: Any) -> dict[str, Any]:
    """A row of the people's ledger."""
    return {
        "number": number,
        "name": name or f"人{number}",
        "unit": at,
        "rank": Rank.BELOW_BUREAU,
        "title": "",
        "mobile": "",
        "employment": Employment.ESTABLISHED,
        "hired_on": date(2010, 1, 1),
        **facts,
    }


def person(number: str, at: Unit, name: str = "", **facts: Any) -> Person:
    """Somebody of a unit."""
    actions.enter_people(actor=SYSTEM, rows=[person_row(number, at, name, **facts)], at=AT)
    return Person.objects.select_related("unit").get(number=number)
