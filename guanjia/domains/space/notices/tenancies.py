"""What tenants of 周转房, keepers and cashiers are told: late rents, terms that end."""

from collections import defaultdict

from guanjia.domains.space.actions.tenancies import day_of
from guanjia.domains.space.events import RentsLate, TenanciesEnding
from guanjia.domains.space.models import Rent, Tenancy
from guanjia.domains.space.queries.tenancies import COLLECT, KEEP
from guanjia.domains.space.rules.disposals import yuan
from guanjia.kernel.access import queries as access
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.ui import formats

LATE = NoticeKind(
    key="space.rent_late", title="周转房租金欠交", template="space/notices/space_rent_late.txt"
)
ENDING = NoticeKind(
    key="space.tenancy_ending",
    title="周转房到期",
    template="space/notices/space_tenancy_ending.txt",
)
KINDS = (LATE, ENDING)


def late(news: RentsLate) -> None:
    """One notice for each tenancy: to the tenant, and in other words to whoever takes the money."""
    by_tenancy: dict[int, list[Rent]] = defaultdict(list)
    rows = Rent.objects.filter(pk__in=news.rent_ids).order_by("month")
    for rent in rows.select_related("tenancy__tenant__unit", "tenancy__room__building"):
        by_tenancy[rent.tenancy_id].append(rent)
    for mine in by_tenancy.values():
        tenancy = mine[0].tenancy
        cashiers = access.holders(verb=COLLECT, unit=tenancy.tenant.unit, on=day_of(news.at))
        facts = {
            "number": tenancy.number,
            "room": str(tenancy.room),
            "tenant": tenancy.tenant.name,
            "months": "、".join(f"{one.month:%Y-%m}" for one in mine),
            "owed": yuan(sum(one.fen for one in mine)),
        }
        for desk, to in ((False, [tenancy.tenant_id]), (True, [one.pk for one in cashiers])):
            send(
                kind=LATE,
                to=to,
                facts={**facts, "desk": desk},
                subject=about(tenancy),
                once=":".join(str(one.pk) for one in mine),
                at=news.at,
            )


def ending(news: TenanciesEnding) -> None:
    """Once before the term or the time to move out ends, once when it is over."""
    today = day_of(news.at)
    rows = Tenancy.objects.filter(pk__in=news.tenancy_ids).order_by("pk")
    for tenancy in rows.select_related("tenant__unit", "room__building"):
        end = min(filter(None, (tenancy.last_on, tenancy.leave_by)))
        over = end < today
        keepers = access.holders(verb=KEEP, unit=tenancy.tenant.unit, on=today)
        send(
            kind=ENDING,
            to=[tenancy.tenant_id, *(person.pk for person in keepers)],
            facts={
                "number": tenancy.number,
                "room": str(tenancy.room),
                "tenant": tenancy.tenant.name,
                "end": formats.day(end, today=today),
                "over": over,
                "left": tenancy.left_on is not None,
            },
            subject=about(tenancy),
            once=f"{tenancy.pk}:{end}:{'over' if over else 'soon'}",
            at=news.at,
        )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(RentsLate, late)
    bus.subscribe(TenanciesEnding, ending)
