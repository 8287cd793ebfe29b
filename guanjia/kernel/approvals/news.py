"""Hearing of what approvals decide: a department's four answers, subscribed at once."""

from typing import Protocol

from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.events import bus


class Acts(Protocol):
    """What a department does when a case of its own ends or comes back; a module will do."""

    def agreed(self, news: CaseAgreed, /) -> object:
        """The last step was agreed to."""

    def returned(self, news: CaseReturned, /) -> object:
        """The case is back with its applicant."""

    def withdrawn(self, news: CaseWithdrawn, /) -> object:
        """The applicant took it back."""

    def stopped(self, news: CaseStopped, /) -> object:
        """It was ended for good."""


def follow(acts: Acts) -> None:
    """Tell these acts of every case; they look at the route themselves."""
    bus.subscribe(CaseAgreed, acts.agreed)
    bus.subscribe(CaseReturned, acts.returned)
    bus.subscribe(CaseWithdrawn, acts.withdrawn)
    bus.subscribe(CaseStopped, acts.stopped)
