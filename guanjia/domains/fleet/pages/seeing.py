"""Wiring of oversight and sealing: subjects, routes, subscriptions, notices. Called by ``apps``."""

from guanjia.domains.fleet import approvals
from guanjia.domains.fleet.actions import sealing
from guanjia.domains.fleet.notices import oversight as notices
from guanjia.domains.fleet.queries import oversight as findings
from guanjia.domains.fleet.queries import sealing as seals
from guanjia.kernel.access import subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.events import bus
from guanjia.kernel.notices import kinds


def declare() -> None:
    """Make known what others refer to, and hear of what approvals decide."""
    subjects.declare(
        Subject(
            model="fleet.finding",
            title="督车事项",
            page="fleet:finding",
            sees=findings.sees_finding,
        ),
        Subject(
            model="fleet.monthlylist",
            title="月度督车清单",
            page="fleet:monthly_list",
            sees=lambda actor, _: actor.can("fleet.oversight.see"),
        ),
        Subject(
            model="fleet.sealing",
            title="节假日封存",
            page="fleet:sealing",
            sees=lambda actor, _: actor.can("fleet.seal.see"),
        ),
        Subject(
            model="fleet.sealedcar",
            title="封存车辆",
            page="fleet:sealed_car",
            sees=seals.sees_sealed,
        ),
    )
    routes.enlist(approvals.SEALING_EXCEPTION)
    bus.subscribe(CaseAgreed, sealing.agreed)
    bus.subscribe(CaseReturned, sealing.returned)
    bus.subscribe(CaseWithdrawn, sealing.withdrawn)
    bus.subscribe(CaseStopped, sealing.stopped)
    kinds.declare(*notices.KINDS)
    notices.subscribe()
