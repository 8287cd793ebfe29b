"""What may be done about quarters and years as institutions report them (能耗报表)."""

from guanjia.domains.energy.actions import filings as actions
from guanjia.domains.energy.forms import returns as forms
from guanjia.domains.energy.queries import filings as reading
from guanjia.domains.energy.terms.returns import WRITABLE
from guanjia.domains.energy.terms.returns import FilingState as S
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form

FILL, REVIEW, ACCEPT, FILINGS = reading.FILL, reading.REVIEW, reading.ACCEPT, reading.FILINGS

BACK = Act(
    key="back", title="退回", on=FILINGS, verb=REVIEW, when=reading.SENDING_BACK[REVIEW],
    also={ACCEPT: reading.SENDING_BACK[ACCEPT]}, form=forms.Back, do=actions.send_back,
    keep="不退回", said="已退回", icon="arrow-back-up", main=False,
)  # fmt: skip
UNLOCK = Act(
    key="unlock", title="解锁", on=FILINGS, verb=ACCEPT, when=(S.LOCKED,), form=forms.Reason,
    do=actions.unlock, keep="不解锁", lead="解锁后退回机构更正，操作记录写明由谁解锁和原因",
    said="已解锁，退回机构更正", main=False,
)  # fmt: skip
SEND = Act(
    key="send", title="报送", on=FILINGS, verb=FILL, when=WRITABLE, form=Form, do=actions.send,
    keep="不报送", said="已报送",
)  # fmt: skip
PASS = Act(
    key="pass", title="审核通过", on=FILINGS, verb=REVIEW, when=(S.COUNTY,), form=Form,
    do=actions.hand_on, keep="返回", said="已通过，转市级审核",
)  # fmt: skip
LOCK = Act(
    key="lock", title="审定锁定", on=FILINGS, verb=ACCEPT, to=S.LOCKED, form=Form,
    do=actions.lock, keep="返回", lead="锁定后各月数据不再更正", said="已审定，各月数据锁定",
)  # fmt: skip

# In the order of the buttons on the page of a filing.
ACTS = (BACK, UNLOCK, SEND, PASS, LOCK)
