"""When use and cost of official cars may be published, corrected and withdrawn. Pure."""

from datetime import date

from guanjia.domains.fleet.terms.publications import PUBLICATION_LIFE
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, passed, refuse
from guanjia.kernel.values.period import Period

FROZEN = Citation(title=PUBLICATION_LIFE.rule, own=True)
WHOLE = Citation(title="按整月公示，当月过完才公示", own=True)
_REASON_MIN = 2


def may_draft(*, period: Period, on: date, law: LawInForce) -> Verdict:
    """Whole months that have begun are counted; the law orders that it be done regularly."""
    if period.start.day != 1 or period.end.day != 1:
        return refuse(
            "not_whole_months",
            "公示的时段不是整月。",
            "写成 2020-05、2020-Q2 或 2020-H1。",
            WHOLE,
            field="period",
        )
    if period.start > on:
        return refuse("ahead", "这个时段还没有到。", "选已经过完的月份。", WHOLE, field="period")
    rule = law["fleet.publication.regular"]
    return passed("regular", "定期公布。", f"{period.label()}的使用和费用。", rule.cite)


def may_publish(*, last: date, on: date, law: LawInForce) -> Verdict:
    """A draft whose last day is over may be told to everybody."""
    if on <= last:
        return refuse(
            "not_over",
            "时段还没有过完。",
            f"{last.month}月{last.day}日过后可以公示；现在可以先看公示稿。",
            WHOLE,
        )
    rule = law["fleet.publication.regular"]
    return passed("regular", "定期公布。", "公务用车的使用和费用向社会公开。", rule.cite)


def may_correct(*, reason: str) -> Verdict:
    """What was told is corrected by another edition, with its reason."""
    if len(reason.strip()) < _REASON_MIN:
        return refuse(
            "reason_missing", "没有写更正原因。", "原因随新的一版一并公示。", FROZEN, field="reason"
        )
    return ALLOWED


def may_withdraw(*, reason: str) -> Verdict:
    """What is told may be taken down, with its reason."""
    if len(reason.strip()) < _REASON_MIN:
        return refuse(
            "reason_missing", "没有写撤下原因。", "撤下的公示仍写明原因。", FROZEN, field="reason"
        )
    return ALLOWED
