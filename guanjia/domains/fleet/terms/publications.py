"""The nouns of public notice (用车公示): what was published stays as it was. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanjia.domains.fleet.terms.costs import CostKind
from guanjia.kernel.values.digests import sm3_of
from guanjia.kernel.values.life import Life, Stage
from guanjia.kernel.values.term import Term


class PublicationState(Term):
    """Where a notice stands (公示状态)."""

    DRAFT = "DRAFT", "公示稿"
    PUBLISHED = "PUBLISHED", "公示中"
    WITHDRAWN = "WITHDRAWN", "已撤下"


_S = PublicationState
PUBLICATION_LIFE = Life(
    states={
        _S.DRAFT: Stage(tone="idle", icon="pencil", to=(_S.PUBLISHED,)),
        _S.PUBLISHED: Stage(tone="done", icon="circle-check", to=(_S.WITHDRAWN,)),
        _S.WITHDRAWN: Stage(tone="stop", icon="ban"),
    },
    rule="公示以后不改，更正另出一版",
)
TOLD = (_S.PUBLISHED, _S.WITHDRAWN)  # what was ever published


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a notice tells of one unit in one month (``2020-05``); ``costs``: 分 by kind."""

    unit: str
    name: str
    month: str
    trips: int
    km: int
    costs: Mapping[str, int]

    @property
    def cost_fen(self) -> int:
        """All costs together."""
        return sum(self.costs.values())

    def as_json(self) -> dict[str, Any]:
        """Plain data, as it is kept and as it goes into the digest."""
        return {
            "unit": self.unit,
            "name": self.name,
            "month": self.month,
            "trips": self.trips,
            "km": self.km,
            "costs": {kind: self.costs[kind] for kind in sorted(self.costs)},
        }


def told_from_json(row: Mapping[str, Any]) -> Told:
    """A row as it was kept."""
    return Told(**row)


def totals_of(rows: Iterable[Told]) -> dict[str, Any]:
    """The sums below the columns."""
    trips = km = 0
    costs: dict[str, int] = {}
    for row in rows:
        trips, km = trips + row.trips, km + row.km
        for kind, fen in row.costs.items():
            costs[kind] = costs.get(kind, 0) + fen
    return {
        "trips": trips,
        "km": km,
        "costs": {kind: costs[kind] for kind in sorted(costs)},
        "cost_fen": sum(costs.values()),
    }


def changes_between(old: Sequence[Told], new: Sequence[Told]) -> list[dict[str, Any]]:
    """Every number that differs between two editions: unit, month, what, old and new value."""
    before = {(row.unit, row.month): row for row in old}
    after = {(row.unit, row.month): row for row in new}
    found = []
    for key, row in {**before, **after}.items():
        was, now = before.get(key), after.get(key)
        for item, title in (("trips", "辆次"), ("km", "里程"), *CostKind.choices()):
            one, other = _value(was, item), _value(now, item)
            if one != other:
                found.append(
                    {
                        "unit": key[0],
                        "name": row.name,
                        "month": key[1],
                        "item": item,
                        "title": title,
                        "old": one,
                        "new": other,
                    }
                )
    return found


def _value(row: Told | None, item: str) -> int:
    if row is None:
        return 0
    return int(getattr(row, item)) if item in ("trips", "km") else row.costs.get(item, 0)


def digest_of(content: Mapping[str, Any]) -> str:
    """The SM3 digest of everything a notice says, the same however it was kept."""
    return sm3_of(content)
