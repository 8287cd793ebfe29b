"""How much room a rank, a room's occupants and a unit may have (核定面积). Pure.

All numbers come from the law in force on the day asked for. Where it says nothing, so do the
rules, with a sentence: there is no silent default.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from guanjia.domains.space.terms.ledger import BuildingKind, RoomKind
from guanjia.domains.space.terms.standards import (
    NO_AREA,
    Approved,
    Basis,
    Extras,
    GrossNeed,
    Limit,
    OfficeLine,
    Part,
    PersonLimit,
    RoomCase,
    RoomVerdict,
    Said,
    SitterFacts,
    UnitFacts,
)
from guanjia.kernel.org.terms import Level, Rank
from guanjia.kernel.regulations.lawbook import LawInForce, Provision

OFFICE = "space.office.per_person"
SERVICE, EQUIPMENT, RATIO = (
    "space.service.per_person",
    "space.equipment.share",
    "space.usable_ratio",
)
_TAKEN_AS, _TOWNSHIP = "space.standard.taken_as", "space.office.township_ceiling"
_CENT = Decimal("0.01")
_HUNDRED = Decimal(100)


def m2(value: Decimal) -> str:
    """An area as people write it: ``24``, ``28.5``, ``233.28``."""
    text = f"{value.quantize(_CENT, ROUND_HALF_UP):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# ── a rank ───────────────────────────────────────────────────────────────────────────────


def limit_of(*, rank: Rank, level: Level, law: LawInForce) -> Limit:
    """What a rank may have in organs of a level, in ㎡ of usable space.

    A rank that the level does not know is taken as the bureau's parameter says, and the note says
    so; else there is no limit and the note says why.
    """
    key = f"{OFFICE}.{level.lower()}"
    if level is Level.TOWNSHIP and key not in law:  # until the province's values are entered
        return _township(rank, law)
    if key not in law:
        return Limit(rank=rank, m2=None, note=f"{_day(law.on_date)}没有{level.label}机关的标准。")
    provision = law[key]
    if rank in provision.value:
        return _limit(rank, rank, provision)
    taken = _taken_as(rank, level, law)
    if taken is None or taken not in provision.value:
        return Limit(
            rank=rank, m2=None, cite=provision.cite, since=provision.since,
            note=f"{level.label}机关的标准没有{rank.label}，不作判断。",
        )  # fmt: skip
    as_rank = Rank(taken)
    note = f"{level.label}机关的标准没有{rank.label}，按{as_rank.label}计。"
    return _limit(rank, as_rank, provision, note=note)


def _limit(rank: Rank, as_rank: Rank, provision: Provision, *, note: str = "") -> Limit:
    value = provision.decimal(as_rank)
    return Limit(rank=rank, m2=value, cite=provision.cite, since=provision.since, note=note)


def _taken_as(rank: Rank, level: Level, law: LawInForce) -> str | None:
    table = law[_TAKEN_AS].value if _TAKEN_AS in law else {}
    found = table.get(level, {}).get(rank)
    return None if found is None else str(found)


def _township(rank: Rank, law: LawInForce) -> Limit:
    if _TOWNSHIP not in law:
        return Limit(rank=rank, m2=None, note=f"{_day(law.on_date)}没有乡级机关的标准。")
    ceiling = law[_TOWNSHIP]
    note = f"乡级机关的标准由省级政府规定，没有录入，不作判断；原则上不超过 {ceiling.value} ㎡。"
    return Limit(rank=rank, m2=None, cite=ceiling.cite, since=ceiling.since, note=note)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# ── a room ───────────────────────────────────────────────────────────────────────────────

_NOT_BY_PERSON = {
    RoomKind.SERVICE: "服务用房按单位编制核定，不按使用人判断。",
    RoomKind.EQUIPMENT: "设备用房按单位办公室和服务用房的面积核定，不按使用人判断。",
    RoomKind.ANCILLARY: "附属用房按建筑面积核定，不按使用人判断。",
    RoomKind.TECHNICAL: "技术业务用房不按办公用房标准计面积。",
    RoomKind.QUARTERS: "周转房不按办公用房标准计面积。",
}


class Judge:
    """Judges rooms by the law of one day; each rank is looked up once, however many sit there."""

    def __init__(self, law: LawInForce) -> None:
        self.law = law
        self._limits: dict[tuple[Rank, Level], Limit] = {}

    def limit(self, person: SitterFacts) -> Limit:
        """The limit of somebody's rank in organs of their level."""
        key = (person.rank, person.level)
        if key not in self._limits:
            self._limits[key] = limit_of(rank=person.rank, level=person.level, law=self.law)
        return self._limits[key]

    def room(self, case: RoomCase) -> RoomVerdict:
        """What is to be said of a room: an office by the sum of its occupants' limits."""
        if case.kind is not RoomKind.OFFICE:
            return self._without(case, Said.NOT_BY_PERSON, _NOT_BY_PERSON[case.kind])
        if not case.people:
            return self._without(case, Said.NOBODY, "没有登记使用人，不作判断。")
        limits = [self.limit(person) for person in case.people]
        persons = tuple(
            PersonLimit(
                name=person.name, rank_label=person.rank.label, limit_m2=limit.m2,
                note=limit.note, person_id=person.id,
            )
            for person, limit in zip(case.people, limits, strict=True)
        )  # fmt: skip
        unknown = next((limit for limit in limits if limit.m2 is None), None)
        if unknown is not None:
            return self._without(case, Said.NO_LIMIT, unknown.note, persons, unknown)
        return self._compared(case, limits, persons)

    def _compared(
        self, case: RoomCase, limits: Sequence[Limit], persons: tuple[PersonLimit, ...]
    ) -> RoomVerdict:
        limit = sum((each.m2 or NO_AREA for each in limits), NO_AREA)
        over = max(case.usable_m2 - limit, NO_AREA)
        # Where the versions differ, the one that nobody checked must show its 未核对.
        cited = next((each for each in limits if each.cite and each.cite.unchecked), limits[0])
        return RoomVerdict(
            room_id=case.id, name=case.name, kind=case.kind, unit_id=case.unit_id,
            said=Said.OVER if over else Said.WITHIN, usable_m2=case.usable_m2, limit_m2=limit,
            over_m2=over, sentence=_sentence(case, limits, limit), day=self.law.on_date,
            persons=persons, citation=cited.cite, since=cited.since,
        )  # fmt: skip

    def _without(
        self,
        case: RoomCase,
        said: Said,
        sentence: str,
        persons: tuple[PersonLimit, ...] = (),
        limit: Limit | None = None,
    ) -> RoomVerdict:
        return RoomVerdict(
            room_id=case.id, name=case.name, kind=case.kind, unit_id=case.unit_id, said=said,
            usable_m2=case.usable_m2, limit_m2=None, over_m2=NO_AREA, sentence=sentence,
            day=self.law.on_date, persons=persons, citation=limit.cite if limit else None,
            since=limit.since if limit else None,
        )  # fmt: skip


