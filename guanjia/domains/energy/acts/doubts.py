"""What may be done about doubts of monthly returns (月报疑点)."""

from guanjia.domains.energy.actions import doubting as actions
from guanjia.domains.energy.forms import returns as forms
from guanjia.domains.energy.queries.doubts import DOUBTS, EXPLAIN
from guanjia.domains.energy.terms.returns import DoubtState as S
from guanjia.ui.acts.declaration import Act

EXPLAINED = Act(
    key="explain", title="说明疑点", button="提交说明", on=DOUBTS, verb=EXPLAIN, when=(S.OPEN,),
    form=forms.Explain, do=actions.explain, keep="不提交", said="已保存说明",
    lead="数字写错的更正月报，不用说明",
)  # fmt: skip

ACTS = (EXPLAINED,)
