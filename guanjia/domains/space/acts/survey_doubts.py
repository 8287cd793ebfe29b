"""What may be done about doubts (疑点) in the return of a unit: explained while it is filled in."""

from guanjia.domains.space.actions import survey_filling as actions
from guanjia.domains.space.forms.surveys import Explain
from guanjia.domains.space.models import SurveyDoubt
from guanjia.domains.space.queries.surveys import DOUBTS, FILL
from guanjia.domains.space.terms.surveys import DoubtState as S
from guanjia.domains.space.terms.surveys import ReturnState, Severity, SurveyState
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act


def _open(doubt: SurveyDoubt, _: Actor) -> bool:
    filing = doubt.filing
    filled_in = filing.state == ReturnState.FILLING and filing.survey.state == SurveyState.OPEN
    return filled_in and doubt.severity != Severity.FAULT


EXPLAIN = Act(
    key="explain", title="说明疑点", button="说明", on=DOUBTS, verb=FILL,
    when=(S.OPEN, S.EXPLAINED), offered=_open, form=Explain, do=actions.explain_doubt,
    keep="不说明", said=lambda doubt: f"已说明：{doubt}",
    lead="核实后写明原因；与事实不符的，更正填报",
)  # fmt: skip

ACTS = (EXPLAIN,)
