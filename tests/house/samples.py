"""A sample object for every kind of id in an address, and the visitors who knock at every door.

A page whose address takes something new must bring its sample here: the walk over all pages fails
until it does.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.test import Client
from django.utils import timezone
from PIL import Image

from guanjia.domains.energy.actions import keyed
from guanjia.domains.energy.tests import aims
from guanjia.domains.energy.tests import analysis_scenes as energy_analysis
from guanjia.domains.energy.tests import scenes as energy
from guanjia.domains.fleet.actions import dispatching
from guanjia.domains.fleet.models import (
    Bill,
    Cost,
    Disposal,
    DisposalLot,
    FuelCard,
    Publication,
    Purchase,
    QuotaChange,
    Trip,
)
from guanjia.domains.fleet.models.incidents import Accident, Fine
from guanjia.domains.fleet.models.orders import Order
from guanjia.domains.fleet.models.oversight import Finding, MonthlyList
from guanjia.domains.fleet.models.sealing import SealedCar, Sealing
from guanjia.domains.fleet.models.sightings import Sighting
from guanjia.domains.fleet.models.upkeep import Plan
from guanjia.domains.fleet.tests import (
    builders,
    ends,
    quota_scenes,
    settling,
    spending,
    upkeep_rows,
    watching,
)
from guanjia.domains.fleet.tests.builders import AT, BUS, HOUR, SECOND, SMALL, THIRD, City
from guanjia.domains.meeting.tests import scenes as meetings
from guanjia.domains.space.models import (
    Allocation,
    Building,
    Clearance,
    DisposalIncome,
    FloorPlan,
    Inspection,
    Rectification,
    Rent,
    RentPayment,
    Round,
    SurveyDifference,
    Tenancy,
    Works,
)
from guanjia.domains.space.models import Disposal as Reuse
from guanjia.domains.space.tests import (
    allotting,
    idle_scenes,
    plan_scenes,
    rounding,
    standard_scenes,
    survey_scenes,
    tenancy_scenes,
    works_scenes,
)
from guanjia.domains.space.tests import builders as offices
from guanjia.kernel.access import actions as access
from guanjia.kernel.access import duties, looks
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.access.queries import duties_with
from guanjia.kernel.access.tests import builders as accounts
from guanjia.kernel.access.tests.builders import LONG_AGO, SYSTEM
from guanjia.kernel.approvals.actions import lending
from guanjia.kernel.approvals.models import Case, Copy, Delegation, Edition, Seat
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.exchange import scopes
from guanjia.kernel.exchange.actions import keys, peers
from guanjia.kernel.exchange.models import Incoming, Outgoing, Peer
from guanjia.kernel.notices.models import Channel, Delivery, Notice
from guanjia.kernel.org import actions as org
from guanjia.kernel.org.models import Post
from guanjia.kernel.org.tests import builders as people
from guanjia.kernel.registers.models import Remark, SavedView, Upload
from guanjia.kernel.registers.terms import RemarkKind
from guanjia.kernel.values.actor import Reach
from guanjia.kernel.vouchers.models import Voucher
from guanjia.ui.pages import PUBLIC, SIGN_IN

PROVINCE = "province"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(account: Account) -> str:
    """The key of a new session."""
    client = Client()
    client.force_login(account, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def browser(session: str) -> Client:
    """A browser with this session, if any."""
    client = Client()
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


@dataclass
class House:
    """A furnished house: the small city with a trip at every stage, and visitors.

    Everybody's account and session are there before the first test; a test changes them for
    itself.
    """

    city: City
    trips: dict[str, Trip]
    offices: offices.City
    visitors: dict[tuple[str, str], Account] = field(default_factory=dict)
    sessions: dict[int, str] = field(default_factory=dict)

    def visitor(self, verb: str, who: str) -> Client:
        """Somebody at the door of a page that needs ``verb``.

        ``rightful`` has a duty with the verb all over the city, ``other`` has it for a unit that
        has nothing to do with the samples, ``without`` has no duty at all, ``nobody`` is not
        signed in.
        """
        return browser("" if who == "nobody" else self.sessions[self._account(verb, who).pk])

    def partner(self, scope: str, *, right: bool = True) -> Client:
        """A partner system with a key for this scope, or for every other one."""
        opened = [one for one in scopes.all_scopes() if (one.key == scope) is right]
        writes = any(one.writes for one in opened)
        today = timezone.localdate()
        _, text = keys.make_key(
            actor=SYSTEM,
            partner="样例系统",
            contact="",
            scopes=[one.key for one in opened],
            unit_ids=[self.city.units["city"].pk] if writes else [],
            networks=[],
            since=today,
            until=today,
            per_minute=60,
            at=timezone.now(),
        )
        return Client(headers={"Authorization": f"Bearer {text}"})

    def account(self, verb: str, who: str = "rightful") -> Account:
        """The account behind a visitor."""
        return self._account(verb, who)

    def _account(self, verb: str, who: str) -> Account:
        if who in self.city.accounts:
            return self.city.accounts[who]
        if "." in who:  # whoever has this verb all over the city
            return self.visitors[duties_with(who)[0], "rightful"]
        if verb == "fleet.trip.drive" and who == "rightful":
            return self.city.accounts["driver"]  # a journey is its own driver's, not the city's
        if who == "without" or verb in (SIGN_IN, PUBLIC, ""):
            return self.visitors["", who]
        holds = duties_with(verb)
        assert holds, f"no duty has the verb {verb}: nobody could ever open the page"
        return self.visitors[holds[0], who]

    def open_doors(self) -> None:
        """Let everybody come who will ever knock, and sign them in."""
        for who in ("rightful", "other", "without"):
            self.visitors["", who] = self._welcome("", who)
        for duty in duties.all_duties():
            for who in ("rightful", "other"):
                self.visitors[duty.key, who] = self._welcome(duty.key, who)
        for account in (*self.city.accounts.values(), *self.visitors.values()):
            self.sessions[account.pk] = signed_in(account)

    def _welcome(self, duty: str, who: str) -> Account:
        unit = self.city.units["other" if who == "other" else "bureau"]
        number = f"V{len(self.visitors):05d}"
        account = accounts.account(number.lower(), people.person(number, unit))
        if duty:
            access.grant(
                actor=SYSTEM,
                account_id=account.pk,
                duty=duty,
                reach=Reach.CITY if who == "rightful" else Reach.BELOW,
                unit_id=None if who == "rightful" else unit.pk,
                since=LONG_AGO,
                at=AT,
            )
        return account


@dataclass(frozen=True)
class Watched:
    """A furnished house, and by watched duty the session of somebody from outside, who may look at
    all of the city."""

    house: House
    sessions: dict[str, str]

    @property
    def outsiders(self) -> dict[str, Client]:
        """A browser for each of the watched duties."""
        return {duty: browser(session) for duty, session in self.sessions.items()}


def watch(house: House) -> Watched:
    """Let somebody in for each of the watched duties."""
    sessions = {}
    for place, duty in enumerate(each for each in duties.all_duties() if each.watched):
        person = people.person(f"W{place:04d}", house.city.units["other"])
        reach = (duty.key, Reach.CITY_READ, None)
        sessions[duty.key] = signed_in(accounts.account(f"watched{place}", person, reach))
    return Watched(house, sessions)


def furnish() -> House:
    """Build it all, by calling actions."""
    city = builders.city()
    later = {"planned_from": AT + 30 * HOUR, "planned_to": AT + 31 * HOUR}
    trips = {
        "pending": city.requested(),
        "approved": city.approved(),
        "dispatched": city.dispatched(**later),
        "finished": city.finished(car=SECOND, driver="程勇", end_km=10_900),  # leaves a doubt
        "out": city.out(),
        "urgent": dispatching.dispatch_urgently(
            actor=city.actor("dispatcher"),
            facts=city.wish(),
            car_id=city.cars[THIRD].pk,
            driver_id=city.drivers["方敏"].pk,
            reason="密接转运",
            at=AT,
        ),
    }
    trips["carrier"] = city.dispatched(car=BUS, driver="程勇", **later)
    looks.record_look(
        actor=city.actor("supervisor"), duty="fleet.supervisor", page="fleet:cars_list",
        title="公务用车台账", path="/fleet/cars/", query="view=all", register="fleet.cars",
        rows=7, at=AT,
    )  # fmt: skip
    spending.furnish(city)
    upkeep_rows.furnish(city)
    quota_scenes.furnish(city)
    ends.furnish(city)
    watching.furnish(city)
    settling.furnish(city)
    house = House(city=city, trips=trips, offices=_offices(city))
    house.open_doors()
    standard_scenes.furnish(house.offices)
    allotting.furnish(
        house.offices,
        accounts.actor(house.account("space.allocation.request")),
        accounts.actor(house.account("space.allocation.accept")),
    )
    idle_scenes.furnish(house.offices, accounts.actor(house.account("space.disposal.deal")))
    works_scenes.furnish(house.offices, accounts.actor(house.account("space.works.keep")))
    tenancy_scenes.furnish(
        house.offices,
        accounts.actor(house.account("space.tenancy.keep")),
        accounts.actor(house.account("space.tenancy.collect")),
    )
    survey_scenes.furnish(house.offices)
    rounding.furnish(
        house.offices,
        accounts.actor(house.account("space.round.plan")),
        accounts.actor(house.account("space.round.inspect")),
    )
    plan_scenes.draw(_annex())
    energy.furnish(city.units["city"], at=AT)
    meetings.furnish(accounts.actor(house.account("meeting.room.keep")), at=AT)
    return house


def _offices(city: City) -> offices.City:
    """A building with rooms of 农业农村局, and who sits there."""
    sit = {"chief": "head", "deputy": "approver", "clerk": "clerk", "sitter": "asker",
           "stranger": "stranger"}  # fmt: skip
    people = {role: city.person(who) for role, who in sit.items()}
    made = offices.furnish(units=city.units, people=people)
    offices.annex(made)
    return made


def _drawing(house: House, _: str, verb: str) -> int:
    """A drawing that the visitor sent, of the floor they may draw."""
    return plan_scenes.waiting(_annex(), accounts.actor(house.account(verb))).pk


def _annex() -> Building:
    """The building in which nobody but 农业农村局 has a room."""
    found: Building = Building.objects.get(name="1号楼")
    return found


@dataclass(frozen=True)
class Sample:
    """What stands in an address for one name; ``scoped`` when it lies in somebody's scope only."""

    make: Callable[[House, str, str], Any]
    scoped: bool = True


