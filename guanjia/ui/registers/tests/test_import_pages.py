"""The way of a file into a register: chosen, looked at, written, and what goes wrong."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app as procrastinate_app

from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.registers import jobs, uploads
from guanjia.kernel.registers.models import Upload
from guanjia.kernel.registers.terms import UploadState
from guanjia.ui.registers.imports import reason_title
from guanjia.ui.registers.tests.conftest import GOOD, HEADERS, workbook
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def upload(client: Client, file: io.BytesIO) -> tuple[Upload, str]:
    response = client.post("/people/import/", {"file": file}, follow=True)
    assert response.status_code == 200
    return Upload.objects.latest("pk"), flat(response.content)


def bad(**cells: str) -> list[str]:
    row = dict(zip(HEADERS, GOOD, strict=True)) | cells
    return list(row.values())


def test_a_clean_file_is_looked_at_before_anything_is_written(clerk: Client) -> None:
    kept, page = upload(clerk, workbook(GOOD))
    assert kept.state == UploadState.READY
    assert "写入 1 行" in page
    assert "现在什么都还没有写入" in page
    assert not Person.objects.filter(number="N1").exists()


def test_writing_twice_writes_nothing_new(clerk: Client) -> None:
    kept, _ = upload(clerk, workbook(GOOD))
    page = flat(clerk.post(f"/people/import/{kept.pk}/write/", follow=True).content)
    assert "已写入：新增 1 行，更新 0 行，没有变 0 行。" in page
    page = flat(clerk.post(f"/people/import/{kept.pk}/write/", follow=True).content)
    assert "已写入：新增 1 行" in page
    again, _ = upload(clerk, workbook(GOOD))
    page = flat(clerk.post(f"/people/import/{again.pk}/write/", follow=True).content)
    assert "1 行都已在台账中，没有变。" in page
    assert Person.objects.filter(number="N1").count() == 1


def test_every_fault_is_shown_by_row_and_the_file_is_not_written(clerk: Client) -> None:
    kept, page = upload(
        clerk, workbook(GOOD, bad(工号="N2", 单位编码="X9"), bad(工号="N3", 入职日期="去年"))
    )
    assert kept.state == UploadState.FAULTY
    assert "2 行有错，整份文件都没有写入。" in page
    assert "第 4 行" in page
    assert "第 5 行" in page
    assert "第 3 行" not in page
    assert "名录中没有 X9" in page
    assert page.count("gj-fault") == 2
    assert "下载标错文件" in page
    assert ">写入" not in page
    page = flat(clerk.post(f"/people/import/{kept.pk}/write/", follow=True).content)
    assert "这份文件还有要改的，改好后重新上传。" in page
    assert not Person.objects.filter(number="N1").exists()


def test_faults_can_be_looked_at_by_reason_and_among_all_rows(clerk: Client) -> None:
    kept, page = upload(
        clerk, workbook(GOOD, bad(工号="N2", 单位编码="X9"), bad(工号="N3", 入职日期="去年"))
    )
    assert "入职日期：日期读不出" in page
    address = f"/people/import/{kept.pk}/"
    page = flat(clerk.get(address, {"reason": "date_unreadable:入职日期"}).content)
    assert "第 5 行" in page
    assert "第 4 行" not in page
    assert "第 3 行" in flat(clerk.get(address, {"rows": "all"}).content)


def test_the_own_file_comes_back_with_marks(clerk: Client) -> None:
    kept, _ = upload(clerk, workbook(bad(单位编码="X9")))
    response = clerk.get(f"/people/import/{kept.pk}/marked/")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book["人员名录"]["D3"].comment is not None
    assert unquote(response["Content-Disposition"]).endswith("人员（标错）.xlsx")


def test_missing_and_unknown_columns_are_named(clerk: Client) -> None:
    headers = [*HEADERS[:-1], "生日"]
    _, page = upload(clerk, workbook(GOOD, headers=headers))
    assert "表头有错，整份文件都没有写入。" in page
    assert "缺“入职日期”这一列" in page
    assert "台账没有“生日”这一列" in page


def test_a_doubt_is_shown_and_does_not_block(clerk: Client) -> None:
    kept, page = upload(clerk, workbook(bad(职务="船长")))
    assert kept.state == UploadState.READY
    assert "没有错，有 1 处存疑。" in page
    assert "gj-reg-doubt" in page
    clerk.post(f"/people/import/{kept.pk}/write/")
    assert Person.objects.filter(title="船长").exists()


@pytest.mark.parametrize(
    ("name", "content"), [("a.xlsx", b"hello"), ("照片.png", b"\x89PNG\r\n\x1a\n")]
)
def test_what_is_no_excel_file_gets_a_sentence(clerk: Client, name: str, content: bytes) -> None:
    response = clerk.post(
        "/people/import/", {"file": SimpleUploadedFile(name, content)}, follow=True
    )
    page = flat(response.content)
    assert "没有读成，什么都没有写入。" in page
    assert "另存为 .xlsx 再上传" in page


def test_no_file_and_a_file_too_large_are_refused_on_the_page(
    clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = clerk.post("/people/import/", {})
    assert response.status_code == 422
    assert "先选一个 .xlsx 文件" in flat(response.content)
    monkeypatch.setattr(uploads, "bytes_max", lambda: 1 << 10)
    response = clerk.post("/people/import/", {"file": workbook(GOOD)})
    assert response.status_code == 422
    assert "分成几份再上传" in flat(response.content)
    assert not Upload.objects.exists()


def test_an_upload_is_seen_by_its_owner_only(clerk: Client, sign_in: SignIn) -> None:
    kept, _ = upload(clerk, workbook(GOOD))
    other = sign_in(reach="BELOW", unit="C1")
    for part in ("", "progress/", "marked/"):
        assert other.get(f"/people/import/{kept.pk}/{part}").status_code == 404
    for part in ("write/", "retry/"):
        assert other.post(f"/people/import/{kept.pk}/{part}").status_code == 404


def test_writing_takes_only_posts(clerk: Client) -> None:
    kept, _ = upload(clerk, workbook(GOOD))
    assert clerk.get(f"/people/import/{kept.pk}/write/").status_code == 405
    assert clerk.get(f"/people/import/{kept.pk}/retry/").status_code == 405


# ── large files: jobs ────────────────────────────────────────────────────────────────────


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every file counts as large; what is deferred is kept here instead of running."""
    deferred: list[tuple[str, int]] = []
    monkeypatch.setattr(uploads, "is_small", lambda _: False)
    for task in (jobs.read_upload, jobs.write_upload):
        name = task.name.rpartition(".")[2]
        monkeypatch.setattr(
            task, "defer", lambda *, upload_id, name=name: deferred.append((name, upload_id))
        )
    return deferred


