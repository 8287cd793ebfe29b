"""How cars end in the demo: a lot that is closed, one under way, and requests
at every step."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from guanjia.domains.fleet.actions import disposals, lots
from guanjia.domains.fleet.models import Car, Disposal, DisposalLot
from guanjia.domains.fleet.terms.cars import CarState, Keeping
from guanjia.domains.fleet.terms.disposals import UNDER_WAY, DisposalMethod, DisposalState
from guanjia.domains.fleet.terms.trips import BOOKED_STATES
from guanjia.kernel.access import queries as access
from guanjia.kernel.access.models import Account
from guanjia.kernel.approvals import queries as approvals
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor

KEEPER = "hejiali"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_SYSTEM = Actor.system("演示数据")
_VALUERS = ("景德镇正信资产评估所", "江西华泰旧机动车鉴定评估中心")
_BUYERS = ("昌江二手车行", "浮梁县远航汽车服务部", "珠山顺达二手车市场", "乐平市鸿运商贸行")
_REASONS = ("使用年限长，维修费用高", "车况差，更新后不再使用", "发动机大修不经济", "排放不达标")
_REACHED = ("opened", "valued", "sent", "unit", "reviewed", "returned", "scrapping")


def live(*, at: datetime, rng: Random) -> None:
    """Let cars end; called before whatever wants cars that nobody else took."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    cars = [car for car in _free_cars(at) if _decided_by(car, at)]
    rng.shuffle(cars)
    asked, sold = cars[: len(_REACHED)], cars[len(_REACHED) :]
    _closed_lot(sold[:5], keeper, at - 27 * _DAY, rng)
    _lot_under_way(sold[5:9], keeper, at - 14 * _DAY, rng)
    for number, (car, reached) in enumerate(zip(asked, _REACHED, strict=False)):
        _request(car, reached, keeper, at - (4 + number) * _DAY, rng)


def _decided_by(car: Car, at: datetime) -> bool:
    """Whether the car's unit has somebody to decide its requests."""
    return bool(access.holders(verb="fleet.asset.approve", unit=car.unit, on=at.date()))


def _free_cars(at: datetime) -> list[Car]:
    """Old cars in use that are promised to nobody and are not renewed."""
    since = date(at.year - 8, 1, 1)
    rows = (
        Car.objects.filter(state=CarState.IN_USE, secret=False, registered_on__lt=since)
        .exclude(keeping=Keeping.LEASED)
        .exclude(trips__state__in=BOOKED_STATES)
        .exclude(disposals__state__in=UNDER_WAY)
        .filter(renewals=None)
    )
    return list(rows.select_related("unit").order_by("plate"))


def _open(car: Car, method: DisposalMethod, at: datetime, rng: Random) -> Disposal:
    return disposals.open_disposal(
        actor=_SYSTEM, car_id=car.pk, method=method, reason=rng.choice(_REASONS), at=at
    )


def _value(disposal: Disposal, fen: int, at: datetime, rng: Random) -> None:
    disposals.value_disposal(
        actor=_SYSTEM, disposal_id=disposal.pk, valuation_fen=fen, valuer=rng.choice(_VALUERS),
        valued_on=at.date(), at=at,
    )  # fmt: skip


def _decide(disposal: Disposal, at: datetime, steps: int = 9) -> None:
    """As many people agree as are told, one each half day."""
    case = Case.objects.get(subject_type="fleet.disposal", subject_id=disposal.pk)
    for turn in range(1, steps + 1):
        case.refresh_from_db()
        seats = approvals.open_seats(case)
        account = Account.objects.filter(person=seats[0].person_id).first() if seats else None
        if account is None:
            return
        when = at + turn * 11 * _HOUR
        actor = access.actor_named(username=account.username, on=when.date())
        deciding.agree(actor=actor, case_id=case.pk, comment="同意处置。", at=when)


def _agreed(
    car: Car, method: DisposalMethod, fen: int, at: datetime, rng: Random
) -> Disposal | None:
    """A disposal that everybody agreed to; ``None`` where the unit has nobody who decides."""
    disposal = _open(car, method, at, rng)
    _value(disposal, fen, at + _DAY, rng)
    try:
        disposals.send(actor=_SYSTEM, disposal_id=disposal.pk, at=at + 2 * _DAY)
    except Refused:
        disposals.call_off(
            actor=_SYSTEM, disposal_id=disposal.pk, reason="继续使用", at=at + 2 * _DAY
        )
        return None
    _decide(disposal, at + 2 * _DAY)
    disposal.refresh_from_db()
    return disposal if disposal.state == DisposalState.AGREED else None


def _auction(
    cars: Sequence[Car], head: tuple[str, str], keeper: Actor, at: datetime, rng: Random
) -> tuple[DisposalLot, list[Disposal]]:
    """A lot by its title and document, with the cars that everybody agreed to."""
    title, document = head
    lot = lots.open_lot(
        actor=keeper, title=title, method=DisposalMethod.AUCTION, agent="景德镇市公共资源交易中心",
        document=document, at=at,
    )  # fmt: skip
    worth = [rng.randint(8, 30) * 100_000 for _ in cars]
    made = [
        _agreed(car, DisposalMethod.AUCTION, fen, at, rng)
        for car, fen in zip(cars, worth, strict=True)
    ]
    agreed = [each for each in made if each is not None]
    if agreed:
        ids = [each.pk for each in agreed]
        lots.put_in_lot(actor=keeper, lot_id=lot.pk, disposal_ids=ids, at=at + 6 * _DAY)
    return lot, agreed