def _trip(house: House, name: str, _: str) -> int:
    stages = {
        "fleet:paper": "urgent",
        "fleet:trip_rate": "finished",
        "fleet:trip_correct": "finished",
        "fleet:trip_remark_explain": "finished",
        "fleet:trip_recall": "dispatched",
        "fleet:trip_replan": "dispatched",
        "fleet:board_dispatch": "approved",
        "fleet:board_recall": "dispatched",
        "fleet:board_replan": "dispatched",
        "fleet:board_share": "approved",
        "fleet:board_depart": "dispatched",
        "fleet:board_finish": "out",
        "fleet:drive_depart": "dispatched",
        "fleet:drive_finish": "out",
    }
    return house.trips[stages.get(name, "pending")].pk


def _remark(house: House, name: str, *_: str) -> int:
    if name == "fleet:disposal_remark_explain":
        found, _new = Remark.objects.get_or_create(
            register="fleet.disposals",
            object_id=Disposal.objects.get().pk,
            code="trip_after",
            defaults={"kind": RemarkKind.DOUBT, "headline": "处置后还有出车。", "raised_at": AT},
        )
        return found.pk
    if name == "fleet:car_remark_explain":
        found, _new = Remark.objects.get_or_create(
            register="fleet.cars",
            object_id=house.city.cars[SMALL].pk,
            code="vin_doubt",
            defaults={"kind": RemarkKind.DOUBT, "headline": "车辆识别代号存疑。", "raised_at": AT},
        )
        return found.pk
    if name == "fleet:order_remark_explain":
        found, _new = Remark.objects.get_or_create(
            register="fleet.orders",
            object_id=Order.objects.get().pk,
            code="same_again_0",
            defaults={"kind": RemarkKind.DOUBT, "headline": "同一项目再次维修。", "raised_at": AT},
        )
        return found.pk
    if name == "fleet:fine_remark_explain":
        return Remark.objects.get(object_id=Fine.objects.get().pk, register="fleet.fines").pk
    if name == "fleet:cost_remark_explain":
        return Remark.objects.get(object_id=_cost(house), register="fleet.costs", code="no_trip").pk
    return Remark.objects.get(object_id=house.trips["finished"].pk, code="km_doubt").pk


