"""Routes in words: who decides a step and how, when it is needed, what an edition changed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps

from guanjia.kernel.access import duties
from guanjia.kernel.access import queries as access
from guanjia.kernel.approvals.preview import Ahead
from guanjia.kernel.approvals.routes import By, Condition, Fact, FactKind, Holder, Op, Route, Step
from guanjia.kernel.approvals.terms import Mode
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values import money

_WAN = money.FEN_PER_WAN
_WHOLE = 100  # per cent


@dataclass(frozen=True, kw_only=True)
class Names:
    """The people and units that steps name, by 工号 and 单位编码."""

    people: Mapping[str, Person]
    units: Mapping[str, Unit]

    def person(self, number: str) -> str:
        """Their name, or their number where nobody bears it."""
        found = self.people.get(number)
        return found.name if found else f"名录中没有的 {number}"

    def unit(self, code: str) -> str:
        """Its short name, or its code where there is none."""
        found = self.units.get(code)
        return found.shown if found else f"名录中没有的 {code}"


def names_of(steps: Iterable[Step]) -> Names:
    """Look up everybody whom some steps name; two statements."""
    holders = [step.holder for step in steps]
    return Names(
        people=org.people_by_number({number for each in holders for number in each.people}),
        units=org.units_by_code({each.unit for each in holders if each.unit}),
    )


def department_of(route: Route) -> str:
    """The title of the department that ships a route; empty for one of nobody."""
    try:
        return str(apps.get_app_config(route.key.partition(".")[0]).verbose_name)
    except LookupError:
        return ""


def verb_says(verb: str) -> str:
    """``审批用车（单位用车审批人、单位主要负责人）``: a verb and the duties that have it."""
    held = _duties(verb)
    return f"{duties.title_of(verb)}（{held}）" if held else duties.title_of(verb)


def _duties(verb: str) -> str:
    found = (duties.get(key) for key in access.duties_with(verb))
    return "、".join(duty.title for duty in found if duty is not None)


def who(holder: Holder, names: Names) -> str:
    """The duties that decide, or the people by name."""
    if holder.by is By.PEOPLE:
        return "、".join(names.person(number) for number in holder.people) or "还没有选人"
    if not holder.verb:
        return "还没有选职责"
    return _duties(holder.verb) or duties.title_of(holder.verb)


def where(holder: Holder, names: Names) -> str:
    """The unit whose people decide; empty for people by name."""
    match holder.by:
        case By.DUTY:
            return "申请单位，没有时逐级向上"
        case By.ABOVE:
            return "上级单位，没有时逐级向上"
        case By.AT:
            return names.unit(holder.unit) if holder.unit else "还没有选单位"
    return ""


def mode(step: Step) -> str:
    """``会签，3 人中 2 人同意即可``."""
    if step.mode is not Mode.ALL or step.share >= _WHOLE:
        return step.mode.label
    count = len(step.holder.people) if step.holder.by is By.PEOPLE else 0
    if count:
        return f"会签，{count} 人中 {_wanted(count, step.share)} 人同意即可"
    return f"会签，{step.share}% 同意即可"


def share(mode: str, share: str, by: str, people: int) -> str:
    """What the share of a 会签 comes to, as the editor shows it beside the field; else empty."""
    if mode != Mode.ALL or by != By.PEOPLE or not people or not share.isdecimal():
        return ""
    return f"名单 {people} 人，要 {_wanted(people, int(share))} 人同意。"


def _wanted(people: int, share: int) -> int:
    """How many must agree, as the kernel counts them: a share of a person is a whole person."""
    return min(people, max(1, math.ceil(people * share / _WHOLE)))


def limit(step: Step) -> str:
    """``8 个工作小时，超时只提醒``."""
    if step.hours is None:
        return ""
    return f"{step.hours} 个工作小时内办，超时{step.late.label}"


def amount(fen: Any) -> str:
    """``5 万元``, or ``1,234.50 元`` where 万元 would hide a part of it."""
    whole = int(Decimal(str(fen)))
    if whole and whole % _WAN == 0:
        return money.wan(whole)
    return money.yuan(whole).replace(".00 ", " ")


def condition(route: Route, one: Condition) -> str:
    """``涉及休息日 是``, ``金额 大于 5 万元``."""
    fact = route.fact(one.fact)
    if fact is None:
        return "已停用的要素"
    if fact.kind is FactKind.YES_NO:
        return f"{fact.title} {'是' if one.value else '否'}"
    return f"{fact.title} {one.op.label} {_value(fact, one)}"


def _value(fact: Fact, one: Condition) -> str:
    if fact.kind is FactKind.MONEY:
        return amount(one.value)
    if fact.kind is FactKind.CHOICE:
        return f"“{dict(fact.choices).get(one.value, one.value)}”"
    return f"{one.value} {fact.unit}".strip()


def conditions(route: Route, step: Step) -> str:
    """All conditions of a step as one sentence; empty for a step that is always needed."""
    return "，且 ".join(condition(route, one) for one in step.when)


OP_WORDS = {op.value: op.label for op in Op}


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """A step as the drawing shows it; ``today`` is who would decide it for a unit as of now."""

    number: int
    title: str
    who: str
    where: str
    mode: str
    when: str
    limit: str
    signature: bool
    today: Ahead | None = None


def drawn(
    route: Route, steps: Sequence[Step], names: Names, today: Sequence[Ahead] = ()
) -> list[ShownStep]:
    """The steps as they are drawn, in order."""
    return [
        ShownStep(
            number=i + 1,
            title=step.title or "还没有名称",
            who=who(step.holder, names),
            where=where(step.holder, names),
            mode=mode(step),
            when=conditions(route, step),
            limit=limit(step),
            signature=step.signature,
            today=today[i] if i < len(today) else None,
        )
        for i, step in enumerate(steps)
    ]


# ── what an edition changed ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing an edition changed: what, and how it was and is (empty where it was not there)."""

    what: str
    was: str = ""
    now: str = ""


