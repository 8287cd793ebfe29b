"""Reading units and people; the first argument says where one may look."""

from collections.abc import Collection, Mapping

from django.db.models import Q

from guanjia.kernel.org.models import People, Person, Unit, UnitChange, Units
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor, Scope


def units(scope: Scope) -> Units:
    """The units inside the scope with their parents, in protocol order."""
    rows: Units = Unit.objects.within(scope).select_related("parent")
    return rows


def people(scope: Scope) -> People:
    """The people inside the scope with their units."""
    rows: People = Person.objects.within(scope).select_related("unit")
    return rows


def units_by_code(codes: Collection[str]) -> Mapping[str, Unit]:
    """Units looked up by 单位编码, in one statement; a closed unit is found too."""
    return {unit.code: unit for unit in Unit.objects.filter(code__in=codes)}


def people_by_number(numbers: Collection[str]) -> Mapping[str, Person]:
    """People looked up by 工号, in one statement."""
    return {
        person.number: person
        for person in Person.objects.filter(number__in=numbers).select_related("unit")
    }


def find_people(*, scope: Scope, text: str, limit: int = 20) -> list[Person]:
    """People whose name, 拼音首字母 or 工号 begins with or holds the text; at most ``limit``."""
    wanted = text.strip()
    if not wanted:
        return []
    found = (
        people(scope)
        .serving()
        .filter(
            Q(name__icontains=wanted)
            | Q(number__istartswith=wanted)
            | Q(initials__startswith=wanted.lower())
        )
    )
    return list(found.order_by("unit__position", "number")[:limit])


def find_units(*, scope: Scope, text: str, limit: int = 20) -> list[Unit]:
    """Open units whose name or code holds the text, in protocol order."""
    wanted = text.strip()
    if not wanted:
        return []
    found = units(scope).open().filter(Q(name__icontains=wanted) | Q(code__istartswith=wanted))
    return list(found.order_by("position", "code")[:limit])


def home_unit(unit: Unit) -> Unit:
    """The unit that answers for a section (科室): the nearest one above that is no section."""
    while unit.nature == Nature.SECTION and unit.parent is not None:
        unit = unit.parent
    return unit


def unit_of(actor: Actor) -> Unit:
    """The unit for which somebody acts; raises ``Refused`` where the account is no person's."""
    person = Person.objects.select_related("unit__parent").filter(pk=actor.person_id or 0).first()
    if person is None:
        refuse("no_person", "账号没有对应的人员。", "请系统管理员登记人员。").enforce()
    assert person is not None  # noqa: S101 — refused above; for the type checker
    return home_unit(person.unit)


def unit_named(*, unit_id: int) -> str:
    """The short name of a unit; names of units are no secret."""
    unit = Unit.objects.filter(pk=unit_id).first()
    return str(unit) if unit else ""


def history_of(unit: Unit) -> list[UnitChange]:
    """What reforms did to a unit, and which units it came from; the latest first."""
    rows = UnitChange.objects.filter(Q(unit=unit) | Q(successor=unit)).select_related(
        "unit", "successor"
    )
    return list(rows.order_by("-on", "-pk"))


def home_path(*, unit_id: int) -> str:
    """The path of the unit that answers for a unit or section; ``""`` for an unknown one."""
    unit = Unit.objects.select_related("parent__parent").filter(pk=unit_id).first()
    return home_unit(unit).path if unit else ""
