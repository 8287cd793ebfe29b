"""How long files stay: until the last day their department gave them, and no orphan for longer.

Both daily acts go in small transactions, pass over rows that somebody is working on, and may be
run twice.
"""

import contextlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction

from guanjia.kernel.attachments import actions, named, store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import FileState
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.regulations import lawbook
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

STAGED_FOR = timedelta(hours=24)
ORPHAN_FOR = timedelta(days=1)
YEARS = "attachments.retain_years"
_BATCH = 200


def until(*, at: datetime) -> date:
    """The last day a file that is put in now is kept, by the bureau's own parameter."""
    day = at.astimezone(SHANGHAI).date()
    years = int(lawbook.law_at(day)[YEARS].value)
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def expire(*, at: datetime) -> int:
    """Delete the bytes of files whose last day has passed (到期清除); returns how many.

    Their rows stay as 已到期清除, with one record each on the row they hang on.
    """
    done = 0
    while count := _expire_some(at):
        done += count
    return done


@transaction.atomic
def _expire_some(at: datetime) -> int:
    today = at.astimezone(SHANGHAI).date()
    rows: Sequence[Attachment] = list(
        Attachment.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("unit")
        .filter(state=FileState.KEPT, retain_until__lt=today)
        .order_by("pk")[:_BATCH]
    )
    actor = Actor.system("附件到期清除")
    for file in rows:
        file.state, file.removed_at = FileState.EXPIRED, at
        file.save(update_fields=["state", "removed_at"])
        audit.record(
            actor=actor,
            verb="attachments.file.expired",
            on=actions.subject_of(file) or file,
            at=at,
            before={"files": [{"id": file.pk, "label": file.name, "digest": file.digest}]},
            unit_path=file.unit.path if file.unit else "",
        )
        actions.forget(file.digest)
    return len(rows)


def sweep(*, at: datetime) -> int:
    """Delete what never came to anything; returns how many files went.

    Files that waited a day for their form, and files on the disk that no row of any app names and
    that are older than a day (left by a transaction that was rolled back).
    """
    while _sweep_staged(at):
        pass
    old = at.timestamp() - ORPHAN_FOR.total_seconds()
    lying = (file for file in store.walk() if file.written_at < old)
    gone = 0
    while some := list(islice(lying, _BATCH)):
        needed = named.still_named(file.digest for file in some if file.digest)
        gone += sum(_swept(file) for file in some if file.digest not in needed)
    store.remove_stray_drawings()
    return gone


@transaction.atomic
def _sweep_staged(at: datetime) -> int:
    rows = Attachment.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=FileState.STAGED, uploaded_at__lt=at - STAGED_FOR
    )
    some = list(rows.order_by("pk")[:_BATCH])
    for file in some:
        file.delete()
        actions.forget(file.digest)
    return len(some)


def _swept(file: store.Stored) -> bool:
    if not file.digest:
        with contextlib.suppress(FileNotFoundError):
            file.path.unlink()
        return True
    return store.remove_unless(
        file.digest, still_needed=lambda: bool(named.still_named([file.digest]))
    )
