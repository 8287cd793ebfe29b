"""Trips over the API: the same actions as the pages, one call each.

Times carry their zone; money is in 分, distances in 公里. What a rule refuses is 422 with every
finding and its 依据; what lies outside the scope is 404.
"""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Field, Query, Router, Schema
from pydantic import AwareDatetime, ConfigDict

from guanjia.domains.fleet.actions import dispatching, journeys, requests
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.queries import sheets
from guanjia.domains.fleet.terms.trips import Paper, Purpose, TripState
from guanjia.kernel.regulations.verdict import Verdict
from guanjia.kernel.values.actor import Scope
from guanjia.ui.pages import needs, needs_sign_in

SEE, ASK, DISPATCH = "fleet.trip.see", "fleet.trip.request", "fleet.trip.dispatch"
_PER_PAGE_MAX = 200
_KM_MAX = 3_000_000

router = Router(tags=["公务用车"])

Text = Annotated[str, Field(min_length=1, max_length=100)]
Note = Annotated[str, Field(max_length=200)]
Km = Annotated[int, Field(ge=0, le=_KM_MAX)]
Fen = Annotated[int | None, Field(ge=0, le=10_000_000, description="分")]
Litres = Annotated[Decimal | None, Field(ge=0, le=9999, decimal_places=2)]


