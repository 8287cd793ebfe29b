"""What may be done about those over their quota (超定额): judged, explained, taken, given back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.energy.actions import quotas as actions
from guanjia.domains.energy.actions.quotas import Judged
from guanjia.domains.energy.forms import quotas as forms
from guanjia.domains.energy.queries.quotas import CASES, DECIDE, EXPLAIN, JUDGE
from guanjia.domains.energy.terms.quotas import CaseState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act


def _said(done: Judged, given: Mapping[str, Any]) -> str:
    said = f"{done.count} 家次新列为超定额，已通知说明" if done.count else "没有新的超定额"
    more = f"，{done.lapsed} 件按现在的数据不再超定额" if done.lapsed else ""
    return f"{given['year']}年：{said}{more}"


def _of_year(_: Judged, given: Mapping[str, Any]) -> str:
    return f"{reverse('energy:quotas')}?year={given['year']}"


def _theirs(row: Any, actor: Actor) -> bool:
    """Who is to judge an explanation is not offered to write another one."""
    return row.state != S.TOLD or not CASES.reaches(actor, DECIDE, row.pk)


def _words(row: Any, _: date) -> Mapping[str, Any]:
    return {"explanation": row.explanation}


JUDGED = Act(
    key="judge", title="判定超定额", on=CASES, verb=JUDGE, several=True, form=forms.Judge,
    do=actions.judge_year, then=_of_year, keep="不判定", said=_said,
    lead="按这一年已填的月报对照定额，超约束值的通知机构说明；可以反复判定",
)  # fmt: skip
EXPLAINED = Act(
    key="explain", title="说明超定额", button="提交说明", on=CASES, verb=EXPLAIN,
    when=(S.ASKED, S.BACK, S.TOLD), form=forms.Explain, first=_words, offered=_theirs,
    do=actions.explain, keep="不提交", said="已提交说明，等机关事务管理机构核",
)  # fmt: skip
RETURNED = Act(
    key="return", title="退回", on=CASES, verb=DECIDE, to=S.BACK, form=forms.Return,
    do=actions.send_back, keep="不退回", icon="arrow-back-up", main=False,
    lead="退回重新说明，说明期限从今天重新起算", said="已退回，重新说明",
)  # fmt: skip
ACCEPTED = Act(
    key="accept", title="采纳", on=CASES, verb=DECIDE, to=S.ACCEPTED, form=forms.Accept,
    do=actions.accept, keep="不采纳", said="已采纳说明",
)  # fmt: skip

# In the order of the buttons on the page; the institution's words are written on the page.
ACTS = (JUDGED, EXPLAINED, RETURNED, ACCEPTED)
