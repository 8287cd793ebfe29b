"""What the office pays, and what whoever drove pays (不予报销). Pure."""

from datetime import date

from guanjia.domains.fleet.terms.costs import Barred, ClaimFacts
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse, warn
from guanjia.kernel.values import money

CASES = "fleet.cost.not_reimbursed"
WORDS = "fleet.cost.refused_words"


def barred_by(*, facts: ClaimFacts, law: LawInForce) -> Barred | None:
    """The case a claim falls under: the one it names itself, or one that its words give away."""
    if facts.barred is not None:
        return facts.barred
    for name, words in law[WORDS].value.items():
        if any(word in facts.words for word in words):
            return Barred(name)
    return None


def may_reimburse(*, facts: ClaimFacts, law: LawInForce) -> Verdict:
    """Money that is the person's own to pay is not entered as a cost of the car."""
    case = barred_by(facts=facts, law=law)
    if case is None:
        return ALLOWED
    rule = law[CASES]
    if case.value not in rule.value:
        return ALLOWED  # the bureau took the case off its list
    return refuse(
        f"not_reimbursed_{case.value.lower()}",
        f"{case.label}不予报销。",
        str(rule.value[case.value]),
        rule.cite,
        field="barred" if facts.barred is not None else "note",
    )


def same_days(*, one: date, other: date, law: LawInForce) -> bool:
    """Whether equal money of two days can be the same money: the bank's day is not the driver's."""
    return abs((one - other).days) <= int(law["fleet.cost.same_money_days"].value)


def told_twice(*, amount_fen: int, sheet: str, on: date, law: LawInForce) -> Verdict:
    """A receipt for money that a sheet tells too waits for a look: it may be paid twice."""
    return warn(
        "maybe_double",
        "可能与对账单重复。",
        f"{sheet} {on.month}月{on.day}日也有一笔 {money.yuan(amount_fen)}，核对后写明，"
        "是同一笔的作废这一张。",
        law["fleet.cost.same_money_days"].cite,
        field="amount",
    )


def told_otherwise(*, driver_fen: int, sheet: str, sheet_fen: int, law: LawInForce) -> Verdict:
    """What a driver told and what a sheet tells of one trip differ, and both count: which is it?"""
    return warn(
        "maybe_double",
        "可能与对账单重复。",
        f"同一派车单，收车填报 {money.yuan(driver_fen)}，{sheet}共 {money.yuan(sheet_fen)}，"
        "两边都计入。核对后写明，是同一笔钱的由公务用车管理员作废收车填报。",
        law["fleet.cost.same_money_days"].cite,
        field="amount",
    )
