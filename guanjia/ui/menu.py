"""The menu and the places every page links to, declared by those who have them.

Three steps: a group says what people do, a section of it holds the pages of one kind of work, and
an item is a page. The groups are declared once, by the front hall; whoever has pages names the key
of the group they stand in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from guanjia.kernel.values.actor import Actor
from guanjia.ui.registers import addresses

# What is asked about a person: whether a page is any of their business.
Question = Callable[[Actor], bool]

# The entries of the top level, the front page counted, whatever duties somebody holds.
ENTRIES_MAX = 8
# So many pages of a group lie open under their sections; of a larger group, one section does.
OPEN_MAX = 12


@dataclass(frozen=True, kw_only=True)
class Group:
    """An entry of the top level: something people do; ``apart`` stands at the end, below a line."""

    key: str
    title: str
    icon: str
    place: int
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Item:
    """One page in the menu, shown to those who have something to do there.

    ``verb``: whoever may use it has. ``when``: asked about everybody else; for what falls to
    people by other ways than a duty. ``for_all``: everybody signed in may open the page, and finds
    it in the hall of services; that alone is nothing to do. With neither ``verb`` nor ``when`` such
    a page goes along with the others of its section.

    ``also``: url names of pages that belong to this one (a detail page, a form). The pages by which
    a list takes in files belong to the list, named or not; so do those of declared acts (``put``).
    """

    title: str
    url_name: str
    verb: str = ""
    when: Question | None = None
    for_all: bool = False
    also: tuple[str, ...] = ()

    @property
    def goes_along(self) -> bool:
        """Whether it is nobody's own, and shown beside what is."""
        return self.for_all and not self.verb and self.when is None

    def concerns(self, actor: Actor, ask: Callable[[Question], bool]) -> bool:
        """Whether this person has something to do there; ``ask`` puts ``when`` to the person."""
        if self.verb and actor.can(self.verb):
            return True
        return self.when is not None and ask(self.when)

    def holds(self, url_name: str) -> bool:
        """Whether a page is this one or belongs to it."""
        names = (self.url_name, *self.also)
        lists = (addresses.list_of(url_name), _put.get(url_name, ""))
        return url_name in names or any(each in names for each in lists if each)


_put: dict[str, str] = {}


def put(url_name: str, *, beside: str) -> None:
    """Have a page belong to whatever item holds another one, by their url names."""
    _put[url_name] = beside


@dataclass(frozen=True, kw_only=True)
class Section:
    """The pages of one kind of work, one step inside the group of this key."""

    title: str
    group: str
    items: tuple[Item, ...]
    place: int = 100


@dataclass(frozen=True, kw_only=True)
class ShownItem:
    """A page as the menu shows it."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class ShownSection:
    """A section as the menu shows it: ``current`` holds this page, ``open`` lists its pages."""

    title: str
    items: tuple[ShownItem, ...]
    current: bool
    open: bool = True


@dataclass(frozen=True, kw_only=True)
class ShownGroup:
    """A group as the menu shows it: ``current`` opens it, ``url`` leads to its first page."""

    key: str
    title: str
    icon: str
    current: bool
    apart: bool
    sections: tuple[ShownSection, ...]

    @property
    def items(self) -> tuple[ShownItem, ...]:
        """Its pages over all sections; there is at least one."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def url(self) -> str:
        """Its first page."""
        return self.items[0].url

    @property
    def only(self) -> ShownItem | None:
        """The page of a group that has but one: the entry is a link to it, by its own title."""
        return self.items[0] if len(self.items) == 1 else None


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

_groups: dict[str, Group] = {}
_sections: list[Section] = []


def group(*groups: Group) -> None:
    """Declare groups of the top level; called once, by the front hall. The same key replaces."""
    _groups.update({each.key: each for each in groups})


def groups() -> list[Group]:
    """Every group in the order of the menu."""
    return sorted(_groups.values(), key=lambda known: (known.apart, known.place))


def enlist(*sections: Section) -> None:
    """Put sections into the menu; called when the wiring of those who have them runs.

    The same title in the same group replaces.
    """
    for section in sections:
        _sections[:] = [
            known
            for known in _sections
            if (known.group, known.title) != (section.group, section.title)
        ]
        _sections.append(section)
    _sections.sort(key=lambda known: known.place)


def sections() -> list[Section]:
    """Every section: the groups in the order of the menu, the sections of each in theirs.

    Raises ``KeyError`` for a section of a group that nobody declared.
    """
    order = {known.key: place for place, known in enumerate(groups())}
    return sorted(_sections, key=lambda known: order[known.group])


def places() -> dict[str, str]:
    """Addresses of the front hall by place; ``""`` where there is none."""
    return {place: addresses.maybe(name) for place, name in PLACES.items()}


def for_all() -> list[ShownItem]:
    """The pages that everybody signed in may open, in the order of the menu."""
    return [
        ShownItem(title=item.title, url=url, current=False)
        for section in sections()
        for item in section.items
        if item.for_all and (url := addresses.maybe(item.url_name))
    ]


def _shown(
    section: Section, actor: Actor, page: str, ask: Callable[[Question], bool]
) -> ShownSection | None:
    """A section with the pages that concern somebody; ``None`` where there is none."""
    wired = [(item, addresses.maybe(item.url_name)) for item in section.items]
    theirs = {item for item, url in wired if url and item.concerns(actor, ask)}
    if not theirs:
        return None
    items = tuple(
        ShownItem(title=item.title, url=url, current=item.holds(page))
        for item, url in wired
        if item in theirs or (url and item.goes_along)
    )
    current = any(item.current for item in items)
    return ShownSection(title=section.title, items=items, current=current)


def _page_of(view_name: str) -> str:
    """The page as items name it: a refused act (``halls:list_close``) shows the page it belongs to
    again (``halls:list``)."""
    parts = view_name.split("_")
    names = ["_".join(parts[:many]) for many in range(len(parts), 0, -1)]
    items = [item for each in _sections for item in each.items]
    return next((n for n in names if any(item.holds(n) for item in items)), view_name)


def shown(*, actor: Actor, view_name: str) -> list[ShownGroup]:
    """The menu for one person: only where they have something to do, this page's group marked."""
    page = _page_of(view_name)
    # Several pages ask the same question of the database; it is put once.
    ask = cache(lambda question: question(actor))
    found = [(each, _shown(each, actor, page, ask)) for each in sections()]
    menus = [(each, section) for each, section in found if section is not None]
    if not any(section.current for _, section in menus):
        # A page that no item names belongs to the first section that shares its namespace.
        for place, (each, section) in enumerate(menus):
            if view_name.partition(":")[0] in _spaces(each):
                menus[place] = (each, replace(section, current=True))
                break
    grouped = [
        (each, [section for of, section in menus if of.group == each.key]) for each in groups()
    ]
    return [_opened(each, inside) for each, inside in grouped if inside]


def _opened(known: Group, inside: list[ShownSection]) -> ShownGroup:
    """A group with its sections: all open while that is short, else this page's or the first."""
    short = sum(len(section.items) for section in inside) <= OPEN_MAX
    here = next((section for section in inside if section.current), inside[0])
    return ShownGroup(
        key=known.key,
        title=known.title,
        icon=known.icon,
        current=any(section.current for section in inside),
        apart=known.apart,
        sections=tuple(replace(each, open=short or each is here) for each in inside),
    )


def _spaces(section: Section) -> set[str]:
    """The namespaces of its pages; that of the front hall, where several live, counts for none."""
    hall = PLACES["home"].partition(":")[0]
    return {item.url_name.partition(":")[0] for item in section.items} - {hall}
