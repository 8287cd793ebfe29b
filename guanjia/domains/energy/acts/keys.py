"""What may be done about keys by which other systems tell returns (填报密钥)."""

from guanjia.domains.energy.actions import keyed as actions
from guanjia.domains.energy.forms import keys as forms
from guanjia.ui.acts.declaration import Act

STOP = Act(
    key="stop", title="停用密钥", on=actions.KEYS, verb=actions.GIVE, form=forms.Stop,
    offered=lambda key, _: key.revoked_at is None, do=actions.stop_key, keep="不停用",
    lead="立即失效，不能恢复；对方要用须另发新的", said="已停用{partner}的密钥，现在起不能再用",
    icon="ban", main=False,
)  # fmt: skip

ACTS = (STOP,)
