"""The approval routes (审批流程) of the department, as data."""

from guanjia.domains.fleet.terms.disposals import DisposalMethod
from guanjia.domains.fleet.terms.purchases import PurchaseKind
from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.domains.fleet.terms.upkeep import OrderKind
from guanjia.kernel.approvals.routes import Condition, Fact, FactKind, Op, Route, Step, duty
from guanjia.kernel.approvals.terms import Mode

APPROVE, APPROVE_REST_DAY = "fleet.trip.approve", "fleet.trip.approve_rest_day"
ASSET_VERBS = ("fleet.asset.approve", "fleet.asset.review", "fleet.asset.decide")

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

QUOTA = Route(
    key="fleet.quota",
    title="编制审批",
    subject="fleet.quotachange",
    verbs=ASSET_VERBS,
    facts=(Fact(key="delta", title="增减数", kind=FactKind.NUMBER, unit="辆"),),
    steps=(
        Step(key="unit", title="单位审批", holder=duty(ASSET_VERBS[0])),
        Step(key="review", title="管理科审核", holder=duty(ASSET_VERBS[1])),
        Step(key="decide", title="局领导审批", holder=duty(ASSET_VERBS[2])),
    ),
)

PURCHASE = Route(
    key="fleet.purchase",
    title="更新购置审批",
    subject="fleet.purchase",
    verbs=ASSET_VERBS,
    facts=(
        Fact(
            key="kind",
            title="购置方式",
            kind=FactKind.CHOICE,
            choices=tuple(PurchaseKind.choices()),
        ),
        Fact(key="price", title="价格", kind=FactKind.MONEY),
        Fact(key="special", title="特殊情形", kind=FactKind.YES_NO),
        Fact(key="early", title="提前更新", kind=FactKind.YES_NO),
        Fact(key="by_province", title="报省级批复", kind=FactKind.YES_NO),
    ),
    steps=(
        Step(key="unit", title="单位审批", holder=duty(ASSET_VERBS[0])),
        Step(key="review", title="管理科审核", holder=duty(ASSET_VERBS[1])),
        # An early renewal is approved strictly: all who decide must agree before it is signed.
        Step(
            key="early",
            title="提前更新会商",
            holder=duty(ASSET_VERBS[2]),
            mode=Mode.ALL,
            when=(Condition(fact="early", op=Op.IS, value=True),),
        ),
        Step(key="decide", title="局领导审批", holder=duty(ASSET_VERBS[2])),
    ),
)

DISPOSAL = Route(
    key="fleet.disposal",
    title="处置审批",
    subject="fleet.disposal",
    verbs=ASSET_VERBS,
    facts=(
        Fact(
            key="method",
            title="处置方式",
            kind=FactKind.CHOICE,
            choices=tuple(DisposalMethod.choices()),
        ),
        Fact(key="valuation", title="估值", kind=FactKind.MONEY),
        Fact(key="years", title="使用年限", kind=FactKind.NUMBER, unit="年"),
        Fact(key="renewal", title="随更新处置", kind=FactKind.YES_NO),
    ),
    steps=(
        Step(key="unit", title="单位审批", holder=duty(ASSET_VERBS[0])),
        Step(key="review", title="管理科审核", holder=duty(ASSET_VERBS[1])),
        Step(key="decide", title="局领导审批", holder=duty(ASSET_VERBS[2])),
    ),
)

ORDER = Route(
    key="fleet.order",
    title="维保审批",
    subject="fleet.order",
    verbs=ASSET_VERBS,
    facts=(
        Fact(key="amount", title="报价", kind=FactKind.MONEY),
        Fact(key="large", title="超过大额标准", kind=FactKind.YES_NO),
        Fact(
            key="kind", title="维保类别", kind=FactKind.CHOICE, choices=tuple(OrderKind.choices())
        ),
        Fact(key="by_keeper", title="管理科报修", kind=FactKind.YES_NO),
    ),
    steps=(
        Step(key="unit", title="单位审批", holder=duty(ASSET_VERBS[0])),
        Step(
            key="review",
            title="管理科审核",
            holder=duty(ASSET_VERBS[1]),
            when=(Condition(fact="by_keeper", op=Op.IS, value=False),),
        ),
        Step(
            key="decide",
            title="局领导审批",
            holder=duty(ASSET_VERBS[2]),
            when=(Condition(fact="large", op=Op.IS, value=True),),
        ),
    ),
)

SEALING_EXCEPTION = Route(
    key="fleet.sealing_exception",
    title="节假日用车例外",
    subject="fleet.sealedcar",
    verbs=("fleet.asset.approve", "fleet.seal.plan"),
    facts=(Fact(key="hours", title="封存时长", kind=FactKind.NUMBER, unit="小时"),),
    steps=(
        Step(key="head", title="主要负责人审批", holder=duty("fleet.asset.approve")),
        Step(key="keeper", title="公务用车管理科核准", holder=duty("fleet.seal.plan")),
    ),
)
