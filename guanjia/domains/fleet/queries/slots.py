"""Which journeys were under way in an hour of the week (在途时段)."""

from datetime import timedelta
from typing import Any

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Func, Value
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Mod

from guanjia.kernel.values.period import SHANGHAI

_DAY, _WEEK = 24, 168


def under_way(rows: Any, weekday: int, hour: int) -> Any:
    """The journeys that were out in an hour of a weekday (1 is Monday), whichever week.

    From the hour in which one went it is so many hours to the next such hour; it was under way
    then if it came back after that began.
    """
    wanted = (weekday - 1) * _DAY + hour
    began = (ExtractIsoWeekDay("went_at", tzinfo=SHANGHAI) - 1) * _DAY
    ahead = Mod(Value(wanted + _WEEK) - (began + ExtractHour("went_at", tzinfo=SHANGHAI)), _WEEK)
    later = ExpressionWrapper(
        F("_ahead") * Value(timedelta(hours=1), output_field=DurationField()),
        output_field=DurationField(),
    )
    # The hours of Shanghai begin with those of everybody, so the moment is cut as it is kept.
    began_at = Func(
        Value("hour"), F("went_at"), function="date_trunc", output_field=DateTimeField()
    )
    begins = ExpressionWrapper(began_at + later, output_field=DateTimeField())
    return rows.alias(_ahead=ahead).filter(back_at__gt=begins)