def _cost(_: House, name: str = "", *__: str) -> int:
    """A sale of the fuel company's sheet that found no trip; a receipt, to be made void."""
    source = "HAND" if name == "fleet:cost_void" else "FUEL_SHEET"
    return Cost.objects.get(source=source, source_no__in=("F0001", "P0001")).pk


def _noun(name: str) -> str:
    """The register's own part of a page's name: ``fuel_sheet`` of ``fleet:fuel_sheet_upload``."""
    page = name.rpartition(":")[2]
    for tail in ("_save_view", "_drop_view"):
        if page.endswith(tail):
            return page.removesuffix(tail)
    return page.rpartition("_")[0] or page


def _unit(house: House, *_: str) -> int:
    return house.city.units["farming"].pk


def _post(house: House, *_: str) -> int:
    person, unit = house.city.person("asker"), house.city.units["bureau"]
    held = Post.objects.filter(person=person).first()
    return (
        held
        or org.hold_post(
            actor=SYSTEM,
            person_id=person.pk,
            unit_id=unit.pk,
            title="副科长",
            since=AT.date(),
            at=AT,
        )
    ).pk


def _upload(house: House, name: str, verb: str) -> int:
    noun, space = _noun(name), name.partition(":")[0]
    register = {"units": "org.units", "people": "org.people"}.get(noun, f"{space}.{noun}")
    return Upload.objects.create(
        account=house.account(verb),
        register=register,
        digest="0" * 64,
        name="台账.xlsx",
        size=1,
        state="FAILED",
        report={},
        created_at=AT,
        touched_at=AT,
    ).pk


