"""What may be done about shared buildings (合署办公点), besides telling their months."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.energy.actions import sites as actions
from guanjia.domains.energy.forms import sites as forms
from guanjia.domains.energy.models import Site
from guanjia.domains.energy.queries import areas
from guanjia.domains.energy.queries import sites as reading
from guanjia.domains.energy.terms.sites import Basis
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import as_typed

SITES, KEEP = reading.SITES, actions.KEEP


def _areas(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"areas": areas.choices(actor.scope(KEEP))}


def _shares(site: Site, today: date) -> Mapping[str, Any]:
    rows = reading.shares_on(site.pk, today)
    lines = [f"{r.institution.code} {r.institution.name} {as_typed(r.share)}" for r in rows]
    basis = rows[0].basis if rows else Basis.FLOOR
    return {"since": today, "basis": basis, "parts": "\n".join(lines)}


NEW = Act(
    key="new", title="登记办公点", on=SITES, verb=KEEP, makes=True, form=forms.Site, fit=_areas,
    do=actions.enter_site, said="已登记 {name}，接着登记各机构的比例",
    then=lambda site: reverse("energy:site_share", args=[site.pk]),
    lead="几家机构合用、共一套水电表的楼或院落",
)  # fmt: skip
SHARE = Act(
    key="share", title="登记比例", on=SITES, verb=KEEP, form=forms.Shares, first=_shares,
    do=actions.share_out_named, icon="scale", main=False, said="已登记 {name} 的分摊比例",
    lead="从起始日期起代替原来的比例，以前的月份不变",
)  # fmt: skip

ACTS = (NEW, SHARE)
