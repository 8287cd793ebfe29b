"""Idle rooms, 周转房 and repairs of the demo, at every step, by the actions of the department."""

from datetime import date, datetime, timedelta
from typing import Any

from guanjia.domains.space.actions import (
    disposal_deals,
    disposals,
    rents,
    rooms,
    tenancies,
    works,
    works_ledger,
)
from guanjia.domains.space.actions.idle import tell_idle
from guanjia.domains.space.models import Disposal, Tenancy
from guanjia.domains.space.queries import idle
from guanjia.domains.space.queries import works as works_reading
from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.terms.disposals import (
    Carried,
    DisposalAsked,
    IdleCause,
    IdlePlan,
    PaidIn,
    Purpose,
    Valuation,
)
from guanjia.domains.space.terms.disposals import DisposalWay as Way
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.tenancies import (
    Condition,
    PaidBy,
    Payment,
    Return,
    TenancyAsked,
    TenantKind,
)
from guanjia.domains.space.terms.works import (
    Contract,
    Funds,
    Planned,
    WorksAsked,
    WorksKind,
    WorksPart,
)
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.org.models import Person
from guanjia.kernel.org.terms import Rank
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

KEEPER, REVIEWER, DECIDER = "pengminci", "weilong", "pengli"
CASHIER, CLERK = "zujin", "suxiao"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_TOLD, _QUARTERS, _TENANTS = 60, 12, 9
_YEARS_BACK = 24  # months
_OWES = (0, 1, 2, 3, 0, 1, 0, 0, 0)  # months, by tenant
_CAUSES = (
    (IdleCause.CLEARED, IdlePlan.REALLOCATE),
    (IdleCause.CLEARED, IdlePlan.PUBLIC),
    (IdleCause.REFORMED, IdlePlan.NONE),
    (IdleCause.NEW, IdlePlan.REALLOCATE),
    (IdleCause.REPAIRING, IdlePlan.REPAIR),
    (IdleCause.UNSAFE, IdlePlan.REPAIR),
)


def live(*, at: datetime) -> None:
    """What a visitor should find of idle rooms, 周转房 and repairs; ``at``: the moment."""
    keeper = _who(KEEPER, at)
    free = _long_there(at)
    quarters, free = free[:_QUARTERS], free[_QUARTERS:]
    _tell(keeper, free[:_TOLD], at)
    _disposals(keeper, free[_TOLD:], at)
    _quarters(keeper, quarters, at)
    _works(keeper, at)


def _who(username: str, at: datetime) -> Actor:
    return access.actor_named(username=username, on=_day(at))


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _long_there(at: datetime) -> list[Any]:
    """Empty rooms that the ledger knew two years ago, the last buildings first: what others of the
    demo take are the first ones."""
    before = months_after(_day(at), -_YEARS_BACK)
    rows = idle.idle(day=_day(at), scope=Scope.all()).order_by("-building", "-pk")
    return [row for row in rows if row.since is None or row.since <= before]


def _tell(keeper: Actor, rows: list[Any], at: datetime) -> None:
    """Why most of them stand empty; of the others nobody told."""
    for place, row in enumerate(rows):
        cause, plan = _CAUSES[place % len(_CAUSES)]
        tell_idle(actor=keeper, room_id=row.pk, cause=cause, plan=plan, on=_day(at), at=at)


# ── using and giving up ──────────────────────────────────────────────────────────────────


