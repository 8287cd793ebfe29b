"""Who is told of alarms of meters: who fills in for the institution, and who keeps it."""

from django.utils import timezone

from guanjia.domains.energy.events import MetersAlarmed
from guanjia.domains.energy.models import InstitutionClerk, MeterAlarm
from guanjia.domains.energy.queries import meters as queries
from guanjia.kernel.access.queries import holders
from guanjia.kernel.events import bus
from guanjia.kernel.notices.actions.notices import about, send
from guanjia.kernel.notices.kinds import NoticeKind

ALARMED = NoticeKind(
    key="energy.meter_alarmed", title="表计报警", template="energy/notices/meter_alarmed.txt"
)
KINDS = (ALARMED,)


def alarmed(news: MetersAlarmed) -> None:
    """One notice for all that was found at an institution, leading to the first of it."""
    rows = MeterAlarm.objects.filter(pk__in=news.alarm_ids).order_by("pk")
    found: dict[int, list[MeterAlarm]] = {}
    for row in rows.select_related("meter__institution__area"):
        found.setdefault(row.meter.institution_id, []).append(row)
    clerks: dict[int, list[int]] = {}
    serving = InstitutionClerk.objects.filter(institution__in=found, until=None)
    for institution_id, person_id in serving.values_list("institution", "person"):
        clerks.setdefault(institution_id, []).append(person_id)
    keepers: dict[int, list[int]] = {}
    for institution_id, alarms in found.items():
        area = alarms[0].meter.institution.area
        if area.pk not in keepers:
            people = holders(verb=queries.SETTLE, unit=area, on=timezone.localdate(news.at))
            keepers[area.pk] = [one.pk for one in people]
        send(
            kind=ALARMED, to=[*clerks.get(institution_id, []), *keepers[area.pk]],
            facts=_facts(alarms), subject=about(alarms[0]),
            once=f"{institution_id}:{news.at:%Y-%m-%d}", at=news.at,
        )  # fmt: skip


def _facts(alarms: list[MeterAlarm]) -> dict[str, object]:
    first = alarms[0]
    return {
        "institution": first.meter.institution.name,
        "kind": first.get_kind_display(),
        "number": first.meter.number,
        "sentence": first.sentence,
        "more": len(alarms) - 1,
    }


def subscribe() -> None:
    """Hear of everything above."""
    bus.subscribe(MetersAlarmed, alarmed)
