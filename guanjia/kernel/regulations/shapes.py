"""How regulations are written down in YAML, and every way in which a file can be wrong. Pure.

A fault is one Chinese sentence that begins with the file and the key, for the operator who runs
the check. Reading never stops at the first fault: whoever edits a file sees all of them at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from guanjia.kernel.values.term import Term

JURISDICTIONS = ("national", "jiangxi", "jingdezhen", "local")
"""From the widest to the most specific; ``local`` is for what a deployment adds by itself."""

_SOURCE_KEYS = {"title", "issuer", "number", "issued_on", "since", "repealed_on", "repealed_by"}
_ENTRY_KEYS = {"title", "unit", "values"}
_VALUE_KEYS = {"since", "value", "cite"}


class Local(Term):
    """What a more specific jurisdiction may do to a provision."""

    FIXED = "", "不得另定"
    MAY_TIGHTEN = "may_tighten", "只可从严"
    MAY_REPLACE = "may_replace", "可另定"


class Tighter(Term):
    """Which way is stricter."""

    NONE = "", "不分宽严"
    LOWER = "lower", "越低越严"
    HIGHER = "higher", "越高越严"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A document that holds provisions (依据文件); ``since`` is ``None`` where it is not known."""

    key: str
    title: str
    issuer: str
    number: str
    issued_on: date | None
    since: date | None
    repealed_on: date | None
    repealed_by: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Dated:
    """One value of a provision from one day on, with where it is written."""

    since: date
    value: Any
    own: str = ""
    source: str = ""
    article: str = ""
    checked_on: date | None = None
    checked_by: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A provision as one file declares it: its values, oldest first."""

    key: str
    title: str
    unit: str
    local: Local
    tighter: Tighter
    jurisdiction: str
    place: str
    values: tuple[Dated, ...]


@dataclass
class Reading:
    """Everything that was read from some folders, and everything that was wrong with it."""

    sources: dict[str, Source] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _StrictLoader(yaml.SafeLoader):
    """YAML without surprises: a key is text and stands there once."""


def _strict_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            # YAML 1.1 reads on, off, yes and no as booleans.
            raise yaml.constructor.ConstructorError(
                problem=f"第 {line} 行的键读成了 {key!r}，应是文字"
            )
        if key in mapping:
            raise yaml.constructor.ConstructorError(problem=f"第 {line} 行的键 {key} 重复")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _strict_mapping)


def read(folders: Sequence[Path]) -> Reading:
    """Read all folders, in order; later ones add to earlier ones and replace nothing."""
    reading = Reading()
    for folder in folders:
        if not folder.is_dir():
            reading.faults.append(f"{folder}：没有这个文件夹。改正 GUANJIA_REGULATIONS_DIR。")
            continue
        _read_sources(reading, folder / "sources.yaml", folder)
        for path in sorted(folder.rglob("*.yaml")):
            if path != folder / "sources.yaml":
                _read_file(reading, path, folder)
    return reading


def _load(reading: Reading, path: Path, place: str) -> dict[str, Any]:
    try:
        # The loader is a SafeLoader: it builds plain values only.
        content = yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, OSError) as error:  # a date of the 40th is a ValueError
        problem = getattr(error, "problem", None) or str(error)
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行 " if mark else ""
        reading.faults.append(f"{place}：读不出，{where}{problem}。")
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        reading.faults.append(f"{place}：最外层应是“键: 内容”。")
        return {}
    return content


class _Fields:
    """The fields of one mapping, taken out one by one; whatever is wrong becomes a fault."""

    def __init__(self, faults: list[str], where: str, content: object) -> None:
        self.faults, self.where = faults, where
        self.sound = isinstance(content, dict)
        self.content: dict[str, Any] = content if isinstance(content, dict) else {}
        if not self.sound:
            self.fault("应是“键: 内容”")

    def fault(self, what: str) -> None:
        self.faults.append(f"{self.where}：{what}。")
        self.sound = False

    def only(self, must: set[str], may: set[str]) -> None:
        for name in sorted(must - self.content.keys()):
            self.fault(f"缺 {name}")
        for name in self.content:
            if name not in must | may:
                self.fault(f"不认识的项 {name}")

    def text(self, name: str, *, filled: bool = False) -> str:
        value = self.content.get(name)
        if value is None and not filled:
            return ""
        if not isinstance(value, str) or (filled and not value.strip()):
            self.fault(f"{name} 应是文字")
            return ""
        return value

    def day(self, name: str) -> date | None:
        value = self.content.get(name)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fault(f"{name} 应写成 2017-12-05 这样的日期")
            return None
        return value


def _read_sources(reading: Reading, path: Path, folder: Path) -> None:
    if not path.exists():
        return
    place = str(path.relative_to(folder))
    for key, content in _load(reading, path, place).items():
        fields = _Fields(reading.faults, f"{place}：{key}", content)
        fields.only(_SOURCE_KEYS, {"note"})
        source = Source(
            key=key,
            title=fields.text("title", filled=True),
            issuer=fields.text("issuer"),
            number=fields.text("number"),
            issued_on=fields.day("issued_on"),
            since=fields.day("since"),
            repealed_on=fields.day("repealed_on"),
            repealed_by=fields.text("repealed_by"),
            note=fields.text("note"),
        )
        if key in reading.sources:
            fields.fault("另一个文件夹里已有同名文件")
        else:
            reading.sources[key] = source


def _read_file(reading: Reading, path: Path, folder: Path) -> None:
    place = str(path.relative_to(folder))
    jurisdiction = path.relative_to(folder).parts[0]
    if path.parent.parent != folder or jurisdiction not in JURISDICTIONS:
        known = "、".join(JURISDICTIONS)
        reading.faults.append(f"{place}：文件应放在 {known} 之一的文件夹里。")
        return
    for key, content in _load(reading, path, place).items():
        fields = _Fields(reading.faults, f"{place}：{key}", content)
        # A department whose file grew long has several: ``office-hours.yaml`` holds keys of office.
        department = path.stem.partition("-")[0]
        if not key.startswith(f"{department}."):
            fields.fault(f"键应以 {department}. 开头，和文件同名")
        entry = _entry(fields, key=key, jurisdiction=jurisdiction, place=place)
        if any(e.key == key and e.jurisdiction == jurisdiction for e in reading.entries):
            fields.fault(f"{jurisdiction} 里已经有这一条")
        elif entry is not None:
            reading.entries.append(entry)


def _entry(fields: _Fields, *, key: str, jurisdiction: str, place: str) -> Entry | None:
    fields.only(_ENTRY_KEYS, {"local", "tighter"})
    title, unit = fields.text("title", filled=True), fields.text("unit")
    local, tighter = fields.text("local"), fields.text("tighter")
    if local not in set(Local):
        fields.fault("local 只能是 may_tighten 或 may_replace")
    if tighter not in set(Tighter):
        fields.fault("tighter 只能是 lower 或 higher")
    if (local == Local.MAY_TIGHTEN.value) != bool(tighter):
        fields.fault("local: may_tighten 与 tighter 要一起写")
    values = _values(fields)
    if not fields.sound:
        return None
    return Entry(
        key=key,
        title=title,
        unit=unit,
        local=Local(local),
        tighter=Tighter(tighter),
        jurisdiction=jurisdiction,
        place=place,
        values=values,
    )


def _values(fields: _Fields) -> tuple[Dated, ...]:
    listed = fields.content.get("values")
    if not isinstance(listed, list) or not listed:
        fields.fault("values 至少要有一项")
        return ()
    read_values = []
    for number, content in enumerate(listed, 1):
        inner = _Fields(fields.faults, f"{fields.where} 第 {number} 项", content)
        dated = _dated(inner)
        fields.sound = fields.sound and inner.sound
        if dated is not None:
            read_values.append(dated)
    days = [dated.since for dated in read_values]
    if days != sorted(set(days)):
        fields.fault("values 要按 since 从早到晚排，每天只有一项")
    return tuple(read_values)


def _dated(fields: _Fields) -> Dated | None:
    fields.only(_VALUE_KEYS, {"checked_on", "checked_by", "note"})
    since = fields.day("since")
    if since is None:
        fields.fault("since 要写明从哪天起")
    own, source, article = _cite(fields)
    checked_on, checked_by = fields.day("checked_on"), fields.text("checked_by")
    if own and "checked_on" in fields.content:
        fields.fault("本单位自己的规则不写 checked_on")
    if not own and "checked_on" not in fields.content:
        fields.fault("缺 checked_on；没有核对过的写 null")
    if (checked_on is None) != (not checked_by):
        fields.fault("checked_on 与 checked_by 要一起写")
    value = _frozen(fields, fields.content.get("value"))
    if since is None or not fields.sound:
        return None
    return Dated(
        since=since,
        value=value,
        own=own,
        source=source,
        article=article,
        checked_on=checked_on,
        checked_by=checked_by,
        note=fields.text("note"),
    )


def _cite(fields: _Fields) -> tuple[str, str, str]:
    cite = _Fields(fields.faults, f"{fields.where} 的 cite", fields.content.get("cite"))
    if "own" in cite.content:
        cite.only({"own"}, set())
        found = (cite.text("own", filled=True), "", "")
    else:
        cite.only({"source", "article"}, set())
        found = ("", cite.text("source", filled=True), cite.text("article"))
    fields.sound = fields.sound and cite.sound
    return found


def _frozen(fields: _Fields, value: object, *, inside: bool = False) -> Any:
    """The value made unchangeable; ``null`` (no limit) has a meaning only inside a mapping."""
    match value:
        case bool() | int() | str():
            return value
        case None if inside:
            return None
        case dict() if value:
            return MappingProxyType(
                {name: _frozen(fields, item, inside=True) for name, item in value.items()}
            )
        case list() if value and all(isinstance(item, str) for item in value):
            return tuple(value)
        case float():
            fields.fault("小数要加引号，写成 '1.6'")
        case _:
            fields.fault("value 应是整数、文字、真假、文字的列表，或它们的对照表")
    return None


def is_table(value: object) -> bool:
    """Whether a value is a mapping of names to values."""
    return isinstance(value, Mapping)
