"""Audits from plan to measured savings: acts, refusals, pages, who may see them."""

import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from guanjia.domains.energy.actions import auditing, institutions, weather
from guanjia.domains.energy.models import (
    AuditedContent,
    AuditMeasure,
    DegreeDays,
    EnergyAudit,
    InstitutionSpell,
    MeasureClaim,
)
from guanjia.domains.energy.queries import auditing as queries
from guanjia.domains.energy.rules import auditing as rules
from guanjia.domains.energy.rules import savings
from guanjia.domains.energy.terms.auditing import AuditContent, MeasureState
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.works import AuditState
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, DAY, SYSTEM, TODAY, City
from guanjia.engines.baselines.fitting import Method, Reading
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments import queries as files
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Scope

BEGUN = date(2020, 3, 2)


@pytest.fixture
def audit(city: City) -> EnergyAudit:
    made = auditing.plan_audit(
        actor=city.actor("keeper"), institution_id=city.institution("school").pk, begun_on=BEGUN,
        auditor="节能技术服务机构", at=AT,
    )  # fmt: skip
    return auditing.begin_audit(actor=city.actor("keeper"), audit_id=made.pk, on=BEGUN, at=AT)


@pytest.fixture
def measure(city: City, audit: EnergyAudit) -> AuditMeasure:
    finding = auditing.add_finding(
        actor=city.actor("keeper"), audit_id=audit.pk, content=AuditContent.POTENTIAL,
        words="灯具老旧", at=AT,
    )  # fmt: skip
    return auditing.set_measure(
        actor=city.actor("keeper"), audit_finding_id=finding.pk, title="更换灯具",
        due_on=date(2020, 6, 30), cost_fen=8_600_000,
        claims={Energy.ELECTRICITY: Decimal(6000)}, at=AT,
    )  # fmt: skip


def refusal(**call: Any) -> str:
    act = call.pop("act")
    with pytest.raises(Refused) as refused:
        act(at=AT, **call)
    return str(refused.value)


def tell_all(city: City, audit: EnergyAudit, *, but: int = 0) -> None:
    for content in list(AuditContent)[but:]:
        auditing.tell_content(
            actor=city.actor("keeper"), audit_id=audit.pk, content=content, words="已核对", at=AT
        )


def test_an_audit_goes_from_plan_to_its_end(city: City, audit: EnergyAudit) -> None:
    tell_all(city, audit)
    done = auditing.finish_audit(actor=city.actor("keeper"), audit_id=audit.pk, on=TODAY, at=AT)
    assert (done.state, done.done_on) == (AuditState.DONE, TODAY)
    about = Record.objects.filter(on_type="energy.energyaudit", on_id=audit.pk)
    verbs = set(about.values_list("verb", flat=True))
    assert {
        f"energy.audit.{name}" for name in ("planned", "begun", "content_told", "finished")
    } <= verbs
    finished = about.get(verb="energy.audit.finished")
    assert finished.verdict["passes"][0]["cite"]["article"] == "第二十二条、第二十三条"


def test_it_refuses_to_finish_while_a_content_has_no_words(city: City, audit: EnergyAudit) -> None:
    tell_all(city, audit, but=1)
    said = refusal(
        act=auditing.finish_audit, actor=city.actor("keeper"), audit_id=audit.pk, on=TODAY
    )
    assert "还有 1 项" in said
    assert "竣工资料和设备台账" in said
    audit.refresh_from_db()
    assert audit.state == AuditState.RUNNING


@pytest.mark.parametrize(("on", "word"), [(BEGUN - DAY, "早于启动"), (TODAY + DAY, "还没有到")])
def test_it_refuses_days_that_cannot_be(
    city: City, audit: EnergyAudit, on: date, word: str
) -> None:
    actor = city.actor("keeper")
    assert word in refusal(act=auditing.finish_audit, actor=actor, audit_id=audit.pk, on=on)


def test_it_refuses_what_comes_before_the_audit_begins(city: City) -> None:
    actor, pk = city.actor("keeper"), city.institution("school").pk
    made = auditing.plan_audit(actor=actor, institution_id=pk, begun_on=BEGUN, at=AT)
    assert "现在是已计划" in refusal(
        act=auditing.add_finding, actor=actor, audit_id=made.pk,
        content=AuditContent.FILES, words="台账不全",
    )  # fmt: skip
    assert "已经登记" in refusal(
        act=auditing.plan_audit, actor=actor, institution_id=pk, begun_on=BEGUN
    )
    assert "还没有到" in refusal(
        act=auditing.begin_audit, actor=actor, audit_id=made.pk, on=TODAY + DAY
    )


