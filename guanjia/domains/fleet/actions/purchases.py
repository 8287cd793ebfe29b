"""Purchases (更新购置): asking, mending, what the approval and the province lead to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from guanjia.domains.fleet.actions import quotas as places
from guanjia.domains.fleet.approvals import PURCHASE
from guanjia.domains.fleet.events import PurchaseAgreed, PurchaseAnswered, PurchaseReported
from guanjia.domains.fleet.models import Car, CarStay, Purchase
from guanjia.domains.fleet.queries import purchases as reading
from guanjia.domains.fleet.queries import quotas as quota_reading
from guanjia.domains.fleet.rules import purchases as rules
from guanjia.domains.fleet.rules import quotas as quota_rules
from guanjia.domains.fleet.rules.times import day_of
from guanjia.domains.fleet.terms.cars import CarState, Use
from guanjia.domains.fleet.terms.purchases import (
    FILES,
    MENDING,
    PurchaseKind,
    PurchaseState,
)
from guanjia.kernel.acts.changing import Files, OutOfState, change, locked, made, reasoned
from guanjia.kernel.approvals import news, telling
from guanjia.kernel.approvals.actions import opening
from guanjia.kernel.approvals.models import Act
from guanjia.kernel.attachments import guards
from guanjia.kernel.events import bus
from guanjia.kernel.numbering import actions as numbering
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import ALLOWED, Citation, Refused, Verdict, refuse
from guanjia.kernel.values.actor import Actor

SERIES = "fleet.purchase"
ASK, CARD, ENTER, PURCHASES = reading.ASK, reading.CARD, reading.ENTER, reading.PURCHASES
S = PurchaseState
DOCUMENTED = (S.AGREED, S.CARDED)
NOTE_MAX = 200  # what stands beside a state
ASKED = (
    "kind",
    "unit_id",
    "use",
    "body",
    "energy",
    "make",
    "displacement_l",
    "seats",
    "price_fen",
    "reason",
    "special_reason",
    "needed_for_law_enforcement",
    "fixed_city_route",
    "domestic",
    "old_car_id",
    "early_reason",
    "old_car_sound",
    "by_province",
    "document",
)


def new_number(year: int) -> str:
    """The next number of a purchase: ``GZ``, the year, a running number of it."""
    return f"GZ{year}{numbering.next_number(series=SERIES, year=year):04d}"


def judge(*, purchase: Purchase, at: datetime, locked: bool = False) -> Verdict:
    """What the rules say of a purchase as it stands; ``locked`` keeps its place of the quota."""
    law, on, car = law_at(at), day_of(at), purchase.facts()
    verdict = ALLOWED
    if purchase.kind == PurchaseKind.RENEWAL:
        verdict += _of_old_car(purchase) + rules.may_renew(car=car, on=on, law=law)
    if needs_place(purchase, on):
        read = places.place_of if locked else quota_reading.standing
        standing = read(unit_id=purchase.unit_id, use=purchase.use, on=on, without=purchase.pk)
        verdict += quota_rules.takes_a_place(
            standing=standing, unit_name=str(purchase.unit), use=Use(purchase.use), law=law
        )
    verdict += rules.within_ceiling(car=car, law=law) + rules.home_made(car=car, law=law)
    so_far = reading.year_so_far(year=on.year, law=law, without=purchase.pk)
    return verdict + rules.new_energy(car=car, so_far=so_far, law=law)


def needs_place(purchase: Purchase, on: date) -> bool:
    """Whether it needs a free place: not where the old car gives it its own."""
    if purchase.old_car_id is None:
        return True
    stays = CarStay.objects.on(on).filter(
        car=purchase.old_car_id, unit=purchase.unit_id, use=purchase.use
    )
    return not stays.exists()


def _of_old_car(purchase: Purchase) -> Verdict:
    """One renewal for a car; none for a car that is gone."""
    own = Citation(title="一辆旧车只更新一次", own=True)
    old = purchase.old_car
    if old is None:
        return ALLOWED
    if old.state == CarState.DISPOSED:
        return refuse(
            "old_car_gone", f"{old.plate}已处置。", "已处置的车不能更新，改为申请新增配备。", own,
            field="old_car",
        )  # fmt: skip
    other = reading.renewals_of([old.pk]).get(old.pk)
    if other is not None and other.pk != purchase.pk:
        state = PurchaseState(other.state).label
        return refuse(
            "old_car_asked", f"{old.plate}已有更新 {other.number}，{state}。",
            "在那一件上办理，或撤回后再申请。", own, field="old_car",
        )  # fmt: skip
    return ALLOWED


def draft(*, actor: Actor, facts: Mapping[str, Any], at: datetime) -> Purchase:
    """A purchase that is not written: for judging a form before it is sent."""
    purchase = Purchase(
        state=PurchaseState.PENDING, applicant_id=actor.person_id, asked_at=at, **_whole(facts)
    )
    if purchase.old_car_id:
        purchase.old_car = Car.objects.select_related("unit").get(pk=purchase.old_car_id)
    return purchase


def _whole(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, with what belongs to no old car left out of an additional one."""
    given = dict(facts)
    if given["kind"] == PurchaseKind.NEW:
        given |= {"old_car_id": None, "early_reason": "", "old_car_sound": False}
    return given


