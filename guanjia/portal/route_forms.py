"""The sheet on which a route is edited: what was typed, one act on it, and the steps it says.

Every button of the page posts the whole sheet with an ``op``, so nothing typed is lost and no
script is needed. Numbers of steps, people and conditions are bounded as in the kernel.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.routes import (
    CONDITIONS_MAX,
    OPS,
    PEOPLE_MAX,
    STEPS_MAX,
    By,
    Condition,
    Fact,
    FactKind,
    Holder,
    Op,
    Route,
    Step,
)
from guanjia.kernel.approvals.terms import Late, Mode
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values import money

_WORDS_MAX = 200  # of any one field
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_NEW_KEY = re.compile(r"step\d{1,4}")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．－", "0123456789.-")
_BETWEEN = "|"  # between the numbers of people in their one field


@dataclass
class TypedCondition:
    """A condition as it stands on the sheet."""

    fact: str = ""
    op: str = ""
    value: str = ""
    error: str = ""


@dataclass
class TypedStep:
    """A step as it stands on the sheet; ``find`` are words for whom to look, ``found`` who it is.

    ``errors``: sentences by field.
    """

    key: str = ""
    title: str = ""
    by: str = By.DUTY.value
    verb: str = ""
    unit: str = ""
    people: list[str] = field(default_factory=list)
    mode: str = Mode.ANY.value
    share: str = "100"
    hours: str = ""
    late: str = Late.REMIND.value
    signature: bool = False
    when: list[TypedCondition] = field(default_factory=list)
    find: str = ""
    found: list[Person] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class Sheet:
    """The whole sheet. ``base``: the number of the edition it was opened from.

    ``said``: what the last act did, in a sentence; ``focus``: the id where the page goes on.
    """

    base: int
    note: str = ""
    steps: list[TypedStep] = field(default_factory=list)
    said: str = ""
    focus: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def faulty(self) -> bool:
        """Whether anything must be mended before it can be kept."""
        return bool(self.problems) or any(
            step.errors or any(one.error for one in step.when) for step in self.steps
        )


# ── from an edition, and from what was posted ────────────────────────────────────────────


def unit_choices(units: Iterable[Unit]) -> list[tuple[str, str]]:
    """What to offer for a unit, as (what is typed, what explains it); a name borne twice is told
    by its code."""
    listed = list(units)
    borne = Counter(unit.shown for unit in listed)
    return [(u.shown, u.code) if borne[u.shown] == 1 else (u.code, u.name) for u in listed]


def opened(
    *, route: Route, number: int, steps: Iterable[Step], note: str, units: Iterable[Unit]
) -> Sheet:
    """The sheet with the steps of an edition on it."""
    names = {code: typed for typed, code in unit_choices(units)}
    return Sheet(base=number, note=note, steps=[_typed(route, step, names) for step in steps])


def _typed(route: Route, step: Step, unit_names: Mapping[str, str]) -> TypedStep:
    return TypedStep(
        key=step.key,
        title=step.title,
        by=step.holder.by.value,
        verb=step.holder.verb,
        unit=unit_names.get(step.holder.unit, step.holder.unit),
        people=list(step.holder.people),
        mode=step.mode.value,
        share=str(step.share),
        hours="" if step.hours is None else str(step.hours),
        late=step.late.value,
        signature=step.signature,
        when=[
            TypedCondition(
                fact=one.fact, op=one.op.value, value=_as_typed(route.fact(one.fact), one.value)
            )
            for one in step.when
        ],
    )


def _as_typed(fact: Fact | None, value: Any) -> str:
    if fact is not None and fact.kind is FactKind.MONEY:
        return f"{money.in_yuan(int(value)):,.2f}".removesuffix(".00")
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


def read(post: Mapping[str, Any], *, known_keys: Collection[str]) -> Sheet:
    """The sheet as it was posted; keys nobody gave out are made anew."""
    sheet = Sheet(base=_count(post, "base", 100_000), note=_text(post, "note"))
    for i in range(_count(post, "steps", STEPS_MAX)):
        sheet.steps.append(_read_step(post, f"s{i}-"))
    for step in sheet.steps:
        if step.key not in known_keys and not _NEW_KEY.fullmatch(step.key):
            step.key = new_key(sheet, known_keys)
    return sheet


def _text(post: Mapping[str, Any], name: str) -> str:
    return str(post.get(name, "")).replace("\0", "").strip()[:_WORDS_MAX]


def _count(post: Mapping[str, Any], name: str, most: int) -> int:
    text = _text(post, name)
    return min(int(text), most) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _choice(post: Mapping[str, Any], name: str, kind: Any) -> str:
    """One of the values of a term, the first where something else was posted."""
    values = [each.value for each in kind]
    text = _text(post, name)
    return text if text in values else str(values[0])


def _read_step(post: Mapping[str, Any], at: str) -> TypedStep:
    people = str(post.get(f"{at}people", "")).replace("\0", "").split(_BETWEEN)
    step = TypedStep(
        key=_text(post, f"{at}key"),
        title=_text(post, f"{at}title"),
        by=_choice(post, f"{at}by", By),
        verb=_text(post, f"{at}verb"),
        unit=_text(post, f"{at}unit"),
        people=[number.strip()[:40] for number in people if number.strip()][: PEOPLE_MAX + 1],
        mode=_choice(post, f"{at}mode", Mode),
        share=_text(post, f"{at}share"),
        hours=_text(post, f"{at}hours"),
        late=_choice(post, f"{at}late", Late),
        signature=_text(post, f"{at}signature") == "1",
        find=_text(post, f"{at}find"),
    )
    for j in range(_count(post, f"{at}conditions", CONDITIONS_MAX)):
        one = f"{at}c{j}-"
        step.when.append(
            TypedCondition(
                fact=_text(post, f"{one}fact"),
                op=_text(post, f"{one}op"),
                value=_text(post, f"{one}value"),
            )
        )
    return step


def new_key(sheet: Sheet, known_keys: Collection[str]) -> str:
    """A key that no step of the sheet and of the edition before it has."""
    taken = {step.key for step in sheet.steps} | set(known_keys)
    return next(key for n in range(2, 10_000) if (key := f"step{n}") not in taken)


# ── one act on the sheet ─────────────────────────────────────────────────────────────────


def act(sheet: Sheet, op: str, *, route: Route, known_keys: Collection[str]) -> None:
    """Do what a button asks: move, drop or add a step, a condition, a person.

    An act on something that is not there does nothing.
    """
    verb, _, rest = op.partition(":")
    place, _, what = rest.partition(":")
    index = int(place) if re.fullmatch(r"[0-9]{1,3}", place) else -1
    if verb == "after" and (index < len(sheet.steps)):
        _add(sheet, index + 1, route, known_keys)
    elif 0 <= index < len(sheet.steps) and verb in _ACTS:
        _ACTS[verb](sheet, index, what)


def _add(sheet: Sheet, place: int, route: Route, known_keys: Collection[str]) -> None:
    if len(sheet.steps) >= STEPS_MAX:
        sheet.said = f"流程最多 {STEPS_MAX} 步，没有再加"
        return
    verb = route.verbs[0] if len(route.verbs) == 1 else ""
    sheet.steps.insert(place, TypedStep(key=new_key(sheet, known_keys), verb=verb))
    sheet.said, sheet.focus = f"已加第 {place + 1} 步，写上名称和由谁办", f"s{place}-title"


def _called(step: TypedStep) -> str:
    return f"“{step.title}”" if step.title else "这一步"


def _move(sheet: Sheet, index: int, by: int) -> None:
    target = index + by
    if not 0 <= target < len(sheet.steps):
        return
    steps = sheet.steps
    steps[index], steps[target] = steps[target], steps[index]
    sheet.said = f"{_called(steps[target])}现在是第 {target + 1} 步"
    sheet.focus = f"s{target}"


def _drop(sheet: Sheet, index: int, _: str) -> None:
    gone = sheet.steps.pop(index)
    sheet.said = f"已删去{_called(gone)}，保存草稿后才算数"
    sheet.focus = f"s{min(index, len(sheet.steps) - 1)}" if sheet.steps else "steps"


def _add_condition(sheet: Sheet, index: int, _: str) -> None:
    step = sheet.steps[index]
    if len(step.when) >= CONDITIONS_MAX:
        sheet.said = f"一步最多 {CONDITIONS_MAX} 个条件，没有再加"
        return
    step.when.append(TypedCondition())
    sheet.said, sheet.focus = "已加一个条件", f"s{index}-c{len(step.when) - 1}-fact"


def _drop_condition(sheet: Sheet, index: int, what: str) -> None:
    step = sheet.steps[index]
    if what.isdecimal() and int(what) < len(step.when):
        step.when.pop(int(what))
        sheet.said, sheet.focus = "已去掉这个条件", f"s{index}-add-condition"


def _add_person(sheet: Sheet, index: int, what: str) -> None:
    step = sheet.steps[index]
    if what and what not in step.people and len(step.people) < PEOPLE_MAX:
        step.people.append(what)
    step.find, sheet.focus = "", f"s{index}-find"


def _drop_person(sheet: Sheet, index: int, what: str) -> None:
    step = sheet.steps[index]
    step.people = [number for number in step.people if number != what]
    sheet.focus = f"s{index}-find"


def _forward_person(sheet: Sheet, index: int, what: str) -> None:
    people = sheet.steps[index].people
    if what in people and (place := people.index(what)) > 0:
        people[place - 1], people[place] = people[place], people[place - 1]
    sheet.focus = f"s{index}-people-list"


_ACTS: dict[str, Callable[[Sheet, int, str], None]] = {
    "up": lambda sheet, index, _: _move(sheet, index, -1),
    "down": lambda sheet, index, _: _move(sheet, index, 1),
    "drop": _drop,
    "when": _add_condition,
    "unwhen": _drop_condition,
    "person": _add_person,
    "unperson": _drop_person,
    "forward": _forward_person,
}


def look_for(sheet: Sheet, find: Callable[[str], list[Person]]) -> None:
    """Look for whom the words in a step's search field mean; one alone is taken at once."""
    for i, step in enumerate(sheet.steps):
        if not step.find or step.by != By.PEOPLE:
            continue
        step.found = [person for person in find(step.find) if person.number not in step.people]
        if len(step.found) == 1:
            person = step.found[0]
            _add_person(sheet, i, person.number)
            step.found, sheet.said = [], f"已加 {person.name}"
        elif step.found:
            sheet.said, sheet.focus = f"找到 {len(step.found)} 人，选一位", f"s{i}-found"
        else:
            step.errors["find"] = "没有找到有账号的人，换个写法，或已在名单里。"
            sheet.focus = f"s{i}-find"


