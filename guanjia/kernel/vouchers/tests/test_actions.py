"""Issuing, voiding and replacing vouchers; their numbers have no gap, their papers no hole."""

import io
import threading
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from django.db import Error, IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.attachments import store
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, Held, NotAllowed, Reach
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.vouchers import actions, queries
from guanjia.kernel.vouchers.models import Voiding, Voucher, VoucherFile
from guanjia.kernel.vouchers.terms import Form, State, Why
from guanjia.kernel.vouchers.tests import papers
from guanjia.kernel.vouchers.tests.papers import DAY, TODAY

pytestmark = pytest.mark.django_db
AT_ONCE = 10


def clerk(name: str = "熊燕欣") -> Actor:
    """Somebody who may make vouchers void, all over the city."""
    held = Held(duty="x", title="x", verbs=frozenset({"vouchers.void"}), reach=Reach.CITY)
    return Actor(name=name, held=(held,))


def words_of(voucher: Voucher) -> str:
    """All that the Word file says."""
    file = voucher.files.get(form=Form.DOCX)
    document = docx.Document(io.BytesIO(store.read(file.digest)))
    return "\n".join(node.text or "" for node in document.element.iter() if node.tag.endswith("}t"))


def test_a_voucher_has_number_code_file_and_record(unit: Unit) -> None:
    voucher = papers.issue(unit)
    assert voucher.numbered == "景调配〔2020〕001号"
    file = VoucherFile.objects.get(voucher=voucher)
    assert (file.form, store.unchanged(file.digest)) == (Form.DOCX, True)
    record = Record.objects.get(verb="voucher.issued")
    assert (record.on_id, record.unit_path) == (voucher.pk, unit.path)
    assert record.after is not None
    assert record.after["digest"] == file.digest


def test_the_word_file_says_what_was_granted(unit: Unit) -> None:
    said = words_of(voucher := papers.issue(unit))
    for each in (
        voucher.numbered,
        voucher.printed_code,
        "guanjia.example/v",
        "景德镇市农业农村局",
        "2020年5月20日",
        *papers.SENTENCES,
    ):
        assert each in said
    assert "{{" not in said


def test_what_is_typed_into_a_fact_stays_text(unit: Unit) -> None:
    nasty = "甲 & 乙 <w:br/> {{ code }} {% for x in y %}\x0b”"
    said = words_of(papers.issue(unit, facts={"sentences": [nasty]}))
    assert nasty.replace("\x0b", "") in said


def test_a_job_for_the_pdf_appears_with_the_voucher_and_goes_with_it(unit: Unit) -> None:
    # Tests that commit leave jobs of their own behind: the table is the queue's, not ours.
    others = list(ProcrastinateJob.objects.values_list("pk", flat=True))
    papers.issue(unit)
    wanted = ProcrastinateJob.objects.filter(task_name=actions.FILE_PDF).exclude(pk__in=others)
    assert [job.args for job in wanted] == [{"voucher_id": Voucher.objects.get().pk}]
    with transaction.atomic():
        papers.issue(unit)
        transaction.set_rollback(True)
    assert wanted.count() == Voucher.objects.count() == 1


@pytest.mark.pg15
def test_a_pdf_that_is_waited_for_is_not_asked_for_twice(unit: Unit) -> None:
    voucher, other = papers.issue(unit), papers.issue(unit)
    # Tests that commit leave jobs of their own behind: the table is the queue's, not ours.
    wanted = ProcrastinateJob.objects.filter(
        task_name=actions.FILE_PDF, args__voucher_id__in=[voucher.pk, other.pk]
    )
    for _ in range(3):
        actions.want_pdf(voucher_id=voucher.pk)
    assert wanted.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    actions.want_pdf(voucher_id=other.pk)
    assert [job.args for job in wanted] == [{"voucher_id": other.pk}]


@pytest.mark.pg15
@pytest.mark.django_db(transaction=True)
def test_a_voucher_is_not_issued_outside_the_action_that_grants(unit: Unit) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        actions.issue(actor=SYSTEM, paper=papers.paper(unit), at=AT)


def test_a_template_that_cannot_be_filled_issues_nothing_and_uses_no_number(
    unit: Unit, tmp_path: Path
) -> None:
    papers.issue(unit)
    with pytest.raises(Refused, match="模板填不出来"):
        papers.issue(unit, kind=papers.broken(tmp_path))
    with pytest.raises(Refused, match="sentences"):  # a hole in the paper
        papers.issue(unit, facts={})
    with transaction.atomic(), pytest.raises(Refused):  # also for a caller who goes on after it
        actions.issue(actor=SYSTEM, paper=papers.paper(unit, facts={}), at=AT)
    assert papers.issue(unit).number == 2
    assert Record.objects.filter(verb="voucher.issued").count() == 2


