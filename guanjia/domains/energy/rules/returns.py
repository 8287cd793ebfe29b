"""Who may write which month of returns. Pure."""

from collections.abc import Sequence

from guanjia.domains.energy.terms.returns import FilingState
from guanjia.kernel.regulations.verdict import Verdict, refuse

_SHOWN = 3


def may_write(standing: Sequence[tuple[str, FilingState]]) -> Verdict:
    """Months that were accepted stand until they are unlocked; those that lie with a reviewer until
    they are given back: what is reviewed is what was reported."""
    locked = [name for name, state in standing if state is FilingState.LOCKED]
    at_desk = [name for name, state in standing if state is not FilingState.LOCKED]
    verdict = Verdict()
    if locked:
        sentence = f"{_names(locked)}已经审定锁定，要改请市级先解锁，写明原因。"
        verdict += refuse("month_locked", "没有写入：", sentence, field="month")
    if at_desk:
        sentence = f"{_names(at_desk)}已经报送，正在审核，要改请审核人先退回。"
        verdict += refuse("month_reported", "没有写入：", sentence, field="month")
    return verdict


def standing_still(state: FilingState) -> tuple[str, str]:
    """Why a row of a sheet may not change its month: code and sentence."""
    if state is FilingState.LOCKED:
        return "month_locked", "这个月已经审定锁定，要改请市级先解锁"
    return "month_reported", f"这个月的报表{state.label}，要改请审核人先退回"


def _names(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 个月" if len(names) > _SHOWN else ""
    return "、".join(names[:_SHOWN]) + more


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
