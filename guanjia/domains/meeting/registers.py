"""会议服务登记: meetings as they were booked and held, old ones from Excel; and the rooms."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from guanjia.domains.meeting import actions
from guanjia.domains.meeting import queries as reading
from guanjia.domains.meeting.models import Booking, MeetingRoom
from guanjia.domains.meeting.terms import LEDGER_STATES, TAKES_ROOM, Asking, BookingState, Standing
from guanjia.kernel.org import queries as org
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.declaration import (
    Checked,
    Column,
    Fault,
    Filter,
    ImportRow,
    Register,
    View,
    Written,
)
from guanjia.kernel.registers.fields import of
from guanjia.kernel.values.actor import Actor


def _rooms(_: Any) -> list[tuple[int, str]]:
    return [(one.pk, one.name) for one in MeetingRoom.objects.all()[:200]]


def _check(rows: Sequence[ImportRow], actor: Actor) -> Checked:
    """Units out of reach, times that cannot be, and two meetings in one room at once."""
    now = timezone.now()
    ids = {row.values["unit"].pk for row in rows}
    scope = actor.scope(reading.ENTER)
    mine = set(Unit.objects.within(scope).filter(pk__in=ids).values_list("pk", flat=True))
    known = actions.known_of([row.values for row in rows])
    faults: list[Fault] = []
    sound: list[ImportRow] = []
    for row in rows:
        there = known.get(_key(row.values))
        if there is not None and there.asked_at is not None:
            continue  # done here: the sheet does not change it
        found = list(_faults(row, there, now=now, mine=row.values["unit"].pk in mine))
        faults += found
        if not found and row.values["state"] in TAKES_ROOM:
            sound.append(row)
    return Checked(errors=[*faults, *_overlapping(sound, known)])


def _key(told: Mapping[str, Any]) -> tuple[str, str, datetime]:
    return told["title"], told["room"], told["starts_at"]


def _faults(row: ImportRow, there: Booking | None, *, now: datetime, mine: bool) -> Iterator[Fault]:
    told = row.values
    if not mine:
        yield BOOKINGS.fault(row, "unit", "outside", "这家单位不在您的范围内")
    if told["ends_at"] <= told["starts_at"]:
        yield BOOKINGS.fault(row, "ends_at", "ends_before", "结束时间应在开始时间以后")
    if told["state"] not in LEDGER_STATES:
        yield BOOKINGS.fault(row, "state", "not_over", "台账只登记已召开、已取消的会议")
    elif told["state"] == BookingState.HELD and told["starts_at"] > now:
        yield BOOKINGS.fault(row, "starts_at", "in_the_future", "已召开的会议，开始时间还没有到")
    if there is not None and there.state != told["state"]:
        sentence = f"这场会议已登记为{there.get_state_display()}，不能用台账改"
        yield BOOKINGS.fault(row, "state", "state_fixed", sentence)


def _overlapping(
    rows: Sequence[ImportRow], known: Mapping[tuple[str, str, datetime], Booking]
) -> Iterator[Fault]:
    """Rows that share a room and a moment with another row, or with what is booked here."""
    if not rows:
        return
    # A row of the file says anew when a meeting ended that is known already.
    again = [known[_key(row.values)].pk for row in rows if _key(row.values) in known]
    first = min(row.values["starts_at"] for row in rows)
    last = max(row.values["ends_at"] for row in rows)
    here = Booking.objects.between(first, last).exclude(pk__in=again).select_related("room")
    told = {row.number: row for row in rows}
    spans = [(one.room.name, one.starts_at, one.ends_at, 0, one.number) for one in here]
    for row in rows:
        _, room, starts_at = _key(row.values)
        spans.append((room, starts_at, row.values["ends_at"], row.number, f"第 {row.number} 行"))
    longest: dict[str, Any] = {}  # by room: what ends last among those before
    for span in sorted(spans):
        room, starts_at, ends_at, *_ = span
        before = longest.get(room)
        if before is not None and before[2] > starts_at:
            other, late = sorted((before, span), key=lambda one: one[3])
            sentence = f"和{other[4]}在同一会议室、时间重叠"
            yield BOOKINGS.fault(told[late[3]], "starts_at", "overlap", sentence)
        if before is None or ends_at > before[2]:
            longest[room] = span


def _write(*, actor: Actor, rows: Sequence[ImportRow], at: datetime) -> Written:
    told = [{**row.values, "services": row.values["services"] or ""} for row in rows]
    return Written.of(actions.enter_bookings(actor=actor, rows=told, at=at))


def _is(*states: BookingState) -> Any:
    return lambda _: Q(state__in=states)


BOOKINGS = Register(
    key="meeting.bookings",
    title="会议服务登记",
    noun="场",
    key_column="title",
    key_with=("room", "starts_at"),
    columns=[
        of(Booking.number, imported=False, link="meeting:booking", fold=1),
        of(
            Booking.title, unique=True, link="meeting:booking", wide=True,
            example="市政府复工复产工作会",
        ),
        of(
            Booking.unit, title="主办单位编码", path="unit.code", reference=org.units_by_code,
            missing="单位名录中没有 {value}", missing_code="unit_unknown",
            sort="unit__position", fold=2, example="3602D001",
        ),
        Column(
            name="unit_name", title="主办单位", path="unit.shown", imported=False,
            sort="unit__position",
        ),
        of(
            MeetingRoom.name, name="room", path="room.name", sort="room__name", unique=False,
            example="市民中心报告厅",
        ),
        of(Booking.starts_at, example="2020-05-08 09:00"),
        of(Booking.ends_at, example="2020-05-08 11:00"),
        of(Booking.people, total="people"),
        of(Booking.services, fold=1, example="茶水、音响、桌签"),
        of(Booking.state, widget="ui/register/state.html"),
        of(Booking.asked_at, imported=False, fold=2),
    ],
    rows=reading.bookings,
    see=reading.SEE,
    take=reading.ENTER,
    filters=[
        Filter(name="state", title="状态", kind="choice", path="state", choices=BookingState),
        Filter(name="starts", title="开始日期", kind="dates", path="starts_at"),
        Filter(name="room", title="会议室", kind="pick", path="room", options=_rooms),
        Filter(name="words", title="会议、编号", kind="text", path="title,number"),
        Filter(name="unit", title="主办单位", kind="unit", path="unit", more=True),
    ],
    views=[
        View(key="all", title="全部"),
        View(key="asked", title="待审批", condition=_is(BookingState.REQUESTED)),
        View(key="booked", title="已预订", condition=_is(BookingState.BOOKED)),
        View(
            key="unwritten", title="待登记召开",
            condition=lambda at: Q(state=BookingState.BOOKED, ends_at__lte=at),
        ),
        View(key="held", title="已召开", condition=_is(BookingState.HELD)),
    ],
    totals={"records": Count("pk"), "people": Sum("people")},
    order=("-starts_at", "-pk"),
    order_name="starts_at",
    order_down=True,
    check_rows=_check,
    write_rows=_write,
    place=470,
    url="meeting:bookings_list",
    create_url="meeting:bookings_new",
    create_label="预订会议室",
    create_verb=reading.REQUEST,
)  # fmt: skip

ROOMS = Register(
    key="meeting.rooms",
    title="会议室",
    noun="间",
    key_column="name",
    columns=[
        of(MeetingRoom.name, link="meeting:room", imported=False),
        of(MeetingRoom.seats, imported=False, unit="座"),
        of(MeetingRoom.equipment, imported=False, wide=True),
        of(MeetingRoom.asking, imported=False),
        Column(
            name="unit_name", title="管理单位", path="unit.shown", imported=False,
            sort="unit__position",
        ),
        of(MeetingRoom.standing, imported=False),
    ],
    rows=reading.all_rooms,
    see=reading.SEE,
    take=reading.KEEP,
    filters=[
        Filter(name="asking", title="预订方式", kind="choice", path="asking", choices=Asking),
        Filter(name="standing", title="状态", kind="choice", path="standing", choices=Standing),
        Filter(name="words", title="会议室、设备", kind="text", path="name,equipment"),
    ],
    views=[View(key="all", title="全部")],
    order=("name", "pk"),
    order_name="name",
    place=465,
    url="meeting:rooms_list",
    create_url="meeting:rooms_new",
    create_label="登记会议室",
    create_verb=reading.KEEP,
)  # fmt: skip

REGISTERS: tuple[tuple[str, Register], ...] = (("rooms/", ROOMS), ("bookings/", BOOKINGS))
