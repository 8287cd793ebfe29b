"""Two at once: a file is claimed by one row, and the bounds of a row hold."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from guanjia.kernel.attachments import actions, queries
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import Bounds
from guanjia.kernel.attachments.tests.builders import Office, office, staged
from guanjia.kernel.org.tests.builders import AT
from guanjia.kernel.regulations.verdict import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What came of acts that begin together: a value, or the refusal."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[index] = act()
        except Refused as refused:
            results[index] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def claiming(place: Office, file: Attachment, unit: Any, **facts: Any) -> Callable[[], Any]:
    return lambda: actions.claim(
        actor=place.me, ids=[file.pk], subject=unit, unit=unit, at=AT, **facts
    )


def refusals(results: list[Any]) -> list[str]:
    return [each.findings[0].code for each in results if isinstance(each, Refused)]


def test_of_two_rows_that_claim_one_file_one_gets_it() -> None:
    place = office()
    for _ in range(5):
        file = staged(place.me)
        results = at_once(claiming(place, file, place.unit), claiming(place, file, place.elsewhere))
        assert refusals(results) == ["files_gone"]


def test_of_two_that_fill_the_last_place_one_is_refused() -> None:
    place = office()
    bounds = Bounds(count_max=1)
    first, second = staged(place.me), staged(place.me)
    results = at_once(
        claiming(place, first, place.unit, bounds=bounds),
        claiming(place, second, place.unit, bounds=bounds),
    )
    assert refusals(results) == ["files_many"]
    assert len(queries.of(model="org.unit", row_id=place.unit.pk)) == 1


def test_the_same_form_sent_twice_claims_once() -> None:
    place = office()
    file = staged(place.me)
    results = at_once(claiming(place, file, place.unit), claiming(place, file, place.unit))
    assert refusals(results) == []
    assert [each[0].pk for each in results] == [file.pk, file.pk]


def test_of_two_removals_one_wins_and_the_other_is_told() -> None:
    place = office()
    file = staged(place.me)
    claiming(place, file, place.unit)()

    def remove() -> Any:
        return actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)

    assert refusals(at_once(remove, remove)) == ["file_gone"]