def test_a_large_file_is_read_and_written_by_jobs(
    clerk: Client, large: list[tuple[str, int]]
) -> None:
    kept, page = upload(clerk, workbook(GOOD))
    assert large == [("read_upload", kept.pk)]
    assert "正在核对" in page
    assert 'hx-trigger="every 1s"' in page
    jobs.read_upload(upload_id=kept.pk)
    jobs.read_upload(upload_id=kept.pk)
    assert "写入 1 行" in flat(clerk.get(f"/people/import/{kept.pk}/").content)
    clerk.post(f"/people/import/{kept.pk}/write/")
    clerk.post(f"/people/import/{kept.pk}/write/")
    assert large[1:] == [("write_upload", kept.pk)]
    jobs.write_upload(upload_id=kept.pk)
    jobs.write_upload(upload_id=kept.pk)
    kept.refresh_from_db()
    assert (kept.state, kept.report["created"]) == (UploadState.WRITTEN, 1)


def test_the_progress_fragment_ends_by_sending_on(
    clerk: Client, large: list[tuple[str, int]]
) -> None:
    kept, _ = upload(clerk, workbook(GOOD))
    Upload.objects.update(done=30, total=120, phase="核对")
    asked = {"HX-Request": "true"}
    page = flat(clerk.get(f"/people/import/{kept.pk}/progress/", headers=asked).content)
    assert 'aria-valuenow="25"' in page
    jobs.read_upload(upload_id=kept.pk)
    response = clerk.get(f"/people/import/{kept.pk}/progress/", headers=asked)
    assert response["HX-Redirect"] == f"/people/import/{kept.pk}/"
    assert clerk.get(f"/people/import/{kept.pk}/progress/").status_code == 302


def test_a_job_that_died_can_be_taken_up_again(clerk: Client, large: list[tuple[str, int]]) -> None:
    kept, _ = upload(clerk, workbook(GOOD))
    clerk.post(f"/people/import/{kept.pk}/retry/")
    assert len(large) == 1
    Upload.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    assert "接着办" in flat(clerk.get(f"/people/import/{kept.pk}/").content)
    clerk.post(f"/people/import/{kept.pk}/retry/")
    assert large[1:] == [("read_upload", kept.pk)]


def test_a_duty_lost_before_the_job_ran_stops_it(
    clerk: Client, large: list[tuple[str, int]]
) -> None:
    kept, _ = upload(clerk, workbook(GOOD))
    kept.account.grants.all().delete()
    jobs.read_upload(upload_id=kept.pk)
    kept.refresh_from_db()
    assert kept.state == UploadState.FAILED


def test_faults_that_appear_after_looking_stop_the_writing(clerk: Client) -> None:
    kept, _ = upload(clerk, workbook(bad(单位编码="C2")))
    Person.objects.filter(unit__code="C2").delete()
    Unit.objects.filter(code="C2").delete()
    page = flat(clerk.post(f"/people/import/{kept.pk}/write/", follow=True).content)
    assert "1 行有错，整份文件都没有写入。" in page
    assert "名录中没有 C2" in page


def test_the_jobs_are_known_to_the_worker() -> None:
    assert {"registers.read_upload", "registers.write_upload"} <= procrastinate_app.tasks.keys()


def test_a_huge_request_is_turned_away_before_it_is_read(clerk: Client, settings: Any) -> None:
    settings.UPLOAD_BYTES_MAX = 1 << 10
    settings.FILE_UPLOAD_HANDLERS = [
        "guanjia.ui.registers.bounds.BoundedUpload",
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
    large = SimpleUploadedFile("大.xlsx", b"x" * (2 << 20))
    response = clerk.post("/people/import/", {"file": large})
    assert response.status_code == 413
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("油卡非本车。1000113 是赣H1的卡。", "卡号：油卡非本车"),
        ("没有填号牌，这张卡当天也没有给车用，补填号牌", "卡号：没有填号牌，这张卡当天也没有…"),
        ("卡号不对", "卡号不对"),
    ],
)
def test_a_reason_of_many_rows_does_not_tell_of_one(message: str, title: str) -> None:
    assert reason_title("card_of_another", "卡号", message) == title
