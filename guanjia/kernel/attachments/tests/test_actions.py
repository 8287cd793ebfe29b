"""Staging, claiming, removing: the row, the file on the disk, the trace, and who may."""

import io
from typing import Any

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from guanjia.kernel.attachments import actions, guards, named, queries, store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import (
    PICTURES,
    STAGED_COUNT_MAX,
    Bounds,
    FileState,
    Media,
    Scan,
)
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.attachments.tests.builders import Office, kept, office, staged
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.regulations.verdict import ALLOWED, Refused, refuse
from guanjia.kernel.values import digests
from guanjia.kernel.values.actor import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Office:
    return office()


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.findings[0].code


def trail(verb: str) -> list[Record]:
    return list(Record.objects.filter(verb=verb).order_by("pk"))


# ── staging ─────────────────────────────────────────────────────────────────────────────


def test_a_staged_file_is_cleaned_kept_under_its_digest_and_leaves_no_trace(place: Office) -> None:
    before = Record.objects.count()
    file = actions.stage(actor=place.me, file=io.BytesIO(samples.photo()), name="x/现场.JPG", at=AT)
    file.refresh_from_db()
    content = store.read(file.digest)
    assert (file.state, file.name, file.media) == (FileState.STAGED, "现场.jpg", Media.JPEG)
    assert (file.width, file.height, file.bytes) == (40, 80, len(content))
    assert file.digest == digests.sm3(content) != digests.sm3(samples.photo())
    assert b"Exif" not in content
    assert (file.account_id, file.uploaded_by_id) == (place.me.account_id, place.me.person_id)
    assert (file.uploader, file.uploaded_at, file.scan) == (place.me.name, AT, Scan.NOT_SCANNED)
    assert Record.objects.count() == before


def test_the_pages_of_a_pdf_are_counted(place: Office) -> None:
    assert staged(place.me, samples.pdf(3), "公函.pdf").pages == 3


