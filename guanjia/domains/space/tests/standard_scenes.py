"""An establishment and a look over all rooms, for tests; made by calling actions."""

from guanjia.domains.space.actions import establishments, judging
from guanjia.domains.space.models import Finding
from guanjia.domains.space.tests.builders import SINCE, TODAY, City
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.org.terms import Rank


def furnish(city: City) -> None:
    """The farming bureau's numbers by rank, and whatever the rules find."""
    rows = [
        {"unit": city.units["farming"], "rank": rank, "number": number, "since": SINCE}
        for rank, number in ((Rank.BUREAU_HEAD, 1), (Rank.BELOW_BUREAU, 9))
    ]
    establishments.enter_establishments(actor=SYSTEM, rows=rows, at=AT)
    judging.judge(actor=SYSTEM, day=TODAY, at=AT)


def of_the_farmers(city: City) -> Finding:
    """One of what was found about the farming bureau."""
    found: Finding = Finding.objects.filter(unit=city.units["farming"]).earliest("pk")
    return found
