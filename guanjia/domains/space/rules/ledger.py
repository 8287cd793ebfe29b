"""What the ledger takes and what it does not: days, floors, areas, who may sit where. Pure."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from guanjia.domains.space.terms.ledger import Basis, BuildingState, RoomState
from guanjia.kernel.regulations.verdict import Citation, Finding, Verdict
from guanjia.kernel.values.period import SHANGHAI

ROOM_M2_MAX = Decimal(100_000)  # as the register of rooms takes
BY_PAPER = (Basis.ALLOTTED, Basis.LOAN, Basis.REUSE, Basis.LEASE)
_DATED = Citation(title="房屋台账的变动写明从哪一天起、为什么", own=True)
_PAPERED = Citation(title="凭证、协议定下的使用单位，只随凭证变动", own=True)
_STANDS = Citation(title="已处置的楼栋不再登记房间", own=True)
_HELD = Citation(title="使用人登记在本单位使用的房间", own=True)
_ONE_PLACE = Citation(title="合并的房间在同一层、由同一单位使用", own=True)


def day_of(at: datetime) -> date:
    """The day of a moment, as the calendar in Shanghai has it."""
    return at.astimezone(SHANGHAI).date()


def floor_fault(number: int) -> str | None:
    """Floors are counted from 1 up and from -1 down; there is no floor 0."""
    return None if number else "没有 0 层：地上从 1 起，地下写 -1"


def above_the_roof(*, floor: int, floors_above: int) -> str:
    """Why a room cannot lie on a floor, or ``""``."""
    return f"这栋楼只有 {floors_above} 层" if floor > floors_above else ""


def gross_too_small(*, usable_m2: Decimal, gross_m2: Decimal | None) -> str:
    """Why an area cannot be, or ``""``: walls come on top of usable space."""
    if gross_m2 is None or gross_m2 >= usable_m2:
        return ""
    return f"建筑面积不能小于使用面积 {usable_m2.normalize():,f} ㎡"


def too_big(*, m2: Decimal) -> str:
    """Why no room is as large as this, or ``""``: as wide as the ledger has room for."""
    return "" if m2 <= ROOM_M2_MAX else "过大，核对位数和单位"


def bigger_than_the_house(*, usable_m2: Decimal, house_m2: Decimal) -> str:
    """Why a room cannot have an area, or ``""``: it lies inside its building."""
    if usable_m2 <= house_m2:
        return ""
    return f"比整栋楼的建筑面积 {house_m2:,.1f} ㎡ 还大，核对位数和单位"


def bigger_than_a_floor(*, usable_m2: Decimal, house_m2: Decimal, floors: int) -> str:
    """What is odd about an area, or ``""``: floors differ, but seldom does a room fill one."""
    mean = house_m2 / floors
    return f"比一层的平均建筑面积 {mean:,.1f} ㎡ 还大" if usable_m2 > mean else ""


def _no(code: str, sentence: str, cite: Citation, *, field: str = "") -> Verdict:
    finding = Finding(code=code, headline="没有登记：", sentence=sentence, cite=cite, field=field)
    return Verdict(refusals=(finding,))


def may_change(
    *, on: date, today: date, there_since: date | None, there_until: date | None, why: str
) -> Verdict:
    """Whether a room may be told to be something else from a day on.

    ``there_since``, ``there_until``: from when and up to when the room is in the ledger.
    """
    verdict = Verdict()
    if on > today:
        verdict += _no("day_ahead", f"{on:%Y-%m-%d} 还没有到，到那天再登记。", _DATED, field="on")
    if there_since is not None and on < there_since:
        sentence = f"这间房 {there_since:%Y-%m-%d} 起才在台账里，改写日期。"
        verdict += _no("day_before", sentence, _DATED, field="on")
    if there_until is not None and on >= there_until:
        gone = f"{there_until:%Y-%m-%d} 起已不在台账里（合并、拆分、停用或处置）"
        sentence = f"这间房 {gone}，改写日期。"
        verdict += _no("day_after", sentence, _DATED, field="on")
    if not why.strip():
        verdict += _no("reason_missing", "写明原因。", _DATED, field="why")
    return verdict


def house_stands(*, building: str, state: BuildingState) -> Verdict:
    """No room is entered in a building that is no longer the authority's."""
    if state is not BuildingState.DISPOSED:
        return Verdict()
    sentence = f"{building} 已处置，不能再登记房间；处置登记有误的，先更正楼栋状态。"
    return _no("building_disposed", sentence, _STANDS, field="building")


