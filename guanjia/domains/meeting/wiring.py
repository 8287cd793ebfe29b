"""What the department makes known to the house."""

from guanjia.domains.meeting import figures, notices, queries
from guanjia.domains.meeting.duties import DUTIES, VERBS
from guanjia.domains.meeting.menu import SECTIONS, SERVICES
from guanjia.domains.meeting.registers import REGISTERS
from guanjia.domains.meeting.terms import RECORDED
from guanjia.domains.meeting.waiting import SOURCES
from guanjia.kernel.access import duties, subjects
from guanjia.kernel.figures import catalogue as figure_catalogue
from guanjia.kernel.notices import kinds
from guanjia.kernel.registers import catalogue as registers
from guanjia.ui import menu, services, trail, waiting


def wire() -> None:
    """Make it all known; called once, when the models are ready."""
    duties.declare(*DUTIES)
    duties.name_verbs(VERBS)
    subjects.declare(queries.BOOKINGS, queries.ROOMS)
    kinds.declare(*notices.KINDS)
    notices.subscribe()
    registers.enlist(*(register for _, register in REGISTERS))
    figure_catalogue.enlist(*figures.ALL)
    menu.enlist(*SECTIONS)
    trail.name_acts(RECORDED)
    services.enlist(*SERVICES)
    waiting.enlist(*SOURCES)
