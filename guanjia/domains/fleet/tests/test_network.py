"""What goes to the province and what comes back: fields, secret cars, decisions on purchases."""

import json
from datetime import timedelta
from typing import Any

import pytest

from guanjia.domains.fleet.actions import network
from guanjia.domains.fleet.exchange import catalogue
from guanjia.domains.fleet.exchange.fields import Shape
from guanjia.domains.fleet.models import Car, Driver, Trip
from guanjia.domains.fleet.terms.purchases import PurchaseState
from guanjia.domains.fleet.tests import quota_scenes as scenes
from guanjia.domains.fleet.tests.builders import AT, SECOND, SMALL, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.exchange import triggers, wires
from guanjia.kernel.exchange.actions import receiving, sending
from guanjia.kernel.exchange.models import Change, Incoming, Outgoing, Peer
from guanjia.kernel.exchange.terms import InState, OutState, PeerState
from guanjia.kernel.exchange.tests.builders import Clock
from guanjia.kernel.outside.http import Answer
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

SETTINGS = {"url": "https://gwyc.example/v1", "client": "360200", "algorithm": "SM3"}
SECRET = "a-secret-of-the-province"
MOBILE = "13879810049"


class Province:
    """Takes everything and keeps the last version of each row; sends what it is told to."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], dict[str, Any]] = {}
        self.said: list[str] = []
        self.decisions: list[dict[str, Any]] = []

    def __call__(self, _: Peer, method: str, __: str, body: bytes, ___: Any) -> Answer:
        if method == "GET":
            return Answer(
                200, json.dumps({"items": self.decisions, "next": "1", "more": False}).encode()
            )
        self.said.append(body.decode())
        results = []
        for message in json.loads(body)["messages"]:
            self.rows[message["kind"], message["subject"]] = message
            results.append({"id": message["id"], "state": "applied"})
        return Answer(200, json.dumps({"results": results}).encode())

    def data(self, row: Any, kind: str = "") -> Any:
        found = self.rows.get((kind or row._meta.label_lower, row.pk))
        return found and found["data"]


@pytest.fixture
def keeper(city: City) -> Any:
    triggers.install()  # the database of the tests may be older than a table
    return city.actor("car_keeper")


@pytest.fixture
def province(keeper: Any) -> Province:
    peer = network.save_peer(actor=keeper, settings=SETTINGS, secret=SECRET, at=AT)
    network.switch_on(actor=keeper, peer_id=peer.pk, at=AT)
    return Province()


def report(province: Province) -> None:
    peer = Peer.objects.get()
    sending.deliver(peer_id=peer.pk, clock=Clock(), call=province)


def test_every_shared_table_has_the_trigger(keeper: Any) -> None:
    assert triggers.install() == [], "nothing is left to be done"
    tables = {triggers.table_of(wire) for wire in wires.all_wires()}
    assert {"fleet_car", "fleet_trip", "fleet_cost", "fleet_disposal", "org_unit"} <= tables


def test_what_an_action_does_is_told_without_its_doing(city: City, province: Province) -> None:
    report(province)
    trip = city.dispatched()
    kinds = set(Change.objects.filter(message=None).values_list("kind", flat=True))
    assert "fleet.trip" in kinds
    report(province)
    told = province.data(trip)
    assert told["number"] == trip.number
    assert (told["state"], told["car_plate"]) == ("DISPATCHED", SMALL)
    assert told["planned_from"].endswith("+08:00")
    assert not Outgoing.objects.exclude(state=OutState.SENT).exists()


def test_a_unit_comes_before_its_cars_and_they_before_their_trips(city: City, keeper: Any) -> None:
    city.dispatched()
    peer = network.save_peer(actor=keeper, settings=SETTINGS, secret=SECRET, at=AT)
    network.switch_on(actor=keeper, peer_id=peer.pk, at=AT)
    kinds = list(dict.fromkeys(Change.objects.order_by("pk").values_list("kind", flat=True)))
    assert kinds == [one.kind for one in catalogue.ENTITIES if one.kind in kinds]


def test_no_phone_number_leaves_the_house(city: City, province: Province) -> None:
    Driver.objects.update(mobile=MOBILE)
    trip = city.dispatched()
    Trip.objects.filter(pk=trip.pk).update(rider_mobile=MOBILE)
    report(province)
    assert province.data(trip) is not None
    assert MOBILE not in "".join(province.said)
    assert all("mobile" not in field.name for one in catalogue.ENTITIES for field in one.fields)


def test_a_secret_car_and_its_trips_are_never_sent(city: City, province: Province) -> None:
    car = city.cars[SMALL]
    mark(car, secret=True)
    trip = city.dispatched()
    report(province)
    assert province.data(car) is None
    assert province.data(trip) is None
    assert SMALL not in "".join(province.said)
    other = city.cars[SECOND]
    assert province.data(other)["plate"] == SECOND


def test_a_car_that_becomes_secret_is_withdrawn_with_its_trips(
    city: City, province: Province
) -> None:
    trip = city.dispatched()
    report(province)
    assert province.data(trip)["car_plate"] == SMALL
    mark(city.cars[SMALL], secret=True)
    report(province)
    report(province)
    for row in (city.cars[SMALL], trip):
        gone = province.rows[row._meta.label_lower, row.pk]
        assert (gone["op"], gone["data"]) == ("WITHDRAW", None)
    mark(city.cars[SMALL], secret=False)
    report(province)
    report(province)
    assert province.data(trip)["car_plate"] == SMALL


def mark(car: Car, *, secret: bool) -> None:
    Car.objects.filter(pk=car.pk).update(secret=secret)


# ── the field table ─────────────────────────────────────────────────────────────────────


def test_every_field_of_the_table_is_told_in_its_shape(city: City, province: Province) -> None:
    city.finished()
    Car.objects.filter(plate=SMALL).update(price_fen=12_000_000, displacement_l="1.60")
    report(province)
    seen = set()
    for (kind, _), message in province.rows.items():
        entity = catalogue.entity(kind)
        assert entity is not None
        assert set(message["data"]) == {field.name for field in entity.fields}
        for field in entity.fields:
            value = message["data"][field.name]
            if value is None:
                continue
            seen.add(field.shape)
            if field.terms:
                assert value in {term.value for term in field.terms}, (kind, field.name)
            if field.shape is Shape.MONEY:
                assert type(value) is int
            if field.shape in (Shape.TEXT, Shape.DATE, Shape.TIME, Shape.CODE):
                assert type(value) is str, (kind, field.name)
    assert {Shape.TEXT, Shape.NUMBER, Shape.MONEY, Shape.TIME, Shape.CODE, Shape.FLAG} <= seen


@pytest.mark.parametrize("entity", catalogue.ENTITIES, ids=lambda one: one.kind)
def test_an_entity_names_its_fields_once_and_reads_them(db: None, entity: Any) -> None:
    names = [field.name for field in entity.fields]
    assert len(set(names)) == len(names)
    assert entity.label in names
    assert entity.read([0, 2_000_000_000]) == {}
    assert all(field.title and field.terms if field.shape is Shape.CODE else field.title
               for field in entity.fields)  # fmt: skip


def test_every_entity_of_the_standard_is_sent_or_said_to_be_missing() -> None:
    standard = {
        "登录", "单位基本信息", "单车基本信息", "超标准配备车辆", "驾驶员", "派车信息", "维保",
        "年检", "能耗", "保险费用", "过路过桥费", "停车费", "其他费用", "监督检查", "12345 投诉",
        "社会车辆租赁派车", "违章", "处置", "定位数据",
    }  # fmt: skip
    sent = {title for one in catalogue.ENTITIES for title in one.answers}
    missing = {title for title, _ in catalogue.NOT_SENT}
    assert sent | missing == standard
    assert not sent & missing


# ── who may do it ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["clerk", "head", "dispatcher", "supervisor"])
def test_nobody_but_the_keeper_sets_it_up(city: City, who: str) -> None:
    actor = city.actor(who)
    for act in (
        lambda: network.save_peer(actor=actor, settings=SETTINGS, secret=SECRET, at=AT),
        lambda: network.switch_on(actor=actor, peer_id=1, at=AT),
        lambda: network.make_key(
            actor=actor, partner="x", contact="", scopes=["fleet.cars.read"], networks=[],
            since=AT.date(), until=AT.date(), per_minute=1, at=AT,
        ),
        lambda: network.stop_key(actor=actor, key_id=1, reason="x", at=AT),
        lambda: network.send_again(actor=actor, message_id=1, at=AT),
        lambda: network.apply_again(actor=actor, incoming_id=1, at=AT),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


def test_it_is_switched_and_recorded(city: City, keeper: Any, province: Province) -> None:
    peer_id = Peer.objects.get().pk
    network.pause(actor=keeper, peer_id=peer_id, reason="省平台检修", at=AT)
    assert Peer.objects.get().state == PeerState.PAUSED
    network.resume(actor=keeper, peer_id=peer_id, at=AT)
    network.switch_off(actor=keeper, peer_id=peer_id, reason="换平台", at=AT)
    assert Peer.objects.get().state == PeerState.OFF
    record = Record.objects.filter(on_type="exchange.peer").latest("pk")
    assert (record.verb, record.note) == ("exchange.peer.switched_off", "换平台")
    assert record.name == keeper.name


def test_what_is_not_set_up_cannot_be_switched_on(keeper: Any) -> None:
    peer = Peer.objects.create(key=catalogue.PROVINCE, title="省平台", changed_at=AT)
    with pytest.raises(Refused, match="先保存设置"):
        network.switch_on(actor=keeper, peer_id=peer.pk, at=AT)


# ── what the province decided ───────────────────────────────────────────────────────────


def decide(province: Province, number: str, **data: Any) -> Incoming:
    """One decision comes and is applied if it can be."""
    n = len(province.decisions) + 1
    province.decisions.append(
        {"id": f"D{n}", "kind": network.PURCHASE_DECIDED, "number": number, "revision": n,
         "data": data}
    )  # fmt: skip
    peer = Peer.objects.get()
    receiving.fetch(peer_id=peer.pk, clock=Clock(AT + timedelta(days=1)), call=province)
    receiving.apply_due(clock=Clock(AT + timedelta(days=1)))
    found: Incoming = Incoming.objects.get(external_id=f"D{n}")
    return found


def test_a_decision_without_an_answer_is_not_applied(province: Province) -> None:
    row = decide(province, "GZ1", document="赣机管车〔2020〕1号")
    assert (row.state, row.reason) == (
        InState.UNAPPLIED,
        "批复没有写同意还是不同意。请省平台核对后重送。",
    )


def test_a_decision_on_a_purchase_we_do_not_know_is_kept(province: Province) -> None:
    row = decide(province, "GZ1", agreed=True, document="赣机管车〔2020〕1号")
    assert (row.state, row.reason) == (InState.UNAPPLIED, "没有 GZ1 这一件。")


def test_a_decision_on_a_reported_purchase_is_applied_once(city: City, province: Province) -> None:
    scenes.grant(city, 2)
    purchase = scenes.asked(city, by_province=True)
    scenes.agree(city, purchase)
    report(province)
    assert province.data(purchase)["state"] == "REPORTED"
    row = decide(province, purchase.number, agreed=True, document="赣机管车〔2020〕5号")
    assert (row.state, row.reason) == (InState.APPLIED, "")
    purchase.refresh_from_db()
    assert (purchase.state, purchase.document) == (PurchaseState.AGREED, "赣机管车〔2020〕5号")
    record = Record.objects.get(verb="fleet.purchase.answered")
    assert record.name == "全省一张网"
    province.decisions.append(dict(province.decisions[0]))
    again = decide(province, purchase.number, agreed=False, comment="不同意")
    assert again.state == InState.UNAPPLIED, "what was agreed to is not taken back silently"
    assert Record.objects.filter(verb="fleet.purchase.answered").count() == 1
    purchase.refresh_from_db()
    assert purchase.state == PurchaseState.AGREED
    report(province)
    assert province.data(purchase)["document"] == "赣机管车〔2020〕5号", (
        "and the answer is told back"
    )
