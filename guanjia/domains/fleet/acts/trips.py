"""What may be done about a trip (派车单) on its page; approving it is the case's."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from guanjia.domains.fleet.actions import dispatching, journeys
from guanjia.domains.fleet.actions import requests as actions
from guanjia.domains.fleet.acts import trip_holders, trip_offers
from guanjia.domains.fleet.forms import requests as forms
from guanjia.domains.fleet.models import Trip
from guanjia.domains.fleet.queries.sheets import TRIPS
from guanjia.domains.fleet.terms.trips import OPEN_STATES
from guanjia.domains.fleet.terms.trips import TripState as S
from guanjia.kernel.values.actor import Actor
from guanjia.ui.acts.declaration import Act

REQUEST, DISPATCH, CORRECT = "fleet.trip.request", "fleet.trip.dispatch", "fleet.trip.correct"
_BEFORE = (*OPEN_STATES, S.DISPATCHED)


def _then(done: str) -> Any:
    """What was done, and in whose hands the trip is now."""

    def said(trip: Trip) -> str:
        then = trip_holders.next_line(trip, on=timezone.localdate())
        return f"{done}，{then}" if then else done

    return said


def _offered(name: str) -> Any:
    """Whether a trip's page offers an act: only to those whose trip it is, or who send cars."""

    def offered(trip: Trip, actor: Actor) -> bool:
        return bool(getattr(trip_offers.acts_for(actor=actor, trip=trip), name))

    return offered


def _times(trip: Any, _: date) -> Mapping[str, Any]:
    return {"planned_from": trip.planned_from, "planned_to": trip.planned_to}


def _readings(trip: Any, _: date) -> Mapping[str, Any]:
    return {"start_km": trip.start_km, "end_km": trip.end_km}


CORRECTED = Act(
    key="correct", title="更正里程", on=TRIPS, verb=CORRECT, when=(S.FINISHED,),
    form=forms.Correct, first=_readings, offered=_offered("correct"),
    do=journeys.correct_odometer, keep="不更正", main=False, said=_then("已更正里程"),
    lead="更正前后都留痕，须与前后两单接得上",
)  # fmt: skip
CANCEL = Act(
    key="cancel", title="取消用车", on=TRIPS, verb=REQUEST, when=_BEFORE, also={DISPATCH: _BEFORE},
    form=forms.Cancel, offered=_offered("cancel"), do=actions.cancel_trip, keep="不取消",
    main=False, said=_then("已取消"), lead="不再用车，已派的车放回。取消后不能恢复",
)  # fmt: skip
RECALL = Act(
    key="recall", title="不派了", on=TRIPS, verb=DISPATCH, when=(S.DISPATCHED,),
    form=forms.Recall, offered=_offered("recall"), do=dispatching.recall_trip, keep="照旧派",
    main=False, said=_then("已收回派车"),
    lead="车放回，这一单回到待派车，合乘的单一并回到待派车",
)  # fmt: skip
REPLAN = Act(
    key="replan", title="改时间", on=TRIPS, verb=DISPATCH, when=(S.APPROVED, S.DISPATCHED),
    form=forms.Replan, first=_times, offered=_offered("replan"), do=dispatching.replan_trip,
    keep="不改", main=False, said=_then("已改时间"), lead="与用车人商定后改；已派的车那时须空着",
)  # fmt: skip
RATE = Act(
    key="rate", title="评价", button="提交评价", on=TRIPS, verb=REQUEST, when=(S.FINISHED,),
    form=forms.Rate, offered=_offered("rate"), do=actions.rate_trip, keep="不评价",
    said=_then("已评价"),
)  # fmt: skip

# In the order of the buttons on the page; the rating is filled in on the page itself.
BEFORE_APPROVAL, AFTER_APPROVAL = (CORRECTED, CANCEL), (RECALL, REPLAN)
ACTS = (*BEFORE_APPROVAL, *AFTER_APPROVAL, RATE)
