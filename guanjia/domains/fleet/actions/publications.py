"""Public notices: draft, publish, correct by a new edition, withdraw. Nothing told is changed."""

from copy import copy
from datetime import datetime

from django.db import transaction

from guanjia.domains.fleet.events import PublicationTold
from guanjia.domains.fleet.models import Publication
from guanjia.domains.fleet.queries import publications as queries
from guanjia.domains.fleet.rules import publications as rules
from guanjia.domains.fleet.rules import times
from guanjia.domains.fleet.terms.publications import (
    TOLD,
    PublicationState,
    changes_between,
    digest_of,
    totals_of,
)
from guanjia.kernel.acts.changing import change, locked, made
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import Period
from guanjia.kernel.vouchers import codes
from guanjia.kernel.vouchers import queries as vouchers

S = PublicationState
MAKE, NOTICES = queries.MAKE, queries.NOTICES
DRAFTED, PUBLISHED = "fleet.publication.drafted", "fleet.publication.published"
DROPPED, WITHDRAWN = "fleet.publication.dropped", "fleet.publication.withdrawn"
_TITLE = "公务用车使用和费用公示"
_LOCK = "fleet.publications"
_TEXT_MAX = 200


@transaction.atomic
def draft_publication(*, actor: Actor, period: Period, at: datetime) -> Publication:
    """Count use and cost of a period anew and lay them out as a draft (拟公示).

    Needs ``fleet.publication.make``. A draft of the period is counted again; a period that was
    published is corrected instead, with a reason.
    """
    actor.must(MAKE)
    advisory.advisory(_LOCK)
    verdict = rules.may_draft(period=period, on=times.day_of(at), law=law_at(at))
    known = queries.newest(period=period)
    if known is not None and known.state != PublicationState.DRAFT:
        verdict += refuse(
            "told_already",
            "这个时段已经公示。",
            f"见“{known}”；数字有变，在它的页面上更正。",
            rules.FROZEN,
            field="period",
        )
    verdict.enforce()
    if known is not None:
        return _counted(actor, known, at)
    found = Publication(
        code=codes.new_code(),
        title=f"{period.label()}{_TITLE}",
        start=period.start,
        end=period.end,
        issuer=vouchers.issuer_of(actor) or "—",
    )
    return _counted(actor, found, at)


@transaction.atomic
def correct_publication(
    *, actor: Actor, publication_id: int, reason: str, at: datetime
) -> Publication:
    """Lay out a new edition of what was published (更正), with every number that changed.

    Needs ``fleet.publication.make``. The old edition stays readable and names the new one once
    that is published. Refuses without a reason, and where no number changed.
    """
    actor.must(MAKE)
    advisory.advisory(_LOCK)
    old: Publication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="更正", when=TOLD
    )
    verdict = rules.may_correct(reason=reason)
    if getattr(old, "correction", None) is not None:
        verdict += refuse(
            "corrected_already",
            "这一版已有更正稿。",
            f"见“{old.correction}”，在最新一版上更正。",
            rules.FROZEN,
        )
    verdict.enforce()
    new = Publication(
        code=codes.new_code(),
        title=old.title,
        start=old.start,
        end=old.end,
        edition=old.edition + 1,
        corrects=old,
        reason=reason.strip()[:_TEXT_MAX],
        issuer=vouchers.issuer_of(actor) or old.issuer,
    )
    return _counted(actor, new, at)


def _counted(actor: Actor, found: Publication, at: datetime) -> Publication:
    """Count a draft's rows now, and keep it with its digest."""
    rows = queries.told_of(found.period)
    if not rows:
        refuse(
            "nothing_to_tell",
            "没有可公示的数字。",
            f"{found.period.label()}没有已收车的派车单，也没有计入的费用。",
            field="period",
        ).enforce()
    if found.corrects is not None:
        found.changes = changes_between(found.corrects.told, rows)
        if not found.changes and found.corrects.state == PublicationState.PUBLISHED:
            refuse(
                "nothing_changed",
                "没有要更正的数字。",
                "现在统计出来的与公示的一样。先在派车登记或运行费用里更正，再来更正公示。",
                rules.FROZEN,
            ).enforce()
    found.rows = [row.as_json() for row in rows]
    found.totals = totals_of(rows)
    found.drawn_at, found.drawn_by_id = at, actor.person_id
    found.digest = digest_of(found.content())
    found.save()
    made(
        found, "edition", "digest", actor=actor, verb=DRAFTED, at=at, note=found.reason,
        beside={"totals": found.totals},
    )  # fmt: skip
    return found


@transaction.atomic
def publish(*, actor: Actor, publication_id: int, at: datetime) -> Publication:
    """Publish a draft (公示): from now on everybody may read it, and nobody can change it.

    Needs ``fleet.publication.make``. Publishes ``PublicationTold``.
    """
    found: Publication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="公示", to=S.PUBLISHED
    )
    verdict = rules.may_publish(last=found.last, on=times.day_of(at), law=law_at(at)).enforce()
    if found.digest != digest_of(found.content()):
        refuse(
            "draft_changed", "公示稿与校验值不符。", "重新统计后再公示。", rules.FROZEN
        ).enforce()
    change(
        found,
        {
            "state": S.PUBLISHED, "edition": found.edition, "digest": found.digest,
            "published_at": at, "published_by_id": actor.person_id,
        },
        actor=actor, verb=PUBLISHED, at=at, verdict=verdict, note=found.reason,
        news=[PublicationTold(publication_id=found.pk)],
    )  # fmt: skip
    return found


@transaction.atomic
def withdraw(*, actor: Actor, publication_id: int, reason: str, at: datetime) -> Publication:
    """Take a notice down (撤下), with its reason; that it was there, and why it went, stays."""
    found: Publication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="撤下", to=S.WITHDRAWN
    )
    reason = reason.strip()[:_TEXT_MAX]
    change(
        found,
        {
            "state": S.WITHDRAWN, "withdrawn_at": at, "withdrawn_by_id": actor.person_id,
            "withdrawn_reason": reason,
        },
        actor=actor, verb=WITHDRAWN, at=at, verdict=rules.may_withdraw(reason=reason), note=reason,
        news=[PublicationTold(publication_id=found.pk)],
    )  # fmt: skip
    return found


@transaction.atomic
def drop_draft(*, actor: Actor, publication_id: int, at: datetime) -> Publication:
    """Give up a draft that was never published; returns what it was."""
    found: Publication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="放弃", when=(S.DRAFT,)
    )
    gone = copy(found)
    told = {"edition": (found.edition, None), "digest": (found.digest, None)}
    change(found, {}, actor=actor, verb=DROPPED, at=at, beside=told)
    found.delete()
    return gone
