"""Advisory locks: one holder at a time, until the transaction ends."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from guanjia.kernel.locks import advisory

pytestmark = pytest.mark.pg15


def taken_elsewhere(name: str) -> bool:
    """Whether another connection would have to wait for the lock."""

    def ask() -> bool:
        try:
            with transaction.atomic():
                return not advisory.try_advisory(name)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result(timeout=10)


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_held_until_the_transaction_ends() -> None:
    with transaction.atomic():
        advisory.advisory("place.1")
        advisory.advisory("place.1")
        assert taken_elsewhere("place.1")
        assert not taken_elsewhere("place.2")
    assert not taken_elsewhere("place.1")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_there_is_no_lock() -> None:
    with pytest.raises(TransactionManagementError):
        advisory.advisory("place.1")
