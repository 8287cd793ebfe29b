"""Who keeps the energy register in the demo, at the city, a county and an institution."""

from guanjia.demo.accounts import DemoAccount, Grant
from guanjia.kernel.values.actor import Reach

LEPING = "360281"

ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        username="wuzhenci", name="吴振瓷", role_title="公共机构节能管理员",
        unit="公共机构节能科", number="D055025",
        grants=(
            Grant(duty="energy.keeper", reach=Reach.CITY),
            Grant(duty="org.keeper", reach=Reach.CITY_READ),
        ),
    ),
    DemoAccount(
        username="leping", name="乐平市节能管理员", role_title="县级节能管理员", unit="乐平市",
        grants=(Grant(duty="energy.county", reach=Reach.BELOW, unit=LEPING),),
    ),
    DemoAccount(
        username="kongyuan", name="孔远", role_title="公共机构统计员", unit="机关事务管理局",
        number="D055044", grants=(Grant(duty="energy.clerk", reach=Reach.OWN),),
    ),
)  # fmt: skip

GRANTS = {
    "pengli": (Grant(duty="energy.leader", reach=Reach.CITY),),
    "jiwei": (Grant(duty="energy.supervisor", reach=Reach.CITY_READ),),
}  # fmt: skip