def _judged(purchase: Purchase, at: datetime) -> Verdict:
    if not purchase.reason.strip():
        refuse("reason_missing", "没有写事由。", "写明为什么要购置。", field="reason").enforce()
    if purchase.price_fen is None:
        refuse(
            "price_missing", "没有填价格。", "填不含车辆购置税的价格。", field="price_wan"
        ).enforce()
    return judge(purchase=purchase, at=at, locked=True).enforce()


@transaction.atomic
def request_purchase(
    *, actor: Actor, facts: Mapping[str, Any], files: Sequence[int] = (), at: datetime
) -> Purchase:
    """Ask for a car to be bought (申请更新购置): fields of ``Purchase`` by name.

    Needs ``fleet.purchase.request`` for the unit. Takes its place of the quota at once, so that of
    two requests for the last free place one is refused. Opens the case of its approval.
    """
    actor.must(ASK)
    unit = Unit.objects.open().within(actor.scope(ASK)).get(pk=facts["unit_id"])
    if facts.get("old_car_id"):
        _lock_old_car(actor, facts["old_car_id"])
    purchase = draft(actor=actor, facts=facts, at=at)
    verdict = _judged(purchase, at)
    purchase.number = new_number(day_of(at).year)
    purchase.holding = DateRange(day_of(at), None)
    purchase.save(force_insert=True)
    made(
        purchase, *ASKED, actor=actor, verb="fleet.purchase.requested", at=at, verdict=verdict,
        files=_files(purchase, files),
    )  # fmt: skip
    outcome = opening.open_case(
        route=PURCHASE, subject=purchase, unit=unit, applicant_id=actor.person_id, actor=actor,
        facts=case_facts(purchase, at), summary=reading.summary_of(purchase), at=at,
    )  # fmt: skip
    telling.tell_checked(case=outcome.case, verdict=verdict, at=at)
    purchase.refresh_from_db()
    return purchase


def _lock_old_car(actor: Actor, car_id: int) -> None:
    """Two renewals of one car wait for each other; a car out of reach is as if it were absent."""
    Car.objects.within(actor.scope(ASK)).select_for_update(of=("self",)).get(pk=car_id)


def _files(purchase: Purchase, files: Sequence[int]) -> Files | None:
    return Files(ids=files, bounds=FILES, unit=purchase.unit) if files else None


def case_facts(purchase: Purchase, at: datetime) -> dict[str, Any]:
    """What the steps of the route may depend on (``PURCHASE.facts``)."""
    early = rules.is_early(car=purchase.facts(), on=day_of(at), law=law_at(at))
    return {
        "kind": str(purchase.kind),
        "price": purchase.price_fen,
        "special": bool(purchase.special_reason),
        "early": early,
        "by_province": purchase.by_province,
    }


@transaction.atomic
def change_purchase(
    *,
    actor: Actor,
    purchase_id: int,
    facts: Mapping[str, Any],
    files: Sequence[int] = (),
    comment: str = "",
    at: datetime,
) -> Purchase:
    """Mend a purchase that was sent back or taken back, and send it again. Only the applicant."""
    purchase: Purchase = locked(
        PURCHASES, actor=actor, verb=ASK, pk=purchase_id, act="再改", to=S.PENDING
    )
    _only_applicant(purchase, actor, "改")
    Unit.objects.open().within(actor.scope(ASK)).get(pk=facts["unit_id"])
    wished = draft(actor=actor, facts=facts, at=at)
    wished.pk = purchase.pk
    verdict, holding = _judged(wished, at), DateRange(day_of(at), None)
    change(
        purchase,
        {**_whole(facts), "state": S.PENDING, "state_note": "", "holding": holding},
        actor=actor, verb="fleet.purchase.changed", at=at, verdict=verdict,
        files=_files(purchase, files),
    )  # fmt: skip
    case = opening.case_of(purchase, route=PURCHASE.key)
    if case is None:
        raise Refused(refuse("no_case", "这一件没有审批。", "它由台账登记。").refusals)
    telling.tell_checked(case=case, verdict=verdict, at=at)
    opening.resubmit(
        case=case, route=PURCHASE, unit=purchase.unit, actor=actor,
        facts=case_facts(purchase, at), summary=reading.summary_of(purchase), comment=comment,
        at=at,
    )  # fmt: skip
    purchase.refresh_from_db()
    return purchase


def _only_applicant(purchase: Purchase, actor: Actor, what: str) -> None:
    if not actor.is_system and actor.person_id != purchase.applicant_id:
        refuse(
            "not_applicant", f"只有申请人能{what}。", f"申请人：{purchase.applicant}。"
        ).enforce()


