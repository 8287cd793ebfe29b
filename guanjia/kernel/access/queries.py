"""Who may what: accounts with their duties, read anew for every request."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from guanjia.kernel.access import duties
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.actor import Actor, Held, Reach, Scope


def _held(grant: Grant) -> Held | None:
    duty = duties.get(grant.duty)
    if duty is None:
        return None
    read_only = grant.reach == Reach.CITY_READ
    return Held(
        duty=duty.key,
        title=duty.title,
        verbs=duty.reads if read_only else duty.verbs | duty.reads,
        reach=Reach(grant.reach),
        unit_id=grant.unit_id,
        unit_path=grant.unit.path if grant.unit else "",
    )


def actor_of(*, account: Account, on: date, address: str = "") -> Actor:
    """The actor behind an account with the duties that hold on a day; two statements."""
    person = (
        Person.objects.select_related("unit").get(pk=account.person_id)
        if account.person_id
        else None
    )
    grants = Grant.objects.filter(account=account).in_force(on).select_related("unit")
    return Actor(
        name=account.name,
        account_id=account.pk,
        person_id=account.person_id,
        unit_id=person.unit_id if person else None,
        unit_name=str(person.unit) if person else "",
        address=address,
        held=tuple(held for held in map(_held, grants) if held is not None),
        left_on=_gone(person, on),
    )


def left_on(*, account: Account, on: date) -> date | None:
    """Since when the person of an account is gone (离职) by a day; ``None`` while they serve.

    Kept nowhere besides the day they left: whoever takes that back has opened the account again.
    """
    return _gone(account.person, on)


def _gone(person: Person | None, on: date) -> date | None:
    there = person is None or person.left_on is None or person.left_on > on
    return None if there or person is None else person.left_on


def actor_named(*, username: str, on: date) -> Actor:
    """The actor of a user name, for jobs, the command line and the demo."""
    return actor_of(account=Account.objects.get(username=username), on=on)


def duties_with(verb: str) -> list[str]:
    """The keys of the duties that allow a verb."""
    return [d.key for d in duties.all_duties() if verb in d.verbs or verb in d.reads]


def holders(*, verb: str, unit: Unit, on: date, without: Iterable[int] = ()) -> list[Person]:
    """The people who may do a verb for a unit, from the nearest unit upwards that has any.

    ``without``: ids of people who must not (an applicant never decides on their own request).
    City-wide reach counts only when no unit on the way up has a holder.
    """
    grants = (
        Grant.objects.in_force(on)
        .filter(duty__in=duties_with(verb), account__is_active=True, account__person__isnull=False)
        .filter(account__person__left_on=None)
        .exclude(account__person__in=list(without))
        .exclude(reach__in=[Reach.CITY_READ, Reach.OWN])
        .filter(Q(reach=Reach.CITY) | Q(unit__path__in=_ancestry(unit.path)))
        .select_related("account__person__unit", "unit")
    )
    nearest: dict[int, list[Person]] = {}
    for grant in grants:
        if grant.reach == Reach.UNIT and grant.unit_id != unit.pk:
            continue
        depth = len(grant.unit.path) if grant.unit and grant.reach != Reach.CITY else 0
        if grant.account.person is not None:
            nearest.setdefault(depth, []).append(grant.account.person)
    if not nearest:
        return []
    found = {person.pk: person for person in nearest[max(nearest)]}
    return sorted(found.values(), key=lambda person: person.number)


def _ancestry(path: str) -> list[str]:
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: i + 1]) + "/" for i in range(len(codes))]


def accounts(scope: Scope) -> "QuerySet[Account]":
    """The accounts of people inside the scope, by user name; those of nobody only city-wide."""
    rows: QuerySet[Account] = Account.objects.select_related("person__unit").order_by("username")
    if scope.everything:
        return rows
    wanted = Q(person__unit__in=scope.unit_ids)
    for path in scope.paths:
        wanted |= Q(person__unit__path__startswith=path)
    if scope.person_id:
        wanted |= Q(person=scope.person_id)
    return rows.filter(wanted)


def grants_of(*, account_id: int) -> list[Grant]:
    """Every grant of an account, those in force first, then the newest."""
    rows = Grant.objects.filter(account=account_id).select_related("unit")
    return sorted(rows, key=lambda grant: (grant.until is not None, -grant.pk))


def duties_by_account(*, account_ids: Iterable[int], on: date) -> dict[int, list[str]]:
    """The titles of the duties that hold on a day, by account; one statement."""
    found: dict[int, list[str]] = {}
    for grant in Grant.objects.in_force(on).filter(account__in=list(account_ids)).order_by("pk"):
        duty = duties.get(grant.duty)
        found.setdefault(grant.account_id, []).append(duty.title if duty else grant.duty)
    return found
