"""The keeper takes what units returned into the ledger, one difference at a time, or not."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.space.actions import rooms, seating
from guanjia.domains.space.models import Building, Room, SurveyDifference, SurveyRoom
from guanjia.domains.space.queries import surveys as queries
from guanjia.domains.space.rules import surveys as rules
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import DiffKind, DiffState
from guanjia.kernel.acts.changing import change, locked
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor

ADOPT, DIFFERENCES = queries.ADOPT, queries.DIFFERENCES
WHY_MAX = 180


@transaction.atomic
def adopt_difference(
    *, actor: Actor, difference_id: int, since: date, at: datetime
) -> SurveyDifference:
    """Take what a unit returned into the ledger from a day on (采纳), by the ledger's own act.

    The ledger's rules have the last word. Needs ``space.room.enter``.
    """
    found: SurveyDifference = locked(
        DIFFERENCES, actor=actor, verb=ADOPT, pk=difference_id, act="采纳", to=DiffState.ADOPTED
    )
    survey = found.row.filing.survey
    rules.may_adopt(since=since, as_of=survey.as_of, today=timezone.localdate(at)).enforce()
    note = f"{survey.title} {found.row.filing.number} 采纳"
    if found.row.why:
        note = f"{note}：{found.row.why}"
    _DOING[DiffKind(found.kind)](actor, found, since, note[:WHY_MAX], at)
    change(
        found,
        {"state": DiffState.ADOPTED, "since": since, "decided_by": actor.name, "decided_at": at},
        actor=actor, verb="space.surveydifference.adopted", at=at,
        note=f"{found.ours} → {found.theirs}",
    )  # fmt: skip
    return found


@transaction.atomic
def decline_difference(
    *, actor: Actor, difference_id: int, why: str, at: datetime
) -> SurveyDifference:
    """The ledger is right (不采纳), with the reason. Needs ``space.room.enter``."""
    found: SurveyDifference = locked(
        DIFFERENCES, actor=actor, verb=ADOPT, pk=difference_id, act="登记不采纳",
        to=DiffState.DECLINED,
    )  # fmt: skip
    words = why.strip()
    if not words or len(words) > WHY_MAX:
        refuse(
            "why_missing", "没有保存。", f"写明台账为什么是对的，1 到 {WHY_MAX} 个字。",
            rules.ORDER, field="why",
        ).enforce()  # fmt: skip
    change(
        found,
        {"state": DiffState.DECLINED, "why": words, "decided_by": actor.name, "decided_at": at},
        actor=actor, verb="space.surveydifference.declined", at=at, note=words,
    )  # fmt: skip
    return found


# ── what each kind does to the ledger ────────────────────────────────────────────────────


def _room_id(row: SurveyRoom) -> int:
    """The room in the ledger, also where it was entered after the return."""
    if row.room_id is not None:
        return row.room_id
    room = Room.objects.filter(
        building__compound__name=row.compound, building__name=row.building, number=row.number
    ).first()
    if room is None:
        refuse(
            "room_unknown", "没有采纳。", f"台账还没有{row.place}，先采纳“台账没有这间房”。"
        ).enforce()
        raise AssertionError
    return int(room.pk)


def _fact(name: str) -> "_Doing":
    def doing(actor: Actor, found: SurveyDifference, since: date, note: str, at: datetime) -> None:
        rooms.change_room(
            actor=actor, room_id=_room_id(found.row), changes={name: getattr(found.row, name)},
            on=since, why=note, at=at,
        )  # fmt: skip

    return doing


def _people(actor: Actor, found: SurveyDifference, since: date, note: str, at: datetime) -> None:
    seating.seat_people(
        actor=actor, room_id=_room_id(found.row), people_ids=found.row.people, on=since, why=note,
        at=at,
    )  # fmt: skip


def _held(actor: Actor, found: SurveyDifference, since: date, note: str, at: datetime) -> None:
    unit_id = found.row.filing.unit_id
    rooms.tell_holder(
        actor=actor, room_id=_room_id(found.row), unit_id=unit_id, on=since, why=note, at=at
    )
    _people(actor, found, since, note, at)


def _struck(actor: Actor, found: SurveyDifference, since: date, note: str, at: datetime) -> None:
    rooms.tell_holder(
        actor=actor, room_id=_room_id(found.row), unit_id=None, on=since, why=note, at=at
    )


def _added(actor: Actor, found: SurveyDifference, since: date, note: str, at: datetime) -> None:
    row = found.row
    building = Building.objects.filter(compound__name=row.compound, name=row.building).first()
    if building is None:
        refuse(
            "building_unknown", "没有采纳。",
            f"台账没有{row.compound}{row.building}，先在楼栋台账登记这栋楼。",
        ).enforce()  # fmt: skip
        raise AssertionError
    facts = {
        "kind": RoomKind(row.kind), "usable_m2": row.usable_m2,
        "state": RoomState(row.state), "gross_m2": None,
    }  # fmt: skip
    room = rooms.add_room(
        actor=actor, building_id=building.pk, floor=row.floor, number=row.number, facts=facts,
        since=since, why=note, at=at,
    )  # fmt: skip
    rooms.tell_holder(
        actor=actor, room_id=room.pk, unit_id=row.filing.unit_id, on=since, why=note, at=at
    )
    if row.people:
        seating.seat_people(
            actor=actor, room_id=room.pk, people_ids=row.people, on=since, why=note, at=at
        )


_Doing = Callable[[Actor, SurveyDifference, date, str, datetime], None]
_DOING: Mapping[DiffKind, _Doing] = {
    DiffKind.ADDED: _added,
    DiffKind.HOLDER: _held,
    DiffKind.STRUCK: _struck,
    DiffKind.KIND: _fact("kind"),
    DiffKind.AREA: _fact("usable_m2"),
    DiffKind.STATE: _fact("state"),
    DiffKind.PEOPLE: _people,
}
