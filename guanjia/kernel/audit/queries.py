"""Reading the trail (留痕); the first argument says where one may look."""

from datetime import date

from guanjia.kernel.audit.models import Record, Records
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period


def trail(
    scope: Scope,
    *,
    name: str = "",
    verb: str = "",
    words: str = "",
    first: date | None = None,
    last: date | None = None,
) -> Records:
    """The records inside the scope, newest first; both days inclusive."""
    rows: Records = Record.objects.within(scope)
    if name:
        rows = rows.filter(name__icontains=name)
    if verb:
        rows = rows.filter(verb=verb)
    if words:
        rows = rows.filter(on_label__icontains=words)
    if first:
        rows = rows.filter(at__gte=Period.day(first).bounds()[0])
    if last:
        rows = rows.filter(at__lt=Period.day(last).bounds()[1])
    return rows.order_by("-pk")


def about(*, on_type: str, on_id: int) -> Records:
    """What was done to one row, newest first; the caller has loaded the row in scope."""
    rows: Records = Record.objects.filter(on_type=on_type, on_id=on_id).order_by("-pk")
    return rows


def done_by(actor: Actor) -> Records:
    """What this person did (我办过的), newest first."""
    mine = {"person_id": actor.person_id} if actor.person_id else {"account_id": actor.account_id}
    rows: Records = Record.objects.filter(**mine).order_by("-pk")
    return rows
