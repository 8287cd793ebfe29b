"""What pages show of an approval, one line each: what was done, who has it, who comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from guanjia.kernel.approvals.models import Act, CaseStep, Seat
from guanjia.kernel.approvals.moving import Table
from guanjia.kernel.approvals.preview import Ahead
from guanjia.kernel.approvals.seating import Sitting
from guanjia.kernel.approvals.terms import OPEN_SEATS, ActKind, Mode, Origin, SeatState
from guanjia.ui import formats

NOBODY = "还没有人"
_NAMES_MAX = 3
_WHOLE = 100  # per cent

_LOOKS = {  # kind of act → tone, icon
    ActKind.SUBMIT: ("done", "circle-check"),
    ActKind.RESUBMIT: ("done", "circle-check"),
    ActKind.AGREE: ("done", "circle-check"),
    ActKind.RETURN: ("stop", "arrow-back-up"),
    ActKind.OBJECT: ("stop", "circle-x"),
    ActKind.WITHDRAW: ("idle", "arrow-back-up"),
    ActKind.STOP: ("stop", "ban"),
    ActKind.HAND_OVER: ("idle", "arrow-forward-up"),
    ActKind.LEND: ("idle", "user-check"),
    ActKind.ADD_BEFORE: ("idle", "user-plus"),
    ActKind.ADD_AFTER: ("idle", "user-plus"),
    ActKind.REMOVE: ("idle", "user-off"),
    ActKind.COPY: ("idle", "send"),
    ActKind.URGE: ("wait", "bell-ringing"),
    ActKind.REMIND: ("wait", "alarm"),
    ActKind.ESCALATE: ("stop", "alarm"),
    ActKind.RESEAT: ("idle", "users"),
    ActKind.CHECK: ("idle", "robot"),
    ActKind.NOTE: ("idle", "message"),
}
_WORDS = {  # kind of act → its words where they are more than its name; ``to`` is put in
    ActKind.RETURN: "退回{to}",
    ActKind.HAND_OVER: "转给 {to} 办",
    ActKind.LEND: "按委托由 {to} 办",
    ActKind.ADD_BEFORE: "加签 {to}，先办",
    ActKind.ADD_AFTER: "加签 {to}，后办",
    ActKind.REMOVE: "减签 {to}",
    ActKind.COPY: "抄送 {to}",
    ActKind.URGE: "催 {to} 办",
    ActKind.ESCALATE: "上报 {to}",
    ActKind.RESEAT: "更换审批人，改由 {to} 办",
}
_JOINED = (ActKind.CHECK, ActKind.REMIND, ActKind.ESCALATE)  # their comment ends the sentence
_DECISIONS = (ActKind.AGREE, ActKind.RETURN, ActKind.OBJECT, ActKind.STOP)


@dataclass(frozen=True, kw_only=True)
class Guest:
    """Somebody who was added to a step and has not decided; ``remove_url`` where one may 减签."""

    name: str
    said: str
    remove_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: ``tone``, ``icon``, who, what they did or are to do, when, with which words.

    ``late`` marks a time that is over; ``signature_url`` is the picture of a drawn signature;
    ``guests`` are those who were added.
    """

    tone: str
    icon: str
    who: str
    act: str
    when: str = ""
    opinion: str = ""
    step: str = ""
    late: bool = False
    signature_url: str = ""
    guests: tuple[Guest, ...] = ()