def _attachment(house: House, _: str, verb: str) -> int:
    """A picture that waits for the visitor's form: one's own, seen by nobody else."""
    actor = accounts.actor(house.account(verb))
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(out, "PNG")
    return attachments.stage(actor=actor, file=out.getvalue(), name="照片.png", at=AT).pk


def _view(house: House, name: str, verb: str) -> int:
    noun = _noun(name)
    if (space := name.partition(":")[0]) != "portal":
        noun = f"{space}.{noun}"
    ours = {"units": "org.units", "people": "org.people", "vouchers": "vouchers.vouchers"}
    register = ours.get(noun, noun)
    return SavedView.objects.get_or_create(
        account=house.account(verb), register=register, title="我的", defaults={"query": ""}
    )[0].pk


def _notice(house: House, _: str, verb: str) -> int:
    person = house.account(verb).person
    return Notice.objects.create(kind="house.sample", person=person, title="样例", at=AT).pk


def _delivery(house: House, *_: str) -> int:
    channel, _new = Channel.objects.get_or_create(kind="EMAIL", defaults={"changed_at": AT})
    person = house.city.person("asker")
    return Delivery.objects.create(
        channel=channel, person=person, title="样例", notices=1, state="GIVEN_UP", planned_at=AT
    ).pk


def _peer() -> Peer:
    """The province's platform, set up and never called."""
    known = Peer.objects.filter(key=PROVINCE).first()
    settings = {"url": "https://gwyc.example", "client": "360200", "algorithm": "SM3"}
    return known or peers.save_peer(
        actor=SYSTEM, key=PROVINCE, title="省平台", settings=settings, secret="0" * 16, at=AT
    )


