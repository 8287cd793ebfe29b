"""Bills: draw, send, answer line by line, decide disputes, close, correct in the next one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from guanjia.domains.fleet import vouchers
from guanjia.domains.fleet.events import BillAnswered, BillClosed, BillSent
from guanjia.domains.fleet.models import Bill, BillLine
from guanjia.domains.fleet.queries import bills as queries
from guanjia.domains.fleet.queries import pricing
from guanjia.domains.fleet.queries.bills import ANSWER, BILLS, DRAW, LINES
from guanjia.domains.fleet.rules import bills as rules
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.bills import DEALT_WITH, Answer, BillState, LineKind
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.calendar import queries as calendar
from guanjia.kernel.events import bus
from guanjia.kernel.locks import advisory
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import Period

SERIES = "fleet.bill"
DRAWN, SENT, ANSWERED = "fleet.bill.drawn", "fleet.bill.sent", "fleet.bill.answered"
DECIDED, CLOSED, ADJUSTED = "fleet.bill.decided", "fleet.bill.closed", "fleet.bill.adjusted"
_LOCK = "fleet.bills.draw"
_TEXT_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What drawing the bills of a month did: new bills, new lines, lines priced anew."""

    bills: int = 0
    lines: int = 0
    repriced: int = 0


def _next_month(month: date) -> date:
    return Period.month_of(month).end


# ── drawing ──────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def draw_bills(*, actor: Actor, month: date, at: datetime) -> Drawn:
    """Draw the bills of a month (出账), one per unit that used cars; twice changes nothing.

    Needs ``fleet.bill.draw``. Lines of bills that were not sent yet follow their trips. A trip
    recorded after its unit's bill was sent goes on the next month's. One record per bill.
    """
    actor.must(DRAW)
    month = month.replace(day=1)
    if month > times.day_of(at):
        refuse("month_ahead", "这个月还没有到。", "选本月或以前的月份。", field="month").enforce()
    advisory.advisory(_LOCK)
    scope = actor.scope(DRAW)
    drafts = {
        bill.unit_id: bill
        for bill in Bill.objects.within(scope)
        .filter(month=month, state=BillState.DRAFT)
        .select_related("unit")
        .select_for_update(of=("self",))
        .order_by("pk")
    }
    repriced = _reprice(drafts.values())
    new, added = _add_trips(actor, scope, month, drafts, at)
    touched = {bill.pk for bill in new} | set(repriced) | {line.bill_id for line in added}
    _sum_up(touched)
    rows = Bill.objects.filter(pk__in=touched).select_related("unit").order_by("pk")
    audit.record_many(
        audit.entry(
            actor=actor,
            verb=DRAWN,
            on=bill,
            at=at,
            after={"total_fen": bill.total_fen, "lines": bill.lines.count()},
        )
        for bill in rows
    )
    return Drawn(bills=len(new), lines=len(added), repriced=sum(repriced.values()))


def _add_trips(
    actor: Actor, scope: Scope, month: date, drafts: dict[int, Bill], at: datetime
) -> tuple[list[Bill], list[BillLine]]:
    """Put the trips that are on no bill on those of their units; bills that were sent are full."""
    trips = list(queries.unbilled(scope=scope, month=month))
    charges = pricing.charges(trips)
    full = set(
        Bill.objects.filter(month=month)
        .exclude(state=BillState.DRAFT)
        .values_list("unit_id", flat=True)
    )
    by_unit: dict[int, list[BillLine]] = defaultdict(list)
    units: dict[int, Unit] = {}
    for trip in trips:
        unit = org.home_unit(trip.unit)
        if unit.pk in full:
            continue
        units[unit.pk] = unit
        by_unit[unit.pk].append(
            BillLine(kind=LineKind.TRIP, trip=trip, **charges[trip.pk].values())
        )
    new = []
    for unit in sorted(units.values(), key=lambda unit: (unit.position, unit.code)):
        if unit.pk not in drafts:
            drafts[unit.pk] = _new_bill(actor, unit, month, at)
            new.append(drafts[unit.pk])
        for line in by_unit[unit.pk]:
            line.bill = drafts[unit.pk]
    added = [line for found in by_unit.values() for line in found]
    BillLine.objects.bulk_create(added, batch_size=500)
    return new, added


