"""What may be done about analyses of key users (重点用能单位分析) and publications (能耗公示)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from guanjia.domains.energy.actions import analyses
from guanjia.domains.energy.actions import publications as actions
from guanjia.domains.energy.forms import publications as forms
from guanjia.domains.energy.queries import analysis, totals
from guanjia.domains.energy.queries import publications as reading
from guanjia.domains.energy.terms.analyses import PublicationKind
from guanjia.domains.energy.terms.analyses import PublicationState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act
from guanjia.ui.forms import Form

MAKE, NOTICES, ANALYSES = reading.MAKE, reading.NOTICES, analysis.ANALYSES
ISSUE = analyses.ISSUE
_MADE = "energy.EnergyPublication"


def _years(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"years": totals.years(actor.scope(MAKE))}


def _in_scope(_: Any, actor: Actor, __: date) -> Mapping[str, Any]:
    return {"scope": actor.scope(ISSUE)}


def _at(made: Any) -> str:
    return reverse("energy:notice", args=[made.pk])


def _is_over(notice: Any, _: Actor) -> bool:
    return notice.scheme_id is not None or timezone.localdate().year > notice.year


def _is_counted(notice: Any, _: Actor) -> bool:
    uncorrected = getattr(notice, "correction", None) is None
    return notice.kind != PublicationKind.ANALYSIS and uncorrected


def _is_untold(one: Any, _: Actor) -> bool:
    return not one.publications.exists() and analysis.is_newest(one)


ISSUED = Act(
    key="issue", title="出具分析", on=ANALYSES, verb=ISSUE, makes=True, form=forms.Issue,
    fit=_in_scope, do=analyses.issue_analysis, keep="不出具",
    lead="按现在的数据写成，出具以后不改；再出具是另一版，原来的一版仍可看",
    said=lambda made: f"已出具 {made}",
)  # fmt: skip
LAY_OUT = Act(
    key="notice", title="拟公示稿", on=ANALYSES, verb=MAKE, offered=_is_untold, form=Form,
    do=actions.draft_analysis, adds=_MADE, keep="不拟", said="已拟公示稿，核对后公示", then=_at,
)  # fmt: skip
DRAFT = Act(
    key="draft", title="统计公示稿", on=NOTICES, verb=MAKE, makes=True, form=forms.Draft,
    fit=_years, do=actions.draft_year, keep="不统计", said="已统计 {year} 年，核对后公示",
)  # fmt: skip
DROP = Act(
    key="drop", title="放弃公示稿", on=NOTICES, verb=MAKE, when=(S.DRAFT,), form=Form,
    do=actions.drop_draft, keep="不放弃", said="公示稿已放弃，没有公示过", main=False,
    then=lambda _: reverse("energy:notices"),
)  # fmt: skip
WITHDRAW = Act(
    key="withdraw", title="撤下公示", on=NOTICES, verb=MAKE, to=S.WITHDRAWN,
    form=forms.Withdraw, do=actions.withdraw, keep="不撤下",
    lead="公示页上不再有数字，只写明曾经公示、何时撤下和原因；不能恢复",
    said="已撤下，公示地址上写明撤下和原因", main=False,
)  # fmt: skip
CORRECT = Act(
    key="correct", title="更正公示", button="统计更正稿", on=NOTICES, verb=MAKE,
    when=actions.TOLD, offered=_is_counted, form=forms.Correct, do=actions.correct, adds=_MADE,
    keep="不更正", said="已统计更正稿，核对后公示", then=_at, main=False,
    lead="按现在的数据重新统计，另出一版；更正的一版公示后，这一版的公示地址上只写明已更正",
)  # fmt: skip
PUBLISH = Act(
    key="publish", title="公示", on=NOTICES, verb=MAKE, to=S.PUBLISHED, offered=_is_over,
    form=Form, do=actions.publish, keep="不公示", icon="send",
    lead="公示后不用登录就能看，数字不能再改；有差错只能另出一版",
    said=lambda told: f"已公示“{told}”，不用登录就能看",
)  # fmt: skip

# In the order of the buttons on the page of a publication.
OF_NOTICES = (DROP, WITHDRAW, CORRECT, PUBLISH)
ACTS = (ISSUED, LAY_OUT, DRAFT, *OF_NOTICES)
