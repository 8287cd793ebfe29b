"""The files of vouchers: the PDF comes afterwards, once, and what was changed is found."""

import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pgtrigger
import psutil
import pytest
from django.db import connection

from guanjia.kernel.attachments import named, store
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.vouchers import actions, jobs, office, queries
from guanjia.kernel.vouchers.models import Voiding, Voucher, VoucherFile
from guanjia.kernel.vouchers.terms import Form, Why
from guanjia.kernel.vouchers.tests import papers

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 as if"


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Stands in for LibreOffice; what it was given."""
    given: list[bytes] = []

    def to_pdf(content: bytes) -> bytes:
        given.append(content)
        return PDF

    monkeypatch.setattr(office, "to_pdf", to_pdf)
    monkeypatch.setattr(office, "pages_of", lambda _: 1)
    return given


def file(voucher: Voucher) -> VoucherFile | None:
    return actions.file_pdf(actor=SYSTEM, voucher_id=voucher.pk, at=AT)


def test_the_pdf_is_made_of_the_kept_word_file_and_recorded(
    unit: Unit, printer: list[bytes]
) -> None:
    voucher = papers.issue(unit)
    kept = file(voucher)
    assert kept is not None
    assert printer == [store.read(voucher.files.get(form=Form.DOCX).digest)]
    assert store.read(kept.digest) == PDF
    record = Record.objects.get(verb="voucher.filed")
    assert record.after == {"digest": kept.digest, "pages": 1}


def test_a_job_run_twice_makes_one_pdf(unit: Unit, printer: list[bytes]) -> None:
    voucher = papers.issue(unit)
    assert file(voucher) == file(voucher)
    assert len(printer) == 1
    jobs.file_pdf(voucher_id=voucher.pk)
    assert Record.objects.filter(verb="voucher.filed").count() == 1


@pytest.mark.pg15
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_pdf(unit: Unit, printer: list[bytes]) -> None:
    voucher = papers.issue(unit)
    raised: list[Exception] = []
    gate = threading.Barrier(2)

    def work() -> None:
        try:
            gate.wait(timeout=30)
            file(voucher)
        except Exception as fault:
            raised.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not raised
    assert VoucherFile.objects.filter(form=Form.PDF).count() == 1


def test_without_libreoffice_a_voucher_stays_without_until_it_appears(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    voucher = papers.issue(unit)
    monkeypatch.setattr(office, "_NAMES", ("no-such-program",))
    assert file(voucher) is None
    assert not Record.objects.filter(verb="voucher.filed").exists()
    since, until = AT.replace(day=1), AT.replace(day=21)
    assert queries.without_pdf(since=since, until=until, limit=5) == [voucher.pk]
    wanted: list[int] = []
    monkeypatch.setattr(actions, "want_pdf", lambda *, voucher_id: wanted.append(voucher_id))
    monkeypatch.setattr(queries, "without_pdf", lambda **_: [voucher.pk])
    jobs.catch_up(timestamp=0)
    assert wanted == [], "not before it is there"
    monkeypatch.setattr(office, "program", lambda: "/usr/bin/soffice")
    jobs.catch_up(timestamp=0)
    assert wanted == [voucher.pk]


def test_a_changed_word_file_is_never_turned_into_a_pdf(unit: Unit, printer: list[bytes]) -> None:
    voucher = papers.issue(unit)
    store.path_of(voucher.files.get().digest).write_bytes(b"something else")
    with pytest.raises(FileNotFoundError):
        file(voucher)
    assert printer == []


# ── the program itself ───────────────────────────────────────────────────────────────────


def program(folder: Path, script: str) -> str:
    """A stand-in for LibreOffice that runs a script."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_run_that_hangs_is_killed_with_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "child"
    hanging = program(tmp_path, f"sleep 300 & echo $! > {told}\nwait")
    monkeypatch.setattr(office, "program", lambda: hanging)
    monkeypatch.setattr(office, "SECONDS_MAX", 1)
    with pytest.raises(office.ConversionFailed, match="within 1 s"):
        office.to_pdf(b"x")
    child = int(told.read_text())
    for _ in range(100):
        gone = not psutil.pid_exists(child) or (
            psutil.Process(child).status() == psutil.STATUS_ZOMBIE
        )
        if gone:
            break
        time.sleep(0.05)
    assert gone


def test_a_run_that_gives_nothing_says_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = program(tmp_path, "echo 'source file could not be loaded'; exit 1")
    monkeypatch.setattr(office, "program", lambda: broken)
    with pytest.raises(office.ConversionFailed, match="could not be loaded"):
        office.to_pdf(b"x")


def test_each_run_has_a_profile_and_fonts_of_its_own_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    honest = program(
        tmp_path,
        f'echo "$1 $FONTCONFIG_FILE" >> {seen}\n'
        'case "$6" in fodt) echo hello > voucher.fodt;; '
        "*) cp voucher.fodt voucher.pdf;; esac",
    )
    monkeypatch.setattr(office, "program", lambda: honest)
    assert office.to_pdf(b"x") == b"hello\n"
    first = seen.read_text().split()
    office.to_pdf(b"x")
    lines = seen.read_text().splitlines()
    assert len(set(lines)) == 2, "the same profile within a run, another for the next"
    assert first[0].startswith("-env:UserInstallation=file://")
    folder = Path(first[1]).parent
    assert not folder.exists()
    assert folder.name.startswith("guanjia-office-")