def _new_bill(actor: Actor, unit: Unit, month: date, at: datetime) -> Bill:
    number = numbering.next_number(series=SERIES, year=month.year)
    bill: Bill = Bill.objects.create(
        number=f"JS{month:%Y%m}{number:05d}",
        unit=unit,
        month=month,
        drawn_at=at,
        drawn_by_id=actor.person_id,
    )
    return bill


def _reprice(drafts: Iterable[Bill]) -> dict[int, int]:
    """Let lines of bills not sent yet follow their trips; how many changed, by bill."""
    lines = list(
        BillLine.objects.filter(bill__in=[bill.pk for bill in drafts], kind=LineKind.TRIP)
        .select_related("trip__car", "trip__shares__car")
        .order_by("pk")
    )
    now = queries.charged_now(lines)
    changed: dict[int, int] = defaultdict(int)
    stale, names = [], list[str]()
    for line in lines:
        charge = now[line.trip_id or 0]
        if charge.differs(line):
            for name, value in charge.values().items():
                setattr(line, name, value)
            stale.append(line)
            names = [*charge.values()]
            changed[line.bill_id] += 1
    if stale:
        BillLine.objects.bulk_update(stale, names, batch_size=500)
    return changed


def _sum_up(bill_ids: Collection[int]) -> None:
    """Write the sums of lines into their bills, as the deferred trigger wants them."""
    owed = (
        BillLine.objects.filter(bill=OuterRef("pk"))
        .order_by()
        .values("bill")
        .annotate(sum=Sum(Coalesce("adjusted_fen", "amount_fen")))
        .values("sum")
    )
    Bill.objects.filter(pk__in=bill_ids).update(total_fen=Coalesce(Subquery(owed), 0))


# ── sending, answering, deciding ─────────────────────────────────────────────────────────


def _locked(actor: Actor, verb: str, bill_id: int, step: str, act: str) -> Bill:
    bill: Bill = locked(BILLS, actor=actor, verb=verb, pk=bill_id, act=act, when=DEALT_WITH[step])
    return bill


@transaction.atomic
def send_bill(*, actor: Actor, bill_id: int, at: datetime) -> Bill:
    """Send a bill to its unit (发出账单), which answers by the day the bureau's rule sets.

    Needs ``fleet.bill.draw``. From now on its lines are frozen. Publishes ``BillSent``.
    """
    bill = _locked(actor, DRAW, bill_id, "send", "发出")
    verdict = rules.may_send(queries.facts_of(bill, on=times.day_of(at))).enforce()
    was = bill.total_fen
    if _reprice([bill]):
        _sum_up([bill.pk])
        bill.refresh_from_db(fields=["total_fen"])
    change(
        bill, {"state": BillState.SENT, "sent_at": at, "answer_due_on": _due_on(at)}, actor=actor,
        verb=SENT, at=at, verdict=verdict, beside={"total_fen": (was, bill.total_fen)},
        news=[BillSent(bill_id=bill.pk, at=at, by_id=actor.person_id)],
    )  # fmt: skip
    return bill


@transaction.atomic
def send_bills(*, actor: Actor, month: date, at: datetime) -> list[Bill]:
    """Send every bill of a month that waits to be sent."""
    actor.must(DRAW)
    waiting = Bill.objects.within(actor.scope(DRAW)).filter(
        month=month.replace(day=1), state=BillState.DRAFT
    )
    return [
        send_bill(actor=actor, bill_id=pk, at=at)
        for pk in waiting.order_by("pk").values_list("pk", flat=True)
    ]


