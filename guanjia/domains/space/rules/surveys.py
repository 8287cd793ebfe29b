"""What is checked of a unit's return (统计摸底), and who may do what with it when. Pure.

How grave a check is stands in ``space.survey.severity``, as do the bounds in provisions of their
own: a check whose provision was not in force on the day finds nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from guanjia.domains.space.rules.standards import m2
from guanjia.domains.space.terms.ledger import RoomState
from guanjia.domains.space.terms.surveys import (
    APPROVED_KINDS,
    NOTHING,
    CheckCode,
    Difference,
    DiffKind,
    Doubt,
    Entry,
    ReturnState,
    RoomFiled,
    Severity,
    SurveyState,
    UnitFiled,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse, warn

SEVERITY = "space.survey.severity"
LEAST, MOST = "space.survey.area_least", "space.survey.area_most"
MOVED = "space.survey.moved_percent"
REPORTED, AGREE = "space.survey.reported", "space.survey.ledgers_agree"
REMIND_DAYS = "space.survey.remind_days"
ORDER = Citation(title="统计填报由单位填写、单位审批、本局审核，逐级办理，退回写明原因", own=True)
LOCKED = Citation(title="审核通过的填报单锁定，不再改动", own=True)
FROZEN = Citation(title="统计报表发布后固定，台账以后的变动不改写", own=True)
_HUNDRED = Decimal(100)
_NAMED = 3


def area(value: Decimal | None) -> str:
    """An area in words: ``24 ㎡``; 未填 where none is given."""
    return "未填" if value is None else f"{m2(value)} ㎡"


# ── the checks ───────────────────────────────────────────────────────────────────────────


def severity(code: CheckCode, law: LawInForce) -> Severity | None:
    """How grave a check is; ``None`` where the bureau does not make it."""
    table = law[SEVERITY].value if SEVERITY in law else {}
    return Severity(table[code]) if code in table else None


def doubts(unit: UnitFiled, *, as_of: date, law: LawInForce) -> list[Doubt]:
    """Everything that is odd about a return, each thing once, in the order of the checks."""
    found: list[Doubt] = []
    for code, subject, label, sentence, row_id, said in _all(unit, as_of=as_of, law=law):
        grave = severity(code, law)
        if grave is not None:
            found.append(
                Doubt(
                    code=code, severity=grave, subject=subject[:60], label=label[:120],
                    sentence=sentence[:500], row_id=row_id, said=said,
                )
            )  # fmt: skip
    return found


# code, subject, label, sentence, row, what explains it already
_Said = tuple[CheckCode, str, str, str, int | None, str]


def _all(unit: UnitFiled, *, as_of: date, law: LawInForce) -> Iterator[_Said]:
    yield from _facts(unit)
    for row in unit.rooms:
        yield from _room(row, law)
        if row.counts:
            yield from _people(row, unit, as_of=as_of)
    yield from _people_twice(unit.rooms)
    yield from _seated(unit)
    yield from _approved(unit)
    yield from _moved(unit, law)


def _facts(unit: UnitFiled) -> Iterator[_Said]:
    missing = [
        title
        for title, value in (
            ("编制人数", unit.established),
            ("实有人数", unit.present),
            ("租用面积", unit.leased_m2),
        )
        if value is None
    ]
    if missing:
        sentence = f"没有填{'、'.join(missing)}，没有的填 0。"
        yield CheckCode.FACTS_MISSING, "unit", unit.name, sentence, None, ""
    if unit.established is not None and unit.present is not None:
        more = unit.present - unit.established
        if more > 0:
            sentence = f"实有 {unit.present} 人，编制 {unit.established} 人，多 {more} 人。"
            yield CheckCode.MORE_PRESENT, "unit", unit.name, sentence, None, ""


def _room(row: RoomFiled, law: LawInForce) -> Iterator[_Said]:
    subject = f"row:{row.id}"
    if row.entry is not Entry.KEPT and not row.why:
        sentence = f"{row.entry.label}这间房，没有写原因。"
        yield CheckCode.WHY_MISSING, subject, row.name, sentence, row.id, ""
    if row.entry is Entry.STRUCK:
        sentence = f"台账由本单位使用 {area(row.ledger_m2)}，填报不再使用。"
        yield CheckCode.DIFFERS, subject, row.name, sentence, row.id, row.why
        return
    if row.usable_m2 is None:
        yield CheckCode.AREA_MISSING, subject, row.name, "没有填使用面积。", row.id, ""
    else:
        yield from _odd(row, row.usable_m2, law)
    if row.state is RoomState.VACANT and row.people:
        sentence = f"状态空置，使用人 {_names(row)}，改一处。"
        yield CheckCode.EMPTY_SEATED, subject, row.name, sentence, row.id, ""
    if row.others:
        sentence = f"{'、'.join(row.others)}也填了这间房。"
        yield CheckCode.ROOM_TWICE, subject, row.name, sentence, row.id, ""
    if changes := list(changed(row)):
        said = "；".join(
            f"{kind.label} 台账 {ours}，填报 {theirs}" for kind, ours, theirs in changes
        )
        yield CheckCode.DIFFERS, subject, row.name, f"{said}。", row.id, row.why


def _odd(row: RoomFiled, value: Decimal, law: LawInForce) -> Iterator[_Said]:
    least = law[LEAST].decimal(row.kind) if LEAST in law and row.kind in law[LEAST].value else None
    most = law[MOST].decimal(row.kind) if MOST in law and row.kind in law[MOST].value else None
    bound = ""
    if least is not None and value < least:
        bound = f"{row.kind.label}一间不到 {m2(least)} ㎡"
    if most is not None and value > most:
        bound = f"{row.kind.label}一间多于 {m2(most)} ㎡"
    if bound:
        sentence = f"填报 {area(value)}，{bound}，核对位数和单位。"
        yield CheckCode.AREA_ODD, f"row:{row.id}", row.name, sentence, row.id, ""


def _people(row: RoomFiled, unit: UnitFiled, *, as_of: date) -> Iterator[_Said]:
    for person in row.people:
        subject = f"row:{row.id}:{person.id}"
        if person.left_on is not None and person.left_on <= as_of:
            sentence = f"{person.name} {person.left_on:%Y-%m-%d} 已离职，仍填为使用人。"
            yield CheckCode.PERSON_LEFT, subject, row.name, sentence, row.id, ""
        elif not person.unit_path.startswith(unit.path):
            sentence = f"{person.name}是{person.unit}的人。"
            yield CheckCode.PERSON_ELSEWHERE, subject, row.name, sentence, row.id, ""


def _people_twice(rooms: Iterable[RoomFiled]) -> Iterator[_Said]:
    seats: dict[int, list[tuple[RoomFiled, str]]] = {}
    for row in rooms:
        for person in row.people if row.counts else ():
            seats.setdefault(person.id, []).append((row, person.name))
    for person_id, found in seats.items():
        if len(found) > 1:
            where = "、".join(row.name for row, _ in found)
            name = found[0][1]
            sentence = f"{name}填在 {len(found)} 间房：{where}。"
            yield CheckCode.PERSON_TWICE, f"person:{person_id}", name, sentence, None, ""


def _seated(unit: UnitFiled) -> Iterator[_Said]:
    people = {person.id for row in unit.rooms if row.counts for person in row.people}
    if unit.present is not None and len(people) > unit.present:
        sentence = f"房间里填了 {len(people)} 人，实有人数填 {unit.present} 人。"
        yield CheckCode.MORE_SEATED, "unit", unit.name, sentence, None, ""


def _approved(unit: UnitFiled) -> Iterator[_Said]:
    for kind in APPROVED_KINDS:
        limit = unit.approved.get(kind)
        rows = [row for row in unit.rooms if row.counts and row.kind is kind]
        held = sum((row.usable_m2 or NOTHING for row in rows), NOTHING)
        if limit is not None and held > limit:
            over = m2(held - limit)
            sentence = f"{kind.label}填报 {area(held)}，核定 {area(limit)}，超出 {over} ㎡。"
            yield CheckCode.OVER_APPROVED, f"kind:{kind}", kind.label, sentence, None, ""


def _moved(unit: UnitFiled, law: LawInForce) -> Iterator[_Said]:
    if MOVED not in law or not unit.before_m2:
        return
    now = sum((row.usable_m2 or NOTHING for row in unit.rooms if row.counts), NOTHING)
    share = abs(now - unit.before_m2) / unit.before_m2 * _HUNDRED
    bound = law[MOVED].value
    if share > bound:
        way = "多" if now > unit.before_m2 else "少"
        sentence = (
            f"合计 {area(now)}，{unit.before_title}填报 {area(unit.before_m2)}，"
            f"{way} {share:.1f}%，超过 {bound}%。"
        )
        yield CheckCode.MOVED, "unit", unit.name, sentence, None, ""


def _names(row: RoomFiled) -> str:
    return "、".join(person.name for person in row.people)


# ── the ledger ───────────────────────────────────────────────────────────────────────────


def changed(row: RoomFiled) -> Iterator[tuple[DiffKind, str, str]]:
    """What a unit returns otherwise of a room that the ledger gives it: what, ours, theirs."""
    if row.ledger_m2 is None or row.ledger_kind is None or row.ledger_state is None:
        return
    if row.kind is not row.ledger_kind:
        yield DiffKind.KIND, row.ledger_kind.label, row.kind.label
    if row.usable_m2 is not None and row.usable_m2 != row.ledger_m2:
        yield DiffKind.AREA, area(row.ledger_m2), area(row.usable_m2)
    if row.state is not row.ledger_state:
        yield DiffKind.STATE, row.ledger_state.label, row.state.label
    if row.people_ids != tuple(sorted(row.ledger_people)):
        nobody = "没有使用人"
        yield DiffKind.PEOPLE, row.ledger_names or nobody, _names(row) or nobody


def differences(
    rooms: Iterable[RoomFiled], *, holders: dict[int, str], unit: str
) -> list[Difference]:
    """What an accepted return would change in the ledger, one by one.

    ``holders``: who holds rooms that the unit added, by id of the room; absent: nobody does.
    """
    found = []
    for row in rooms:
        whole = f"{row.kind.label} {area(row.usable_m2)} {row.state.label}"
        if row.entry is Entry.STRUCK:
            found.append((DiffKind.STRUCK, row, f"{unit}使用", "不再使用"))
        elif row.entry is Entry.ADDED and row.room_id is None:
            found.append((DiffKind.ADDED, row, "没有这间房", f"{unit} {whole}"))
        elif row.entry is Entry.ADDED:
            ours = holders.get(row.room_id or 0) or "没有使用单位"
            found.append((DiffKind.HOLDER, row, ours, unit))
        else:
            found += [(kind, row, ours, theirs) for kind, ours, theirs in changed(row)]
    return [
        Difference(kind=kind, row_id=row.id, ours=ours[:500], theirs=theirs[:500])
        for kind, row, ours, theirs in found
    ]


# ── who may do what, when ────────────────────────────────────────────────────────────────


def may_plan(
    *, title: str, taken: bool, as_of: date, due_on: date, units: int, today: date, law: LawInForce
) -> Verdict:
    """A survey asks as of a day that has come, has a name of its own, time to fill, and units."""
    cite = law[REPORTED].cite if REPORTED in law else None
    found, head = ALLOWED, "没有布置。"
    if not title:
        found += refuse(
            "title_missing", head, "写明名称，如 2020年办公用房统计年报。", field="title"
        )
    if taken:
        found += refuse("title_taken", head, "已有一次统计叫这个名称，换一个。", field="title")
    if as_of > today:
        found += refuse(
            "as_of_ahead", head, "统计截至日还没有到，选今天或以前的日子。", cite, field="as_of"
        )
    if due_on < today or due_on < as_of:
        found += refuse("due_past", head, "填报期限应在今天和截至日以后。", cite, field="due_on")
    if not units:
        found += refuse("units_missing", head, "选至少一个单位。", cite, field="units")
    return found


def may_fill(*, survey: SurveyState, state: ReturnState, headline: str = "没有保存。") -> Verdict:
    """A return is filled in while the survey runs and nobody else has it."""
    if (closed := survey_open(survey, headline)) is not ALLOWED:
        return closed
    if state is ReturnState.FILLING:
        return ALLOWED
    if state is ReturnState.ACCEPTED:
        return refuse("locked", headline, "这张填报单已审核通过，不再改动。", LOCKED)
    if state is ReturnState.EXCUSED:
        return refuse(
            "excused", headline, "本单位这次免报。要报的请办公用房管理科恢复填报。", ORDER
        )
    where = "单位审批" if state is ReturnState.SENT else "本局审核"
    return refuse("sent", headline, f"已上报，等{where}。要改的先撤回，或请对方退回。", ORDER)


def survey_open(survey: SurveyState, headline: str) -> Verdict:
    """Nothing of a survey changes once it was published or called off."""
    if survey is SurveyState.PUBLISHED:
        return refuse("published", headline, "统计报表已发布，不再改动。", FROZEN)
    if survey is SurveyState.OFF:
        return refuse("off", headline, "这次统计已取消。", ORDER)
    return ALLOWED


def may_send(*, faults: Sequence[str], unexplained: Sequence[str], law: LawInForce) -> Verdict:
    """A return goes up when what is wrong was put right and what is odd was explained."""
    cite = law[REPORTED].cite if REPORTED in law else None
    found = ALLOWED
    if faults:
        found += refuse(
            "faults", "没有上报。", f"还有 {len(faults)} 处应更正：{some(faults)}。", cite
        )
    if unexplained:
        words = f"还有 {len(unexplained)} 处应说明：{some(unexplained)}。改正，或写下原因。"
        found += refuse("unexplained", "没有上报。", words, cite)
    return found


def some(names: Sequence[str]) -> str:
    """The first few of many names."""
    return "、".join(names[:_NAMED]) + (" 等" if len(names) > _NAMED else "")


def may_approve(*, own: bool) -> Verdict:
    """Who sent a return does not approve it."""
    if own:
        return refuse("own", "没有同意。", "自己上报的由别的审批人审批。", ORDER)
    return ALLOWED


def may_accept(*, taken: Sequence[tuple[str, str]], law: LawInForce) -> Verdict:
    """``taken``: rooms that another accepted return has too, with its unit."""
    if not taken:
        return ALLOWED
    cite = law[AGREE].cite if AGREE in law else None
    words = some([f"{room}（{unit}）" for room, unit in taken])
    return refuse(
        "room_counted", "没有通过。",
        f"这些房间已在别的单位通过的填报里：{words}。退回一方更正。", cite,
    )  # fmt: skip


def may_publish(
    *, survey: SurveyState, outstanding: Sequence[str], accepted: int, law: LawInForce
) -> Verdict:
    """A report is published when every unit's return was accepted or excused."""
    if (closed := survey_open(survey, "没有发布。")) is not ALLOWED:
        return closed
    cite = law[REPORTED].cite if REPORTED in law else None
    if outstanding:
        words = (
            f"还有 {len(outstanding)} 个单位没有通过：{some(outstanding)}。催报、审核，或写明免报。"
        )
        return refuse("outstanding", "没有发布。", words, cite)
    if not accepted:
        return refuse("nothing", "没有发布。", "没有一张通过的填报单。", cite)
    return ALLOWED


def may_adopt(*, since: date, as_of: date, today: date) -> Verdict:
    """A difference goes into the ledger from the survey's day on or later, not ahead."""
    if since > today:
        return refuse("ahead", "没有采纳。", "这一天还没有到。", field="since")
    if since < as_of:
        return warn("early", "早于统计截至日。", f"统计截至 {as_of:%Y-%m-%d}。", field="since")
    return ALLOWED
