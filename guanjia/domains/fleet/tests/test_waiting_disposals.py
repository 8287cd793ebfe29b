"""待办 of disposals: agreed cars wait to be dealt, dealt ones to be paid in, returned ones for
whoever asked."""

from guanjia.domains.fleet.tests import ends
from guanjia.domains.fleet.tests.builders import AT, City
from guanjia.domains.fleet.waiting import disposals
from guanjia.kernel.approvals.actions import deciding
from guanjia.kernel.approvals.models import Case
from guanjia.ui.waiting import Todo


def todos(city: City, who: str) -> list[Todo]:
    actor = city.actor(who)
    return [
        source.show(row, actor, AT)
        for source in disposals.SOURCES
        for row in (source.rows(actor, AT) or ())
    ]


def test_the_keeper_is_told_what_to_deal_and_what_to_pay_in(city: City) -> None:
    ends.agreed(city, ends.old_car(city, "赣H40002"))
    ends.dealt(city)
    ends.done(city, ends.old_car(city, "赣H40003"))
    told = {(todo.kind, todo.label, todo.verb) for todo in todos(city, "car_keeper")}
    assert told == {("待处置", "赣H40002", "登记成交"), ("待缴库", "赣H40001", "登记缴库")}
    assert all(todo.url and todo.act_url for todo in todos(city, "car_keeper"))
    assert todos(city, "clerk") == []


def test_a_returned_request_waits_for_whoever_asked(city: City) -> None:
    sent = ends.sent(city)
    case = Case.objects.get(subject_type="fleet.disposal", subject_id=sent.pk)
    deciding.send_back(actor=city.actor("head"), case_id=case.pk, comment="估值偏低", at=AT)
    (todo,) = todos(city, "clerk")
    assert (todo.kind, todo.label) == ("已退回", "赣H40001")
    assert "估值偏低" in todo.detail
    assert todos(city, "car_keeper") == []
