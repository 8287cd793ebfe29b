"""核定面积 and 用房问题 of the demo: establishments, who sits where, two looks over all rooms.

Between the looks units explain, the bureau decides, and one of the findings is put right.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from guanjia.demo.accounts import RED_CROSS
from guanjia.domains.space.actions import establishments, findings, judging, seating
from guanjia.domains.space.models import Finding, Holding, Occupant, Room
from guanjia.domains.space.terms.findings import FindingCode, FindingState, Outcome
from guanjia.kernel.access import queries as access
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature, Rank
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

_KEEPER, _CLERK = "pengminci", "suxiao"
_REFORMED, _UNITS = date(2019, 3, 1), 14  # so many have their numbers by rank entered
_DAY = timedelta(days=1)
_ENTERED, _SEATED, _LOOKED, _MOVED = 28 * _DAY, 27 * _DAY, 24 * _DAY, 9 * _DAY
# Who sits where at 红十字会: building, room, people by the last digits of their number.
_SEATS = (
    ("3号楼", "214", ("001",)),
    ("3号楼", "106", ("002",)),
    ("3号楼", "409", ("003",)),  # more than the rank may have; moved after the first look
    ("3号楼", "216", ("004",)),
    ("4号楼", "402", ("004",)),  # a second office
    ("3号楼", "108", ("005", "006")),
    ("3号楼", "301", ("007", "008")),  # more than two may have
    ("4号楼", "406", ("009", "010", "011")),
)
_SMALLER = ("4号楼", "306")
# Where people of 常委楼 moved together, leaving rooms too large for who stayed: from, to, people.
_CROWDED = "常委楼"
_MOVES = (
    ("116", "117", 1), ("113", "114", 1), ("108", "111", 2), ("115", "109", 2), ("207", "215", 1),
    ("219", "220", 1), ("317", "316", 1), ("313", "315", 2), ("411", "410", 1), ("402", "401", 2),
)  # fmt: skip
_EXPLAINED = (
    "机构改革后人员划转，房间没有相应调整，正在清理。",
    "原与下属单位合署办公，下属单位迁出后没有移交，拟退出多余房间。",
    "部分房间为资料档案用房，台账类别登记有误，已报办公用房管理科更正。",
    "窗口服务用房列入了服务用房，申请单独核算。",
)

_EXPLAINED_ROOM = (
    "人员并到隔壁合署办公，原房间拟隔出一间会议室。",
    "近期有新录用人员报到，暂未调整座位。",
    "有人外出挂职，座位保留。",
)

_PUT_RIGHT_ROOM = "调整座位，使用面积不超过限额之和。"
_PUT_RIGHT = "退出超出核定面积的房间，移交统一调剂。"
_NOTHING = "经现场核实，按说明更正台账。"


def settle(*, at: datetime) -> None:
    """Before anything else: establishments, and who sits where; ``at``: the moment of the demo."""
    _establishments(at - _ENTERED)
    for building, number, people in _SEATS:
        _seat(building, number, people, at - _SEATED)
    _move_together(at - _SEATED)


def live(*, at: datetime) -> None:
    """After everything else: look it all over twice; ``at``: the moment of the demo."""
    first = at - _LOOKED
    judging.judge(actor=_actor(_KEEPER, first), day=_day(first), at=first)
    _explain(first)
    _decide(first + 6 * _DAY)
    building, number, people = _SEATS[2]
    _seat(building, number, (), at - _MOVED)
    _seat(*_SMALLER, people, at - _MOVED)
    judging.judge(actor=Actor.system("用房核查"), day=_day(at), at=at)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _actor(username: str, at: datetime) -> Actor:
    return access.actor_named(username=username, on=_day(at))


def _establishments(at: datetime) -> None:
    """The numbers by rank of some units, and of 红十字会; one does not fit its headcount."""
    organs = Unit.objects.filter(nature=Nature.PARTY_OR_STATE, headcount__isnull=False)
    wanted = list(organs.order_by("position", "code")[:_UNITS])
    wanted += list(Unit.objects.filter(code=RED_CROSS))
    rows = []
    for place, unit in enumerate(wanted, start=1):
        people = Person.objects.filter(unit=unit, left_on=None).values_list("rank", flat=True)
        leading = Counter(rank for rank in people if rank != Rank.BELOW_BUREAU)
        rest = (unit.headcount or 0) - leading.total() - (2 if place == _UNITS else 0)
        numbers = {**leading, Rank.BELOW_BUREAU: max(rest, 0)}
        rows += [
            {
                "unit": unit, "rank": rank, "number": number, "since": _REFORMED,
                "document": f"景编〔2019〕{20 + place}号",
            }
            for rank, number in sorted(numbers.items())
        ]  # fmt: skip
    establishments.enter_establishments(actor=_actor(_KEEPER, at), rows=rows, at=at)


def _seat(building: str, number: str, people: tuple[str, ...], at: datetime) -> None:
    """By the unit's clerk, in a room that is still theirs; last digits stand for the person."""
    room = Room.objects.get(building__name=building, number=number)
    if not Holding.objects.on(_day(at)).filter(room=room, unit__code=RED_CROSS).exists():
        return
    numbers = [f"{RED_CROSS.removeprefix('3602')}{digits}" for digits in people]
    ids = list(Person.objects.filter(number__in=numbers).values_list("pk", flat=True))
    seating.seat_people(
        actor=_actor(_CLERK, at), room_id=room.pk, people_ids=ids, on=_day(at), at=at
    )