def _due_on(at: datetime) -> date:
    """The last day a unit answers a bill that went out now."""
    return calendar.add_workdays(times.day_of(at), int(law_at(at)["fleet.bill.answer_days"].value))


@transaction.atomic
def answer_bill(
    *, actor: Actor, bill_id: int, disputes: Mapping[int, str], told_by: str = "", at: datetime
) -> Bill:
    """Answer a bill line by line (答复账单): ``disputes`` says of which lines and why; the unit
    agrees to all others that wait.

    Needs ``fleet.bill.answer`` for the unit. ``told_by``: who of the unit said so and how, where
    the one who draws bills writes it down for another unit. Publishes ``BillAnswered``.
    """
    bill = _locked(actor, ANSWER, bill_id, "answer", "答复")
    verdict = rules.answers_for_unit(own=is_own(actor, bill.unit), told_by=told_by)
    lines = {
        line.pk: line
        for line in bill.lines.filter(answer__in=queries.OPEN_ANSWERS).select_for_update()
    }
    for line_id, reason in disputes.items():
        if line_id not in lines:
            raise BillLine.DoesNotExist
        verdict += rules.gives_reason(
            reason, field=f"dispute_{line_id}", headline="没有写异议理由。"
        )
    verdict.enforce()
    for line in lines.values():
        line.answer = Answer.DISPUTED if line.pk in disputes else Answer.AGREED
        line.dispute = disputes.get(line.pk, line.dispute).strip()[:_TEXT_MAX]
    BillLine.objects.bulk_update(lines.values(), ["answer", "dispute"], batch_size=500)
    disputed = [
        {"line": pk, "trip": str(lines[pk].trip or ""), "reason": reason}
        for pk, reason in disputes.items()
    ]
    change(
        bill,
        {
            "state": rules.state_after(queries.facts_of(bill, on=times.day_of(at))),
            "answered_at": at, "answered_by_id": actor.person_id,
        },
        actor=actor, verb=ANSWERED, at=at, verdict=verdict, note=told_by,
        beside={"agreed": (None, len(lines) - len(disputes)), "disputed": (None, disputed)},
        news=[BillAnswered(bill_id=bill.pk, disputed=len(disputes))],
    )  # fmt: skip
    return bill


def is_own(actor: Actor, unit: Unit) -> bool:
    """Whether somebody answers as the unit: they draw no bills, or it is their own unit."""
    if actor.is_system or not actor.can(DRAW):
        return True
    return actor.unit_id is not None and org.home_path(unit_id=actor.unit_id) == unit.path


@transaction.atomic
def decide_dispute(
    *, actor: Actor, line_id: int, adjusted_fen: int | None, reply: str, at: datetime
) -> BillLine:
    """Decide a dispute (处理异议): what is owed instead, or ``None`` to keep it; always with words.

    Needs ``fleet.bill.draw``. With the last dispute decided the bill goes back to the unit, which
    answers those lines again. Publishes ``BillSent`` then.
    """
    actor.must(DRAW)
    bill_id = BillLine.objects.within(actor.scope(DRAW)).get(pk=line_id).bill_id
    bill = _locked(actor, DRAW, bill_id, "decide", "处理异议")
    line: BillLine = locked(
        LINES, actor=actor, verb=DRAW, pk=line_id, act="处理异议", to=Answer.DECIDED
    )
    if adjusted_fen == line.due:
        adjusted_fen = None
    verdict = rules.may_decide(amount_fen=line.amount_fen, adjusted_fen=adjusted_fen)
    verdict += rules.gives_reason(reply, field="reply", headline="没有写处理说明。")
    kept = line.adjusted_fen if adjusted_fen is None else adjusted_fen
    change(
        line, {"answer": Answer.DECIDED, "reply": reply[:_TEXT_MAX], "adjusted_fen": kept},
        actor=actor, verb=DECIDED, at=at, verdict=verdict, note=reply,
    )  # fmt: skip
    _sum_up([bill.pk])
    if rules.state_after(queries.facts_of(bill, on=times.day_of(at))) is BillState.SENT:
        # Recorded with the decision that was the last.
        again = {"state": BillState.SENT, "answer_due_on": _due_on(at)}
        Bill.objects.filter(pk=bill.pk).update(**again)
        bus.publish(BillSent(bill_id=bill.pk, at=at, by_id=actor.person_id, again=True))
    return line


