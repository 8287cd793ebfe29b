"""What may be done about the months (月报) of an institution besides filling them in by hand."""

from django.urls import reverse

from guanjia.domains.energy.actions import metered
from guanjia.domains.energy.actions.returns import FILL
from guanjia.domains.energy.forms.returns import OfMonth
from guanjia.domains.energy.models import MonthReturn
from guanjia.domains.energy.queries.institutions import INSTITUTIONS
from guanjia.ui.acts.declaration import Act


def _fill(done: MonthReturn) -> str:
    """The page on which the costs are filled in next."""
    return reverse("energy:month_fill", args=[done.institution_id, f"{done.month:%Y-%m}"])


METERED = Act(
    key="metered", title="按表计填用量", on=INSTITUTIONS, verb=FILL, form=OfMonth,
    do=metered.take_month, adds="energy.MonthReturn", then=_fill, keep="不填",
    lead="填入总表读满整月的品种，已填的用量换成表计数；费用照旧，接着填",
    said="已按表计填入 {month:%Y年%-m月}的用量，接着填费用",
)  # fmt: skip

ACTS = (METERED,)
