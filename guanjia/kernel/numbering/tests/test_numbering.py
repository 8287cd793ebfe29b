"""Numbers without gaps, also when many ask at once and some fail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from guanjia.kernel.numbering import actions
from guanjia.kernel.numbering.models import Counter

pytestmark = pytest.mark.pg15


@pytest.mark.django_db
def test_each_series_and_year_counts_from_one() -> None:
    given = [
        actions.next_number(series=series, year=year)
        for series, year in [("a", 2020), ("a", 2020), ("b", 2020), ("a", 2021), ("a", 2020)]
    ]
    assert given == [1, 2, 1, 1, 3]


@pytest.mark.django_db
def test_a_number_taken_back_is_given_again() -> None:
    with transaction.atomic():
        assert actions.next_number(series="a", year=2020) == 1
        transaction.set_rollback(True)
    assert actions.next_number(series="a", year=2020) == 1


@pytest.mark.django_db
def test_a_series_goes_on_after_numbers_from_elsewhere() -> None:
    actions.keep_clear(series="a", year=2020, used=2890)
    actions.keep_clear(series="a", year=2020, used=12)
    assert actions.next_number(series="a", year=2020) == 2891
    counter = Counter.objects.get(series="a", year=2020)
    assert (counter.last, counter.elsewhere) == (2891, 2890)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_there_is_no_number() -> None:
    with pytest.raises(TransactionManagementError):
        actions.next_number(series="a", year=2020)
    with pytest.raises(TransactionManagementError):
        actions.keep_clear(series="a", year=2020, used=1)


@pytest.mark.django_db
def test_the_database_forbids_a_second_counter_and_a_nameless_one() -> None:
    Counter.objects.create(series="a", year=2020, last=1)
    for series in ("a", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            Counter.objects.create(series=series, year=2020, last=1)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_numbers_without_a_gap() -> None:
    def take(turn: int) -> int | None:
        try:
            with transaction.atomic():
                number = actions.next_number(series="a", year=2020)
                if turn % 3 == 0:
                    raise ZeroDivisionError
                return number
        except ZeroDivisionError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = [number for number in pool.map(take, range(60)) if number is not None]
    assert sorted(given) == list(range(1, 41))


def test_numbers_are_printed_as_issued() -> None:
    day = date(2020, 5, 20)
    assert (
        actions.format_number("PC{day:%Y%m%d}{number:05d}", number=2219, day=day)
        == "PC2020052002219"
    )
    assert (
        actions.format_number("景调配〔{year}〕{number:03d}号", number=14, year=2020)
        == "景调配〔2020〕014号"
    )