def test_what_a_killed_worker_left_is_swept_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.tempfile, "gettempdir", lambda: str(tmp_path))
    left, fresh = tmp_path / "guanjia-office-old", tmp_path / "guanjia-office-new"
    for folder in (left, fresh):
        (folder / "profile").mkdir(parents=True)
    os.utime(left, (0, 0))
    office.sweep()
    assert [each.name for each in tmp_path.iterdir()] == ["guanjia-office-new"]


def test_the_bureaus_fonts_are_looked_for_first(settings: Any, tmp_path: Path) -> None:
    conf = office.fonts_conf(cache=tmp_path)
    own, ours = conf.index(str(settings.VOUCHER_FONTS)), conf.index(str(office.OURS))
    assert own < ours < conf.index("/etc/fonts/fonts.conf")
    assert (office.OURS / "FandolFang-Regular.otf").exists()
    assert (office.OURS / "FandolFang-COPYING.txt").exists(), "never without its licence"


def test_what_is_no_pdf_is_found_out() -> None:
    with pytest.raises(office.ConversionFailed):
        office.pages_of(b"hello")


# ── the audit ────────────────────────────────────────────────────────────────────────────


def problems() -> list[str]:
    return [each for each in audit.verify().problems if each.startswith("凭证文件")]


def test_the_audit_compares_every_file_with_store_and_trail(
    unit: Unit, printer: list[bytes]
) -> None:
    vouchers = [papers.issue(unit) for _ in range(3)]
    for voucher in vouchers:
        file(voucher)
    assert queries.check_files() == (6, [])
    assert audit.verify().compared["凭证文件"] == 6
    assert problems() == []
    path = store.path_of(vouchers[1].files.get(form=Form.DOCX).digest)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    (problem,) = problems()
    assert "景调配〔2020〕002号 的 Word 文件：内容与登记的摘要不一致。" in problem
    os.unlink(path)
    (problem,) = problems()
    assert "文件不见了" in problem


def test_the_audit_finds_a_row_that_points_at_another_file(unit: Unit) -> None:
    voucher = papers.issue(unit)
    other = store.keep(b"another text, kept in the store as it should be")
    with pgtrigger.ignore("vouchers.VoucherFile:append_only"):
        VoucherFile.objects.filter(voucher=voucher).update(digest=other)
    (problem,) = problems()
    assert "摘要与操作记录不一致" in problem
    assert not queries.files_of(voucher)[0].as_recorded


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_until": None},
        {"code": "0123456789AB"},
        {"shown": [["使用单位", "别的单位"]]},
        {"issued_name": "别人"},
    ],
)
def test_the_audit_finds_a_voucher_that_says_something_else(
    unit: Unit, changed: dict[str, object]
) -> None:
    voucher = papers.issue(unit)
    with pgtrigger.ignore("vouchers.Voucher:append_only"):
        Voucher.objects.filter(pk=voucher.pk).update(**changed)
    assert problems() == [f"凭证文件：{voucher}：登记的内容与操作记录不一致。"]


def test_the_audit_finds_a_voucher_without_its_file_or_its_record(unit: Unit) -> None:
    first, second = papers.issue(unit), papers.issue(unit)
    with pgtrigger.ignore("vouchers.VoucherFile:append_only"):
        VoucherFile.objects.filter(voucher=first).delete()
    with pgtrigger.ignore("audit.Record:append_only"):
        Record.objects.filter(on_id=second.pk, verb="voucher.issued").delete()
    assert problems() == [
        f"凭证文件：{second} 的 Word 文件：操作记录中没有它的摘要。",
        f"凭证文件：{first}：没有登记文件。",
    ]


def test_the_audit_finds_a_voucher_that_is_gone_or_void_or_valid_against_the_trail(
    unit: Unit,
) -> None:
    revived, hit, gone = (papers.issue(unit) for _ in range(3))
    with pgtrigger.ignore(
        "vouchers.VoucherFile:append_only",
        "vouchers.Voucher:append_only",
        "vouchers.Voiding:append_only",
    ):
        VoucherFile.objects.filter(voucher=gone).delete()
        Voucher.objects.filter(pk=gone.pk).delete()
        actions.void_along(actor=SYSTEM, subject=unit, why=Why.OTHER, reason="试", at=AT)
        Voiding.objects.filter(voucher=revived).delete()
    with pgtrigger.ignore("audit.Record:append_only"):
        Record.objects.filter(on_id=hit.pk, verb="voucher.voided").delete()
    assert problems() == [
        f"凭证文件：{gone.numbered}：登记不在了。",
        f"凭证文件：{hit}：登记为作废，操作记录中没有。",
        f"凭证文件：{revived}：已经作废，作废的登记不在了。",
    ]


def test_files_that_a_voucher_names_are_not_swept_away(unit: Unit) -> None:
    digest = papers.issue(unit).files.get().digest
    stray = store.keep(b"nobody names me")
    assert named.still_named([digest, stray]) == {digest}
