"""The named accounts of the demo: one for each kind of user, all with one password."""

from dataclasses import dataclass

from guanjia.kernel.values.actor import Reach

PASSWORD = "guanjia2026"  # noqa: S105 — the demo's password is printed in the README

BUREAU = "3602D055"
CAR_SECTION = "3602D05502"
HOUSING = "3602D036"
RED_CROSS = "3602D022"
LEPING = "360281"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A duty with its reach, and the code of the unit it hangs on."""

    duty: str
    reach: Reach
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """Who signs in. ``number``: the 工号 of the person, empty for one who is no person."""

    username: str
    name: str
    role_title: str
    unit: str
    number: str = ""
    grants: tuple[Grant, ...] = ()


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


def _office(username: str, name: str, *grants: Grant) -> DemoAccount:
    return DemoAccount(
        username=username, name=name, role_title=name, unit="机关事务管理局", grants=grants
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
        grants=(applicant(), Grant(duty="meeting.clerk", reach=Reach.BELOW, unit=HOUSING)),
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
        grants=(
            Grant(duty="fleet.clerk", reach=Reach.BELOW, unit=RED_CROSS),
            Grant(duty="space.clerk", reach=Reach.BELOW, unit=RED_CROSS),
            Grant(duty="meeting.clerk", reach=Reach.BELOW, unit=RED_CROSS),
        ),
    ),
    DemoAccount(
        username="yuxinhua", name="于新华", role_title="单位用车审批人", unit="红十字会",
        number="D022002",
        grants=(
            approver(RED_CROSS),
            Grant(duty="space.head", reach=Reach.BELOW, unit=RED_CROSS),
        ),
    ),
    _driver("wangjie", "汪杰", "J049"),
    _driver("houyong", "侯永", "J032"),
    _driver("mengfengmei", "孟丰梅", "J053"),
    DemoAccount(
        username="pengli", name="彭立", role_title="分管领导", unit="机关事务管理局",
        number="D055002",
        grants=(
            Grant(duty="fleet.leader", reach=Reach.CITY),
            Grant(duty="fleet.decider", reach=Reach.CITY),
            Grant(duty="space.leader", reach=Reach.CITY),
            Grant(duty="space.decider", reach=Reach.CITY),
            Grant(duty="energy.leader", reach=Reach.CITY),
            Grant(duty="meeting.leader", reach=Reach.CITY),
            Grant(duty="report.reader", reach=Reach.CITY),
            Grant(duty="org.keeper", reach=Reach.CITY_READ),
        ),
    ),
    DemoAccount(
        username="hejiali", name="何嘉立", role_title="公务用车管理员", unit="公务用车管理科",
        number="D055010",
        grants=(
            Grant(duty="fleet.keeper", reach=Reach.CITY),
            Grant(duty="org.keeper", reach=Reach.CITY_READ),
        ),
    ),
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
    DemoAccount(
        username="huiyi", name="叶娜", role_title="会议室管理员", unit="机关事务管理局",
        number="D055034", grants=(Grant(duty="meeting.keeper", reach=Reach.CITY),),
    ),
    DemoAccount(
        username="jiwei", name="纪检监督员", role_title="监督员（全市只读）",
        unit="纪委市监委机关",
        grants=(
            Grant(duty="fleet.supervisor", reach=Reach.CITY_READ),
            Grant(duty="space.supervisor", reach=Reach.CITY_READ),
            Grant(duty="energy.supervisor", reach=Reach.CITY_READ),
        ),
    ),
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
    _outside("caizheng", "财政监督员", "财政局", "fleet.finance_supervisor"),
    _outside("shenji", "审计监督员", "审计局", "fleet.audit_supervisor"),
    _outside("gongan", "公安监督员", "公安局", "fleet.police_supervisor"),
    DemoAccount(
        username="liucheng", name="钱兰志", role_title="流程管理员", unit="机关事务管理局",
        number="D055015",
        grants=(
            Grant(duty="approvals.keeper", reach=Reach.CITY),
            Grant(duty="fleet.supervisor", reach=Reach.CITY_READ),
        ),
    ),
    _office("sysadmin", "系统管理员", Grant(duty="access.system", reach=Reach.CITY)),
    _office("secadmin", "安全管理员", Grant(duty="access.security", reach=Reach.CITY)),
    _office("auditor", "审计管理员", Grant(duty="access.audit", reach=Reach.CITY)),
    _office("orgkeeper", "机构人员管理员", Grant(duty="org.keeper", reach=Reach.CITY)),
)  # fmt: skip

DISPATCHER = "xiongyanxin"
DRIVERS = {account.number: account.username for account in ACCOUNTS if account.number[:1] == "J"}

# Further units whose people ask for cars in the demo; each gets a head, an approver, an applicant.
OTHER_UNITS = (
    "3602D014", "3602D025", "3602D026", "3602D032", "3602D039", "3602D043", "3602D045", "3602D047",
    BUREAU,
)  # fmt: skip
