"""Yearly targets of institutions are filed (报备年度目标), base years told (登记基期数据)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.energy.actions import targets as actions
from guanjia.domains.energy.forms.targets import Base, Target
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import targets as reading
from guanjia.domains.energy.queries.institutions import INSTITUTIONS
from guanjia.domains.energy.terms.targets import Against
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

FILE, TELL = reading.FILE, reading.TELL


def _of_whom(institution: Any, _: Actor, __: date) -> Mapping[str, Any]:
    return {"institution": institution}


def _first(_: Any, today: date) -> Mapping[str, Any]:
    return {"year": today.year, "against": Against.BASE, "filed_on": today}


def _areas(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"areas": areas.choices(actor.scope(TELL))}


FILE_IT = Act(
    key="target", title="报备年度目标", button="报备目标", on=INSTITUTIONS, verb=FILE, form=Target,
    fit=_of_whom, first=_first, do=actions.file_target, adds="energy.YearTarget", keep="不报备",
    said="已报备 {year} 年目标", then=lambda row: reverse("energy:target", args=[row.pk]),
    lead="同一年度再报备，以新报的为准，改动留在操作记录里",
)  # fmt: skip
BASELINE = Act(
    key="new", title="登记基期数据", on=reading.BASELINES, verb=TELL, makes=True, form=Base,
    fit=_areas, do=actions.tell_baseline, said="已登记 {year} 年基期数据",
    lead="那一年没有月报的才用；写明数字从哪里来，不估算",
)  # fmt: skip

ACTS = (FILE_IT, BASELINE)
