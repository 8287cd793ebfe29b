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
