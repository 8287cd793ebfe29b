"""待办 of 周转房: the cashier's list, and the number on it."""

import pytest
from django.utils import timezone

from guanjia.domains.space.models import Rent, RoomSpell
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.tests import builders, tenancy_scenes
from guanjia.domains.space.tests.builders import AT
from guanjia.domains.space.waiting.tenancies import SOURCES
from guanjia.ui import waiting


@pytest.mark.django_db
def test_who_owes_several_months_is_one_thing_to_do_and_who_owes_none_is_none() -> None:
    city = builders.city()
    tenancy_scenes.moved_in(city)
    RoomSpell.objects.filter(room=city.room("202")).update(kind=RoomKind.QUARTERS)
    paid = tenancy_scenes.moved_in(city, "deputy", "202")
    tenancy_scenes.paid(city, paid, months=3)
    cashier = city.actor("cashier")
    counted = waiting.counts(cashier, AT)
    source = next(each for each in SOURCES if each.key == "space_rent")
    assert counted[source] == 1
    (todo,) = (source.show(row, cashier, AT) for row in source.rows(cashier, AT))
    assert "3 个月" in todo.detail
    first = Rent.objects.filter(payment=None).earliest("due_on").due_on
    late = (timezone.localdate(AT) - first).days
    assert (todo.due, todo.due_tone, todo.verb) == (f"逾期 {late} 天", "stop", "收租")
    Rent.objects.filter(payment=None).update(due_on=timezone.localdate(AT))
    (todo,) = (source.show(row, cashier, AT) for row in source.rows(cashier, AT))
    assert (todo.due, todo.due_tone) == ("5月20日应交", "")
