"""What is odd about a row of a register is explained (说明), on the page of that row."""

from collections.abc import Callable
from typing import Any

from guanjia.domains.fleet.forms import remarks as forms
from guanjia.domains.fleet.queries import archive, costs, disposals, sheets, upkeep
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.registers import remarks as actions
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.terms import REMARK_LIFE
from guanjia.kernel.registers.terms import RemarkState as S
from guanjia.kernel.values.actor import Scope
from guanjia.ui.acts.declaration import Act


def _said(remark: Remark) -> str:
    return f"已说明：{remark.headline.rstrip('。')}"


def _on(noun: str, verb: str, rows: Callable[[Scope], Any], listed: str) -> Act:
    """The act on remarks of one register: ``fleet.cars`` of ``car``; ``rows``: whose they are."""
    register = f"fleet.{noun}s"

    def reached(scope: Scope) -> Any:
        there = rows(scope).order_by().values("pk")
        return Remark.objects.filter(register=register, object_id__in=there)

    subject = Subject(
        model="registers.remark", title="备注事项", page=f"fleet:{noun}", rows=reached,
        life=REMARK_LIFE, key="remark_id", path=f"{noun}s/remarks", stem=f"{noun}_remark",
        space="fleet", name="headline", home=lambda remark: int(remark.object_id),
        listed=(listed, f"fleet:{noun}s_list"),
    )  # fmt: skip
    return Act(
        key="explain", title="说明", button="写下说明", on=subject, verb=verb, when=(S.OPEN,),
        form=forms.Explain, do=actions.explain, keep="不说明", said=_said,
    )  # fmt: skip


ACTS = (
    _on("car", "fleet.car.enter", archive.cars, "车辆"),
    _on("trip", "fleet.trip.correct", sheets.trips, "派车单"),
    _on("cost", costs.ENTER, costs.costs, "费用"),
    _on("order", upkeep.ENTER, upkeep.orders, "维修保养"),
    _on("fine", upkeep.ENTER_FINE, upkeep.fines, "违章"),
    _on("disposal", "fleet.disposal.enter", disposals.disposals, "处置"),
)
