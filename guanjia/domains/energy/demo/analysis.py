"""Audits, key users' analyses and publications in the demo, by the keeper of the bureau."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.energy.actions import analyses, assessing, auditing, publications, schemes
from guanjia.domains.energy.models import Assessment, EnergyAudit, Institution
from guanjia.domains.energy.queries import analysis
from guanjia.domains.energy.terms.assessment import Desk, How
from guanjia.domains.energy.terms.auditing import AuditContent
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.works import AuditState
from guanjia.kernel.access import queries as access
from guanjia.kernel.values.actor import Actor, Scope

KEEPER = "wuzhenci"
_YEARS = (2018, 2019)  # those of which the key users' months are whole
_ASSESSED_DAYS = 90  # before the moment, so that the appeals are over
_BEGUN, _DONE, _CHANGED = date(2019, 3, 4), date(2019, 5, 30), date(2019, 6, 18)
_CONTENTS = {
    AuditContent.FILES: "竣工图纸齐全，设备台账缺 2015 年以后更换的空调 12 台，已补登。",
    AuditContent.METERING: "电、水、气账单与月报逐月核对，2018 年相差不到 1%。",
    AuditContent.RUNNING: "空调有启停制度，夜间和假期个别教室没有关机；开水器没有定时。",
    AuditContent.FOLLOWED: "此前没有做过能源审计。",
    AuditContent.POTENTIAL: "走廊、教室灯具为 T8 荧光灯，换 LED 并装分区控制，有节电空间。",
    AuditContent.QUOTA: "有年度节能计划，没有核定的能耗定额。",
    AuditContent.TRUTH: "总表在检定有效期内，食堂没有单独的电表。",
}  # fmt: skip


def live(*, at: datetime) -> None:
    """An audit with a measure whose saving can be measured, another under way; the analyses of
    two years, and what is published of them."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    users = list(analysis.key_users(Scope.all(), _YEARS[-1]))
    _audited(keeper, users[0], at)
    _under_way(keeper, at)
    _issued(keeper, users, at)
    _ranked(keeper, users, at)


def _audited(keeper: Actor, one: Institution, at: datetime) -> None:
    """An audit of 2019: what it looked at, found, and what came of it."""
    made = auditing.plan_audit(
        actor=keeper, institution_id=one.pk, begun_on=_BEGUN, auditor="江西省节能技术服务机构",
        at=at,
    )  # fmt: skip
    auditing.begin_audit(actor=keeper, audit_id=made.pk, on=_BEGUN, at=at)
    for content, words in _CONTENTS.items():
        auditing.tell_content(actor=keeper, audit_id=made.pk, content=content, words=words, at=at)
    lights = auditing.add_finding(
        actor=keeper, audit_id=made.pk, content=AuditContent.POTENTIAL, at=at,
        words="走廊、教室 640 盏 T8 荧光灯，照明用电占比高",
    )  # fmt: skip
    measure = auditing.set_measure(
        actor=keeper, audit_finding_id=lights.pk, title="更换 LED 灯具并加装分区控制",
        due_on=date(2019, 7, 31), cost_fen=18_600_000,
        claims={Energy.ELECTRICITY: Decimal(38_000)}, at=at,
    )  # fmt: skip
    auditing.finish_measure(actor=keeper, measure_id=measure.pk, on=_CHANGED, at=at)
    meters = auditing.add_finding(
        actor=keeper,
        audit_id=made.pk,
        content=AuditContent.TRUTH,
        words="食堂没有单独的电表",
        at=at,
    )
    auditing.set_measure(
        actor=keeper, audit_finding_id=meters.pk, title="食堂加装分项电表",
        due_on=date(2020, 9, 30), cost_fen=1_250_000, at=at,
    )  # fmt: skip
    auditing.finish_audit(actor=keeper, audit_id=made.pk, on=_DONE, at=at)


def _under_way(keeper: Actor, at: datetime) -> None:
    """The newest audit of the ledgers that is not finished has a part of its contents."""
    found = EnergyAudit.objects.filter(state=AuditState.RUNNING).order_by("-begun_on", "pk").first()
    if found is not None:
        for content in (AuditContent.FILES, AuditContent.METERING):
            auditing.tell_content(
                actor=keeper, audit_id=found.pk, content=content, words="已核对，无缺漏。", at=at
            )


def _issued(keeper: Actor, users: list[Institution], at: datetime) -> None:
    """All analyses are issued; those of the last year and its indicators are published."""
    for year in _YEARS:
        for one in users:
            made = analyses.issue_analysis(actor=keeper, institution_id=one.pk, year=year, at=at)
            if year == _YEARS[-1]:
                draft = publications.draft_analysis(actor=keeper, analysis_id=made.pk, at=at)
                publications.publish(actor=keeper, publication_id=draft.pk, at=at)
    indicators = publications.draft_year(actor=keeper, year=_YEARS[-1], key_users=True, at=at)
    publications.publish(actor=keeper, publication_id=indicators.pk, at=at)
    publications.draft_year(actor=keeper, year=_YEARS[-1] + 1, key_users=True, at=at)


def _ranked(keeper: Actor, users: list[Institution], at: datetime) -> None:
    """The key users wanted to become 节约型机关 of the last year; how it ended is published."""
    begun = at - timedelta(days=_ASSESSED_DAYS)
    table = schemes.tables()["saving-organ"]
    scheme = schemes.plan_scheme(actor=keeper, table=table, year=_YEARS[-1], at=begun)
    there = Institution.objects.listed(date(_YEARS[-1], 12, 31)).filter(
        pk__in=[u.pk for u in users]
    )
    schemes.open_scheme(
        actor=keeper, scheme_id=scheme.pk, at=begun,
        institution_ids=[one.pk for one in there.filter(pk__in=[one.pk for one in users])],
        self_until=begun.date() + timedelta(days=20),
        appeal_until=begun.date() + timedelta(days=60),
    )  # fmt: skip
    leaves: list[Any] = list(scheme.indicators.exclude(points=None).order_by("position"))
    for place, row in enumerate(Assessment.objects.filter(scheme=scheme).order_by("pk")):
        on: dict[str, Any] = {"actor": keeper, "assessment_id": row.pk, "at": begun}
        for leaf in (one for one in leaves if one.how == How.EVIDENCE):
            assessing.score_self(
                **on, indicator_id=leaf.pk, points=Decimal(leaf.points), words="见附件台账"
            )
        if assessing.send(**on).desk == Desk.COUNTY:
            assessing.hand_on(**on)
        for leaf in (one for one in leaves if one.how == How.REVIEW):
            points = Decimal(leaf.points) - 3 * (place + 1)
            assessing.review(
                **on, indicator_id=leaf.pk, points=points, words="垃圾分类台账不全，宣传少"
            )
        assessing.decide(**on)
    schemes.publish(actor=keeper, scheme_id=scheme.pk, at=at)
    draft = publications.draft_ranks(actor=keeper, scheme_id=scheme.pk, at=at)
    publications.publish(actor=keeper, publication_id=draft.pk, at=at)
