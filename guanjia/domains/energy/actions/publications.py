"""What is published of energy: drafted, published, corrected by a new edition, withdrawn."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Analysis, EnergyPublication, Scheme
from guanjia.domains.energy.queries import analysis as analysis_queries
from guanjia.domains.energy.queries import assessing
from guanjia.domains.energy.queries import publications as queries
from guanjia.domains.energy.rules import analysis as writing
from guanjia.domains.energy.rules import publications as rules
from guanjia.domains.energy.terms.analyses import PublicationKind, PublicationState
from guanjia.domains.energy.terms.assessment import SchemeState
from guanjia.engines.wordreports.paper import Paper
from guanjia.kernel.acts.changing import locked
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.locks import advisory
from guanjia.kernel.regulations.verdict import Verdict, refuse
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import codes
from guanjia.kernel.vouchers import queries as vouchers

MAKE = queries.MAKE
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
    actor.must(MAKE)
    advisory.advisory(_LOCK)
    analysis: Analysis = Analysis.objects.select_related("institution__area").get(pk=analysis_id)
    must_hold(actor, MAKE, {analysis.institution_id})
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
    made = EnergyPublication(
        code=codes.new_code(), kind=PublicationKind.ANALYSIS, year=analysis.year,
        analysis=analysis, issuer=_issuer(actor), corrects=last,
        edition=last.edition + 1 if last else 1, reason=analysis.reason if last else "",
    )  # fmt: skip
    paper = writing.public_part(analysis.content())
    return _laid_out(actor, made, paper, [analysis.institution.name], at)


@transaction.atomic
def correct(*, actor: Actor, publication_id: int, reason: str, at: datetime) -> EnergyPublication:
    """Lay out a new edition of indicators or ranks (更正); the old one stays and names the new."""
    actor.must(MAKE)
    advisory.advisory(_LOCK)
    old = _locked(actor, publication_id)
    rules.may_count_again(kind=PublicationKind(old.kind)).enforce()
    paper, _ = _paper(old, key_users=old.key_users, at=at)
    rules.may_correct(
        state=PublicationState(old.state), corrected=getattr(old, "correction", None) is not None,
        same=paper == old.content(), reason=reason,
    ).enforce()  # fmt: skip
    made = EnergyPublication(
        code=codes.new_code(), kind=old.kind, year=old.year, scheme=old.scheme,
        issuer=_issuer(actor), edition=old.edition + 1, corrects=old, reason=reason.strip(),
    )  # fmt: skip
    return _counted(actor, made, key_users=old.key_users, at=at)


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
    audit.record(
        actor=actor, verb="energy.notice.drafted", on=found, at=at, note=found.reason,
        after=audit.facts_of(found, "kind", "year", "edition", "digest"),
    )  # fmt: skip
    return found


@transaction.atomic
def publish(*, actor: Actor, publication_id: int, at: datetime) -> EnergyPublication:
    """Publish a draft (公示) of a year that is over: from now on everybody may read it, and nobody
    can change it."""
    found = _locked(actor, publication_id)
    verdict = rules.may_publish(
        state=PublicationState(found.state),
        unchanged=found.digest == rules.digest_of(found.sealed()),
        # Ranks stand on the day they are settled, also within their year.
        over=found.scheme_id is not None or timezone.localdate(at).year > found.year,
        whole=found.scheme_id is not None or timezone.localdate(found.drawn_at).year > found.year,
    ).enforce()
    found.state, found.published_at = PublicationState.PUBLISHED, at
    found.published_by_id = actor.person_id
    found.save(update_fields=["state", "published_at", "published_by"])
    _told(actor, found, "energy.notice.published", at, verdict, note=found.reason)
    return found


@transaction.atomic
def withdraw(*, actor: Actor, publication_id: int, reason: str, at: datetime) -> EnergyPublication:
    """Take it down (撤下), with its reason; that it was there, and why it went, stays."""
    found = _locked(actor, publication_id)
    verdict = rules.may_withdraw(state=PublicationState(found.state), reason=reason).enforce()
    found.state, found.withdrawn_at = PublicationState.WITHDRAWN, at
    found.withdrawn_by_id, found.withdrawn_reason = actor.person_id, reason.strip()
    found.save(update_fields=["state", "withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    _told(actor, found, "energy.notice.withdrawn", at, verdict, note=found.withdrawn_reason)
    return found


@transaction.atomic
def drop_draft(*, actor: Actor, publication_id: int, at: datetime) -> None:
    """Give up a draft that was never published."""
    found = _locked(actor, publication_id)
    rules.may_drop(state=PublicationState(found.state)).enforce()
    audit.record(
        actor=actor, verb="energy.notice.dropped", on=found, at=at,
        before=audit.facts_of(found, "kind", "year", "edition", "digest"),
    )  # fmt: skip
    found.delete()


def _locked(actor: Actor, publication_id: int) -> EnergyPublication:
    """A publication that is about to change; raises where it reaches beyond the actor's scope."""
    actor.must(MAKE)
    rows = EnergyPublication.objects.select_for_update(of=("self",)).select_related("analysis")
    found: EnergyPublication = rows.get(pk=publication_id)
    if found.analysis is None:
        _must_make_years(actor)
    else:
        must_hold(actor, MAKE, {found.analysis.institution_id})
    return found


def _must_make_years(actor: Actor) -> None:
    actor.must(MAKE)
    rules.whole_city(everything=actor.scope(MAKE).everything).enforce()


def _told(
    actor: Actor, found: EnergyPublication, verb: str, at: datetime, verdict: Verdict, *, note: str
) -> None:
    audit.record(
        actor=actor, verb=verb, on=found, at=at, verdict=verdict, note=note,
        after=audit.facts_of(found, "state", "edition", "digest"),
    )  # fmt: skip


def _issuer(actor: Actor) -> str:
    return vouchers.issuer_of(actor) or "—"
