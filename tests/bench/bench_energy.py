"""How long a year of all institutions takes: twelve months checked, totals, and every ranking.

Not part of the suite: ``make bench`` runs it, prints what it measured, and fails above the limits.
"""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from guanjia.demo import city as demo
from guanjia.domains.energy.actions import doubting
from guanjia.domains.energy.models import Consumption, Institution, MonthReturn
from guanjia.domains.energy.pages import years
from guanjia.domains.energy.queries import totals
from guanjia.domains.energy.terms.institutions import InstitutionKind
from guanjia.domains.energy.terms.returns import Origin
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.values.actor import Scope
from tests.bench.bench_rooms import timed

CHECKED_S_MAX, RANKED_S_MAX = 10, 2
LEDGERS = ("org.units", "energy.institutions", "energy.returns")
YEAR = 2020

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def months(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The returns of a whole year: those of the demo's ledger, and the months after them made from
    the same month half a year before; committed and analysed."""
    demo.take_ledgers(actor=SYSTEM, at=AT, only=LEDGERS)
    luck = random.Random(YEAR)
    there = {
        (row.institution_id, row.month.month): row
        for row in MonthReturn.objects.filter(month__year=YEAR).prefetch_related("lines")
    }
    made = [
        (MonthReturn(institution_id=pk, month=date(YEAR, month + 6, 1), origin=Origin.SHEET,
                     told_at=AT), row)
        for (pk, month), row in there.items()
        if month + 6 <= 12 and (pk, month + 6) not in there
    ]  # fmt: skip
    MonthReturn.objects.bulk_create([row for row, _ in made], batch_size=2000)
    lines = []
    for row, like in made:
        share = Decimal(luck.randint(90, 110)) / 100
        lines += [
            Consumption(
                month_return=row, energy=line.energy,
                amount=None if line.amount is None else round(line.amount * share, 4),
                cost_fen=None if line.cost_fen is None else int(line.cost_fen * share),
            )
            for line in like.lines.all()
        ]  # fmt: skip
    Consumption.objects.bulk_create(lines, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rows = MonthReturn.objects.filter(month__year=YEAR)
    return list(rows.values_list("pk", flat=True))


def whole_ranking() -> int:
    """Every total and every place of the year."""
    year = totals.year_of(Scope.all(), YEAR)
    groups = [
        year.whole,
        *year.by(lambda b: b.area_id).values(),
        *year.by(lambda b: b.kind).values(),
    ]
    placed = [years.ranking(year, order) for order in years.ORDERS]
    for group in groups:
        assert group.coal.value >= 0
        assert group.intensity.per_person is not None
    return sum(len(each) for each in placed)


def test_a_year_of_all_institutions(months: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    steps: dict[str, tuple[int, Callable[[], Any]]] = {
        "all months checked": (CHECKED_S_MAX, lambda: doubting.recheck(months, at=timezone.now())),
        "totals and all rankings": (RANKED_S_MAX, whole_ranking),
        "medians of a kind": (
            RANKED_S_MAX, lambda: len(totals.peers(kind=InstitutionKind.STATE, year=YEAR)),
        ),
    }  # fmt: skip
    institutions = Institution.objects.count()
    with capsys.disabled():
        print(f"\n  {institutions:,} institutions, {len(months):,} months", end="")  # noqa: T201 — a benchmark prints what it measured
    slow = []
    for name, (limit, doing) in steps.items():
        took, asked, done = timed(doing)
        with capsys.disabled():
            print(f"\n  {took:5.2f} s {asked:4} statements  {name}: {done}", end="")  # noqa: T201 — as above
        if took >= limit:
            slow.append(f"{name}: {took:.2f} s")
    assert institutions >= 945
    assert len(months) >= institutions * 11
    assert not slow
