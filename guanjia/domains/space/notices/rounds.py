"""What people are told about rounds (巡检) and what is put right after them (整改)."""

from collections import defaultdict
from datetime import datetime

from django.utils import timezone

from guanjia.domains.space.events import (
    RectificationAnswered,
    RectificationEnded,
    RectificationReturned,
    RectificationsAsked,
    RectificationsLate,
    RoundBegun,
)
from guanjia.domains.space.models import Rectification, Round
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.terms.rounds import RectState
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats


def _kind(name: str, title: str) -> NoticeKind:
    return NoticeKind(key=f"space.{name}", title=title, template=f"space/notices/space_{name}.txt")


ROUND = _kind("round", "办公用房巡检通知")
TASK = _kind("round_task", "巡检任务")
ASKED = _kind("rectifications", "巡检整改通知")
LATE = _kind("rectifications_late", "整改逾期催办")
ANSWERED = _kind("rectification_answered", "整改待验收")
RETURNED = _kind("rectification_returned", "整改退回")
ENDED = _kind("rectification_ended", "整改办结")
KINDS = (ROUND, TASK, ASKED, LATE, ANSWERED, RETURNED, ENDED)
RECTIFY, ACCEPT = "space.round.rectify", "space.round.accept"


def _clerks(unit: Unit, at: datetime) -> list[int]:
    """Who puts right for a unit; not the bureau's keepers, who have the list of all."""
    day = timezone.localdate(at)
    keepers = {person.pk for person in holders(verb=ACCEPT, unit=unit, on=day)}
    people = holders(verb=RECTIFY, unit=unit, on=day)
    return [person.pk for person in people if person.pk not in keepers]


def begun(news: RoundBegun) -> None:
    """The round to the clerks of the units it visits, and to whom it names as inspectors."""
    round_ = Round.objects.get(pk=news.round_id)
    at: datetime = round_.planned_at
    facts = {
        "title": round_.title,
        "days": f"{formats.day(round_.begins_on)}至{formats.day(round_.ends_on)}",
        "notice": round_.notice,
    }
    for visit in queries.visits_of(round_=round_, scope=Scope.all()):
        send(
            kind=ROUND, to=_clerks(visit.unit, at), facts=facts | {"unit": str(visit.unit)},
            subject=about(round_), once=f"{round_.pk}:{visit.pk}", at=at,
        )  # fmt: skip
    going = list(round_.inspectors.values_list("person", flat=True))
    units = round_.visits.count()
    send(
        kind=TASK, to=going, facts=facts | {"units": units}, subject=about(round_),
        once=f"{round_.pk}", at=at,
    )  # fmt: skip


def _by_unit(ids: tuple[int, ...]) -> dict[Unit, list[Rectification]]:
    found: dict[Unit, list[Rectification]] = defaultdict(list)
    for row in queries.rectifications(Scope.all()).filter(pk__in=ids).order_by("pk"):
        found[row.unit].append(row)
    return found


def _what(row: Rectification) -> str:
    return "、".join(row.inspection.words)


def asked(news: RectificationsAsked) -> None:
    """What has to be put right: one notice for each unit, however many there are."""
    _told(news, news.rectification_ids, ASKED)


def late(news: RectificationsLate) -> None:
    """Their time is over: one notice for each unit."""
    _told(news, news.rectification_ids, LATE)


def _told(
    news: RectificationsAsked | RectificationsLate, ids: tuple[int, ...], kind: NoticeKind
) -> None:
    for unit, rows in _by_unit(ids).items():
        first = min(rows, key=lambda row: (row.due_on, row.pk))
        send(
            kind=kind,
            to=_clerks(unit, news.at),
            facts={
                "unit": str(unit),
                "count": len(rows),
                "place": str(first.room or unit),
                "what": _what(first),
                "due": formats.day(first.due_on),
                "round": first.round.title,
            },
            subject=about(first),
            once=f"{first.pk}:{news.at.isoformat()}",
            at=news.at,
        )


def _one(rectification_id: int) -> Rectification:
    found: Rectification = queries.rectifications(Scope.all()).get(pk=rectification_id)
    return found


def answered(news: RectificationAnswered) -> None:
    """An answer to whoever accepts."""
    row = _one(news.rectification_id)
    day = timezone.localdate(news.at)
    send(
        kind=ANSWERED,
        to=[person.pk for person in holders(verb=ACCEPT, unit=row.unit, on=day)],
        facts={
            "unit": str(row.unit),
            "place": str(row.room or row.unit),
            "what": _what(row),
            "answer": row.explanation,
            "number": row.number,
        },
        subject=about(row),
        without=[news.by_id],
        once=f"{row.pk}:{news.at.isoformat()}",
        at=news.at,
    )


def returned(news: RectificationReturned) -> None:
    """What is missing, to the unit's clerks."""
    row = _one(news.rectification_id)
    send(
        kind=RETURNED,
        to=_clerks(row.unit, news.at),
        facts={
            "place": str(row.room or row.unit),
            "what": _what(row),
            "comment": row.returned_note,
            "due": formats.day(row.due_on),
            "number": row.number,
        },
        subject=about(row),
        without=[news.by_id],
        once=f"{row.pk}:{news.at.isoformat()}",
        at=news.at,
    )


def ended(news: RectificationEnded) -> None:
    """That it is over, to the unit's clerks."""
    row = _one(news.rectification_id)
    send(
        kind=ENDED,
        to=_clerks(row.unit, news.at),
        facts={
            "place": str(row.room or row.unit),
            "what": _what(row),
            "state": RectState(row.state).label,
            "verdict": row.closing,
            "number": row.number,
        },
        subject=about(row),
        without=[news.by_id],
        once=f"{row.pk}:{news.at.isoformat()}",
        at=news.at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(RoundBegun, begun)
    bus.subscribe(RectificationsAsked, asked)
    bus.subscribe(RectificationsLate, late)
    bus.subscribe(RectificationAnswered, answered)
    bus.subscribe(RectificationReturned, returned)
    bus.subscribe(RectificationEnded, ended)
