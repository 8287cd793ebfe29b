"""Analyses of key users: written from data, issued, and kept as they were issued."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guanjia.domains.energy.actions.holding import must_hold
from guanjia.domains.energy.models import Analysis, Institution
from guanjia.domains.energy.queries import analysis as queries
from guanjia.domains.energy.rules import analysis as writing
from guanjia.domains.energy.rules import publications as rules
from guanjia.engines.wordreports.document import docx_of
from guanjia.engines.wordreports.paper import Paper
from guanjia.kernel.acts.changing import made
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.locks import advisory
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.vouchers import queries as vouchers

ISSUE = "energy.analysis.issue"
KIND = "分析报告"
_LOCK = "energy.analyses"


@transaction.atomic
def issue_analysis(
    *, actor: Actor, institution_id: int, year: int, reason: str = "", at: datetime
) -> Analysis:
    """Issue the analysis of a key user's year as the rows are now, with its Word file.

    Needs ``energy.analysis.issue`` for the institution. A second time it is another edition, which
    needs a reason and something that changed.
    """
    must_hold(actor, ISSUE, {institution_id})
    advisory.advisory(_LOCK)
    one: Institution = queries.key_users(actor.scope(ISSUE), year).get(pk=institution_id)
    facts = queries.facts_of(one, year)
    content = writing.paper_of(facts).as_json()
    digest = rules.digest_of(content)
    rows = Analysis.objects.filter(institution=one, year=year)
    last = rows.order_by("-edition").first()
    rules.may_issue(
        months=len(facts.now.months), over=timezone.localdate(at).year > year,
        again=last is not None, same=last is not None and last.digest == digest, reason=reason,
    ).enforce()  # fmt: skip
    issued: Analysis = Analysis.objects.create(
        institution=one, year=year, edition=last.edition + 1 if last else 1,
        reason=reason.strip() if last else "", paper=content, digest=digest, issued_at=at,
        issued_by_id=actor.person_id,
    )  # fmt: skip
    attachments.attach(
        actor=actor, file=word_of(issued.content(), actor=actor, at=at), subject=issued,
        name=f"{issued.content().title}（第{issued.edition}版）.docx", unit=one.area, kind=KIND,
        at=at,
    )  # fmt: skip
    made(
        issued, "year", "edition", "digest", actor=actor, verb="energy.analysis.issued", at=at,
        note=issued.reason,
    )  # fmt: skip
    return issued


def word_of(paper: Paper, *, actor: Actor, at: datetime) -> bytes:
    """An analysis as a Word file, under the name of who issues it."""
    day = timezone.localdate(at)
    issuer = vouchers.issuer_of(actor) or ""
    return docx_of(paper, at=at, byline=f"{issuer}　{day.year}年{day.month}月{day.day}日".strip())
