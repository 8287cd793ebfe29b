"""Routes (审批流程) as data: steps, who decides them, and on which facts they depend. Pure.

A department ships a ``Route``; the bureau edits its steps, and every edit is kept as an edition.
What is kept is plain data (``steps_as_data``), read back by ``steps_from_data``, which names every
fault in Chinese.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from guanjia.kernel.approvals.terms import Late, Mode
from guanjia.kernel.values.term import Term

STEPS_MAX = 20
PEOPLE_MAX = 30
CONDITIONS_MAX = 8
HOURS_MAX = 400
TITLE_MAX = 20
KEY_MAX = 40


class FactKind(Term):
    """What a fact of a case is made of, and so how it can be compared."""

    YES_NO = "YES_NO", "是否"
    NUMBER = "NUMBER", "数字"
    MONEY = "MONEY", "金额"
    CHOICE = "CHOICE", "选项"


class Op(Term):
    """How a condition compares."""

    IS = "IS", "是"
    IS_NOT = "IS_NOT", "不是"
    ABOVE = "ABOVE", "大于"
    AT_LEAST = "AT_LEAST", "不小于"
    BELOW = "BELOW", "小于"
    AT_MOST = "AT_MOST", "不大于"


OPS = {
    FactKind.YES_NO: (Op.IS,),
    FactKind.CHOICE: (Op.IS, Op.IS_NOT),
    FactKind.NUMBER: (Op.ABOVE, Op.AT_LEAST, Op.BELOW, Op.AT_MOST, Op.IS, Op.IS_NOT),
    FactKind.MONEY: (Op.ABOVE, Op.AT_LEAST, Op.BELOW, Op.AT_MOST, Op.IS, Op.IS_NOT),
}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact of every case on a route (案情) that steps may depend on.

    Values: ``bool`` for YES_NO, ``int`` of 分 for MONEY, a number or decimal text for NUMBER, one
    of the keys of ``choices`` (key, label) for CHOICE.
    """

    key: str
    title: str
    kind: FactKind
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a fact must be for a step to be needed; ``value`` as in ``Fact``."""

    fact: str
    op: Op
    value: Any

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it holds; a fact that is not told holds nothing but IS_NOT."""
        told = facts.get(self.fact)
        if self.op is Op.IS:
            return told is not None and _same(told, self.value)
        if self.op is Op.IS_NOT:
            return told is None or not _same(told, self.value)
        return told is not None and _COMPARE[self.op](Decimal(str(told)), Decimal(str(self.value)))


_COMPARE: Mapping[Op, Callable[[Decimal, Decimal], bool]] = {
    Op.ABOVE: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.BELOW: operator.lt,
    Op.AT_MOST: operator.le,
}


def _same(told: Any, value: Any) -> bool:
    if isinstance(told, bool) or isinstance(value, bool):
        return told is value
    try:
        return Decimal(str(told)) == Decimal(str(value))
    except InvalidOperation:
        return bool(told == value)


