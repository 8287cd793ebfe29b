"""What may happen to institutions of the register, and who may fill in for them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanjia.domains.energy.terms.institutions import Change
from guanjia.kernel.regulations.lawbook import Provision
from guanjia.kernel.regulations.verdict import Verdict, refuse

NAME_MAX = 100
MOVED = "energy.check.size_percent"


def may_enter(*, outside: int, twice: int = 0) -> Verdict:
    """Institutions are entered in areas that somebody has to do with, each by one row."""
    verdict = Verdict()
    if outside:
        sentence = "有的机构所属区域不在您的管理范围内，删去这些行再提交。"
        verdict += refuse("area_outside", "没有写入：", sentence, field="area")
    if twice:
        sentence = "有的机构写了两行（更名前后的名称），各留一行再提交。"
        verdict += refuse("institution_twice", "没有写入：", sentence, field="name")
    return verdict


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large an institution is; ``None`` where it is not known."""

    floor_m2: Decimal | None
    people: int | None
    staff: int | None


_SIZES = {"floor_m2": "建筑面积", "people": "用能人数", "staff": "编制人数"}


def moved(before: Size, after: Size, *, percent: Decimal) -> dict[str, str]:
    """What moved by more than so many percent, by field, in words; what was not known before, or
    is not told now, has not moved."""
    found = {}
    for name, title in _SIZES.items():
        old, new = getattr(before, name), getattr(after, name)
        if not old or new is None or abs(new - old) * 100 <= percent * old:
            continue
        off = round(abs(new - old) * 100 / old)
        found[name] = (
            f"{title}由 {old:,f} 变为 {new:,f}"
            if name == "floor_m2"
            else (f"{title}由 {old:,} 变为 {new:,}")
        )
        found[name] += f"，{'增' if new > old else '减'} {off}%"
    return found


def may_restate(
    *, there: bool, changes: Mapping[str, str], why: str, provision: Provision
) -> Verdict:
    """Who is in the register may be told anew; who grew or shrank by much says why."""
    if not there:
        return refuse("gone", "没有保存：", "机构已经退出名录库，先登记恢复。")
    if not changes or why.strip():
        return Verdict()
    sentence = f"{'；'.join(changes.values())}，写明变动原因。"
    return refuse("reason_missing", "没有保存：", sentence, cite=provision.cite, field="why")


def may_assign(*, known: bool, since: date, today: date) -> Verdict:
    """Somebody begins to fill in."""
    if known:
        return refuse("clerk_known", "没有指定：", "这位已经是这家机构的统计员。", field="person")
    if since > today:
        return refuse("in_the_future", "没有指定：", "开始日期还没有到。", field="since")
    return Verdict()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an institution stands in the register: ``since`` when without a break, ``left`` on which
    day where it is no longer in it."""

    since: date
    left: date | None


def may_reform(
    *,
    kind: Change,
    before: Sequence[Standing],
    after: Sequence[Standing],
    overlap: bool,
    on: date,
    name: str,
    taken: bool = False,
    today: date,
) -> Verdict:
    """Whether a reform can have happened to those ``before``, with those that came ``after``.

    Renaming takes a new name (``taken``: one that another institution of the code carries), merging
    several into one, splitting one into several.
    """
    headline = "没有登记："
    if on > today:
        return refuse("in_the_future", headline, "变动日期还没有到。", field="on")
    if any(on < each.since for each in before):
        sentence = "变动早于入库或恢复的日期，核对日期。"
        return refuse("before_entered", headline, sentence, field="on")
    if any(each.left is not None and on < each.left for each in before):
        return refuse("before_left", headline, "变动早于退出日期，核对日期。", field="on")
    if taken:
        sentence = f"名录库中这个代码已有一家“{name.strip()}”，核对名称。"
        return refuse("name_taken", headline, sentence, field="name")
    opened = kind is Change.REOPENED
    if any((each.left is None) is opened for each in before):
        sentence = "机构还在名录库中，不用恢复。" if opened else "有的机构已经退出名录库。"
        return refuse("not_there", headline, sentence, field="before")
    return _shape(kind, len(before), len(after), overlap, name, headline) + _targets(
        kind, after, headline
    )


def _shape(  # noqa: PLR0917 — how many became how many, and by what name
    kind: Change, before: int, after: int, overlap: bool, name: str, headline: str
) -> Verdict:
    if kind is Change.RENAMED and not 0 < len(name.strip()) <= NAME_MAX:
        return refuse("name_missing", headline, "写明新的名称。", field="name")
    if kind is Change.MERGED and (after != 1 or before < 1 or overlap):
        sentence = "合并写明并入哪一家，并入的机构不在原机构之中。"
        return refuse("merged_into", headline, sentence, field="after")
    if kind is Change.SPLIT and (before != 1 or after < 2 or overlap):  # noqa: PLR2004 — one becomes at least two
        sentence = "分立写明分成哪几家，至少两家，先入库。"
        return refuse("split_into", headline, sentence, field="after")
    if kind in (Change.CLOSED, Change.REOPENED, Change.RENAMED) and before != 1:
        return refuse("one_at_a_time", headline, "一次登记一家。", field="before")
    return Verdict()


def _targets(kind: Change, after: Sequence[Standing], headline: str) -> Verdict:
    if kind in (Change.MERGED, Change.SPLIT) and any(each.left for each in after):
        return refuse("gone", headline, "并入或分成的机构已经退出名录库。", field="after")
    return Verdict()
