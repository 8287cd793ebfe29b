"""What may be done about findings of oversight (督车事项), and the lists of a month."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import oversight as actions
from guanjia.domains.fleet.actions import reviewing
from guanjia.domains.fleet.actions.reviewing import Reviewed
from guanjia.domains.fleet.forms import oversight as forms
from guanjia.domains.fleet.queries.oversight import DECIDE, EXPLAIN, FINDINGS, LISTS
from guanjia.domains.fleet.terms.oversight import UNDER_WAY
from guanjia.domains.fleet.terms.oversight import FindingState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui import findings
from guanjia.ui.acts.declaration import Act


def _theirs(row: Any, actor: Actor) -> bool:
    return not actions.is_for_the_unit_to_mend(actor, row)


def _ripe(row: Any, _: Actor) -> bool:
    """Explained, or past its day without a word."""
    return bool(row.state == S.EXPLAINED or row.due_on < timezone.localdate())


def _words(row: Any, _: date) -> Mapping[str, Any]:
    return {"explanation": row.explanation}


EXPLAINED = Act(
    key="explain", title="单位说明", button="提交说明", on=FINDINGS, verb=EXPLAIN, when=UNDER_WAY,
    form=forms.Explain, first=_words, offered=_theirs, do=actions.explain_finding,
    keep="不提交", said="已说明，等公务用车管理科处理",
)  # fmt: skip
RETURN = Act(
    key="return", title="退回说明", on=FINDINGS, verb=DECIDE, when=(S.EXPLAINED,),
    form=findings.Return, do=actions.return_finding, keep="不退回", icon="arrow-back-up",
    main=False, lead="说明期限从今天重新计算，单位会收到通知", said="已退回单位补充说明",
)  # fmt: skip
DECIDED = Act(
    key="decide", title="处理", on=FINDINGS, verb=DECIDE, when=UNDER_WAY, form=forms.Decide,
    offered=_ripe, do=actions.decide_finding, keep="不处理", icon="gavel",
    lead="单位过了期限没有说明的，可以直接处理", said="已处理，单位已收到通知",
)  # fmt: skip
CLOSE = Act(
    key="close", title="办结", on=FINDINGS, verb=DECIDE, to=S.CLOSED, when=(S.DECIDED,),
    form=forms.Close, do=actions.close_finding, keep="不办结", icon="circle-check",
    said="已办结",
)  # fmt: skip


def _reviewed(done: Reviewed, given: Mapping[str, Any]) -> str:
    month = given["month"]
    return (
        f"已核查 {month.year}年{month.month}月：新列 {done.raised} 件，"
        f"情形有变待补充说明 {done.changed} 件，已消除 {done.gone} 件"
    )


def _of_month(_: Reviewed, given: Mapping[str, Any]) -> str:
    return f"{reverse('fleet:oversight')}?month={given['month']:%Y-%m}"


REVIEW = Act(
    key="review", title="重新核查", on=FINDINGS, verb=DECIDE, several=True, form=forms.Review,
    do=reviewing.review_month, then=_of_month, keep="不核查", said=_reviewed,
    first=lambda _, today: {"month": f"{today:%Y-%m}"},
    lead="按现在的派车单、线索和费用再核查一个月：情形没有变的不动，已不存在的自动消除。"
    "每晚也会核查近日的用车",
)  # fmt: skip
MAKE = Act(
    key="make", title="编制清单", on=LISTS, verb=DECIDE, makes=True, form=forms.Month,
    first=lambda _, today: {"month": f"{today:%Y-%m}"}, do=actions.make_monthly_list,
    keep="不编制",
    said=lambda row: f"已编制{row}（第 {row.edition} 版，{row.total} 件），监督员已收到通知",
    lead="把一个月的督车事项按现在的样子定下来，通知监督员；不含保密车辆。内容没有变的，不再编一版",
)  # fmt: skip

# In the order of the buttons on the page of a finding; the unit's words are written on the page.
ON_FINDINGS = (EXPLAINED, RETURN, DECIDED, CLOSE)
ACTS = (*ON_FINDINGS, REVIEW, MAKE)
