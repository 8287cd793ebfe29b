"""A city with public institutions and everybody who has to do with their returns.

made = builders.city()
made.institution("school"), made.actor("keeper"), made.tell("school", 2020, 5, ELECTRICITY="400")
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.energy.actions import institutions, returns
from guanjia.domains.energy.models import Institution, MonthReturn
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import Origin
from guanjia.kernel.access.models import Account
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.org import actions as org_actions
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Level, Nature
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.values import codes
from guanjia.kernel.values.actor import Actor, Reach
from guanjia.kernel.values.period import SHANGHAI

AT = datetime(2020, 8, 20, 9, 0, tzinfo=SHANGHAI)  # a Thursday
TODAY = AT.date()
DAY = timedelta(days=1)
SYSTEM = Actor.system("测试")
UNITS = {
    "city": org.unit_row("3602", name="景德镇市", short_name="景德镇", nature=Nature.AREA),
    "leping": org.unit_row(
        "360281", "3602", name="乐平市", short_name="乐平", nature=Nature.AREA, level=Level.COUNTY
    ),
    "fuliang": org.unit_row(
        "360282", "3602", name="浮梁县", short_name="浮梁", nature=Nature.AREA, level=Level.COUNTY
    ),
    "bureau": org.unit_row(
        "3602D055", "3602", name="市机关事务管理局", short_name="机关事务管理局"
    ),
}
# who, number, name, unit, duty, reach, what it hangs on
PEOPLE = (
    ("keeper", "D055025", "吴振瓷", "bureau", "energy.keeper", Reach.CITY, ""),
    ("leader", "D055002", "彭立", "bureau", "energy.leader", Reach.CITY, ""),
    ("county", "L000001", "汪洋", "leping", "energy.county", Reach.BELOW, "leping"),
    ("other_county", "F000001", "程勇", "fuliang", "energy.county", Reach.BELOW, "fuliang"),
    ("clerk", "L000002", "江敏", "leping", "energy.clerk", Reach.OWN, ""),
    ("stranger", "F000002", "洪涛", "fuliang", "energy.clerk", Reach.OWN, ""),
    ("supervisor", "D055020", "万清", "bureau", "energy.supervisor", Reach.CITY_READ, ""),
)
# name, title, kind, area, ㎡, people, assessed, key user
INSTITUTIONS = (
    ("school", "乐平市第一中学", InstitutionKind.EDUCATION, "leping", "8000", 600, True, False),
    ("office", "乐平市财政局", InstitutionKind.STATE, "leping", "2000", 60, True, False),
    ("clinic", "浮梁县卫生院", InstitutionKind.HEALTH, "fuliang", "4000", 200, False, False),
    ("hospital", "市第二人民医院", InstitutionKind.HEALTH, "city", "30000", 1500, True, True),
)


def code(number: int) -> str:
    """A 统一社会信用代码 that is one (GB 32100-2015), the same for the same number."""
    body = f"12360200MB{number:07}"
    return body + codes.credit_check_character(body)


@dataclass
class City:
    """The people, units and institutions of the city, by the names above."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    institutions: dict[str, Institution] = field(default_factory=dict)

    def institution(self, name: str) -> Institution:
        """One of the four."""
        return self.institutions[name]

    def actor(self, who: str) -> Actor:
        """Somebody of the city with the duties they hold."""
        return access.actor(self.accounts[who])

    def tell(
        self, name: str, year: int, month: int, *, by: Actor = SYSTEM, **used: Any
    ) -> MonthReturn:
        """A month of an institution: ``ELECTRICITY="400"`` is 400 kWh at the usual price, a pair
        is amount and cost in 元."""
        told = returns.Month(
            institution=self.institutions[name], month=date(year, month, 1), lines=lines(used)
        )
        returns.enter_returns(actor=by, months=[told], origin=Origin.PAGE, at=AT)
        row: MonthReturn = MonthReturn.objects.get(
            institution=self.institutions[name], month=date(year, month, 1)
        )
        return row

    def half_year(self, name: str, *, year: int = 2020, power: int = 4000) -> None:
        """Six ordinary months: electricity wavers by a tenth, water stays."""
        for month in range(1, 7):
            self.tell(name, year, month, ELECTRICITY=power + 40 * month, WATER=120 + month)


PRICES = {Energy.ELECTRICITY: "0.62", Energy.WATER: "2.85", Energy.GAS: "3.3", Energy.PETROL: "6.4"}


def lines(used: Mapping[str, Any]) -> dict[Energy, Used]:
    """Lines of a return from amounts, or pairs of amount and cost in 元."""
    found = {}
    for name, value in used.items():
        energy = Energy(name)
        amount, cost = value if isinstance(value, tuple) else (value, None)
        amount = None if amount is None else Decimal(str(amount))
        if cost is None and amount is not None and not isinstance(value, tuple):
            cost = amount * Decimal(PRICES.get(energy, "1"))
        fen = None if cost is None else int(Decimal(str(cost)) * 100)
        found[energy] = Used(amount=amount, cost_fen=fen)
    return found


def row(name: str, number: int, **facts: Any) -> dict[str, Any]:
    """A row of the ledger of institutions, as ``enter_institutions`` takes it."""
    return {
        "code": code(number), "name": name, "kind": InstitutionKind.OTHER, "area": None,
        "floor_m2": Decimal(1000), "people": 50, "staff": 40, "entered_on": date(2016, 1, 1),
        "assessed": False, "key_user": False, **facts,
    }  # fmt: skip


def city() -> City:
    """Two counties, the city itself, four institutions; nothing told yet."""
    made = City()
    org_actions.enter_units(actor=SYSTEM, rows=[dict(row) for row in UNITS.values()], at=AT)
    found = {unit.code: unit for unit in Unit.objects.select_related("parent")}
    made.units = {name: found[row["code"]] for name, row in UNITS.items()}
    _people(made)
    institutions.enter_institutions(
        actor=SYSTEM, at=AT,
        rows=[
            row(
                title, number, kind=kind, area=made.units[area], floor_m2=Decimal(floor),
                people=people, assessed=assessed, key_user=key,
            )
            for number, (_, title, kind, area, floor, people, assessed, key) in enumerate(
                INSTITUTIONS, start=1
            )
        ],
    )  # fmt: skip
    by_name = {one.name: one for one in Institution.objects.select_related("area")}
    made.institutions = {name: by_name[title] for name, title, *_ in INSTITUTIONS}
    for who, name in (("clerk", "school"), ("stranger", "clinic")):
        institutions.assign_clerk(
            actor=SYSTEM, institution_id=made.institutions[name].pk,
            person_id=made.people[who].pk, since=TODAY, at=AT,
        )  # fmt: skip
    return made


def _people(made: City) -> None:
    rows = [org.person_row(number, made.units[unit], name) for _, number, name, unit, *_ in PEOPLE]
    org_actions.enter_people(actor=SYSTEM, rows=rows, at=AT)
    people = {person.number: person for person in Person.objects.select_related("unit")}
    for who, number, _, _, duty, reach, hangs_on in PEOPLE:
        made.people[who] = people[number]
        at = made.units[hangs_on] if hangs_on else None
        made.accounts[who] = access.account(who, people[number], (duty, reach, at))
