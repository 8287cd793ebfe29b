"""Energy in the demo: who fills in, a quarter on its way up, and figures that were mistyped."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from guanjia.domains.energy.actions import (
    assessing,
    doubting,
    filings,
    institutions,
    returns,
    schemes,
    waste,
    work,
)
from guanjia.domains.energy.demo import aims, analysis
from guanjia.domains.energy.models import Assessment, Doubt, Filing, Indicator, Institution
from guanjia.domains.energy.terms.assessment import Desk, WorkKind
from guanjia.domains.energy.terms.energies import Energy, Used
from guanjia.domains.energy.terms.returns import DoubtState, FilingKind, FilingState, Origin
from guanjia.domains.energy.terms.waste import WasteKind
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Actor

CLERK = "D055044"  # fills in for two institutions of the city
_FIRST, _SECOND = date(2020, 1, 1), date(2020, 4, 1)
_WORK = (
    (WorkKind.TRAINING, date(2020, 4, 22), "节能管理人员培训", 40),
    (WorkKind.PUBLICITY, date(2020, 6, 29), "节能宣传周", 120),
    (WorkKind.INSPECTION, date(2020, 5, 18), "空调温度和照明检查", None),
    (WorkKind.SORTING, date(2020, 6, 5), "生活垃圾分类志愿活动", 60),
)
_WEIGHTS = ((WasteKind.KITCHEN, 310), (WasteKind.OTHER, 420), (WasteKind.RECYCLABLE, 95))
_WORKED, _DECIDED, _REVIEWED = 40, 6, 12  # of those in the online assessment, in order
# Of the first quarter's filings every so many is sent, and comes to these desks in turn.
_EACH, _DESKS = 8, ("locked", "city", "locked", "county", "locked", "back", "locked", "city")


def live(*, at: datetime) -> None:
    """Let everything happen that a visitor should find, by calling actions; ``at``: the moment."""
    actor = Actor.system("演示数据")
    mine = _clerks(actor, at)
    for first in (_FIRST, _SECOND):
        filings.open_period(actor=actor, kind=FilingKind.QUARTER, first=first, at=at)
    _send(actor, at)
    _mistype(actor, mine, at)
    _assess(actor, at)
    analysis.live(at=at)
    aims.live(at=at)


def _clerks(actor: Actor, at: datetime) -> list[Institution]:
    """Two institutions of the city itself, the first and a key user, have the same clerk."""
    person = Person.objects.get(number=CLERK)
    own = Institution.objects.filter(area__parent=None).order_by("position")
    key = own.filter(spells__key_user=True)
    chosen = [*own[:1], *key[:1]]
    for one in chosen:
        institutions.assign_clerk(
            actor=actor, institution_id=one.pk, person_id=person.pk, since=at.date(), at=at
        )
    return chosen


def _send(actor: Actor, at: datetime) -> None:
    """Every eighth institution has reported the first quarter, and each desk has done its part."""
    asked = Filing.objects.filter(first=_FIRST, kind=FilingKind.QUARTER)
    at_county: list[int] = []
    at_city: list[int] = []
    for place, pk in enumerate(
        asked.order_by("institution__position").values_list("pk", flat=True)[::_EACH]
    ):
        moved = filings.send(actor=actor, filing_id=pk, at=at)
        if place % len(_DESKS) == _DESKS.index("back"):
            filings.send_back(
                actor=actor, filing_id=pk, reason="二月用水比一月少得多，核对水表读数", at=at
            )
        elif _DESKS[place % len(_DESKS)] != "county":
            at_city += [pk] if _DESKS[place % len(_DESKS)] == "locked" else []
            at_county += [pk] if moved.state == FilingState.COUNTY else []
    filings.hand_on_many(actor=actor, filing_ids=at_county, at=at)
    filings.lock_many(actor=actor, filing_ids=at_city, at=at)


def _mistype(actor: Actor, mine: list[Institution], at: datetime) -> None:
    """July of the clerk's institutions: one with a digit too many, one that was explained."""
    for place, one in enumerate(mine):
        june = one.returns.get(month=date(2020, 6, 1))
        lines = {
            Energy(line.energy): Used(amount=line.amount, cost_fen=line.cost_fen)
            for line in june.lines.all()
        }
        power = lines[Energy.ELECTRICITY]
        lines[Energy.ELECTRICITY] = Used(
            amount=(power.amount or Decimal(0)) * 10, cost_fen=power.cost_fen
        )
        told = returns.Month(institution=one, month=date(2020, 7, 1), lines=lines)
        returns.enter_returns(actor=actor, months=[told], origin=Origin.PAGE, at=at)
        if place:
            (doubt,) = Doubt.objects.filter(
                month_return__institution=one, state=DoubtState.OPEN, energy=Energy.ELECTRICITY
            )
            doubting.explain(
                actor=actor, doubt_id=doubt.pk, at=at,
                explanation="供电公司七月按新表计量，旧表止数补计入本月，已附换表单",
            )  # fmt: skip


