"""Wiring: the registers of units and people, the menu, and what the page furniture asks for."""

import os
from typing import Any

from django.apps import AppConfig

from guanjia.kernel.access import subjects, withheld
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.attachments.terms import ANY
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.values.actor import Scope
from guanjia.ui import menu, services, wiring
from guanjia.ui.registers import bounds

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
        from guanjia.kernel.approvals.models import Case  # noqa: PLC0415 — models are ready only now
        from guanjia.kernel.attachments.models import Attachment  # noqa: PLC0415 — as above
        from guanjia.kernel.vouchers.models import Voucher  # noqa: PLC0415 — as above
        from guanjia.portal import verbs, words  # noqa: PLC0415 — as above
        from guanjia.portal.menu import GROUPS, SECTIONS, SERVICES  # noqa: PLC0415 — as above
        from guanjia.portal.pages import halls, home, law, notices  # noqa: PLC0415 — as above
        from guanjia.portal.registers import PEOPLE, UNITS, sees_unit  # noqa: PLC0415 — as above
        from guanjia.portal.waiting import SOURCES  # noqa: PLC0415 — as above
        from guanjia.ui import search, trail, waiting  # noqa: PLC0415 — as above

        subjects.declare(
            Subject(model="org.unit", title="单位", page="portal:unit", sees=sees_unit)
        )
        for label, model in (("vouchers.voucher", Voucher), ("attachments.attachment", Attachment)):
            rows: Any = model._default_manager
            withheld.follow(label, rows=rows.all, model="subject_model", row_id="subject_id")
        withheld.follow(
            "approvals.case", rows=Case.objects.all, model="subject_type", row_id="subject_id"
        )
        registers.enlist(UNITS, PEOPLE)
        trail.name_acts(verbs.VERBS, by_approval=verbs.APPROVAL_VERBS)
        trail.name_facts(words.FIELDS)
        waiting.enlist(*SOURCES)
        search.enlist(*halls.KINDS)
        menu.group(*GROUPS)
        menu.enlist(*SECTIONS)
        services.enlist(*SERVICES)
        wiring.set_todo_count(home.todo_count)
        wiring.set_cite_url(law.cite_url)
        bounds.narrow("/files/stage/", ANY.bytes_max)
        wiring.set_bureau(bureau)
        wiring.set_notice_count(notices.unread_count)
