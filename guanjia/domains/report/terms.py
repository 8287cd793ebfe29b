"""Which figures the report prints, for which part of the period, and how. Pure.

A binding ties a place in the report to a figure of a department by its key alone, so that a
department that is not installed is simply absent from the report.
"""

from dataclasses import dataclass
from datetime import date

from guanjia.kernel.values.period import Period
from guanjia.kernel.values.rounding import Style


@dataclass(frozen=True, kw_only=True)
class Binding:
    """One figure in the report.

    ``first_half_months``: the months a first-half report speaks of, first and last, where it is
    written before the half-year ends and some figures are not closed yet; ``None`` is all of it.
    ``unit``: as the sentence says it; empty takes the figure's own.
    """

    figure: str
    first_half_months: tuple[int, int] | None = None
    style: Style = Style.EXACT
    unit: str = ""

    def period_of(self, period: Period) -> Period:
        """The part of the report's period that the figure is read for."""
        if self.first_half_months is None or not is_first_half(period):
            return period
        return period.months(*self.first_half_months)


def is_first_half(period: Period) -> bool:
    """Whether the period is January to June of one year."""
    year = period.start.year
    return (period.start, period.end) == (date(year, 1, 1), date(year, 7, 1))


# The half-year report is written in June: of the trips it can only tell what May has closed.
BINDINGS: tuple[Binding, ...] = (
    Binding(figure="fleet.trips", first_half_months=(1, 5)),
    Binding(figure="fleet.km", first_half_months=(1, 5), style=Style.WAN),
    Binding(figure="fleet.epidemic_trips"),
    Binding(figure="fleet.epidemic_km"),
    Binding(figure="fleet.renewed"),
    Binding(figure="fleet.auctioned"),
    Binding(figure="fleet.auction_proceeds", style=Style.WAN),
    Binding(figure="fleet.scrapped"),
    Binding(figure="space.reallocated_units"),
    Binding(figure="space.reallocated_area", style=Style.WAN),
    Binding(figure="space.inspection_start"),
    Binding(figure="space.inspection_end"),
    Binding(figure="meeting.held"),
    Binding(figure="energy.provincial_rank"),
    Binding(figure="energy.small_city_rank"),
    Binding(figure="energy.directory_units"),
    Binding(figure="energy.online_assessed_units"),
    Binding(figure="energy.audits_completed"),
    Binding(figure="energy.national_demo_guided"),
    Binding(figure="energy.provincial_demo_recommended"),
)