def _shows(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class TripOut(Schema):
    """A trip as it stands."""

    id: int
    number: str
    state: TripState
    state_title: str = Field(description="状态的名称")
    unit_id: int
    unit: str
    rider: str
    purpose: Purpose
    reason: str
    origin: str
    destination: str
    passengers: int
    planned_from: AwareDatetime
    planned_to: AwareDatetime
    went_at: AwareDatetime | None
    back_at: AwareDatetime | None
    plate: str | None = Field(description="号牌号码；合乘时是同车那一单的")
    driver: str | None
    shares_id: int | None
    start_km: int | None
    end_km: int | None
    driven: int | None = Field(description="行驶里程，公里")
    urgent_reason: str
    paper: Paper
    stars: int | None


class TripsOut(Schema):
    """One page of trips, those that go last first."""

    count: int
    page: int
    rows: list[TripOut]


class RequestIn(Schema):
    """A request for a car (用车申请)."""

    model_config = _shows(
        unit_id=36, rider_name="莫兴", purpose="POVERTY", reason="走访昌南湖社区",
        origin="市发展中心", destination="昌南湖社区", passengers=5,
        planned_from="2020-05-20T08:30:00+08:00", planned_to="2020-05-20T15:30:00+08:00",
    )  # fmt: skip

    unit_id: int
    rider_name: Annotated[str, Field(min_length=1, max_length=60)]
    rider_id: int | None = None
    rider_mobile: Annotated[str, Field(max_length=20)] = ""
    purpose: Purpose
    reason: Text
    origin: Text
    destination: Text
    passengers: Annotated[int, Field(ge=1, le=80)]
    planned_from: AwareDatetime
    planned_to: AwareDatetime
    rest_day_reason: Annotated[str, Field(max_length=100)] = ""
    wished_car_id: int | None = None

    def facts(self) -> dict[str, Any]:
        """What the actions take."""
        return {name: getattr(self, name) for name in RequestIn.model_fields}


class NewIn(RequestIn):
    """A new request; ``once`` makes sending it twice harmless."""

    once: UUID | None = None


class ChangeIn(RequestIn):
    """A changed request and what was changed."""

    comment: Annotated[str, Field(max_length=100)] = ""


class OpinionIn(Schema):
    """An approver's 意见."""

    model_config = _shows(comment="同意")

    comment: Note = ""
    step_id: int | None = None


class ReturnIn(OpinionIn):
    """What to mend; to which step it goes, counted from 0 (else the applicant); 改后直接回来."""

    to_position: Annotated[int | None, Field(ge=0, le=100)] = None
    straight: bool = False


class HandOverIn(Schema):
    """To whom the decision goes."""

    model_config = _shows(person_id=17, comment="本周由您代办")

    person_id: int
    comment: Note = ""


class ReasonIn(Schema):
    """Why."""

    model_config = _shows(reason="会议改期")

    reason: Note = ""


class DispatchIn(Schema):
    """The car, and the driver unless the usual one is to be taken."""

    model_config = _shows(car_id=12, driver_id=49)

    car_id: int
    driver_id: int | None = None


class ReplanIn(Schema):
    """Another time."""

    model_config = _shows(
        planned_from="2020-05-20T09:30:00+08:00", planned_to="2020-05-20T16:00:00+08:00"
    )

    planned_from: AwareDatetime
    planned_to: AwareDatetime
    reason: Note = ""


class ShareIn(Schema):
    """Whose car is shared."""

    model_config = _shows(carrier_id=2219)

    carrier_id: int


class UrgentIn(RequestIn, DispatchIn):
    """An emergency: the request, the car, and why it goes before its papers."""

    model_config = _shows(
        unit_id=36, rider_name="莫兴", purpose="EMERGENCY", reason="防汛抢险",
        origin="市发展中心", destination="鹅湖镇", passengers=3, car_id=12,
        planned_from="2020-05-20T08:30:00+08:00", planned_to="2020-05-20T15:30:00+08:00",
        urgent_reason="汛情紧急，来不及审批",
    )  # fmt: skip

    urgent_reason: Text
    once: UUID | None = None


class DepartIn(Schema):
    """The odometer at departure; ``went_at`` when it is told later."""

    model_config = _shows(start_km=59251, went_at="2020-05-20T08:30:00+08:00")

    start_km: Km
    went_at: AwareDatetime | None = None


class FinishIn(Schema):
    """The odometer at return, and what the way cost."""

    model_config = _shows(end_km=59558, parking_fen=1000, back_at="2020-05-20T14:57:00+08:00")

    end_km: Km
    back_at: AwareDatetime | None = None
    toll_fen: Fen = None
    parking_fen: Fen = None
    fuel_l: Litres = None
    fuel_fen: Fen = None


class CorrectIn(Schema):
    """Both readings and why they are corrected."""

    model_config = _shows(start_km=59251, end_km=59585, reason="末两位抄反")

    start_km: Km
    end_km: Km
    reason: Note


class RateIn(Schema):
    """One to five stars."""

    model_config = _shows(stars=5, comment="准时")

    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Note = ""


class PaperIn(Schema):
    """What the papers of an emergency may mend."""

    model_config = _shows(reason="防汛抢险", passengers=3, comment="补办手续")

    rider_name: Annotated[str | None, Field(min_length=1, max_length=60)] = None
    rider_mobile: Annotated[str | None, Field(max_length=20)] = None
    purpose: Purpose | None = None
    reason: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    passengers: Annotated[int | None, Field(ge=1, le=80)] = None
    comment: Note = ""


class CheckOut(Schema):
    """What the rules say of a request: ``refusals`` block, ``warnings`` let pass."""

    allowed: bool
    refusals: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


def _out(trip: Trip) -> dict[str, Any]:
    car, driver = trip.carrier.car, trip.carrier.driver
    names = (
        "id", "number", "state", "unit_id", "purpose", "reason", "origin", "destination",
        "passengers", "planned_from", "planned_to", "went_at", "back_at", "shares_id", "start_km",
        "end_km", "driven", "urgent_reason", "paper", "stars",
    )  # fmt: skip
    return {name: getattr(trip, name) for name in names} | {
        "state_title": TripState(trip.state).label,
        "unit": str(trip.unit),
        "rider": trip.rider_name,
        "plate": car.plate if car else None,
        "driver": driver.name if driver else None,
    }


def _again(trip: Trip) -> dict[str, Any]:
    """The trip an action returned, with everything that is told of it."""
    return _out(sheets.trip(scope=Scope.all(), trip_id=trip.pk))


@router.get("/trips", response=TripsOut, summary="派车单")
@needs(SEE)
def trips(
    request: Any,
    state: TripState | None = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=_PER_PAGE_MAX)] = 50,
) -> dict[str, Any]:
    """The trips inside the caller's scope; filters and totals are at the register's own address."""
    rows = sheets.trips(request.scope).order_by("-planned_from", "-pk")
    if state is not None:
        rows = rows.filter(state=state)
    first = (page - 1) * per_page
    return {
        "count": rows.count(),
        "page": page,
        "rows": [_out(trip) for trip in rows[first : first + per_page]],
    }