def _sentence(case: RoomCase, limits: Sequence[Limit], limit: Decimal) -> str:
    """How the limit comes about: ``正局(处)级 1 人，每人 24 ㎡`` and so on."""
    counted = Counter((each.rank, each.m2) for each in limits)
    parts = [
        f"{rank.label} {count} 人、每人 {m2(each or NO_AREA)} ㎡"
        for (rank, each), count in counted.items()
    ]
    said = "，".join(parts)
    together = f"，合计 {m2(limit)} ㎡" if len(limits) > 1 else ""
    notes = "".join(dict.fromkeys(each.note for each in limits if each.note))
    return f"使用面积 {m2(case.usable_m2)} ㎡；限额：{said}{together}。{notes}"


# ── a unit ───────────────────────────────────────────────────────────────────────────────


def derived(
    *, headcount: int | None, ranks: Sequence[Rank], level: Level, law: LawInForce
) -> tuple[Mapping[Rank, int], Basis]:
    """The numbers by rank of a unit for which nobody entered them (按实有职级推算).

    ``ranks``: of the people on its establishment who serve. Those above the lowest rank of the
    level count as they are, the rest of the establishment as the lowest; without a headcount the
    people are what there is.
    """
    key = "space.standard.lowest_rank"
    lowest = law[key].value.get(level) if key in law else None
    if lowest is None or (headcount is None and not ranks):
        return {}, Basis.UNKNOWN
    taken = [Rank(_taken_as(rank, level, law) or rank) for rank in ranks]
    counted = Counter(rank for rank in taken if rank != lowest)
    everybody = headcount if headcount is not None else len(ranks)
    rest = max(everybody - counted.total(), 0)
    if rest:
        counted[Rank(lowest)] = rest
    return dict(counted), Basis.DERIVED


