"""What may be done about findings (用房问题)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from guanjia.domains.space.actions import findings as actions
from guanjia.domains.space.forms import findings as forms
from guanjia.domains.space.queries.findings import DECIDE, EXPLAIN, FINDINGS
from guanjia.domains.space.terms.findings import OPEN_STATES, Outcome
from guanjia.domains.space.terms.findings import FindingState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui import findings
from guanjia.ui.acts.declaration import Act


def _theirs(row: Any, actor: Actor) -> bool:
    """Whoever decides may put down the word of a unit that said nothing, but does not change it."""
    decides = FINDINGS.reaches(actor, DECIDE, row.pk)
    return row.unit_id is not None and (row.state == S.RAISED or not decides)


def _ripe(row: Any, _: Actor) -> bool:
    """Explained, past its day without a word, or the bureau's own."""
    owed = row.state == S.RAISED and row.unit_id is not None
    return not owed or bool(row.due_on < timezone.localdate())


def _words(row: Any, _: date) -> Mapping[str, Any]:
    return {"explanation": row.explanation}


def _begun(row: Any, _: date) -> Mapping[str, Any]:
    return {"outcome": Outcome.MEND, "mend_by": row.mend_by}


EXPLAINED = Act(
    key="explain", title="单位说明", button="提交说明", on=FINDINGS, verb=EXPLAIN,
    when=actions.FINDINGS.undecided, form=forms.Explain, first=_words, offered=_theirs,
    do=actions.explain_finding, keep="不提交", said="已说明，等办公用房管理科处理",
)  # fmt: skip
RETURN = Act(
    key="return", title="退回说明", on=FINDINGS, verb=DECIDE, when=(S.EXPLAINED,),
    form=findings.Return, do=actions.return_finding, keep="不退回", icon="arrow-back-up",
    main=False, lead="说明期限从今天重新计算，单位会收到通知", said="已退回单位补充说明",
)  # fmt: skip
DECIDED = Act(
    key="decide", title="处理", on=FINDINGS, verb=DECIDE, when=OPEN_STATES, form=forms.Decide,
    first=_begun, offered=_ripe, do=actions.decide_finding, keep="不处理", icon="gavel",
    lead="整改中的可以改期；单位过了期限没有说明的，可以直接处理",
    said="已处理，单位已收到通知",
)  # fmt: skip

# In the order of the buttons on the page of a finding; the unit's words are written on the page.
ACTS = (EXPLAINED, RETURN, DECIDED)
