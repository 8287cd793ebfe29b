"""Every register of the department, with the address its pages lie at."""

from guanjia.domains.energy.registers.assessments import ASSESSMENTS, SCHEMES, WORK
from guanjia.domains.energy.registers.filings import DOUBTS, FILINGS
from guanjia.domains.energy.registers.institutions import INSTITUTIONS
from guanjia.domains.energy.registers.meters import ALARMS, METERS, NOTES
from guanjia.domains.energy.registers.quotas import QUOTA_CASES
from guanjia.domains.energy.registers.returns import RETURNS
from guanjia.domains.energy.registers.sampling import SAMPLE_CHECKS
from guanjia.domains.energy.registers.sites import SITE_SHARES, SITES
from guanjia.domains.energy.registers.targets import BASELINES, TARGETS
from guanjia.domains.energy.registers.waste import POINTS, REMOVALS
from guanjia.domains.energy.registers.weather import WEATHER
from guanjia.domains.energy.registers.works import AUDITS, CITY_SCORES, DEMONSTRATIONS
from guanjia.kernel.registers.declaration import Register

REGISTERS: tuple[tuple[str, Register], ...] = (
    ("institutions/", INSTITUTIONS),
    ("returns/", RETURNS),
    ("filings/", FILINGS),
    ("doubts/", DOUBTS),
    ("schemes/", SCHEMES),
    ("assessments/", ASSESSMENTS),
    ("work/", WORK),
    ("waste/", REMOVALS),
    ("waste-points/", POINTS),
    ("audits/", AUDITS),
    ("demonstrations/", DEMONSTRATIONS),
    ("ranks/", CITY_SCORES),
    ("meters/", METERS),
    ("meter-notes/", NOTES),
    ("alarms/", ALARMS),
    ("weather/", WEATHER),
    ("targets/filed/", TARGETS),
    ("targets/baselines/", BASELINES),
    ("quotas/cases/", QUOTA_CASES),
    ("samples/checks/", SAMPLE_CHECKS),
    ("sites/", SITES),
    ("sites/shares/", SITE_SHARES),
)