@pytest.mark.parametrize(
    ("content", "name", "bounds", "code"),
    [
        (b"", "a.png", Bounds(), "file_empty"),
        (samples.png(), "a.png", Bounds(bytes_max=20), "file_large"),
        (samples.pdf(), "a.pdf", Bounds(kinds=PICTURES), "file_kind"),
        (samples.pdf(), "a.jpg", Bounds(), "file_mismatch"),
        (b"MZ" + bytes(9), "a.png", Bounds(), "file_kind"),
        (samples.huge_png(60_000, 60_000), "a.png", Bounds(), "file_bomb"),
        (samples.locked_pdf(), "a.pdf", Bounds(), "file_locked"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name_and_nothing_is_written(
    place: Office, content: bytes, name: str, bounds: Bounds, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        actions.stage(actor=place.me, file=content, name=name, at=AT, bounds=bounds)
    finding = refused.value.findings[0]
    assert (finding.code, finding.field, finding.headline) == (code, "file", "没有收下：")
    assert finding.sentence.startswith(f"{name}：")
    assert not Attachment.objects.exists()
    assert list(store.walk()) == []


def test_only_so_many_files_of_one_account_wait(place: Office) -> None:
    one = staged(place.me)
    copies = [
        Attachment(**{f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields
                      if not f.primary_key})
        for _ in range(STAGED_COUNT_MAX - 1)
    ]  # fmt: skip
    Attachment.objects.bulk_create(copies)
    with pytest.raises(Refused) as refused:
        staged(place.me)
    assert code_of(refused) == "files_waiting"
    assert str(STAGED_COUNT_MAX) in refused.value.findings[0].sentence
    staged(place.colleague)
    actions.discard_staged(actor=place.me, attachment_id=one.pk)
    staged(place.me)


def test_only_so_many_bytes_of_one_account_wait(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "STAGED_BYTES_MAX", staged(place.me).bytes * 2 - 1)
    with pytest.raises(Refused) as refused:
        staged(place.me)
    assert code_of(refused) == "files_waiting"


def test_the_system_has_no_form_to_stage_for() -> None:
    with pytest.raises(NotAllowed):
        actions.stage(actor=SYSTEM, file=samples.png(), name="a.png", at=AT)


def test_a_staged_file_is_thrown_away_by_its_own_account_only(
    place: Office, django_capture_on_commit_callbacks: Any
) -> None:
    file = staged(place.me)
    with pytest.raises(Attachment.DoesNotExist):
        actions.discard_staged(actor=place.colleague, attachment_id=file.pk)
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard_staged(actor=place.me, attachment_id=file.pk)
    assert not Attachment.objects.exists()
    assert not store.path_of(file.digest).exists()


# ── claiming ────────────────────────────────────────────────────────────────────────────


def claim(place: Office, *files: Attachment, **facts: Any) -> list[Attachment]:
    return actions.claim(
        **{
            "actor": place.me,
            "ids": [file.pk for file in files],
            "subject": place.unit,
            "unit": place.unit,
            "at": AT,
            **facts,
        }
    )


def test_claimed_files_are_the_rows_in_the_order_given_with_one_trace(place: Office) -> None:
    first, second = staged(place.me, name="一.png"), staged(place.me, samples.pdf(), "二.pdf")
    claimed = claim(place, second, first, retain_until=AT.date())
    assert [file.name for file in claimed] == ["二.pdf", "一.png"]
    assert [file.name for file in queries.of(model="org.unit", row_id=place.unit.pk)] == [
        "二.pdf",
        "一.png",
    ]
    assert {file.state for file in claimed} == {FileState.KEPT}
    assert {file.retain_until for file in claimed} == {AT.date()}
    (record,) = trail("attachments.file.claimed")
    assert (record.on_type, record.on_id) == ("org.unit", place.unit.pk)
    assert record.unit_path == place.unit.path
    assert [each["digest"] for each in record.after["files"]] == [second.digest, first.digest]
    assert [each["label"] for each in record.after["files"]] == ["二.pdf", "一.png"]


def test_claiming_again_changes_nothing_and_a_new_file_comes_behind(place: Office) -> None:
    first = staged(place.me)
    claim(place, first)
    claim(place, first)
    assert len(trail("attachments.file.claimed")) == 1
    second = staged(place.me)
    assert claim(place, first, second)[1].position == 2
    assert len(trail("attachments.file.claimed")) == 2
    assert claim(place) == []


def test_nobody_claims_what_another_account_staged(place: Office) -> None:
    theirs, mine = staged(place.colleague), staged(place.me)
    with pytest.raises(Refused) as refused:
        claim(place, mine, theirs, field="papers")
    finding = refused.value.findings[0]
    assert (finding.code, finding.field) == ("files_gone", "papers")
    assert "1 个" in finding.sentence
    mine.refresh_from_db()
    assert mine.state == FileState.STAGED


def test_a_file_cannot_be_claimed_twice_by_two_rows_nor_after_it_went(place: Office) -> None:
    file = staged(place.me)
    claim(place, file)
    with pytest.raises(Refused):
        claim(place, file, subject=place.elsewhere, unit=place.elsewhere)
    actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)
    with pytest.raises(Refused) as refused:
        claim(place, file)
    assert code_of(refused) == "files_gone"
    with pytest.raises(Refused):
        actions.claim(actor=SYSTEM, ids=[staged(place.me).pk], subject=place.unit, at=AT)
    with pytest.raises(Refused):
        claim(place, Attachment(pk=2_000_000_000))


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        (Bounds(count_max=2), "files_many"),
        (Bounds(total_bytes_max=200), "files_large"),
        (Bounds(bytes_max=60), "file_large"),
        (Bounds(kinds=frozenset({Media.PDF})), "file_kind"),
    ],
)
def test_the_bounds_hold_over_all_files_of_the_row(
    place: Office, bounds: Bounds, code: str
) -> None:
    claim(place, staged(place.me), staged(place.me))
    with pytest.raises(Refused) as refused:
        claim(place, staged(place.me), bounds=bounds)
    assert code_of(refused) == code
    assert len(queries.of(model="org.unit", row_id=place.unit.pk)) == 2


def test_a_removed_file_and_one_of_another_kind_do_not_count(place: Office) -> None:
    gone = kept(place.me, place.unit)
    actions.keep_image(actor=place.me, png=samples.png(), subject=place.unit, at=AT)
    actions.remove(actor=place.me, attachment_id=gone.pk, reason="错了", at=AT)
    assert claim(place, staged(place.me), bounds=Bounds(count_max=1))


def test_attaching_is_staging_and_claiming_in_one_also_for_the_system(place: Office) -> None:
    file = kept(SYSTEM, place.unit, samples.pdf(), "回执.pdf")
    assert (file.state, file.account_id, file.uploader) == (FileState.KEPT, None, SYSTEM.name)
    assert trail("attachments.file.claimed")[0].after["files"][0]["id"] == file.pk
    with pytest.raises(Refused) as refused:
        kept(SYSTEM, place.unit, bounds=Bounds(count_max=1))
    assert code_of(refused) == "files_many"


def test_a_signature_is_a_small_png_and_stays(place: Office) -> None:
    file = actions.keep_image(actor=place.me, png=samples.png(), subject=place.unit, at=AT)
    assert (file.kind, file.name) == ("签名", "签名.png")
    for content in (samples.jpeg(), samples.pdf(), b""):
        with pytest.raises(Refused) as refused:
            actions.keep_image(actor=place.me, png=content, subject=place.unit, at=AT)
        assert refused.value.findings[0].field == "signature"
    with pytest.raises(Refused) as refused:
        actions.keep_image(actor=place.me, png=samples.png(1300, 10), subject=place.unit, at=AT)
    assert code_of(refused) == "signature_large"
    with pytest.raises(Refused) as refused:
        actions.remove(actor=place.me, attachment_id=file.pk, reason="不要了", at=AT)
    assert code_of(refused) == "file_signature"


# ── removing ────────────────────────────────────────────────────────────────────────────


def test_a_removed_file_leaves_its_row_with_the_reason_and_one_trace(
    place: Office, django_capture_on_commit_callbacks: Any
) -> None:
    file = kept(place.me, place.unit)
    queries.picture(file=file, page=1, side="thumb")
    drawing = store.preview_path(file.digest, "1-thumb")
    assert drawing.exists()
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(actor=place.me, attachment_id=file.pk, reason=" 传错\n了 ", at=AT)
    file.refresh_from_db()
    assert (file.state, file.reason, file.remover) == (FileState.REMOVED, "传错 了", place.me.name)
    assert not store.path_of(file.digest).exists()
    assert not drawing.exists()
    (record,) = trail("attachments.file.removed")
    assert (record.on_type, record.on_id, record.note) == ("org.unit", place.unit.pk, "传错 了")
    assert record.before["files"][0]["digest"] == file.digest


def test_the_bytes_stay_while_anything_else_names_them(
    place: Office, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = kept(place.me, place.unit), kept(place.me, place.elsewhere)
    assert first.digest == second.digest
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(actor=place.me, attachment_id=first.pk, reason="错了", at=AT)
    assert store.unchanged(first.digest)
    monkeypatch.setitem(named._askers, "others", set)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(actor=SYSTEM, attachment_id=second.pk, reason="错了", at=AT)
    assert store.unchanged(first.digest), "another app names it"


def test_a_removal_that_is_rolled_back_leaves_the_file(
    place: Office, django_capture_on_commit_callbacks: Any
) -> None:
    file = kept(place.me, place.unit)

    @transaction.atomic
    def fails() -> None:
        actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)
        raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
        fails()
    assert store.unchanged(file.digest)


@pytest.mark.parametrize(
    ("who", "reason", "code"),
    [("colleague", "错了", "file_others"), ("me", "  ", "reason_missing"),
     ("me", "长" * 201, "reason_long")],
)  # fmt: skip
def test_removing_needs_ones_own_file_and_a_reason(
    place: Office, who: str, reason: str, code: str
) -> None:
    file = kept(place.me, place.unit)
    with pytest.raises(Refused) as refused:
        actions.remove(actor=getattr(place, who), attachment_id=file.pk, reason=reason, at=AT)
    assert code_of(refused) == code
    assert store.unchanged(file.digest)


def test_out_of_sight_a_file_does_not_exist_even_for_who_put_it_there(place: Office) -> None:
    file = kept(place.me, place.elsewhere)
    with pytest.raises(Attachment.DoesNotExist):
        actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)


