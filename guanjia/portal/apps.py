"""Wiring: the registers of units and people, the menu, and what the page furniture asks for."""

import os

from django.apps import AppConfig

from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.values.actor import Scope
from guanjia.ui import menu, wiring
from guanjia.ui.menu import Department, Item

DEPARTMENTS = (
    Department(
        title="机构人员", icon="sitemap", place=200, apart=True,
        items=(
            Item(
                title="单位名录", url_name="portal:units_list", verb="org.unit.see",
                also=("portal:unit", "portal:reform", "portal:units_import", "portal:units_upload"),
            ),
            Item(
                title="人员名录", url_name="portal:people_list", verb="org.person.see",
                also=("portal:person", "portal:people_import", "portal:people_upload"),
            ),
        ),
    ),
    Department(
        title="系统管理", icon="settings", place=220, apart=True,
        items=(
            Item(
                title="账号与职责", url_name="portal:accounts", verb="access.account.see",
                also=("portal:account", "portal:open_account"),
            ),
        ),
    ),
    Department(
        title="日历与依据", icon="book", place=210, apart=True,
        items=(
            Item(title="工作日历", url_name="portal:calendar"),
            Item(title="依据条文", url_name="portal:law", also=("portal:provision",)),
        ),
    ),
    Department(
        title="操作记录", icon="list-details", place=230, apart=True,
        items=(Item(title="操作记录", url_name="portal:audit", verb="audit.see",
                    also=("portal:verify",)),),
    ),
)  # fmt: skip


_bureau: list[str] = []


def bureau() -> str:
    """The bureau that runs this deployment: named by the environment, else found in the tree.

    Asked by every page, so it is looked up once; an empty tree is asked again.
    """
    if not _bureau and (name := os.environ.get("GUANJIA_BUREAU", "") or _from_tree()):
        _bureau.append(name)
    return _bureau[0] if _bureau else ""


def _from_tree() -> str:
    from guanjia.kernel.org import queries as org  # noqa: PLC0415 — models are ready only now

    found = org.find_units(scope=Scope.all(), text="机关事务", limit=1)
    return str(found[0].name) if found else ""


class Config(AppConfig):
    """门厅."""

    name = "guanjia.portal"
    label = "portal"
    verbose_name = "门厅"

    def ready(self) -> None:
        """Enlist what every deployment has, and tell the furniture where to ask."""
        from guanjia.portal import inbox, inboxes  # noqa: PLC0415 — models are ready only now
        from guanjia.portal.pages import home, law  # noqa: PLC0415 — as above
        from guanjia.portal.registers import PEOPLE, UNITS  # noqa: PLC0415 — as above

        registers.enlist(UNITS, PEOPLE)
        inbox.enlist(*inboxes.FLEET)
        for department in DEPARTMENTS:
            menu.enlist(department)
        wiring.set_todo_count(home.todo_count)
        wiring.set_cite_url(law.cite_url)
        wiring.set_bureau(bureau)
