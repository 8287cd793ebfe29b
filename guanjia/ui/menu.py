"""The left menu and the places every page links to, declared by those who have them."""

from dataclasses import dataclass, field, replace

from guanjia.kernel.values.actor import Actor
from guanjia.ui.registers import addresses


@dataclass(frozen=True, kw_only=True)
class Item:
    """One page in the menu; shown to whoever may use ``verb`` (``""``: to everybody signed in).

    ``also``: url names of pages that belong to this one (a detail page, a form). The pages by which
    a list takes in files belong to the list, named or not.
    """

    title: str
    url_name: str
    verb: str = ""
    also: tuple[str, ...] = ()

    def holds(self, url_name: str) -> bool:
        """Whether a page is this one or belongs to it."""
        names = (self.url_name, *self.also)
        return url_name in names or addresses.list_of(url_name) in names


@dataclass(frozen=True, kw_only=True)
class Department:
    """A department with its pages; ``apart`` stands at the end, below a line.

    A department with a single page the reader may open links to it directly.
    """

    title: str
    icon: str
    items: tuple[Item, ...]
    place: int = 100
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class ShownItem:
    """A page as the menu shows it."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class ShownDepartment:
    """A department as the menu shows it: ``current`` opens it, ``url`` leads to its first page."""

    title: str
    icon: str
    url: str
    current: bool
    apart: bool
    items: tuple[ShownItem, ...] = field(default=())

    @property
    def single(self) -> bool:
        """Whether it is shown as one link without sub-items."""
        return len(self.items) == 1


# Places of the front hall, by the name templates use. One that is not wired is not shown.
PLACES = {
    "home": "portal:home",
    "services": "portal:services",
    "registers": "portal:registers",
    "me": "portal:me",
    "password": "portal:password",
    "sign_in": "portal:sign_in",
    "sign_out": "portal:sign_out",
    "search": "portal:search",
    "notices": "portal:notices",
    "bell": "portal:bell",
}

# The bar at the bottom of a phone: place, title, icon.
TABS = (
    ("home", "待办", "checklist"),
    ("services", "办事", "layout-grid"),
    ("registers", "台账", "table"),
    ("me", "我的", "user"),
)

_departments: list[Department] = []


def enlist(department: Department) -> None:
    """Put a department into the menu; called from its ``apps.py``. The same title replaces."""
    _departments[:] = [known for known in _departments if known.title != department.title]
    _departments.append(department)
    _departments.sort(key=lambda known: (known.apart, known.place))


def departments() -> list[Department]:
    """Every department in the order of the menu."""
    return list(_departments)


def places() -> dict[str, str]:
    """Addresses of the front hall by place; ``""`` where there is none."""
    return {place: addresses.maybe(name) for place, name in PLACES.items()}


def _shown(department: Department, actor: Actor, view_name: str) -> ShownDepartment | None:
    items = tuple(
        ShownItem(title=item.title, url=url, current=item.holds(view_name))
        for item in department.items
        if (not item.verb or actor.can(item.verb)) and (url := addresses.maybe(item.url_name))
    )
    if not items:
        return None
    return ShownDepartment(
        title=department.title,
        icon=department.icon,
        url=items[0].url,
        current=any(item.current for item in items),
        apart=department.apart,
        items=items,
    )


def _page_of(view_name: str) -> str:
    """The page as items name it: a refused act (``halls:list_close``) shows the page it belongs to
    again (``halls:list``)."""
    parts = view_name.split("_")
    names = ["_".join(parts[:many]) for many in range(len(parts), 0, -1)]
    items = [item for each in _departments for item in each.items]
    return next((n for n in names if any(item.holds(n) for item in items)), view_name)


def shown(*, actor: Actor, view_name: str) -> list[ShownDepartment]:
    """The menu for one person: only what may be opened, the department of this page marked."""
    page = _page_of(view_name)
    found = [(each, _shown(each, actor, page)) for each in _departments]
    menus = [(each, menu) for each, menu in found if menu is not None]
    if not any(menu.current for _, menu in menus):
        # A page that no item names belongs to the first department that shares its namespace.
        for place, (each, menu) in enumerate(menus):
            if view_name.partition(":")[0] in _spaces(each):
                menus[place] = (each, replace(menu, current=True))
                break
    return [menu for _, menu in menus]


def _spaces(department: Department) -> set[str]:
    """The namespaces of its pages; that of the front hall, where several live, counts for none."""
    hall = PLACES["home"].partition(":")[0]
    return {item.url_name.partition(":")[0] for item in department.items} - {hall}
