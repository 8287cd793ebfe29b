"""待办: one list over all departments. Departments say what waits; the front page shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value

from guanjia.kernel.values.actor import Actor
from guanjia.ui import formats

LIMIT = 50  # rows of one kind on the front page
LIMIT_OF_KIND = 200  # rows when only that kind is shown


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
    rank: int
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


@dataclass(frozen=True, kw_only=True)
class Source:
    """What may wait, of one kind.

    ``rows`` gives the rows that wait for somebody, ``None`` where the kind is not theirs; ``show``
    turns one row into a ``Todo``. Sources of the same ``key`` stand under one tab.
    """

    key: str
    kind: str
    rows: Callable[[Actor, datetime], "QuerySet[Any] | None"]
    show: Callable[[Any, Actor, datetime], Todo]


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A kind with how many things of it wait."""

    key: str
    title: str
    count: int


_sources: list[Source] = []


def enlist(*sources: Source) -> None:
    """Make sources known; their order is the order of the tabs. Called from ``apps.py``."""
    for source in sources:
        if source not in _sources:
            _sources.append(source)


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
    """The kinds that have something, in the order of enlisting."""
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
