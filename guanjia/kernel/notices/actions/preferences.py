"""What a person wants: where to, when not, and how much at once."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from django.db import transaction

from guanjia.kernel.audit import actions as audit
from guanjia.kernel.notices import addresses
from guanjia.kernel.notices.models import Preference
from guanjia.kernel.notices.terms import ChannelKind
from guanjia.kernel.org.models import Person
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor


@transaction.atomic
def set_preferences(
    *,
    actor: Actor,
    email: str,
    quiet: bool,
    quiet_from: time | None,
    quiet_to: time | None,
    without: Iterable[ChannelKind],
    digest: bool,
    at: datetime,
) -> Preference:
    """Change one's own settings; the address stands masked in the record.

    ``quiet_from`` and ``quiet_to`` both ``None``: the hours of the bureau. ``without``: the
    channels that are not wanted; urgent notices keep to it too, but not to the quiet hours.
    """
    if actor.person_id is None:
        refuse(
            "no_person", "这个账号没有对应的人员，收不到通知。", "请系统管理员把账号对应到人员。"
        ).enforce()
    if email and not addresses.is_email(email):
        refuse("email_bad", "电子邮箱不对。", "写成 lin@jdz.gov.cn 这样。", field="email").enforce()
    if (quiet_from is None) != (quiet_to is None):
        refuse(
            "quiet_half", "免打扰只填了一头。", "起止都填，或都不填。", field="quiet_from"
        ).enforce()
    person = Person.objects.select_related("unit").get(pk=actor.person_id or 0)
    kept: Preference
    kept, _ = Preference.objects.select_for_update(of=("self",)).get_or_create(person=person)
    kept.person = person
    before = _facts(kept)
    kept.email, kept.quiet, kept.digest = email, quiet, digest
    kept.quiet_from, kept.quiet_to = quiet_from, quiet_to
    kept.without = sorted({kind.value for kind in without})
    kept.save()
    after = _facts(kept)
    if before != after:
        audit.record(
            actor=actor, verb="notices.preference.set", on=kept, at=at, before=before, after=after
        )
    return kept


def _facts(kept: Preference) -> dict[str, Any]:
    return {
        "email": addresses.masked(kept.email),
        "quiet": kept.quiet,
        "quiet_from": f"{kept.quiet_from:%H:%M}" if kept.quiet_from else None,
        "quiet_to": f"{kept.quiet_to:%H:%M}" if kept.quiet_to else None,
        "without": [ChannelKind(kind).label for kind in kept.without],
        "digest": kept.digest,
    }
