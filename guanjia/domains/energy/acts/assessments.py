"""What may be done about assessments (考核评分) on their way from desk to desk."""

from guanjia.domains.energy.actions import assessing as actions
from guanjia.domains.energy.forms.returns import Reason
from guanjia.domains.energy.queries import assessing as reading
from guanjia.domains.energy.terms.assessment import Desk
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form

FILL, REVIEW, DECIDE = reading.FILL, reading.REVIEW, reading.DECIDE
ASSESSMENTS = reading.ASSESSMENTS

BACK = Act(
    key="back", title="退回自评", on=ASSESSMENTS, verb=REVIEW, when=reading.REVIEWING[REVIEW],
    also={DECIDE: reading.REVIEWING[DECIDE]}, form=Reason, do=actions.send_back,
    keep="不退回", said="已退回自评", icon="arrow-back-up", main=False,
)  # fmt: skip
SEND = Act(
    key="send", title="提交自评", on=ASSESSMENTS, verb=FILL, when=(Desk.SELF,), form=Form,
    do=actions.send, keep="不提交", said="已提交自评",
)  # fmt: skip
PASS = Act(
    key="pass", title="转市级评审", on=ASSESSMENTS, verb=REVIEW, when=(Desk.COUNTY,), form=Form,
    do=actions.hand_on, keep="返回", said="已转市级评审",
)  # fmt: skip
DECIDED = Act(
    key="decide", title="评定", on=ASSESSMENTS, verb=DECIDE, to=Desk.APPEAL, form=Form,
    do=actions.decide, keep="返回", lead="评定后机构看到得分，可以申诉",
    said="已评定，机构可以申诉",
)  # fmt: skip

# In the order of the buttons on the page of an assessment.
ACTS = (BACK, SEND, PASS, DECIDED)
