"""Fuel cards (加油卡): giving a car its card, stopping one, moving one to another car."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from guanjia.domains.fleet.actions import doubting
from guanjia.domains.fleet.models import Car, Cost, FuelCard
from guanjia.domains.fleet.queries.costs import CARDS
from guanjia.domains.fleet.rules import cards as rules
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.registers import amending
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

KEEP = "fleet.card.keep"
GIVEN, STOPPED = "fleet.card.given", "fleet.card.stopped"
Rows = Sequence[Mapping[str, Any]]


def _car(actor: Actor, car_id: int) -> Car:
    car: Car = (
        Car.objects.within(actor.scope(KEEP))
        .select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=car_id)
    )
    return car


@transaction.atomic
def give_card(
    *, actor: Actor, car_id: int, number: str, issuer: str = "", since: date, at: datetime
) -> FuelCard:
    """Give a car its card (发卡). Needs ``fleet.card.keep``.

    Refuses a card that serves another car, and a car that has one of the issuer already.
    """
    actor.must(KEEP)
    card = _give(actor, _car(actor, car_id), number, issuer, since, at)
    _look_again([number], at)
    return card


def _give(  # noqa: PLR0917 — whose, which, since when
    actor: Actor, car: Car, number: str, issuer: str, since: date, at: datetime
) -> FuelCard:
    holders = FuelCard.objects.filter(number=number).select_related("car").order_by("since")
    mine = FuelCard.objects.filter(car=car, issuer=issuer, until=None).first()
    rules.may_give(
        number=number,
        plate=car.plate,
        since=since,
        disposed=car.state == CarState.DISPOSED,
        held=[(card.car.plate, card.since, card.until) for card in holders],
        has=mine.number if mine is not None else "",
        law=law_at(at),
    ).enforce()
    try:
        with transaction.atomic():
            card: FuelCard = FuelCard.objects.create(
                number=number, car=car, issuer=issuer, since=since
            )
    except IntegrityError:  # two at once: the other was first
        refuse("card_taken", "刚刚有人发了这张卡。", "看新内容后再办。", field="number").enforce()
    made(card, actor=actor, verb=GIVEN, at=at)
    return card


@transaction.atomic
def stop_card(*, actor: Actor, card_id: int, until: date, reason: str, at: datetime) -> FuelCard:
    """Stop a card (停用): ``until`` is the first day it serves the car no longer; with the
    reason."""
    card: FuelCard = locked(CARDS, actor=actor, verb=KEEP, pk=card_id)
    _stop(actor, card, until, reason, at)
    _look_again([card.number], at)
    return card


def end_card(*, actor: Actor, card: FuelCard, until: date, reason: str, at: datetime) -> None:
    """Stop a card because of what happened to its car. Inside a caller's act, who has locked it."""
    _stop(actor, card, until, reason, at)
    _look_again([card.number], at)


def _stop(actor: Actor, card: FuelCard, until: date, reason: str, at: datetime) -> None:
    verdict = rules.may_stop(
        number=card.number, since=card.since, stopped=card.until, until=until, reason=reason
    )
    change(
        card, {"until": until, "reason": reason}, actor=actor, verb=STOPPED, at=at,
        verdict=verdict, note=reason,
    )  # fmt: skip


@transaction.atomic
def move_card(
    *, actor: Actor, card_id: int, car_id: int, on: date, reason: str, at: datetime
) -> FuelCard:
    """Move a card to another car from a day on (换车): it stops, and a new row begins."""
    card: FuelCard = locked(CARDS, actor=actor, verb=KEEP, pk=card_id)
    car = _car(actor, car_id)
    if car.pk == card.car_id:
        refuse(
            "same_car", f"{card.number} 已是{car.plate}的卡。", "选另一辆车。", field="car"
        ).enforce()
    _stop(actor, card, on, reason, at)
    moved = _give(actor, car, card.number, card.issuer, on, at)
    _look_again([card.number], at)
    return moved


@transaction.atomic
def enter_cards(*, actor: Actor, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Enter cards as a ledger states them: ``number``, ``car``, ``issuer``, ``since``, ``until``,
    ``reason``. Needs ``fleet.card.keep``; returns created, changed, unchanged.

    A card that stopped and begins again with another car gets a new row.
    """
    actor.must(KEEP)
    created = changed = unchanged = 0
    latest = {
        card.number: card
        for card in FuelCard.objects.select_for_update(of=("self",))
        .select_related("car__unit")
        .filter(number__in=[row["number"] for row in rows])
        .newest()
    }
    for row in rows:
        card = latest.get(row["number"])
        if card is None or row["since"] > card.since:
            card = _give(
                actor, _car(actor, row["car"].pk), row["number"], row["issuer"], row["since"], at
            )
            created += 1
            if row["until"] is not None:
                _stop(actor, card, row["until"], row["reason"], at)
        elif row["until"] is not None and card.until is None:
            _stop(actor, card, row["until"], row["reason"], at)
            changed += 1
        elif row["issuer"] != card.issuer:
            facts = {"issuer": row["issuer"]}
            amending.put_right(actor=actor, row=card, facts=facts, said="fleet.card.amended", at=at)
            changed += 1
        else:
            unchanged += 1
    if created or changed:
        _look_again([row["number"] for row in rows], at)
    return created, changed, unchanged


def _look_again(numbers: Sequence[str], at: datetime) -> None:
    """Sales that were paid with these cards, judged by what is known of the cards now."""
    sold = Cost.objects.counted().filter(sale__card_number__in=numbers)
    doubting.look(costs=list(sold.select_related("card")), at=at)
