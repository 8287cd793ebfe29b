"""What the department makes known to the house, and where its news goes."""

from dataclasses import replace
from types import ModuleType

from guanjia.domains.space import approvals, figures, vouchers
from guanjia.domains.space.actions import decided, findings, rectifying
from guanjia.domains.space.acts import disposals as disposal_acts
from guanjia.domains.space.duties import DUTIES, VERBS
from guanjia.domains.space.menu import SECTIONS
from guanjia.domains.space.notices import allocations as allocation_notices
from guanjia.domains.space.notices import disposals as disposal_notices
from guanjia.domains.space.notices import findings as finding_notices
from guanjia.domains.space.notices import rounds as round_notices
from guanjia.domains.space.notices import surveys as survey_notices
from guanjia.domains.space.notices import tenancies as tenancy_notices
from guanjia.domains.space.notices import works as works_notices
from guanjia.domains.space.pages import allocation_view
from guanjia.domains.space.queries import allocations as allocation_queries
from guanjia.domains.space.queries import buildings as building_queries
from guanjia.domains.space.queries import clearances as clearance_queries
from guanjia.domains.space.queries import disposals as disposal_queries
from guanjia.domains.space.queries import findings as finding_queries
from guanjia.domains.space.queries import plans as plan_queries
from guanjia.domains.space.queries import room_files
from guanjia.domains.space.queries import rooms as room_queries
from guanjia.domains.space.queries import rounds as round_queries
from guanjia.domains.space.queries import surveys as survey_queries
from guanjia.domains.space.queries import tenancies as tenancy_queries
from guanjia.domains.space.queries import works as works_queries
from guanjia.domains.space.registers.catalogue import REGISTERS
from guanjia.domains.space.terms.recorded import FACTS, RECORDED
from guanjia.domains.space.waiting.catalogue import SOURCES
from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.approvals import news, routes
from guanjia.kernel.approvals.routes import Route
from guanjia.kernel.attachments import guards, named
from guanjia.kernel.attachments.guards import MayRemove
from guanjia.kernel.figures import catalogue as figure_catalogue
from guanjia.kernel.figures.declaration import Figure
from guanjia.kernel.findings import declaration as finding_kinds
from guanjia.kernel.notices import kinds
from guanjia.kernel.registers import catalogue as registers
from guanjia.kernel.vouchers import kinds as voucher_kinds
from guanjia.kernel.vouchers.terms import VoucherKind
from guanjia.ui import menu, trail, waiting
from guanjia.ui.approval import panel
from guanjia.ui.approval.panel import NextLine

SUBJECTS: tuple[Subject, ...] = (
    building_queries.BUILDING,
    building_queries.COMPOUND,
    Subject(
        model="space.floorplan",
        title="楼层平面图",
        page="space:plan",
        sees=plan_queries.sees_plan,
    ),
    replace(room_queries.ROOM, sees_file=room_files.sees_room_file),
    Subject(
        model="space.floor",
        title="楼层",
        page="space:floor_by_id",
        sees=room_files.sees_floor,
    ),
    disposal_queries.DISPOSALS,
    allocation_queries.ALLOCATIONS,
    clearance_queries.CLEARANCES,
    tenancy_queries.TENANCIES,
    works_queries.WORKS,
    finding_queries.FINDINGS,
    survey_queries.SURVEYS,
    survey_queries.RETURNS,
    survey_queries.DIFFERENCES,
    round_queries.ROUNDS,
    Subject(
        model="space.inspection",
        title="巡检记录",
        page="space:inspection",
        sees=round_queries.sees_inspection,
    ),
    round_queries.RECTIFICATIONS,
)
# Routes, and what follows from their decisions.
ROUTES: tuple[tuple[Route, news.Follow], ...] = (
    (approvals.ALLOCATION, decided.OF_ALLOCATIONS),
    (approvals.DISPOSAL, decided.OF_DISPOSALS),
)
# Who has a row once its approval is over.
NEXT: dict[str, NextLine] = {
    "space.allocation": allocation_view.after_approval,
    "space.disposal": disposal_acts.after_approval,
}
# Whether files may still be taken off a row.
GUARDS: dict[str, MayRemove] = {
    "space.allocation": decided.may_take_off_allocation,
    "space.disposal": decided.may_take_off_disposal,
    "space.finding": findings.may_take_off,
    "space.inspection": rectifying.photos_stay,
    "space.rectification": rectifying.may_take_off,
}
NOTICES: tuple[ModuleType, ...] = (
    allocation_notices,
    finding_notices,
    survey_notices,
    round_notices,
    disposal_notices,
    tenancy_notices,
    works_notices,
)
VOUCHERS: tuple[VoucherKind, ...] = (*vouchers.ALL,)
FIGURES: tuple[Figure, ...] = (
    *figures.ALLOCATIONS,
    *figures.ROUNDS,
)


def wire() -> None:
    """Make it all known; called once, when the models are ready."""
    duties.declare(*DUTIES)
    duties.name_verbs(VERBS)
    subjects.declare(*SUBJECTS)
    finding_kinds.declare(findings.FINDINGS, rectifying.RECTIFICATIONS)
    for model, may_remove in GUARDS.items():
        guards.declare(model, may_remove)
    # Drawings of floors lie in the store of files.
    named.enlist("space.plans", plan_queries.still_named)
    for route, row in ROUTES:
        routes.enlist(route)
        news.follow(row)
    for model, says in NEXT.items():
        panel.tell_next(model, says)
    for told in NOTICES:
        kinds.declare(*told.KINDS)
        told.subscribe()
    voucher_kinds.declare(*VOUCHERS)
    registers.enlist(*(register for _, register in REGISTERS))
    figure_catalogue.enlist(*FIGURES)
    menu.enlist(*SECTIONS)
    trail.name_acts(RECORDED)
    trail.name_facts(FACTS)
    waiting.enlist(*SOURCES)
