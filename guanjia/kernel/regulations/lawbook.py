"""The lawbook: provisions (条款) as dated, cited data, and what was in force on a day. Pure.

    law = lawbook.law_at(date(2020, 5, 20))
    law["department.subject.limit"].value

The most specific jurisdiction in force wins. Before the first day of a provision it raises
``NotInForce``: there is no default and no silent ``None``.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from guanjia.kernel.regulations import shapes
from guanjia.kernel.regulations.shapes import Dated, Entry, Local, Reading, Source, Tighter
from guanjia.kernel.regulations.verdict import Citation
from guanjia.kernel.values.period import SHANGHAI

HOUSE_FOLDER = Path(__file__).resolve().parents[2] / "regulations"
FOLDER_VARIABLE = "GUANJIA_REGULATIONS_DIR"


class NotInForce(LookupError):
    """No such provision was in force on the day."""


class LawUnreadable(ValueError):
    """The files are wrong; ``faults`` lists every sentence that ``check`` would print."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, kw_only=True)
class Provision:
    """One provision with the value it had from ``since`` on.

    ``value`` is an int, bool, text, tuple of texts, or a read-only mapping of names to these;
    ``None`` inside a mapping means "no limit". Decimals are text; ``decimal()`` reads them.
    """

    key: str
    title: str
    unit: str
    value: Any
    cite: Citation
    local: str
    since: date
    jurisdiction: str
    checked_by: str = ""
    note: str = ""

    def decimal(self, name: str | None = None) -> Decimal | None:
        """The value, or the entry ``name`` of its mapping, as a number; ``None`` is no limit."""
        value = self.value if name is None else self.value[name]
        return None if value is None else Decimal(value)


@dataclass(frozen=True)
class LawInForce:
    """The provisions as they stood on one day."""

    by_key: Mapping[str, Sequence[Provision]]  # the most specific and newest last
    on_date: date

    def __getitem__(self, key: str) -> Provision:
        found = self._find(key)
        if found is None:
            raise NotInForce(f"{key}：{self.on_date:%Y-%m-%d} 没有有效的条文。")
        return found

    def __contains__(self, key: str) -> bool:
        return self._find(key) is not None

    def __iter__(self) -> Iterator[Provision]:
        """Every provision in force that day, by key."""
        found = (self._find(key) for key in sorted(self.by_key))
        return (provision for provision in found if provision is not None)

    def _find(self, key: str) -> Provision | None:
        candidates = reversed(self.by_key.get(key, ()))
        return next((p for p in candidates if p.since <= self.on_date), None)


@dataclass(frozen=True)
class Lawbook:
    """All provisions of all days, and the documents they stand in."""

    sources: Mapping[str, Source]
    by_key: Mapping[str, Sequence[Provision]]

    def at(self, day: date) -> LawInForce:
        """The law in force on a day; an aware datetime counts as its day in Asia/Shanghai."""
        if isinstance(day, datetime):
            day = day.astimezone(SHANGHAI).date()
        return LawInForce(by_key=self.by_key, on_date=day)

    def history(self, key: str) -> Sequence[Provision]:
        """Every value a provision ever had, the most specific and newest last."""
        return self.by_key.get(key, ())


_entries: dict[str, str] = {}


def name_entries(titles: Mapping[str, str]) -> None:
    """Give the entries of tables of values their Chinese names; told by who reads the table."""
    _entries.update(titles)


def entry_title(name: str) -> str:
    """What an entry of a table of values is called; the entry where nobody gave it a name."""
    return _entries.get(name, name)


def folders() -> tuple[Path, ...]:
    """The folders of this installation: the house's own, then the one of the deployment."""
    added = os.environ.get(FOLDER_VARIABLE, "").strip()
    return (HOUSE_FOLDER, Path(added)) if added else (HOUSE_FOLDER,)


def load(of: Sequence[Path]) -> Lawbook:
    """Read and judge all files of some folders; raises ``LawUnreadable`` with every fault."""
    return _load(tuple(of))


@cache
def _load(of: tuple[Path, ...]) -> Lawbook:
    reading = shapes.read(of)
    faults = _faults(reading)
    if faults:
        raise LawUnreadable(faults)
    by_key: dict[str, list[Provision]] = {}
    for entry in _from_wide_to_specific(reading.entries):
        by_key.setdefault(entry.key, []).extend(
            _provision(entry, dated, reading.sources) for dated in entry.values
        )
    return Lawbook(sources=reading.sources, by_key=by_key)


def law_at(day: date) -> LawInForce:
    """The law in force in this installation on a day (or at an aware datetime)."""
    return load(folders()).at(day)


def check(of: Sequence[Path] | None = None) -> list[str]:
    """Every fault of the files, one Chinese sentence each; empty when all is well."""
    return _faults(shapes.read(folders() if of is None else of))


