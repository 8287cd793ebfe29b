"""Kinds of days. Pure."""

from dataclasses import dataclass
from datetime import date

from guanjia.kernel.values.term import Term


class DayKind(Term):
    """What a day is for work; the last two differ from what its weekday says."""

    WORKDAY = "WORKDAY", "工作日"
    REST = "REST", "休息日"
    HOLIDAY = "HOLIDAY", "法定节假日"
    SHIFTED = "SHIFTED", "调休上班"

    @property
    def works(self) -> bool:
        """Whether offices work on such a day."""
        return self in (DayKind.WORKDAY, DayKind.SHIFTED)


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day with its kind; ``name`` is the holiday's.

    ``known`` is false where no calendar was published for the year and only the weekday speaks;
    ``by_hand`` is true where the editable table over the published calendar decided. The days of
    a published holiday are all HOLIDAY, also those that were moved there by 调休.
    """

    date: date
    kind: DayKind
    name: str = ""
    known: bool = True
    by_hand: bool = False
    reason: str = ""

    @property
    def works(self) -> bool:
        """Whether offices work that day."""
        return self.kind.works

    def label(self) -> str:
        """The kind, with the holiday's name: ``法定节假日（国庆节）``."""
        return f"{self.kind.label}（{self.name}）" if self.name else self.kind.label