def changes(
    route: Route, before: Sequence[Step], after: Sequence[Step], names: Names
) -> list[Change]:
    """What differs between two editions, step by step; the same key is the same step."""
    old, new = {step.key: step for step in before}, {step.key: step for step in after}
    found = [Change(what=f"删去“{step.title}”") for step in before if step.key not in new]
    for i, step in enumerate(after):
        if step.key not in old:
            said = "，".join(part for part in _told(route, step, names) if part)
            found.append(Change(what=f"新增第 {i + 1} 步“{step.title}”", now=said))
            continue
        was, now = _facets(route, old[step.key], names), _facets(route, step, names)
        title = f"“{old[step.key].title}”"
        found += [
            Change(what=f"{title}{name}", was=was[name], now=now[name])
            for name in now
            if was[name] != now[name]
        ]
    kept_before = [step.title for step in before if step.key in new]
    kept_after = [old[step.key].title for step in after if step.key in old]
    if kept_before != kept_after:
        found.append(Change(what="次序", was="、".join(kept_before), now="、".join(kept_after)))
    return found


def _told(route: Route, step: Step, names: Names) -> tuple[str, ...]:
    """All that is to be said of a new step, in one sentence."""
    needed = conditions(route, step)
    return (
        who(step.holder, names),
        where(step.holder, names),
        mode(step),
        f"仅当 {needed}" if needed else "",
        limit(step),
        "要手写签名" if step.signature else "",
    )


def _facets(route: Route, step: Step, names: Names) -> dict[str, str]:
    return {
        "名称": step.title,
        "由谁办": " · ".join(p for p in (who(step.holder, names), where(step.holder, names)) if p),
        "办法": mode(step),
        "条件": conditions(route, step) or "都要办",
        "时限": limit(step) or "不限",
        "签名": "要" if step.signature else "不要",
    }
