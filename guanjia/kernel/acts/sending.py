"""A form that makes a row makes it once, however often it is sent: twice clicked, or after 返回."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from guanjia.kernel.acts.models import Sending
from guanjia.kernel.locks.advisory import advisory
from guanjia.kernel.values.actor import Actor

KEPT = timedelta(days=7)  # a draft on a phone is sent within a week, or asked for anew


@transaction.atomic
def once(
    do: Callable[[], Any],
    *,
    known: Callable[[int], Any],
    token: UUID | None,
    actor: Actor,
    act: str,
    at: datetime,
) -> Any:
    """The row that ``do`` makes; for what was sent before, the row made then, by ``known(id)``.

    ``act``: the name of the act, so that one token on two forms is two. Without a token, or without
    an account, it is made each time. Of two sent at the same moment the second waits for the first.
    What is refused is not remembered: it may be mended and sent again.
    """
    if token is None or actor.account_id is None:
        return do()
    advisory(f"acts.sending:{actor.account_id}:{act}:{token}")
    told = {"token": token, "account": actor.account_id, "act": act}
    before = Sending.objects.filter(**told).first()
    if before is not None:
        return known(before.row)
    made = do()
    Sending.objects.create(**told, row=made.pk, at=at)
    return made


def forget(*, at: datetime) -> int:
    """Forget what was sent long ago; how many forms that were."""
    gone, _ = Sending.objects.filter(at__lt=at - KEPT).delete()
    return int(gone)
