"""What may be done about a difference between a return and the ledger (填报差异)."""

from typing import Any

from django.urls import reverse

from guanjia.domains.space.actions import survey_adopting as actions
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.models import SurveyDifference
from guanjia.domains.space.queries import surveys as reading
from guanjia.domains.space.terms.surveys import DiffState as S
from guanjia.ui.acts.declaration import Act

ADOPT, DIFFERENCES = reading.ADOPT, reading.DIFFERENCES


def _about(found: SurveyDifference, done: str) -> str:
    return f"{found.place} {found.get_kind_display()}：{done}"


def _next(found: Any) -> str:
    return reverse("space:survey_difference_next", args=[found.pk])


DECLINE = Act(
    key="decline", title="不采纳", on=DIFFERENCES, verb=ADOPT, to=S.DECLINED, form=forms.Declined,
    do=actions.decline_difference, keep="先不定", icon="ban", main=False, then=_next,
    said=lambda found: _about(found, "不采纳，台账不动"),
)  # fmt: skip
TAKE_IN = Act(
    key="adopt", title="采纳", on=DIFFERENCES, verb=ADOPT, to=S.ADOPTED, form=forms.Since,
    first=lambda found, _: {"since": found.row.filing.survey.as_of},
    do=actions.adopt_difference, keep="先不采纳", icon="check", then=_next,
    lead="采纳到台账，之前的台账不变", said=lambda found: _about(found, "已采纳，台账已改"),
)  # fmt: skip

# In the order of the buttons on the page of a difference.
ACTS = (DECLINE, TAKE_IN)
