"""Files over HTTP: taken in, handed out by sight only, guarded by their headers, taken off."""

import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from guanjia.kernel.access import subjects
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.access.tests import builders as accounts
from guanjia.kernel.attachments import actions, guards, queries, store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import ANY, PICTURES, Bounds, FileState, Media
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.regulations.verdict import refuse
from guanjia.ui import files as shown_files
from guanjia.ui.registers import bounds
from guanjia.ui.tests.reading import flat


@pytest.fixture(autouse=True)
def _rows(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of its own; a unit is seen by its people, and by nobody else."""
    settings.FILES_ROOT = tmp_path / "files"
    monkeypatch.setattr(guards, "_guards", {})
    monkeypatch.setattr(
        subjects,
        "_subjects",
        {
            "org.unit": Subject(
                model="org.unit",
                title="单位",
                page="portal:unit",
                sees=lambda actor, row_id: actor.unit_id == row_id,
            )
        },
    )


def upload(client: Any, content: bytes | None = None, name: str = "照片.png", **more: Any) -> Any:
    sent = SimpleUploadedFile(name, samples.png() if content is None else content)
    return client.post("/files/stage/", {"file": sent, **more})


def kept(city: Any, who: str, content: bytes | None = None, name: str = "照片.png") -> Attachment:
    """A file on the unit of somebody, put there by them."""
    person = city.accounts[who].person
    return actions.attach(
        actor=accounts.actor(city.accounts[who]),
        file=content or samples.png(),
        name=name,
        subject=person.unit,
        unit=person.unit,
        at=accounts.AT,
    )


def stranger(city: Any) -> str:
    """Somebody of another unit than the one who asks."""
    home = city.accounts["asker"].person.unit_id
    return next(
        name
        for name, account in city.accounts.items()
        if account.person is None or account.person.unit_id != home
    )


def sentence(answer: Any) -> str:
    return unquote(answer["X-Guanjia-Sentence"])


# ── taking in ───────────────────────────────────────────────────────────────────────────


def test_a_file_is_taken_in_and_answered_with_its_row(city: Any, visit: Any) -> None:
    answer = upload(visit("asker"), samples.photo(), "<b>现场</b>.jpg", field="papers")
    assert answer.status_code == 200
    file = Attachment.objects.get()
    html = flat(answer.content)
    assert (file.state, file.account_id) == (FileState.STAGED, city.accounts["asker"].pk)
    assert f'name="papers" value="{file.pk}"' in html
    assert f"/files/{file.pk}/picture/?size=thumb" in html
    assert "<b>" not in html
    assert file.size in html


def test_what_does_not_fit_is_told_in_a_sentence(city: Any, visit: Any) -> None:
    client = visit("asker")
    for content, name, more, said in (
        (b"MZ" + bytes(9), "a.png", {}, "可执行程序"),
        (samples.pdf(), "扫描.jpg", {}, "PDF 文档"),
        (samples.pdf(), "扫描.pdf", {"kinds": "JPEG PNG"}, "这里不收"),
        (samples.png(), "a.png", {"bytes": "20"}, "超过 20 字节"),
    ):
        answer = upload(client, content, name, **more)
        assert answer.status_code == 422
        assert said in sentence(answer)
        assert name in sentence(answer)
    assert client.post("/files/stage/").status_code == 422
    assert client.get("/files/stage/").status_code == 405
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("asked", ["", "0", "-1", "9" * 400, "x", "99999999"])
def test_a_form_cannot_widen_the_bounds(
    city: Any, visit: Any, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr("guanjia.portal.pages.files.ANY", Bounds(bytes_max=50))
    answer = upload(visit("asker"), kinds="EXE nonsense", bytes=asked)
    assert answer.status_code == 422
    assert "超过" in sentence(answer)


def test_a_body_too_large_is_turned_away_before_it_is_read(
    city: Any, visit: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reverse("portal:file_stage") in bounds._narrower, "bounded where it is wired"
    assert bounds.bytes_max_at("/files/stage/") == ANY.bytes_max < settings.UPLOAD_BYTES_MAX
    assert bounds.bytes_max_at("/elsewhere/") == settings.UPLOAD_BYTES_MAX
    monkeypatch.setitem(bounds._narrower, "/files/stage/", 1000)
    monkeypatch.setattr(actions, "stage", lambda **_: pytest.fail("it was read"))
    answer = upload(visit("asker"), bytes(1_100_000))
    assert answer.status_code == 413
    assert "太大" in sentence(answer)


def test_nobody_takes_in_anything_unsigned(client: Any, city: Any) -> None:
    answer = upload(client)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert not Attachment.objects.exists()


def test_a_stage_without_the_token_of_the_form_is_refused(city: Any) -> None:
    from django.test import Client  # noqa: PLC0415 — one that checks tokens

    client = Client(enforce_csrf_checks=True)
    client.force_login(city.accounts["asker"], backend="django.contrib.auth.backends.ModelBackend")
    assert upload(client).status_code == 403


def test_a_waiting_file_is_thrown_away_by_its_own_account(city: Any, visit: Any) -> None:
    upload(visit("asker"))
    file = Attachment.objects.get()
    assert visit(stranger(city)).post(f"/files/{file.pk}/discard/").status_code == 404
    assert visit("asker").get(f"/files/{file.pk}/discard/").status_code == 405
    assert visit("asker").post(f"/files/{file.pk}/discard/").status_code == 204
    assert not Attachment.objects.exists()


# ── handing out ─────────────────────────────────────────────────────────────────────────


def test_a_download_bears_its_name_and_is_guarded(city: Any, visit: Any) -> None:
    file = kept(city, "asker", samples.pdf(2), "关于防汛的函.pdf")
    answer = visit("asker").get(f"/files/{file.pk}/")
    assert answer.status_code == 200
    assert answer.content == store.read(file.digest)
    told = answer["Content-Disposition"]
    assert told.startswith("attachment; filename*=utf-8''")
    assert unquote(told.partition("''")[2]) == "关于防汛的函.pdf"
    assert told.isascii()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Length"] == str(file.bytes)
    assert (
        visit("asker")
        .get(f"/files/{file.pk}/?inline=1")["Content-Disposition"]
        .startswith("inline;")
    )


def test_only_pictures_and_pdf_open_in_the_browser_and_all_else_in_a_sandbox(
    city: Any, visit: Any
) -> None:
    text = kept(city, "asker", b"<p>x", "x.txt")
    picture = kept(city, "asker")
    client = visit("asker")
    answer = client.get(f"/files/{text.pk}/?inline=1")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    answer = client.get(f"/files/{picture.pk}/?inline=1")
    assert answer["Content-Disposition"].startswith("inline;")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


def test_outside_the_sight_of_its_row_a_file_does_not_exist(city: Any, visit: Any) -> None:
    file = kept(city, "asker", samples.pdf(), "公函.pdf")
    upload(visit("asker"))
    waiting = Attachment.objects.get(state=FileState.STAGED)
    other = visit(stranger(city))
    for number in (file.pk, waiting.pk, 2_000_000_000):
        for where in ("", "?inline=1", "picture/", "picture/?size=large"):
            assert other.get(f"/files/{number}/{where}").status_code == 404
        for where in ("discard/", "remove/"):
            assert other.post(f"/files/{number}/{where}", {"reason": "x"}).status_code == 404
    for number in (file.pk, waiting.pk):
        assert visit("asker").get(f"/files/{number}/").status_code == 200
        assert visit("asker").delete(f"/files/{number}/").status_code == 405


def test_pictures_are_drawn_for_whoever_sees_the_row(city: Any, visit: Any) -> None:
    file = kept(city, "asker", samples.pdf(2), "公函.pdf")
    client = visit("asker")
    for query in ("", "?size=large&page=2"):
        answer = client.get(f"/files/{file.pk}/picture/{query}")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer.content.startswith(b"\xff\xd8\xff")
        assert answer["Cache-Control"] == "private, no-store"
    for query in ("?page=3", "?page=0", "?page=x", f"?page={'9' * 5000}", "?size=huge"):
        assert client.get(f"/files/{file.pk}/picture/{query}").status_code == 404


def test_a_changed_file_is_refused_in_words(city: Any, visit: Any) -> None:
    file = kept(city, "asker")
    store.path_of(file.digest).write_bytes(b"changed")
    answer = visit("asker").get(f"/files/{file.pk}/")
    assert answer.status_code == 422
    assert "校验值不一致" in flat(answer.content)


# ── taking off ──────────────────────────────────────────────────────────────────────────


def test_a_file_is_taken_off_with_a_reason_and_said_so(city: Any, visit: Any) -> None:
    file = kept(city, "asker")
    client = visit("asker")
    where = f"/files/{file.pk}/remove/"
    assert client.get(where).status_code == 405
    refused = client.post(where, {"reason": " "})
    assert refused.status_code == 422
    assert "写明移除的原因" in flat(refused.content)
    answer = client.post(where, {"reason": "传错了", "next": "/me/"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/")
    assert "已移除照片.png" in flat(client.get("/me/").content)
    assert client.get(f"/files/{file.pk}/").status_code == 404
    file.refresh_from_db()
    assert (file.state, file.reason) == (FileState.REMOVED, "传错了")
    away = client.post(f"/files/{kept(city, 'asker').pk}/remove/",
                       {"reason": "x", "next": "https://elsewhere.example/"})  # fmt: skip
    assert away["Location"] == reverse("portal:unit", args=[file.subject_id])


# ── on forms and pages ──────────────────────────────────────────────────────────────────


def drawn(template: str, actor: Any, **context: Any) -> str:
    from django.template import Context, Template  # noqa: PLC0415 — Django is ready only now
    from django.test import RequestFactory  # noqa: PLC0415 — as above

    request = RequestFactory().get("/here/?a=1")
    request.actor = actor  # type: ignore[attr-defined]  # as the middleware does
    whole = Context({"request": request, "csrf_token": "t", **context})
    return flat(Template("{% load gj_files %}" + template).render(whole))


def a_form(data: Any = None, **facts: Any) -> Any:
    from django import forms  # noqa: PLC0415 — Django is ready only now

    class Asking(forms.Form):
        files = shown_files.FilesField(**facts)

    return Asking(data)


def query(**lists: list[str]) -> Any:
    from django.http import QueryDict  # noqa: PLC0415 — Django is ready only now

    made = QueryDict(mutable=True)
    for name, values in lists.items():
        made.setlist(name, values)
    return made


def test_a_refused_form_keeps_its_files(city: Any, visit: Any) -> None:
    upload(visit("asker"), name="一.png")
    upload(visit("nobody"), name="别人的.png")
    mine, theirs = Attachment.objects.order_by("pk")
    form = a_form(query(files=[str(theirs.pk), str(mine.pk), str(mine.pk)]))
    assert form.is_valid()
    assert form.cleaned_data["files"] == [theirs.pk, mine.pk]
    html = drawn("{% files_field form.files %}", accounts.actor(city.accounts["asker"]), form=form)
    assert f'name="files" value="{mine.pk}"' in html
    assert "一.png" in html
    assert "别人的.png" not in html
    assert "有 1 个文件等得太久已清除" in html


@pytest.mark.parametrize(
    ("values", "facts", "said"),
    [
        (["x"], {}, "附件读不懂"),
        (["-1"], {}, "附件读不懂"),
        (["１"], {}, "附件读不懂"),
        (["9" * 5000], {}, "附件读不懂"),
        (["1", "2", "3"], {"bounds": Bounds(count_max=2)}, "最多 2 个，去掉 1 个。"),
        ([], {"required": True}, "附上文件。"),
    ],
)
def test_the_field_says_what_is_wrong_with_it(
    city: Any, values: list[str], facts: dict[str, Any], said: str
) -> None:
    form = a_form(query(files=values), **facts)
    assert not form.is_valid()
    html = drawn("{% files_field form.files %}", accounts.actor(city.accounts["asker"]), form=form)
    assert said in html
    assert 'aria-invalid="true"' in html


def test_the_field_tells_the_browser_what_it_takes(city: Any) -> None:
    form = a_form(bounds=Bounds(kinds=PICTURES, count_max=3), label="照片", help_text="现场")
    html = drawn("{% files_field form.files %}", accounts.actor(city.accounts["asker"]), form=form)
    for said in ('accept="image/jpeg,', 'data-count="3"', 'data-kinds="JPEG PNG WEBP"', "照片",
                 "现场。图片，每个不超过 20 MB，最多 3 个",
                 'data-stage="/files/stage/"'):  # fmt: skip
        assert said in html
    chooser, camera = re.findall(r"<input type=\"file\"[^>]*>", html)
    assert " capture" not in chooser, "a phone offers its camera and its albums"
    assert 'accept="image/*" capture="environment"' in camera, "and the camera by itself"


def test_a_field_that_takes_no_pictures_has_no_camera(city: Any) -> None:
    form = a_form(bounds=Bounds(kinds=frozenset({Media.PDF})))
    html = drawn("{% files_field form.files %}", accounts.actor(city.accounts["asker"]), form=form)
    assert " capture" not in html


def listed(city: Any, who: str, **more: Any) -> str:
    unit = city.accounts["asker"].person.unit
    files = queries.of(model="org.unit", row_id=unit.pk)
    return drawn(
        "{% files_list files empty='没有附件' readonly=readonly %}",
        accounts.actor(city.accounts[who]),
        files=files,
        **{"readonly": False, **more},
    )


def test_a_page_lists_files_and_offers_removal_to_who_may(city: Any) -> None:
    assert "没有附件" in listed(city, "asker")
    file = kept(city, "asker", samples.pdf(2), "公函.pdf")
    gone = kept(city, "asker", name="错.png")
    actions.remove(
        actor=accounts.actor(city.accounts["asker"]),
        attachment_id=gone.pk,
        reason="传错了",
        at=accounts.AT,
    )
    html = listed(city, "asker")
    for said in ("公函.pdf", file.size, "2 页", "未查毒", f"/files/{file.pk}/remove/", "5月20日",
                 "传错了", "已移除", 'value="/here/?a=1"', 'data-pages="2"'):  # fmt: skip
        assert said in html, said
    assert f"/files/{gone.pk}/" not in html, "nothing to open"
    assert "/remove/" not in listed(city, "nobody")
    assert "/remove/" not in listed(city, "asker", readonly=True)
    guards.declare("org.unit", lambda _: refuse("decided", "没有移除：", "已经批准。"))
    assert "/remove/" not in listed(city, "asker")


def test_a_signature_is_listed_and_never_offered_for_removal(city: Any) -> None:
    actions.keep_image(
        actor=accounts.actor(city.accounts["asker"]),
        png=samples.png(),
        subject=city.accounts["asker"].person.unit,
        at=accounts.AT,
    )
    html = listed(city, "asker")
    assert "签名.png" in html
    assert "/remove/" not in html


# ── the check ───────────────────────────────────────────────────────────────────────────


def test_the_check_of_the_trail_says_how_many_files_it_compared(city: Any, visit: Any) -> None:
    file = kept(city, "asker")
    html = flat(visit("auditor").post("/audit/verify/").content)
    assert "核验通过。" in html
    assert "附件 1 个" in html
    store.path_of(file.digest).write_bytes(b"changed")
    html = flat(visit("auditor").post("/audit/verify/").content)
    assert "核验不通过。" in html
    assert f"附件：第 {file.pk} 号 照片.png：内容与附上时不一致。" in html


def test_the_trail_names_the_files(city: Any, visit: Any) -> None:
    kept(city, "asker", name="公函附图.png")
    html = flat(visit("auditor").get("/audit/").content)
    assert "附上文件" in html
    assert "公函附图.png" in html
    assert "attachments.file" not in html.partition("<tbody>")[2]


def test_the_rows_of_a_form_are_html_and_no_data(city: Any, visit: Any) -> None:
    answer = upload(visit("asker"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)
    assert io.BytesIO(answer.content).read(3) == b"<li"
