"""`make bench`: how fast a list page answers over 100,000 trips, and with how many queries.

It measures the server's own time (middleware, page, database, template) with Django's test
client in a throw-away PostgreSQL. Figures for people to read, not a test: machines differ.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from guanjia.config import postgres
from guanjia.config.testing import own_folder

WANTED_ROWS = 100_000
REPEATS = 20
TARGET_MS = 100
AT = datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PAGES = {
    "first page": "",
    "second page": "page=2",
    "deep page": "page=1000",
    "one state": "state=FINISHED",
    "search": "q=医院",
    "two months": "departure_from=2020-02-01&departure_to=2020-03-31",
}


@contextmanager
def database() -> Iterator[None]:
    """A migrated database of our own, with Django awake in front of it."""
    with own_folder() as folder:
        os.environ["GUANJIA_HOME"] = str(folder)
        os.environ.pop("DATABASE_URL", None)
        with postgres.ensure_database() as given:
            os.environ["DATABASE_URL"] = given.url
            (folder / "static").mkdir()
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanjia.config.settings")
            import django

            django.setup()
            from django.db import connections

            from guanjia.config import schema

            schema.migrate()
            try:
                yield
            finally:
                connections.close_all()


def fill(*, ledgers: Path | None) -> int:
    """Real trips, repeated year by year into the past until there are enough."""
    from django.db import connection

    from guanjia.domains.fleet.models import Trip

    if ledgers is None:
        from guanjia.demo import loading

        loading.load("jingdezhen", at=AT, say=lambda _: None)
    else:
        _take(ledgers)
    columns = [field for field in Trip._meta.concrete_fields if not field.generated]
    names = ", ".join(field.column for field in columns if not field.primary_key)
    copied = ", ".join(_shifted(field.column) for field in columns if not field.primary_key)
    rounds = WANTED_ROWS // Trip.objects.filter(state="FINISHED", shares=None).count() + 1
    with connection.cursor() as cursor:
        for number in range(1, rounds + 1):
            cursor.execute(  # names come from the model, the number is bound
                f"INSERT INTO fleet_trip ({names}) SELECT {copied} FROM fleet_trip "  # noqa: S608
                "WHERE state = 'FINISHED' AND shares_id IS NULL AND number NOT LIKE 'R%%' "
                "AND went_at < '2020-07-01'",  # the ledgers of one half-year, not the living day
                {"n": number},
            )
        cursor.execute("ANALYZE")
    return int(Trip.objects.count())


def _shifted(column: str) -> str:
    """The SQL of a copied column: other numbers, other years, other kilometres."""
    if column == "number":
        return "'R' || %(n)s || '-' || number"
    if column == "once":
        return "NULL"
    if column in {"start_km", "end_km"}:
        return f"{column} + %(n)s * 2000000"
    if column.endswith("_at") or column in {"planned_from", "planned_to"}:
        return f"{column} - %(n)s * interval '366 days'"
    return column


def _take(folder: Path) -> None:
    from guanjia.kernel.registers import catalogue, importing
    from guanjia.kernel.values.actor import Actor

    for register in catalogue.all_registers():
        file = folder / f"{register.key}.xlsx"
        if file.exists():
            importing.import_file(
                register=register, path_or_file=file, actor=Actor.system("bench"), at=AT
            )


def visitor() -> Any:
    """A signed-in client that may see every trip."""
    from django.test import Client

    from guanjia.kernel.access import actions as access
    from guanjia.kernel.access import duties
    from guanjia.kernel.access.models import Account
    from guanjia.kernel.registers import catalogue
    from guanjia.kernel.values.actor import Actor, Reach

    register = catalogue.get("fleet.trips")
    assert register is not None  # noqa: S101 - for the type checker
    duty = next(one for one in duties.all_duties() if register.see in one.reads | one.verbs)
    system = Actor.system("bench")
    access.open_account(
        actor=system, username="bench", password="bench-" * 4, must_change=False, at=AT
    )
    account = Account.objects.get(username="bench")
    access.grant(
        actor=system,
        account_id=account.pk,
        duty=duty.key,
        reach=Reach.CITY,
        since=AT.date(),
        at=AT,
    )
    client = Client(headers={"host": "localhost"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def measure(get: Callable[[str], Any], address: str) -> tuple[list[float], int, int]:
    """Milliseconds of each repeat, number of queries, status."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        status = get(address).status_code
    count = len(queries)  # the log is emptied by the next request
    took = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        get(address)
        took.append((time.perf_counter() - begin) * 1000)
    return sorted(took), count, status


@click.command()
@click.option(
    "--ledgers", type=click.Path(path_type=Path), help="Excel ledgers instead of the demo."
)
def main(ledgers: Path | None) -> None:
    """Fill a database with trips and time the list page."""
    with database():
        from django.urls import reverse

        click.echo("filling …", err=True)
        click.echo(f"{fill(ledgers=ledgers):,} trips; server time of the list page in ms")
        client, address = visitor(), reverse("fleet:trips_list")
        click.echo(f"{'page':<14}{'median':>8}{'worst':>8}{'queries':>9}{'status':>8}")
        slow = []
        for title, query in PAGES.items():
            took, queries, status = measure(client.get, f"{address}?{query}")
            median = statistics.median(took)
            click.echo(f"{title:<14}{median:>8.1f}{took[-1]:>8.1f}{queries:>9}{status:>8}")
            if median > TARGET_MS:
                slow.append(title)
        click.echo(f"target {TARGET_MS} ms: " + (f"missed by {', '.join(slow)}" if slow else "met"))
    sys.exit(0)


if __name__ == "__main__":
    main()
