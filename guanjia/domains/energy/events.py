"""What happened to returns; ids only. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FilingsOpened:
    """A period was opened for reporting; its institutions are told."""

    filing_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class FilingMoved:
    """A filing went to another desk, came back, was accepted or opened again."""

    filing_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class FilingsUrged:
    """Somebody reminds the institutions that have not reported."""

    filing_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class SchemeJoined:
    """Institutions begin to score themselves in a scheme."""

    assessment_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class SchemePublished:
    """The ranks of a scheme are final."""

    scheme_id: int
    at: datetime


@dataclass(frozen=True)
class AssessmentMoved:
    """An assessment went to another desk, came back, or was decided."""

    assessment_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class AssessmentsUrged:
    """Institutions whose own scores are due soon, or late."""

    assessment_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class Appealed:
    """An institution holds something against its points, or the city has answered."""

    appeal_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class MetersAlarmed:
    """Something odd was found about meters; who fills in and who keeps them hears of it."""

    alarm_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class QuotaCasesAsked:
    """Institutions over their quota are asked why, or reminded that they were (``urged``)."""

    case_ids: tuple[int, ...]
    urged: bool
    at: datetime


@dataclass(frozen=True)
class QuotaCaseMoved:
    """An explanation came in, was taken or given back, or is owed no more."""

    case_id: int
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class SampleDrawn:
    """Institutions were drawn to be checked."""

    check_ids: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class SampleDiffers:
    """What an institution told differs from what was proven by more than is allowed."""

    check_id: int
    at: datetime
