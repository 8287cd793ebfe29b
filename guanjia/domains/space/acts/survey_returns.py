"""What may be done about the returns of units (填报单): up, back, through, excused."""

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.actions import survey_review as review
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import SurveyReturn
from guanjia.domains.space.queries import surveys as reading
from guanjia.domains.space.terms.surveys import ReturnState as S
from guanjia.domains.space.terms.surveys import SurveyState
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

FILL, APPROVE, REVIEW = reading.FILL, reading.APPROVE, reading.REVIEW
RETURNS = reading.RETURNS


def _runs(filing: SurveyReturn, _: Actor) -> bool:
    return filing.survey.state == SurveyState.OPEN


def _sent(filing: SurveyReturn) -> str:
    if filing.state == S.SENT:
        return "已上报，等单位审批人审批"
    return "已上报，单位没有审批人，直接报到办公用房管理科"


EXCUSE = Act(
    key="excuse", title="免报", on=RETURNS, verb=REVIEW, to=S.EXCUSED, offered=_runs,
    form=forms.Why, do=review.excuse_return, keep="照常填报", icon="circle-dashed", main=False,
    lead="报表按台账统计这个单位", said="已免报，报表按台账统计这个单位",
)  # fmt: skip
SEND = Act(
    key="send", title="上报", on=RETURNS, verb=FILL, when=(S.FILLING,), offered=_runs,
    form=ActForm, do=filling.send_return, keep="不上报", icon="send",
    lead="上报后不能改；审批前可以撤回", said=_sent,
)  # fmt: skip
RECALL = Act(
    key="recall", title="撤回", on=RETURNS, verb=FILL, when=(S.SENT,), offered=_runs,
    form=ActForm, do=filling.recall_return, keep="不撤回", icon="arrow-back-up", main=False,
    said="已撤回，改好后再上报",
)  # fmt: skip
BACK = Act(
    key="back", title="退回", on=RETURNS, verb=APPROVE, when=(S.SENT,),
    also={REVIEW: (S.APPROVED,)}, offered=_runs, form=forms.Back, do=review.send_back,
    keep="不退回", icon="arrow-back-up", main=False, said="已退回，填报人已收到通知",
)  # fmt: skip
APPROVE_IT = Act(
    key="approve", title="同意", on=RETURNS, verb=APPROVE, when=(S.SENT,), offered=_runs,
    form=ActForm, do=review.approve_return, keep="暂不同意", icon="check",
    lead="同意后报到办公用房管理科", said="已同意，报到办公用房管理科",
)  # fmt: skip
ACCEPT = Act(
    key="accept", title="通过", on=RETURNS, verb=REVIEW, to=S.ACCEPTED, offered=_runs,
    form=ActForm, do=review.accept_return, keep="暂不通过", icon="file-check",
    lead="通过后锁定，与台账的差异逐处列出", said="已通过并锁定，与台账的差异已列出",
)  # fmt: skip
ASK = Act(
    key="ask", title="恢复填报", on=RETURNS, verb=REVIEW, when=(S.EXCUSED,), offered=_runs,
    form=ActForm, do=review.ask_again, keep="不恢复", icon="refresh", main=False,
    said="已恢复，等单位填报",
)  # fmt: skip

# In the order of the buttons on the page of a return.
ACTS = (EXCUSE, SEND, RECALL, BACK, APPROVE_IT, ACCEPT, ASK)
