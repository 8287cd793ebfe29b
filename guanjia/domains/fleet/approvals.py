"""The approval routes (审批流程) of the department, as data."""

from dataclasses import dataclass

from guanjia.kernel.approvals.terms import Route, Step


@dataclass(frozen=True)
class TripCase:
    """What the route of a trip depends on: whether it touches a rest day."""

    on_rest_day: bool


TRIP = Route(
    key="fleet.trip",
    title="用车审批",
    version=1,
    steps=(
        Step(
            key="unit",
            title="单位审批",
            verb="fleet.trip.approve",
            when=lambda facts: not facts.on_rest_day,
        ),
        Step(
            key="head",
            title="主要负责人审批",
            verb="fleet.trip.approve_rest_day",
            when=lambda facts: facts.on_rest_day,
        ),
    ),
)
