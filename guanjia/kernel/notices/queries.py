"""Reading notices, messages and settings."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from guanjia.kernel.notices.models import Channel, Deliveries, Delivery, Notice, Preference
from guanjia.kernel.notices.terms import ChannelKind, Quiet, quiet_from
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor, Scope

COUNT_MAX = 99


def unread_count(actor: Actor) -> int:
    """How many unread notices somebody has; counts to one hundred and no further."""
    if actor.person_id is None:
        return 0
    unread = Notice.objects.filter(person_id=actor.person_id, read_at=None)
    return int(unread.order_by()[: COUNT_MAX + 1].count())


def notices(actor: Actor) -> "QuerySet[Notice]":
    """One's own notices, the unread first, then the newest."""
    rows: QuerySet[Notice] = Notice.objects.filter(person_id=actor.person_id or 0)
    seen = Case(When(read_at=None, then=Value(0)), default=Value(1))
    return rows.order_by(seen, "-at", "-pk")


def newest_id(actor: Actor) -> int:
    """The id of one's own newest notice, 0 where there is none."""
    newest = Notice.objects.filter(person_id=actor.person_id or 0).order_by("-pk").first()
    return newest.pk if newest else 0


def channels() -> dict[ChannelKind, Channel]:
    """The channels that were ever set up."""
    return {ChannelKind(channel.kind): channel for channel in Channel.objects.all()}


def preference(actor: Actor) -> Preference:
    """One's own settings; those of everybody where none were made."""
    found = Preference.objects.filter(person_id=actor.person_id or 0).first()
    return found or Preference()


def preferences_of(person_ids: Iterable[int]) -> dict[int, Preference]:
    """Settings by person, where they were made."""
    made = Preference.objects.filter(person__in=list(person_ids))
    return {preference.person_id: preference for preference in made}


def bureau_quiet(at: datetime) -> Quiet:
    """The quiet hours of the bureau."""
    return quiet_from(str(law_at(at)["office.quiet_hours"].value))


def quiet_of(kept: Preference | None, *, at: datetime) -> Quiet | None:
    """When a person wants nothing but what is urgent; ``None``: never."""
    if kept is not None and not kept.quiet:
        return None
    if kept is not None and kept.quiet_from is not None and kept.quiet_to is not None:
        return Quiet(begin=kept.quiet_from, end=kept.quiet_to)
    return bureau_quiet(at)


def deliveries(
    scope: Scope, *, state: str = "", channel: str = "", words: str = "", **_: Any
) -> Deliveries:
    """The messages to people inside the scope, the newest first."""
    rows: Deliveries = Delivery.objects.within(scope).select_related("person__unit", "channel")
    if state:
        rows = rows.filter(state=state)
    if channel:
        rows = rows.filter(channel__kind=channel)
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(person__name__icontains=words))
    return rows