def _disposals(keeper: Actor, rows: list[Any], at: datetime) -> None:
    """One at every step: for the public good, leased, auctioned, waiting, sent back."""
    take = iter(rows)

    def ids(many: int) -> tuple[int, ...]:
        return tuple(row.pk for row, _ in zip(take, range(many), strict=False))

    old = at - 28 * _DAY  # nobody had a duty before the ledgers were taken in
    party = _ask(keeper, ids(4), Way.PUBLIC, old, purpose=Purpose.PARTY, party="新枫街道党群中心")
    _carry(keeper, _decide(party, old), old + _DAY, party="新枫街道党群中心")
    elderly = _ask(keeper, ids(6), Way.PUBLIC, old, purpose=Purpose.ELDERLY, party="里村社区")
    _carry(keeper, _decide(elderly, old), old + _DAY, last_on=months_after(_day(at), 1))
    lease = _ask(keeper, ids(3), Way.LEASE, old, value=520_000)
    leased = _carry(
        keeper, _decide(lease, old), old + _DAY, party="景德镇陶溪文化公司", rent_fen=545_000,
        every=3, platform="市公共资源交易中心", last_on=months_after(_day(old), 24),
    )  # fmt: skip
    first = leased.incomes.earliest("from_on")
    disposal_deals.pay_in(
        actor=keeper, income_id=first.pk, at=old + 3 * _DAY,
        paid=PaidIn(receipt="FS36020018", fen=first.due_fen, on=_day(old + 3 * _DAY)),
    )  # fmt: skip
    sold = _ask(keeper, ids(2), Way.AUCTION, at - 25 * _DAY, value=18_600_000)
    _carry(
        keeper, _decide(sold, at - 25 * _DAY), at - 22 * _DAY, party="昌江区城投公司",
        platform="市公共资源交易中心", price_fen=19_150_000,
    )  # fmt: skip
    _decide(_ask(keeper, ids(1), Way.DEMOLISH, at - 6 * _DAY), at - 6 * _DAY)
    school = _ask(keeper, ids(5), Way.PUBLIC, at - 2 * _DAY, purpose=Purpose.EDUCATION,
                  party="市第二幼儿园")  # fmt: skip
    disposals.send(actor=keeper, reuse_id=school.pk, at=at - 2 * _DAY)
    _ask(keeper, ids(2), Way.EXCHANGE, at - _HOUR, party="市档案馆")


def _ask(
    keeper: Actor, rooms_ids: tuple[int, ...], way: Way, at: datetime, value: int = 0, **more: Any
) -> Disposal:
    asked = DisposalAsked(
        way=way, room_ids=rooms_ids, reason="行政中心西迁后长期空置，调剂不出去", **more
    )
    made = disposals.request(actor=keeper, asked=asked, at=at)
    if value:
        disposals.value(
            actor=keeper, reuse_id=made.pk, at=at,
            valuation=Valuation(fen=value, valuer="江西景信房地产评估公司", on=_day(at)),
        )  # fmt: skip
    return made


def _decide(made: Disposal, at: datetime) -> Disposal:
    """Send it; the section's head reviews, the leader decides."""
    disposals.send(actor=_who(KEEPER, at), reuse_id=made.pk, at=at)
    case = Case.objects.get(subject_type="space.disposal", subject_id=made.pk)
    for hours, who in ((1, REVIEWER), (2, DECIDER)):
        when = at + hours * _HOUR
        deciding.agree(actor=_who(who, when), case_id=case.pk, comment="同意", at=when)
    return made


def _carry(keeper: Actor, made: Disposal, at: datetime, **facts: Any) -> Disposal:
    number = made.number.removeprefix("FC")
    carried = Carried(
        on=_day(at),
        document=f"景机管房〔{_day(at).year}〕{made.pk}号",
        paper=f"HT-{number}",
        **facts,
    )
    return disposal_deals.carry_out(actor=keeper, reuse_id=made.pk, carried=carried, at=at + _HOUR)


# ── 周转房 ───────────────────────────────────────────────────────────────────────────────


def _quarters(keeper: Actor, rows: list[Any], at: datetime) -> None:
    """Rooms become 周转房; leaders of units who came from elsewhere live there and mostly pay."""
    since = months_after(_day(at), -14)
    for row in rows:
        rooms.change_room(
            actor=keeper, room_id=row.pk, changes={"kind": RoomKind.QUARTERS}, on=since,
            why="改作领导干部周转房", at=at,
        )  # fmt: skip
    leaders = Person.objects.serving().filter(rank=Rank.BUREAU_DEPUTY).order_by("-number")
    living = []
    for place, (row, person) in enumerate(zip(rows, leaders[:_TENANTS], strict=False)):
        asked = _tenancy(row.pk, person, months_after(since, place % 5 + 1), place)
        living.append(tenancies.move_in(actor=keeper, asked=asked, at=at))
    cashier = _who(CASHIER, at)
    for place, tenancy in enumerate(living):
        _pay(cashier, tenancy, owes=_OWES[place], number=place, at=at)
    tenancies.tell_left(
        actor=keeper, tenancy_id=living[1].pk, left_on=_day(at) - 20 * _DAY, note="交流期满", at=at
    )
    back = Return(on=_day(at), condition=Condition.WORN, note="墙面有污渍，其余完好", keys=2)
    tenancies.hand_back(actor=keeper, tenancy_id=living[-1].pk, back=back, at=at)


