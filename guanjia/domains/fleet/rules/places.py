"""In which county a place lies, told from what people write. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

COMMA = "、"


def split(text: str) -> tuple[str, ...]:
    """The names in a list parted by 、 (or a comma), without blanks and repetitions."""
    parts = text.replace("，", COMMA).replace(",", COMMA).split(COMMA)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A place of the bureau's list: its names, its area, and the areas on the way to it."""

    name: str
    area: str
    aliases: tuple[str, ...] = ()
    on_the_way: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """The bureau's list of places, ready to be looked up in a text.

    County names as they are written in full come first, then all other names, the longer before
    the shorter; what was recognised is not read again, so that 浮梁路 is not taken for 浮梁.
    """

    entries: tuple[Entry, ...] = ()
    names: tuple[tuple[str, Entry], ...] = field(default=())

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Gazetteer":
        """From the rows of the list."""
        kept = tuple(entries)
        counties = [(e.name, e) for e in kept if e.name == e.area]
        others = [
            (name, e) for e in kept for name in (e.name, *e.aliases) if (name, e) not in counties
        ]
        longest = sorted(counties, key=_length), sorted(others, key=_length)
        return cls(entries=kept, names=tuple(longest[0] + longest[1]))

    def found(self, text: str) -> list[Entry]:
        """The entries that a text names, in the order of the text."""
        places: list[tuple[int, Entry]] = []
        rest = text
        for name, entry in self.names:
            at = rest.find(name)
            if at >= 0:
                places.append((at, entry))
                rest = rest.replace(name, "\0" * len(name))
        return [entry for _, entry in sorted(places, key=lambda place: place[0])]

    def areas(self, text: str) -> tuple[str, ...]:
        """The areas that a text names, each once; empty where none is known."""
        return tuple(dict.fromkeys(entry.area for entry in self.found(text)))

    def area(self, text: str) -> str:
        """The first area that a text names, ``""`` where none is known."""
        return next(iter(self.areas(text)), "")

    def through(self, text: str) -> frozenset[str]:
        """The areas that a text names, and those one passes on the way there."""
        found = self.found(text)
        passed = [area for entry in found for area in entry.on_the_way]
        return frozenset(passed) | {entry.area for entry in found}


def _length(named: tuple[str, Entry]) -> tuple[int, str]:
    return -len(named[0]), named[0]
