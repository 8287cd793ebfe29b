"""The approval routes (审批流程) of the department, as data."""

from guanjia.domains.space.terms.allocations import AllocationMethod
from guanjia.domains.space.terms.disposals import DisposalWay
from guanjia.kernel.approvals.routes import Fact, FactKind, Route, Step, duty

# A matter of offices goes through the unit, the section, the bureau's head.
MATTER = ("space.matter.approve", "space.matter.review", "space.matter.decide")
STEPS = (
    Step(key="unit", title="单位审批", holder=duty(MATTER[0])),
    Step(key="review", title="管理科审核", holder=duty(MATTER[1])),
    Step(key="decide", title="局领导审批", holder=duty(MATTER[2])),
)

ALLOCATION = Route(
    key="space.allocation",
    title="办公用房调配",
    subject="space.allocation",
    verbs=MATTER,
    facts=(
        Fact(
            key="way",
            title="调配方式",
            kind=FactKind.CHOICE,
            choices=tuple(AllocationMethod.choices()),
        ),
        Fact(key="wanted", title="申请面积", kind=FactKind.NUMBER, unit="㎡"),
        Fact(key="over", title="超出可配面积", kind=FactKind.NUMBER, unit="㎡"),
        Fact(key="persons", title="用房人数", kind=FactKind.NUMBER, unit="人"),
        Fact(key="extends", title="续借", kind=FactKind.YES_NO),
    ),
    steps=STEPS,
)

# Idle rooms are the bureau's own: no unit has a say before its section.
DISPOSAL = Route(
    key="space.disposal",
    title="闲置用房处置利用",
    subject="space.disposal",
    verbs=MATTER[1:],
    facts=(
        Fact(key="way", title="方式", kind=FactKind.CHOICE, choices=tuple(DisposalWay.choices())),
        Fact(key="area", title="使用面积", kind=FactKind.NUMBER, unit="㎡"),
        Fact(key="valuation", title="评估价", kind=FactKind.MONEY),
        Fact(key="rooms", title="房间数", kind=FactKind.NUMBER, unit="间"),
    ),
    steps=STEPS[1:],
)
