"""How often one address may look codes up: counted in the database, shared by every process."""

import ipaddress
from datetime import datetime, timedelta

from django.db import connection, transaction

from guanjia.kernel.vouchers.models import Caller

PER_MINUTE = 30
PER_HOUR = 300
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_SWEPT_AT_ONCE = 20

# One statement counts and tells: a window that is over begins anew with this look. The count goes
# on while the address is shut out, but no further than it must, so that nothing can overflow.
_COUNT = """
    INSERT INTO vouchers_caller AS known (address, minute, in_minute, hour, in_hour)
    VALUES (%(address)s, %(at)s, 1, %(at)s, 1)
    ON CONFLICT (address) DO UPDATE SET
        minute = CASE WHEN known.minute <= %(at)s - interval '1 minute' THEN %(at)s
                      ELSE known.minute END,
        in_minute = CASE WHEN known.minute <= %(at)s - interval '1 minute' THEN 1
                         ELSE least(known.in_minute + 1, 1000000) END,
        hour = CASE WHEN known.hour <= %(at)s - interval '1 hour' THEN %(at)s ELSE known.hour END,
        in_hour = CASE WHEN known.hour <= %(at)s - interval '1 hour' THEN 1
                       ELSE least(known.in_hour + 1, 1000000) END
    RETURNING minute, in_minute, hour, in_hour, xmax = 0
"""


def shut_until(*, address: str, at: datetime) -> datetime | None:
    """Count one look of an address; until when it may look no more, ``None`` while it may.

    IPv6 addresses count by their network of 64 bits: whoever has one has them all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"address": network(address), "at": at})
        minute, in_minute, hour, in_hour, fresh = cursor.fetchone()
    if fresh:
        sweep(at=at, limit=_SWEPT_AT_ONCE)  # each newcomer clears more rows than it adds
    if in_hour > PER_HOUR:
        return hour + _HOUR  # type: ignore[no-any-return]  # a row of the cursor
    if in_minute > PER_MINUTE:
        return minute + _MINUTE  # type: ignore[no-any-return]  # as above
    return None


def network(address: str) -> str:
    """By what an address is counted: itself, or its IPv6 network; one word for what is none."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


@transaction.atomic
def sweep(*, at: datetime, limit: int | None = None) -> int:
    """Delete the counts whose hour is over; returns how many."""
    quiet = Caller.objects.filter(hour__lte=at - _HOUR, minute__lte=at - _MINUTE)
    chosen = quiet.select_for_update(skip_locked=True).order_by("hour").values_list("pk", flat=True)
    gone = list(chosen if limit is None else chosen[:limit])
    return Caller.objects.filter(pk__in=gone).delete()[0]