def _message(*_: Any) -> int:
    """A message about a car that the platform refused."""
    known = Outgoing.objects.filter(state="REFUSED").first()
    return (
        known
        or Outgoing.objects.create(
            peer=_peer(),
            message_id=uuid4(),
            kind="fleet.car",
            subject_id=1,
            label="车辆 赣H10001",
            version=1,
            op="SAVE",
            body='{"data": {"plate": "赣H10001"}}',
            changes_count=1,
            state="REFUSED",
            made_at=AT,
            answer="缺字段",
        )
    ).pk


def _incoming(*_: Any) -> int:
    """A decision nobody could apply."""
    return Incoming.objects.get_or_create(
        peer=_peer(),
        external_id="D1",
        defaults={
            "kind": "purchase.decided",
            "number": "GZ1",
            "body": "{}",
            "state": "UNAPPLIED",
            "received_at": AT,
        },
    )[0].pk


def _key(*_: Any) -> int:
    today = timezone.localdate()
    return keys.make_key(
        actor=SYSTEM,
        partner="样例系统",
        contact="",
        scopes=[scopes.all_scopes()[0].key],
        networks=[],
        since=today,
        until=today,
        per_minute=60,
        at=AT,
    )[0].pk


def _energy_key(house: House, *_: Any) -> int:
    today = timezone.localdate()
    return keyed.give_key(
        actor=SYSTEM,
        partner="样例系统",
        contact="",
        area_ids=[house.city.units["city"].pk],
        institution_ids=[],
        networks=[],
        since=today,
        until=today,
        per_minute=60,
        at=AT,
    )[0].pk


def _bill(house: House, *_: str) -> Bill:
    """The bill of 农业农村局 with the journey that came back."""
    found: Bill = Bill.objects.get(unit=house.city.units["farming"])
    return found


def _voucher(house: House, *_: str) -> Voucher:
    found: Voucher = Voucher.objects.of(house.trips["dispatched"]).get()
    return found


def _delegation(house: House, _: str, verb: str) -> int:
    """A leave of the visitor's own, with a colleague standing in."""
    person = house.account(verb).person
    known = Delegation.objects.filter(principal=person).first()
    return (
        known
        or lending.delegate(
            actor=accounts.actor(house.account(verb)),
            person_id=house.city.person("dispatcher").pk,
            since=AT.date(),
            until=AT.date() + timedelta(days=3),
            reason="休假",
            at=AT,
        )
    ).pk


def _edition(*_: Any) -> int:
    """The edition of a route that the trips of the house went through."""
    return Edition.objects.get(route="fleet.trip", state="IN_FORCE").number


def _case(house: House, *_: str) -> int:
    """The approval of the request that waits."""
    return Case.objects.get(subject_type="fleet.trip", subject_id=house.trips["pending"].pk).pk


def _seat(house: House, *_: str) -> int:
    seats = Seat.objects.filter(step__case=_case(house), person=house.city.person("approver"))
    return seats.get().pk


def _copy(house: House, *_: str) -> int:
    """A copy given to the approver."""
    return Copy.objects.get_or_create(
        case_id=_case(house),
        person=house.city.person("approver"),
        defaults={"by_name": "余建国", "at": AT},
    )[0].pk


