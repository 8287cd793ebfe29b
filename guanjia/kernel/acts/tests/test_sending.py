"""A form that makes a row makes it once, however often it is sent."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from guanjia.kernel.acts import sending
from guanjia.kernel.acts.models import Sending
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.numbering.models import Counter
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.regulations.verdict import Refused, refuse

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
ONE, OTHER = replace(SYSTEM, account_id=1), replace(SYSTEM, account_id=2)


def counter() -> Any:
    """Makes a row the first time, and counts how often it was called."""
    numbering.next_number(series="sent", year=2020)
    return Counter.objects.get(series="sent")


def called() -> int:
    found = Counter.objects.filter(series="sent").first()
    return found.last if found else 0


def send(token: Any, *, actor: Any = ONE, act: str = "space:works_new", do: Any = counter) -> Any:
    return sending.once(
        do, known=lambda pk: Counter.objects.get(pk=pk), token=token, actor=actor, act=act, at=AT
    )


def test_the_same_form_leads_to_the_same_row() -> None:
    token = uuid4()
    assert send(token).pk == send(token).pk
    assert called() == 1


def test_another_form_account_or_act_is_another() -> None:
    token = uuid4()
    send(token)
    send(uuid4())
    send(token, actor=OTHER)
    send(token, act="fleet:quota_request")
    assert called() == 4


def test_without_a_token_or_an_account_it_is_made_each_time() -> None:
    token = uuid4()
    for each in (send(None), send(None), send(token, actor=SYSTEM), send(token, actor=SYSTEM)):
        assert each.pk
    assert called() == 4
    assert not Sending.objects.exists()


def test_what_was_refused_may_be_mended_and_sent_again() -> None:
    token = uuid4()

    def refused() -> Any:
        counter()
        refuse("no", "不行。", "改一改。").enforce()

    with pytest.raises(Refused):
        send(token, do=refused)
    assert called() == 0
    assert send(token).last == 1


def test_it_is_forgotten_after_a_week() -> None:
    send(uuid4())
    assert sending.forget(at=AT + sending.KEPT) == 0
    assert sending.forget(at=AT + sending.KEPT + timedelta(seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_the_second_waits_for_the_first() -> None:
    token, gate = uuid4(), threading.Barrier(2)
    found: list[int] = []
    raised: list[Exception] = []

    def work() -> None:
        try:
            gate.wait(timeout=30)
            found.append(send(token).pk)
        except Exception as fault:
            raised.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not raised
    assert len(found) == 2
    assert len(set(found)) == 1
    assert called() == 1
