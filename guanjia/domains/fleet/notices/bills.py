"""What people are told about bills: that one came, and that their disputes were decided."""

from guanjia.domains.fleet.events import BillSent
from guanjia.domains.fleet.models import Bill
from guanjia.domains.fleet.queries import bills as queries
from guanjia.domains.fleet.rules import times
from guanjia.kernel.access import queries as access
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.kernel.values import money
from guanjia.ui import formats

SENT = NoticeKind(key="fleet.bill_sent", title="账单已出", template="fleet/notices/bill_sent.txt")
DECIDED = NoticeKind(
    key="fleet.bill_decided", title="异议已处理", template="fleet/notices/bill_decided.txt"
)
KINDS = (SENT, DECIDED)


def sent(news: BillSent) -> None:
    """账单已出, or 异议已处理, to whoever answers for the unit."""
    bill: Bill = Bill.objects.select_related("unit").get(pk=news.bill_id)
    today = times.day_of(news.at)
    people = access.holders(verb=queries.ANSWER, unit=bill.unit, on=today)
    facts = {
        "number": bill.number,
        "unit": str(bill.unit),
        "month": f"{bill.month.year}年{bill.month.month}月",
        "lines": bill.lines.count(),
        "total": money.yuan(bill.total_fen),
        "due": formats.day(bill.answer_due_on, today=today) if bill.answer_due_on else "",
    }
    send(
        kind=DECIDED if news.again else SENT,
        to=[person.pk for person in people],
        facts=facts,
        subject=about(bill),
        once=f"{bill.pk}:{news.at.isoformat()}",
        without=[news.by_id],
        at=news.at,
    )


def subscribe() -> None:
    """Listen to the news of bills."""
    bus.subscribe(BillSent, sent)
