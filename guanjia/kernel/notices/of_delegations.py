"""What a colleague is told about 委托: that they stand in for somebody, and that it is over."""

from datetime import timedelta

from guanjia.kernel.approvals.events import Delegated
from guanjia.kernel.approvals.models import Delegation
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import send
from guanjia.kernel.notices.kinds import NoticeKind

LENT = NoticeKind(key="approvals.lent", title="委托您审批", template="notices/approvals_lent.txt")
KINDS = (LENT,)


def delegated(news: Delegated) -> None:
    """To the colleague, when it is lent and when it is taken back."""
    lent = Delegation.objects.select_related("principal", "delegate").get(pk=news.delegation_id)
    last = lent.until - timedelta(days=1)
    send(
        kind=LENT,
        to=[lent.delegate_id],
        facts={
            "principal": lent.principal.name,
            "since": f"{lent.since.month}月{lent.since.day}日",
            "last": f"{last.month}月{last.day}日",
            "reason": lent.reason,
            "ended": news.ended,
        },
        once=f"{lent.pk}:{news.ended}",
        at=lent.ended_at if news.ended and lent.ended_at else lent.made_at,
    )


def subscribe() -> None:
    """Hear of every delegation."""
    bus.subscribe(Delegated, delegated)