def test_papers_of_a_finished_audit_stay(city: City, audit: EnergyAudit) -> None:
    actor = city.actor("keeper")

    def paper(name: str) -> int:
        file = attachments.stage(actor=actor, file=b"report", name=name, at=AT)
        auditing.add_files(actor=actor, audit_id=audit.pk, files=[file.pk], at=AT)
        return int(file.pk)

    first, second = paper("初稿.txt"), paper("报告.txt")
    attachments.remove(actor=actor, attachment_id=first, reason="错了", at=AT)
    tell_all(city, audit)
    auditing.finish_audit(actor=actor, audit_id=audit.pk, on=TODAY, at=AT)
    with pytest.raises(Refused, match="附件不再移除"):
        attachments.remove(actor=actor, attachment_id=second, reason="错了", at=AT)
    kept = [file.name for file in files.of(model="energy.energyaudit", row_id=audit.pk, gone=False)]
    assert kept == ["报告.txt"]


def test_a_called_off_audit_says_why_and_is_over(city: City, audit: EnergyAudit) -> None:
    actor = city.actor("keeper")
    assert "取消原因" in refusal(
        act=auditing.call_off_audit, actor=actor, audit_id=audit.pk, reason="  "
    )
    auditing.call_off_audit(actor=actor, audit_id=audit.pk, reason="机构撤销", at=AT)
    record = Record.objects.get(verb="energy.audit.called_off")
    assert record.note == "机构撤销"
    assert "已取消" in refusal(
        act=auditing.tell_content, actor=actor, audit_id=audit.pk, content=AuditContent.FILES,
        words="台账不全",
    )  # fmt: skip


def test_contents_are_told_again_and_the_trail_has_both(city: City, audit: EnergyAudit) -> None:
    for words in ("台账不全", "台账已补"):
        auditing.tell_content(
            actor=city.actor("keeper"), audit_id=audit.pk, content=AuditContent.FILES,
            words=words, at=AT,
        )  # fmt: skip
    assert AuditedContent.objects.get(audit=audit).words == "台账已补"
    last = Record.objects.filter(verb="energy.audit.content_told").latest("pk")
    assert (last.before["words"], last.after["words"]) == ("台账不全", "台账已补")


def test_only_who_keeps_audits_of_the_institution_writes(city: City, audit: EnergyAudit) -> None:
    for who in ("county", "clerk", "supervisor", "leader"):
        with pytest.raises(NotAllowed):
            auditing.finish_audit(actor=city.actor(who), audit_id=audit.pk, on=TODAY, at=AT)


def test_a_measure_is_done_once(city: City, measure: AuditMeasure) -> None:
    actor = city.actor("keeper")
    call = {"act": auditing.finish_measure, "actor": actor, "measure_id": measure.pk}
    assert "早于审计启动" in refusal(on=BEGUN - DAY, **call)
    auditing.finish_measure(actor=actor, measure_id=measure.pk, on=date(2020, 4, 10), at=AT)
    assert "2020-04-10 已完成" in refusal(on=TODAY, **call)
    assert "已经登记" in refusal(
        act=auditing.set_measure, actor=actor, audit_finding_id=measure.finding_id,
        title="更换灯具", due_on=TODAY,
    )  # fmt: skip
    assert "大于 0" in refusal(
        act=auditing.set_measure, actor=actor, audit_finding_id=measure.finding_id, title="别的",
        due_on=TODAY, claims={Energy.WATER: Decimal(0)},
    )  # fmt: skip


@pytest.mark.pg15
def test_the_database_knows_claims_that_are_nothing(measure: AuditMeasure) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MeasureClaim.objects.create(measure=measure, energy="WATER", amount=0)


def test_how_far_a_measure_has_come() -> None:
    day = date(2020, 6, 30)
    assert rules.measure_state(due=day, done=None, today=day) is MeasureState.OPEN
    assert rules.measure_state(due=day, done=None, today=day + DAY) is MeasureState.LATE
    assert rules.measure_state(due=day, done=day, today=day + DAY) is MeasureState.DONE


# ── savings ──────────────────────────────────────────────────────────────────────────────


def amount(year: int, month: int) -> float:
    return 5000 + 400 * math.cos(month) + 25 * math.sin(7 * month * year)


