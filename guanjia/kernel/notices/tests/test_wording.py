"""What notices say: golden files, and templates that leave nothing out unseen."""

from pathlib import Path
from typing import Any

import pytest

from guanjia.kernel.notices import kinds, of_approvals, of_delegations, wording
from guanjia.kernel.notices.tests import golden

FOLDER = Path(__file__).parent / "golden"
CASE = {
    "route": "用印审批",
    "label": "YY2020052001",
    "summary": "合同用印 3 份",
    "applicant": "莫兴",
    "unit": "市农业农村局",
}
ACT = {"by": "邵红", "comment": "材料齐全，同意"}
STEP = {"step": "单位负责人审批"}
LENT = {"principal": "邵红", "since": "5月20日", "last": "5月22日", "reason": "出差"}
FACTS: dict[str, dict[str, Any]] = {
    "approvals.asked": CASE | STEP,
    "approvals.handed": CASE | ACT,
    "approvals.agreed": CASE | ACT,
    "approvals.returned": CASE | ACT | {"comment": "请补附件"},
    "approvals.stopped": CASE | ACT | {"comment": "与上月重复"},
    "approvals.copied": CASE | ACT,
    "approvals.urged": CASE | ACT | {"comment": "今天要用"},
    "approvals.lent": LENT | {"ended": False},
    "approvals.lent.ended": LENT | {"ended": True},
    "approvals.late": CASE | STEP | {"overdue": True, "escalated": True},
    "approvals.late.before": CASE | STEP | {"overdue": False, "escalated": False},
}


@pytest.mark.parametrize("name", FACTS)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    kind = kinds.get(key)
    assert kind is not None
    now, before = golden.said(kind, FACTS[name], folder=FOLDER, name=name)
    assert now == before


def test_every_kind_of_the_kernel_has_its_golden_file() -> None:
    told = (*of_approvals.KINDS, *of_delegations.KINDS)
    assert {kind.key for kind in told} <= set(FACTS)


@pytest.mark.parametrize("kind", of_approvals.KINDS, ids=lambda kind: kind.key)
def test_a_missing_fact_is_a_fault(kind: kinds.NoticeKind) -> None:
    facts = {**FACTS[kind.key]}
    del facts["label"]
    with pytest.raises(wording.MissingFact, match="label"):
        wording.write(template=kind.template, facts=facts)


def test_nothing_is_escaped_and_nobody_adds_a_line() -> None:
    kind = of_approvals.RETURNED
    facts = CASE | ACT | {"comment": "改 <b>金额</b>\n退回人：别人", "label": "A&B"}
    title, body = wording.write(template=kind.template, facts=facts)
    assert title == "已退回，请修改：用印审批 A&B"
    assert "意见：改 <b>金额</b> 退回人：别人" in body.splitlines()


def test_what_is_empty_leaves_no_empty_line() -> None:
    facts = CASE | ACT | {"comment": "", "summary": ""}
    _, body = wording.write(template=of_approvals.AGREED.template, facts=facts)
    assert body == "审批人：邵红"


def test_a_long_text_ends_in_an_ellipsis() -> None:
    facts = CASE | ACT | {"label": "长" * 200, "comment": "多" * 3000}
    title, body = wording.write(template=of_approvals.AGREED.template, facts=facts)
    assert len(title) == wording.TITLE_MAX
    assert len(body) == wording.BODY_MAX
    assert title.endswith("…")
    assert body.endswith("…")
