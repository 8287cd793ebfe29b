"""Numbers that ledgers brought along were issued before us: ours follow, and still have no gap."""

import pytest
from django.db import IntegrityError, connection, transaction

from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.numbering.models import Counter
from guanjia.kernel.org.models import Unit
from guanjia.kernel.vouchers.tests import papers

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
SERIES = papers.ALLOCATION.series


def judged_now() -> None:
    """What the database would say at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_voucher_follows_the_last_number_of_a_ledger(unit: Unit) -> None:
    numbering.keep_clear(series=SERIES, year=2020, used=14)
    assert papers.issue(unit).numbered == "景调配〔2020〕015号"
    assert papers.issue(unit).numbered == "景调配〔2020〕016号"
    judged_now()


def test_a_ledger_that_comes_later_lets_ours_stand_and_go_on_after_it(unit: Unit) -> None:
    assert papers.issue(unit).number == 1
    numbering.keep_clear(series=SERIES, year=2020, used=14)
    assert papers.issue(unit).number == 15
    judged_now()
    counter = Counter.objects.get(series=SERIES, year=2020)
    assert (counter.last, counter.elsewhere) == (15, 14)


def test_an_older_ledger_takes_nothing_back(unit: Unit) -> None:
    numbering.keep_clear(series=SERIES, year=2020, used=14)
    papers.issue(unit)
    numbering.keep_clear(series=SERIES, year=2020, used=3)
    counter = Counter.objects.get(series=SERIES, year=2020)
    assert (counter.last, counter.elsewhere) == (15, 14)


def after_a_number_for_nothing(unit: Unit) -> None:
    with transaction.atomic():
        numbering.next_number(series=SERIES, year=2020)
        papers.issue(unit)
        judged_now()


def test_beyond_the_ledger_a_gap_is_refused_as_before(unit: Unit) -> None:
    numbering.keep_clear(series=SERIES, year=2020, used=14)
    numbering.keep_clear(series=SERIES, year=2019, used=99)  # of another year, no help
    with pytest.raises(IntegrityError, match="follows_the_one_before"):
        after_a_number_for_nothing(unit)
