"""Everything the department puts into 待办."""

from guanjia.domains.space.waiting import (
    allocations,
    clearances,
    disposals,
    findings,
    rounds,
    surveys,
    tenancies,
    works,
)

SOURCES = (
    *allocations.SOURCES,
    *clearances.SOURCES,
    *disposals.SOURCES,
    *findings.SOURCES,
    *rounds.SOURCES,
    *surveys.SOURCES,
    *tenancies.SOURCES,
    *works.SOURCES,
)
