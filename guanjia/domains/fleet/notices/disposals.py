"""What the unit is told of the end of its car: the deal, and that the card is cancelled."""

from datetime import date, datetime
from typing import Any

from guanjia.domains.fleet.events import CarDisposed, DisposalDealt
from guanjia.domains.fleet.models import Disposal
from guanjia.domains.fleet.rules import times
from guanjia.kernel.access import queries as access
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind
from guanjia.ui import formats

DEALT = NoticeKind(
    key="fleet.disposal_dealt", title="处置成交", template="fleet/notices/disposal_dealt.txt"
)
DONE = NoticeKind(
    key="fleet.disposal_done", title="处置办结", template="fleet/notices/disposal_done.txt"
)
KINDS = (DEALT, DONE)


def facts_of(disposal: Disposal, *, at: datetime) -> dict[str, Any]:
    """What every text about a disposal may name; days are written as of ``at``."""
    on, brought = disposal.disposed_on, disposal.proceeds_fen
    today = times.day_of(at)
    return {
        "number": disposal.number,
        "plate": disposal.car.plate,
        "make": disposal.car.make,
        "method": disposal.get_method_display(),
        "unit": str(disposal.unit),
        "day": formats.day(on, today=today) if on else "",
        "proceeds": f"{formats.yuan(brought)} 元" if brought else "",
        "receipt": disposal.receipt,
    }


def _row(disposal_id: int) -> Disposal:
    row: Disposal = Disposal.objects.select_related("car", "unit").get(pk=disposal_id)
    return row


def _unit_people(disposal: Disposal, on: date) -> list[int | None]:
    """Who asked, and the unit's own clerks."""
    clerks = access.holders(verb="fleet.disposal.request", unit=disposal.unit, on=on)
    return [disposal.applicant_id, *(person.pk for person in clerks)]


def dealt(news: DisposalDealt) -> None:
    """处置成交 to the unit: it hands over the car and the plate."""
    row = _row(news.disposal_id)
    send(
        kind=DEALT,
        to=_unit_people(row, times.day_of(news.at)),
        without=[news.by_id],
        facts=facts_of(row, at=news.at),
        subject=about(row),
        once=str(row.pk),
        at=news.at,
    )


def done(news: CarDisposed) -> None:
    """处置办结 to the unit: its place in the quota is free. A ledger's past tells nobody."""
    row = _row(news.disposal_id)
    if row.asked_at is None or row.finished_at is None:
        return
    send(
        kind=DONE,
        to=_unit_people(row, times.day_of(row.finished_at)),
        facts=facts_of(row, at=row.finished_at),
        subject=about(row),
        once=str(row.pk),
        at=row.finished_at,
    )


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(DisposalDealt, dealt)
    bus.subscribe(CarDisposed, done)
