"""What may be done about schemes of indicators (考核方案)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.energy.actions import assessing, publications, schemes
from guanjia.domains.energy.forms import assessments as forms
from guanjia.domains.energy.queries import assessing as reading
from guanjia.domains.energy.queries.publications import MAKE, newest_of_scheme
from guanjia.domains.energy.terms.assessment import Desk
from guanjia.domains.energy.terms.assessment import SchemeState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form

PLAN, REVIEW, SCHEMES = reading.PLAN, reading.REVIEW, reading.SCHEMES


def _somebody_waits(scheme: Any, actor: Actor) -> bool:
    rows = reading.waiting(actor.scope(REVIEW), Desk.SELF)
    return bool(rows.filter(scheme=scheme.pk).exists())


def _is_untold(scheme: Any, actor: Actor) -> bool:
    return actor.scope(MAKE).everything and newest_of_scheme(scheme.pk) is None


def _said_urged(count: int, _: Mapping[str, Any]) -> str:
    return f"已催 {count} 家" if count else "没有要催的机构"


def _this_year(_: Any, today: date) -> Mapping[str, Any]:
    return {"year": today.year}


NEW = Act(
    key="new", title="编制方案", on=SCHEMES, verb=PLAN, makes=True, form=forms.Plan,
    first=_this_year, do=schemes.plan_scheme, keep="不编制", lead="按指标表生成，核对后启用",
    said=lambda scheme: f"已编制 {scheme}，核对指标后启用",
)  # fmt: skip
URGE = Act(
    key="urge", title="一键催报", on=SCHEMES, verb=REVIEW, when=(S.OPEN,), several=True,
    beneath=True, offered=_somebody_waits, form=Form, do=assessing.urge_members, keep="不催",
    lead="还没有提交自评的机构都收到通知", said=_said_urged, icon="bell", main=False,
)  # fmt: skip
JOIN = Act(
    key="join", title="增加机构", on=SCHEMES, verb=PLAN, when=(S.OPEN,), several=True,
    beneath=True, form=forms.Join, do=schemes.join, keep="不增加",
    said=lambda count, _: f"已增加 {count} 家", icon="plus", main=False,
)  # fmt: skip
RECKON = Act(
    key="reckon", title="重新取数", on=SCHEMES, verb=PLAN, when=(S.OPEN,), several=True,
    beneath=True, form=Form, do=schemes.reckon_again, keep="不取数",
    lead="按现在的月报、面积和人数重新计算指标",
    said=lambda count, _: f"已按现在的数据计算 {count} 家", icon="refresh", main=False,
)  # fmt: skip
PUBLISH = Act(
    key="publish", title="公布名次", on=SCHEMES, verb=PLAN, to=S.PUBLISHED, form=Form,
    do=schemes.publish, keep="不公布", lead="公布后名次固定", said="已公布名次",
)  # fmt: skip
NOTICE = Act(
    key="notice", title="拟公示稿", on=SCHEMES, verb=MAKE, when=(S.PUBLISHED,),
    offered=_is_untold, form=Form, do=publications.draft_ranks, adds="energy.EnergyPublication",
    keep="不拟", said="已拟公示稿，核对后公示",
    then=lambda made: reverse("energy:notice", args=[made.pk]),
)  # fmt: skip
OPEN = Act(
    key="open", title="启用方案", on=SCHEMES, verb=PLAN, to=S.OPEN, several=True, beneath=True,
    form=forms.Open, do=schemes.open_scheme, keep="不启用",
    lead="启用后指标不能再改，参加的机构收到通知，开始自评",
    said=lambda count, _: f"已启用，{count} 家参加",
)  # fmt: skip

# In the order of the buttons on the page of a scheme.
ACTS = (NEW, URGE, JOIN, RECKON, PUBLISH, NOTICE, OPEN)
