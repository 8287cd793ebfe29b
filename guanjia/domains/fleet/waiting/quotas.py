"""待办 of 编制: changes that came back to whoever asked."""

from datetime import datetime
from typing import Any

from guanjia.domains.fleet.queries import quotas
from guanjia.kernel.values.actor import Actor
from guanjia.ui.registers import addresses
from guanjia.ui.waiting import RETURNED, Source, Todo, sent_back


def _changes_sent_back(actor: Actor, _: datetime) -> Any:
    if not actor.person_id or not actor.can("fleet.quota.request"):
        return None
    return quotas.sent_back(person_id=actor.person_id)


def _show_change_sent_back(change: Any, _: Actor, at: datetime) -> Todo:
    return sent_back(
        change,
        title=f"{change.quota}编制变更",
        url=addresses.maybe("fleet:quota_change", change.pk),
        act_url=addresses.maybe("fleet:quota_mend", change.pk),
        verb="修改后再交",
        due_at=change.asked_at or at,
    )


SOURCES = (
    Source(
        key="returned",
        kind=RETURNED,
        place=90,
        rows=_changes_sent_back,
        show=_show_change_sent_back,
    ),
)