SAMPLES: dict[str, Sample] = {
    "message_id": Sample(_message, scoped=False),
    "incoming_id": Sample(_incoming, scoped=False),
    "peer_id": Sample(lambda *_: _peer().pk, scoped=False),
    "key_id": Sample(_key, scoped=False),
    "case_id": Sample(_case),
    "seat_id": Sample(_seat),
    "copy_id": Sample(_copy),
    "delegation_id": Sample(_delegation),
    "voucher_id": Sample(lambda house, *names: _voucher(house, *names).pk),
    "code": Sample(lambda house, *names: _voucher(house, *names).code, scoped=False),
    "notice_id": Sample(_notice),
    "delivery_id": Sample(_delivery),
    "trip_id": Sample(_trip),
    "remark_id": Sample(_remark),
    "compound_id": Sample(lambda *_: _annex().compound_id),
    "building_id": Sample(lambda *_: _annex().pk),
    "room_id": Sample(lambda house, *_: house.offices.room("103").pk),
    "floor_no": Sample(lambda *_: 1, scoped=False),
    "floor_id": Sample(lambda *_: _annex().floors.get().pk),
    "edition_id": Sample(lambda *_: FloorPlan.objects.get(floor__building=_annex()).pk),
    "drawing_id": Sample(_drawing),
    "reuse_id": Sample(lambda *_: Reuse.objects.get().pk),
    "tenancy_id": Sample(lambda *_: Tenancy.objects.get().pk),
    "rent_id": Sample(lambda *_: Rent.objects.earliest("pk").pk),
    "payment_id": Sample(lambda *_: RentPayment.objects.get().pk),
    "booking_id": Sample(lambda *_: meetings.booking().pk),
    "meetingroom_id": Sample(lambda *_: meetings.booking().room_id),
    "works_id": Sample(lambda *_: Works.objects.get().pk),
    "income_id": Sample(lambda *_: DisposalIncome.objects.earliest("pk").pk),
    "car_id": Sample(lambda house, *_: house.city.cars[SMALL].pk),
    "cost_id": Sample(_cost),
    "order_id": Sample(lambda *_: Order.objects.get().pk),
    "plan_id": Sample(lambda *_: Plan.objects.get().pk),
    "fine_id": Sample(lambda *_: Fine.objects.get().pk),
    "accident_id": Sample(lambda *_: Accident.objects.get().pk),
    "card_id": Sample(lambda *_: FuelCard.objects.get(number=spending.CARD).pk),
    "disposal_id": Sample(lambda *_: Disposal.objects.get().pk),
    "lot_id": Sample(lambda *_: DisposalLot.objects.get().pk),
    "bill_id": Sample(lambda house, *_: _bill(house).pk),
    "line_id": Sample(lambda house, *_: _bill(house).lines.first().pk),
    "publication_id": Sample(lambda *_: Publication.objects.get().pk, scoped=False),
    "driver_id": Sample(lambda house, *_: house.city.drivers["方敏"].pk),
    "unit_id": Sample(_unit),
    "survey_id": Sample(lambda *_: survey_scenes.under_way().survey_id),
    "filing_id": Sample(lambda *_: survey_scenes.under_way().pk),
    "filed_room_id": Sample(lambda *_: survey_scenes.under_way().rooms.first().pk),
    "survey_doubt_id": Sample(lambda *_: survey_scenes.under_way().doubts.first().pk),
    "difference_id": Sample(lambda *_: SurveyDifference.objects.earliest("pk").pk),
    "change_id": Sample(lambda *_: QuotaChange.objects.get(state="PENDING").pk),
    "purchase_id": Sample(lambda *_: Purchase.objects.get(state="PENDING").pk),
    "finding_id": Sample(lambda *_: Finding.objects.get(grounds__sentence__contains="江湾").pk),
    "sighting_id": Sample(lambda *_: Sighting.objects.get(place="江湾停车场").pk),
    "sealed_id": Sample(lambda house, *_: SealedCar.objects.get(car=house.city.cars[SMALL]).pk),
    "sealing_id": Sample(lambda *_: Sealing.objects.get().pk, scoped=False),
    "list_id": Sample(lambda *_: MonthlyList.objects.get().pk, scoped=False),
    "person_id": Sample(lambda house, *_: house.city.person("asker").pk),
    "post_id": Sample(_post),
    "upload_id": Sample(_upload),
    "round_id": Sample(lambda *_: Round.objects.get().pk),
    "inspection_id": Sample(lambda *_: Inspection.objects.get().pk),
    "rectification_id": Sample(lambda *_: Rectification.objects.get().pk),
    "allocation_id": Sample(lambda *_: Allocation.objects.get(state="PENDING").pk),
    "clearance_id": Sample(lambda *_: Clearance.objects.get().pk),
    "attachment_id": Sample(_attachment),
    "view_id": Sample(_view),
    # What follows is the same for everybody who may look at all.
    "account_id": Sample(lambda house, *_: house.city.accounts["asker"].pk, scoped=False),
    "grant_id": Sample(
        lambda house, *_: Grant.objects.get(account=house.city.accounts["asker"]).pk, scoped=False
    ),
    "institution_id": Sample(lambda *_: energy.institution().pk),
    "clerk_id": Sample(lambda *_: energy.clerk().pk),
    "return_id": Sample(lambda *_: energy.month_return().pk),
    "doubt_id": Sample(lambda *_: energy.doubt().pk),
    "scheme_id": Sample(lambda *_: energy.assessment().scheme_id, scoped=False),
    "assessment_id": Sample(lambda *_: energy.assessment().pk),
    "indicator_id": Sample(lambda *_: energy.score().indicator_id, scoped=False),
    "score_id": Sample(lambda *_: energy.score().pk),
    "appeal_id": Sample(lambda *_: energy.appeal().pk),
    "meter_id": Sample(lambda *_: energy.meter().pk),
    "note_id": Sample(lambda *_: energy.meter_note().pk),
    "alarm_id": Sample(lambda *_: energy.meter_alarm().pk),
    "analysis_id": Sample(lambda *_: energy_analysis.analysis().pk),
    "year": Sample(lambda *_: energy_analysis.YEAR, scoped=False),
    "audit_id": Sample(lambda *_: energy_analysis.audit().pk),
    "audit_finding_id": Sample(lambda *_: energy_analysis.finding().pk),
    "measure_id": Sample(lambda *_: energy_analysis.measure().pk),
    "target_id": Sample(lambda *_: aims.target().pk),
    "energy_key_id": Sample(_energy_key, scoped=False),
    "site_id": Sample(lambda *_: aims.site_return().site_id),
    "site_return_id": Sample(lambda *_: aims.site_return().pk),
    "sample_id": Sample(lambda *_: aims.check().sample_id, scoped=False),
    "sample_check_id": Sample(lambda *_: aims.check().pk),
    "quota_id": Sample(lambda *_: aims.case().pk),
    "month": Sample(lambda *_: "2020-02", scoped=False),
    "day": Sample(lambda *_: date(2020, 5, 9), scoped=False),
    "act": Sample(lambda *_: "rename", scoped=False),
}
# Names that mean different things on different pages.
NAMED: dict[tuple[str, str], Sample] = {
    ("fleet:published", "code"): Sample(lambda *_: Publication.objects.get().code, scoped=False),
    ("fleet:published_sheet", "code"): Sample(
        lambda *_: Publication.objects.get().code, scoped=False
    ),
    ("portal:channel", "kind"): Sample(lambda *_: "email", scoped=False),
    ("portal:try_channel", "kind"): Sample(lambda *_: "email", scoped=False),
    **{
        (f"portal:{name}", "key"): Sample(lambda *_: "fleet.trip", scoped=False)
        for name in (
            "route",
            "route_edit",
            "route_edition",
            "route_replay",
            "route_switch_on",
            "route_drop",
        )
    },
    **{
        (name, "finding_id"): Sample(
            lambda house, *_: standard_scenes.of_the_farmers(house.offices).pk
        )
        for act in ("explain", "return", "decide")
        for name in (
            f"space:finding_{act}",
            f"POST /api/space/findings/{{int:finding_id}}/{act}",
        )
    },
    ("space:finding", "finding_id"): Sample(
        lambda house, *_: standard_scenes.of_the_farmers(house.offices).pk
    ),
    **{
        (name, "filing_id"): Sample(lambda *_: energy.filing().pk)
        for act in ("send", "pass", "back", "lock", "unlock")
        for name in (f"energy:filing_{act}", f"POST /api/energy/filings/{{int:filing_id}}/{act}")
    },
    ("energy:filing", "filing_id"): Sample(lambda *_: energy.filing().pk),
    **{
        (name, "publication_id"): Sample(lambda *_: energy_analysis.publication().pk)
        for act in ("publish", "correct", "withdraw", "drop")
        for name in (
            f"energy:notice_{act}",
            f"POST /api/energy/notices/{{int:publication_id}}/{act}",
        )
    },
    ("energy:notice", "publication_id"): Sample(
        lambda *_: energy_analysis.publication().pk, scoped=False
    ),
    **{
        (f"energy:{name}", "code"): Sample(
            lambda *_: energy_analysis.publication().code, scoped=False
        )
        for name in ("published", "published_sheet", "published_csv")
    },
    ("meeting:room", "meetingroom_id"): Sample(lambda *_: meetings.booking().room_id, scoped=False),
    ("space:floor_room", "room_id"): Sample(lambda *_: _annex().rooms.get().pk),
    ("portal:route_edition", "number"): Sample(_edition, scoped=False),
    ("portal:provision", "key"): Sample(lambda *_: "fleet.licence.valid", scoped=False),
    ("report:figure", "key"): Sample(lambda *_: "fleet.trips", scoped=False),
    ("GET /api/figures/{key}", "key"): Sample(lambda *_: "fleet.trips", scoped=False),
}
# What must be told besides the address.
QUERY: dict[str, dict[str, str]] = {
    "GET /api/report": {"period": "2020-H1"},
    "GET /api/figures/{key}": {"period": "2020-H1"},
}
BODIES: dict[str, Callable[[House], dict[str, Any]]] = {
    "fleet:board_share": lambda house: {"carrier": house.trips["carrier"].pk},
}
# Where the verb of the door is not enough: a decision is its own unit's, not the city's.
RIGHTFUL = {
    "space:allocation": "space.allocation.see",
    "space:disposal": "space.disposal.see",
    "space:tenancy": "space.tenancy.see",
    "fleet:order": "car_keeper",
    "portal:voucher": "dispatcher",
    "portal:voucher_docx": "dispatcher",
    "portal:voucher_pdf": "dispatcher",
    "portal:voucher_pdf_again": "dispatcher",
    "fleet:sealed_car": "car_keeper",
    "fleet:trip": "approver",
    "fleet:disposal": "car_keeper",
    "fleet:disposal_call_off": "car_keeper",
    "fleet:purchase": "head",
    "fleet:quota_change": "head",
    "portal:case": "approver",
    "portal:case_agree": "approver",
    "portal:case_return": "approver",
    "portal:case_hand_over": "approver",
    "portal:case_add": "approver",
    "portal:case_remove": "approver",
    "portal:case_copy": "approver",
    "portal:case_urge": "approver",
    "portal:case_stop": "approver",
    "portal:case_withdraw": "approver",
    "portal:read_copy": "approver",
    "POST /api/fleet/trips/{int:trip_id}/approve": "approver",
    "POST /api/fleet/trips/{int:trip_id}/return": "approver",
    "POST /api/fleet/trips/{int:trip_id}/hand-over": "approver",
}


def sample(name: str, kwarg: str) -> Sample:
    """The sample for a name in an address; fails with what is to be done."""
    found = NAMED.get((name, kwarg)) or SAMPLES.get(kwarg)
    assert found is not None, (
        f"{name} takes {kwarg!r}, and no sample object is known for it: a page that is not "
        "written yet. Add the sample to tests/house/samples.py."
    )
    return found
