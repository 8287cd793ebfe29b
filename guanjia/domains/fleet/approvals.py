"""The approval routes (审批流程) of the department, as data."""

from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.kernel.approvals.routes import Condition, Fact, FactKind, Op, Route, Step, duty

APPROVE, APPROVE_REST_DAY = "fleet.trip.approve", "fleet.trip.approve_rest_day"

TRIP = Route(
    key="fleet.trip",
    title="用车审批",
    subject="fleet.trip",
    verbs=(APPROVE, APPROVE_REST_DAY),
    facts=(
        Fact(key="on_rest_day", title="涉及休息日", kind=FactKind.YES_NO),
        Fact(key="purpose", title="用途", kind=FactKind.CHOICE, choices=tuple(Purpose.choices())),
        Fact(key="passengers", title="乘车人数", kind=FactKind.NUMBER, unit="人"),
        Fact(key="hours", title="用车时长", kind=FactKind.NUMBER, unit="小时"),
        Fact(key="urgent", title="应急补单", kind=FactKind.YES_NO),
    ),
    steps=(
        Step(
            key="unit",
            title="单位审批",
            holder=duty(APPROVE),
            when=(Condition(fact="on_rest_day", op=Op.IS, value=False),),
        ),
        Step(
            key="head",
            title="主要负责人审批",
            holder=duty(APPROVE_REST_DAY),
            when=(Condition(fact="on_rest_day", op=Op.IS, value=True),),
        ),
    ),
)
