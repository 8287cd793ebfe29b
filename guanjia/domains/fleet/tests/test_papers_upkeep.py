"""Papers of work orders, accidents and fines; and the accident a repair order is for."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from guanjia.domains.fleet.actions import incidents, orders
from guanjia.domains.fleet.models import Accident, Car, Fine, Order
from guanjia.domains.fleet.terms.cars import CarState
from guanjia.domains.fleet.terms.upkeep import Blame, OrderKind, OrderState, PaidBy
from guanjia.domains.fleet.tests import upkeep_rows as rows
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, TODAY, City
from guanjia.domains.fleet.tests.test_pages_upkeep import (
    FINE,
    ORDER,
    at,
    client_of,
    outsider,
    text,
)
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import retention
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import FileState
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused

ACCIDENT = {
    "car": SMALL, "number": "", "at": "2020-05-19 09:30", "place": "广场路", "what": "追尾",
    "driver": "", "blame": "PENDING", "loss_fen": "5000",
}  # fmt: skip
LINES = {
    "item_title": ["变速箱阀体"], "item_kind": ["PART"], "item_quantity": ["1"],
    "item_price": ["3000"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def staged(city: City, who: str = "car_keeper", name: str = "报价单.jpg") -> Attachment:
    return attachments.stage(actor=city.actor(who), file=samples.jpeg(), name=name, at=AT)


def removed(city: City, file: Attachment, who: str = "car_keeper") -> str:
    """Take a file off; the code of the refusal, or ``""``."""
    try:
        attachments.remove(actor=city.actor(who), attachment_id=file.pk, reason="传错了", at=AT)
    except Refused as refused:
        return str(refused.findings[0].code)
    return ""


# ── work orders ──────────────────────────────────────────────────────────────────────────


def test_a_quotation_goes_with_the_report_and_whoever_decides_sees_it(city: City) -> None:
    car, file = rows.clerk_car(city), staged(city, "clerk")
    given = {**ORDER, **LINES, "car": car.plate, "files": [file.pk]}
    page = text(client_of(city, "clerk").post(at("order_new"), given, follow=True))
    assert "报价单.jpg" in page
    assert "附上文件" in page, "the record says so"
    order = Order.objects.get()
    file.refresh_from_db()
    assert (file.subject_model, file.subject_id, file.unit_id) == (
        "fleet.order", order.pk, order.unit_id,
    )  # fmt: skip
    assert file.retain_until == retention.until(at=AT)
    assert Record.objects.get(verb="attachments.file.claimed").on_id == order.pk
    assert "报价单.jpg" in text(client_of(city, "head").get(at("order", order.pk)))
    assert client_of(city, "head").get(f"/files/{file.pk}/").status_code == 200
    assert client_of(city, "stranger").get(f"/files/{file.pk}/").status_code == 404


def test_papers_of_an_order_stay_once_somebody_decides_by_them(city: City) -> None:
    car, early, late = rows.clerk_car(city), staged(city, "clerk"), staged(city, "clerk")
    made = rows.report(city, by="clerk", car=car, files=[early.pk])
    assert removed(city, early, "clerk") == ""
    client = client_of(city, "clerk")
    client.post(at("order_quote", made.pk), {**LINES, "files": [late.pk]})
    made.refresh_from_db()
    late.refresh_from_db()
    assert (made.state, late.state) == (OrderState.PENDING, FileState.KEPT)
    assert removed(city, late, "clerk") == "relied_on"
    assert f"/files/{late.pk}/remove/" not in text(client.get(at("order", made.pk)))


def test_the_bill_is_added_to_an_order_that_is_paid_but_not_to_one_dropped(city: City) -> None:
    made = rows.accepted(city)
    keeper, client = city.actor("car_keeper"), client_of(city, "car_keeper")
    orders.settle_order(
        actor=keeper, order_id=made.pk, amount_fen=48_500, on=TODAY, invoice_no="1", at=AT
    )
    bill = staged(city, name="发票.jpg")
    done = client.post(at("order_attach", made.pk), {"files": [bill.pk]}, follow=True)
    assert "已附上文件" in text(done)
    assert "发票.jpg" in text(done)
    assert removed(city, bill) == "relied_on"
    none = client.post(at("order_attach", made.pk), {})
    assert none.status_code == 422
    assert "附上文件。" in text(none)
    other = rows.report(city, car=city.cars[SECOND])
    orders.cancel_order(actor=keeper, order_id=other.pk, reason="不修了", at=AT)
    assert at("order_attach", other.pk) not in text(client.get(at("order", other.pk)))
    assert (
        client.post(at("order_attach", other.pk), {"files": [staged(city).pk]}).status_code == 409
    )


def test_who_may_not_enter_adds_no_papers(city: City) -> None:
    made, file = rows.report(city), staged(city, "clerk")
    answer = client_of(city, "clerk").post(at("order_attach", made.pk), {"files": [file.pk]})
    assert answer.status_code == 404
    file.refresh_from_db()
    assert file.state == FileState.STAGED
    denied = client_of(city, "supervisor").post(at("order_attach", made.pk), {})
    assert denied.status_code == 403


def test_papers_of_somebody_else_stop_the_whole_entry(city: City) -> None:
    file = staged(city, "clerk")
    answer = client_of(city, "car_keeper").post(at("order_new"), {**ORDER, "files": [file.pk]})
    assert answer.status_code == 422
    assert "不是您上传的" in text(answer)
    assert not Order.objects.exists()
    fine = client_of(city, "car_keeper").post(at("fine_new"), {**FINE, "files": [file.pk]})
    assert fine.status_code == 422
    assert not Fine.objects.exists()


# ── accidents and fines ──────────────────────────────────────────────────────────────────


def test_papers_of_an_accident_stay_once_it_is_closed(city: City) -> None:
    first, later = staged(city, name="现场.jpg"), staged(city, name="认定书.jpg")
    client = client_of(city, "car_keeper")
    page = client.post(at("accident_new"), {**ACCIDENT, "files": [first.pk]}, follow=True)
    assert "现场.jpg" in text(page)
    accident = Accident.objects.get()
    assert removed(city, first) == ""
    client.post(at("accident_attach", accident.pk), {"files": [later.pk]})
    incidents.close_accident(
        actor=city.actor("car_keeper"), accident_id=accident.pk, blame=Blame.EQUAL,
        loss_fen=500_000, insurer_fen=400_000, self_fen=100_000, on=TODAY, at=AT,
    )  # fmt: skip
    assert removed(city, later) == "relied_on"
    assert "认定书.jpg" in text(client.get(at("accident", accident.pk)))


def test_papers_of_a_fine_are_seen_by_the_police_and_stay_once_it_is_paid(city: City) -> None:
    file, receipt = staged(city, name="决定书.jpg"), staged(city, name="缴款凭证.jpg")
    client = client_of(city, "car_keeper")
    client.post(at("fine_new"), {**FINE, "files": [file.pk]})
    fine = Fine.objects.get()
    police = outsider(city, "fleet.police_supervisor", "gongan")
    page = text(police.get(at("fine", fine.pk)))
    assert "决定书.jpg" in page
    assert at("fine_attach", fine.pk) not in page, "who only looks adds nothing"
    assert police.get(f"/files/{file.pk}/").status_code == 200
    assert client_of(city, "stranger").get(f"/files/{file.pk}/").status_code == 404
    incidents.handle_fine(
        actor=city.actor("car_keeper"), fine_id=fine.pk, on=TODAY, paid_by=PaidBy.OTHER,
        payer="汪杰", at=AT,
    )  # fmt: skip
    client.post(at("fine_attach", fine.pk), {"files": [receipt.pk]})
    assert "缴款凭证.jpg" in text(client.get(at("fine", fine.pk)))
    assert removed(city, file) == "relied_on"


# ── the accident of a repair ─────────────────────────────────────────────────────────────


def repair(**changes: Any) -> dict[str, Any]:
    return {**ORDER, "kind": "ACCIDENT", **changes}


def test_a_repair_is_reported_from_its_accident_and_each_leads_to_the_other(city: City) -> None:
    keeper, client = city.actor("car_keeper"), client_of(city, "car_keeper")
    incidents.enter_accidents(actor=keeper, rows=[rows.accident(city.cars[SMALL])], at=AT)
    accident = Accident.objects.get()
    assert "kind=ACCIDENT&amp;accident=SG1" in text(client.get(at("accident", accident.pk)))
    form = text(client.get(at("order_new"), {"car": SMALL, "kind": "ACCIDENT", "accident": "SG1"}))
    assert '<option value="SG1">赣H10001' in form
    assert 'value="SG1"' in form.partition("<datalist")[0]
    page = text(client.post(at("order_new"), repair(accident="SG1"), follow=True))
    assert at("accident", accident.pk) in page
    order = Order.objects.get()
    assert (order.kind, order.accident_id) == (OrderKind.ACCIDENT, accident.pk)
    assert order.number in text(client.get(at("accident", accident.pk)))


def test_a_disposed_car_is_not_reported_from_its_accident(city: City) -> None:
    keeper, client = city.actor("car_keeper"), client_of(city, "car_keeper")
    incidents.enter_accidents(actor=keeper, rows=[rows.accident(city.cars[SMALL])], at=AT)
    Car.objects.filter(plate=SMALL).update(state=CarState.DISPOSED)
    page = text(client.get(at("accident", Accident.objects.get().pk)))
    assert "kind=ACCIDENT" not in page


def test_the_accident_of_another_car_is_refused(city: City) -> None:
    keeper, client = city.actor("car_keeper"), client_of(city, "car_keeper")
    incidents.enter_accidents(actor=keeper, rows=[rows.accident(city.cars[SECOND])], at=AT)
    answer = client.post(at("order_new"), repair(accident="SG1"))
    assert answer.status_code == 422
    assert "赣H10001没有编号 SG1 的事故。" in text(answer)
    with pytest.raises(Refused) as raised:
        rows.report(city, kind=OrderKind.ACCIDENT, accident=Accident.objects.get())
    assert [finding.code for finding in raised.value.findings] == ["accident_of_another"]
    assert not Order.objects.exists()


def test_only_a_repair_after_an_accident_names_one(city: City) -> None:
    keeper, client = city.actor("car_keeper"), client_of(city, "car_keeper")
    incidents.enter_accidents(actor=keeper, rows=[rows.accident(city.cars[SMALL])], at=AT)
    client.post(at("order_new"), {**ORDER, "accident": "SG1"})
    assert Order.objects.get().accident is None
