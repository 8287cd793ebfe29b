"""What the pages of 统计摸底 show of surveys and returns: states, lives, where numbers open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from guanjia.domains.space.models import Survey, SurveyReturn, SurveyRoom
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.surveys import (
    APPROVED_KINDS,
    NOTHING,
    Entry,
    Progress,
    ReturnState,
    SurveyState,
)
from guanjia.ui import formats
from guanjia.ui.approval.panel import Station

LEVELS = (ReturnState.FILLING, ReturnState.SENT, ReturnState.APPROVED, ReturnState.ACCEPTED)


def return_chip(filing: SurveyReturn, *, today: date) -> tuple[str, str, str]:
    """Tone, icon and word of a return's state; what came back and what is late stand out."""
    late = filing.survey.state == SurveyState.OPEN and filing.late(today)
    return ("stop", "alarm", "逾期未报") if late else filing.chip


@dataclass(frozen=True)
class Count:
    """A number of the progress that opens its returns."""

    title: str
    value: int
    url: str
    tone: str = ""


def counts(survey: Survey, progress: Progress) -> list[Count]:
    """How many units stand where, each with the list behind it."""

    def at(view: str) -> str:
        return link("space:survey_returns_list", survey=survey.pk, view=view)

    late = "stop" if progress.late else ""
    back = "stop" if progress.back else ""
    return [
        Count("单位", progress.units, at("all")),
        Count("待填报", progress.filling, at("filling")),
        Count("待单位审批", progress.sent, at("sent")),
        Count("待审核", progress.approved, at("approved")),
        Count("已通过", progress.accepted, at("accepted")),
        Count("已退回", progress.back, at("back"), back),
        Count("逾期未报", progress.late, at("late"), late),
    ]


def life(filing: SurveyReturn) -> list[Station]:
    """Asked, filled in, agreed to, accepted: when and by whom."""
    state = ReturnState(filing.state)
    asked = _station("done", "布置", filing.survey.planned_at, filing.survey.planned_by)
    if state is ReturnState.EXCUSED:
        return [asked, Station(at="done", title="免报", when="", who=filing.excuse[:20])]
    sent = filing.sent_at if state is not ReturnState.FILLING else None
    agreed = filing.approved_at if state in (ReturnState.APPROVED, ReturnState.ACCEPTED) else None
    return [
        asked,
        _station(_at(state, ReturnState.FILLING), "填报", sent, _name(filing.sent_by, sent),
                 due=filing.survey.due_on),
        _station(_at(state, ReturnState.SENT), "单位审批", agreed,
                 _name(filing.approved_by, agreed)),
        _station(_at(state, ReturnState.APPROVED), "本局审核", filing.accepted_at,
                 _name(filing.accepted_by, filing.accepted_at)),
        _station("done" if state is ReturnState.ACCEPTED else "later", "锁定", None, ""),
    ]  # fmt: skip


def _name(person: Any, at: datetime | None) -> str:
    return str(person) if person is not None and at is not None else ""


def _at(state: ReturnState, level: ReturnState) -> str:
    if state is level:
        return "now"
    return "done" if LEVELS.index(state) > LEVELS.index(level) else "later"


def _station(
    at: str, title: str, when: datetime | None, who: str, due: date | None = None
) -> Station:
    said = formats.daytime(timezone.localtime(when)) if when else ""
    if not said and due is not None and at == "now":
        said = f"{formats.day(due)}前"
    return Station(at=at, title=title, when=said, who=who)


# ── rooms ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class KindLine:
    """A class of rooms in a return: how many, how much, what is approved, what the ledger has."""

    title: str
    rooms: int
    m2: Decimal
    ledger_m2: Decimal
    approved: Decimal | None
    judged: bool

    @property
    def over(self) -> bool:
        """Whether there is more than is approved."""
        return self.approved is not None and self.m2 > self.approved


def kinds(filing: SurveyReturn, rooms: Sequence[SurveyRoom]) -> list[KindLine]:
    """The classes of a return; those of which neither return nor ledger has a room left out."""
    found = []
    for kind in RoomKind:
        mine = [row for row in rooms if row.kind == kind and row.entry != Entry.STRUCK]
        theirs = sum(
            (row.ledger_m2 or NOTHING for row in rooms if row.ledger_kind == kind), NOTHING
        )
        if not mine and not theirs:
            continue
        limit = filing.approved.get(kind)
        found.append(
            KindLine(
                kind.label, len(mine), sum((row.usable_m2 or NOTHING for row in mine), NOTHING),
                theirs, None if limit is None else Decimal(limit), kind in APPROVED_KINDS,
            )
        )  # fmt: skip
    return found


def change(row: SurveyRoom) -> str:
    """What of a room differs from the ledger, in a few words."""
    if row.ledger_m2 is None:
        return ""
    said = []
    if row.kind != row.ledger_kind:
        said.append(f"台账{RoomKind(row.ledger_kind).label}")
    if row.usable_m2 != row.ledger_m2:
        said.append(f"台账 {formats.num(row.ledger_m2, places=1)} ㎡")
    if "state" in row.changed:
        said.append("状态不同")
    if "people" in row.changed:
        said.append(f"台账{row.ledger_names or '没有使用人'}")
    return "，".join(said)
