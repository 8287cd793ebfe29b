"""What happened to a peer; ids only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PeerPaused:
    """We stopped calling a peer by ourselves: too many failures, or it does not know us."""

    peer_id: int
    reason: str
    at: datetime
