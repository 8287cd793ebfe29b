"""What may be done about what has to be put right (整改)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.space.actions import rectifying as actions
from guanjia.domains.space.forms import rectifying as forms
from guanjia.domains.space.queries.rounds import ACCEPT, RECTIFICATIONS, RECTIFY
from guanjia.domains.space.terms.rounds import UNDONE
from guanjia.domains.space.terms.rounds import RectState as R
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act


def _theirs(row: Any, actor: Actor) -> bool:
    """Who is to accept an answer is not offered to write another one."""
    return row.state == R.OPEN or not RECTIFICATIONS.reaches(actor, ACCEPT, row.pk)


def _words(row: Any, _: date) -> Mapping[str, Any]:
    return {"explanation": row.explanation}


ANSWER = Act(
    key="answer", title="填报整改情况", button="提交整改情况", on=RECTIFICATIONS, verb=RECTIFY,
    when=UNDONE, form=forms.Answer, first=_words, offered=_theirs, do=actions.answer,
    keep="不提交", said="已填报，等办公用房管理科验收",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="撤销", on=RECTIFICATIONS, verb=ACCEPT, to=R.CALLED_OFF,
    form=forms.CallOff, do=actions.call_off, keep="不撤销", main=False,
    lead="检查有误的撤销，不再扣分；改好了的走验收", said="已撤销，不再扣分",
)  # fmt: skip
RETURN = Act(
    key="return", title="退回", on=RECTIFICATIONS, verb=ACCEPT, when=(R.ANSWERED,),
    form=forms.Return, do=actions.send_back, keep="不退回", icon="arrow-back-up", main=False,
    lead="退回重新整改，整改期限不变，单位会收到通知", said="已退回，单位已收到通知",
)  # fmt: skip
ACCEPTED = Act(
    key="accept", title="验收销号", on=RECTIFICATIONS, verb=ACCEPT, to=R.DONE,
    form=forms.Accept, do=actions.accept, keep="不验收", icon="check", said="已验收销号",
)  # fmt: skip

# In the order of the buttons on the page; the unit's words are written on the page.
ACTS = (ANSWER, CALL_OFF, RETURN, ACCEPTED)
