"""The nouns of the analysis of use (用车分析), and the facts its rules judge. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class UseFacts:
    """How much a car was out, and how much it could have been, over a period.

    ``days_used`` are working days on which it was out, ``days_there`` those on which it was there
    to be used; ``minutes_out`` lie within office hours of those days, ``minutes_open`` are all of
    them.
    """

    days_used: int
    days_there: int
    minutes_out: Decimal
    minutes_open: Decimal


@dataclass(frozen=True, kw_only=True)
class Service:
    """The days on which a car was there: from its registration to the day it left (half-open)."""

    since: date
    until: date | None = None
