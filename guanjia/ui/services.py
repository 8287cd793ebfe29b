"""办事: what somebody can start, declared by those who have it; also the acts of the front page."""

from dataclasses import dataclass

from guanjia.kernel.values.actor import Actor
from guanjia.ui import menu
from guanjia.ui.registers import addresses


@dataclass(frozen=True, kw_only=True)
class Service:
    """Something to start. ``group``: the key of the group of the menu it belongs to.

    ``head``: it also stands at the head of the front page, there without its icon if ``bare``.
    """

    title: str
    icon: str
    url_name: str
    verb: str
    says: str
    group: str
    head: bool = False
    bare: bool = False


@dataclass(frozen=True, kw_only=True)
class ShownService:
    """A service with its address."""

    service: Service
    url: str


_services: list[Service] = []


def enlist(*services: Service) -> None:
    """Make services known, in the order in which they are shown; the same again changes nothing."""
    _services.extend(each for each in services if each not in _services)


def all_services() -> list[Service]:
    """Every service: the groups in the order of the menu, the services of each as declared.

    Raises ``KeyError`` for a service of a group that nobody declared.
    """
    order = {known.key: place for place, known in enumerate(menu.groups())}
    return sorted(_services, key=lambda each: order[each.group])


def offered(actor: Actor, *, head: bool = False) -> list[ShownService]:
    """What this person can start; one address is offered once, by the first that names it."""
    found: dict[str, ShownService] = {}
    for service in all_services():
        if not actor.can(service.verb) or (head and not service.head):
            continue
        url = addresses.maybe(service.url_name)
        if url and url not in found:
            found[url] = ShownService(service=service, url=url)
    return list(found.values())
