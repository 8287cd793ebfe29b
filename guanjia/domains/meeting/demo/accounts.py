"""Who keeps the meeting rooms and books them in the demo."""

from guanjia.demo.accounts import HOUSING, RED_CROSS, DemoAccount, Grant
from guanjia.kernel.values.actor import Reach

ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        username="huiyi", name="叶娜", role_title="会议室管理员", unit="机关事务管理局",
        number="D055034", grants=(Grant(duty="meeting.keeper", reach=Reach.CITY),),
    ),
)  # fmt: skip

GRANTS = {
    "moxing": (Grant(duty="meeting.clerk", reach=Reach.BELOW, unit=HOUSING),),
    "suxiao": (Grant(duty="meeting.clerk", reach=Reach.BELOW, unit=RED_CROSS),),
    "pengli": (Grant(duty="meeting.leader", reach=Reach.CITY),),
}  # fmt: skip
