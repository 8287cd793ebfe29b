"""Public institutions as they stood on a day, and who is meant by a code."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Count, Q

from guanjia.domains.energy.models import (
    Institution,
    InstitutionChange,
    InstitutionClerk,
    InstitutionSpell,
)
from guanjia.domains.energy.rules.institutions import Size, Standing
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import Period

SEE = "energy.institution.see"


def listed(scope: Scope, day: date) -> Any:
    """The institutions of a scope as the register had them on a day, with what they were."""
    rows: Any = Institution.objects.within(scope).on(day)
    return rows.select_related("now", "now__area", "area")


def of_period(*, scope: Scope, period: Period) -> Any:
    """The institutions in the register on the last day of a period."""
    return listed(scope, period.last)


def assessed(*, scope: Scope, period: Period) -> Any:
    """Of these, the ones that take part in the online assessment."""
    return of_period(scope=scope, period=period).filter(now__assessed=True)


def names(scope: Scope, day: date) -> list[str]:
    """The names of the institutions of a scope that are in the register, each once, in order."""
    rows = Institution.objects.within(scope).listed(day).order_by("position", "pk")
    return list(dict.fromkeys(rows.values_list("name", flat=True)))


def codes_of(scope: Scope, name: str) -> list[str]:
    """The codes of the institutions of a scope that carry a name today."""
    rows = Institution.objects.within(scope).filter(name=name, left_on=None)
    return sorted(set(rows.values_list("code", flat=True)))


def named(scope: Scope, words: Collection[str]) -> tuple[list[int], list[str]]:
    """The institutions in the register that names or codes mean, and the words that mean none, or
    several."""
    rows = Institution.objects.within(scope).filter(
        Q(name__in=words) | Q(code__in=words), left_on=None
    )
    meant: dict[str, list[int]] = defaultdict(list)
    for pk, name, code in rows.order_by("pk").values_list("pk", "name", "code"):
        meant[name].append(pk)
        meant[code].append(pk)
    found = [meant[word][0] for word in words if len(meant.get(word, ())) == 1]
    return list(dict.fromkeys(found)), [w for w in words if len(meant.get(w, ())) != 1]


class Directory:
    """Who is meant by a code and a name: several institutions may share a code, and one may have
    had other names. Read once for many rows. ``within``: the only ones that are known here."""

    def __init__(self, codes: Collection[str], *, within: Collection[int] | None = None) -> None:
        self._by_code: dict[str, list[Institution]] = defaultdict(list)
        self._names: dict[int, set[str]] = defaultdict(set)
        rows = Institution.objects.filter(code__in=set(codes)).select_related("area")
        if within is not None:
            rows = rows.filter(pk__in=within)
        for row in rows.order_by("pk"):
            self._by_code[row.code].append(row)
            self._names[row.pk].add(row.name)
        spells = InstitutionSpell.objects.filter(institution__code__in=set(codes))
        for pk, name in spells.values_list("institution", "name"):
            self._names[pk].add(name)

    def find(self, code: str, name: str) -> Institution | None:
        """The institution of this code and name: who carries it today, else the only one that did;
        the only one of the code where the name is left out; ``None`` where nobody fits, or several
        would."""
        there = self._by_code.get(code, [])
        for named in (
            [row for row in there if row.name == name],
            [row for row in there if name in self._names[row.pk]],
        ):
            if named:
                return named[0] if len(named) == 1 else None
        return there[0] if len(there) == 1 and not name else None

    def known(self, code: str) -> list[Institution]:
        """All institutions of a code."""
        return self._by_code.get(code, [])


def changes_of(institution_id: int) -> list[dict[str, Any]]:
    """What happened to an institution as a body, the newest first: the change, and whom else it
    concerned."""
    rows = InstitutionChange.objects.filter(parts__institution=institution_id).distinct()
    rows = rows.prefetch_related("parts__institution").order_by("-on", "-pk")
    return [
        {
            "change": row,
            "before": [part.institution for part in row.parts.all() if not part.came],
            "after": [part.institution for part in row.parts.all() if part.came],
        }
        for row in rows
    ]


def standing(row: Institution) -> Standing:
    """Since when an institution is in the register without a break, and whether it left."""
    begun: date = row.entered_on
    end = None
    for spell in row.spells.order_by("during"):
        if spell.during.lower is not None and spell.during.lower != end:
            begun = spell.during.lower
        end = spell.during.upper
    return Standing(since=max(begun, row.entered_on), left=row.left_on)


def outside(scope: Scope, ids: Collection[int]) -> set[int]:
    """Those of the institutions that do not lie in a scope."""
    if scope.everything:
        return set()
    there = Institution.objects.within(scope).filter(pk__in=ids)
    return set(ids) - set(there.values_list("pk", flat=True))


def sizes(ids: Collection[int], day: date) -> Mapping[int, Size]:
    """How large institutions were on a day."""
    rows = InstitutionSpell.objects.filter(institution__in=ids, during__contains=day)
    return {
        pk: Size(floor_m2=floor, people=people, staff=staff)
        for pk, floor, people, staff in rows.values_list(
            "institution", "floor_m2", "people", "staff"
        )
    }


def in_reach(scope: Scope) -> Any:
    """The institutions of a scope, those too that have left the register."""
    return Institution.objects.within(scope).select_related("area")


def all_clerks(scope: Scope) -> Any:
    """Who fills in, or did, for the institutions of a scope."""
    rows = InstitutionClerk.objects.filter(institution__in=Institution.objects.within(scope))
    return rows.select_related("institution__area", "person")


_LISTED = ("名录库", "energy:institutions_list")
INSTITUTIONS = Subject(
    model="energy.institution", title="公共机构", page="energy:institution", key="institution_id",
    path="institutions", stem="institution", see=SEE, rows=in_reach, beside=("area",), name="name",
    listed=_LISTED,
)  # fmt: skip
CLERKS = Subject(
    model="energy.institutionclerk", title="统计员", page="energy:institution", key="clerk_id",
    path="institutions/clerks", stem="clerk", rows=all_clerks, name="person", listed=_LISTED,
    home=lambda clerk: clerk.institution_id,
    now=lambda clerk: f"{clerk.institution} {clerk.person}，{clerk.since:%Y-%m-%d} 起",
)  # fmt: skip


def shared_codes() -> Q:
    """Institutions whose code another one carries too."""
    twice = Institution.objects.order_by().values("code").annotate(n=Count("pk")).filter(n__gt=1)
    return Q(code__in=twice.values("code"))


def one_named(scope: Scope, words: str, *, day: date) -> Institution | None:
    """The only institution in the register of this name, or of this code; else ``None``."""
    rows = Institution.objects.within(scope).listed(day)
    found = list(rows.filter(Q(name=words) | Q(code=words))[:2])
    return found[0] if len(found) == 1 else None
