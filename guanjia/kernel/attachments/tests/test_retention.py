"""Files go when their day has passed, orphans within two days, and the check finds every change."""

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pgtrigger
import pytest
from django.db import connection

from guanjia.kernel.attachments import actions, checks, jobs, named, queries, retention, store
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.terms import FileState
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.attachments.tests.builders import Office, kept, office, staged
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.tests.builders import AT
from guanjia.kernel.values.period import SHANGHAI

pytestmark = pytest.mark.django_db
LAST_DAY = date(2020, 6, 30)
DAY = timedelta(days=1)


@pytest.fixture
def place() -> Office:
    return office()


def aged(path: Path, at: datetime) -> None:
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_the_years_come_from_the_bureaus_own_parameter() -> None:
    assert retention.until(at=AT) == date(2030, 5, 20)
    leap = datetime(2024, 2, 29, 9, tzinfo=SHANGHAI)
    assert retention.until(at=leap) == date(2034, 2, 28)
    # One in the morning in Shanghai is still yesterday in Greenwich.
    assert retention.until(at=datetime(2020, 5, 20, 1, tzinfo=SHANGHAI)) == date(2030, 5, 20)


def test_a_file_goes_the_day_after_its_last_day_and_its_row_stays(
    place: Office, django_capture_on_commit_callbacks: Any
) -> None:
    file = kept(place.me, place.unit, retain_until=LAST_DAY)
    forever = kept(place.me, place.unit, samples.jpeg(), "x.jpg")
    on_the_day = datetime(2020, 6, 30, 23, 59, tzinfo=SHANGHAI)
    assert retention.expire(at=on_the_day) == 0
    after = datetime(2020, 7, 1, 0, 1, tzinfo=SHANGHAI)
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.expire(at=after) == 1
    file.refresh_from_db()
    assert (file.state, file.removed_at) == (FileState.EXPIRED, after)
    assert not store.path_of(file.digest).exists()
    assert store.unchanged(forever.digest)
    record = Record.objects.get(verb="attachments.file.expired")
    assert (record.on_type, record.on_id) == ("org.unit", place.unit.pk)
    assert record.before["files"][0]["digest"] == file.digest
    assert retention.expire(at=after) == 0, "safe to run twice"
    assert checks.changed_files() == (1, [])


def test_many_files_expire_in_batches(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    for _ in range(5):
        kept(place.me, place.unit, retain_until=LAST_DAY)
    assert retention.expire(at=AT + 100 * DAY) == 5


def test_what_waited_a_day_for_its_form_goes_with_its_file(
    place: Office, django_capture_on_commit_callbacks: Any
) -> None:
    old = staged(place.me)
    with django_capture_on_commit_callbacks(execute=True):
        retention.sweep(at=AT + timedelta(hours=23))
    assert store.unchanged(old.digest)
    with django_capture_on_commit_callbacks(execute=True):
        retention.sweep(at=AT + timedelta(hours=25))
    assert not Attachment.objects.exists()
    assert not store.path_of(old.digest).exists()


def test_a_sweep_takes_old_orphans_and_drafts_and_nothing_that_anybody_names(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = kept(place.me, place.unit).digest
    waiting = staged(place.me, samples.jpeg(), "x.jpg").digest
    orphan, young = store.keep(b"orphan"), store.keep(b"young")
    others = store.keep(b"a voucher's")
    draft = store.path_of(orphan).with_name("half.new")
    draft.write_bytes(b"half")
    later = AT + timedelta(hours=12)
    for path in (*map(store.path_of, (own, waiting, orphan, others)), draft):
        aged(path, later - 2 * DAY)
    aged(store.path_of(young), later - timedelta(hours=23))
    monkeypatch.setitem(named._askers, "vouchers", lambda found: {others} & found)
    assert retention.sweep(at=later) == 2
    assert not store.path_of(orphan).exists()
    assert not draft.exists()
    for digest in (own, waiting, young, others):
        assert store.unchanged(digest), digest
    assert retention.sweep(at=later) == 0


def test_a_drawing_that_came_too_late_goes_with_the_next_sweep(place: Office) -> None:
    file, gone = kept(place.me, place.unit), kept(place.me, place.unit, samples.pdf(), "x.pdf")
    for each in (file, gone):
        queries.picture(file=each, page=1, side="thumb")
    late = store.preview_path(gone.digest, "1-thumb")
    drawn = late.read_bytes()
    store.remove(gone.digest)
    store.write(late, drawn)  # by somebody who had read the file just before
    retention.sweep(at=AT)
    assert not late.exists()
    assert store.preview_path(file.digest, "1-thumb").exists()


def test_keeping_a_file_again_makes_it_young(place: Office) -> None:
    digest = store.keep(b"again")
    aged(store.path_of(digest), AT - 30 * DAY)
    store.keep(b"again")
    assert retention.sweep(at=AT) == 0
    assert store.unchanged(digest)


def test_a_file_that_is_being_kept_anew_is_not_removed(django_db_blocker: Any) -> None:
    """Another connection holds the lock of a keeper: removing passes over it."""
    digest = store.keep(b"wanted")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_lock_shared(hashtextextended(%s, 0))",
                [f"attachments.store:{digest}"],
            )
            assert not store.remove_unless(digest, still_needed=lambda: False)
            assert store.unchanged(digest)
            # By itself the server lets go of it some time after the connection has ended.
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert store.remove_unless(digest, still_needed=lambda: False)
    assert not store.path_of(digest).exists()


def test_the_jobs_run_daily_and_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(retention, "expire", lambda **when: done.append(f"expire {[*when]}"))
    monkeypatch.setattr(retention, "sweep", lambda **when: done.append(f"sweep {[*when]}"))
    jobs.expire(0)
    jobs.sweep(0)
    assert done == ["expire ['at']", "sweep ['at']"]


# ── the store ───────────────────────────────────────────────────────────────────────────


def test_a_file_lies_under_its_digest_for_its_owner_only(settings: Any) -> None:
    digest = store.keep(b"content")
    path = store.path_of(digest)
    assert path.relative_to(settings.FILES_ROOT).parts == (digest[:2], digest[2:4], digest)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.digest for each in store.walk()] == [digest]
    for wrong in ("../../secret.key", digest.upper(), digest[:-1], ""):
        with pytest.raises(ValueError, match="no digest"):
            store.path_of(wrong)


