"""What the rows say of an institution in a year, with its unit, and the rows behind it."""

from decimal import Decimal

from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.terms.assessment import Fact, WorkKind
from guanjia.ui import formats

_SHARES = frozenset({Fact.MONTHS, Fact.IN_TIME, Fact.SETTLED, Fact.WASTE_MONTHS, Fact.WASTE_SORTED})
_FALLS = frozenset({Fact.PER_PERSON_FELL, Fact.PER_M2_FELL, Fact.WATER_FELL})
_WORK = frozenset(Fact(kind.value) for kind in WorkKind)
_WASTE = frozenset({Fact.WASTE_MONTHS, Fact.WASTE_SORTED})


def words(fact: Fact, value: Decimal) -> str:
    """A fact as people read it: shares and falls in percent, work by how often."""
    if fact in _SHARES:
        return f"{formats.num(value * 100, places=1)}%"
    if fact in _FALLS:
        turned = "下降" if value >= 0 else "上升"
        return f"{turned} {formats.num(abs(value), places=2)}%"
    if fact is Fact.AUDITS or fact in _WORK:
        return f"{formats.num(value, places=0)} 次"
    return formats.num(value, places=2)


def rows(fact: Fact, institution: Institution, year: int) -> str:
    """The address of the rows from which a fact is read."""
    code = institution.code
    first, last = f"{year}-01-01", f"{year}-12-31"
    days = {"on_from": first, "on_to": last}
    months = {"month_from": first, "month_to": last}
    lists: dict[Fact, tuple[str, dict[str, str]]] = {
        Fact.MONTHS: ("returns", {"words": code, **months}),
        Fact.SETTLED: ("doubts", {"words": institution.name, **months}),
        Fact.IN_TIME: ("filings", {"words": code}),
        Fact.AUDITS: ("audits", {"words": code, "done_from": first, "done_to": last}),
        **{each: ("work", {"kind": each.value, "words": code, **days}) for each in _WORK},
        **{each: ("waste", {"words": code, **days}) for each in _WASTE},
    }
    if fact not in lists:
        return link("energy:institution", institution.pk, year=year)
    name, query = lists[fact]
    return link(f"energy:{name}_list", view="all", **query)
