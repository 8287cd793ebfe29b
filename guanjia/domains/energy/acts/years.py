"""What may be done about years of energy (年度定稿)."""

from typing import Any

from django.urls import reverse

from guanjia.domains.energy.actions import reckoning as actions
from guanjia.domains.energy.forms import years as forms
from guanjia.ui.acts.declaration import Act


def _at(fixed: Any) -> str:
    return f"{reverse('energy:overview')}?year={fixed.year}#factors"


ISSUE = Act(
    key="issue", title="年度定稿", button="定稿", on=actions.YEARS, verb=actions.ISSUE, makes=True,
    form=forms.Issue, first=lambda _, today: {"year": today.year - 1}, do=actions.fix_year,
    keep="不定稿", said="{year} 年的系数已定稿", then=_at,
    lead="定稿后，这一年的能耗和碳排放一直按现在的系数折算，系数以后修订也不变；定稿不能撤销",
)  # fmt: skip

ACTS = (ISSUE,)