def _assess(actor: Actor, at: datetime) -> None:
    """The online assessment is under way: some have reported work, some were scored."""
    scheme = schemes.plan_scheme(actor=actor, table=schemes.tables()["online"], year=2020, at=at)
    schemes.open_scheme(
        actor=actor, scheme_id=scheme.pk, at=at, self_until=at.date() + timedelta(days=45),
        appeal_until=at.date() + timedelta(days=75),
    )  # fmt: skip
    rows = list(
        Assessment.objects.filter(scheme=scheme)
        .select_related("institution")
        .order_by("institution__position")[:_WORKED]
    )
    told = [
        {"institution": row.institution, "kind": kind, "on": on, "title": title, "people": people}
        for row in rows
        for kind, on, title, people in _WORK
    ]
    work.enter_work(actor=actor, rows=told, at=at)
    _sort(actor, [row.institution for row in rows[:_REVIEWED]], at)
    leaves = list(Indicator.objects.filter(scheme=scheme, how="EVIDENCE").order_by("position"))
    for place, row in enumerate(rows[:_REVIEWED]):
        _score(actor, row, leaves, decided=place < _DECIDED, at=at)


def _sort(actor: Actor, members: list[Institution], at: datetime) -> None:
    """Waste is thrown sorted and carried away each month, by one carrier."""
    waste.enter_points(
        actor=actor, at=at,
        rows=[
            {"institution": one, "place": "办公楼一层大厅", "kinds": list(WasteKind),
             "since": date(2019, 9, 1), "until": None}
            for one in members
        ],
    )  # fmt: skip
    waste.enter_removals(
        actor=actor, at=at,
        rows=[
            {"institution": one, "on": date(2020, month, 20), "kind": kind,
             "weight_kg": Decimal(kg + 7 * place + 11 * month), "carrier": "市环卫处"}
            for place, one in enumerate(members)
            for month in range(1, 7 if place % 3 else 6)
            for kind, kg in _WEIGHTS
        ],
    )  # fmt: skip


def _score(
    actor: Actor, row: Assessment, leaves: list[Indicator], *, decided: bool, at: datetime
) -> None:
    """Scored by itself; some by the city too, which took a little off."""
    for leaf in leaves:
        assessing.score_self(
            actor=actor, assessment_id=row.pk, indicator_id=leaf.pk, words="见附件台账",
            points=Decimal(leaf.points or 0), at=at,
        )  # fmt: skip
    sent = assessing.send(actor=actor, assessment_id=row.pk, at=at)
    if decided and sent.desk == Desk.COUNTY:
        assessing.hand_on(actor=actor, assessment_id=row.pk, at=at)
    if decided:
        assessing.review(
            actor=actor, assessment_id=row.pk, indicator_id=leaves[-1].pk, points=Decimal(6),
            words="食堂没有单独计量", at=at,
        )  # fmt: skip
        for leaf in Indicator.objects.filter(scheme=row.scheme_id, how="REVIEW"):
            assessing.review(
                actor=actor, assessment_id=row.pk, indicator_id=leaf.pk, points=Decimal(5),
                words="现场查看，台账缺两个月", at=at,
            )  # fmt: skip
        assessing.decide(actor=actor, assessment_id=row.pk, at=at)
