"""What may be done about draws of institutions to check (能耗抽查), and their checks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.energy.actions import sampling as actions
from guanjia.domains.energy.forms import sampling as forms
from guanjia.domains.energy.queries import sampling as reading
from guanjia.domains.energy.terms.sampling import CHECKABLE, CheckState, Method
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import as_typed

SAMPLES, CHECKS = reading.SAMPLES, reading.CHECKS


def _last_year(_: Any, today: date) -> Mapping[str, Any]:
    return {"year": today.year - 1, "quarter": "0"}


def _told(check: Any, _: Actor, __: date) -> Mapping[str, Any]:
    return {"told": reading.told(check.institution_id, reading.months_of(check.sample))}


def _first(check: Any, today: date) -> Mapping[str, Any]:
    """What was written down before, where the figures had to be corrected."""
    if check.state == CheckState.DRAWN:
        return {"on": today, "method": Method.ON_SITE.value}
    proven = {row.energy.lower(): as_typed(row.proven) for row in check.proofs.all()}
    return {"on": today, "method": check.method, "checker": check.checker, **proven}


def _said(check: Any) -> str:
    if check.state == CheckState.DIFFERS:
        return "误差超过允许值，已通知机构更正"
    return f"核查结果：{check.get_state_display()}"


DRAW = Act(
    key="draw", title="抽取名单", on=SAMPLES, verb=reading.DRAW, makes=True, form=forms.Draw,
    first=_last_year, do=actions.draw, keep="不抽取", said="已抽取 {size} 家，名单不再改",
    lead="抽定以后不能改，也不能重抽。种子先定后抽，如当天公开的摇号结果；同一种子谁抽都是同一份名单",
)  # fmt: skip
RECORD = Act(
    key="record", title="登记核查", button="保存核查结果", on=CHECKS, verb=reading.CHECK,
    when=CHECKABLE, form=forms.Check, fit=_told, first=_first, do=actions.record_check,
    said=_said,
)  # fmt: skip

ACTS = (DRAW, RECORD)
