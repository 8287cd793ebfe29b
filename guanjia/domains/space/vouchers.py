"""The papers of an allocation: 使用协议, 调配使用凭证 or 借用调配凭证, and how they follow it.

Called by the actions, inside their transactions, as the last thing they lock.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from guanjia.domains.space.models import Allocation, AllocationRoom
from guanjia.domains.space.rules.allocations import day as written
from guanjia.domains.space.terms.allocations import AllocationMethod
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.vouchers import actions as vouchers
from guanjia.kernel.vouchers import queries
from guanjia.kernel.vouchers.models import Voucher
from guanjia.kernel.vouchers.terms import VoucherKind, Why

_TEMPLATES = Path(__file__).parent / "templates-docx"
_RULE = "space.allocation.voucher"
# Whoever is shown the paper may compare whose offices these are, where and how much; not who sits
# there.
_SHOWN = ("使用单位", "坐落", "使用面积")

VOUCHER = VoucherKind(
    key="space.allocation",
    title="办公用房调配使用凭证",
    pattern="景调配〔{year}〕{number:03d}号",
    series="space.allocation_voucher",
    template=_TEMPLATES / "allocation.docx",
    official=True,
    public=_SHOWN,
    listed=False,
)

LOAN = VoucherKind(
    key="space.loan",
    title="办公用房借用调配凭证",
    pattern="景借调〔{year}〕{number:03d}号",
    series="space.loan_voucher",
    template=_TEMPLATES / "allocation.docx",
    official=True,
    public=(*_SHOWN, "借用期限"),
    listed=False,
)

AGREEMENT = VoucherKind(
    key="space.agreement",
    title="办公用房使用协议",
    pattern="景用房协〔{year}〕{number:03d}号",
    series="space.agreement",
    template=_TEMPLATES / "agreement.docx",
    public=("使用单位", "坐落"),
    listed=False,
)

ALL = (VOUCHER, LOAN, AGREEMENT)


def kind_of(allocation: Allocation) -> VoucherKind:
    """Which numbered paper an allocation has."""
    return LOAN if allocation.way == AllocationMethod.LOAN else VOUCHER


def standing(allocation: Allocation, kind: VoucherKind) -> Voucher | None:
    """The voucher of a kind that is not void."""
    rows = Voucher.objects.of(allocation).filter(kind=kind.key, voiding=None)
    found: Voucher | None = rows.select_related("unit").first()
    return found


def _last(allocation: Allocation, kind: VoucherKind) -> Voucher | None:
    """The newest voucher of a kind, void or not."""
    found: Voucher | None = Voucher.objects.of(allocation).filter(kind=kind.key).first()
    return found


def let_go(*, actor: Actor, allocation: Allocation, reason: str, at: datetime) -> None:
    """The rooms of its papers are free for others: whoever asks by the code must not read 有效."""
    vouchers.void_along(actor=actor, subject=allocation, why=Why.OTHER, reason=reason, at=at)


def with_facts(allocation: Allocation, facts: Mapping[str, Any]) -> Allocation:
    """An allocation as it will be saved together with the number of its voucher."""
    planned = copy(allocation)
    for name, value in facts.items():
        setattr(planned, name, value)
    return planned


def issue(
    *,
    actor: Actor,
    allocation: Allocation,
    rooms: Sequence[AllocationRoom],
    reason: str = "",
    at: datetime,
) -> Voucher:
    """Issue the voucher of a granted allocation and its agreement, in the place of those it had."""
    voucher: Voucher | None = None
    for kind in (kind_of(allocation), AGREEMENT):
        paper = _paper(actor, allocation, rooms, kind, at)
        old = standing(allocation, kind)
        if old is None:
            # One that is void since its rooms were let go is told by what comes in its place.
            made = vouchers.issue(actor=actor, paper=paper, replaces=_last(allocation, kind), at=at)
        else:
            made = vouchers.replace(
                actor=actor, voucher_id=old.pk, paper=paper, reason=reason or "房间有变动", at=at
            )
        voucher = voucher or made
    assert voucher is not None  # noqa: S101 — the loop above runs
    return voucher


def _paper(
    actor: Actor,
    allocation: Allocation,
    rooms: Sequence[AllocationRoom],
    kind: VoucherKind,
    at: datetime,
) -> vouchers.Paper:
    since = allocation.since_on or at.astimezone(SHANGHAI).date()
    until = allocation.last_on + timedelta(days=1) if allocation.last_on else None
    shown = {
        "使用单位": allocation.unit.name,
        "坐落": allocation.place,
        "使用面积": metres(allocation),
        "借用期限": term(allocation) if until else "",
    }
    issuer = queries.issuer_of(actor) or "机关事务管理局"
    agreement = kind is AGREEMENT
    said = _agreed(allocation, rooms) if agreement else _said(allocation, rooms, at)
    return vouchers.Paper(
        kind=kind,
        subject=allocation,
        unit=allocation.unit,
        issuer=issuer,
        facts={"sentences": said},
        shown=[(label, shown[label]) for label in kind.public if shown[label]],
        valid_from=since,
        valid_until=until,
    )


def metres(allocation: Allocation) -> str:
    """The area as official texts write it; of a lease or a building the 建筑面积."""
    if allocation.usable_m2 is not None:
        return f"{allocation.usable_m2.normalize():f}平方米"
    return f"建筑面积{allocation.gross_m2.normalize():f}平方米" if allocation.gross_m2 else "未登记"


def term(allocation: Allocation) -> str:
    """From when until when, both days included."""
    begin = written(allocation.since_on) if allocation.since_on else ""
    return f"{begin}至{written(allocation.last_on)}" if allocation.last_on else f"{begin}起"


def place_of(rooms: Sequence[AllocationRoom]) -> str:
    """Where rooms lie, for one line: the building, the floors, how many."""
    parts = []
    for building, group in groupby(rooms, key=lambda row: row.room.building):
        of_building = list(group)
        floors = sorted({row.room.floor.number for row in of_building})
        on = "、".join(_floors(floors))
        parts.append(f"{building.compound.name}{building.name}{on} {len(of_building)} 间")
    return "、".join(parts)[:200]


def _floors(numbers: Sequence[int]) -> list[str]:
    """Floors that follow one another as a range; those between that have no room are not said."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1 and number != 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [_floor_words(run[0], run[-1]) for run in runs]


