"""What the pages of bills show: months, life, acts, sums, records; plain values for templates."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from guanjia.domains.fleet.actions import bills as actions
from guanjia.domains.fleet.models import Bill, BillLine, Trip
from guanjia.domains.fleet.queries import bills as queries
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.bills import BillState, LineKind
from guanjia.domains.fleet.terms.cars import Keeping
from guanjia.domains.fleet.terms.trips import TripState
from guanjia.kernel.audit.models import Record
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period
from guanjia.ui import formats, trail

MONTHS_BACK = 12
HEADS = ("类别", "派车单号", "出车", "目的地", "车型", "里程（公里）", "计时（小时）", "人数",
         "计算过程", "金额（元）", "答复", "异议理由", "处理说明", "价格依据")  # fmt: skip


# ── months ───────────────────────────────────────────────────────────────────────────────


@dataclass(kw_only=True)
class Month:
    """How a month stands: trips on no bill yet, bills by state, their sum."""

    first: date
    over: bool
    unbilled: int = 0
    total_fen: int = 0
    states: Counter[str] = field(default_factory=Counter)

    @property
    def bills(self) -> int:
        """How many bills the month has."""
        return sum(self.states.values())

    @property
    def last(self) -> date:
        """Its last day, for the filter of the list."""
        return Period.month_of(self.first).last

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """State, its name, how many bills; only those there are."""
        return [(s.value, s.label, self.states[s.value]) for s in BillState if self.states[s.value]]

    @property
    def drafts(self) -> int:
        """How many wait to be sent."""
        return self.states[BillState.DRAFT.value]


def months(scope: Scope, at: datetime) -> list[Month]:
    """The last months with something to bill, and every month that has bills; latest first."""
    today = timezone.localdate(at)
    found: dict[date, Month] = {}

    def month(first: date) -> Month:
        over = today >= Period.month_of(first).end
        return found.setdefault(first, Month(first=first, over=over))

    for first, state, count, fen in (
        Bill.objects.within(scope)
        .order_by()
        .values("month", "state")
        .annotate(count=Count("pk"), fen=Sum("total_fen"))
        .values_list("month", "state", "count", "fen")
    ):
        one = month(first)
        one.states[state] += count
        one.total_fen += fen
    for first, count in _unbilled(scope, today):
        month(first).unbilled = count
    return sorted(found.values(), key=lambda one: one.first, reverse=True)


def _unbilled(scope: Scope, today: date) -> list[tuple[date, int]]:
    since = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        since = (since - timedelta(days=1)).replace(day=1)
    begin = Period.month_of(since).bounds()[0]
    rows = (
        Trip.objects.within(scope)
        .filter(state=TripState.FINISHED)
        .exclude(pk__in=BillLine.objects.filter(kind=LineKind.TRIP).values("trip"))
        .annotate(went=Coalesce("went_at", "shares__went_at"))
        .filter(went__gte=begin)
        .exclude(Q(car__keeping=Keeping.UNIT) | Q(shares__car__keeping=Keeping.UNIT))
        .order_by()
        .annotate(month=TruncMonth("went", tzinfo=times.ZONE))
        .values("month")
        .annotate(count=Count("pk"))
        .values_list("month", "count")
    )
    return [(moment.astimezone(times.ZONE).date(), count) for moment, count in rows]


def said_of(drawn: actions.Drawn, month: date) -> str:
    """The line after drawing: what came of it."""
    if not (drawn.bills or drawn.lines or drawn.repriced):
        return f"{month:%Y-%m} 没有要出账的，原有账单没有改动"
    parts = [f"新出 {drawn.bills} 张账单、{drawn.lines} 行明细"]
    if drawn.repriced:
        parts.append(f"按更正后的里程重算 {drawn.repriced} 行")
    return f"{month:%Y-%m} " + "，".join(parts)


# ── one bill ─────────────────────────────────────────────────────────────────────────────


def about(bill: Bill, at: datetime) -> dict[str, Any]:
    """The bill itself: its life, and whether its answer is late."""
    due = bill.answer_due_on
    late = bill.state == BillState.SENT and due is not None and due < timezone.localdate(at)
    return {"bill": bill, "life": life(bill), "late": late, "at": at}


def life(bill: Bill) -> list[dict[str, str]]:
    """Drawn, sent, answered, disputes, closed."""
    state = BillState(bill.state)
    after = [BillState.DRAFT, BillState.SENT, BillState.DISPUTED, BillState.AGREED,
             BillState.CLOSED].index(state)  # fmt: skip
    stations = [
        {"at": "done", "title": "出账", "when": formats.daytime(bill.drawn_at),
         "who": bill.drawn_by.name if bill.drawn_by else "系统"},
        _station("发出", bill.sent_at, now=after == 0, who=""),
        _station("单位答复", None if state is BillState.SENT else bill.answered_at,
                 now=state is BillState.SENT,
                 who=bill.answered_by.name if bill.answered_by else ""),
    ]  # fmt: skip
    if state is BillState.DISPUTED:
        stations.append({"at": "now", "title": "处理异议", "when": "尚未处理", "who": ""})
    stations.append(
        _station(
            "结清",
            bill.closed_at,
            now=state is BillState.AGREED,
            who=bill.closed_by.name if bill.closed_by else bill.paid_no,
        )
    )
    if state is BillState.SENT and bill.answer_due_on:
        stations[2]["who"] = f"{formats.day(bill.answer_due_on)}前"
    return stations


def _station(title: str, moment: datetime | None, *, now: bool, who: str) -> dict[str, str]:
    if moment is not None:
        return {"at": "done", "title": title, "when": formats.daytime(moment), "who": who}
    return {"at": "now" if now else "later", "title": title, "when": "尚未" + title[-2:],
            "who": who}  # fmt: skip


def sums(rows: Sequence[queries.Seen]) -> dict[str, int]:
    """What the lines one sees come to."""
    return {
        "trips": sum(row.line.kind == LineKind.TRIP for row in rows),
        "adjustments": sum(row.line.kind == LineKind.ADJUSTMENT for row in rows),
        "km": sum(row.line.km or 0 for row in rows),
        "hours": sum(row.line.hours or 0 for row in rows),
        "due_fen": sum(row.line.due for row in rows),
        "first_fen": sum(row.line.amount_fen for row in rows),
        "waiting": sum(row.line.answer in queries.OPEN_ANSWERS for row in rows),
        "changed": sum(row.now is not None for row in rows),
    }


def records(bill: Bill, *, seen: Sequence[queries.Seen], whole: bool) -> list[trail.Told]:
    """What was done to a bill and to the lines one sees, the latest first.

    Not ``whole``: some lines are hidden, so no record says how many there are nor what they cost.
    """
    lines = [row.line.pk for row in seen]
    wanted = Q(on_type="fleet.bill", on_id=bill.pk) | Q(on_type="fleet.billline", on_id__in=lines)
    rows = Record.objects.filter(wanted).order_by("-at", "-pk")[: trail.SHOWN]

    def change(record: Record) -> str:
        return _change(record) if whole or record.on_type == "fleet.billline" else ""

    return trail.in_words(rows, change=change)


def _change(record: Record) -> str:
    after = record.after or {}
    if record.verb == actions.ANSWERED:
        disputed = len(after.get("disputed", []))
        agreed = f"同意 {after.get('agreed', 0)} 行"
        return f"{agreed}，异议 {disputed} 行" if disputed else agreed
    if record.verb == actions.DECIDED:
        fen = after.get("adjusted_fen")
        return "维持原金额" if fen is None else f"调整为 {money.yuan(fen)}"
    if record.verb == actions.DRAWN:
        return f"{after.get('lines', 0)} 行，{money.yuan(after.get('total_fen', 0))}"
    return ""


def cells(row: queries.Seen) -> tuple[Any, ...]:
    """A line as the Excel file has it."""
    line = row.line
    moment = timezone.localtime(line.departed_at) if line.departed_at else None
    return (
        line.get_kind_display(),
        line.trip.number if line.trip else "",
        f"{moment:%Y-%m-%d %H:%M}" if moment else "",
        line.trip.destination if line.trip else "",
        line.get_size_display(),
        line.km,
        line.hours,
        line.riders,
        "；".join(text for text, _ in line.steps) + (f"；{line.note}" if line.note else ""),
        money.in_yuan(line.due),
        line.get_answer_display(),
        line.dispute,
        line.reply,
        line.tariff,
    )


def total_cells(rows: Sequence[queries.Seen]) -> tuple[Any, ...]:
    """The last line of the Excel file."""
    summed = sums(rows)
    return ("合计", f"{summed['trips']} 单", "", "", "", summed["km"], summed["hours"], None, "",
            money.in_yuan(summed["due_fen"]), "", "", "", "")  # fmt: skip
