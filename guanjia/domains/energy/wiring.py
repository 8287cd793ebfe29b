"""What the department makes known to the house, and where its news goes."""

from django.utils import timezone

from guanjia.domains.energy import figures
from guanjia.domains.energy.actions import alarms, doubting, keyed, quotas
from guanjia.domains.energy.duties import DUTIES, VERBS
from guanjia.domains.energy.menu import SECTIONS
from guanjia.domains.energy.notices import assessments as assessment_notices
from guanjia.domains.energy.notices import filings as filing_notices
from guanjia.domains.energy.notices import meters as meter_notices
from guanjia.domains.energy.notices import quotas as quota_notices
from guanjia.domains.energy.notices import sampling as sample_notices
from guanjia.domains.energy.queries import analysis as analysis_queries
from guanjia.domains.energy.queries import assessing as assessing_queries
from guanjia.domains.energy.queries import auditing as auditing_queries
from guanjia.domains.energy.queries import doubts as doubt_queries
from guanjia.domains.energy.queries import filings as filing_queries
from guanjia.domains.energy.queries import institutions as institution_queries
from guanjia.domains.energy.queries import meters as meter_queries
from guanjia.domains.energy.queries import publications as publication_queries
from guanjia.domains.energy.queries import quotas as quota_queries
from guanjia.domains.energy.queries import readings as reading_queries
from guanjia.domains.energy.queries import returns as return_queries
from guanjia.domains.energy.queries import sampling as sample_queries
from guanjia.domains.energy.queries import sites as site_queries
from guanjia.domains.energy.queries import targets as target_queries
from guanjia.domains.energy.registers.catalogue import REGISTERS
from guanjia.domains.energy.rules import publications as publication_rules
from guanjia.domains.energy.terms.recorded import RECORDED
from guanjia.domains.energy.waiting.catalogue import SOURCES
from guanjia.kernel import scale
from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.attachments import guards
from guanjia.kernel.exchange import scopes
from guanjia.kernel.figures import catalogue as figure_catalogue
from guanjia.kernel.figures.declaration import Figure
from guanjia.kernel.findings import actions as findings
from guanjia.kernel.findings import declaration as finding_kinds
from guanjia.kernel.notices import kinds
from guanjia.kernel.registers import catalogue as registers
from guanjia.ui import menu, trail, waiting

SUBJECTS: tuple[Subject, ...] = (
    institution_queries.INSTITUTIONS,
    Subject(
        model="energy.monthreturn",
        title="能耗月报",
        page="energy:month_return",
        sees=return_queries.sees_return,
    ),
    assessing_queries.ASSESSMENTS,
    assessing_queries.SCHEMES,
    Subject(
        model="energy.score",
        title="指标得分",
        page="energy:score",
        sees=assessing_queries.sees_score,
    ),
    filing_queries.FILINGS,
    meter_queries.METERS,
    Subject(
        model="energy.meternote",
        title="抄表记录",
        page="energy:meter_note",
        sees=meter_queries.sees_note,
    ),
    meter_queries.ALARMS,
    doubt_queries.DOUBTS,
)
# Audits and analyses.
SUBJECTS += (
    auditing_queries.AUDITS,
    analysis_queries.ANALYSES,
    publication_queries.NOTICES,
    Subject(
        model="energy.yeartarget",
        title="年度节能目标",
        page="energy:target",
        sees=target_queries.sees_target,
    ),
    quota_queries.CASES,
    sample_queries.SAMPLES,
    sample_queries.CHECKS,
    site_queries.SITES,
    Subject(
        model="energy.sitereturn",
        title="办公点月份",
        page="energy:site_return",
        sees=site_queries.sees_site_return,
    ),
)
NOTICES = (filing_notices, assessment_notices, meter_notices, quota_notices, sample_notices)
GUARDS: dict[str, guards.MayRemove] = {
    "energy.energyaudit": auditing_queries.may_remove_file,
    "energy.analysis": lambda _: publication_rules.file_stays(),
    "energy.quotacase": findings.may_take_off(quotas.CASES),
    "energy.samplecheck": sample_queries.may_remove_file,
    "energy.yeartarget": lambda pk: target_queries.may_remove_file(pk, today=timezone.localdate()),
}
FIGURES: tuple[Figure, ...] = (*figures.ALL,)


def wire() -> None:
    """Make it all known; called once, when the models are ready."""
    duties.declare(*DUTIES)
    duties.name_verbs(VERBS)
    subjects.declare(*SUBJECTS)
    finding_kinds.declare(quotas.CASES, alarms.ALARMS, doubting.DOUBTS)
    for model, may_remove in GUARDS.items():
        guards.declare(model, may_remove)
    for notices in NOTICES:
        kinds.declare(*notices.KINDS)
        notices.subscribe()
    registers.enlist(*(register for _, register in REGISTERS))
    figure_catalogue.enlist(*FIGURES)
    scopes.declare(keyed.SCOPE)
    menu.enlist(*SECTIONS)
    trail.name_acts(RECORDED)
    waiting.enlist(*SOURCES)
    scale.declare(*reading_queries.TABLES)