def approved(*, facts: UnitFacts, law: LawInForce) -> Approved:
    """What a unit may have: offices by rank, service rooms by head, equipment by share.

    Each part carries its value, its formula in words and the version of its article.
    """
    lines = _lines(facts, law)
    office = _office(lines)
    service = _service(facts, law)
    return Approved(
        day=law.on_date,
        facts=facts,
        lines=lines,
        office=office,
        service=service,
        equipment=_equipment(office, service, law),
    )


def _lines(facts: UnitFacts, law: LawInForce) -> tuple[OfficeLine, ...]:
    found = []
    for rank in (rank for rank in Rank if facts.ranks.get(rank)):
        count = facts.ranks[rank]
        limit = limit_of(rank=rank, level=facts.level, law=law)
        area = None if limit.m2 is None else count * limit.m2
        found.append(OfficeLine(label=rank.label, count=count, limit=limit, m2=area))
    return tuple(found)


def _office(lines: Sequence[OfficeLine]) -> Part:
    kind, title = RoomKind.OFFICE, RoomKind.OFFICE.label
    if not lines:
        note = "没有职级编制，也没有编制人数和在编人员，不能核定。"
        return Part(kind=kind, title=title, m2=None, formula="", note=note)
    unknown = next((line.limit for line in lines if line.m2 is None), None)
    if unknown is not None:
        return Part(
            kind=kind, title=title, m2=None, formula="", note=unknown.note, cite=unknown.cite,
            since=unknown.since,
        )  # fmt: skip
    total = sum((line.m2 or NO_AREA for line in lines), NO_AREA)
    words = " + ".join(f"{line.count} × {m2(line.limit.m2 or NO_AREA)}" for line in lines)
    notes = "".join(dict.fromkeys(line.limit.note for line in lines if line.limit.note))
    first = lines[0].limit
    return Part(
        kind=kind, title=title, m2=total, formula=f"{words} = {m2(total)} ㎡", cite=first.cite,
        since=first.since, note=notes,
    )  # fmt: skip


def _service_provision(level: Level, law: LawInForce) -> tuple[Provision | None, Any]:
    own = f"{SERVICE}.{level.lower()}"
    if own in law:
        return law[own], law[own].value
    if SERVICE in law and level in law[SERVICE].value:
        return law[SERVICE], law[SERVICE].value[level]
    return None, None


def service_per_person(*, persons: int, level: Level, law: LawInForce) -> Decimal | None:
    """Usable space of service rooms for each of the establishment; ``None`` where none is set."""
    _, table = _service_provision(level, law)
    if table is None:
        return None
    if persons <= int(table["few"]):
        return Decimal(table["at_few"])
    if persons >= int(table["many"]):
        return Decimal(table["at_many"])
    return (Decimal(table["base"]) - persons) / Decimal(table["divisor"])


def _service(facts: UnitFacts, law: LawInForce) -> Part:
    kind, title = RoomKind.SERVICE, RoomKind.SERVICE.label
    provision, table = _service_provision(facts.level, law)
    if provision is None:
        note = f"{_day(law.on_date)}没有{facts.level.label}机关服务用房的标准。"
        return Part(kind=kind, title=title, m2=None, formula="", note=note)
    if not facts.persons:
        return Part(
            kind=kind, title=title, m2=None, formula="", note="没有编制人数，不能核定。",
            cite=provision.cite, since=provision.since,
        )  # fmt: skip
    each = service_per_person(persons=facts.persons, level=facts.level, law=law) or NO_AREA
    total = (each * facts.persons).quantize(_CENT, ROUND_HALF_UP)
    between = int(table["few"]) < facts.persons < int(table["many"])
    how = f"（{table['base']} − {facts.persons}）÷ {table['divisor']}" if between else m2(each)
    return Part(
        kind=kind, title=title, m2=total,
        formula=f"编制 {facts.persons} 人 × {how} = {m2(total)} ㎡",
        cite=provision.cite, since=provision.since,
    )  # fmt: skip


