"""What was done to a row, in words, for the panel 操作记录 of its page."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.approvals import routes
from guanjia.kernel.audit import queries as audit
from guanjia.kernel.audit.models import Record

SHOWN = 30


@dataclass(frozen=True)
class Told:
    """One act as a page tells it; ``change`` says from what into what, where that is short."""

    at: datetime
    name: str
    what: str
    note: str = ""
    change: str = ""


Change = Callable[[Record], str]
_titles: dict[str, str] = {}
_by_approval: dict[str, str] = {}
_facts: dict[str, str] = {}


def unchanged(_: Record) -> str:
    """Where no change is told."""
    return ""


def name_acts(titles: dict[str, str], *, by_approval: dict[str, str] | None = None) -> None:
    """Give recorded verbs their Chinese names; ``by_approval`` those every route records."""
    _titles.update(titles)
    _by_approval.update(by_approval or {})


def name_facts(titles: dict[str, str]) -> None:
    """Give recorded facts their Chinese names, where they are no column of a model."""
    _facts.update(titles)


def fact_title(name: str) -> str:
    """What a fact is called that is no column; the fact itself where nobody gave it a name."""
    return _facts.get(name, name)


def named_acts() -> dict[str, str]:
    """Recorded verbs and their names, in the order of the verbs."""
    return dict(sorted(_titles.items()))


def act_title(verb: str) -> str:
    """What a recorded verb is called; ``""`` where nobody gave it a name."""
    model, _, done = verb.rpartition(".")
    if verb not in _titles and any(route.subject == model for route in routes.all_routes()):
        return _by_approval.get(done, "")
    return _titles.get(verb, "")


def told(
    *,
    model: str,
    pk: int,
    change: Change = unchanged,
    without: Collection[str] = (),
    limit: int = SHOWN,
) -> list[Told]:
    """The last acts on a row, the newest first; the caller has seen that the row may be opened.

    ``without``: verbs that another part of the page tells already.
    """
    rows = audit.about(on_type=model, on_id=pk).exclude(verb__in=without)
    return in_words(rows.order_by("-at", "-pk")[:limit], change=change)


def told_beside_story(*, model: str, pk: int, asked: Collection[str] = ()) -> list[Told]:
    """The same for a page that tells the approval besides: without what its story says.

    ``asked``: the department's own verbs that send a row into its approval.
    """
    return told(model=model, pk=pk, without=[*asked, *(f"{model}.{act}" for act in _by_approval)])


def in_words(records: Iterable[Record], *, change: Change = unchanged) -> list[Told]:
    """Records in words, in the order given; which of them may be shown is the caller's matter."""
    return [
        Told(
            at=record.at,
            name=record.name,
            what=act_title(record.verb) or record.verb,
            note=record.note,
            change=change(record),
        )
        for record in records
    ]