# ── the steps it says ────────────────────────────────────────────────────────────────────


def steps_of(
    sheet: Sheet, *, route: Route, units: Iterable[Unit], people: Mapping[str, Person]
) -> tuple[Step, ...]:
    """The steps as the kernel takes them; every fault is left at its field of the sheet.

    ``people``: those who serve and have an account, by 工号.
    """
    by_name = list(units)
    steps = tuple(_step(typed, route, by_name, people) for typed in sheet.steps)
    for fault in routes.faults(route, steps):
        if not fault.field:
            sheet.problems.append(fault.sentence)
            continue
        typed = sheet.steps[fault.position]
        told = fault.field == "when" and any(one.error for one in typed.when)
        if not told:
            typed.errors.setdefault(fault.field, fault.sentence)
    return steps


def _step(typed: TypedStep, route: Route, units: list[Unit], people: Mapping[str, Person]) -> Step:
    return Step(
        key=typed.key,
        title=typed.title,
        holder=_holder(typed, units, people),
        mode=Mode(typed.mode),
        share=_whole(typed, "share", 100) if typed.mode == Mode.ALL else 100,
        when=tuple(_conditions(typed, route)),
        hours=_whole(typed, "hours", None) if typed.hours else None,
        late=Late(typed.late),
        signature=typed.signature,
    )