def _deal(disposal: Disposal, document: str, keeper: Actor, at: datetime, rng: Random) -> int:
    fen = (disposal.valuation_fen or 0) + rng.randint(0, 90) * 10_000
    facts = {
        "disposed_on": at.date(), "buyer": rng.choice(_BUYERS), "proceeds_fen": fen,
        "document": document,
    }  # fmt: skip
    disposals.deal(actor=keeper, disposal_id=disposal.pk, facts=facts, at=at)
    return fen


def _closed_lot(cars: Sequence[Car], keeper: Actor, at: datetime, rng: Random) -> None:
    """A lot whose sums agree: dealt, paid in, the cards of its cars cancelled."""
    document = f"景机管处〔{at.year}〕21号"
    title = f"{at.year}年公务用车拍卖（{at.month}月）"
    lot, agreed = _auction(cars, (title, document), keeper, at, rng)
    held = at + 12 * _DAY
    total = sum(_deal(each, document, keeper, held, rng) for each in agreed)
    if not agreed:
        return
    lots.settle_lot(
        actor=keeper, lot_id=lot.pk, total_fen=total, held_on=held.date(), agent=lot.agent, at=held
    )
    lots.pay_in_lot(
        actor=keeper, lot_id=lot.pk, amount_fen=total, receipt=f"JK{at.year}00621",
        paid_on=(held + 3 * _DAY).date(), at=held + 3 * _DAY,
    )  # fmt: skip
    for each in agreed:
        disposals.return_plate(
            actor=keeper, disposal_id=each.pk, on=held.date(), at=held + 4 * _DAY
        )
        disposals.finish(actor=keeper, disposal_id=each.pk, at=held + 4 * _DAY)
    lots.close_lot(actor=keeper, lot_id=lot.pk, at=held + 5 * _DAY)


def _lot_under_way(cars: Sequence[Car], keeper: Actor, at: datetime, rng: Random) -> None:
    """A lot with a difference of some 分, and one car that is not sold yet."""
    document = f"景机管处〔{at.year}〕34号"
    # Named apart from the other lot, which may be of the same month.
    title = f"{at.year}年第二批公务用车拍卖（{at.month}月）"
    lot, agreed = _auction(cars, (title, document), keeper, at, rng)
    held = at + 9 * _DAY
    total = sum(_deal(each, document, keeper, held, rng) for each in agreed[:-1])
    if not total:
        return
    lots.settle_lot(
        actor=keeper, lot_id=lot.pk, total_fen=total, held_on=held.date(), agent=lot.agent, at=held
    )
    lots.pay_in_lot(
        actor=keeper, lot_id=lot.pk, amount_fen=total - 1_250, receipt=f"JK{at.year}00733",
        paid_on=(held + 4 * _DAY).date(), at=held + 4 * _DAY,
    )  # fmt: skip


def _request(car: Car, reached: str, keeper: Actor, at: datetime, rng: Random) -> None:
    """A request that has come as far as told."""
    scrapping = reached == "scrapping"
    method = DisposalMethod.SCRAP if scrapping else DisposalMethod.AUCTION
    disposal = _open(car, method, at, rng)
    if reached == "opened":
        return
    _value(disposal, 90_000 if scrapping else rng.randint(8, 30) * 100_000, at + _HOUR, rng)
    if reached == "valued":
        return
    try:
        disposals.send(actor=_SYSTEM, disposal_id=disposal.pk, at=at + 2 * _HOUR)
    except Refused:
        return
    _decide(disposal, at + 2 * _HOUR, {"unit": 1, "reviewed": 2, "scrapping": 9}.get(reached, 0))
    disposal.refresh_from_db()
    if reached == "returned":
        _send_back(disposal, at + 8 * _HOUR)
    if scrapping and disposal.state == DisposalState.AGREED:
        facts = {
            "disposed_on": (at + 3 * _DAY).date(), "buyer": "景德镇市报废汽车回收有限公司",
            "proceeds_fen": 130_000, "document": f"景机管处〔{at.year}〕35号",
        }  # fmt: skip
        disposals.deal(actor=keeper, disposal_id=disposal.pk, facts=facts, at=at + 3 * _DAY)


def _send_back(disposal: Disposal, at: datetime) -> None:
    case = Case.objects.get(subject_type="fleet.disposal", subject_id=disposal.pk)
    seats = approvals.open_seats(case)
    account = Account.objects.filter(person=seats[0].person_id).first() if seats else None
    if account is not None:
        actor = access.actor_named(username=account.username, on=at.date())
        deciding.send_back(
            actor=actor, case_id=case.pk, comment="补充评估报告，说明维修费用。", at=at
        )
