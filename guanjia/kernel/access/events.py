"""What happened to accounts and duties; ids and the moment."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class DutiesChanged:
    """An account won or lost a duty (``""``: all of them), or was suspended or reopened."""

    account_id: int
    at: datetime
    duty: str = ""
