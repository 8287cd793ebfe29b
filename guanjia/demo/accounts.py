"""The units of the demo and the accounts that belong to no department, all with one password.

A department brings its own accounts, and further duties for those of others: ``declaration.Demo``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from guanjia.kernel.values.actor import Reach

PASSWORD = "guanjia2026"  # noqa: S105 — the demo's password is printed in the README

BUREAU = "3602D055"
HOUSING = "3602D036"
RED_CROSS = "3602D022"


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

    def with_grants(self, more: Iterable[Grant]) -> "DemoAccount":
        """The same account with further duties."""
        return replace(self, grants=(*self.grants, *more))


def _office(username: str, name: str, *grants: Grant) -> DemoAccount:
    return DemoAccount(
        username=username, name=name, role_title=name, unit="机关事务管理局", grants=grants
    )


COMMON: tuple[DemoAccount, ...] = (
    DemoAccount(
        username="pengli", name="彭立", role_title="分管领导", unit="机关事务管理局",
        number="D055002",
        grants=(Grant(duty="org.keeper", reach=Reach.CITY_READ),),
    ),
    DemoAccount(
        username="jiwei", name="纪检监督员", role_title="监督员（全市只读）",
        unit="纪委市监委机关",
    ),
    DemoAccount(
        username="liucheng", name="钱兰志", role_title="流程管理员", unit="机关事务管理局",
        number="D055015",
        grants=(Grant(duty="approvals.keeper", reach=Reach.CITY),),
    ),
    _office("sysadmin", "系统管理员", Grant(duty="access.system", reach=Reach.CITY)),
    _office("secadmin", "安全管理员", Grant(duty="access.security", reach=Reach.CITY)),
    _office("auditor", "审计管理员", Grant(duty="access.audit", reach=Reach.CITY)),
    _office("orgkeeper", "机构人员管理员", Grant(duty="org.keeper", reach=Reach.CITY)),
)  # fmt: skip

LEADER = "pengli"
