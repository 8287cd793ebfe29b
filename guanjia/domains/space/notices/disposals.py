"""What people are told of idle rooms put to use: who gets them, what is late, what ends soon."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from guanjia.domains.space.actions.disposals import day_of
from guanjia.domains.space.events import DisposalCarried, IncomesLate, UsesEnding
from guanjia.domains.space.models import Disposal, DisposalIncome
from guanjia.domains.space.rules.disposals import yuan
from guanjia.kernel.access import queries as access
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.ui import formats

CARRIED = NoticeKind(
    key="space.disposal_carried",
    title="处置利用办理",
    template="space/notices/space_disposal_carried.txt",
)
LATE = NoticeKind(
    key="space.income_late",
    title="处置收入逾期未缴库",
    template="space/notices/space_income_late.txt",
)
ENDING = NoticeKind(
    key="space.use_ending",
    title="出租、公益利用到期",
    template="space/notices/space_use_ending.txt",
)
KINDS = (CARRIED, LATE, ENDING)
DEAL, CLERK = "space.disposal.deal", "space.allocation.hand_back"


def _keepers(disposal: Disposal, at: datetime) -> list[int | None]:
    people = access.holders(verb=DEAL, unit=disposal.unit, on=day_of(at))
    return [disposal.applicant_id, *(person.pk for person in people)]


def _clerks(disposal: Disposal, at: datetime) -> list[int]:
    """Who keeps the offices of the unit that uses the rooms; nobody where it is none of ours."""
    if disposal.to_unit is None:
        return []
    people = access.holders(verb=CLERK, unit=disposal.to_unit, on=day_of(at))
    return [person.pk for person in people]


def _facts(disposal: Disposal, at: datetime) -> dict[str, Any]:
    today = day_of(at)
    last = disposal.last_on
    return {
        "number": disposal.number,
        "what": disposal.get_purpose_display() or disposal.get_way_display(),
        "place": disposal.place,
        "user": disposal.user,
        "since": formats.day(disposal.carried_on, today=today) if disposal.carried_on else "",
        "until": formats.day(last, today=today) if last else "",
        "over": bool(last and last < today),
    }


def carried(news: DisposalCarried) -> None:
    """The unit that gets the rooms is told; where it is none of ours, nobody."""
    disposal = Disposal.objects.select_related("unit", "to_unit").get(pk=news.disposal_id)
    if disposal.to_unit is None:
        return
    send(
        kind=CARRIED,
        to=_clerks(disposal, news.at),
        without=[news.by_id],
        facts=_facts(disposal, news.at),
        subject=about(disposal),
        once=str(disposal.pk),
        at=news.at,
    )


def late(news: IncomesLate) -> None:
    """One notice for each disposal whose money is late."""
    by_disposal: dict[int, list[DisposalIncome]] = defaultdict(list)
    rows = DisposalIncome.objects.filter(pk__in=news.income_ids)
    for income in rows.select_related("disposal__unit", "disposal__to_unit").order_by("pk"):
        by_disposal[income.disposal_id].append(income)
    for mine in by_disposal.values():
        disposal = mine[0].disposal
        owed = sum(income.due_fen for income in mine)
        facts = _facts(disposal, news.at) | {
            "count": len(mine), "title": mine[0].title, "owed": yuan(owed),
            "due": formats.day(mine[0].due_on, today=day_of(news.at)),
        }  # fmt: skip
        send(
            kind=LATE, to=_keepers(disposal, news.at), facts=facts, subject=about(disposal),
            once=":".join(str(income.pk) for income in mine), at=news.at,
        )  # fmt: skip


def ending(news: UsesEnding) -> None:
    """Once when the term ends soon, once when it is over; also to the unit that has the rooms."""
    rows = Disposal.objects.filter(pk__in=news.disposal_ids).select_related("unit", "to_unit")
    for disposal in rows.order_by("pk"):
        facts = _facts(disposal, news.at)
        when = "over" if facts["over"] else "soon"
        people = [*_keepers(disposal, news.at), *_clerks(disposal, news.at)]
        send(
            kind=ENDING, to=people, facts=facts, subject=about(disposal),
            once=f"{disposal.pk}:{disposal.last_on}:{when}", at=news.at,
        )  # fmt: skip


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(DisposalCarried, carried)
    bus.subscribe(IncomesLate, late)
    bus.subscribe(UsesEnding, ending)