@transaction.atomic
def cancel_purchase(*, actor: Actor, purchase_id: int, reason: str, at: datetime) -> Purchase:
    """Give a purchase up (取消), with the reason; its place of the quota is free again.

    The applicant before it is agreed to; afterwards the bureau, as long as no car has come.
    """
    # Who cards for one unit may ask for another: what counts is whose this is.
    verb = CARD if PURCHASES.reaches(actor, CARD, purchase_id) else ASK
    purchase: Purchase = locked(
        PURCHASES, actor=actor, verb=verb, pk=purchase_id, act="取消", to=S.CANCELLED
    )
    if verb == ASK:
        _only_applicant(purchase, actor, "取消")
        if purchase.state == S.AGREED:
            refused = refuse("agreed", "已经批准，由公务用车管理科取消。", "联系公务用车管理员。")
            raise OutOfState(refused.refusals)
    note = reasoned(reason)
    case = opening.case_of(purchase, route=PURCHASE.key)
    if case is not None:
        opening.call_off(case=case, comment="购置取消", at=at)
    change(
        purchase,
        {"state": S.CANCELLED, "state_note": note, "holding": freed(purchase, on=day_of(at))},
        actor=actor, verb="fleet.purchase.cancelled", at=at, note=note,
    )  # fmt: skip
    return purchase


def freed(purchase: Purchase, *, on: date) -> DateRange | None:
    """The days on which a purchase took a place that takes none any more, from a day on."""
    held: DateRange | None = purchase.holding
    if held is None or held.upper is not None:
        return held
    return DateRange(held.lower, on) if held.lower < on else None


@transaction.atomic
def set_document(*, actor: Actor, purchase_id: int, document: str, at: datetime) -> Purchase:
    """Write down the 文号 of the document that approves a purchase (登记文号)."""
    purchase: Purchase = locked(
        PURCHASES, actor=actor, verb=ENTER, pk=purchase_id, act="登记文号", when=DOCUMENTED
    )
    if not document.strip():
        refuse("document_missing", "没有填文号。", "填批准文件的文号。", field="document").enforce()
    if purchase.document != document.strip():
        facts = {"document": document}
        change(purchase, facts, actor=actor, verb="fleet.purchase.documented", at=at)
    return purchase


# ── what the approval leads to ─────────────────────────────────────────────────────────────


def _of_case(purchase_id: int) -> Purchase:
    found: Purchase = (
        Purchase.objects.select_for_update(of=("self",)).select_related("unit").get(pk=purchase_id)
    )
    return found


def _agreed(purchase: Purchase, act: Act) -> None:
    """The purchase waits for its car, or for the province's answer."""
    if purchase.by_province:
        news.move(purchase, S.REPORTED)
        bus.publish(PurchaseReported(purchase_id=purchase.pk))
        return
    news.move(purchase, S.AGREED, approved_on=day_of(act.at))
    bus.publish(PurchaseAgreed(purchase_id=purchase.pk))


def _ends(state: PurchaseState, *, told: bool = True) -> news.Then:
    """It takes no place any more: from the day on that somebody sent it back or ended it."""
    return lambda purchase, act: news.move(
        purchase, state, act.comment if told else "", holding=freed(purchase, on=day_of(act.at))
    )


OF_PURCHASES = news.Follow(
    route=PURCHASE.key, row=_of_case, agreed=_agreed, returned=_ends(PurchaseState.RETURNED),
    withdrawn=_ends(PurchaseState.WITHDRAWN, told=False), stopped=_ends(PurchaseState.REFUSED),
)  # fmt: skip


@transaction.atomic
def decide_from_province(
    *, actor: Actor, number: str, agreed: bool, document: str, comment: str, at: datetime
) -> Purchase:
    """The province's answer to a purchase that was reported to it (省级批复).

    The same answer twice changes nothing. Needs ``fleet.purchase.card``.
    """
    actor.must(CARD)
    pk = Purchase.objects.values_list("pk", flat=True).get(number=number)
    purchase: Purchase = locked(PURCHASES, actor=actor, verb=CARD, pk=pk)
    done = S.AGREED if agreed else S.REFUSED
    if purchase.by_province and purchase.state in (done, S.CARDED):
        return purchase
    if purchase.state != S.REPORTED:
        state = PurchaseState(purchase.state).label
        refuse(
            "not_reported", f"{number} {state}，没有在等省级批复。", "核对编号后再发。"
        ).enforce()
    if agreed and not document.strip():
        refuse("document_missing", "批复没有文号。", "补上批复文号。", field="document").enforce()
    told: list[object] = [PurchaseAnswered(purchase_id=purchase.pk, at=at)]
    facts: dict[str, Any] = {"state": done, "document": document, "state_note": ""}
    if agreed:
        facts["approved_on"] = day_of(at)
        told.insert(0, PurchaseAgreed(purchase_id=purchase.pk))
    else:
        facts |= {
            "document": purchase.document, "state_note": comment[:NOTE_MAX],
            "holding": freed(purchase, on=day_of(at)),
        }  # fmt: skip
    change(
        purchase, facts, actor=actor, verb="fleet.purchase.answered", at=at, note=comment,
        news=told,
    )  # fmt: skip
    return purchase


# Papers of a purchase may be removed only while it is being mended.
may_take_off = guards.only_in(Purchase.objects.all, MENDING)