def _tenancy(room_id: int, person: Person, since: date, place: int) -> TenancyAsked:
    return TenancyAsked(
        room_id=room_id, tenant_id=person.pk, kind=tuple(TenantKind)[place % 3], since_on=since,
        last_on=months_after(since, 36 if place else 14) - _DAY,
        document=f"景机管房〔{since.year}〕{place + 3}号",
    )  # fmt: skip


def _pay(cashier: Actor, tenancy: Tenancy, *, owes: int, number: int, at: datetime) -> None:
    """Pays all months but the last few, in two payments."""
    rows = list(tenancy.rents.order_by("month"))
    rows = rows[: len(rows) - owes]
    for part, some in enumerate((rows[:6], rows[6:])):
        if some:
            rents.pay(
                actor=cashier, tenancy_id=tenancy.pk, at=at,
                payment=Payment(
                    rent_ids=tuple(row.pk for row in some), fen=sum(row.fen for row in some),
                    receipt=f"ZF{number + 1:03d}{part + 1:02d}", on=_day(at), by=PaidBy.TRANSFER,
                ),
            )  # fmt: skip


# ── repairs ──────────────────────────────────────────────────────────────────────────────


def _works(keeper: Actor, at: datetime) -> None:
    """Old projects of the ledger, one under way, one asked for by a unit."""
    clerk, today = _who(CLERK, at), _day(at)
    places = list(works_reading.buildings_of(Scope.all(), day=today)[:4])
    told = (
        ("屋面防水维修", WorksPart.ROOF, 9, 86_500_050),
        ("电梯更换", WorksPart.LIFT, 12, 128_000_000),
        ("外墙维修", WorksPart.WALL, 6, 54_300_000),
    )
    rows = [
        {
            "building": places[turn % len(places)], "title": title, "part": part,
            "kind": WorksKind.MAJOR, "contractor": "景德镇市第一建筑公司",
            "accepted_on": months_after(today, -12 * years),
            "settled_on": months_after(today, -12 * years + 4), "final_fen": fen,
        }
        for turn, (title, part, years, fen) in enumerate(told)
    ]  # fmt: skip
    works_ledger.enter_works(actor=keeper, rows=rows, at=at)
    wish = _wish(places[-1].pk, "消防水管更换", WorksPart.FIRE, 42_000_000)
    asked = works.request(actor=keeper, asked=wish, at=at)
    plan = Planned(year=today.year, budget_fen=45_000_000, funds=Funds.BUDGET)
    works.plan(actor=keeper, works_id=asked.pk, planned=plan, at=at)
    contract = Contract(
        on=today, contractor="江西昌南消防工程公司", paper=f"SG-{today.year}-07", fen=43_860_000
    )
    works.begin(actor=keeper, works_id=asked.pk, contract=contract, at=at)
    own = works_reading.buildings_of(clerk.scope(works_reading.REQUEST), day=today).first()
    if own is not None:
        wish = _wish(own.pk, "卫生间给排水改造", WorksPart.WATER, 18_500_000)
        works.request(actor=clerk, asked=wish, at=at)


def _wish(building_id: int, title: str, part: WorksPart, fen: int) -> WorksAsked:
    return WorksAsked(
        building_id=building_id, title=title, kind=WorksKind.MEDIUM, part=part,
        reason="管道锈蚀渗漏，已多次抢修", fen=fen,
    )  # fmt: skip
