"""Where a car was seen, and by whom (行车线索). Pure."""

from dataclasses import dataclass
from datetime import datetime

from guanjia.kernel.values.term import Term


class SightingSource(Term):
    """Who tells that a car was somewhere (线索来源)."""

    TOLL = "TOLL", "收费站"
    FUEL = "FUEL", "加油站"
    FINE = "FINE", "违法记录"
    CHECK = "CHECK", "现场检查"
    REPORT = "REPORT", "群众反映"
    TRACK = "TRACK", "车载定位"


@dataclass(frozen=True, kw_only=True)
class SightingFacts:
    """A car at a place at an instant; ``area`` is ``""`` where nobody knows in which one."""

    at: datetime
    place: str
    area: str = ""
    source: SightingSource
