"""A unit fills in its return: facts, rooms, words about doubts; by page and by sheet alike."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.events import SurveyReturnMoved
from guanjia.domains.space.models import Room, Survey, SurveyDoubt, SurveyReturn, SurveyRoom
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.surveys import (
    DoubtState,
    Entry,
    ReturnState,
    Severity,
    SurveyState,
)
from guanjia.kernel.access.queries import holders
from guanjia.kernel.acts.changing import change, in_state
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

FILL, DOUBTS = queries.FILL, queries.DOUBTS
FACTS = ("established", "present", "leased_m2", "leased_rent_fen", "remark")
WORDS_MAX = 300
BY_ROW = "填报说明"  # who explained a doubt: the words beside the room itself
_ROOM = ("entry", "kind", "usable_m2", "state", "people", "people_names", "people_numbers", "why")
Rows = Sequence[Mapping[str, Any]]


def locked(actor: Actor, verb: str, filing_id: int) -> SurveyReturn:
    """A return inside the scope of a verb, locked after its survey; ``DoesNotExist`` outside."""
    actor.must(verb)
    survey_id = (
        SurveyReturn.objects.within(actor.scope(verb)).values_list("survey", flat=True)
        .get(pk=filing_id)
    )  # fmt: skip
    Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey_id)
    found: SurveyReturn = (
        SurveyReturn.objects.select_for_update(of=("self",))
        .select_related("survey", "unit")
        .get(pk=filing_id)
    )
    return found


def _open(actor: Actor, filing_id: int) -> SurveyReturn:
    filing = locked(actor, FILL, filing_id)
    rules.may_fill(
        survey=SurveyState(filing.survey.state), state=ReturnState(filing.state)
    ).enforce()
    return filing


@transaction.atomic
def fill_facts(
    *, actor: Actor, filing_id: int, facts: Mapping[str, Any], at: datetime
) -> SurveyReturn:
    """The facts of the unit (单位情况): 编制、实有、租用. Needs ``space.survey.fill``."""
    filing = _open(actor, filing_id)
    changed = [name for name in FACTS if name in facts and getattr(filing, name) != facts[name]]
    if changed:
        now = {name: facts[name] for name in changed} | _begun(filing, at)
        change(filing, now, actor=actor, verb="space.surveyreturn.filled", at=at)
    check(filing, at=at)
    return filing


def _begun(filing: SurveyReturn, at: datetime) -> dict[str, Any]:
    """When somebody first filled something in, where that is now."""
    return {"begun_at": at} if filing.begun_at is None else {}


@transaction.atomic
def fill_rooms(*, actor: Actor, filing_id: int, rows: Rows, at: datetime) -> tuple[int, int, int]:
    """Rooms as the unit states them, one or many: ``compound``, ``building``, ``floor``,
    ``number``, ``entry``, ``kind``, ``usable_m2``, ``state``, ``people`` (persons), ``why``.

    A place that the return has is changed, another one is added: as 新增 where the ledger does not
    give it to the unit. A room that was added and is struck goes away altogether. Needs
    ``space.survey.fill``; the return is checked afterwards. Returns created, changed, unchanged.
    """
    filing = _open(actor, filing_id)
    known = {(row.compound, row.building, row.number): row for row in filing.rooms.all()}
    told = _Told(filing=filing, at=at)
    for row in rows:
        told.take(known.get((row["compound"], row["building"], row["number"])), row)
    told.write()
    if told.after:
        change(
            filing, _begun(filing, at), actor=actor, verb="space.surveyreturn.rooms_filled",
            at=at, beside={"rooms": (told.before, told.after)},
        )  # fmt: skip
    check(filing, at=at)
    return told.created, told.updated, told.unchanged


class _Told:
    """What rows make of a return; written in three statements."""

    def __init__(self, *, filing: SurveyReturn, at: datetime) -> None:
        self.filing, self.at = filing, at
        self.created = self.updated = self.unchanged = 0
        self.before: list[Any] = []
        self.after: list[Any] = []
        self.fresh: list[SurveyRoom] = []
        self.changed: list[SurveyRoom] = []
        self.gone: list[int] = []

    def take(self, row: SurveyRoom | None, told: Mapping[str, Any]) -> None:
        """One room: new, changed, struck, or as it was."""
        facts = _facts(told)
        if row is None:
            self._add(told, facts)
            return
        if row.entry == Entry.ADDED:
            if facts["entry"] is Entry.STRUCK:
                self.before.append(self._short(row))
                self.after.append({"room": row.place, "entry": Entry.STRUCK})
                self.gone.append(row.pk)
                self.updated += 1
                return
            facts["entry"] = Entry.ADDED
        elif facts["entry"] is Entry.ADDED:
            facts["entry"] = Entry.KEPT  # the ledger gives it to the unit already
        names = changed_by(row, facts)
        if not names:
            self.unchanged += 1
            return
        self.before.append(self._short(row, names))
        for name in names:
            setattr(row, name, facts[name])
        self.after.append(self._short(row, names))
        self.changed.append(row)
        self.updated += 1

    def _add(self, told: Mapping[str, Any], facts: dict[str, Any]) -> None:
        row = SurveyRoom(
            filing=self.filing, compound=told["compound"], building=told["building"],
            floor=told["floor"], number=told["number"], position=10**6,
            **(facts | {"entry": Entry.ADDED}),
        )  # fmt: skip
        self.fresh.append(row)
        self.after.append(self._short(row))
        self.created += 1

    @staticmethod
    def _short(row: SurveyRoom, names: Sequence[str] = _ROOM) -> dict[str, Any]:
        shown = {name: audit.plain(getattr(row, name)) for name in names if name != "people"}
        return {"room": row.place, **shown}

    def write(self) -> None:
        """Added rooms are looked up in the ledger, so that the same place is the same room."""
        places = {(row.building, row.number) for row in self.fresh}
        known = {
            (room.building.compound.name, room.building.name, room.number): room
            for room in Room.objects.select_related("building__compound").filter(
                number__in=[number for _, number in places],
                building__name__in=[building for building, _ in places],
            )
        }
        for row in self.fresh:
            row.room = known.get((row.compound, row.building, row.number))
        SurveyDoubt.objects.filter(row__in=self.gone).update(row=None)
        SurveyRoom.objects.filter(pk__in=self.gone).delete()
        SurveyRoom.objects.bulk_update(self.changed, list(_ROOM), batch_size=500)
        SurveyRoom.objects.bulk_create(self.fresh, batch_size=500)


def changed_by(row: SurveyRoom, facts: Mapping[str, Any]) -> list[str]:
    """Which facts of a room would change."""
    return [name for name in _ROOM if name in facts and getattr(row, name) != facts[name]]


def says_nothing_new(row: SurveyRoom | None, told: Mapping[str, Any]) -> bool:
    """Whether a row of a sheet says what the return says already."""
    return row is not None and not changed_by(row, _facts(told))


def _facts(told: Mapping[str, Any]) -> dict[str, Any]:
    people: Sequence[Person] = told["people"]
    area: Decimal | None = told["usable_m2"]
    return {
        "entry": Entry(told["entry"]),
        "kind": told["kind"],
        "usable_m2": area,
        "state": told["state"],
        "people": [person.pk for person in people],
        "people_names": "、".join(person.name for person in people),
        "people_numbers": "、".join(person.number for person in people),
        "why": (told.get("why") or "").strip(),
    }


# ── the checks ───────────────────────────────────────────────────────────────────────────


def check(filing: SurveyReturn, *, at: datetime) -> list[SurveyDoubt]:
    """Look a return over (核对): what is odd is written down, what is right again is gone.

    A doubt that was explained stays so while the facts are the same; with others it is open again.
    Belongs inside a caller's act, which has locked the return. Returns what still holds.
    """
    found = rules.doubts(queries.filed(filing), as_of=filing.survey.as_of, law=law_at(at))
    known = {(row.code, row.subject): row for row in filing.doubts.select_for_update()}
    fresh: list[SurveyDoubt] = []
    edited: list[SurveyDoubt] = []
    for doubt in found:
        row = known.pop((doubt.code, doubt.subject), None)
        new = row is None
        row = row or SurveyDoubt(filing=filing, code=doubt.code, subject=doubt.subject, found_at=at)
        same = not new and row.sentence == doubt.sentence and row.state != DoubtState.GONE
        row.severity, row.label, row.sentence = doubt.severity, doubt.label, doubt.sentence
        row.row_id = doubt.row_id
        if doubt.said:
            for name, value in _explained(row, doubt.said[:WORDS_MAX], at, by=BY_ROW).items():
                setattr(row, name, value)
        elif not same or row.explained_by == BY_ROW:  # words taken out of the row again
            row.state, row.found_at = DoubtState.OPEN, at
            row.explanation, row.explained_by, row.explained_at = "", "", None
        (fresh if new else edited).append(row)
    for row in known.values():
        if row.state != DoubtState.GONE:
            row.state = DoubtState.GONE
            edited.append(row)
    SurveyDoubt.objects.bulk_create(fresh)
    SurveyDoubt.objects.bulk_update(
        edited,
        ["severity", "label", "sentence", "row", "state", "found_at", "explanation",
         "explained_by", "explained_at"],
    )  # fmt: skip
    return [row for row in (*fresh, *edited) if row.state != DoubtState.GONE]


def _explained(row: SurveyDoubt, words: str, at: datetime, *, by: str) -> dict[str, Any]:
    """What makes a doubt explained; nothing where it is, in the same words."""
    if row.state == DoubtState.EXPLAINED and row.explanation == words:
        return {}
    return {
        "state": DoubtState.EXPLAINED, "explanation": words, "explained_by": by,
        "explained_at": at,
    }  # fmt: skip


@transaction.atomic
def explain_doubt(
    *, actor: Actor, survey_doubt_id: int, explanation: str, at: datetime
) -> SurveyDoubt:
    """Say why something odd is right (说明疑点). Needs ``space.survey.fill``.

    What must be put right cannot be explained away.
    """
    actor.must(FILL)
    seen = SurveyDoubt.objects.within(actor.scope(FILL)).only("filing").get(pk=survey_doubt_id)
    filing = _open(actor, seen.filing_id)
    doubt: SurveyDoubt = filing.doubts.select_for_update().get(pk=survey_doubt_id)
    in_state(DOUBTS, doubt, act="说明", when=(DoubtState.OPEN, DoubtState.EXPLAINED))
    if doubt.severity == Severity.FAULT:
        refuse("fault", "没有保存。", "这一处应更正，说明不能代替。", rules.ORDER).enforce()
    said = explanation.strip()
    if not said or len(said) > WORDS_MAX:
        refuse(
            "words_missing", "没有保存。", f"写明原因，1 到 {WORDS_MAX} 个字。",
            field="explanation",
        ).enforce()  # fmt: skip
    change(
        doubt, _explained(doubt, said, at, by=actor.name), actor=actor,
        verb="space.surveyreturn.explained", at=at, on=filing, note=str(doubt),
    )  # fmt: skip
    return doubt


# ── up and back ──────────────────────────────────────────────────────────────────────────


@transaction.atomic
def send_return(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """The return goes to the unit's head (上报); to the bureau where nobody in the unit approves.

    Checked first: faults are put right, doubts explained. Needs ``space.survey.fill``; publishes
    ``SurveyReturnMoved``.
    """
    filing = locked(actor, FILL, filing_id)
    in_state(queries.SURVEYS, filing.survey, act="上报", when=(SurveyState.OPEN,))
    in_state(queries.RETURNS, filing, act="上报", when=(ReturnState.FILLING,))
    found = check(filing, at=at)
    open_ = [row for row in found if row.state == DoubtState.OPEN]
    rules.may_send(
        faults=[str(row) for row in found if row.severity == Severity.FAULT],
        unexplained=[str(row) for row in open_ if row.severity == Severity.DOUBT],
        law=law_at(at),
    ).enforce()  # fmt: skip
    heads = holders(
        verb=queries.APPROVE, unit=filing.unit, on=timezone.localdate(at),
        without=[actor.person_id] if actor.person_id else (),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "state": ReturnState.SENT, "sent_by_id": actor.person_id, "sent_at": at,
    }  # fmt: skip
    if not heads:
        facts |= {
            "state": ReturnState.APPROVED, "approved_at": at, "approved_by_id": None,
            "reported_at": filing.reported_at or at,
        }  # fmt: skip
    change(
        filing, facts, actor=actor, verb="space.surveyreturn.sent", at=at,
        note="" if heads else "单位没有审批人，直接报本局", news=[moved(filing, actor, at)],
    )  # fmt: skip
    return filing


def moved(filing: SurveyReturn, actor: Actor, at: datetime) -> SurveyReturnMoved:
    """Somebody else has the return now."""
    return SurveyReturnMoved(filing_id=filing.pk, by_id=actor.person_id, at=at)


@transaction.atomic
def recall_return(*, actor: Actor, filing_id: int, at: datetime) -> SurveyReturn:
    """The unit takes its return back before its head decided (撤回). ``space.survey.fill``."""
    filing = locked(actor, FILL, filing_id)
    in_state(queries.SURVEYS, filing.survey, act="撤回", when=(SurveyState.OPEN,))
    in_state(queries.RETURNS, filing, act="撤回", when=(ReturnState.SENT,))
    change(
        filing, {"state": ReturnState.FILLING}, actor=actor,
        verb="space.surveyreturn.recalled", at=at,
    )  # fmt: skip
    return filing