@router.get("/trips/{int:trip_id}", response=TripOut, summary="一张派车单")
@needs(SEE)
def trip(request: Any, trip_id: int) -> dict[str, Any]:
    """One trip inside the scope."""
    return _out(sheets.trip(scope=request.scope, trip_id=trip_id))


@router.post("/trips", response=TripOut, summary="申请用车")
@needs(ASK)
def ask(request: Any, body: NewIn) -> dict[str, Any]:
    """Ask for a car; opens the unit's approval."""
    return _again(
        requests.request_trip(
            actor=request.actor, facts=body.facts(), once=body.once, at=timezone.now()
        )
    )


@router.post("/trips/check", response=CheckOut, summary="核对申请")
@needs(ASK)
def check(request: Any, body: RequestIn) -> dict[str, Any]:
    """What the rules say of a request; nothing is written."""
    at = timezone.now()
    draft = requests.draft(actor=request.actor, facts=body.facts(), at=at)
    verdict: Verdict = requests.judge_request(trip=draft, at=at)
    told = verdict.as_json()
    return {
        "allowed": verdict.allowed,
        "refusals": told.get("refusals", []),
        "warnings": told.get("warnings", []),
    }


@router.post("/trips/urgent", response=TripOut, summary="应急先派")
@needs(DISPATCH)
def urgent(request: Any, body: UrgentIn) -> dict[str, Any]:
    """Send a car first; the papers are owed."""
    facts = body.facts()
    facts.pop("wished_car_id")
    return _again(
        dispatching.dispatch_urgently(
            actor=request.actor, facts=facts, car_id=body.car_id, driver_id=body.driver_id,
            reason=body.urgent_reason, once=body.once, at=timezone.now(),
        )
    )  # fmt: skip


@router.post("/trips/{int:trip_id}/change", response=TripOut, summary="修改申请")
@needs(ASK)
def change(request: Any, trip_id: int, body: ChangeIn) -> dict[str, Any]:
    """Change a request that has no car yet; it is approved anew."""
    return _again(
        requests.change_trip(
            actor=request.actor, trip_id=trip_id, facts=body.facts(), comment=body.comment,
            at=timezone.now(),
        )
    )  # fmt: skip


@router.post("/trips/{int:trip_id}/approve", response=TripOut, summary="同意")
@needs_sign_in
def approve(request: Any, trip_id: int, body: OpinionIn) -> dict[str, Any]:
    """Agree, by whoever holds the step."""
    return _again(
        requests.approve_trip(
            actor=request.actor, trip_id=trip_id, step_id=body.step_id, comment=body.comment,
            at=timezone.now(),
        )
    )  # fmt: skip


@router.post("/trips/{int:trip_id}/return", response=TripOut, summary="退回")
@needs_sign_in
def send_back(request: Any, trip_id: int, body: ReturnIn) -> dict[str, Any]:
    """Send back to the applicant or an earlier step, saying what to mend."""
    return _again(
        requests.return_trip(actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict())
    )


@router.post("/trips/{int:trip_id}/hand-over", response=TripOut, summary="转给他人办")
@needs_sign_in
def hand_over(request: Any, trip_id: int, body: HandOverIn) -> dict[str, Any]:
    """Give the decision to a colleague of the unit."""
    return _again(
        requests.hand_over_trip(
            actor=request.actor, trip_id=trip_id, person_id=body.person_id, comment=body.comment,
            at=timezone.now(),
        )
    )  # fmt: skip


@router.post("/trips/{int:trip_id}/withdraw", response=TripOut, summary="撤回")
@needs(ASK)
def withdraw(request: Any, trip_id: int) -> dict[str, Any]:
    """Take a request back before it is decided."""
    at = timezone.now()
    return _again(requests.withdraw_trip(actor=request.actor, trip_id=trip_id, at=at))


