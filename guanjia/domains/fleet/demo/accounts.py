"""Who asks for cars, drives, sends, keeps and supervises them in the demo."""

from guanjia.demo.accounts import BUREAU, HOUSING, RED_CROSS, DemoAccount, Grant
from guanjia.kernel.values.actor import Reach

CAR_SECTION = "3602D05502"


def applicant() -> Grant:
    """May ask for a car for oneself and one's unit."""
    return Grant(duty="fleet.applicant", reach=Reach.OWN)


def approver(unit: str) -> Grant:
    """Decides on the requests of a unit."""
    return Grant(duty="fleet.approver", reach=Reach.BELOW, unit=unit)


def head(unit: str) -> Grant:
    """Decides on the requests of a unit, also for rest days."""
    return Grant(duty="fleet.head", reach=Reach.BELOW, unit=unit)


def _driver(username: str, name: str, number: str) -> DemoAccount:
    return DemoAccount(
        username=username,
        name=name,
        role_title="驾驶员",
        unit="公务用车管理科",
        number=number,
        grants=(Grant(duty="fleet.driver", reach=Reach.OWN),),
    )


def _outside(username: str, name: str, unit: str, duty: str) -> DemoAccount:
    """Somebody of another department who may look at their own field."""
    return DemoAccount(
        username=username,
        name=name,
        role_title="监督员（本领域只读）",
        unit=unit,
        grants=(Grant(duty=duty, reach=Reach.CITY_READ),),
    )


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        username="xiongyanxin", name="熊燕欣", role_title="调度员", unit="公务用车管理科",
        number="D055009",
        grants=(
            Grant(duty="fleet.dispatcher", reach=Reach.CITY),
            Grant(duty="org.keeper", reach=Reach.CITY_READ),
        ),
    ),
    DemoAccount(
        username="moxing", name="莫兴", role_title="用车申请人", unit="住房和城乡建设局",
        number="D036016",
        grants=(applicant(),),
    ),
    DemoAccount(
        username="shaohong", name="邵红", role_title="单位用车审批人", unit="住房和城乡建设局",
        number="D036003", grants=(approver(HOUSING),),
    ),
    DemoAccount(
        username="xumingjin", name="徐明金", role_title="单位主要负责人", unit="住房和城乡建设局",
        number="D036001", grants=(head(HOUSING),),
    ),
    DemoAccount(
        username="shenyanjia", name="沈燕嘉", role_title="用车申请人", unit="红十字会",
        number="D022009", grants=(applicant(),),
    ),
    DemoAccount(
        username="suxiao", name="苏小", role_title="单位用车联络员", unit="红十字会",
        number="D022005",
        grants=(Grant(duty="fleet.clerk", reach=Reach.BELOW, unit=RED_CROSS),),
    ),
    DemoAccount(
        username="yuxinhua", name="于新华", role_title="单位用车审批人", unit="红十字会",
        number="D022002",
        grants=(approver(RED_CROSS),),
    ),
    _driver("wangjie", "汪杰", "J049"),
    _driver("houyong", "侯永", "J032"),
    _driver("mengfengmei", "孟丰梅", "J053"),
    DemoAccount(
        username="hejiali", name="何嘉立", role_title="公务用车管理员", unit="公务用车管理科",
        number="D055010",
        grants=(
            Grant(duty="fleet.keeper", reach=Reach.CITY),
            Grant(duty="org.keeper", reach=Reach.CITY_READ),
        ),
    ),
    _outside("caizheng", "财政监督员", "财政局", "fleet.finance_supervisor"),
    _outside("shenji", "审计监督员", "审计局", "fleet.audit_supervisor"),
    _outside("gongan", "公安监督员", "公安局", "fleet.police_supervisor"),
)  # fmt: skip

GRANTS = {
    "pengli": (
        Grant(duty="fleet.leader", reach=Reach.CITY),
        Grant(duty="fleet.decider", reach=Reach.CITY),
    ),
    "jiwei": (Grant(duty="fleet.supervisor", reach=Reach.CITY_READ),),
    "liucheng": (Grant(duty="fleet.supervisor", reach=Reach.CITY_READ),),
}  # fmt: skip

DISPATCHER = "xiongyanxin"
DRIVERS = {account.number: account.username for account in ACCOUNTS if account.number[:1] == "J"}

# Further units whose people ask for cars in the demo; each gets a head, an approver, an applicant.
OTHER_UNITS = (
    "3602D014", "3602D025", "3602D026", "3602D032", "3602D039", "3602D043", "3602D045", "3602D047",
    BUREAU,
)  # fmt: skip
