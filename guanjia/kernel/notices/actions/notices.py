"""Telling people something, and what they do with it: reading."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from guanjia.kernel.notices import wording
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Actor


@dataclass(frozen=True)
class About:
    """The row a notice leads to, as others refer to it."""

    model: str
    row_id: int


def about(row: models.Model) -> About:
    """The reference to a row."""
    return About(row._meta.label_lower, row.pk)


@transaction.atomic
def send(
    *,
    kind: NoticeKind,
    to: Iterable[int | None],
    facts: Mapping[str, Any],
    subject: About | None = None,
    once: str = "",
    without: Iterable[int | None] = (),
    urgent: bool | None = None,
    at: datetime,
) -> None:
    """Tell people (ids; ``None`` is nobody) what happened, inside the caller's transaction.

    ``without``: whoever did it, and knows. ``once``: what happened, for a person who is told twice.
    ``urgent``: another answer than the kind's. Who has left is not told. What leaves the platform
    is planned by a job, so that telling takes two statements and waits for nobody. The notice is
    its own trace; the audit record is that of the action that tells.
    """
    wanted = {pk for pk in to if pk is not None} - set(without)
    if not wanted:
        return
    serving = Person.objects.serving().filter(pk__in=wanted).order_by("pk").values_list("pk")
    title, body = wording.write(template=kind.template, facts=facts)
    Notice.objects.bulk_create(
        [
            Notice(
                kind=kind.key,
                person_id=pk,
                title=title,
                body=body,
                subject_model=subject.model if subject else "",
                subject_id=subject.row_id if subject else None,
                urgent=kind.urgent if urgent is None else urgent,
                once=f"{kind.key}:{once}"[:120] if once else "",
                at=at,
            )
            for (pk,) in serving
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def mark_read(*, actor: Actor, notice_id: int, at: datetime) -> Notice:
    """Mark one's own notice as read; somebody else's does not exist. Leaves no audit record."""
    notice: Notice = Notice.objects.select_for_update().get(
        pk=notice_id, person_id=actor.person_id or 0
    )
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
    return notice


def mark_over(
    *, kinds: Collection[NoticeKind], subject: About, but: Collection[int], at: datetime
) -> int:
    """What asked for something on a row that is done meanwhile is read, except for some people.

    ``but``: ids of the people of whom it is still wanted. Belongs inside the caller's transaction.
    """
    over = Notice.objects.filter(
        kind__in=[kind.key for kind in kinds],
        subject_model=subject.model,
        subject_id=subject.row_id,
        read_at=None,
    ).exclude(person__in=list(but))
    return int(over.update(read_at=at))


@transaction.atomic
def mark_all_read(*, actor: Actor, until_id: int, at: datetime) -> int:
    """Mark one's own notices up to the newest one seen as read; returns how many there were.

    What arrives between looking and clicking stays unread. Leaves no audit record.
    """
    unread = Notice.objects.filter(person_id=actor.person_id or 0, read_at=None, pk__lte=until_id)
    return int(unread.update(read_at=at))
