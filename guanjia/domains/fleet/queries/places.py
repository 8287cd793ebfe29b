"""Reading the bureau's list of places (地点名录)."""

from guanjia.domains.fleet.models import Place, Places
from guanjia.domains.fleet.rules.places import Entry, Gazetteer, split
from guanjia.kernel.values.actor import Scope


def places(scope: Scope) -> Places:
    """The list; the same for everybody who may look at all."""
    rows: Places = Place.objects.within(scope)
    return rows


def gazetteer() -> Gazetteer:
    """The list ready to be looked up; one statement, so read it once for many texts."""
    rows = Place.objects.values_list("name", "area", "aliases", "on_the_way")
    return Gazetteer.of(
        Entry(name=name, area=area, aliases=split(aliases), on_the_way=split(way))
        for name, area, aliases, way in rows
    )


def area_of(text: str) -> str:
    """In which county a text lies, ``""`` where no name in it is known; for one text.

    Who has many texts reads ``gazetteer()`` once.
    """
    return gazetteer().area(text)
