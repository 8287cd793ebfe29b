"""Who acts and where they may look: values without a database."""

from dataclasses import dataclass, field
from datetime import date
from typing import Self

from guanjia.kernel.values.term import Term


class Reach(Term):
    """How far a duty reaches in the tree of units (数据范围)."""

    OWN = "OWN", "本人"
    UNIT = "UNIT", "本单位"
    BELOW = "BELOW", "本单位及下级"
    CITY = "CITY", "全市"
    CITY_READ = "CITY_READ", "全市（只读）"


class NotAllowed(Exception):
    """The actor lacks the duty for a verb: 403."""

    def __init__(self, verb: str, title: str = "") -> None:
        self.verb, self.title = verb, title or verb
        super().__init__(f"这一页要有“{self.title}”职责才能办。")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Where one may look: everything, whole subtrees, single units, or only one's own rows.

    ``shared``: what is shown to departments outside (监督共享), which leaves secret rows out.
    ``paths`` are materialised unit paths (``/3602/3602D055/``): the unit and all below it.
    ``unit_ids`` are single units without what is below; ``person_id`` lets one's own rows in.
    """

    everything: bool = False
    shared: bool = False
    paths: tuple[str, ...] = ()
    unit_ids: tuple[int, ...] = ()
    person_id: int | None = None

    @classmethod
    def all(cls) -> Self:
        """The whole deployment."""
        return cls(everything=True)

    @classmethod
    def outside(cls) -> Self:
        """The whole deployment as it is shared with the outside: without secret rows."""
        return cls(everything=True, shared=True)

    @property
    def nothing(self) -> bool:
        """Whether no row at all can lie inside."""
        return not (self.everything or self.paths or self.unit_ids or self.person_id)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A duty somebody holds, with its reach: the verbs it allows and the unit it hangs on."""

    duty: str
    title: str
    verbs: frozenset[str]
    reach: Reach
    unit_id: int | None = None
    unit_path: str = ""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something: a signed-in person, or the system itself.

    ``left_on``: the day from which the person is gone (离职); their account opens nothing any more.
    """

    name: str
    account_id: int | None = None
    person_id: int | None = None
    unit_id: int | None = None
    unit_name: str = ""
    address: str = ""
    held: tuple[Held, ...] = field(default=())
    is_system: bool = False
    left_on: date | None = None

    @classmethod
    def system(cls, name: str) -> Self:
        """The system acting by itself, e.g. in a job; may do everything, named in the record."""
        return cls(name=name, is_system=True)

    def can(self, verb: str) -> bool:
        """Whether a duty of the actor allows the verb at all (somewhere)."""
        return self.is_system or any(verb in held.verbs for held in self.held)

    def must(self, verb: str, *, title: str = "") -> None:
        """Raise ``NotAllowed`` unless the actor's duties allow the verb."""
        if not self.can(verb):
            raise NotAllowed(verb, title)

    def scope(self, verb: str) -> Scope:
        """Where the actor may use the verb: the union over all duties that allow it."""
        if self.is_system:
            return Scope.all()
        reaches = [held for held in self.held if verb in held.verbs]
        own = any(held.reach is Reach.CITY for held in reaches)
        read_only = any(held.reach is Reach.CITY_READ for held in reaches)
        return Scope(
            everything=own or read_only,
            shared=read_only and not own,
            paths=tuple(held.unit_path for held in reaches if held.reach is Reach.BELOW),
            unit_ids=tuple(
                held.unit_id for held in reaches if held.reach is Reach.UNIT and held.unit_id
            ),
            person_id=self.person_id if any(h.reach is Reach.OWN for h in reaches) else None,
        )
