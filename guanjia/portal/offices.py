"""What somebody does, by the groups of the menu: for 办事 and for the front page of a leader."""

from dataclasses import dataclass, replace

from guanjia.kernel.values.actor import Actor
from guanjia.ui import menu, services
from guanjia.ui.menu import Group, ShownGroup, ShownSection
from guanjia.ui.services import ShownService

# Who reads the report reads over all groups: their front page shows them.
_LEADS = "report.see"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A group with what this person can start there, and the sections they may open."""

    title: str
    icon: str
    services: tuple[ShownService, ...]
    sections: tuple[ShownSection, ...]


def groups(actor: Actor) -> list[Office]:
    """Every group in which this person has something to do, in the order of the menu."""
    offered = services.offered(actor)
    shown = {group.key: group for group in menu.shown(actor=actor, view_name="")}
    found = []
    for known in menu.groups():
        starts = tuple(each for each in offered if each.service.group == known.key)
        if starts or known.key in shown:
            found.append(_office(known, starts, shown.get(known.key)))
    return found


def _office(known: Group, starts: tuple[ShownService, ...], shown: ShownGroup | None) -> Office:
    started = {each.url for each in starts}
    sections = [_beside(started, section) for section in (shown.sections if shown else ())]
    return Office(
        title=known.title,
        icon=known.icon,
        services=starts,
        sections=tuple(section for section in sections if section.items),
    )


def _beside(started: set[str], section: ShownSection) -> ShownSection:
    """A section without the pages that stand above it as something to start."""
    return replace(section, items=tuple(i for i in section.items if i.url not in started))


def overview(actor: Actor) -> list[ShownGroup]:
    """The groups on the front page of a leader; nothing for whoever works in one of them."""
    return menu.shown(actor=actor, view_name="") if actor.can(_LEADS) else []
