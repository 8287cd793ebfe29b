"""What is published of energy: drafted, published, corrected by a new edition, withdrawn."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.models import Analysis, EnergyPublication, Scheme
from guanjia.domains.energy.queries import analysis as analysis_queries
from guanjia.domains.energy.queries import assessing
from guanjia.domains.energy.queries import publications as queries
from guanjia.domains.energy.rules import analysis as writing
from guanjia.domains.energy.rules import publications as rules
from guanjia.domains.energy.terms.analyses import PublicationKind, PublicationState
from guanjia.domains.energy.terms.assessment import SchemeState
from guanjia.engines.wordreports.paper import Paper
from guanjia.kernel.acts.changing import change, gone, locked, made
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.verdict import refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import codes
from guanjia.kernel.vouchers import queries as vouchers

MAKE, NOTICES = queries.MAKE, queries.NOTICES
TOLD = (PublicationState.PUBLISHED, PublicationState.WITHDRAWN)
_LOCK = "energy.publications"


@transaction.atomic
def draft_year(*, actor: Actor, year: int, key_users: bool, at: datetime) -> EnergyPublication:
    """Count a year's indicators and lay them out as a draft; a draft that is there is counted anew.

    Needs ``energy.notice.make`` for the whole city. ``key_users``: whether each of
    them is listed by name.
    """
    _must_make_years(actor)
    advisory.advisory(_LOCK)
    known = queries.newest_of_year(year)
    if known is not None and known.state != PublicationState.DRAFT:
        refuse(
            "told_already", "这一年已经公示。", f"见“{known}”；数字有变，在它的页面上更正。",
            rules.FROZEN, field="year",
        ).enforce()  # fmt: skip
    found = known or EnergyPublication(
        code=codes.new_code(), kind=PublicationKind.YEAR, year=year, issuer=_issuer(actor)
    )
    return _counted(actor, found, key_users=key_users, at=at)


@transaction.atomic
def draft_ranks(*, actor: Actor, scheme_id: int, at: datetime) -> EnergyPublication:
    """Lay out the ranks of an assessment as a draft; a draft that is there is laid out anew.

    Needs ``energy.notice.make`` for the whole city. Refused before the ranks stand.
    """
    _must_make_years(actor)
    advisory.advisory(_LOCK)
    scheme: Scheme = locked(
        assessing.SCHEMES, actor=actor, verb=MAKE, pk=scheme_id, act="拟公示稿",
        when=(SchemeState.PUBLISHED,),
    )  # fmt: skip
    known = queries.newest_of_scheme(scheme.pk)
    rules.may_tell_ranks(told=PublicationState(known.state) if known else None).enforce()
    found = known or EnergyPublication(
        code=codes.new_code(), kind=PublicationKind.RANKS, year=scheme.year, scheme=scheme,
        issuer=_issuer(actor),
    )  # fmt: skip
    return _counted(actor, found, key_users=False, at=at)


@transaction.atomic
def draft_analysis(*, actor: Actor, analysis_id: int, at: datetime) -> EnergyPublication:
    """Lay out the newest edition of an analysis for publication; it corrects a published one.

    Needs ``energy.notice.make`` for the institution.
    """
    advisory.advisory(_LOCK)
    analysis: Analysis = locked(analysis_queries.ANALYSES, actor=actor, verb=MAKE, pk=analysis_id)
    there: EnergyPublication | None = analysis.publications.first()
    rules.may_lay_out(
        newest=analysis_queries.is_newest(analysis),
        told=PublicationState(there.state) if there else None,
    ).enforce()
    if there is not None:
        return there
    same = EnergyPublication.objects.filter(
        analysis__institution=analysis.institution_id, analysis__year=analysis.year
    )
    if same.filter(state=PublicationState.DRAFT).exists():
        refuse(
            "draft_waits", "已有公示稿。", "这家机构这一年的另一版分析还有公示稿，先公示或放弃它。"
        ).enforce()
    last = same.order_by("-edition").first()
    notice = EnergyPublication(
        code=codes.new_code(), kind=PublicationKind.ANALYSIS, year=analysis.year,
        analysis=analysis, issuer=_issuer(actor), corrects=last,
        edition=last.edition + 1 if last else 1, reason=analysis.reason if last else "",
    )  # fmt: skip
    paper = writing.public_part(analysis.content())
    return _laid_out(actor, notice, paper, [analysis.institution.name], at)


@transaction.atomic
def correct(*, actor: Actor, publication_id: int, reason: str, at: datetime) -> EnergyPublication:
    """Lay out a new edition of indicators or ranks (更正); the old one stays and names the new."""
    advisory.advisory(_LOCK)
    old: EnergyPublication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="更正公示", when=TOLD
    )
    rules.may_count_again(kind=PublicationKind(old.kind)).enforce()
    paper, _ = _paper(old, key_users=old.key_users, at=at)
    rules.may_correct(
        state=PublicationState(old.state), corrected=getattr(old, "correction", None) is not None,
        same=paper == old.content(), reason=reason,
    ).enforce()  # fmt: skip
    notice = EnergyPublication(
        code=codes.new_code(), kind=old.kind, year=old.year, scheme=old.scheme,
        issuer=_issuer(actor), edition=old.edition + 1, corrects=old, reason=reason.strip(),
    )  # fmt: skip
    return _counted(actor, notice, key_users=old.key_users, at=at)


def _counted(
    actor: Actor, found: EnergyPublication, *, key_users: bool, at: datetime
) -> EnergyPublication:
    """A year or ranks counted now, laid out in a draft."""
    paper, names = _paper(found, key_users=key_users, at=at)
    found.key_users = key_users
    return _laid_out(actor, found, paper, names, at)


def _paper(found: EnergyPublication, *, key_users: bool, at: datetime) -> tuple[Paper, list[str]]:
    if found.scheme is not None:
        return queries.ranks_of(found.scheme)
    return queries.indicators_of(found.year, key_users=key_users, today=timezone.localdate(at))


def _laid_out(
    actor: Actor, found: EnergyPublication, paper: Paper, names: list[str], at: datetime
) -> EnergyPublication:
    found.title, found.paper, found.names = paper.title, paper.as_json(), "、".join(names)
    found.drawn_at, found.drawn_by_id = at, actor.person_id
    found.digest = rules.digest_of(found.sealed())
    found.save()
    made(
        found, "kind", "year", "edition", "digest", actor=actor, verb="energy.notice.drafted",
        at=at, note=found.reason,
    )  # fmt: skip
    return found


@transaction.atomic
def publish(*, actor: Actor, publication_id: int, at: datetime) -> EnergyPublication:
    """Publish a draft (公示) of a year that is over: from now on everybody may read it, and nobody
    can change it."""
    found: EnergyPublication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="公示",
        to=PublicationState.PUBLISHED,
    )  # fmt: skip
    verdict = rules.may_publish(
        unchanged=found.digest == rules.digest_of(found.sealed()),
        # Ranks stand on the day they are settled, also within their year.
        over=found.scheme_id is not None or timezone.localdate(at).year > found.year,
        whole=found.scheme_id is not None or timezone.localdate(found.drawn_at).year > found.year,
    )
    change(
        found,
        {
            "state": PublicationState.PUBLISHED, "published_at": at,
            "published_by_id": actor.person_id,
        },
        actor=actor, verb="energy.notice.published", at=at, verdict=verdict, note=found.reason,
        beside=_which(found),
    )  # fmt: skip
    return found


def _which(found: EnergyPublication) -> dict[str, tuple[Any, Any]]:
    """What the trail says of the edition besides."""
    return {name: (getattr(found, name),) * 2 for name in ("edition", "digest")}


@transaction.atomic
def withdraw(*, actor: Actor, publication_id: int, reason: str, at: datetime) -> EnergyPublication:
    """Take it down (撤下), with its reason; that it was there, and why it went, stays."""
    found: EnergyPublication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="撤下",
        to=PublicationState.WITHDRAWN,
    )  # fmt: skip
    change(
        found,
        {
            "state": PublicationState.WITHDRAWN, "withdrawn_at": at,
            "withdrawn_by_id": actor.person_id, "withdrawn_reason": reason,
        },
        actor=actor, verb="energy.notice.withdrawn", at=at, note=reason,
        verdict=rules.may_withdraw(reason=reason), beside=_which(found),
    )  # fmt: skip
    return found


@transaction.atomic
def drop_draft(*, actor: Actor, publication_id: int, at: datetime) -> EnergyPublication:
    """Give up a draft that was never published; returns what is gone."""
    found: EnergyPublication = locked(
        NOTICES, actor=actor, verb=MAKE, pk=publication_id, act="放弃",
        when=(PublicationState.DRAFT,),
    )  # fmt: skip
    gone(
        found, "kind", "year", "edition", "digest",
        actor=actor, verb="energy.notice.dropped", at=at,
    )  # fmt: skip
    return found


def _must_make_years(actor: Actor) -> None:
    actor.must(MAKE)
    rules.whole_city(everything=actor.scope(MAKE).everything).enforce()


def _issuer(actor: Actor) -> str:
    return vouchers.issuer_of(actor) or "—"
