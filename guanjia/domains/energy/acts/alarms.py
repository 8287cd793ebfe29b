"""What may be done about alarms of meters (表计报警)."""

from guanjia.domains.energy.actions import alarms as actions
from guanjia.domains.energy.forms import meters as forms
from guanjia.domains.energy.queries.meters import ALARMS, SETTLE
from guanjia.domains.energy.terms.meters import AlarmState as S
from guanjia.ui.acts.declaration import Act

SETTLED = Act(
    key="settle", title="处理报警", button="提交说明", on=ALARMS, verb=SETTLE, when=(S.OPEN,),
    form=forms.Settle, do=actions.settle, keep="不处理", said="已保存处理说明",
)  # fmt: skip

ACTS = (SETTLED,)
