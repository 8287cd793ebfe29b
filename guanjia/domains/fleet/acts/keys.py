"""What may be done about the keys of partner systems (接口密钥).

Giving one is no act: its text is shown once, on the answer to the form, and kept nowhere.
"""

from guanjia.domains.fleet.actions import network as actions
from guanjia.domains.fleet.exchange.catalogue import KEYS
from guanjia.domains.fleet.forms.network import StopKey
from guanjia.kernel.exchange.terms import KeyState
from guanjia.ui.acts.declaration import Act

STOP = Act(
    key="stop", title="停用密钥", on=KEYS, verb=actions.KEEP, to=KeyState.STOPPED, form=StopKey,
    do=actions.stop_key, keep="不停用", lead="立即失效，不能恢复；对方要用须另发新的", icon="ban",
    main=False, said="已停用{partner}的密钥，现在起不能再用",
)  # fmt: skip

ACTS = (STOP,)
