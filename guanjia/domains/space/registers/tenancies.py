"""周转房租住台账, which comes from Excel too, and 周转房租金, which writes itself."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from guanjia.domains.space.actions import tenancy_ledger
from guanjia.domains.space.models import (
    Building,
    Compound,
    Rent,
    RentPayment,
    Room,
    RoomSpell,
    Tenancy,
)
from guanjia.domains.space.queries import buildings
from guanjia.domains.space.queries import tenancies as reading
from guanjia.domains.space.registers.disposals import sum_yuan, yuan
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.tenancies import RentState, TenancyState, TenantKind
from guanjia.kernel.org import queries as org
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Kind,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor

# ── what a ledger may tell ───────────────────────────────────────────────────────────────


def _rooms(rows: Sequence[ImportRow]) -> dict[tuple[str, str, str], Room]:
    found = Room.objects.select_related("building__compound").filter(
        number__in={row.values["number"] for row in rows}
    )
    return {(one.building.compound.name, one.building.name, one.number): one for one in found}


def _key(row: ImportRow) -> tuple[str, str, str]:
    told = row.values
    return told["compound"], told["building"], told["number"]


def _check(rows: Sequence[ImportRow], _: Actor) -> Checked:
    """Rooms that are no 周转房, days that cannot be, stretches that overlap."""
    rooms, today = _rooms(rows), timezone.localdate()
    ids = [room.pk for room in rooms.values()]
    kinds = dict(RoomSpell.objects.on(today).filter(room__in=ids).values_list("room", "kind"))
    known = list(
        Tenancy.objects.exclude(state=TenancyState.CALLED_OFF)
        .filter(Q(room__in=ids) | Q(tenant__in=[row.values["tenant"].pk for row in rows]))
        .select_related("tenant", "room__building")
    )
    errors: list[Fault] = []
    sound: list[ImportRow] = []
    for row in rows:
        found = [*_place(row, rooms.get(_key(row)), kinds), *_days(row, today)]
        errors += found
        if not found:
            sound.append(row)
    errors += _overlaps(sound, rooms, known)
    doubts = [fault for row in sound for fault in _doubts(row, today)]
    return Checked(errors=errors, doubts=doubts)


def _place(row: ImportRow, room: Room | None, kinds: Mapping[int, str]) -> Iterator[Fault]:
    if room is None:
        sentence = "房间台账没有这间房，先导入房间台账"
        yield TENANCIES.fault(row, "number", "room_unknown", sentence)
    elif kinds.get(room.pk) != RoomKind.QUARTERS:
        kind = RoomKind(kinds[room.pk]).label if room.pk in kinds else "已不在台账"
        sentence = f"房间台账登记的是{kind}，不是周转房"
        yield TENANCIES.fault(row, "number", "no_quarters", sentence)


def _days(row: ImportRow, today: date) -> Iterator[Fault]:
    told = row.values
    if told["last_on"] <= told["since_on"]:
        yield TENANCIES.fault(row, "last_on", "ends_before", "到期日期应晚于起租日期")
    ended = told["ended_on"]
    if ended is not None and ended > today:
        yield TENANCIES.fault(row, "ended_on", "in_the_future", "退房日期还没有到")
    if ended is not None and ended <= told["since_on"]:
        yield TENANCIES.fault(row, "ended_on", "ends_before", "退房日期应晚于起租日期")


def _overlaps(
    rows: Sequence[ImportRow],
    rooms: Mapping[tuple[str, str, str], Room],
    known: Sequence[Tenancy],
) -> Iterator[Fault]:
    """No room and no tenant twice at a time, in the file and beside what is known."""
    told = [
        (rooms[_key(row)].pk, row.values["tenant"].pk, row.values["since_on"], row) for row in rows
    ]
    same = {(room, tenant, since) for room, tenant, since, _ in told}
    others = [
        (one.room_id, one.tenant_id, one.since_on, one.ended_on, f"{one.number} {one.tenant.name}")
        for one in known
        if (one.room_id, one.tenant_id, one.since_on) not in same
    ]
    for room, tenant, since, row in told:
        ended = row.values["ended_on"]
        for other_room, other_tenant, begins, ends, name in others:
            if not _meet(since, ended, begins, ends):
                continue
            if other_room == room:
                yield TENANCIES.fault(row, "number", "lived_in", f"这段时间{name}在住")
            elif other_tenant == tenant:
                yield TENANCIES.fault(row, "tenant", "has_one", f"这段时间已有周转房：{name}")
        others.append((room, tenant, since, ended, f"第 {row.number} 行"))


def _meet(since: date, until: date | None, begins: date, ends: date | None) -> bool:
    return max(since, begins) < min(until or date.max, ends or date.max)


def _doubts(row: ImportRow, today: date) -> Iterator[Fault]:
    told = row.values
    if told["ended_on"] is None and told["last_on"] < today:
        yield TENANCIES.fault(row, "last_on", "over_term", "已过租期，没有退房日期")
    if told["ended_on"] is None and told["tenant"].left_on is not None:
        yield TENANCIES.fault(row, "tenant", "left", "人员名录中已离职，没有退房日期")


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    rooms = _rooms(rows)
    facts = [{**row.values, "room": rooms[_key(row)]} for row in rows]
    return Written.of(tenancy_ledger.enter_tenancies(actor=actor, rows=facts, at=at))


# ── views ────────────────────────────────────────────────────────────────────────────────


def _is(state: TenancyState) -> Any:
    return lambda _: Q(state=state)


def _owes(_: datetime) -> Q:
    return Q(owed_months__gt=0)


def _over(at: datetime) -> Q:
    return reading.over_term(timezone.localdate(at))


def _left(_: datetime) -> Q:
    return Q(state=TenancyState.RUNNING) & (
        Q(left_on__isnull=False) | Q(tenant__left_on__isnull=False)
    )


TENANCIES = Register(
    key="space.tenancies",
    title="周转房租住台账",
    noun="户",
    key_column="number",
    key_with=("compound", "building", "since_on"),
    columns=[
        of(
            Compound.name,
            name="compound",
            path="room.building.compound.name",
            sort="room__building__compound__position",
            fold=1,
            example="市委大院",
            unique=False,
        ),
        of(
            Building.name,
            name="building",
            path="room.building.name",
            sort="room__building__position",
            example="周转楼",
        ),
        of(
            Room.number,
            path="room.number",
            unique=True,
            sort="room__number",
            link="space:tenancy",
            example="301",
        ),
        of(
            Tenancy.tenant,
            title="承租人工号",
            path="tenant.number",
            reference=org.people_by_number,
            missing="人员名录中没有 {value}",
            missing_code="person_unknown",
            fold=1,
            example="D045005",
            sort="",
        ),
        Column(
            name="tenant_name",
            title="承租人",
            path="tenant.name",
            imported=False,
            sort="tenant__name",
        ),
        Column(
            name="unit_name",
            title="单位",
            path="tenant.unit.shown",
            imported=False,
            sort="tenant__unit__position",
        ),
        of(Tenancy.state, imported=False, widget="ui/register/state.html"),
        of(Tenancy.kind),
        of(Tenancy.since_on, example="2020-03-16"),
        of(Tenancy.last_on, example="2022-03-15"),
        of(Tenancy.ended_on),
        Column(
            name="owed",
            title="欠交租金(元)",
            heading="欠交",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("owed_fen"),
            imported=False,
            sort="owed_fen",
            total="owed",
        ),
        of(Tenancy.document, fold=2, sort=""),
        of(Tenancy.note, fold=2, sort=""),
        of(Tenancy.number, name="paper", path="number", imported=False, fold=2, sort=""),
    ],
    rows=reading.listed,
    see=reading.SEE,
    take=reading.KEEP,
    filters=[
        Filter(name="state", title="状态", kind="choice", path="state", choices=TenancyState),
        Filter(name="kind", title="类别", kind="choice", path="kind", choices=TenantKind),
        Filter(
            name="building",
            title="楼栋",
            kind="pick",
            path="room__building",
            options=buildings.buildings,
        ),
        Filter(
            name="words",
            title="承租人、房间号、单号",
            kind="text",
            path="tenant__name,tenant__number,room__number,number",
        ),
        Filter(name="unit", title="单位", kind="unit", path="tenant__unit"),
        Filter(name="last", title="到期日期", kind="dates", path="last_on", more=True),
    ],
    views=[
        View(key="running", title="在住", condition=_is(TenancyState.RUNNING)),
        View(key="owes", title="欠租", condition=_owes),
        View(key="over", title="超期未退", condition=_over),
        View(key="left", title="已离任", condition=_left),
        View(key="all", title="全部"),
    ],
    totals={"owed": sum_yuan("owed_fen")},
    order=("room__building__position", "room__number", "-since_on", "pk"),
    order_name="building",
    check_rows=_check,
    write_rows=_write,
    place=450,
    url="space:tenancies_list",
    create_url="space:tenancy_new",
    create_label="登记入住",
    create_verb="space.tenancy.keep",
)


# ── rents ────────────────────────────────────────────────────────────────────────────────


def _rent_state(row: Any) -> str:
    if row.payment_id is not None:
        return RentState.PAID.label
    late = row.due_on < timezone.localdate()
    return RentState.LATE.label if late else RentState.DUE.label


def _rate(row: Any) -> Decimal:
    return (Decimal(row.rate_fen) / 100).quantize(Decimal("0.01"))


def _unpaid(_: datetime) -> Q:
    return Q(payment=None)


def _late(at: datetime) -> Q:
    return Q(payment=None, due_on__lt=timezone.localdate(at))


def _paid(_: datetime) -> Q:
    return Q(payment__isnull=False)


RENTS = Register(
    key="space.rents",
    title="周转房租金",
    noun="笔",
    key_column="month",
    key_with=("tenancy",),
    columns=[
        Column(
            name="month",
            title="月份",
            required=True,
            unique=True,
            link="space:rent",
            value=lambda row: f"{row.month:%Y-%m}",
            sort="month",
        ),
        of(
            Tenancy.number,
            name="tenancy",
            path="tenancy.number",
            fold=2,
            required=False,
            unique=False,
            sort="",
            max_length=200,
        ),
        Column(
            name="tenant", title="承租人", path="tenancy.tenant.name", sort="tenancy__tenant__name"
        ),
        Column(name="unit_name", title="单位", path="tenancy.tenant.unit.shown", fold=1),
        Column(name="room", title="房间", value=lambda row: str(row.tenancy.room)),
        of(Rent.days, title="天数", heading="", unit="天", fold=1, required=False, sort=""),
        Column(
            name="rate",
            title="单价(元/㎡)",
            heading="单价",
            kind=Kind.DECIMAL,
            value=_rate,
            unit="元/㎡",
            fold=1,
        ),
        Column(
            name="due",
            title="应交(元)",
            heading="应交",
            unit="元",
            kind=Kind.DECIMAL,
            value=yuan("fen"),
            sort="fen",
            total="due",
        ),
        of(Rent.due_on, required=False),
        Column(name="state", title="收租", value=_rent_state, widget="space/cells/rent_state.html"),
        of(
            RentPayment.receipt,
            path="payment.receipt",
            sort="payment__receipt",
            required=False,
            max_length=200,
        ),
        of(RentPayment.paid_on, path="payment.paid_on", sort="payment__paid_on", required=False),
    ],
    rows=reading.rents,
    see=reading.SEE,
    take=reading.KEEP,  # nobody takes it in
    filters=[
        Filter(name="month", title="月份", kind="dates", path="month"),
        Filter(name="paid", title="收款日期", kind="dates", path="payment__paid_on"),
        Filter(name="unit", title="单位", kind="unit", path="tenancy__tenant__unit"),
        Filter(
            name="words",
            title="承租人、房间号、票据号",
            kind="text",
            path="tenancy__tenant__name,tenancy__room__number,payment__receipt,tenancy__number",
        ),
    ],
    views=[
        View(key="unpaid", title="待交", condition=_unpaid),
        View(key="late", title="欠交", condition=_late),
        View(key="paid", title="已交", condition=_paid),
        View(key="all", title="全部"),
    ],
    totals={"due": sum_yuan("fen")},
    order=("-month", "tenancy__room__building__position", "tenancy__room__number", "pk"),
    order_name="month",
    order_down=True,
    place=451,
    url="space:rents_list",
)