def test_a_file_is_removed_once_and_a_staged_one_not_at_all(place: Office) -> None:
    file = kept(place.me, place.unit)
    actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)
    with pytest.raises(Refused) as refused:
        actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)
    assert code_of(refused) == "file_gone"
    with pytest.raises(Refused) as refused:
        actions.remove(actor=place.me, attachment_id=staged(place.me).pk, reason="错了", at=AT)
    assert code_of(refused) == "file_staged"


def test_a_department_closes_its_rows_to_removal(place: Office) -> None:
    closed = refuse("decided", "没有移除：", "已经批准，附件不再变动。")
    guards.declare("org.unit", lambda row_id: closed if row_id == place.unit.pk else ALLOWED)
    file = kept(place.me, place.unit)
    with pytest.raises(Refused, match="已经批准"):
        actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)
    file.refresh_from_db()
    assert file.state == FileState.KEPT


# ── who sees what ───────────────────────────────────────────────────────────────────────


def test_a_file_is_seen_by_whoever_sees_its_row(place: Office) -> None:
    file = kept(place.me, place.unit)
    for actor in (place.me, place.colleague, SYSTEM):
        assert queries.visible(actor=actor, attachment_id=file.pk) == file
    with pytest.raises(Attachment.DoesNotExist):
        queries.visible(actor=place.stranger, attachment_id=file.pk)


def test_a_staged_file_is_seen_by_its_own_account_only(place: Office) -> None:
    file = staged(place.me)
    assert queries.visible(actor=place.me, attachment_id=file.pk) == file
    for actor in (place.colleague, place.stranger, SYSTEM):
        with pytest.raises(Attachment.DoesNotExist):
            queries.visible(actor=actor, attachment_id=file.pk)
    other = staged(place.colleague)
    assert queries.waiting(actor=place.me, ids=[other.pk, file.pk, file.pk, 7]) == [file]
    assert queries.waiting(actor=SYSTEM, ids=[file.pk]) == []