def _move_together(at: datetime) -> None:
    """Some people share a room that is small for them; what they left is too large for the rest."""
    rooms = {room.number: room for room in Room.objects.filter(building__name=_CROWDED)}
    keeper, day = _actor(_KEEPER, at), _day(at)

    def sitting(number: str) -> list[int]:
        seats = Occupant.objects.on(day).filter(room=rooms[number]).order_by("person__number")
        return list(seats.values_list("person", flat=True))

    for left, taken, many in _MOVES:
        stay, move = sitting(left)[:-many], sitting(left)[-many:]
        for number, people in ((left, stay), (taken, [*sitting(taken), *move])):
            seating.seat_people(
                actor=keeper, room_id=rooms[number].pk, people_ids=people, on=day, at=at,
                why="座位调整",
            )  # fmt: skip


def _explain(at: datetime) -> None:
    """红十字会 explains its own but one; of the others a few do."""
    mine = Finding.objects.filter(unit__code=RED_CROSS).order_by("code", "pk")
    for place, finding in enumerate(mine):
        if place == 0:
            continue
        words = "人员较多，会议和培训用房兼作他用，拟退出两间。"
        if finding.code == FindingCode.TWO_OFFICES:
            words = "4 号楼 402 为救护培训基地值班用房，平时不常用，可以交回。"
        findings.explain_finding(
            actor=_actor(_CLERK, at), finding_id=finding.pk, explanation=words,
            at=at + (1 + place) * _DAY,
        )  # fmt: skip
    system = Actor.system("单位联络员")
    others = Finding.objects.exclude(unit=None).exclude(unit__code=RED_CROSS).order_by("pk")
    rooms = others.filter(code=FindingCode.OVER_AREA)
    told = [*zip(rooms[:4], 2 * _EXPLAINED_ROOM, strict=False)]
    told += zip(others.exclude(code=FindingCode.OVER_AREA)[:6], 2 * _EXPLAINED, strict=False)
    for finding, words in told:
        findings.explain_finding(
            actor=system, finding_id=finding.pk, explanation=words, at=at + 3 * _DAY
        )


def _decide(at: datetime) -> None:
    """Some of what was explained is to be put right, one is nothing, the others wait."""
    keeper = _actor(_KEEPER, at)
    explained = Finding.objects.filter(state=FindingState.EXPLAINED).order_by("pk")
    for place, finding in enumerate(explained[:7]):
        mend = place != 1
        right = _PUT_RIGHT_ROOM if finding.code == FindingCode.OVER_AREA else _PUT_RIGHT
        findings.decide_finding(
            actor=keeper, finding_id=finding.pk,
            outcome=Outcome.MEND if mend else Outcome.UNFOUNDED,
            decision=right if mend else _NOTHING,
            mend_by=_day(at) + (14 + 10 * place) * _DAY if mend else None, at=at,
        )  # fmt: skip
