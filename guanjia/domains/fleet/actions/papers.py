"""Papers (附件) of work orders, accidents and fines: hung on, and kept once they were relied on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from guanjia.domains.fleet.models import Accident, Fine, Order
from guanjia.domains.fleet.terms.upkeep import FILES, OrderState
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import ALLOWED, Verdict, refuse
from guanjia.kernel.values.actor import Actor

FIELD = "papers"
LOOSE = (OrderState.REPORTED, OrderState.RETURNED, OrderState.WITHDRAWN)


def hang(
    *, actor: Actor, row: Accident | Fine, unit: Unit, files: Sequence[int], at: datetime
) -> None:
    """Hang waiting files on a row; the caller has judged whether the actor may, and locked it."""
    attachments.claim(
        actor=actor, ids=files, subject=row, unit=unit, bounds=FILES,
        retain_until=retention.until(at=at), field=FIELD, at=at,
    )  # fmt: skip


@transaction.atomic
def add_to_accident(*, actor: Actor, accident_id: int, files: Sequence[int], at: datetime) -> int:
    """Hang files on an accident, also one that is closed. Needs ``fleet.fine.enter``."""
    return _add(actor, "fleet.fine.enter", Accident, accident_id, files, at)


@transaction.atomic
def add_to_fine(*, actor: Actor, fine_id: int, files: Sequence[int], at: datetime) -> int:
    """Hang files on a fine, also one that is paid. Needs ``fleet.fine.enter``."""
    return _add(actor, "fleet.fine.enter", Fine, fine_id, files, at)


def _add(  # noqa: PLR0917 — who, on what, which
    actor: Actor, verb: str, model: Any, row_id: int, files: Sequence[int], at: datetime
) -> int:
    actor.must(verb)
    row = model.objects.within(actor.scope(verb)).select_for_update(of=("self",)).get(pk=row_id)
    if not files:
        refuse("files_missing", "没有选文件。", "选好文件再附上。", field=FIELD).enforce()
    hang(actor=actor, row=row, unit=row.car.unit, files=files, at=at)
    return len(files)


# ── taking off ───────────────────────────────────────────────────────────────────────────


def may_take_off_order(order_id: int) -> Verdict:
    """Papers of an order may be removed only before somebody decides or pays by them."""
    order = Order.objects.only("state").get(pk=order_id)
    return ALLOWED if order.state in LOOSE else _kept("审批和结算的依据，交上去后")


def may_take_off_accident(accident_id: int) -> Verdict:
    """Papers of an accident may be removed until it is closed."""
    accident = Accident.objects.only("closed_on").get(pk=accident_id)
    return ALLOWED if accident.closed_on is None else _kept("结案的依据，结案后")


def may_take_off_fine(fine_id: int) -> Verdict:
    """Papers of a fine may be removed until it is paid."""
    fine = Fine.objects.only("handled_on").get(pk=fine_id)
    return ALLOWED if fine.handled_on is None else _kept("处理的依据，处理后")


def _kept(what: str) -> Verdict:
    return refuse("relied_on", f"附件是{what}不能移除。", "有误的补交一份。")
