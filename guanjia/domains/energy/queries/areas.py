"""The areas (行政区) that institutions belong to: those of the tree of units."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.values.actor import Scope

# The city's own institutions: they belong to no county.
OWN = "市本级"


def all_areas() -> list[Unit]:
    """The areas of the deployment, the city itself first."""
    rows = Unit.objects.filter(nature=Nature.AREA)
    return sorted(rows, key=lambda unit: (unit.path.count("/"), unit.position, unit.code))


def title(area: Unit) -> str:
    """How an area is called in the register: ``市本级`` for the city, else its name."""
    return OWN if area.parent_id is None else area.name


def areas_by_name(names: Collection[str]) -> Mapping[str, Unit]:
    """Areas by the names and short names that ledgers use; ``市本级`` is the topmost area."""
    found: dict[str, Unit] = {}
    for area in reversed(all_areas()):
        found |= {area.name: area, title(area): area}
        found.setdefault(area.short_name, area)
    return {name: found[name] for name in names if name in found}


def choices(scope: Scope) -> Sequence[tuple[int, str]]:
    """The areas for a filter; who does not see the whole city sees its own."""
    areas = all_areas()
    left_out = outside(scope, areas)
    return [(area.pk, title(area)) for area in areas if area.pk not in left_out]


def names(scope: Scope) -> Sequence[str]:
    """How the areas of a scope are called in ledgers."""
    return [label for _, label in choices(scope)]


def city() -> Unit | None:
    """The topmost area: the city whose office affairs this is."""
    return next(iter(all_areas()), None)


def outside(scope: Scope, areas: Iterable[Unit]) -> set[int]:
    """Those of the areas that do not lie in a scope."""
    if scope.everything:
        return set()
    return {
        area.pk
        for area in areas
        if area.pk not in scope.unit_ids and not area.path.startswith(tuple(scope.paths))
    }
