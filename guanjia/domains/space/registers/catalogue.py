"""Every register of the department, with the address its pages lie at."""

from guanjia.domains.space.registers.allocations import ALLOCATIONS
from guanjia.domains.space.registers.buildings import BUILDINGS
from guanjia.domains.space.registers.clearances import CLEARANCES
from guanjia.domains.space.registers.disposals import DISPOSALS, INCOMES
from guanjia.domains.space.registers.establishments import ESTABLISHMENTS
from guanjia.domains.space.registers.findings import FINDINGS
from guanjia.domains.space.registers.idle import IDLE
from guanjia.domains.space.registers.inspections import INSPECTIONS, RECTIFICATIONS
from guanjia.domains.space.registers.rooms import ROOMS
from guanjia.domains.space.registers.survey_facts import BUILDINGS as SURVEY_BUILDINGS
from guanjia.domains.space.registers.survey_facts import FACTS as SURVEY_FACTS
from guanjia.domains.space.registers.survey_rooms import ROOMS as SURVEY_ROOMS
from guanjia.domains.space.registers.surveys import (
    DIFFERENCES as SURVEY_DIFFERENCES,
)
from guanjia.domains.space.registers.surveys import (
    DOUBTS as SURVEY_DOUBTS,
)
from guanjia.domains.space.registers.surveys import (
    RETURNS as SURVEY_RETURNS,
)
from guanjia.domains.space.registers.surveys import (
    SURVEYS,
)
from guanjia.domains.space.registers.tenancies import RENTS, TENANCIES
from guanjia.domains.space.registers.works import WORKS
from guanjia.kernel.registers.declaration import Register

REGISTERS: tuple[tuple[str, Register], ...] = (
    ("surveys/", SURVEYS),
    ("surveys/returns/", SURVEY_RETURNS),
    ("surveys/rooms/", SURVEY_ROOMS),
    ("surveys/doubts/", SURVEY_DOUBTS),
    ("surveys/differences/", SURVEY_DIFFERENCES),
    ("surveys/facts/", SURVEY_FACTS),
    ("surveys/buildings/", SURVEY_BUILDINGS),
    ("buildings/", BUILDINGS),
    ("rooms/", ROOMS),
    ("standards/establishments/", ESTABLISHMENTS),
    ("allocations/ledger/", ALLOCATIONS),
    ("clearances/", CLEARANCES),
    ("findings/", FINDINGS),
    ("idle/", IDLE),
    ("disposals/", DISPOSALS),
    ("incomes/", INCOMES),
    ("tenancies/", TENANCIES),
    ("rents/", RENTS),
    ("works/", WORKS),
    ("inspections/", INSPECTIONS),
    ("rectifications/", RECTIFICATIONS),
)