@router.post("/trips/{int:trip_id}/cancel", response=TripOut, summary="取消用车")
@needs(ASK)
def cancel(request: Any, trip_id: int, body: ReasonIn) -> dict[str, Any]:
    """Cancel with the reason; the applicant or a dispatcher."""
    return _again(
        requests.cancel_trip(
            actor=request.actor, trip_id=trip_id, reason=body.reason, at=timezone.now()
        )
    )


@router.post("/trips/{int:trip_id}/dispatch", response=TripOut, summary="派车")
@needs(DISPATCH)
def dispatch(request: Any, trip_id: int, body: DispatchIn) -> dict[str, Any]:
    """Give a car and a driver, or change them."""
    return _again(
        dispatching.dispatch_trip(
            actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict()
        )
    )


@router.post("/trips/{int:trip_id}/recall", response=TripOut, summary="不派了")
@needs(DISPATCH)
def recall(request: Any, trip_id: int, body: ReasonIn) -> dict[str, Any]:
    """Take a dispatch back before the car goes."""
    return _again(
        dispatching.recall_trip(
            actor=request.actor, trip_id=trip_id, reason=body.reason, at=timezone.now()
        )
    )


@router.post("/trips/{int:trip_id}/replan", response=TripOut, summary="改时间")
@needs(DISPATCH)
def replan(request: Any, trip_id: int, body: ReplanIn) -> dict[str, Any]:
    """Move a trip to another time as agreed with the rider."""
    return _again(
        dispatching.replan_trip(
            actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict()
        )
    )


@router.post("/trips/{int:trip_id}/share", response=TripOut, summary="合乘")
@needs(DISPATCH)
def share(request: Any, trip_id: int, body: ShareIn) -> dict[str, Any]:
    """Let a waiting request share the car of another trip."""
    return _again(
        dispatching.share_trip(
            actor=request.actor, trip_id=trip_id, carrier_id=body.carrier_id, at=timezone.now()
        )
    )


@router.post("/trips/{int:trip_id}/depart", response=TripOut, summary="出车")
@needs(SEE)
def depart(request: Any, trip_id: int, body: DepartIn) -> dict[str, Any]:
    """Go out; the trip's driver or a dispatcher."""
    return _again(
        journeys.depart_trip(actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict())
    )


@router.post("/trips/{int:trip_id}/finish", response=TripOut, summary="收车")
@needs(SEE)
def finish(request: Any, trip_id: int, body: FinishIn) -> dict[str, Any]:
    """Come back; the trip's driver or a dispatcher."""
    return _again(
        journeys.finish_trip(actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict())
    )


@router.post("/trips/{int:trip_id}/correct", response=TripOut, summary="更正里程")
@needs("fleet.trip.correct")
def correct(request: Any, trip_id: int, body: CorrectIn) -> dict[str, Any]:
    """Correct the readings of a finished trip; they must fit between the neighbours."""
    return _again(
        journeys.correct_odometer(
            actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict()
        )
    )


@router.post("/trips/{int:trip_id}/rate", response=TripOut, summary="评价")
@needs(ASK)
def rate(request: Any, trip_id: int, body: RateIn) -> dict[str, Any]:
    """Rate a finished trip, once."""
    return _again(
        requests.rate_trip(actor=request.actor, trip_id=trip_id, at=timezone.now(), **body.dict())
    )


@router.post("/trips/{int:trip_id}/paper", response=TripOut, summary="应急补单")
@needs("fleet.trip.paper")
def paper(request: Any, trip_id: int, body: PaperIn) -> dict[str, Any]:
    """Bring the papers of an emergency dispatch."""
    facts = body.dict(exclude={"comment"}, exclude_none=True)
    return _again(
        requests.paper_trip(
            actor=request.actor, trip_id=trip_id, facts=facts, comment=body.comment,
            at=timezone.now(),
        )
    )  # fmt: skip
