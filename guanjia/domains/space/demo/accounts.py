"""Who keeps rooms, inspects them and takes the rents in the demo."""

from guanjia.demo.accounts import RED_CROSS, DemoAccount, Grant
from guanjia.kernel.values.actor import Reach

ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        username="pengminci", name="彭敏瓷", role_title="办公用房管理员", unit="办公用房管理科",
        number="D055024",
        grants=(
            Grant(duty="space.keeper", reach=Reach.CITY),
            Grant(duty="org.keeper", reach=Reach.CITY_READ),
        ),
    ),
    # Reviews what the keeper asks for: nobody reviews their own request.
    DemoAccount(
        username="weilong", name="魏龙", role_title="办公用房管理科科长", unit="办公用房管理科",
        number="D055008", grants=(Grant(duty="space.keeper", reach=Reach.CITY),),
    ),
    DemoAccount(
        username="xunjian", name="龙晨东", role_title="办公用房巡检员", unit="办公用房管理科",
        number="D055012", grants=(Grant(duty="space.inspector", reach=Reach.CITY),),
    ),
    DemoAccount(
        username="zujin", name="谭静金", role_title="周转房收费员", unit="机关事务管理局",
        number="D055013", grants=(Grant(duty="space.cashier", reach=Reach.CITY),),
    ),
)  # fmt: skip

GRANTS = {
    "suxiao": (Grant(duty="space.clerk", reach=Reach.BELOW, unit=RED_CROSS),),
    "yuxinhua": (Grant(duty="space.head", reach=Reach.BELOW, unit=RED_CROSS),),
    "pengli": (
        Grant(duty="space.leader", reach=Reach.CITY),
        Grant(duty="space.decider", reach=Reach.CITY),
    ),
    "jiwei": (Grant(duty="space.supervisor", reach=Reach.CITY_READ),),
}  # fmt: skip