def _from_wide_to_specific(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: shapes.JURISDICTIONS.index(entry.jurisdiction))


def _provision(entry: Entry, dated: Dated, sources: Mapping[str, Source]) -> Provision:
    return Provision(
        key=entry.key,
        title=entry.title,
        unit=entry.unit,
        value=dated.value,
        cite=_citation(entry, dated, sources),
        local=entry.local.value,
        since=dated.since,
        jurisdiction=entry.jurisdiction,
        checked_by=dated.checked_by,
        note=dated.note,
    )


def _citation(entry: Entry, dated: Dated, sources: Mapping[str, Source]) -> Citation:
    if dated.own:
        return Citation(title=dated.own, own=True, key=entry.key)
    source = sources[dated.source]
    return Citation(
        title=source.title,
        article=dated.article,
        number=source.number,
        since=source.since,
        checked_on=dated.checked_on,
        source=source.key,
        key=entry.key,
    )


def _faults(reading: Reading) -> list[str]:
    return [
        *reading.faults,
        *_source_faults(reading),
        *(fault for entry in reading.entries for fault in _cite_faults(entry, reading.sources)),
        *_ladder_faults(reading.entries),
    ]


def _source_faults(reading: Reading) -> Iterator[str]:
    for source in reading.sources.values():
        if source.repealed_by and source.repealed_by not in reading.sources:
            yield f"sources.yaml：{source.key}：没有 repealed_by 指的 {source.repealed_by}。"
        if source.repealed_by and source.repealed_on is None:
            yield f"sources.yaml：{source.key}：写了 repealed_by，缺 repealed_on。"


def _cite_faults(entry: Entry, sources: Mapping[str, Source]) -> Iterator[str]:
    where = f"{entry.place}：{entry.key}"
    for dated, end in _spans(entry):
        if dated.own:
            continue
        source = sources.get(dated.source)
        if source is None:
            yield f"{where}：依据 {dated.source} 不在 sources.yaml 里。"
            continue
        if source.since and dated.since < source.since:
            yield f"{where}：{dated.since} 早于《{source.title}》施行的 {source.since}。"
        if source.repealed_on and (end is None or end > source.repealed_on):
            yield f"{where}：《{source.title}》{source.repealed_on} 已废止，此后没有新的值。"


def _spans(entry: Entry) -> list[tuple[Dated, date | None]]:
    """Each value with the first day on which it no longer holds."""
    ends = [dated.since for dated in entry.values[1:]]
    return list(zip(entry.values, [*ends, None], strict=True))


def _ladder_faults(entries: Sequence[Entry]) -> Iterator[str]:
    by_key: dict[str, list[Entry]] = {}
    for entry in _from_wide_to_specific(entries):
        for wider in by_key.setdefault(entry.key, []):
            yield from _override_faults(wider, entry)
        by_key[entry.key].append(entry)


def _override_faults(wider: Entry, entry: Entry) -> Iterator[str]:
    where = f"{entry.place}：{entry.key}"
    if wider.local is Local.FIXED:
        yield f"{where}：{wider.place} 没有允许另定这一条。"
        return
    if entry.unit != wider.unit:
        yield f"{where}：单位“{entry.unit}”与 {wider.place} 的“{wider.unit}”不同。"
        return
    if wider.local is Local.MAY_REPLACE:
        return
    if (entry.local, entry.tighter) != (wider.local, wider.tighter):
        yield f"{where}：local、tighter 应与 {wider.place} 相同。"
    for mine, my_end in _spans(entry):
        for theirs, their_end in _spans(wider):
            if _overlap(mine.since, my_end, theirs.since, their_end):
                loose = _looser(mine.value, theirs.value, wider.tighter)
                if loose:
                    yield f"{where}：{loose}，只可从严（{wider.place} {theirs.since}）。"


def _overlap(start: date, end: date | None, other: date, other_end: date | None) -> bool:
    return (end is None or other < end) and (other_end is None or start < other_end)


def _looser(mine: Any, theirs: Any, tighter: Tighter) -> str:
    """Why my value is looser than theirs, or an empty text; ``None`` is the loosest of all."""
    if shapes.is_table(theirs):
        if not shapes.is_table(mine) or mine.keys() != theirs.keys():
            return "各项名目应与上级相同"
        reasons = (_looser(mine[name], theirs[name], tighter) for name in theirs)
        return next((reason for reason in reasons if reason), "")
    if theirs is None:
        return ""
    if mine is None:
        return f"不设限宽于 {theirs}"
    try:
        difference = Decimal(mine) - Decimal(theirs)
    except (InvalidOperation, TypeError, ValueError):
        return f"{mine} 与 {theirs} 比不出宽严"
    loose = difference > 0 if tighter is Tighter.LOWER else difference < 0
    return f"{mine} 宽于 {theirs}" if loose else ""
