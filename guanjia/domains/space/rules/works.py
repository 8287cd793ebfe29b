"""What must hold of repairs (大中修): not too soon, from the budget, accepted, settled. Pure."""

from datetime import date

from guanjia.domains.space.rules.allocations import day
from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.rules.disposals import yuan
from guanjia.domains.space.terms.works import (
    WORKS_LIFE,
    Contract,
    Funds,
    LastWorks,
    Planned,
    WorksAsked,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, refuse, warn

INTERVAL, FUNDS = "space.works.interval_years", "space.works.funds"
SETTLE_MONTHS = "space.works.settle_months"
PAPERS = Citation(title="施工要有合同和施工单位", own=True)
IN_BUDGET = Citation(title="大中修不超预算，超出的写明原因和批复", own=True)
IN_ORDER = Citation(title=WORKS_LIFE.rule, own=True)
_YEAR, _AHEAD = 12, 5
_SPECIAL_LEAST = 10


def may_ask(*, asked: WorksAsked) -> Verdict:
    """A title, a reason, an estimate."""
    verdict = ALLOWED
    if not asked.title.strip():
        verdict += refuse("no_title", "没有填项目名称。", "写明修什么。", field="title")
    if not asked.reason.strip():
        verdict += refuse("reason_missing", "没有写理由。", "写明现状和理由。", field="reason")
    if asked.fen <= 0:
        verdict += refuse("no_sum", "没有填估算金额。", "大于零。", field="estimate")
    return verdict


def interval(*, last: LastWorks | None, start: date, special: str, law: LawInForce) -> Verdict:
    """The same part of a building is not repaired again within some years, but for a special
    reason that is written out. ``start``: the latest day on which it might begin."""
    if last is None or INTERVAL not in law:
        return ALLOWED
    rule = law[INTERVAL]
    earliest = months_after(last.accepted_on, int(rule.value) * _YEAR)
    if start >= earliest:
        sentence = f"上次 {day(last.accepted_on)}验收。"
        return passed("interval", f"距上次已满 {rule.value} 年。", sentence, rule.cite)
    told = f"{last.number}《{last.title}》{day(last.accepted_on)}验收"
    since = f"{told}，{day(earliest)}起满 {rule.value} 年。"
    if len(special.strip()) >= _SPECIAL_LEAST:
        return warn(
            "too_soon", f"距上次不到 {rule.value} 年。", f"{since}特殊原因：{special.strip()}。",
            rule.cite,
        )  # fmt: skip
    return refuse(
        "too_soon", f"距上次大中修不到 {rule.value} 年。",
        f"{since}有安全隐患等特殊原因的，写明原因（至少 {_SPECIAL_LEAST} 字）。",
        rule.cite, field="special",
    )  # fmt: skip


def free_from(*, last: LastWorks, law: LawInForce) -> date | None:
    """From when a part may be repaired again without a special reason; ``None`` for no rule."""
    if INTERVAL not in law:
        return None
    return months_after(last.accepted_on, int(law[INTERVAL].value) * _YEAR)


def may_plan(*, planned: Planned, on: date, law: LawInForce) -> Verdict:
    """From public funds, a sum, a year that is not over."""
    verdict = _funds(planned.funds, law)
    if planned.budget_fen <= 0:
        verdict += refuse("no_budget", "没有填预算。", "大于零。", field="budget")
    if not on.year <= planned.year <= on.year + _AHEAD:
        sentence = f"填 {on.year} 到 {on.year + _AHEAD} 年。"
        verdict += refuse("no_year", "计划年度不对。", sentence, field="year")
    return verdict


def _funds(funds: Funds, law: LawInForce) -> Verdict:
    if FUNDS not in law:
        return ALLOWED
    rule = law[FUNDS]
    if funds.value in rule.value:
        return passed("funds", f"资金来源：{funds.label}。", "由政府预算安排。", rule.cite)
    names = "、".join(Funds(name).label for name in rule.value)
    return refuse(
        "funds", f"不得用{funds.label}。", f"资金由政府预算安排：{names}。", rule.cite,
        field="funds",
    )  # fmt: skip


def may_start(*, contract: Contract, budget_fen: int, on: date) -> Verdict:
    """A contract with somebody, within the budget or with words."""
    verdict = ALLOWED
    if contract.on > on:
        sentence = f"今天是{day(on)}。"
        verdict += refuse("in_the_future", "开工日期还没有到。", sentence, field="on")
    if contract.due_on is not None and contract.due_on < contract.on:
        sentence = f"{day(contract.on)}开工。"
        verdict += refuse("ends_before", "计划完工早于开工。", sentence, field="due_on")
    if not contract.contractor.strip():
        verdict += refuse("no_party", "没有填施工单位。", "按合同填。", PAPERS, field="contractor")
    if not contract.paper.strip():
        verdict += refuse("no_paper", "没有填合同编号。", "按合同填。", PAPERS, field="paper")
    if contract.fen <= 0:
        verdict += refuse("no_sum", "没有填合同价。", "大于零。", PAPERS, field="contract")
    return verdict + within_budget(
        what="合同价", fen=contract.fen, budget_fen=budget_fen, note=contract.over_note
    )


def within_budget(*, what: str, fen: int, budget_fen: int, note: str) -> Verdict:
    """A sum beyond the budget needs its words."""
    if fen <= budget_fen:
        return ALLOWED
    headline = f"{what}超预算 {yuan(fen - budget_fen)}。"
    sums = f"预算 {yuan(budget_fen)}，{what} {yuan(fen)}"
    if note.strip():
        return warn("over_budget", headline, f"{sums}。{note.strip()}。", IN_BUDGET)
    return refuse("over_budget", headline, f"{sums}，写明原因。", IN_BUDGET, field="over_note")


def may_accept(*, accepted_on: date, started_on: date, conclusion: str, on: date) -> Verdict:
    """Acceptance comes after the beginning, with what was found."""
    verdict = _between(accepted_on, started_on, on, what="验收", after="开工", field="accepted_on")
    if not conclusion.strip():
        verdict += refuse(
            "no_words", "没有写验收结论。", "合格，或写明遗留问题。", field="conclusion"
        )
    return verdict


def may_settle(
    *, settled_on: date, accepted_on: date, fen: int, budget_fen: int, note: str, on: date,
    law: LawInForce,
) -> Verdict:  # fmt: skip
    """The final account after the acceptance, in time, beyond the budget with words."""
    verdict = _between(settled_on, accepted_on, on, what="决算", after="验收", field="settled_on")
    if fen <= 0:
        verdict += refuse("no_sum", "没有填决算金额。", "大于零。", field="final")
    verdict += within_budget(what="决算", fen=fen, budget_fen=budget_fen, note=note)
    if verdict.allowed and (late := settle_by(accepted_on=accepted_on, law=law)) is not None:
        last, cite = late
        if settled_on > last:
            sentence = f"{day(accepted_on)}验收，应在{day(last)}前。"
            verdict += warn("settled_late", "决算过了期限。", sentence, cite)
    return verdict


def settle_by(*, accepted_on: date, law: LawInForce) -> tuple[date, Citation] | None:
    """Until when repairs are to be settled, and where that is written; ``None`` for no rule."""
    if SETTLE_MONTHS not in law:
        return None
    rule = law[SETTLE_MONTHS]
    return months_after(accepted_on, int(rule.value)), rule.cite


def _between(told: date, since: date, on: date, *, what: str, after: str, field: str) -> Verdict:
    if told > on:
        return refuse("in_the_future", f"{what}日期还没有到。", f"今天是{day(on)}。", field=field)
    if told < since:
        sentence = f"{day(since)}{after}。"
        return refuse("too_early", f"{what}早于{after}。", sentence, IN_ORDER, field=field)
    return ALLOWED
