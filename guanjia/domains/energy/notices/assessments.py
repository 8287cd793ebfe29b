"""Who is told of assessments: that one begins, is due, waits, came back, is decided, published."""

from typing import Any

from django.utils import timezone

from guanjia.domains.energy.events import (
    Appealed,
    AssessmentMoved,
    AssessmentsUrged,
    SchemeJoined,
    SchemePublished,
)
from guanjia.domains.energy.models import Appeal, Assessment
from guanjia.domains.energy.notices.filings import reviewers
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.queries import people
from guanjia.domains.energy.terms.assessment import AppealState, Desk, Outcome
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats


def _kind(name: str, title: str) -> NoticeKind:
    return NoticeKind(key=f"energy.{name}", title=title, template=f"energy/notices/{name}.txt")


ASKED = _kind("assessment_asked", "考核自评")
URGED = _kind("assessment_urged", "考核自评催报")
WAITS = _kind("assessment_waits", "考核待评审")
BACK = _kind("assessment_back", "考核退回自评")
DECIDED = _kind("assessment_decided", "考核评定")
APPEALED = _kind("appeal_asked", "考核申诉待复核")
ANSWERED = _kind("appeal_answered", "考核申诉复核")
PUBLISHED = _kind("assessment_published", "考核名次公布")
KINDS = (ASKED, URGED, WAITS, BACK, DECIDED, APPEALED, ANSWERED, PUBLISHED)


def _day(day: Any) -> str:
    return formats.day(day) if day is not None else ""


def _facts(row: Any) -> dict[str, object]:
    return {
        "institution": row.institution.name,
        "scheme": str(row.scheme),
        "due": _day(row.scheme.self_until),
        "appeal_due": _day(row.scheme.appeal_until),
        "late": False,
        "reason": row.back_why,
        "total": f"{row.total.normalize():f}",
        "outcome": Outcome(row.outcome).label if row.outcome else "",
        "grade": row.grade,
        "reasons": "、".join(row.reasons),
        "place": row.place if row.outcome == Outcome.PASSED else None,
    }


def _rows(**which: Any) -> list[Any]:
    return list(queries.listed(Scope.all()).filter(**which).order_by("pk"))


def _to_all(kind: NoticeKind, rows: list[Any], *, at: Any, once: str, late: bool = False) -> None:
    clerks = people.clerks({row.institution_id for row in rows})
    for row in rows:
        send(
            kind=kind, to=clerks.get(row.institution_id, []), facts=_facts(row) | {"late": late},
            subject=about(row), once=f"{row.pk}:{once}", at=at,
        )  # fmt: skip


def joined(news: SchemeJoined) -> None:
    """Every institution's clerks hear until when to score themselves."""
    _to_all(ASKED, _rows(pk__in=news.assessment_ids), at=news.at, once="joined")


def urged(news: AssessmentsUrged) -> None:
    """Those who have not handed in their own scores, once a day."""
    today = timezone.localdate(news.at)
    rows = _rows(pk__in=news.assessment_ids)
    for late in (False, True):
        some = [row for row in rows if _is_late(row, today) is late]
        _to_all(URGED, some, at=news.at, once=f"{today:%Y-%m-%d}", late=late)


def _is_late(row: Assessment, today: Any) -> bool:
    return row.scheme.self_until is not None and row.scheme.self_until < today


def published(news: SchemePublished) -> None:
    """Every institution's clerks hear its result and place."""
    _to_all(PUBLISHED, _rows(scheme=news.scheme_id), at=news.at, once="published")


def moved(news: AssessmentMoved) -> None:
    """Who has it next, or who waited for it."""
    (row,) = _rows(pk=news.assessment_id)
    day, desk = timezone.localdate(news.at), Desk(row.desk)
    if desk in (Desk.COUNTY, Desk.CITY):
        verb = queries.REVIEW if desk is Desk.COUNTY else queries.DECIDE
        kind = WAITS
        to = reviewers(row.institution.area, desk=verb, city=queries.DECIDE, on=day)
    else:
        kind = BACK if desk is Desk.SELF else DECIDED
        to = people.clerks([row.institution_id]).get(row.institution_id, [])
    send(
        kind=kind, to=to, facts=_facts(row), subject=about(row),
        without=[news.by_id] if news.by_id else [],
        once=f"{row.pk}:{news.at.isoformat()}", at=news.at,
    )  # fmt: skip


def appealed(news: Appealed) -> None:
    """The city hears of an appeal, the institution of its answer."""
    rows = Appeal.objects.select_related(
        "score__indicator", "score__assessment__scheme", "score__assessment__institution__area"
    )
    asked: Appeal = rows.get(pk=news.appeal_id)
    institution = asked.score.assessment.institution
    waits = asked.state == AppealState.OPEN
    if waits:
        day = timezone.localdate(news.at)
        to = [one.pk for one in holders(verb=queries.DECIDE, unit=institution.area, on=day)]
    else:
        to = people.clerks([institution.pk]).get(institution.pk, [])
    send(
        kind=APPEALED if waits else ANSWERED, to=to,
        facts={
            "institution": institution.name,
            "scheme": str(asked.score.assessment.scheme),
            "indicator": str(asked.score.indicator),
            "words": asked.words,
            "upheld": asked.state == AppealState.UPHELD,
            "answer": asked.answer,
            "points": f"{asked.score.points.normalize():f}",
        },
        subject=about(asked.score.assessment), without=[news.by_id] if news.by_id else [],
        once=f"appeal:{asked.pk}:{asked.state}", at=news.at,
    )  # fmt: skip


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(SchemeJoined, joined)
    bus.subscribe(SchemePublished, published)
    bus.subscribe(AssessmentMoved, moved)
    bus.subscribe(AssessmentsUrged, urged)
    bus.subscribe(Appealed, appealed)