def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.keep(b"content")
    assert list(store.walk()) == []


# ── the check ───────────────────────────────────────────────────────────────────────────


def test_a_verification_compares_every_kept_file(place: Office) -> None:
    kept(place.me, place.unit)
    gone = kept(place.me, place.unit)
    actions.remove(actor=place.me, attachment_id=gone.pk, reason="错了", at=AT)
    staged(place.me)
    result = audit.verify()
    assert result.ok
    assert result.compared["附件"] == 1


def test_a_changed_byte_and_a_missing_file_are_found(place: Office) -> None:
    changed = kept(place.me, place.unit, samples.png(), "改.png")
    missing = kept(place.me, place.unit, samples.jpeg(), "丢.jpg")
    path = store.path_of(changed.digest)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    store.path_of(missing.digest).unlink()
    result = audit.verify()
    assert not result.ok
    assert f"附件：第 {changed.pk} 号 改.png：内容与附上时不一致。" in result.problems
    assert f"附件：第 {missing.pk} 号 丢.jpg：文件不在了。" in result.problems
    assert len(result.problems) == 2


def test_whoever_changes_file_and_row_alike_is_found_by_the_trail(place: Office) -> None:
    file = kept(place.me, place.unit)
    with pgtrigger.ignore("attachments.Attachment:file_facts_stay"):
        Attachment.objects.filter(pk=file.pk).update(digest=store.keep(b"forged"))
    assert checks.changed_files()[1] == [f"第 {file.pk} 号 照片.png：校验值与留痕不一致。"]


def test_whoever_moves_a_row_or_slips_one_in_or_takes_one_out_is_found(place: Office) -> None:
    moved, taken = kept(place.me, place.unit), kept(place.me, place.unit)
    slipped = Attachment.objects.get(pk=moved.pk)
    slipped.pk, slipped.position = None, 9
    slipped.save(force_insert=True)
    with pgtrigger.ignore(
        "attachments.Attachment:file_stays_where_it_is",
        "attachments.Attachment:file_is_not_deleted",
    ):
        Attachment.objects.filter(pk=moved.pk).update(subject_id=place.elsewhere.pk)
        Attachment.objects.filter(pk=taken.pk).delete()
    assert set(checks.changed_files()[1]) == {
        f"第 {moved.pk} 号 照片.png：所附的对象与留痕不一致。",
        f"第 {slipped.pk} 号 照片.png：留痕中没有附上它的记录。",
        f"第 {taken.pk} 号 照片.png：登记不在了。",
    }
    assert queries.counts(model="org.unit", row_ids=[place.elsewhere.pk])


def test_whoever_hides_a_file_as_removed_or_calls_it_otherwise_is_found(place: Office) -> None:
    hidden, renamed = kept(place.me, place.unit), kept(place.me, place.unit)
    gone, expired = kept(place.me, place.unit), kept(place.me, place.unit, retain_until=LAST_DAY)
    actions.remove(actor=place.me, attachment_id=gone.pk, reason="错了", at=AT)
    assert retention.expire(at=datetime(2020, 7, 2, tzinfo=SHANGHAI)) == 1
    assert checks.changed_files() == (2, [])
    store.remove(hidden.digest)
    Attachment.objects.filter(pk=hidden.pk).update(
        state=FileState.REMOVED, removed_at=AT, remover="谁", reason="说是错了"
    )
    with pgtrigger.ignore("attachments.Attachment:file_facts_stay"):
        Attachment.objects.filter(pk=renamed.pk).update(name="别的.png")
    with pgtrigger.ignore("attachments.Attachment:file_life"):
        Attachment.objects.filter(pk=expired.pk).update(state=FileState.KEPT, removed_at=None)
    store.keep(samples.png())
    assert checks.changed_files()[1] == [
        f"第 {hidden.pk} 号 照片.png：状态是已移除，留痕中没有这一步。",
        f"第 {renamed.pk} 号 别的.png：文件名与留痕不一致，附上时叫 照片.png。",
        f"第 {expired.pk} 号 照片.png：状态是已附上，留痕中没有这一步。",
    ]
