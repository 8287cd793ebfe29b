"""Looking over all rooms (核查): what the rules find becomes findings, what vanished is closed.

Safe to repeat: the same facts about the same thing are raised once. What was found is never
rewritten, neither by new facts nor by a new standard: then the old finding is closed and another
continues it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import SpaceFindingsRaised
from guanjia.domains.space.models import Finding
from guanjia.domains.space.queries import finding_facts
from guanjia.domains.space.terms.findings import FindingState, Found, Outcome
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.locks import advisory
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Citation, refuse
from guanjia.kernel.values.actor import Actor

VERB = "space.finding.judge"
SERIES = "space.finding"
_CENT = Decimal("0.01")
_BATCH = 500

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a look over all rooms did: findings raised, continued by others, closed, left alone."""

    raised: int = 0
    continued: int = 0
    gone: int = 0
    same: int = 0


@dataclass(kw_only=True)
class _Run:
    """One look: who, when, as of which day, until when units explain."""

    actor: Actor
    day: date
    at: datetime
    due_on: date
    made: list[Finding] = field(default_factory=list)
    closed: list[Finding] = field(default_factory=list)


@transaction.atomic
def judge(*, actor: Actor, day: date, at: datetime) -> Judged:
    """Look over everything as the rows stood on a day, by the law of that day. One at a time.

    Needs ``space.finding.judge``. Only findings of that day or before are touched: to look at an
    earlier day never changes what was found later. One record for each finding that is new or
    closed; publishes ``SpaceFindingsRaised`` for those that wait for an explanation.
    """
    actor.must(VERB)
    if day > timezone.localdate(at):
        refuse(
            "in_the_future", "这一天还没有到。", "选今天或以前的日期。",
            Citation(title="核查按当天的台账", own=True), field="day",
        ).enforce()  # fmt: skip
    advisory.advisory(VERB)
    days = _explain_days(at)
    run = _Run(
        actor=actor, day=day, at=at,
        due_on=calendar.add_workdays(timezone.localdate(at), days),
    )  # fmt: skip
    unfounded = _unfounded()
    found = {(each.code.value, each.subject): each for each in finding_facts.found_on(day)}
    found = {
        key: each
        for key, each in found.items()
        if not any(_says(old, each) for old in unfounded.get(key, ()))
    }
    same = _settle(run, found, _open())
    continued = _write(run)
    news = [each.pk for each in run.made if each.state == FindingState.RAISED and each.unit_id]
    if news:
        bus.publish(SpaceFindingsRaised(finding_ids=tuple(news), at=at))
    return Judged(
        raised=len(run.made) - continued, continued=continued,
        gone=len(run.closed) - continued, same=same,
    )  # fmt: skip


def _explain_days(at: datetime) -> int:
    return int(law_at(at)["space.finding.explain_days"].value)


def _open() -> dict[Key, Finding]:
    """The findings that are not closed, locked in one order."""
    rows = (
        Finding.objects.open().select_for_update(of=("self",)).select_related("unit").order_by("pk")
    )
    return {(row.code, row.subject): row for row in rows}


def _unfounded() -> Mapping[Key, Sequence[Finding]]:
    """What somebody decided to be nothing: in these very facts it is not raised again."""
    found: dict[Key, list[Finding]] = defaultdict(list)
    for row in Finding.objects.filter(outcome=Outcome.UNFOUNDED):
        found[row.code, row.subject].append(row)
    return found


def _settle(run: _Run, found: Mapping[Key, Found], known: Mapping[Key, Finding]) -> int:
    """Sort out what is new, what goes on, what is gone; returns how many stayed as they are."""
    same = 0
    for key, each in found.items():
        row = known.get(key)
        if row is None:
            run.made.append(_new(run, each))
        elif row.judged_on > run.day or _says(row, each):
            same += 1
        else:
            _continue(run, row, each)
    for key, row in known.items():
        if key not in found and row.judged_on <= run.day:
            _close(run, row, Outcome.GONE, f"{run.day:%Y-%m-%d} 核查时情形已不存在。")
    return same


def _facts(each: Found) -> dict[str, Any]:
    """A finding's facts as its row keeps them."""
    cite = each.cite
    return {
        "code": each.code.value,
        "subject": each.subject,
        "label": each.label[:120],
        "unit_id": each.unit_id,
        "room_id": each.room_id,
        "person_id": each.person_id,
        "building_id": each.building_id,
        "measured": _cents(each.measured),
        "limit": _cents(each.limit),
        "measure": each.measure.value,
        "headline": each.headline[:120],
        "sentence": each.sentence[:500],
        "cite_title": cite.title,
        "cite_article": cite.article,
        "cite_number": cite.number,
        "cite_source": cite.source,
        "cite_key": cite.key,
        "cite_since": cite.since,
        "cite_checked_on": cite.checked_on,
        "cite_own": cite.own,
        "value_since": each.since,
    }


# A value that was compared with the official text since is the same value.
_COMPARED = (
    "measured", "limit", "sentence", "unit_id", "room_id", "person_id", "building_id",
    "cite_key", "value_since",
)  # fmt: skip


def _says(row: Finding, each: Found) -> bool:
    """Whether a finding there is says just what was found now."""
    facts = _facts(each)
    return all(getattr(row, name) == facts[name] for name in _COMPARED)


def _cents(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_CENT)


def _new(run: _Run, each: Found, **more: Any) -> Finding:
    number = numbering.next_number(series=SERIES, year=run.day.year)
    facts = {"state": FindingState.RAISED, "due_on": run.due_on, **_facts(each), **more}
    return Finding(
        number=f"YF{run.day.year}{number:05d}", judged_on=run.day, raised_at=run.at, **facts
    )


def _continue(run: _Run, row: Finding, each: Found) -> None:
    """Other facts about the same thing: the old finding stays as it was, another goes on.

    What was to be mended is still to be mended by the same day.
    """
    more: dict[str, Any] = {"continues": row}
    if row.state == FindingState.MENDING:
        more |= {
            name: getattr(row, name)
            for name in ("state", "due_on", "outcome", "decision", "mend_by", "decided_at")
        }
        more |= {"decided_by_id": row.decided_by_id}
    made = _new(run, each, **more)
    run.made.append(made)
    _close(run, row, Outcome.CONTINUED, f"{run.day:%Y-%m-%d} 核查时情形有变，另列 {made.number}。")


def _close(run: _Run, row: Finding, outcome: Outcome, words: str) -> None:
    row.state, row.outcome, row.closing, row.closed_at = (
        FindingState.CLOSED, outcome, words, run.at
    )  # fmt: skip
    run.closed.append(row)


def _write(run: _Run) -> int:
    """Close first, for there is one open finding about a thing; returns how many go on."""
    Finding.objects.bulk_update(
        run.closed, ["state", "outcome", "closing", "closed_at"], batch_size=_BATCH
    )
    Finding.objects.bulk_create(run.made, batch_size=_BATCH)
    audit.record_many(_records(run))
    return sum(row.outcome == Outcome.CONTINUED for row in run.closed)


def _records(run: _Run) -> Iterable[Any]:
    for row in run.closed:
        yield audit.entry(
            actor=run.actor, verb="space.finding.gone", on=row, at=run.at,
            after=audit.facts_of(row, "state", "outcome"), note=row.closing,
        )  # fmt: skip
    for row in run.made:
        yield audit.entry(
            actor=run.actor, verb="space.finding.raised", on=row, at=run.at,
            after=audit.facts_of(row, "code", "label", "measured", "limit", "judged_on"),
            note=f"{row.headline}{row.sentence}",
        )  # fmt: skip