def test_the_bureaus_own_template_comes_first(unit: Unit, settings: Any) -> None:
    folder = Path(settings.VOUCHER_TEMPLATES)
    folder.mkdir()
    own = docx.Document()
    own.add_paragraph("本局自己的样式 {{ number }}")
    own.save(str(folder / "test.allocation.docx"))
    assert words_of(papers.issue(unit)) == "本局自己的样式 景调配〔2020〕001号"


def test_only_what_the_kind_allows_is_shown_to_everybody(unit: Unit) -> None:
    with pytest.raises(ValueError, match="手机号"):
        papers.issue(unit, shown=[("手机号", "13879810049")])


def test_numbers_begin_anew_each_year(unit: Unit) -> None:
    papers.issue(unit)
    late = datetime(2020, 12, 31, 23, 59, tzinfo=SHANGHAI)
    assert papers.issue(unit, at=late).numbered == "景调配〔2020〕002号"
    early = datetime(2021, 1, 1, 0, 1, tzinfo=SHANGHAI)
    assert papers.issue(unit, at=early).numbered == "景调配〔2021〕001号"


@pytest.mark.django_db(transaction=True)
@pytest.mark.pg15
def test_twenty_at_once_with_failures_leave_no_gap(unit: Unit) -> None:
    """Every third finds its template wanting, and one rolls back after it was issued."""
    raised: list[Exception] = []
    gate = threading.Barrier(AT_ONCE)

    def work(first: int) -> None:
        try:
            gate.wait(timeout=30)
            for place in (first, first + AT_ONCE):
                facts = {} if place % 3 == 0 else {"sentences": ["第一", "第二"]}
                try:
                    with transaction.atomic():
                        actions.issue(actor=SYSTEM, paper=papers.paper(unit, facts=facts), at=AT)
                        if place == 7:
                            raise RuntimeError
                except (Refused, RuntimeError) as expected:
                    raised.append(expected)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(raised) == 8
    numbers = sorted(Voucher.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 13))
    assert Voucher.objects.values("code").distinct().count() == 12


@pytest.mark.pg15
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_gap_and_a_change(unit: Unit) -> None:
    voucher = papers.issue(unit)
    facts = {
        field.attname: getattr(voucher, field.attname)
        for field in Voucher._meta.concrete_fields
        if field.attname != "id"
    }
    for number in (1, 3):  # taken, and one too far
        changed = {**facts, "number": number, "numbered": "x", "code": "0" * 12}
        with pytest.raises(IntegrityError):
            Voucher.objects.create(**changed)
    with pytest.raises(Error, match="Cannot"):
        Voucher.objects.filter(pk=voucher.pk).update(title="另一张")
    with pytest.raises(Error, match="Cannot"):
        Voucher.objects.filter(pk=voucher.pk).delete()


# ── state ────────────────────────────────────────────────────────────────────────────────


def test_a_state_is_worked_out_from_days_and_entries(unit: Unit) -> None:
    voucher = papers.issue(unit)
    assert voucher.state(TODAY) is State.VALID
    assert voucher.state(TODAY - DAY) is State.LATER
    assert voucher.state(TODAY + 9 * DAY) is State.VALID
    assert voucher.state(TODAY + 10 * DAY) is State.EXPIRED
    for_good = papers.issue(unit, valid_until=None)
    assert for_good.state(TODAY + 9999 * DAY) is State.VALID


@pytest.mark.parametrize("on", [TODAY - DAY, TODAY, TODAY + 9 * DAY, TODAY + 10 * DAY])
def test_the_filter_and_the_row_agree_on_the_state(unit: Unit, on: Any) -> None:
    papers.issue(unit)
    papers.issue(unit, valid_until=None)
    papers.replace(papers.issue(unit), unit)
    actions.void(actor=SYSTEM, voucher_id=papers.issue(unit).pk, reason="x", at=AT)
    for voucher in Voucher.objects.with_state():
        for state in State:
            found = Voucher.objects.in_state(state, on).filter(pk=voucher.pk).exists()
            assert found == (voucher.state(on) is state)


# ── void and replaced ────────────────────────────────────────────────────────────────────


def test_a_voucher_is_made_void_once_with_its_reason(unit: Unit) -> None:
    voucher = papers.issue(unit)
    with papers.seen_by("熊燕欣"):
        actions.void(actor=clerk(), voucher_id=voucher.pk, reason="写错了", why=Why.MISTAKEN, at=AT)
        with pytest.raises(Refused, match="已经作废"):
            actions.void(actor=clerk(), voucher_id=voucher.pk, reason="再来", at=AT)
    again = Voucher.objects.get(pk=voucher.pk)
    assert again.state(TODAY) is State.VOID
    assert Voiding.objects.get().reason == "写错了"
    record = Record.objects.get(verb="voucher.voided")
    assert (record.note, record.on_id) == ("写错了", voucher.pk)


