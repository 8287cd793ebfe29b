"""What leaves the platform: planning messages, sending them, trying again.

A message is claimed in a short transaction, sent outside of any, and marked in another. Whoever
dies between sending and marking leaves a message that is sent once more when its lease is over:
at least once, never lost.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.locks import advisory
from guanjia.kernel.notices import addresses, digests, kinds, queries
from guanjia.kernel.notices.actions.channels import hand_over
from guanjia.kernel.notices.channels.failure import ChannelFailure
from guanjia.kernel.notices.models import Channel, Delivery, Enclosure, Notice, Preference
from guanjia.kernel.notices.terms import (
    LADDER,
    OPEN,
    RETRIED,
    ChannelKind,
    DeliveryState,
    Quiet,
)
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

PLANNED_TOGETHER = 5000  # notices looked at in one go
BATCH = 50  # messages of one channel in one go
STOP_AFTER = 3  # failures in a row: the server is down, the rest waits for the next minute
LEASE = timedelta(minutes=15)  # longer than a batch can take


# ── planning ────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def plan_due(*, at: datetime) -> int:
    """Make messages of the notices whose time has come; returns how many messages.

    What is urgent goes at once. The rest waits until the oldest notice of a person is some minutes
    old and no quiet hour holds, and goes out together. What was read on the screen is not sent.
    """
    advisory.advisory("notices.plan")
    Notice.objects.filter(planned_at=None, read_at__isnull=False).update(planned_at=at)
    waiting = Notice.objects.filter(planned_at=None, at__lte=at).order_by("-urgent", "at", "pk")
    by_person: dict[int, list[Notice]] = defaultdict(list)
    for notice in waiting[:PLANNED_TOGETHER]:
        by_person[notice.person_id].append(notice)
    ways = {c.pk: c for c in Channel.objects.filter(enabled=True)}
    people = {p.pk: p for p in Person.objects.filter(pk__in=by_person)}
    wishes = queries.preferences_of(by_person)
    made, told = 0, []
    for pk, notices in sorted(by_person.items()):
        for together in _ready(notices, wishes.get(pk), at):
            told += [notice.pk for notice in together]
            for channel in ways.values():
                made += _plan(channel, people[pk], together, wishes.get(pk), at)
    Notice.objects.filter(pk__in=told).update(planned_at=at)
    return made


def _ready(notices: list[Notice], wish: Preference | None, at: datetime) -> Iterable[list[Notice]]:
    """Which notices of a person go out now, and which of them together."""
    pressing = [notice for notice in notices if notice.urgent]
    if pressing:
        yield pressing
    calm = [notice for notice in notices if not notice.urgent]
    quiet = queries.quiet_of(wish, at=at)
    if not calm or (quiet is not None and quiet.holds(at)):
        return
    gathered = [n for n in calm if (wish is None or wish.digest) and _gathers(n)]
    for notice in calm:
        if notice not in gathered:
            yield [notice]
    window = timedelta(minutes=int(law_at(at)["office.gather_minutes"].value))
    if gathered and gathered[0].at + window <= at:
        yield gathered


def _gathers(notice: Notice) -> bool:
    kind = kinds.get(notice.kind)
    return kind is None or kind.digest


def _plan(
    channel: Channel, person: Person, notices: list[Notice], wish: Preference | None, at: datetime
) -> int:
    """One message over one channel, if the kinds use it and the person wants it."""
    way = ChannelKind(channel.kind)
    carried = [notice for notice in notices if _uses(notice, way)]
    if not carried or (wish is not None and way in wish.without):
        return 0
    address = _address(way, person, wish)
    delivery = Delivery.objects.create(
        channel=channel,
        person=person,
        title=digests.title_of(carried),
        notices=len(carried),
        urgent=carried[0].urgent,
        address=addresses.masked(address),
        state=DeliveryState.WAITING if address else DeliveryState.SKIPPED,
        error="" if address else _no_address(way),
        planned_at=at,
        next_at=at if address else None,
    )
    Enclosure.objects.bulk_create(Enclosure(delivery=delivery, notice=n) for n in carried)
    return 1


def _uses(notice: Notice, way: ChannelKind) -> bool:
    kind = kinds.get(notice.kind)
    return kind is None or way in kind.channels or (notice.urgent and way is ChannelKind.SMS)


def _address(way: ChannelKind, person: Person, wish: Preference | None) -> str:
    return addresses.of(way, email=wish.email if wish else "", mobile=person.mobile)


def _no_address(way: ChannelKind) -> str:
    if way is ChannelKind.EMAIL:
        return "本人没有填电子邮箱。"
    return "人员名录中没有手机号，或写得不对。"


# ── sending ─────────────────────────────────────────────────────────────────────────────


def due(*, at: datetime) -> list[int]:
    """The ids of the channels that have something to send."""
    rows = _due(Delivery.objects.all(), at).order_by().values_list("channel_id", flat=True)
    return sorted(set(rows.distinct()))


def _due(rows: "QuerySet[Delivery]", at: datetime) -> "QuerySet[Delivery]":
    return rows.filter(state__in=OPEN, next_at__lte=at)


def deliver_due(*, channel_id: int, clock: Callable[[], datetime]) -> int:
    """Send what is due over one channel, at most fifty messages; returns how many went out.

    ``clock``: read by the job, anew for every message, since a slow server takes its time. Three
    failures in a row end the round. Several at once never send the same message.
    """
    sent = failed = 0
    for _ in range(BATCH):
        claimed = claim(channel_id=channel_id, at=clock())
        if claimed is None:
            break
        if _send(claimed, clock):
            sent, failed = sent + 1, 0
        elif claimed.state == DeliveryState.FAILED:
            failed += 1
        if failed == STOP_AFTER:
            break
    return sent


@transaction.atomic
def claim(*, channel_id: int, at: datetime) -> Delivery | None:
    """Take the next due message, the urgent first; nobody else gets it before its lease is over."""
    rows = _due(Delivery.objects.filter(channel=channel_id), at)
    found: Delivery | None = (
        rows.select_for_update(skip_locked=True, of=("self",))
        .select_related("channel", "person__unit")
        .order_by("-urgent", "next_at", "pk")
        .first()
    )
    if found is None:
        return None
    found.state, found.next_at = DeliveryState.SENDING, at + LEASE
    found.tries += 1
    found.save(update_fields=["state", "next_at", "tries"])
    return found


def _send(claimed: Delivery, clock: Callable[[], datetime]) -> bool:
    """Send a claimed message and write down what became of it; whether it went out."""
    way = ChannelKind(claimed.channel.kind)
    wish = queries.preferences_of([claimed.person_id]).get(claimed.person_id)
    address = _address(way, claimed.person, wish)
    if why := _pointless(claimed, way, wish, address):
        _finish(claimed, DeliveryState.SKIPPED, error=why)
        return False
    notices = Notice.objects.filter(enclosures__delivery=claimed).order_by("at", "pk")
    title, body = digests.message_of(list(notices), way)
    claimed.address = addresses.masked(address)
    try:
        hand_over(claimed.channel, address=address, title=title, body=body, urgent=claimed.urgent)
    except ChannelFailure as fault:
        _failed(claimed, fault, queries.quiet_of(wish, at=clock()), clock())
        return False
    _finish(claimed, DeliveryState.SENT, sent_at=clock())
    return True


def _pointless(claimed: Delivery, way: ChannelKind, wish: Preference | None, address: str) -> str:
    """Why a message need not go out any more; ``""`` when it must."""
    if not claimed.channel.enabled:
        return "渠道已停用。"
    if claimed.person.left_on is not None:
        return "本人已离职。"
    if wish is not None and way in wish.without:
        return "本人不收这个渠道。"
    return "" if address else _no_address(way)


def _failed(claimed: Delivery, fault: ChannelFailure, quiet: Quiet | None, at: datetime) -> None:
    if not fault.retry or claimed.tries > len(LADDER):
        _finish(claimed, DeliveryState.GIVEN_UP, error=fault.sentence)
        return
    again = at + LADDER[claimed.tries - 1]
    if quiet is not None and not claimed.urgent:
        again = quiet.after(again)
    _finish(claimed, DeliveryState.FAILED, error=fault.sentence, next_at=again)


@transaction.atomic
def _finish(
    claimed: Delivery,
    state: DeliveryState,
    *,
    error: str = "",
    sent_at: datetime | None = None,
    next_at: datetime | None = None,
) -> None:
    """Write down what became of a message, unless its lease was over and somebody else has it."""
    claimed.state = state
    mine = Delivery.objects.filter(pk=claimed.pk, state=DeliveryState.SENDING, tries=claimed.tries)
    mine.update(
        state=state, error=error[:200], sent_at=sent_at, next_at=next_at, address=claimed.address
    )


@transaction.atomic
def retry(*, actor: Actor, delivery_id: int, at: datetime) -> Delivery:
    """Send a message that did not go out once more (重发), with all its tries before it.

    Needs ``notices.channel.set``, for people inside the scope. Leaves a record.
    """
    actor.must("notices.channel.set")
    inside = Delivery.objects.within(actor.scope("notices.channel.set"))
    delivery: Delivery = (
        inside.select_for_update(of=("self",))
        .select_related("person__unit", "channel")
        .get(pk=delivery_id)
    )
    state = DeliveryState(delivery.state)
    if state is DeliveryState.WAITING:
        return delivery
    if state not in RETRIED:
        refuse("not_failed", f"这条{state.label}，不用重发。", "刷新后看新内容。").enforce()
    before = {"state": state, "tries": delivery.tries}
    delivery.state, delivery.tries, delivery.next_at = DeliveryState.WAITING, 0, at
    delivery.save(update_fields=["state", "tries", "next_at"])
    audit.record(
        actor=actor,
        verb="notices.delivery.retried",
        on=delivery,
        at=at,
        before=before,
        after={"state": delivery.state, "tries": 0},
    )
    return delivery
