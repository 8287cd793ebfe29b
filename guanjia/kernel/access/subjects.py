"""What files, approvals, vouchers and notices hang on, and who may open it. Pure.

A department says once for each of its kinds of rows how an actor's sight of one row is judged;
whoever hands out something that belongs to a row asks here first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.life import Life


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A kind of row others refer to by model and id.

    ``model``: as Django labels it (``org.unit``). ``title``: what people call it. ``page``: the
    url name of its page, which takes the id. ``sees(actor, id)``: whether the actor may open the
    row; no row, no sight; by default: ``rows`` within the reach of ``see``. ``see``: the verb with
    which the rows are looked at, also where the page opens to whoever is concerned besides.
    ``sees_file(actor, id, unit id)``: whether the actor may open a file of
    the row that was added for a unit (``None``: for none), where that is less than the row;
    whoever does not see the row does not get there.

    What acts are declared on says more: ``rows``: scope → query set. ``life``: its states.
    ``key``: the name of its id in addresses and actions (``works_id``). ``path``: the folder of
    its addresses (``works``). ``stem``: with what the url names of its acts begin, where that is
    not the folder (``quota``). ``space``: the department that does the acts, where the model is the
    kernel's (keys of partners). ``beside``: what is loaded with a row that is locked. ``name``: the
    attribute by which people name it; empty: as it names itself. ``listed``: title and url name of
    its list. ``now``: how a row stands in one line, above the form of an act. ``home``: row → the
    id that ``page`` takes, where a row stands on the page of another (a measure on that of its
    audit); ``None`` where that is a list, which takes none. ``mine``: the field with the account
    whose row it is, where nobody else may do anything to it.
    """

    model: str
    title: str
    page: str
    sees: Callable[[Actor, int], bool] | None = None
    sees_file: Callable[[Actor, int, int | None], bool] | None = None
    see: str = ""
    rows: Callable[[Scope], Any] | None = None
    life: Life | None = None
    key: str = "pk"
    path: str = ""
    stem: str = ""
    space: str = ""
    beside: tuple[str, ...] = ()
    name: str = "number"
    listed: tuple[str, str] = ("", "")
    now: Callable[[Any], str] | None = None
    home: Callable[[Any], int | None] | None = None
    mine: str = ""

    def sees_row(self, actor: Actor, row_id: int) -> bool:
        """Whether the actor may open a row of this kind."""
        if self.sees is not None:
            return self.sees(actor, row_id)
        return self.reaches(actor, self.see, row_id)

    def reaches(self, actor: Actor, verb: str, row_id: int) -> bool:
        """Whether the reach in which the actor may use a verb holds the row."""
        if self.rows is None or actor.scope(verb).nothing:
            return False
        return bool(self.within(actor, verb).filter(pk=row_id).exists())

    def within(self, actor: Actor, verb: str) -> Any:
        """The rows in the reach in which the actor may use a verb."""
        rows: Any = self.rows
        found = rows(actor.scope(verb))
        return found.filter(**{self.mine: actor.account_id}) if self.mine else found

    def name_of(self, row: Any) -> str:
        """What people call a row: its number; where it has none, what it says of itself."""
        return str(getattr(row, self.name) if self.name else row)

    def home_of(self, row: Any) -> int | None:
        """The id in the address of the page on which a row stands: by default its own."""
        return int(row.pk) if self.home is None else self.home(row)


_subjects: dict[str, Subject] = {}


def declare(*subjects: Subject) -> None:
    """Make kinds of rows known; called from the ``apps.py`` of the department that has them."""
    for subject in subjects:
        _subjects[subject.model] = subject


def get(model: str) -> Subject | None:
    """The kind of row of this label, or ``None`` for one nobody declared."""
    return _subjects.get(model)


def all_subjects() -> list[Subject]:
    """Every declared kind of row."""
    return list(_subjects.values())


def sees(*, actor: Actor, model: str, row_id: int) -> bool:
    """Whether the actor may open a row; of a kind nobody declared nobody but the system may."""
    if actor.is_system:
        return True
    subject = _subjects.get(model)
    return subject is not None and subject.sees_row(actor, row_id)


def sees_file(*, actor: Actor, model: str, row_id: int, unit_id: int | None) -> bool:
    """Whether the actor may open a file of a row that was added for this unit."""
    if not sees(actor=actor, model=model, row_id=row_id):
        return False
    subject = _subjects.get(model)
    nearer = subject.sees_file if subject is not None and not actor.is_system else None
    return nearer is None or nearer(actor, row_id, unit_id)