class By(Term):
    """Who decides a step."""

    DUTY = "DUTY", "有职责的人"
    ABOVE = "ABOVE", "上级单位有职责的人"
    AT = "AT", "指定单位有职责的人"
    PEOPLE = "PEOPLE", "指定的人"


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who decides a step: whoever may do ``verb`` for a unit, or people by their 工号.

    ``unit``: the code of the unit for ``By.AT``. The applicant is never among them.
    """

    by: By
    verb: str = ""
    unit: str = ""
    people: tuple[str, ...] = ()


def duty(verb: str) -> Holder:
    """Whoever may do a verb for the unit of the case."""
    return Holder(by=By.DUTY, verb=verb)


def people(*numbers: str) -> Holder:
    """Named people by their 工号."""
    return Holder(by=By.PEOPLE, people=numbers)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a route: who decides, how they decide together, and when it is needed.

    ``when``: all conditions must hold, judged when a round begins. ``share``: per cent of a 会签
    that must agree. ``hours``: working hours until it is late; ``None`` for no limit.
    """

    key: str
    title: str
    holder: Holder
    mode: Mode = Mode.ANY
    share: int = 100
    when: tuple[Condition, ...] = ()
    hours: int | None = None
    late: Late = Late.REMIND
    signature: bool = False

    def needed(self, facts: Mapping[str, Any]) -> bool:
        """Whether the facts of a case need this step."""
        return all(condition.holds(facts) for condition in self.when)


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route as a department ships it: its default steps, and what an edited one may use.

    ``verbs``: the verbs whose holders may decide; ``facts``: what steps may depend on.
    ``subject``: the model it is about (``org.unit``).
    """

    key: str
    title: str
    subject: str
    steps: tuple[Step, ...]
    verbs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()

    def fact(self, key: str) -> Fact | None:
        """The fact of this key."""
        return next((fact for fact in self.facts if fact.key == key), None)


_routes: dict[str, Route] = {}


def enlist(*routes: Route) -> None:
    """Make routes known; called from the ``apps.py`` of the department that ships them."""
    for route in routes:
        _routes[route.key] = route


def get(key: str) -> Route | None:
    """The route of this key, or ``None`` when no department ships it."""
    return _routes.get(key)


def all_routes() -> list[Route]:
    """Every route, in the order of enlisting."""
    return list(_routes.values())


def needed(steps: Iterable[Step], facts: Mapping[str, Any]) -> list[Step]:
    """The steps that the facts of a case need, in order."""
    return [step for step in steps if step.needed(facts)]


# ── as plain data ────────────────────────────────────────────────────────────────────────


def steps_as_data(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps as JSON can hold them; decimals as text."""
    return [
        {
            "key": step.key,
            "title": step.title,
            "by": step.holder.by.value,
            "verb": step.holder.verb,
            "unit": step.holder.unit,
            "people": list(step.holder.people),
            "mode": step.mode.value,
            "share": step.share,
            "when": [
                {"fact": c.fact, "op": c.op.value, "value": _plain(c.value)} for c in step.when
            ],
            "hours": step.hours,
            "late": step.late.value,
            "signature": step.signature,
        }
        for step in steps
    ]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def steps_from_data(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Steps as ``steps_as_data`` wrote them; raises ``KeyError`` or ``ValueError`` for others."""
    return tuple(
        Step(
            key=item["key"],
            title=item["title"],
            holder=Holder(
                by=By(item["by"]),
                verb=item["verb"],
                unit=item["unit"],
                people=tuple(item["people"]),
            ),
            mode=Mode(item["mode"]),
            share=int(item["share"]),
            when=tuple(
                Condition(fact=c["fact"], op=Op(c["op"]), value=c["value"]) for c in item["when"]
            ),
            hours=None if item["hours"] is None else int(item["hours"]),
            late=Late(item["late"]),
            signature=bool(item["signature"]),
        )
        for item in data
    )


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with an edited route: the step's position and field, and a sentence."""

    position: int
    field: str
    sentence: str


def faults(route: Route, steps: Sequence[Step]) -> list[Fault]:
    """Everything that is wrong with edited steps; empty when they may be switched on."""
    found: list[Fault] = []
    if not steps:
        found.append(Fault(position=0, field="", sentence="流程至少要有一步。"))
    if len(steps) > STEPS_MAX:
        found.append(Fault(position=0, field="", sentence=f"流程最多 {STEPS_MAX} 步。"))
    keys = [step.key for step in steps]
    for i, step in enumerate(steps):
        if not step.key or keys.count(step.key) > 1:
            found.append(Fault(position=i, field="key", sentence="这一步的标识与别的步骤相同。"))
        elif len(step.key) > KEY_MAX:
            said = f"这一步的标识最多 {KEY_MAX} 个字符。"
            found.append(Fault(position=i, field="key", sentence=said))
        found += [
            Fault(position=i, field=name, sentence=sentence)
            for name, sentence in _step_faults(route, step)
        ]
    return found


def _step_faults(route: Route, step: Step) -> Iterable[tuple[str, str]]:
    if not step.title.strip():
        yield "title", "没有写步骤名称。"
    elif len(step.title) > TITLE_MAX:
        yield "title", f"步骤名称最多 {TITLE_MAX} 字。"
    yield from _holder_faults(route, step.holder)
    if not 1 <= step.share <= 100:  # noqa: PLR2004 — per cent
        yield "share", "会签比例写成 1 至 100。"
    if step.hours is not None and not 1 <= step.hours <= HOURS_MAX:
        yield "hours", f"时限写成 1 至 {HOURS_MAX} 个工作小时。"
    if len(step.when) > CONDITIONS_MAX:
        yield "when", f"一步最多 {CONDITIONS_MAX} 个条件。"
    for condition in step.when:
        if sentence := _condition_fault(route, condition):
            yield "when", sentence


def _holder_faults(route: Route, holder: Holder) -> Iterable[tuple[str, str]]:
    if holder.by is By.PEOPLE:
        if not holder.people:
            yield "people", "没有选人。"
        elif len(holder.people) > PEOPLE_MAX:
            yield "people", f"一步最多 {PEOPLE_MAX} 人。"
        elif len(set(holder.people)) != len(holder.people):
            yield "people", "同一个人选了两次。"
    elif holder.verb not in route.verbs:
        yield "verb", "没有选由哪项职责办。"
    if holder.by is By.AT and not holder.unit:
        yield "unit", "没有选单位。"


def _condition_fault(route: Route, condition: Condition) -> str:
    fact = route.fact(condition.fact)
    if fact is None:
        return "条件用了这个流程没有的要素。"
    if condition.op not in OPS[fact.kind]:
        return f"“{fact.title}”不能这样比较。"
    match fact.kind:
        case FactKind.YES_NO if not isinstance(condition.value, bool):
            return f"“{fact.title}”选“是”或“否”。"
        case FactKind.CHOICE if condition.value not in {key for key, _ in fact.choices}:
            return f"“{fact.title}”没有这个选项。"
        case FactKind.NUMBER | FactKind.MONEY if not _is_number(condition.value):
            return f"“{fact.title}”写成数字。"
    return ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