def test_voiding_needs_the_duty_the_sight_and_a_reason(unit: Unit) -> None:
    voucher = papers.issue(unit)
    with pytest.raises(NotAllowed):
        actions.void(actor=Actor(name="谁"), voucher_id=voucher.pk, reason="x", at=AT)
    with papers.seen_by("别人"), pytest.raises(Voucher.DoesNotExist):
        actions.void(actor=clerk(), voucher_id=voucher.pk, reason="x", at=AT)
    with papers.seen_by("熊燕欣"), pytest.raises(Refused, match="没有写作废原因"):
        actions.void(actor=clerk(), voucher_id=voucher.pk, reason="  ", at=AT)
    with papers.seen_by("熊燕欣"), pytest.raises(Refused, match="换发"):
        actions.void(actor=clerk(), voucher_id=voucher.pk, reason="x", why=Why.REPLACED, at=AT)
    with papers.seen_by("熊燕欣"), pytest.raises(Refused, match="不超过 200 字"):
        actions.void(actor=clerk(), voucher_id=voucher.pk, reason="长" * 201, at=AT)
    assert not Voiding.objects.exists()
    # Whoever undid the grant may say more than fits; neither the entry nor the trail grows with it.
    actions.void_along(actor=SYSTEM, subject=unit, why=Why.CANCELLED, reason="长" * 5000, at=AT)
    assert Voiding.objects.get().reason == "长" * 200
    assert Record.objects.get(verb="voucher.voided").note == "长" * 200


def test_each_of_a_chain_names_its_successor(unit: Unit) -> None:
    first = papers.issue(unit)
    second = papers.replace(first, unit)
    third = papers.replace(second, unit)
    chain = {v.pk: v for v in Voucher.objects.with_state()}
    assert [chain[v.pk].state(TODAY) for v in (first, second, third)] == [
        State.REPLACED,
        State.REPLACED,
        State.VALID,
    ]
    assert chain[first.pk].next == second
    assert chain[second.pk].next == third
    assert queries.standing(unit) == third
    with pytest.raises(Refused, match="已经作废"):
        papers.replace(first, unit)
    assert Voucher.objects.count() == 3


def test_what_is_undone_takes_its_standing_vouchers_along(unit: Unit) -> None:
    papers.issue(unit)
    papers.issue(unit)
    other = papers.issue(unit, subject=org.unit("3602D040"))
    gone = actions.void_along(actor=SYSTEM, subject=unit, why=Why.CANCELLED, reason="", at=AT)
    assert len(gone) == 2
    assert not actions.void_along(actor=SYSTEM, subject=unit, why=Why.CANCELLED, reason="", at=AT)
    assert queries.standing(other.unit) is None
    assert Voucher.objects.in_state(State.VALID, TODAY).get() == other


# ── who sees it ──────────────────────────────────────────────────────────────────────────


def test_a_voucher_is_seen_by_its_scope_and_by_who_may_open_its_subject(unit: Unit) -> None:
    voucher = papers.issue(unit)
    reads = frozenset({"vouchers.see"})
    near = Held(duty="x", title="x", verbs=reads, reach=Reach.BELOW, unit_path=unit.path)
    far = Held(duty="x", title="x", verbs=reads, reach=Reach.BELOW, unit_path="/9999/")
    with papers.seen_by("莫兴"):
        for actor in (Actor(name="甲", held=(near,)), Actor(name="莫兴"), SYSTEM):
            assert queries.visible(actor=actor, voucher_id=voucher.pk) == voucher
        for actor in (Actor(name="乙", held=(far,)), Actor(name="丙")):
            with pytest.raises(Voucher.DoesNotExist):
                queries.visible(actor=actor, voucher_id=voucher.pk)


def test_the_issuer_is_the_unit_that_answers_for_the_section(db: None) -> None:
    bureau = org.unit("3602D055", name="景德镇市机关事务管理局")
    section = org.unit("3602D05501", bureau, nature="SECTION")
    account = access.account("clerk", org.person("D055009", section, "熊燕欣"))
    assert queries.issuer_of(access.actor(account)) == "景德镇市机关事务管理局"
    assert queries.issuer_of(SYSTEM) == ""


def test_a_word_file_can_be_opened_as_the_package_it_is(unit: Unit) -> None:
    digest = papers.issue(unit).files.get().digest
    with zipfile.ZipFile(io.BytesIO(store.read(digest))) as package:
        assert package.testzip() is None
        assert any(name.endswith(".png") for name in package.namelist()), "the QR code is in it"
