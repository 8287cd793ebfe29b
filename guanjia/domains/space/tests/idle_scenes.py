"""Idle rooms and disposals at every stage, for tests; made by calling actions."""

from datetime import date, datetime
from typing import Any

from guanjia.domains.space.actions import disposal_deals, disposals
from guanjia.domains.space.approvals import DISPOSAL
from guanjia.domains.space.models import Disposal
from guanjia.domains.space.terms.disposals import (
    Carried,
    DisposalAsked,
    DisposalWay,
    Purpose,
    Valuation,
)
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.kernel.values.actor import Actor

APPROVERS = ("keeper_too", "decider")


def asked(city: City, *numbers: str, way: DisposalWay, **more: Any) -> DisposalAsked:
    """A request for rooms by their numbers."""
    facts: dict[str, Any] = {"reason": "腾退后长期空置", "party": "", "purpose": None}
    if way == DisposalWay.PUBLIC:
        facts |= {"purpose": Purpose.ELDERLY, "party": "新厂街道"}
    if way == DisposalWay.REALLOCATE:
        facts |= {"to_unit_id": city.units["other"].pk}
    rooms = tuple(city.room(number).pk for number in numbers or ("201", "202"))
    return DisposalAsked(way=way, room_ids=rooms, **(facts | more))


def requested(
    city: City, *numbers: str, way: DisposalWay = DisposalWay.PUBLIC, at: datetime = AT, **more: Any
) -> Disposal:
    """A request that is not sent yet."""
    wish = asked(city, *numbers, way=way, **more)
    return disposals.request(actor=city.actor("keeper"), asked=wish, at=at)


def valued(city: City, disposal: Disposal, fen: int = 300_000) -> Disposal:
    """The same, valued."""
    return disposals.value(
        actor=city.actor("keeper"), reuse_id=disposal.pk,
        valuation=Valuation(fen=fen, valuer="瓷都评估所", on=TODAY), at=AT,
    )  # fmt: skip


def decide(city: City, disposal: Disposal, at: datetime = AT) -> Disposal:
    """Whoever decides agrees in their turn."""
    case = Case.objects.get(
        subject_type="space.disposal", subject_id=disposal.pk, route=DISPOSAL.key
    )
    for who in APPROVERS:
        deciding.agree(actor=city.actor(who), case_id=case.pk, at=at)
    return Disposal.objects.get(pk=disposal.pk)


def agreed(
    city: City, *numbers: str, way: DisposalWay = DisposalWay.PUBLIC, **more: Any
) -> Disposal:
    """One that waits to be carried out."""
    made = requested(city, *numbers, way=way, **more)
    if way in (DisposalWay.EXCHANGE, DisposalWay.LEASE, DisposalWay.AUCTION):
        valued(city, made)
    disposals.send(actor=city.actor("keeper"), reuse_id=made.pk, at=AT)
    return decide(city, made)


def facts(**changes: Any) -> Carried:
    """How it was carried out, of a lease."""
    known: dict[str, Any] = {
        "on": TODAY, "document": "景机管房〔2020〕9号", "paper": "HT-2020-01",
        "party": "昌江文化公司", "platform": "市公共资源交易中心",
        "last_on": date(TODAY.year + 1, TODAY.month, TODAY.day - 1), "rent_fen": 320_000,
        "every": 3,
    }  # fmt: skip
    return Carried(**(known | changes))


def carried(
    city: City, *numbers: str, way: DisposalWay = DisposalWay.LEASE, **changes: Any
) -> Disposal:
    """One that was carried out."""
    made = agreed(city, *numbers, way=way)
    if way == DisposalWay.AUCTION:
        changes = {"price_fen": 9_000_000, "rent_fen": 0, "every": 0, "last_on": None} | changes
    return disposal_deals.carry_out(
        actor=city.actor("keeper"), reuse_id=made.pk, carried=facts(**changes), at=AT
    )


def furnish(city: City, keeper: Actor) -> Disposal:
    """A lease with its rents, for a house in which nobody else decides: as a ledger would tell."""
    wish = asked(city, "204", way=DisposalWay.LEASE)
    made = disposals.request(actor=keeper, asked=wish, at=AT)
    disposals.value(
        actor=keeper, reuse_id=made.pk,
        valuation=Valuation(fen=300_000, valuer="瓷都评估所", on=TODAY), at=AT,
    )  # fmt: skip
    Disposal.objects.filter(pk=made.pk).update(state="AGREED", approved_on=TODAY)
    return disposal_deals.carry_out(actor=keeper, reuse_id=made.pk, carried=facts(), at=AT)