# ── closing, and what comes after ────────────────────────────────────────────────────────


@transaction.atomic
def close_bill(*, actor: Actor, bill_id: int, paid_no: str = "", at: datetime) -> Bill:
    """Settle an agreed bill (结清), with the number of its entry; issues the numbered sheet.

    Needs ``fleet.bill.draw``. What was wrong comes to light later goes into the next bill.
    """
    bill = _locked(actor, DRAW, bill_id, "close", "结清")
    change(
        bill,
        {
            "state": BillState.CLOSED, "closed_at": at, "closed_by_id": actor.person_id,
            "paid_no": paid_no.strip()[:40],
        },
        actor=actor, verb=CLOSED, at=at, beside={"total_fen": (None, bill.total_fen)},
    )  # fmt: skip
    bus.publish(BillClosed(bill_id=bill.pk))
    vouchers.issue_bill(actor=actor, bill=bill, at=at)
    return bill


@transaction.atomic
def adjust_line(
    *, actor: Actor, line_id: int, right_fen: int, reason: str, at: datetime
) -> BillLine:
    """Correct a line of a closed bill (记入下一期): the difference to what is right, as a line of
    the unit's next bill that was not sent yet; that bill is begun where there is none.

    Needs ``fleet.bill.draw``. Refuses where nothing differs. Returns the new line.
    """
    actor.must(DRAW)
    scope = actor.scope(DRAW)
    advisory.advisory(_LOCK)
    line = BillLine.objects.within(scope).select_related("trip").get(pk=line_id)
    bill = _locked(actor, DRAW, line.bill_id, "adjust", "记入下一期")
    settled = queries.settled_fen(line)
    verdict = rules.may_adjust(kind=LineKind(line.kind), settled_fen=settled, right_fen=right_fen)
    verdict += rules.gives_reason(reason, field="reason", headline="没有写调整原因。")
    verdict.enforce()
    following = _following(actor, bill, at)
    difference = right_fen - settled
    entered: BillLine = BillLine.objects.create(
        bill=following,
        kind=LineKind.ADJUSTMENT,
        trip_id=line.trip_id,
        car_id=line.car_id,
        departed_at=line.departed_at,
        corrects=line,
        note=reason.strip()[:_TEXT_MAX],
        steps=[
            [f"应为 {money.yuan(right_fen)}", right_fen],
            [f"已结算 {money.yuan(settled)}（{bill.number}）", -settled],
        ],
        amount_fen=difference,
    )
    _sum_up([following.pk])
    made(
        entered, "corrects_id", actor=actor, verb=ADJUSTED, at=at, verdict=verdict,
        note=entered.note,
        beside={"amount_fen": right_fen, "bill": following.number},
    )  # fmt: skip
    return entered


def _following(actor: Actor, bill: Bill, at: datetime) -> Bill:
    """The next bill of the unit that was not sent yet, begun where there is none."""
    later = Bill.objects.filter(unit=bill.unit_id, month__gt=bill.month).order_by("month")
    draft: Bill | None = later.filter(state=BillState.DRAFT).select_for_update().first()
    if draft is not None:
        return draft
    last = later.last() or bill
    return _new_bill(actor, bill.unit, _next_month(last.month), at)


def last_month(at: datetime) -> date:
    """The month before the one that ``at`` lies in, by its first day."""
    return (times.day_of(at).replace(day=1) - timedelta(days=1)).replace(day=1)
