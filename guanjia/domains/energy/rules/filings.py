"""How returns go up: what a period is, when it is due, who may move a filing where. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from guanjia.domains.energy.terms.returns import FilingKind, FilingState
from guanjia.kernel.regulations.lawbook import LawInForce
from guanjia.kernel.regulations.verdict import Verdict, refuse

_QUARTER, _YEAR = 3, 12
REASON_MAX = 300
_SHOWN = 4


def months(kind: FilingKind, first: date) -> tuple[date, ...]:
    """The first days of the months of a period."""
    count = _QUARTER if kind is FilingKind.QUARTER else _YEAR
    return tuple(date(first.year, first.month + n, 1) for n in range(count))


def last_day(kind: FilingKind, first: date) -> date:
    """The last day of a period."""
    last = months(kind, first)[-1]
    after = date(last.year + last.month // _YEAR, last.month % _YEAR + 1, 1)
    return after - timedelta(days=1)


def first_of(kind: FilingKind, day: date) -> date:
    """The first day of the period in which a day lies."""
    if kind is FilingKind.YEAR:
        return date(day.year, 1, 1)
    return date(day.year, (day.month - 1) // _QUARTER * _QUARTER + 1, 1)


def title(kind: FilingKind, first: date) -> str:
    """How a period is called: ``2020年第一季度``, ``2020年度``."""
    if kind is FilingKind.YEAR:
        return f"{first.year}年度"
    return f"{first.year}年第{'一二三四'[(first.month - 1) // _QUARTER]}季度"


def number(kind: FilingKind, first: date) -> int:
    """A period as a number an address can hold: year, month, and 3 or 12 months."""
    return int(f"{first:%Y%m}{len(months(kind, first)):02}")


def of_number(value: int) -> tuple[FilingKind, date]:
    """The period of such a number."""
    kind = FilingKind.YEAR if value % 100 == _YEAR else FilingKind.QUARTER
    return kind, date(value // 10_000, value // 100 % 100, 1)


_YEARS = 3


def openable(today: date) -> list[tuple[FilingKind, date]]:
    """The periods that have begun, newest first: what can be asked for."""
    found = []
    for year in range(today.year, today.year - _YEARS, -1):
        found += [(FilingKind.YEAR, date(year, 1, 1))]
        found += [(FilingKind.QUARTER, date(year, month, 1)) for month in (10, 7, 4, 1)]
    return [each for each in found if each[1] <= today]


def due(kind: FilingKind, first: date, law: LawInForce) -> date:
    """Until when a period is to be reported, by the law of its last day."""
    if kind is FilingKind.QUARTER:
        return last_day(kind, first) + timedelta(days=int(law["energy.filing.quarter_days"].value))
    month, day = law["energy.filing.year_due"].value.split("-")
    return date(first.year + 1, int(month), int(day))


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What a filing still lacks: months nobody told, doubts nobody explained."""

    missing: Sequence[date] = ()
    doubts: int = 0


def may_send(*, ready: Readiness, over: bool) -> Verdict:
    """An institution reports a period: it is over, every month is told, no doubt is open."""
    if not over:
        return refuse("period_runs", "没有报送：", "报告期还没有结束，到期后再报送。")
    verdict = Verdict()
    if ready.missing:
        named = "、".join(f"{month.month} 月" for month in ready.missing[:_SHOWN])
        more = f"等 {len(ready.missing)} 个月" if len(ready.missing) > _SHOWN else ""
        verdict += refuse(
            "months_missing", "没有报送：", f"{named}{more}还没有填报，补填后再报送。"
        )
    if ready.doubts:
        sentence = f"还有 {ready.doubts} 处疑点没有说明，逐条说明或更正后再报送。"
        verdict += refuse("doubts_open", "没有报送：", sentence)
    return verdict


def next_desk(*, of_city: bool) -> FilingState:
    """Where a filing goes when it is sent: the city's own institutions have no county above."""
    return FilingState.CITY if of_city else FilingState.COUNTY


def may_move_together(
    *, count: int, missing: int, elsewhere: Sequence[str], desk: FilingState
) -> Verdict:
    """Several filings are moved at once where all of them lie at the desk."""
    headline = "没有办理："
    if missing:
        return refuse("outside", headline, "有的报表不在您的审核范围内，重新勾选。")
    if not count:
        return refuse("none_chosen", headline, "先勾选要办理的报表。")
    if elsewhere:
        more = f"等 {len(elsewhere)} 家" if len(elsewhere) > _SHOWN else ""
        sentence = f"{'、'.join(elsewhere[:_SHOWN])}{more}不是{desk.label}，去掉勾选再办。"
        return refuse("elsewhere", headline, sentence)
    return Verdict()


def may_unlock(*, reason: str, year_locked: bool) -> Verdict:
    """The city opens an accepted period again: an exception, which says why."""
    if year_locked:
        return refuse("year_locked", "没有解锁：", "这一年的年报已经锁定，先解锁年报。")
    return reasoned("没有解锁：", reason)


def reasoned(headline: str, reason: str) -> Verdict:
    """What goes back to its institution says why."""
    if 0 < len(reason.strip()) <= REASON_MAX:
        return Verdict()
    sentence = f"写明原因，1 到 {REASON_MAX} 个字。"
    return refuse("reason_missing", headline, sentence, field="reason")