def address(name: str, *args: object) -> str:
    """The address of a url name, ``""`` where nobody has wired it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def named(who: object, behalf: object = None) -> str:
    """``邵红``, or ``邵红（代 徐明金）`` for somebody who stands in."""
    return f"{who}（代 {behalf}）" if behalf else str(who)


def joined(names: Sequence[str], *, most: int = _NAMES_MAX) -> str:
    """``邵红、雷红军``; of many the first three and how many there are."""
    first = "、".join(names[:most])
    return first if len(names) <= most else f"{first} 等 {len(names)} 人"


def of_act(act: Act, *, many_steps: bool) -> Line:
    """An act as it was done; what the system did is grey with the robot."""
    kind = ActKind(act.kind)
    tone, icon = _LOOKS[kind]
    words = _WORDS[kind].format(to=act.to) if kind in _WORDS and act.to else kind.label
    opinion = act.comment
    if kind is ActKind.LEND and act.comment:  # taken back: the comment is the act itself
        words, opinion = f"{act.comment}，由 {act.to} 办", ""
    if kind in _JOINED and act.comment:
        words, opinion = f"{words}，{act.comment}", ""
    if act.is_system:
        tone, icon = "idle", "robot"
    picture = address("portal:file_picture", act.signature_id) if act.signature_id else ""
    return Line(
        tone=tone,
        icon=icon,
        who="系统" if act.is_system else named(act.name, act.behalf),
        act=words,
        when=formats.daytime(act.at),
        opinion=opinion,
        step=act.step.title if many_steps and act.step and kind in _DECISIONS else "",
        signature_url=picture,
    )


def _seat(seat: Seat) -> str:
    return named(seat.person, seat.on_behalf)


def holding(
    table: Table, *, at: datetime, person_id: int | None, keeps: bool, case_id: int
) -> Line:
    """In whose hands the active step is, by name, until when, and how far a 会签 is."""
    step = table.step
    active = [s for s in table.seats if s.state == SeatState.ACTIVE]
    late = step.due_at is not None and step.due_at < at
    if active and all(s.origin == Origin.KEEPER for s in active):
        who = joined([str(s.person) for s in active])
        return Line(
            tone="stop", icon="alert-circle", who=who, act=f"指定谁办“{step.title}”",
            opinion=f"{NOBODY}能办这一步，由流程管理员指定。",
        )  # fmt: skip
    return Line(
        tone="stop" if late else "wait",
        icon="user-check",
        who=joined([_seat(s) for s in active]),
        act=step.title,
        when=_due(step.due_at, late),
        late=late,
        opinion=_progress(table),
        guests=tuple(_guests(table, person_id=person_id, keeps=keeps, case_id=case_id)),
    )


def _due(due_at: datetime | None, late: bool) -> str:
    if due_at is None:
        return ""
    return f"{formats.daytime(due_at)} 前{'，已超时' if late else ''}"


def _progress(table: Table) -> str:
    """How far a step of several people is; ``""`` for one that a single person decides."""
    mode, voters = table.step.mode, table.voters()
    if len(voters) < 2:  # noqa: PLR2004 — nobody to wait for besides
        return ""
    if mode in (Mode.ANY, Mode.ONE):
        return "一人办即可" if sum(v.state in OPEN_SEATS for v in voters) > 1 else ""
    agreed = [v for v in voters if table.done(v)]
    against = [v for v in voters if v.state == SeatState.RETURNED]
    waiting = [v for v in voters if v not in agreed and v not in against]
    head = "会签" if mode == Mode.ALL else "依次办"
    wanted = f"，须 {table.wanted()} 人同意" if table.step.share < _WHOLE else ""
    parts = [f"{head} {len(voters)} 人{wanted}，{_counted('已同意', agreed)}"]
    if against:
        parts[0] += f"，{_counted('不同意', against)}"
    if waiting:
        parts.append(
            f"等{'' if mode == Mode.ALL else '依次'} {joined([_seat(v) for v in waiting])}"
        )
    return "；".join(parts)


def _counted(word: str, seats: Sequence[Seat]) -> str:
    found = f"{word} {len(seats)} 人"
    return f"{found}：{joined([_seat(s) for s in seats])}" if seats else found


def _guests(table: Table, *, person_id: int | None, keeps: bool, case_id: int) -> Sequence[Guest]:
    by_id = {s.pk: s for s in table.seats}
    found = []
    for seat in table.seats:
        host = by_id.get(seat.asked_by_id or 0)
        if host is None or seat.state not in OPEN_SEATS:
            continue
        when = "先办" if seat.origin == Origin.BEFORE else "后办"
        mine = keeps or host.person_id == person_id
        found.append(
            Guest(
                name=_seat(seat),
                said=f"{host.person}加签，{when}",
                remove_url=address("portal:case_remove", case_id, seat.pk) if mine else "",
            )
        )
    return found


def ahead(steps: Sequence[Ahead], *, first: bool = False) -> list[Line]:
    """Steps that are to come and who would decide them; ``first`` marks the next one."""
    return [
        coming(step.title, step.mode, step.sittings, next_one=first and place == 0)
        for place, step in enumerate(steps)
    ]


def coming(
    title: str, mode: Mode | str, sittings: Sequence[Sitting], *, next_one: bool = False
) -> Line:
    """A step that is to come; nobody is said in red, with whom to ask."""
    if not sittings:
        return Line(
            tone="stop", icon="alert-circle", who=NOBODY,
            act=f"能办“{title}”，联系安全管理员授权",
        )  # fmt: skip
    if all(sitting.origin is Origin.KEEPER for sitting in sittings):
        who = joined([str(sitting.person) for sitting in sittings])
        return Line(
            tone="stop", icon="alert-circle", who=NOBODY,
            act=f"能办“{title}”，提交后由 {who} 指定",
        )  # fmt: skip
    act = f"{title}（{_where(mode, sittings)}）"
    who = joined([named(sitting.person, sitting.on_behalf) for sitting in sittings])
    icon = "user-check" if next_one else "circle-dashed"
    return Line(tone="wait" if next_one else "idle", icon=icon, who=who, act=act)


def _where(mode: Mode | str, sittings: Sequence[Sitting]) -> str:
    """How several decide; of a single one the unit and post."""
    if len(sittings) == 1:
        person = sittings[0].person
        return f"{person.unit} {person.title}".rstrip()
    if mode == Mode.ALL:
        return f"会签 {len(sittings)} 人"
    return "依次办" if mode == Mode.TURN else "一人办即可"


def decided(step: CaseStep, acts: Sequence[Act]) -> str:
    """Who agreed to a step in the visit that settled it: ``邵红 同意``, ``3 人同意``."""
    mine = [
        a for a in acts
        if a.step_id == step.pk and a.kind == ActKind.AGREE
        and (step.active_at is None or a.at >= step.active_at)
    ]  # fmt: skip
    if not mine:
        return "同意"
    if len(mine) == 1:
        return f"{named(mine[0].name, mine[0].behalf)} 同意"
    return f"{mine[0].name}等 {len(mine)} 人同意"
