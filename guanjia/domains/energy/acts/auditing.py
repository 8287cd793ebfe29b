"""What may be done about energy audits (能源审计), what they found, and measures."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guanjia.domains.energy.actions import auditing as actions
from guanjia.domains.energy.forms import auditing as forms
from guanjia.domains.energy.forms.returns import Reason
from guanjia.domains.energy.queries import auditing as reading
from guanjia.domains.energy.terms.works import FOUND
from guanjia.domains.energy.terms.works import AuditState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

KEEP = reading.KEEP
AUDITS, FINDINGS, MEASURES = reading.AUDITS, reading.FINDINGS, reading.MEASURES


def _today(_: Any, today: date) -> Mapping[str, Any]:
    return {"on": today}


def _in_scope(_: Any, actor: Actor, today: date) -> Mapping[str, Any]:
    return {"scope": actor.scope(KEEP), "day": today}


def _told(audit: Any, _: Actor, __: date) -> Mapping[str, Any]:
    return {"told": dict(audit.contents.values_list("content", "words"))}


def _is_open(measure: Any, _: Actor) -> bool:
    return measure.done_on is None and measure.finding.audit.state in FOUND


def _may_be_mended(finding: Any, _: Actor) -> bool:
    return finding.audit.state in FOUND


PLAN = Act(
    key="new", title="计划审计", on=AUDITS, verb=KEEP, makes=True, form=forms.Plan, fit=_in_scope,
    do=actions.plan_audit, keep="不计划", said="已计划审计 {institution}",
)  # fmt: skip
CALL_OFF = Act(
    key="call_off", title="取消审计", on=AUDITS, verb=KEEP, to=S.CALLED_OFF, form=Reason,
    do=actions.call_off_audit, keep="不取消", said="审计已取消", main=False,
)  # fmt: skip
BEGIN = Act(
    key="begin", title="启动审计", on=AUDITS, verb=KEEP, to=S.RUNNING, form=forms.Begin,
    first=_today, do=actions.begin_audit, keep="不启动", lead="启动后登记审计情况、发现和措施",
    said="审计已启动",
)  # fmt: skip
FINISH = Act(
    key="finish", title="完成审计", on=AUDITS, verb=KEEP, to=S.DONE, form=forms.Finish,
    first=_today, do=actions.finish_audit, keep="不完成", lead="审计内容都有审计情况才能完成",
    said="审计已完成",
)  # fmt: skip
CONTENT = Act(
    key="content", title="登记审计情况", button="保存", on=AUDITS, verb=KEEP, when=FOUND,
    form=forms.Content, fit=_told, do=actions.tell_content, adds="energy.AuditedContent",
    keep="不保存", said=lambda told: f"已登记 {told.get_content_display()}",
)  # fmt: skip
FINDING = Act(
    key="finding", title="登记审计发现", button="保存", on=AUDITS, verb=KEEP, when=FOUND,
    form=forms.Finding, do=actions.add_finding, adds="energy.AuditFinding", keep="不保存",
    said="已登记审计发现",
)  # fmt: skip
FILES = Act(
    key="files", title="附上文件", on=AUDITS, verb=KEEP, when=(S.PLANNED, *FOUND),
    form=forms.Files, do=actions.add_files, keep="不附", said="文件已附上", main=False,
)  # fmt: skip
MEASURE = Act(
    key="measure", title="制定整改措施", button="保存措施", on=FINDINGS, verb=KEEP,
    offered=_may_be_mended, form=forms.Measure, do=actions.set_measure,
    adds="energy.AuditMeasure", keep="不保存", said="已登记措施 {title}",
)  # fmt: skip
DONE = Act(
    key="done", title="措施完成", button="完成", on=MEASURES, verb=KEEP, offered=_is_open,
    form=forms.Finish, first=_today, do=actions.finish_measure, keep="不完成",
    said="已完成 {title}",
)  # fmt: skip

ACTS = (PLAN, CALL_OFF, BEGIN, FINISH, CONTENT, FINDING, FILES, MEASURE, DONE)
# The buttons at the head of the page of an audit; the others stand where what they add is shown.
HEAD = (CALL_OFF, BEGIN, FINISH)