def _equipment(office: Part, service: Part, law: LawInForce) -> Part:
    kind, title = RoomKind.EQUIPMENT, RoomKind.EQUIPMENT.label
    if EQUIPMENT not in law:
        note = f"{_day(law.on_date)}没有设备用房的标准。"
        return Part(kind=kind, title=title, m2=None, formula="", note=note)
    provision = law[EQUIPMENT]
    if office.m2 is None or service.m2 is None:
        note = "按办公室和服务用房的面积计，其中一项不能核定。"
        return Part(
            kind=kind, title=title, m2=None, formula="", note=note, cite=provision.cite,
            since=provision.since,
        )  # fmt: skip
    base = office.m2 + service.m2
    total = (base * Decimal(provision.value) / _HUNDRED).quantize(_CENT, ROUND_HALF_UP)
    return Part(
        kind=kind, title=title, m2=total,
        formula=f"（{m2(office.m2)} + {m2(service.m2)}）× {provision.value}% = {m2(total)} ㎡",
        cite=provision.cite, since=provision.since,
    )  # fmt: skip


# ── ancillary rooms and the building ─────────────────────────────────────────────────────


def ancillary(*, persons: int, extras: Extras, law: LawInForce) -> tuple[Part, ...]:
    """Ancillary rooms (附属用房) in gross ㎡, each by what it is reckoned from."""
    parts = [
        _two_steps("食堂", persons, "人", "space.ancillary.canteen", "people", law),
        _two_steps("汽车库", extras.cars, "辆", "space.ancillary.garage", "cars", law),
        _each("自行车库", extras.bicycles, "辆", "bicycles", law),
        _each("电动车、摩托车库", extras.motorcycles, "辆", "motorcycles", law),
        _each("警卫用房", extras.guards, "人", "guards", law),
    ]
    return tuple(parts)


def _none(title: str, law: LawInForce) -> Part:
    note = f"{_day(law.on_date)}没有{title}的标准。"
    return Part(kind=RoomKind.ANCILLARY, title=title, m2=None, formula="", note=note, gross=True)


def _two_steps(  # noqa: PLR0917 — a line of the table as it stands there
    title: str, count: int, word: str, key: str, name: str, law: LawInForce
) -> Part:
    if key not in law:
        return _none(title, law)
    provision = law[key]
    within = min(count, int(provision.value[name]))
    beyond = count - within
    first, more = provision.decimal("first") or NO_AREA, provision.decimal("beyond") or NO_AREA
    total = within * first + beyond * more
    words = f"{within} {word} × {m2(first)}"
    if beyond:
        words += f" + {beyond} {word} × {m2(more)}"
    return Part(
        kind=RoomKind.ANCILLARY, title=title, m2=total, formula=f"{words} = {m2(total)} ㎡",
        cite=provision.cite, since=provision.since, gross=True,
    )  # fmt: skip


def _each(title: str, count: int, word: str, name: str, law: LawInForce) -> Part:
    key = "space.ancillary.each"
    if key not in law:
        return _none(title, law)
    provision = law[key]
    each = provision.decimal(name) or NO_AREA
    total = count * each
    return Part(
        kind=RoomKind.ANCILLARY, title=title, m2=total,
        formula=f"{count} {word} × {m2(each)} = {m2(total)} ㎡",
        cite=provision.cite, since=provision.since, gross=True,
    )  # fmt: skip


def gross_need(
    *, usable_m2: Decimal, ancillary_m2: Decimal, kind: BuildingKind, law: LawInForce
) -> GrossNeed | None:
    """The gross space of a building that holds this much usable space; ``None`` where the
    standard names no ratio for buildings of this kind."""
    if RATIO not in law or kind not in law[RATIO].value:
        return None
    provision = law[RATIO]
    ratio = provision.decimal(kind) or Decimal(1)
    total = (usable_m2 / ratio).quantize(_CENT, ROUND_HALF_UP) + ancillary_m2
    words = f"{m2(usable_m2)} ÷ {ratio}"
    if ancillary_m2:
        words += f" + {m2(ancillary_m2)}"
    return GrossNeed(
        kind=kind, ratio=ratio, m2=total, cite=provision.cite,
        formula=f"{words} = {m2(total)} ㎡",
    )  # fmt: skip