def gone(*, room: str) -> Verdict:
    """Nothing is told of a room that never was."""
    return _no("room_gone", f"{room}已不在台账里，需要的重新登记。", _DATED)


def may_hold_by_ledger(*, basis: Basis | None, paper: str, later: Collection[str] = ()) -> Verdict:
    """Whether the ledger may say who holds a room: not over a voucher, not into a promise."""
    if basis in BY_PAPER:
        what = f"凭证 {paper}" if paper else basis.label
        sentence = f"这间房按{what}使用，使用单位走调配、腾退办理。"
        return _no("held_by_paper", sentence, _PAPERED)
    if later:
        sentence = f"这间房已经定给{'、'.join(later)}，先撤销再登记。"
        return _no("promised", sentence, _PAPERED)
    return Verdict()


def may_sit(
    *,
    holder: str,
    state: RoomState,
    left: Sequence[tuple[str, date]],
    strangers: Sequence[tuple[str, str]],
    on: date,
) -> Verdict:
    """Whether people may be entered as those who sit in a room from a day on.

    ``left``: names with the day they left; ``strangers``: names and units that are not the
    holder's: a warning, for secondment is common and reconciliation names it.
    """
    verdict = Verdict()
    if not holder:
        sentence = "这间房没有使用单位，先登记使用单位或办理调配。"
        verdict += _no("nobody_holds", sentence, _HELD)
    if state is RoomState.CLOSED:
        verdict += _no("room_closed", "这间房已停用，先登记房间变动。", _HELD)
    for name, day in left:
        if day <= on:
            sentence = f"{name} {day:%Y-%m-%d} 已离职，不再登记为使用人。"
            verdict += _no("person_left", sentence, _HELD, field="people")
    warnings = tuple(
        Finding(
            code="person_elsewhere",
            headline="已登记，",
            sentence=f"但{name}在{unit}，不是{holder}的人，台账核对会列出。",
            cite=_HELD,
        )
        for name, unit in strangers
    )
    return verdict + Verdict(warnings=warnings)


def may_merge(
    *, floors: Collection[int], holders: Collection[int | None], papered: Sequence[str], count: int
) -> Verdict:
    """Whether rooms may become one: one floor, one holder by ledger or none, no voucher."""
    if count < 2:  # noqa: PLR2004 — one room alone is nothing to merge
        return _no("one_room", "至少选两间房。", _ONE_PLACE, field="rooms")
    if len(floors) > 1:
        return _no("two_floors", "这些房间不在同一层。", _ONE_PLACE, field="rooms")
    if len(holders) > 1:
        return _no("two_holders", "这些房间的使用单位不同，先办理调配。", _ONE_PLACE, field="rooms")
    return _unpapered(papered)


def may_reshape(*, on: date, changes_on: date | None) -> Verdict:
    """Whether rooms may be merged or split from a day on: not before a change that is told."""
    if changes_on is None or changes_on <= on:
        return Verdict()
    sentence = f"{changes_on:%Y-%m-%d} 还有登记的变动，日期写这一天或以后。"
    return _no("changed_later", sentence, _DATED, field="on")


def may_split(*, parts: int, numbers: int, papered: Sequence[str]) -> Verdict:
    """Whether a room may become several: two at least, each with a number of its own."""
    if parts < 2:  # noqa: PLR2004 — into one part is no splitting
        return _no("one_part", "至少拆成两间。", _ONE_PLACE, field="parts")
    if numbers < parts:
        return _no("number_twice", "拆出的房间号不能相同。", _ONE_PLACE, field="parts")
    return _unpapered(papered)


def _unpapered(papered: Sequence[str]) -> Verdict:
    if not papered:
        return Verdict()
    sentence = f"{'、'.join(papered)}按凭证使用或已经定给单位，先交回或更换凭证。"
    return _no("held_by_paper", sentence, _PAPERED)
