"""The trail: append-only, sealed, and tampering shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from guanjia.kernel.audit import actions, checks
from guanjia.kernel.audit.models import Record, Seal
from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.values.actor import Actor, Scope
from guanjia.kernel.values.period import SHANGHAI

pytestmark = [pytest.mark.django_db, pytest.mark.pg15]
AT = datetime(2020, 5, 20, 9, 0, tzinfo=SHANGHAI)
ME = Actor(name="莫兴", account_id=3, person_id=7, address="192.0.2.7")


def write(count: int = 1, **facts: object) -> Record:
    """Some records; the last one is returned."""
    for _ in range(count):
        parts = {"actor": ME, "verb": "tests.done", "on": "某事", "at": AT, **facts}
        record = actions.record(**parts)
    return record


@contextmanager
def without_trigger(model: type[Record] | type[Seal]) -> Iterator[None]:
    """As somebody with the database's own password could do it."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def test_a_record_says_who_what_when_from_where() -> None:
    judged = verdicts.warn("odd", "有点怪。", "因为。", verdicts.Citation(title="办法", own=True))
    record = write(
        before={"km": 1}, after={"km": 2}, verdict=judged, note="说明", unit_path="/3602/"
    )
    record.refresh_from_db()
    assert (record.name, record.account_id, record.person_id) == ("莫兴", 3, 7)
    assert (record.address, record.verb, record.on_label) == ("192.0.2.7", "tests.done", "某事")
    assert (record.at, record.before, record.after) == (AT, {"km": 1}, {"km": 2})
    assert verdicts.verdict_from_json(record.verdict) == judged
    assert record.written_at is not None


def test_a_record_is_never_changed_nor_deleted() -> None:
    record = write()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Record.objects.filter(pk=record.pk).update(name="别人")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        record.save()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Record.objects.filter(pk=record.pk).delete()
    actions.seal()
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Seal.objects.update(digest="0")
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        Seal.objects.all().delete()
    assert Record.objects.get(pk=record.pk).name == "莫兴"


def test_verifying_seals_what_is_not_sealed_yet() -> None:
    write(3)
    result = actions.verify()
    assert result.ok
    assert result.checked == 3
    seal = Seal.objects.get()
    assert (seal.records, seal.last_id) == (3, Record.objects.first().pk)
    write(2)
    assert actions.verify().checked == 5
    assert Seal.objects.count() == 2


def test_an_empty_trail_is_in_order() -> None:
    assert actions.seal() == 0
    result = actions.verify()
    assert (result.ok, result.checked) == (True, 0)


def test_a_changed_record_is_found() -> None:
    write(3)
    actions.seal()
    changed = write()
    actions.seal()
    write()
    with without_trigger(Record):
        Record.objects.filter(pk=changed.pk).update(after={"km": 9})
    result = actions.verify()
    assert not result.ok
    assert result.problems == [
        f"第 {changed.pk} 至 {changed.pk} 号记录：内容与封存时不一致。",
    ]
    assert Seal.objects.count() == 2, "nothing is sealed over a broken trail"


def test_a_missing_record_is_found() -> None:
    first = write()
    gone = write()
    last = write()
    actions.seal()
    with without_trigger(Record):
        gone.delete()
    assert actions.verify().problems == [
        f"第 {first.pk} 至 {last.pk} 号记录：封存时 3 条，现在 2 条。"
    ]


def test_a_seal_made_anew_over_changed_records_breaks_the_chain() -> None:
    first = write()
    actions.seal()
    write()
    actions.seal()
    with without_trigger(Record), without_trigger(Seal):
        Record.objects.filter(pk=first.pk).update(name="别人")
        mended = Seal.objects.order_by("pk").first()
        assert mended is not None
        digest = actions._digest("", mended.first_id, mended.last_id)
        Seal.objects.filter(pk=mended.pk).update(digest=digest)
    assert not actions.verify().ok


def test_what_is_written_at_once_is_written_in_full() -> None:
    rows = [actions.entry(actor=ME, verb="tests.many", on=f"{i}", at=AT) for i in range(5)]
    actions.record_many(rows)
    assert Record.objects.filter(verb="tests.many").count() == 5


def test_the_trail_shows_only_what_lies_in_scope() -> None:
    mine = write(unit_path="/3602/D036/")
    other = write(actor=Actor(name="别人", person_id=8), unit_path="/3602/D040/")
    assert set(Record.objects.within(Scope(paths=("/3602/D036/",)))) == {mine}
    assert set(Record.objects.within(Scope(person_id=8))) == {other}
    assert set(Record.objects.within(Scope())) == set()
    assert set(Record.objects.within(Scope.all())) == {mine, other}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (AT, "2020-05-20T09:00:00+08:00"),
        (date(2020, 5, 20), "2020-05-20"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"a": (1, None)}, {"a": [1, None]}),
        ("文字", "文字"),
    ],
)
def test_values_are_kept_as_json_holds_them(value: object, kept: object) -> None:
    assert actions.plain(value) == kept


def test_a_rolled_back_act_leaves_no_record() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not Record.objects.exists()


def test_what_a_check_finds_only_once_was_just_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([(3, ["甲不在了。", "乙不在了。"]), (3, ["乙不在了。", "丙不在了。"]), (4, [])])
    monkeypatch.setattr(checks, "_checks", {"附件": lambda: next(looks)})
    result = actions.verify()
    assert (result.problems, result.compared) == (["附件：乙不在了。"], {"附件": 3})
    assert actions.verify().ok, "nothing found, nothing looked at again"
