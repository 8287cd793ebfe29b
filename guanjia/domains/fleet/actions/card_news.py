"""What fuel cards hear from elsewhere: a car that is gone uses its cards no longer."""

from django.db import transaction

from guanjia.domains.fleet.actions import cards
from guanjia.domains.fleet.events import CarDisposed
from guanjia.domains.fleet.models import Disposal, FuelCard
from guanjia.kernel.values.actor import Actor

ME = Actor.system("车辆处置")


@transaction.atomic
def end_cards(news: CarDisposed) -> None:
    """The cards of a disposed car end on the day of its disposal; safe to repeat.

    A card that began later ends on the day it began. What was bought with a card after that day
    becomes a doubt.
    """
    disposal: Disposal = Disposal.objects.get(pk=news.disposal_id)
    # constraints: a finished disposal has both
    assert disposal.disposed_on is not None and disposal.finished_at is not None  # noqa: PT018, S101
    serving = (
        FuelCard.objects.select_for_update(of=("self",))
        .select_related("car__unit")
        .filter(car=news.car_id, until=None)
        .order_by("pk")
    )
    for card in serving:
        cards.end_card(
            actor=ME,
            card=card,
            until=max(card.since, disposal.disposed_on),
            reason=f"车辆已处置（{disposal.number}）",
            at=disposal.finished_at,
        )
