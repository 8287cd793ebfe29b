"""待办: one list over all departments. Each says what waits in it; the front page shows it.

A department declares its sources in ``waiting``, a file per noun, and enlists them in its wiring.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value
from django.utils import timezone

from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats

LIMIT = 50  # rows of one kind on the front page
LIMIT_OF_KIND = 200  # rows when only that kind is shown


class Rank(IntEnum):
    """How urgent a kind of thing is: what comes before the dates in the order of 待办."""

    LATE = 0  # somebody is out longer than agreed
    DECIDE = 1  # somebody waits for a decision
    ACT = 2  # the work of the day: to drive, to review, to pay in
    ARRANGE = 3  # others can go on once it is arranged
    ANSWER = 4  # sent back, or asked for an answer
    COMPLETE = 5  # papers and hand-overs that are still missing
    CHECK = 6  # to be checked, or to be closed
    ENDING = 7  # a term that ends
    RATE = 8  # nobody waits for it


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One thing that waits: state · what and who · due · one verb.

    ``label`` with ``colour`` is a registration label that stands before the title; ``act_url``
    defaults to ``url``. ``rank`` then ``due_at`` decide the order: the urgent first.
    """

    kind: str
    tone: str
    icon: str
    title: str
    url: str
    verb: str
    rank: Rank
    due_at: datetime
    label: str = ""
    colour: str = ""
    detail: str = ""
    due: str = ""
    due_tone: str = ""
    act_url: str = ""

    @property
    def act(self) -> str:
        """Where the verb leads."""
        return self.act_url or self.url


def due_words(day: date, *, today: date, ahead: str = "前") -> str:
    """How a last day is said: ``逾期 3 天`` once it is over, ``7月3日前`` until then."""
    left = (day - today).days
    return f"逾期 {-left} 天" if left < 0 else f"{formats.day(day, today=today)}{ahead}"


def days_left(days: int, verb: str) -> str:
    """How many days are left: ``已过 3 天``, ``今天到期``, ``还剩 5 天``."""
    if days < 0:
        return f"已过 {-days} 天"
    return f"今天{verb}" if days == 0 else f"还剩 {days} 天"


def moment_words(moment: datetime, *, at: datetime) -> str:
    """``14:00`` today, else ``明天 14:00``, ``5月22日 14:00``."""
    if timezone.localdate(moment) == timezone.localdate(at):
        return formats.clock(moment)
    return formats.daytime(moment, style="near", today=timezone.localdate(at))


RETURNED = "已退回"


def sent_back(row: Any, **told: Any) -> Todo:
    """What came back to whoever asked, with the 意见 and its number below; ``told``: the rest."""
    note = f"意见：{row.state_note}" if row.state_note else ""
    return Todo(
        kind=RETURNED, tone="stop", icon="arrow-back-up", detail=formats.joined(note, row.number),
        rank=Rank.ANSWER, **told,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Source:
    """What may wait, of one kind.

    ``rows`` gives the rows that wait for somebody, ``None`` where the kind is not theirs; ``show``
    turns one row into a ``Todo``. Sources of the same ``key`` stand under one tab, and have the
    same ``kind``. ``place``: the order of the tabs, and of rows that are equally urgent and due;
    places are spread over the house (decision 0018), and a new source takes a free one.
    ``tells_cases_of``: the kind of row whose open approvals this source shows, with more than the
    general line of a case says.
    """

    key: str
    kind: str
    place: int
    rows: Callable[[Actor, datetime], "QuerySet[Any] | None"]
    show: Callable[[Any, Actor, datetime], Todo]
    tells_cases_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A kind with how many things of it wait."""

    key: str
    title: str
    count: int


_sources: list[Source] = []


def enlist(*sources: Source) -> None:
    """Make sources known; called from the wiring of those who have them.

    Raises ``ValueError`` for a key under which another kind stands already.
    """
    for source in sources:
        if any(known.key == source.key and known.kind != source.kind for known in _sources):
            raise ValueError(f"{source.key}: one tab, two kinds")
        if source not in _sources:
            _sources.append(source)
    _sources.sort(key=lambda source: source.place)


def sources() -> list[Source]:
    """Every source, in the order of the tabs."""
    return list(_sources)


def _asked(actor: Actor, at: datetime) -> "list[tuple[Source, QuerySet[Any]]]":
    given = ((source, source.rows(actor, at)) for source in _sources)
    return [(source, rows) for source, rows in given if rows is not None]


def counts(actor: Actor, at: datetime) -> dict[Source, int]:
    """How many things of each source wait; one statement for all of them together."""
    asked = _asked(actor, at)
    if not asked:
        return {}
    parts = [
        rows.order_by()
        .values(gj_source=Value(str(place), output_field=CharField()))
        .annotate(gj_n=Count("pk", distinct=True))
        .values_list("gj_source", "gj_n")
        for place, (_, rows) in enumerate(asked)
    ]
    counted = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = dict(counted)
    return {source: found.get(str(place), 0) for place, (source, _) in enumerate(asked)}


def tabs(counted: dict[Source, int]) -> list[Tab]:
    """The kinds that have something, in the order of their places."""
    found: dict[str, Tab] = {}
    for source, n in counted.items():
        known = found.get(source.key)
        found[source.key] = Tab(
            key=source.key, title=source.kind, count=n + (known.count if known else 0)
        )
    return [tab for tab in found.values() if tab.count]


def todos(
    *, actor: Actor, at: datetime, counted: dict[Source, int], kind: str = ""
) -> Sequence[Todo]:
    """What waits, the urgent first; asks the database only for what there is."""
    limit = LIMIT_OF_KIND if kind else LIMIT
    found = []
    for source, rows in _asked(actor, at):
        if counted.get(source) and kind in ("", source.key):
            found += [source.show(row, actor, at) for row in rows[:limit]]
    return sorted(found, key=lambda todo: (todo.rank, todo.due_at))
