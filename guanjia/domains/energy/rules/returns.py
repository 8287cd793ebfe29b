"""Who may write which month of returns. Pure."""

from collections.abc import Sequence

from guanjia.domains.energy.terms.returns import DoubtState
from guanjia.kernel.regulations.verdict import Verdict, refuse

_SHOWN = 3
EXPLANATION_MAX = 500


def may_write(*, locked: Sequence[str]) -> Verdict:
    """Months that were accepted stand until they are unlocked."""
    if not locked:
        return Verdict()
    names = "、".join(locked[:_SHOWN]) + (f"等 {len(locked)} 个月" if len(locked) > _SHOWN else "")
    return refuse(
        "month_locked", "没有写入：", f"{names}已经审定锁定，要改请市级先解锁，写明原因。",
        field="month",
    )  # fmt: skip


def inside(*, all_of_them: bool) -> Verdict:
    """Returns of somebody else's institutions."""
    if all_of_them:
        return Verdict()
    return refuse(
        "outside", "没有写入：", "有的机构不在您的填报范围内，删去这些行再提交。", field="code"
    )


def without_errors(sentences: Sequence[str]) -> Verdict:
    """What a bureau has set down as an error (not a doubt) does not come in."""
    if not sentences:
        return Verdict()
    names = "；".join(sentences[:_SHOWN])
    more = f"等 {len(sentences)} 处" if len(sentences) > _SHOWN else ""
    return refuse("check_failed", "没有写入：", f"{names}{more}。改正后再提交。")


def may_explain(*, state: DoubtState, words: str) -> Verdict:
    """A doubt is answered once, in words."""
    if state is not DoubtState.OPEN:
        return refuse("doubt_settled", "没有保存：", f"这处疑点{state.label}，看新内容后再办。")
    if not 0 < len(words.strip()) <= EXPLANATION_MAX:
        sentence = f"写明原因，1 到 {EXPLANATION_MAX} 个字；数字写错的，更正月报，不用说明。"
        return refuse("explanation_missing", "没有保存：", sentence, field="words")
    return Verdict()