def months(first: int, last: int, *, less: float = 0) -> list[Reading]:
    return [
        Reading(month=date(2018 + n // 12, n % 12 + 1, 1),
                amount=amount(2018 + n // 12, n % 12 + 1) - less)
        for n in range(first, last)
    ]  # fmt: skip


def test_the_sentence_says_what_was_saved_how_and_how_sure() -> None:
    found = savings.measure(
        energy=Energy.ELECTRICITY, claimed_year=Decimal(6000), done_on=date(2019, 1, 20),
        readings=[*months(0, 13), *months(13, 24, less=500)],
    )  # fmt: skip
    assert found.found is not None
    assert found.found.method is Method.SAME_MONTH
    assert found.found.after_months == 11, "the month in which it was done is mixed"
    assert found.found.low < 11 * 500 < found.found.high
    assert found.claimed == 5500
    assert "节约" in found.sentence
    assert "同月对比" in found.sentence
    assert "改造前 11 个月、改造后 11 个月" in found.sentence
    assert "改造前11个月、改造后11个月" in found.official
    assert "千瓦时" in found.official
    assert "kWh" in found.sentence


def test_what_is_not_measured_says_why() -> None:
    few = savings.measure(
        energy=Energy.WATER, claimed_year=None, done_on=date(2019, 11, 20), readings=months(0, 24)
    )
    assert few.found is None
    assert "数据不足，改造后一年只有 1 个月有填报，至少要 3 个月" in few.sentence
    other = savings.measure(
        energy=Energy.WATER, claimed_year=None, done_on=date(2018, 4, 20), readings=months(0, 10)
    )
    assert "同月只有 0 个，至少要 6 个" in other.sentence
    same = savings.measure(
        energy=Energy.WATER, claimed_year=None, done_on=date(2019, 1, 20), readings=months(0, 24)
    )
    assert "没有测出变化" in same.sentence


def test_months_are_compared_that_are_near_however_few_were_told() -> None:
    assert savings.window(date(2019, 1, 20)) == (date(2016, 1, 1), date(2020, 2, 1))
    assert savings.window(date(2019, 12, 1)) == (date(2016, 12, 1), date(2021, 1, 1))
    told = [*months(0, 6), *months(48, 60)]
    far = savings.measure(
        energy=Energy.WATER, claimed_year=None, done_on=date(2021, 12, 20), readings=told
    )
    assert "同月只有 0 个" in far.sentence, "those of 2018 are too long ago"
    late = savings.measure(
        energy=Energy.WATER, claimed_year=None, done_on=date(2018, 7, 20),
        readings=[*months(0, 7), *months(24, 36)],
    )  # fmt: skip
    assert "改造后一年只有 0 个月有填报" in late.sentence, "those of 2020 tell nothing"


def test_a_change_of_size_is_one_and_another_name_is_none(
    city: City, measure: AuditMeasure
) -> None:
    auditing.finish_measure(actor=SYSTEM, measure_id=measure.pk, on=TODAY, at=AT)
    measure.refresh_from_db()
    pk = measure.finding.audit.institution_id
    assert queries.disturbed(measure, pk) == [], "that it was entered is no change"
    for on, facts in (
        (date(2019, 3, 1), {"name": "新名"}),
        (date(2019, 5, 1), {"floor_m2": Decimal(9000)}),
        (date(2019, 7, 1), {"people": 77, "floor_m2": Decimal(9500)}),
    ):
        spell = InstitutionSpell.objects.filter(institution=pk).latest("during")
        institutions.restate(spell, on=on, facts=facts, at=AT)
    assert queries.disturbed(measure, pk) == [
        "2019-05-01 起面积有变动", "2019-07-01 起面积、人数有变动"
    ]  # fmt: skip


@pytest.mark.pg15
def test_weather_is_read_with_the_months_where_it_is_known(city: City) -> None:
    city.tell("school", 2020, 1, ELECTRICITY=4000)
    city.tell("school", 2020, 2, ELECTRICITY=4100)
    weather.enter_degree_days(
        actor=city.actor("keeper"), at=AT,
        rows=[{"month": date(2020, 1, 1), "heating": Decimal("312.5"), "cooling": Decimal(0),
               "source": "市气象局"}],
    )  # fmt: skip
    (january, february) = queries.readings_of(city.institution("school").pk, [Energy.ELECTRICITY])[
        Energy.ELECTRICITY
    ]
    assert (january.heating, january.cooling) == (312.5, 0)
    assert february.heating is None
    assert Record.objects.filter(verb="energy.weather.entered").count() == 1
    with pytest.raises(NotAllowed):
        weather.enter_degree_days(actor=city.actor("county"), rows=[], at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        DegreeDays.objects.create(month=date(2020, 3, 1), heating=-1, cooling=0, source="样例")


# ── who has to be audited ────────────────────────────────────────────────────────────────


def test_who_has_to_be_audited_reaches_one_of_the_thresholds(city: City) -> None:
    city.half_year("hospital", power=90_000)  # 30,000 ㎡
    city.half_year("school", power=4000)  # 8,000 ㎡
    law = law_at(AT)
    (one,) = queries.obliged(scope=Scope.all(), year=2020, today=TODAY, law=law)
    assert one.body.name == "市第二人民医院"
    assert one.due.reasons == ("建筑面积 30,000.0 ㎡，不少于 10,000 ㎡",)
    assert not one.recent
    made = auditing.plan_audit(actor=SYSTEM, institution_id=one.body.id, begun_on=BEGUN, at=AT)
    auditing.begin_audit(actor=SYSTEM, audit_id=made.pk, on=BEGUN, at=AT)
    tell_all(city, made)
    auditing.finish_audit(actor=SYSTEM, audit_id=made.pk, on=TODAY, at=AT)
    (one,) = queries.obliged(scope=Scope.all(), year=2020, today=TODAY, law=law)
    assert one.recent
    assert one.last == TODAY


def test_five_years_before_a_leap_day_there_was_none() -> None:
    law = law_at(AT)
    assert rules.since_when(today=date(2028, 2, 29), law=law) == date(2023, 3, 1)
    assert rules.since_when(today=date(2020, 8, 20), law=law) == date(2015, 8, 20)


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_the_audit_is_seen_by_those_it_concerns(city: City, measure: AuditMeasure) -> None:
    pk = measure.finding.audit_id
    page = seen(city, "keeper", "audit", pk)
    for word in ("共 7 项", "灯具老旧", "更换灯具", "已逾期", "申报年节约电 6,000", "措施完成"):
        assert word in page, word
    assert "措施完成" not in seen(city, "county", "audit", pk), "the county only reads"
    answer = visit(city, "other_county").get(f"/energy/audits/{pk}/")
    assert answer.status_code == 404
    assert visit(city, "clerk").get(f"/energy/audits/{pk}/").status_code == 403


def test_an_audit_is_written_on_its_pages(city: City) -> None:
    city.half_year("hospital")
    page = seen(city, "keeper", "audits_due")
    assert "市第二人民医院" in page
    assert "未核对" in page
    assert "乐平市第一中学" not in page
    assert "市第二人民医院" in seen(city, "keeper", "audit_new", institution="市第二人民医院")
    bad = post(city, "keeper", "audit_new", institution="没有这家", begun_on="2020-03-02")
    assert bad.status_code == 422
    assert "没有唯一的这个名称" in bad.content.decode()
    post(city, "keeper", "audit_new", institution="市第二人民医院", begun_on="2020-03-02")
    audit = EnergyAudit.objects.get()
    post(city, "keeper", "audit_begin", audit.pk, on="2020-03-02")
    post(city, "keeper", "audit_content", audit.pk, content="FILES", words="台账齐全")
    post(city, "keeper", "audit_finding", audit.pk, content="POTENTIAL", words="锅炉效率低")
    finding = audit.findings.get()
    post(city, "keeper", "audit_finding_measure", finding.pk, title="换锅炉", due_on="2020-12-31",
         cost="860,000.00", gas="12,000")  # fmt: skip
    measure = finding.measures.get()
    assert (measure.cost_fen, measure.claims.get().amount) == (86_000_000, 12_000)
    late = post(city, "keeper", "audit_measure_done", measure.pk, on="2020-12-31")
    assert late.status_code == 422
    assert "还没有到" in late.content.decode()
    post(city, "keeper", "audit_measure_done", measure.pk, on="2020-08-01")
    again = post(city, "keeper", "audit_measure_done", measure.pk, on="2020-08-02")
    assert "2020-08-01 已完成" in again.content.decode(), "though its button is gone"
    page = seen(city, "keeper", "audit", audit.pk)
    assert "数据不足" in page
    refused = post(city, "keeper", "audit_finish", audit.pk, on="2020-08-19")
    assert "还有 6 项" in refused.content.decode()
    assert "第二十三条" in refused.content.decode()
    form = seen(city, "keeper", "audit_content", audit.pk, content="FILES")
    assert "台账齐全" in form, "told again, it begins with what was said"
    odd = post(city, "keeper", "audit_content", audit.pk, content="X", words="台账齐全")
    assert (odd.status_code, "选审计内容" in odd.content.decode()) == (422, True)
    over = visit(city, "keeper").get(f"/energy/audits/{audit.pk}/begin/")
    assert (over.status_code, "现在是进行中" in over.content.decode()) == (409, True)
    for name, pk in (("audit_finding_measure", finding.pk), ("audit_measure_done", measure.pk)):
        assert post(city, "county", name, pk).status_code == 403


def test_a_late_measure_waits_for_its_keeper(city: City, measure: AuditMeasure) -> None:
    assert queries.late(Scope.all(), measure.due_on).count() == 0, "not late on its day"
    front = visit(city, "keeper").get("/").content.decode()
    assert "整改措施已逾期" in front
    assert "更换灯具" in front
    assert "更换灯具" not in visit(city, "county").get("/").content.decode()
    auditing.finish_measure(actor=city.actor("keeper"), measure_id=measure.pk, on=TODAY, at=AT)
    assert "更换灯具" not in visit(city, "keeper").get("/").content.decode()


def test_the_weather_is_a_ledger(city: City) -> None:
    assert timezone.localdate() == TODAY
    assert "逐月度日" in seen(city, "county", "weather_list")
