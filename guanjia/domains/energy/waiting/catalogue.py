"""Everything the department puts into 待办."""

from guanjia.domains.energy.waiting import (
    assessments,
    auditing,
    doubts,
    filings,
    meters,
    quotas,
)

SOURCES = (
    *assessments.SOURCES,
    *auditing.SOURCES,
    *doubts.SOURCES,
    *filings.SOURCES,
    *meters.SOURCES,
    *quotas.SOURCES,
)
