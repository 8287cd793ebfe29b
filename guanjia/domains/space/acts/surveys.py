"""What may be done about surveys (统计摸底) as a whole, and one unit reminded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from guanjia.domains.space.actions import survey_reports, survey_review
from guanjia.domains.space.actions import surveys as actions
from guanjia.domains.space.forms import surveys as forms
from guanjia.domains.space.forms.ledger import ActForm
from guanjia.domains.space.models import Survey, SurveyReturn
from guanjia.domains.space.queries import standards
from guanjia.domains.space.queries import surveys as reading
from guanjia.domains.space.terms.surveys import OUTSTANDING, SurveyKind
from guanjia.domains.space.terms.surveys import SurveyState as S
from guanjia.kernel.org.models import Unit
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

PLAN, REVIEW, SURVEYS = reading.PLAN, reading.REVIEW, reading.SURVEYS


def _units(_: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    """Units that hold a room today, or answer for a section that does: whom a survey asks."""
    tree = standards.homes()
    held = {tree.home[pk] for pk in reading.holders_on(today)}
    rows = Unit.objects.within(actor.scope(PLAN)).filter(pk__in=held)
    return {"units": list(rows.order_by("position", "code"))}


def _yearly(_: Any, today: date) -> Mapping[str, Any]:
    title = f"{today.year}年办公用房统计年报"
    return {"kind": SurveyKind.YEARLY, "as_of": today, "title": title}


def _planned(made: Survey) -> str:
    count = made.returns.count()
    return f"已布置“{made}”，{count} 个单位的填报单已按台账预填，单位已收到通知"


def _reminded(asked: Survey | SurveyReturn) -> str:
    if asked.told:
        return f"已催报 {asked.told} 个单位"
    return "没有要催的单位：今天都催过，或都已报到本局"


def _owes(survey: Survey, _: Actor) -> bool:
    return survey.returns.filter(state__in=reading.WAITS_FOR_UNIT).exists()


def _is_through(survey: Survey, _: Actor) -> bool:
    return not survey.returns.filter(state__in=OUTSTANDING).exists()


PLANNED = Act(
    key="new", title="布置统计", on=SURVEYS, verb=PLAN, makes=True, form=forms.Plan, fit=_units,
    first=_yearly, do=actions.plan_survey, template="space/survey_new.html", keep="不布置",
    lead="各单位的填报单按统计截至日的台账预填", said=_planned,
)  # fmt: skip
LOOK_AGAIN = Act(
    key="look_again", title="重新核对", on=SURVEYS, verb=REVIEW, when=(S.OPEN,), form=ActForm,
    do=survey_review.look_again, keep="不核对", icon="refresh", main=False,
    lead="没有通过的填报单按现在的内容再核对一遍",
    said=lambda survey: f"已重新核对 {survey.told} 张填报单",
)  # fmt: skip
PROLONG = Act(
    key="prolong", title="改期限", on=SURVEYS, verb=PLAN, when=(S.OPEN,), form=forms.Due,
    do=actions.prolong_survey, keep="不改", icon="calendar-due", main=False,
    said=lambda survey: f"填报期限改为 {survey.due_on:%Y-%m-%d}",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消统计", on=SURVEYS, verb=PLAN, to=S.OFF, form=forms.Why,
    do=actions.call_off_survey, keep="不取消", icon="ban", main=False,
    lead="各单位不再填报，已填的留作查阅，不能恢复", said="已取消，已填的留作查阅",
)  # fmt: skip
REMIND = Act(
    key="remind", title="催报", on=SURVEYS, verb=PLAN, when=(S.OPEN,), offered=_owes,
    form=ActForm, do=actions.remind_units, keep="不催报", icon="bell-ringing",
    lead="没有报到的单位收到通知，今天催过的不再催", said=_reminded,
)  # fmt: skip
PUBLISH = Act(
    key="publish", title="发布报表", on=SURVEYS, verb=PLAN, to=S.PUBLISHED, offered=_is_through,
    form=ActForm, do=survey_reports.publish_survey, keep="不发布", icon="file-check",
    lead="报表的数据从此固定，台账以后的变动不改写；填报单不再改动",
    said="统计报表已发布，数据固定，台账以后的变动不改写",
)  # fmt: skip
REMIND_UNIT = Act(
    key="remind", title="催报", on=reading.RETURNS, verb=PLAN, when=reading.WAITS_FOR_UNIT,
    form=ActForm, do=actions.remind_unit, keep="不催报", lead="单位收到通知，今天催过的不再催",
    said=_reminded, then=lambda filing: reverse(SURVEYS.page, args=[filing.survey_id]),
)  # fmt: skip

# In the order of the buttons on the page of a survey.
ACTS = (PLANNED, LOOK_AGAIN, PROLONG, CALL_OFF, REMIND, PUBLISH)
UNIT_ACTS = (REMIND_UNIT,)
