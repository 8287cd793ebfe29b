"""What the pages of rounds (巡检) and 整改 show: chips, addresses of rows, the life of an act."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from guanjia.domains.space.models import Inspection, Rectification
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.terms.rounds import UNDONE, RectState
from guanjia.kernel.regulations.verdict import Citation
from guanjia.ui import formats


def rect_chip(row: Rectification, *, today: date) -> tuple[str, str, str]:
    """Tone, icon and word of something to be put right; red where it is late."""
    if row.state == RectState.OPEN and row.due_on < today:
        return "stop", "alarm", "逾期未整改"
    return row.chip


def inspections_url(**query: Any) -> str:
    """The register of records with just these rows; of each room the latest, as they count."""
    return link("space:inspections_list", **{"view": "counted"} | query)


def rectifications_url(**query: Any) -> str:
    """The register of 整改 with just these rows."""
    return link("space:rectifications_list", **{"view": "all"} | query)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A line of the checklist that was ticked, with its article."""

    text: str
    label: str
    points: Any
    cite: Citation | None


def found(inspection: Inspection) -> list[Found]:
    """What an inspection found, in the order of the checklist."""
    marks = sorted(inspection.marks.all(), key=lambda mark: mark.item.position)
    return [
        Found(
            text=mark.item.text,
            label=mark.item.get_result_display(),
            points=mark.item.points,
            cite=queries.cite_of(mark.item),
        )
        for mark in marks
    ]


def what(inspection: Inspection) -> str:
    """What was found in a few words."""
    return "、".join(inspection.words)


@dataclass(frozen=True, kw_only=True)
class Station:
    """A station of the life line: ``at`` is done, now or later."""

    at: str
    title: str
    when: str
    who: str


def life(row: Rectification) -> list[Station]:
    """Asked for, answered, accepted: when and by whom."""
    answered = row.state != RectState.OPEN and row.explained_at is not None
    over = row.state not in UNDONE
    first = _station("done", "提出", row.raised_at, row.inspection.inspector_name)
    second = _station(
        "done" if answered else "later" if over else "now",
        "单位整改",
        row.explained_at if answered else None,
        str(row.explained_by or "") if answered else str(row.unit.shown),
        due=row.due_on,
    )
    if row.state == RectState.CALLED_OFF:
        return [first, second, _station("stop", "撤销", row.closed_at, row.closed_by)]
    now = "now" if row.state == RectState.ANSWERED else "later"
    who = row.closed_by if over else "办公用房管理科"
    return [first, second, _station("done" if over else now, "验收销号", row.closed_at, who)]


def _station(at: str, title: str, when: Any, who: str, due: date | None = None) -> Station:
    said = formats.daytime(timezone.localtime(when)) if when else ""
    if not said and due is not None and at != "done":
        said = f"{formats.day(due)}前"
    return Station(at=at, title=title, when=said, who=who)


def names(people: Iterable[Any]) -> str:
    """Names in one line."""
    return "、".join(str(one) for one in people)
