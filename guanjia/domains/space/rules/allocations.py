"""What must hold before offices are given (调配): the order of ways, the need, free rooms. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from guanjia.domains.space.rules.clearances import months_after
from guanjia.domains.space.terms.allocations import (
    AllocationMethod,
    FreeRoom,
    LettingOut,
    Need,
    Offer,
    Taken,
)
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import (
    ALLOWED,
    Citation,
    Option,
    Verdict,
    merge,
    passed,
    refuse,
    warn,
)

ORDER = "space.allocation.order"
RENT, BUILD = "space.allocation.rent_approved", "space.allocation.build_approved"
NOT_LENT_OUT = "space.use.not_lent_out"
WITHIN_APPROVED = "space.use.within_approved"
LOAN_MONTHS = "space.loan.months_max"
ENDS = Citation(title="借用要有起止日期", own=True)
ONCE = Citation(title="一间房同一时间只给一个单位，调配和借用一样", own=True)
EMPTY = Citation(title="空置的房间才能调配", own=True)
PEOPLE = Citation(title="用房人数按编制核实", own=True)
APPROVED_FIRST = Citation(title="先批准，后使用", own=True)
_ALTERNATIVES = 3
_OFFERS = 3


def area(m2: Decimal) -> str:
    """An area as people read it: ``52.5 ㎡``."""
    return f"{m2:,.1f} ㎡"


def day(on: date) -> str:
    """A day as people read it."""
    return f"{on.year}年{on.month}月{on.day}日"


# ── the request ──────────────────────────────────────────────────────────────────────────


def may_let_out(*, wish: LettingOut, law: LawInForce) -> Verdict:
    """A unit neither leases nor lends its offices to anybody; what it does not need goes back."""
    cite = law[NOT_LENT_OUT].cite if NOT_LENT_OUT in law else None
    return refuse(
        "let_out",
        f"办公用房不得{wish.label}。",
        "不用的房间交回机关事务管理部门统一调剂。",
        cite,
        field="way",
    )


def earlier_ways(way: AllocationMethod, law: LawInForce) -> tuple[AllocationMethod, ...]:
    """The ways that come before this one in the prescribed order; a loan stands outside it."""
    order = [AllocationMethod(name) for name in law[ORDER].value] if ORDER in law else []
    return tuple(order[: order.index(way)]) if way in order else ()


def in_order(
    *, way: AllocationMethod, refusals: Mapping[AllocationMethod, str], law: LawInForce
) -> Verdict:
    """Whoever asks for a later way says of each earlier one why it will not do."""
    earlier = earlier_ways(way, law)
    missing = [each for each in earlier if not refusals.get(each, "").strip()]
    if missing:
        names = "、".join(each.label for each in missing)
        order = "、".join(AllocationMethod(name).label for name in law[ORDER].value)
        return refuse(
            "earlier_way",
            f"不能直接{way.label}，没有说明为什么不能{names}。",
            f"配置方式依次为{order}，逐项写明不能采用的理由。",
            law[ORDER].cite,
            field=f"refusal_{missing[0].value}",
        )
    if earlier:
        names = "、".join(each.label for each in earlier)
        return passed("in_order", f"不能{names}的理由已写明。", "按次序采用。", law[ORDER].cite)
    return ALLOWED


def loan_ends(
    *, way: AllocationMethod, since_on: date | None, last_on: date | None, law: LawInForce
) -> Verdict:
    """A loan says from when until when, and is not longer than the bureau lets it be."""
    if way != AllocationMethod.LOAN:
        return ALLOWED
    if since_on is None:
        return refuse(
            "no_beginning", "没有填借用开始日期。", "写明从哪天起。", ENDS, field="since_on"
        )
    if last_on is None:
        return refuse(
            "no_end", "借用没有结束日期。", "写明用到哪天，到期可以续借。", ENDS, field="last_on"
        )
    return _ends_in_time(since_on, last_on, law)


def _ends_in_time(since_on: date, last_on: date, law: LawInForce) -> Verdict:
    if last_on < since_on:
        return refuse(
            "ends_before",
            "借用的结束日期早于开始日期。",
            f"{day(since_on)}起，{day(last_on)}止。",
            ENDS,
            field="last_on",
        )
    if LOAN_MONTHS not in law:
        return ALLOWED
    rule = law[LOAN_MONTHS]
    longest = months_after(since_on, int(rule.value)) - timedelta(days=1)
    if last_on > longest:
        return refuse(
            "loan_long",
            f"一次借用不超过 {rule.value} 个月。",
            f"{day(since_on)}起，最迟到{day(longest)}；还要用的到期前续借。",
            rule.cite,
            field="last_on",
        )
    return ALLOWED


def within_need(*, wanted_m2: Decimal, need: Need, law: LawInForce) -> Verdict:
    """What is asked for beside what may be given; more is a warning, the grant judges again."""
    cite = law[WITHIN_APPROVED].cite if WITHIN_APPROVED in law else None
    if need.free_m2 is None or need.entitled_m2 is None:
        return warn("no_standard", "核不出核定面积。", "没有可用的标准，由管理部门核定。", cite)
    told = _told(need)
    if wanted_m2 > need.free_m2:
        return warn(
            "wanted_over",
            f"申请 {area(wanted_m2)}，比可配的多 {area(wanted_m2 - need.free_m2)}。",
            told,
            cite,
            field="wanted_m2",
        )
    return passed("wanted_within", f"申请 {area(wanted_m2)}，在核定面积内。", told, cite)


def people_known(*, persons: int, known: int | None) -> Verdict:
    """People beyond those the unit has on its establishment: the need is reckoned with them all,
    so whoever approves is told."""
    if known is None or persons <= known:
        return ALLOWED
    return warn(
        "more_people",
        f"用房人数 {persons} 人，比编制多 {persons - known} 人。",
        f"登记的编制或按编制推算为 {known} 人，多出的按编制文件核实。",
        PEOPLE,
        field="persons",
    )


def _told(need: Need) -> str:
    back = f"，交回 {area(need.back_m2)}" if need.back_m2 else ""
    return (
        f"核定 {area(need.entitled_m2 or Decimal(0))}，现有 {area(need.held_m2)}{back}，"
        f"可配 {area(need.free_m2 or Decimal(0))}（使用面积）。"
    )


# ── the grant ────────────────────────────────────────────────────────────────────────────


def may_grant(*, given_m2: Decimal, need: Need, law: LawInForce) -> Verdict:
    """Rooms are given within what is approved for the unit, counting what it keeps."""
    cite = law[WITHIN_APPROVED].cite if WITHIN_APPROVED in law else None
    if need.free_m2 is None:
        return warn("no_standard", "核不出核定面积。", "没有可用的标准，按批准的面积调配。", cite)
    told = _told(need)
    if given_m2 > need.free_m2:
        return refuse(
            "over_entitlement",
            f"所选房间 {area(given_m2)}，超出可配面积 {area(given_m2 - need.free_m2)}。",
            f"{told}少选几间，或让单位先交回旧房。",
            cite,
            field="rooms",
        )
    return passed("within_entitlement", f"所选房间 {area(given_m2)}，在核定面积内。", told, cite)


def from_approval_on(*, since_on: date, approved_on: date | None) -> Verdict:
    """Rooms are given from the approval on, or later; nobody had them by it before."""
    if approved_on is None or since_on >= approved_on:
        return ALLOWED
    return refuse(
        "before_approval",
        "使用期限早于批准日期。",
        f"{day(approved_on)}批准，从这天或以后起用。",
        APPROVED_FIRST,
        field="since_on",
    )


def not_taken(*, taken: Sequence[Taken], others: Sequence[FreeRoom]) -> Verdict:
    """Nobody else holds the rooms in the stretch; who does is named, with three others instead."""
    first: dict[int, Taken] = {}
    for each in taken:
        first.setdefault(each.room_id, each)
    options = tuple(
        Option(label=f"{room.name}（{area(room.usable_m2)}）", act="room", value=str(room.id))
        for room in others[:_ALTERNATIVES]
    )
    return merge(
        refuse(
            "room_taken",
            f"{each.room} 已给{each.unit}，{_until(each)}。",
            "换一间空房。" if options else "现在没有别的空房。",
            ONCE,
            field="rooms",
            options=options,
        )
        for each in first.values()
    )


def _until(taken: Taken) -> str:
    if taken.until is None:
        begin = f"{day(taken.since)}起" if taken.since else ""
        return f"{begin}长期使用"
    begin = f"{day(taken.since)}至" if taken.since else "用到"
    return f"{begin}{day(taken.until - timedelta(days=1))}"


def all_empty(*, rooms: Iterable[tuple[str, str]]) -> Verdict:
    """Rooms that are to be given stand empty; pairs of a room that does not and its state."""
    return merge(
        refuse(
            "not_empty", f"{name}现在是{state}，不能调配。", "先办腾退接收，或换一间。", EMPTY,
            field="rooms",
        )
        for name, state in rooms
    )  # fmt: skip


def approved_outside(*, way: AllocationMethod, document: str, law: LawInForce) -> Verdict:
    """A lease or a building needs the approval of who may give it."""
    key = {AllocationMethod.RENT: RENT, AllocationMethod.BUILD: BUILD}.get(way)
    if key is None or document.strip():
        return ALLOWED
    who = "本级人民政府" if way == AllocationMethod.RENT else "有权审批的机关"
    return refuse(
        "no_document",
        f"没有{way.label}的批准文号。",
        f"{way.label}须经{who}批准，填批复的文号。",
        law[key].cite if key in law else None,
        field="document",
    )


# ── vacancies that fit ───────────────────────────────────────────────────────────────────


def best(rooms: Sequence[FreeRoom], need_m2: Decimal) -> tuple[FreeRoom, ...]:
    """Rooms that come nearest to a need without going beyond it, the largest first.

    Where even the smallest is too large, that one.
    """
    chosen, left = [], need_m2
    for room in sorted(rooms, key=lambda r: (-r.usable_m2, r.floor, r.number)):
        if room.usable_m2 <= left:
            chosen.append(room)
            left -= room.usable_m2
    if not chosen and rooms:
        chosen = [min(rooms, key=lambda r: (r.usable_m2, r.floor, r.number))]
    return tuple(sorted(chosen, key=lambda r: (r.floor, r.number)))


def offers(rooms: Sequence[FreeRoom], need_m2: Decimal) -> list[Offer]:
    """For each building what would fit, on one floor where that is as near; the nearest first."""
    found: list[Offer] = []
    by_place = sorted(rooms, key=lambda r: (r.compound, r.building, r.floor, r.number))
    for _, group in groupby(by_place, key=lambda r: (r.compound, r.building)):
        of_building = list(group)
        tries = [of_building]
        tries += [list(floor) for _, floor in groupby(of_building, key=lambda r: r.floor)]
        found.append(min((_offer(each, need_m2) for each in tries), key=_distance))
    return sorted(found, key=lambda offer: (_distance(offer), offer.building))[:_OFFERS]


def _offer(rooms: Sequence[FreeRoom], need_m2: Decimal) -> Offer:
    first = rooms[0]
    return Offer(
        building=first.building,
        compound=first.compound,
        rooms=best(rooms, need_m2),
        need_m2=need_m2,
    )


def _distance(offer: Offer) -> tuple[Decimal, int, int]:
    """How far from the need; then how scattered."""
    return (abs(offer.short_m2), len(offer.floors), len(offer.rooms))