def _whole(typed: TypedStep, name: str, otherwise: Any) -> Any:
    text = getattr(typed, name).translate(_FULL_WIDTH)
    if re.fullmatch(r"[0-9]{1,6}", text):
        return int(text)
    typed.errors[name] = "写成整数。"
    return otherwise


def _holder(typed: TypedStep, units: list[Unit], people: Mapping[str, Person]) -> Holder:
    by = By(typed.by)
    if by is By.PEOPLE:
        gone = [number for number in typed.people if number not in people]
        if gone:
            typed.errors["people"] = f"{'、'.join(gone)} 已不在册或没有账号，收不到审批，请移去。"
        if typed.find:
            typed.errors.setdefault("find", "要找的人还没有选定。")
        return Holder(by=by, people=tuple(typed.people))
    unit = _unit(typed, units) if by is By.AT else ""
    return Holder(by=by, verb=typed.verb, unit=unit)


def _unit(typed: TypedStep, units: list[Unit]) -> str:
    text = typed.unit
    if not text:
        return ""
    found = [u for u in units if text == u.code] or [
        u for u in units if text in (u.shown, u.short_name, u.name)
    ]
    if len(found) == 1:
        return found[0].code
    typed.errors["unit"] = (
        f"有 {len(found)} 个单位叫“{text}”，写单位编码。" if found else f"单位名录中没有“{text}”。"
    )
    return text


def _conditions(typed: TypedStep, route: Route) -> Iterable[Condition]:
    for one in typed.when:
        fact = route.fact(one.fact)
        if fact is None:
            one.error = "没有选案情要素。"
            continue
        ops = OPS[fact.kind]
        op = Op(one.op) if one.op in {each.value for each in ops} else ops[0]
        value = _value(one, fact)
        if not one.error:
            yield Condition(fact=fact.key, op=op, value=value)


def _value(one: TypedCondition, fact: Fact) -> Any:
    """What was typed as the kind of fact wants it; a fault is left at the condition."""
    text = one.value.translate(_FULL_WIDTH).replace(",", "").replace("，", "")
    if fact.kind is FactKind.YES_NO:
        if text not in ("0", "1"):
            one.error = "选“是”或“否”。"
        return text == "1"
    if fact.kind is FactKind.CHOICE:
        if one.value not in {key for key, _ in fact.choices}:
            one.error = "没有选。"
        return one.value
    if fact.kind is FactKind.MONEY:
        try:
            return money.parse_yuan(one.value)
        except money.MoneyUnreadable as fault:
            one.error = str(fault)
            return 0
    if not _NUMBER.fullmatch(text):
        one.error = f"写成数字，如 8{fact.unit and ' ' + fact.unit}。"
        return 0
    return text if "." in text else int(text)
