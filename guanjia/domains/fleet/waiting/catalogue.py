"""Everything the department puts into 待办."""

from guanjia.domains.fleet.waiting import (
    archive,
    bills,
    costs,
    disposals,
    network,
    oversight,
    purchases,
    quotas,
    sealing,
    trips,
    upkeep,
)

SOURCES = (
    *archive.SOURCES,
    *bills.SOURCES,
    *costs.SOURCES,
    *disposals.SOURCES,
    *network.SOURCES,
    *oversight.SOURCES,
    *purchases.SOURCES,
    *quotas.SOURCES,
    *sealing.SOURCES,
    *trips.SOURCES,
    *upkeep.SOURCES,
)
