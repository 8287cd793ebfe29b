"""The trip sheet (派车单) as a voucher: what it prints, what it shows to everybody, how it follows
the trip. Called by the actions, inside their transactions, as the last thing they lock."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from guanjia.domains.fleet.models import Bill, BillLine, Trip
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.bills import LineKind
from guanjia.domains.fleet.terms.trips import Paper
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.approvals.terms import ActKind
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values import money
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import actions as vouchers
from guanjia.kernel.vouchers import queries
from guanjia.kernel.vouchers.models import Voucher
from guanjia.kernel.vouchers.terms import VoucherKind, Why

TRIP_SHEET = VoucherKind(
    key="fleet.trip_sheet",
    title="公务用车派车单",
    pattern="景车派〔{year}〕{number:05d}号",
    series="fleet.trip_sheet",
    template=Path(__file__).parent / "templates-docx" / "trip_sheet.docx",
    # Whoever stops the car may know whose journey it is and when; not where to, nor who rides.
    public=("用车单位", "号牌号码", "计划出车", "计划返回"),
)

BILL = VoucherKind(
    key="fleet.bill",
    title="公务用车结算单",
    pattern="景车结〔{year}〕{number:05d}号",
    series="fleet.bill_sheet",
    template=Path(__file__).parent / "templates-docx" / "bill.docx",
    # Whoever is handed the sheet for payment may compare whose it is and how much.
    public=("用车单位", "账期", "合计"),
)


def issue_sheet(*, actor: Actor, trip: Trip, reason: str = "", at: datetime) -> Voucher:
    """Issue the sheet of a trip that has car and driver, in the place of the one it had."""
    old = queries.standing(trip)
    paper = _paper(actor, trip)
    if old is None:
        return vouchers.issue(actor=actor, paper=paper, at=at)
    return vouchers.replace(
        actor=actor, voucher_id=old.pk, paper=paper, reason=reason or "改派", at=at
    )


def void_sheets(*, actor: Actor, trips: Iterable[Trip], reason: str, at: datetime) -> None:
    """Make the sheets of trips void that no longer have their car."""
    for trip in trips:
        vouchers.void_along(actor=actor, subject=trip, why=Why.CANCELLED, reason=reason, at=at)


def _paper(actor: Actor, trip: Trip) -> vouchers.Paper:
    carrier = trip.carrier
    car, driver = carrier.car, carrier.driver
    if car is None or driver is None:
        raise ValueError(f"{trip.number} has no car to write on a sheet")
    begin, end = _moment(trip.planned_from), _moment(trip.planned_to)
    first, last = _days(trip)
    return vouchers.Paper(
        kind=TRIP_SHEET,
        subject=trip,
        unit=trip.unit,
        issuer=queries.issuer_of(actor) or car.unit.name,
        facts={
            "trip": trip.number,
            "rider": trip.rider_name,
            "passengers": f"{trip.passengers} 人",
            "purpose": trip.get_purpose_display(),
            "reason": trip.reason,
            "route": f"{trip.origin} → {trip.destination}",
            "planned_from": begin,
            "planned_to": end,
            "plate": car.plate,
            "make": f"{car.make}（{car.seats} 座）",
            "driver": driver.name,
            "licence": driver.get_licence_display(),
            "approval": _approval(trip),
            "remark": _remark(trip),
            "valid": f"{_day(first)}至{_day(last)}",
        },
        shown=[
            ("用车单位", trip.unit.name),
            ("号牌号码", car.plate),
            ("计划出车", begin),
            ("计划返回", end),
        ],
        valid_from=first,
        valid_until=last + timedelta(days=1),
    )


def _days(trip: Trip) -> tuple[date, date]:
    """The first and the last day a sheet holds."""
    first = trip.planned_from.astimezone(times.ZONE).date()
    last = trip.planned_to.astimezone(times.ZONE).date()
    beyond = int(law_at(trip.planned_from)["fleet.trip_sheet.days_after"].value)
    return first, last + timedelta(days=beyond)


def _approval(trip: Trip) -> str:
    """Who agreed to the journey, as far as somebody has."""
    acts = Act.objects.filter(
        case__subject_type=Trip._meta.label_lower, case__subject_id=trip.pk, kind=ActKind.AGREE
    )
    last = acts.order_by("-pk").first()
    if last is None:
        return "应急先派，尚未审批" if trip.urgent else "—"
    return f"{last.name}　{_moment(last.at)} 同意"


def _remark(trip: Trip) -> str:
    """What is special about the journey; a dash for nothing."""
    said = []
    if trip.urgent:
        due = f"，{_day(trip.paper_due_on)}前补齐手续" if trip.paper_due_on else ""
        said.append(f"应急先派：{trip.urgent_reason}{due if trip.paper == Paper.OWED else ''}")
    if trip.shares is not None:
        said.append(f"合乘 {trip.shares.number} 的车")
    return "；".join(said) or "—"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(at: datetime) -> str:
    local = at.astimezone(times.ZONE)
    return f"{_day(local.date())} {local.hour}:{local:%M}"


# ── the sheet of a bill ──────────────────────────────────────────────────────────────────


def issue_bill(*, actor: Actor, bill: Bill, at: datetime) -> Voucher:
    """Issue the sheet of a settled bill, with every line as it was agreed."""
    lines = list(
        bill.lines.select_related("trip", "corrects__bill").order_by("kind", "departed_at", "pk")
    )
    day = at.astimezone(times.ZONE).date()
    month = f"{bill.month.year}年{bill.month.month}月"
    paper = vouchers.Paper(
        kind=BILL,
        subject=bill,
        unit=bill.unit,
        issuer=queries.issuer_of(actor) or "—",
        facts={
            "bill": bill.number,
            "month": month,
            "rows": [_bill_row(place, line) for place, line in enumerate(lines, start=1)],
            "count": f"{sum(line.kind == LineKind.TRIP for line in lines)} 单",
            "km": f"{sum(line.km or 0 for line in lines):,}",
            "total": money.yuan(bill.total_fen),
            "paid_no": bill.paid_no or "—",
        },
        shown=[
            ("用车单位", bill.unit.name),
            ("账期", month),
            ("合计", money.yuan(bill.total_fen)),
        ],
        valid_from=day,
    )
    return vouchers.issue(actor=actor, paper=paper, at=at)


def _bill_row(place: int, line: BillLine) -> dict[str, str]:
    """A line as the sheet prints it."""
    day = line.departed_at.astimezone(times.ZONE).date() if line.departed_at else None
    said = []
    if line.kind == LineKind.ADJUSTMENT and line.corrects is not None:
        said.append(f"更正 {line.corrects.bill.number}：{line.note}")
    if line.all_riders and line.riders and line.all_riders > line.riders:
        said.append(f"合乘 {line.riders}/{line.all_riders} 人")
    if line.adjusted_fen is not None:
        said.append(f"原 {money.yuan(line.amount_fen)}")
    return {
        "place": str(place),
        "day": f"{day:%m-%d}" if day else "—",
        "trip": line.trip.number if line.trip else "—",
        "destination": line.trip.destination if line.trip else "—",
        "size": line.get_size_display() or "—",
        "km": "—" if line.km is None else f"{line.km:,}",
        "hours": "—" if line.hours is None else str(line.hours),
        "amount": money.yuan(line.due).removesuffix(" 元"),
        "said": "；".join(said),
    }
