"""What need not be kept for ever: messages taken long ago, calls of partners long past."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from guanjia.kernel.exchange.models import ApiCall, Change, Outgoing
from guanjia.kernel.exchange.terms import OutState

KEPT = timedelta(days=400)  # a year and a month, so that a yearly check finds the year whole
CALLS_KEPT = timedelta(days=800)
AT_ONCE = 5000
_OVER = (OutState.SENT, OutState.SUPERSEDED, OutState.WITHHELD)


@transaction.atomic
def tidy(*, at: datetime) -> int:
    """Drop what is old; returns how many messages. The last message about a row always stays:
    its version is where the next one goes on from, and what the peer knows."""
    later = Outgoing.objects.filter(
        peer=OuterRef("peer"), kind=OuterRef("kind"), subject_id=OuterRef("subject_id"),
        version__gt=OuterRef("version"), state__in=[OutState.SENT, OutState.WITHHELD],
    )  # fmt: skip
    old = Outgoing.objects.filter(Exists(later), state__in=_OVER, made_at__lt=at - KEPT)
    pks = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    Change.objects.filter(message__in=pks).delete()
    Outgoing.objects.filter(pk__in=pks).delete()
    ApiCall.objects.filter(at__lt=at - CALLS_KEPT).delete()
    return len(pks)
