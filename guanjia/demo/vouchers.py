"""One sample 凭证 in the layout of official texts, so that the demo has something to look at."""

from datetime import datetime

from django.db import transaction

from guanjia.demo import accounts
from guanjia.demo.kinds import ALLOCATION
from guanjia.demo.planning import DAY, HERE
from guanjia.kernel.access import queries as access
from guanjia.kernel.org.models import Unit
from guanjia.kernel.vouchers import actions, queries
from guanjia.kernel.vouchers.actions import Paper
from guanjia.kernel.vouchers.models import Voucher

YEARS = 5
PLACE, AREA = "市行政中心3号楼501至506室", "158.4平方米"


@transaction.atomic
def issue_sample(*, at: datetime) -> Voucher:
    """Issued by the dispatcher, for want of a department of its own, to the unit of the demo."""
    today = at.astimezone(HERE).date()
    actor = access.actor_named(username=accounts.DISPATCHER, on=today)
    unit = Unit.objects.get(code=accounts.HOUSING)
    until = today.replace(day=1, year=today.year + YEARS)
    last = until - DAY
    paper = Paper(
        kind=ALLOCATION,
        subject=unit,
        unit=unit,
        issuer=queries.issuer_of(actor),
        facts={
            "sentences": [
                f"根据《党政机关办公用房管理办法》，经审核批准，现将{PLACE}共6间办公用房调配给你单位"
                f"使用，使用面积合计{AREA}。",
                "请按照批准的用途和面积使用，不得擅自改变使用功能，不得出租、出借或者自行调整给其他单位。",
                f"本凭证有效期至{last.year}年{last.month}月{last.day}日。",
            ]
        },
        shown=[("使用单位", unit.name), ("地点", PLACE), ("使用面积", AREA)],
        valid_from=today,
        valid_until=until,
    )
    return actions.issue(actor=actor, paper=paper, at=at)
