"""What the department makes known to the house, and where its news goes."""

from types import ModuleType

from guanjia.domains.fleet import approvals, figures, vouchers
from guanjia.domains.fleet.actions import (
    card_news,
    decided,
    disposal_news,
    following,
    network,
    order_news,
    oversight,
    papers,
    purchases,
    quotas,
    sealing,
)
from guanjia.domains.fleet.acts import trip_holders
from guanjia.domains.fleet.duties import DUTIES, VERBS
from guanjia.domains.fleet.events import CarDisposed, TripFinished
from guanjia.domains.fleet.exchange import catalogue as exchange
from guanjia.domains.fleet.menu import SECTIONS, SERVICES
from guanjia.domains.fleet.notices import bills as bill_notices
from guanjia.domains.fleet.notices import disposals as disposal_notices
from guanjia.domains.fleet.notices import oversight as oversight_notices
from guanjia.domains.fleet.notices import purchases as purchase_notices
from guanjia.domains.fleet.notices import trips as trip_notices
from guanjia.domains.fleet.pages import disposal_view, front, order_view, purchase_view
from guanjia.domains.fleet.queries import archive, bills, publications, sheets, upkeep, withheld
from guanjia.domains.fleet.queries import costs as cost_queries
from guanjia.domains.fleet.queries import disposals as disposal_queries
from guanjia.domains.fleet.queries import oversight as finding_queries
from guanjia.domains.fleet.queries import purchases as purchase_queries
from guanjia.domains.fleet.queries import quotas as quota_queries
from guanjia.domains.fleet.queries import sealing as seals
from guanjia.domains.fleet.registers.catalogue import REGISTERS
from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.recorded import FACTS, RECORDED
from guanjia.domains.fleet.terms.trips import Purpose
from guanjia.domains.fleet.waiting.catalogue import SOURCES
from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access import withheld as kernel_withheld
from guanjia.kernel.approvals import news, routes
from guanjia.kernel.approvals.routes import Route
from guanjia.kernel.attachments import guards
from guanjia.kernel.attachments.guards import MayRemove
from guanjia.kernel.events import bus
from guanjia.kernel.exchange import takers
from guanjia.kernel.figures import catalogue as figure_catalogue
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings import declaration as finding_kinds
from guanjia.kernel.notices import kinds
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.regulations import lawbook
from guanjia.kernel.vouchers import kinds as voucher_kinds
from guanjia.ui import menu, search, services, sides, started, trail, waiting
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import NextLine

SUBJECTS = (
    sheets.TRIPS,
    quota_queries.CHANGES,
    purchase_queries.PURCHASES,
    disposal_queries.DISPOSALS,
    upkeep.ORDERS,
    upkeep.ACCIDENTS,
    upkeep.FINES,
    bills.BILLS,
    publications.NOTICES,
    finding_queries.FINDINGS,
    finding_queries.LISTS,
    seals.SEALINGS,
    archive.CARS,
    archive.DRIVERS,
    cost_queries.COSTS,
    cost_queries.CARDS,
    disposal_queries.LOTS,
    seals.SEALED,
)  # fmt: skip
# What the entries of tables in the law are called.
ENTRIES = {str(term.value): term.label for term in (*Use, *Purpose)} | {
    "SMALL_OR_MEDIUM": "中小型",
    "LARGE": "大型",
}
# Routes, and what follows from their decisions.
ROUTES: tuple[tuple[Route, news.Follow], ...] = (
    (approvals.TRIP, decided.OF_TRIPS),
    (approvals.QUOTA, quotas.OF_CHANGES),
    (approvals.PURCHASE, purchases.OF_PURCHASES),
    (approvals.DISPOSAL, disposal_news.OF_DISPOSALS),
    (approvals.ORDER, order_news.OF_ORDERS),
    (approvals.SEALING_EXCEPTION, sealing.OF_EXCEPTIONS),
)
# Who has a row once its approval is over.
NEXT: dict[str, NextLine] = {
    "fleet.trip": trip_holders.after_approval,
    "fleet.purchase": purchase_view.after_approval,
    "fleet.disposal": disposal_view.after_approval,
    "fleet.order": order_view.after_approval,
}
# Whether files may still be taken off a row.
GUARDS: dict[str, MayRemove] = {
    "fleet.trip": decided.may_take_off,
    "fleet.quotachange": quotas.may_take_off,
    "fleet.purchase": purchases.may_take_off,
    "fleet.disposal": disposal_news.may_take_off,
    "fleet.order": papers.may_take_off_order,
    "fleet.accident": papers.may_take_off_accident,
    "fleet.fine": papers.may_take_off_fine,
    "fleet.finding": findings.may_take_off(oversight.FINDINGS),
}
NOTICES: tuple[ModuleType, ...] = (
    trip_notices, purchase_notices, disposal_notices, bill_notices, oversight_notices,
)  # fmt: skip


def wire() -> None:
    """Make it all known; called once, when the models are ready."""
    duties.declare(*DUTIES)
    duties.name_verbs(VERBS)
    subjects.declare(*SUBJECTS)
    lawbook.name_entries(ENTRIES)
    withheld.declare()
    kernel_withheld.declare("fleet.bill", bills.with_hidden_lines, whether=bills.any_hidden)
    finding_kinds.declare(oversight.FINDINGS)
    for model, may_remove in GUARDS.items():
        guards.declare(model, may_remove)
    for route, row in ROUTES:
        routes.enlist(route)
        news.follow(row)
    for model, says in NEXT.items():
        panel.tell_next(model, says)
    bus.subscribe(TripFinished, following.follow_trip)
    bus.subscribe(CarDisposed, card_news.end_cards)
    for told in NOTICES:
        kinds.declare(*told.KINDS)
        told.subscribe()
    voucher_kinds.declare(vouchers.TRIP_SHEET, vouchers.BILL)
    registers.enlist(*(register for _, register in REGISTERS))
    figure_catalogue.enlist(*figures.ALL)
    exchange.declare()
    takers.declare(network.TAKER)
    menu.enlist(*SECTIONS)
    trail.name_acts(RECORDED)
    trail.name_facts(FACTS)
    waiting.enlist(*SOURCES)
    services.enlist(*SERVICES)
    sides.enlist(*front.SIDES)
    started.enlist(*front.STARTED)
    search.enlist(*front.SEARCHED)
