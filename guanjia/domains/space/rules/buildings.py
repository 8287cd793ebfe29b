"""What may be told of a building: its title, its appraisal, its plain facts. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.space.terms.ledger import BuildingState, TitleState
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.regulations.verdict import Citation, Finding, Verdict

FILES = Bounds(count_max=9)
# A room outlives many units, each of which adds some.
PLACE_FILES = Bounds(count_max=60, total_bytes_max=5 * FILES.total_bytes_max)
_TITLE = Citation(title="权属写明证号或备案号和日期", own=True)
_SAFETY = Citation(title="安全鉴定按鉴定日期先后登记", own=True)
_DATED = Citation(title="楼栋、院落的变动写明从哪一天起", own=True)
_AMEND = Citation(title="楼栋台账的更正写明原因，不与房间台账相抵", own=True)


@dataclass(frozen=True, kw_only=True)
class Title:
    """How the title to a building stands: the number is that of the deed or of the filing."""

    state: TitleState
    number: str = ""
    owner: str = ""
    on: date | None = None
    area_m2: Decimal | None = None


def _no(code: str, sentence: str, cite: Citation, field: str) -> Verdict:
    finding = Finding(code=code, headline="没有登记：", sentence=sentence, cite=cite, field=field)
    return Verdict(refusals=(finding,))


def may_date(*, on: date | None, today: date) -> Verdict:
    """What the ledger tells has happened; ``None`` is no day."""
    if on is not None and on > today:
        sentence = f"{on:%Y-%m-%d} 还没有到，到了那天再登记。"
        return _no("day_ahead", sentence, _DATED, "on")
    return Verdict()


def may_record_title(*, title: Title, today: date) -> Verdict:
    """A deed and a filing (权属备案) have a number and a day that has come."""
    verdict = Verdict()
    if title.state in (TitleState.REGISTERED, TitleState.FILED):
        what = "权属证号" if title.state is TitleState.REGISTERED else "备案号"
        if not title.number.strip():
            verdict += _no("title_number_missing", f"补填{what}。", _TITLE, "number")
        if title.on is None:
            verdict += _no("title_day_missing", "补填登记或备案日期。", _TITLE, "on")
    elif title.number.strip():
        sentence = f"{title.state.label}还没有证号：有证号选“已登记”，有备案号选“权属备案”。"
        verdict += _no("title_number_early", sentence, _TITLE, "number")
    if title.on is not None and title.on > today:
        verdict += _no("day_ahead", f"{title.on:%Y-%m-%d} 还没有到。", _TITLE, "on")
    return verdict


def may_appraise(*, on: date, today: date, last: date | None) -> Verdict:
    """An appraisal has taken place, and is not older than the one that is known."""
    if on > today:
        return _no("day_ahead", f"{on:%Y-%m-%d} 还没有到。", _SAFETY, "on")
    if last is not None and on < last:
        sentence = f"已登记 {last:%Y-%m-%d} 的鉴定，较早的鉴定附在文件里。"
        return _no("appraisal_old", sentence, _SAFETY, "on")
    return Verdict()


def may_amend(
    *,
    why: str,
    today: date,
    floors_above: int,
    top_floor: int | None,
    state: BuildingState,
    held_on: date | None,
) -> Verdict:
    """No floor is taken away from under its rooms, no building out of use while rooms are held.

    ``top_floor``: the highest with a room on the days that are told of; ``held_on``: the last of
    these days, up to today, on which a unit held a room.
    """
    verdict = Verdict()
    if not why.strip():
        verdict += _no("reason_missing", "写明原因。", _AMEND, "why")
    if top_floor is not None and floors_above < top_floor:
        sentence = f"台账里 {top_floor} 层还有房间，层数不能少于 {top_floor}。"
        verdict += _no("rooms_above", sentence, _AMEND, "floors_above")
    if held_on is not None and state in (BuildingState.CLOSED, BuildingState.DISPOSED):
        sentence = f"楼里还有单位使用的房间，先办理腾退，再记为{state.label}。"
        if held_on < today:
            sentence = f"到 {held_on:%Y-%m-%d} 楼里还有单位使用的房间，从之后起记为{state.label}。"
        verdict += _no("rooms_held", sentence, _AMEND, "state")
    return verdict


def may_amend_compound(*, why: str, on: date | None, today: date) -> Verdict:
    """A compound is amended with why, from a day that has come."""
    verdict = may_date(on=on, today=today)
    if not why.strip():
        verdict += _no("reason_missing", "写明原因。", _AMEND, "why")
    return verdict