def _floor_words(first: int, last: int) -> str:
    if last < 0:
        return f"地下{-last}层" if first == last else f"地下{-last}–{-first}层"
    return f"{first}层" if first == last else f"{first}–{last}层"


def _named(rooms: Sequence[AllocationRoom]) -> str:
    """Every room by its number, building by building, as official texts write it."""
    parts = []
    for building, group in groupby(rooms, key=lambda row: row.room.building):
        numbers = "、".join(row.room.number for row in group)
        parts.append(f"{building.compound.name}{building.name}{numbers}室")
    return "，".join(parts)


def _where(allocation: Allocation, rooms: Sequence[AllocationRoom]) -> str:
    if not rooms:
        rented = "租用的" if allocation.way == AllocationMethod.RENT else ""
        return f"{rented}{allocation.place}办公用房"
    return f"{_named(rooms)}共{len(rooms)}间办公用房"


def _basis(at: datetime) -> str:
    law = law_at(at)
    if _RULE not in law:
        return ""
    cite = law[_RULE].cite
    return f"根据《{cite.title}》{cite.article}，"


def _said(allocation: Allocation, rooms: Sequence[AllocationRoom], at: datetime) -> list[str]:
    where, loan = _where(allocation, rooms), allocation.is_loan
    verb = "续借" if allocation.extends_id else ("借" if loan else "调配")
    area = metres(allocation)
    area = area if area.startswith("建筑面积") else f"使用面积合计{area}"
    first = f"{_basis(at)}经审核批准，现将{where}{verb}给你单位使用，{area}。"
    duty = (
        "请按照批准的用途和面积使用，不得擅自改变使用功能，不得出租、出借或者自行调整给其他单位。"
    )
    if loan:
        last = f"借用期限为{term(allocation)}，到期交回；需要继续使用的，应当在到期前申请续借。"
        return [first, duty, last]
    if allocation.last_on:  # a lease
        last = f"租用期限为{term(allocation)}；需要继续租用的，应当在到期前重新申请。"
        return [first, duty, last]
    begin = written(allocation.since_on) if allocation.since_on else ""
    return [first, duty, f"本凭证自{begin}起有效，房间有变动时换发。"]


def _agreed(allocation: Allocation, rooms: Sequence[AllocationRoom]) -> list[str]:
    area = metres(allocation)
    area = area if area.startswith("建筑面积") else f"使用面积合计{area}"
    return [
        f"一、甲方将{_where(allocation, rooms)}交给乙方使用，{area}，调配单号{allocation.number}。",
        "二、乙方在核定面积内使用，不得擅自改变使用功能，不得出租、出借，不得自行调整给其他单位。",
        "三、乙方负责日常维护，配合甲方的巡检和清查；房间不再需要的，及时移交甲方统一调剂。",
        f"四、使用期限：{term(allocation)}。",
        "五、乙方搬入后应当腾退的原办公用房，按期移交甲方。",
        "六、本协议一式两份，甲乙双方各执一份，双方签章后生效。",
    ]


def days_of(allocation: Allocation) -> tuple[date | None, date | None]:
    """The half-open stretch in which an allocation holds."""
    until = allocation.last_on + timedelta(days=1) if allocation.last_on else None
    return allocation.since_on, until
