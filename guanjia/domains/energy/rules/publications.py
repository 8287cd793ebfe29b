"""When analyses are issued again, and what is published, corrected and withdrawn. Pure."""

from collections.abc import Mapping
from typing import Any

from guanjia.domains.energy.terms.analyses import PublicationKind, PublicationState
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Verdict, refuse
from guanjia.kernel.values.digests import sm3_of

FROZEN = Citation(title="公示以后不改，更正另出一版", own=True)
KEPT = Citation(title="分析出具以后不改，另出一版", own=True)
WHOLE = Citation(title="年度指标在年度过完以后公示", own=True)
REASON_MIN, REASON_MAX = 2, 200


def digest_of(content: Mapping[str, Any]) -> str:
    """The SM3 digest of everything a paper says, the same however it was kept."""
    return sm3_of(content)


def may_issue(*, months: int, over: bool, again: bool, same: bool, reason: str) -> Verdict:
    """An analysis of a year that is over, of months that were told; again with a reason, and only
    where something changed."""
    if not over:
        return refuse("not_over", "没有出具：", "这一年还没有过完，现在只能看分析稿。", KEPT)
    if not months:
        return refuse("nothing_told", "没有出具：", "这一年没有月报，先催报或补填。")
    if not again:
        return ALLOWED
    if same:
        return refuse(
            "nothing_changed", "没有重新出具：",
            "现在的内容与已出具的一样。先更正月报、档案或说明疑点，再重新出具。", KEPT,
        )  # fmt: skip
    return _reason(reason, "没有重新出具：", "重新出具的原因")


def file_stays() -> Verdict:
    """The Word file of an analysis is the analysis: it goes no more than this does."""
    return refuse("issued", "没有移除：", "分析报告随分析固定，有差错重新出具一版。", KEPT)


def whole_city(*, everything: bool) -> Verdict:
    """A year's indicators and ranks are of all institutions."""
    if everything:
        return ALLOWED
    return refuse(
        "outside", "没有办理：", "年度指标和考核结果涉及全市的机构，由能看到全市的人编发。", FROZEN
    )


def may_tell_ranks(*, told: PublicationState | None) -> Verdict:
    """Ranks are laid out once; ``told``: their newest publication."""
    if told not in (None, PublicationState.DRAFT):
        sentence = "考核结果已经公示过，有差错在它的页面上更正。"
        return refuse("told_already", "没有拟公示稿：", sentence, FROZEN)
    return ALLOWED


def may_lay_out(*, newest: bool, told: PublicationState | None) -> Verdict:
    """The newest edition of an analysis is laid out, once; ``told``: its publication."""
    if told is PublicationState.WITHDRAWN:
        return refuse(
            "withdrawn",
            "没有拟公示稿：",
            "这一版的公示已撤下，不能恢复。重新出具一版再拟公示稿。",
            FROZEN,
        )
    if not newest:
        return refuse(
            "older_edition", "没有拟公示稿：", "这一版已有更新的一版，从最新一版拟公示稿。", FROZEN
        )
    return ALLOWED


def may_publish(*, unchanged: bool, over: bool, whole: bool) -> Verdict:
    """A draft that is as it was drawn may be told to everybody; ``over``: the year is, ``whole``:
    it was when the draft was drawn."""
    if not unchanged:
        return refuse("draft_changed", "公示稿与校验值不符。", "重新统计后再公示。", FROZEN)
    if not over:
        return refuse("not_over", "没有公示：", "这一年还没有过完，过完以后重新统计再公示。", WHOLE)
    if not whole:
        return refuse("drawn_before", "没有公示：", "公示稿是年内统计的，重新统计后再公示。", WHOLE)
    return ALLOWED


def may_count_again(*, kind: PublicationKind) -> Verdict:
    """Indicators and ranks are counted again; an analysis is issued again."""
    if kind is not PublicationKind.ANALYSIS:
        return ALLOWED
    return refuse(
        "not_counted", "没有更正：", "分析先重新出具，再从新的一版拟公示稿，公示后即为更正。", KEPT
    )


def may_correct(*, state: PublicationState, corrected: bool, same: bool, reason: str) -> Verdict:
    """What was told is corrected by another edition, once, with its reason."""
    if corrected:
        return refuse("corrected_already", "这一版已有更正稿。", "在最新一版上更正。", FROZEN)
    if same and state is PublicationState.PUBLISHED:
        return refuse(
            "nothing_changed", "没有要更正的数字。", "现在统计出来的与公示的一样。", FROZEN
        )
    return _reason(reason, "没有更正：", "更正原因")


def may_withdraw(*, reason: str) -> Verdict:
    """What is told may be taken down, with its reason."""
    return _reason(reason, "没有撤下：", "撤下原因")


def _reason(reason: str, headline: str, what: str) -> Verdict:
    if REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        return ALLOWED
    sentence = f"写明{what}，{REASON_MIN} 到 {REASON_MAX} 个字。"
    return refuse("reason_missing", headline, sentence, field="reason")