def test_a_row_of_a_kind_nobody_declared_shows_its_files_to_nobody(place: Office) -> None:
    file = kept(place.me, place.unit)
    with pgtrigger.ignore("attachments.Attachment:file_stays_where_it_is"):
        Attachment.objects.filter(pk=file.pk).update(subject_model="gone.model")
    with pytest.raises(Attachment.DoesNotExist):
        queries.visible(actor=place.me, attachment_id=file.pk)


def test_what_went_is_still_listed_but_not_handed_out(place: Office) -> None:
    first, second = kept(place.me, place.unit), kept(place.me, place.unit)
    actions.remove(actor=place.me, attachment_id=first.pk, reason="错了", at=AT)
    row = {"model": "org.unit", "row_id": place.unit.pk}
    assert queries.of(**row) == [second, first]
    assert queries.of(**row, gone=False) == [second]
    assert queries.of(**row, kind="签名") == []
    assert queries.counts(model="org.unit", row_ids=[place.unit.pk, 7]) == {place.unit.pk: 1}
    with pytest.raises(Attachment.DoesNotExist):
        queries.readable(actor=place.me, attachment_id=first.pk)


def test_a_changed_file_is_not_handed_out(place: Office) -> None:
    file = kept(place.me, place.unit)
    assert queries.content(file) == store.read(file.digest)
    store.path_of(file.digest).write_bytes(b"something else")
    with pytest.raises(Refused, match="校验值不一致"):
        queries.content(file)
    store.path_of(file.digest).unlink()
    with pytest.raises(Refused, match="校验值不一致"):
        queries.content(file)


def test_pictures_are_drawn_once_and_only_of_what_has_one(place: Office) -> None:
    file = kept(place.me, place.unit, samples.pdf(2), "公函.pdf")
    drawn = queries.picture(file=file, page=2, side="thumb")
    assert drawn.startswith(b"\xff\xd8\xff")
    store.preview_path(file.digest, "2-thumb").write_bytes(b"kept")
    assert queries.picture(file=file, page=2, side="thumb") == b"kept"
    text = kept(place.me, place.unit, "说明".encode(), "说明.txt")
    for absent in ((file, 3, "thumb"), (file, 0, "thumb"), (file, 1, "../x"), (text, 1, "thumb")):
        with pytest.raises(Attachment.DoesNotExist):
            queries.picture(file=absent[0], page=absent[1], side=absent[2])


# ── what must never be ──────────────────────────────────────────────────────────────────


@pytest.mark.pg15
@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"name": "别的.png"},
        {"bytes": 7},
        {"scan": "CLEAN"},
        {"uploader": "别人"},
        {"subject_id": 7},
        {"kind": "签名"},
        {"position": 9},
        {"retain_until": AT.date()},
        {"state": "STAGED"},
        {"state": "EXPIRED"},
        {"state": "REMOVED"},
    ],
    ids=str,
)
def test_the_database_lets_nobody_change_a_kept_file(place: Office, change: dict[str, Any]) -> None:
    file = kept(place.me, place.unit)
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.filter(pk=file.pk).update(**change)


@pytest.mark.pg15
def test_the_database_lets_nobody_delete_a_kept_file_nor_bring_one_back(place: Office) -> None:
    file = kept(place.me, place.unit)
    with pytest.raises(DatabaseError, match="file_is_not_deleted"), transaction.atomic():
        Attachment.objects.filter(pk=file.pk).delete()
    actions.remove(actor=place.me, attachment_id=file.pk, reason="错了", at=AT)
    with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
        Attachment.objects.filter(pk=file.pk).update(state="KEPT", removed_at=None)


@pytest.mark.pg15
@pytest.mark.parametrize(
    ("facts", "broken"),
    [
        ({"subject_id": None}, "attachments_file_is_staged_or_has_its_subject"),
        ({"bytes": 0}, "attachments_file_is_not_empty"),
        ({"digest": "X" * 64}, "attachments_digest_is_a_digest"),
        ({"position": 1}, "attachments_file_has_its_place"),
        (
            {"state": "STAGED", "subject_model": "", "subject_id": None, "account_id": None},
            "attachments_staged_file_is_somebodys",
        ),
    ],
)
def test_the_database_keeps_out_what_must_never_be(
    place: Office, facts: dict[str, Any], broken: str
) -> None:
    file = kept(place.me, place.unit)
    copy = {f.attname: getattr(file, f.attname) for f in file._meta.concrete_fields}
    copy |= {"id": None, "position": 2} | facts
    with pytest.raises(IntegrityError, match=broken), transaction.atomic():
        Attachment.objects.create(**copy)
