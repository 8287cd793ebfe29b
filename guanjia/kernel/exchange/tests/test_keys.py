"""Keys of partners: shown once, let in or not, every call written down."""

from datetime import date, timedelta
from typing import Any

import pytest

from guanjia.kernel.audit.models import Record
from guanjia.kernel.exchange import queries, scopes
from guanjia.kernel.exchange.actions import keys
from guanjia.kernel.exchange.actions.keys import KeyRefused
from guanjia.kernel.exchange.models import ApiCall, ApiKey
from guanjia.kernel.exchange.queries import Cursor, CursorUnreadable
from guanjia.kernel.exchange.scopes import ApiScope
from guanjia.kernel.exchange.tests import builders
from guanjia.kernel.exchange.tests.builders import AT, SYSTEM
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Refused

pytestmark = pytest.mark.django_db
READ = "units.read"
HERE = "10.36.2.7"


@pytest.fixture(autouse=True)
def _scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_scopes", {})
    scopes.declare(
        ApiScope(key=READ, title="单位", wire="units"),
        ApiScope(key="people.read", title="人员", wire="people"),
    )


def make(**changes: Any) -> tuple[ApiKey, str]:
    facts = {
        "partner": "市审计局联网审计", "contact": "", "scopes": [READ], "networks": [],
        "since": AT.date(), "until": AT.date() + timedelta(days=30), "per_minute": 3,
    }  # fmt: skip
    return keys.make_key(actor=SYSTEM, at=AT, **{**facts, **changes})


def admit(key: ApiKey, **changes: Any) -> ApiCall:
    asked = {"key": key, "scope": READ, "address": HERE, "query": "", "at": AT}
    return keys.admit(**{**asked, **changes})


def refusal(key: ApiKey, **changes: Any) -> KeyRefused:
    with pytest.raises(KeyRefused) as refused:
        admit(key, **changes)
    return refused.value


def test_a_key_is_kept_as_a_digest_only() -> None:
    key, text = make()
    assert keys.key_of(text) == key
    assert len(text) > 40
    row = str(ApiKey.objects.values().get())
    secret_part = text.removeprefix(key.prefix)
    assert secret_part not in row
    assert secret_part not in str(Record.objects.filter(verb="exchange.key.made").values())


@pytest.mark.parametrize("shown", ["", "x", "gj_", "gj_00000000_abc", "\x00", "gj_" + "a" * 5000])
def test_a_key_we_never_gave_is_not_known(shown: str) -> None:
    make()
    with pytest.raises(KeyRefused) as refused:
        keys.key_of(shown)
    assert refused.value.status == 401


def test_the_prefix_alone_opens_nothing() -> None:
    key, text = make()
    with pytest.raises(KeyRefused):
        keys.key_of(key.prefix + "_" + "a" * 43)
    with pytest.raises(KeyRefused):
        keys.key_of(text[:-1])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"partner": " "}, "partner_missing"),
        ({"partner": "局" * 61}, "partner_long"),
        ({"scopes": []}, "scopes_missing"),
        ({"scopes": ["everything"]}, "scope_unknown"),
        ({"networks": ["10.36.0.0/16", "somewhere"]}, "network_bad"),
        ({"networks": [f"10.0.0.{n}" for n in range(21)]}, "networks_many"),
        ({"until": date(2020, 5, 19)}, "until_early"),
        ({"until": date(2024, 5, 20)}, "until_late"),
        ({"per_minute": 0}, "often_bad"),
        ({"per_minute": 6001}, "often_bad"),
        ({"unit_ids": [1]}, "bounds_needless"),
        ({"subject_ids": [1]}, "bounds_needless"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        make(**changes)
    assert [finding.code for finding in refused.value.findings] == [code]


def test_a_call_is_written_down_with_what_it_was_given() -> None:
    key, _ = make()
    call = admit(key, query="changed_after=2020-05-01")
    assert ApiCall.objects.get().state == "BEGUN"
    keys.answered(call=call, rows=7)
    (row,) = queries.calls(of=[READ])
    assert (row.key, row.scope, row.rows, row.address) == (key, READ, 7, HERE)
    (shown,) = queries.keys(of=[READ])
    assert (shown.used, shown.used_at) == (1, AT)
    assert not queries.keys(of=["people.read"])
    assert not queries.calls(of=["people.read"])


@pytest.mark.parametrize(("days", "let_in"), [(-1, False), (0, True), (30, True), (31, False)])
def test_a_key_holds_from_its_first_to_its_last_day(days: int, let_in: bool) -> None:
    key, _ = make()
    if let_in:
        admit(key, at=AT + timedelta(days=days))
    else:
        assert refusal(key, at=AT + timedelta(days=days)).status == 401


def test_a_stopped_key_opens_nothing_from_that_moment() -> None:
    key, text = make()
    admit(key)
    keys.stop_key(actor=SYSTEM, key_id=key.pk, reason="项目结束", at=AT)
    assert refusal(keys.key_of(text)).status == 401
    with pytest.raises(Refused, match="已经停用"):
        keys.stop_key(actor=SYSTEM, key_id=key.pk, reason="项目结束", at=AT)
    assert Record.objects.get(verb="exchange.key.stopped").note == "项目结束"


def test_a_key_is_stopped_with_a_reason() -> None:
    key, _ = make()
    with pytest.raises(Refused, match="没有写停用原因"):
        keys.stop_key(actor=SYSTEM, key_id=key.pk, reason=" ", at=AT)


def test_a_key_opens_only_what_it_was_given_for() -> None:
    key, _ = make()
    no = refusal(key, scope="people.read")
    assert (no.status, no.sentence) == (403, "这个接口密钥不能读“人员”。")
    assert ApiCall.objects.get().note == no.sentence, "what was refused is written down too"


@pytest.mark.parametrize(
    ("address", "let_in"),
    [("10.36.2.7", True), ("10.37.0.1", False), ("192.0.2.1", True), ("", False), ("::1", False)],
)
def test_a_key_opens_only_from_its_networks(address: str, let_in: bool) -> None:
    key, _ = make(networks=["10.36.0.0/16", "192.0.2.1"])
    if let_in:
        admit(key, address=address)
    else:
        assert refusal(key, address=address).status == 403


def test_more_calls_than_agreed_wait_for_the_minute_to_pass() -> None:
    key, _ = make()
    for second in (0, 10, 20):
        admit(key, at=AT + timedelta(seconds=second))
    no = refusal(key, at=AT + timedelta(seconds=30))
    assert (no.status, no.wait) == (429, 30)
    for second in range(31, 60):
        refusal(key, at=AT + timedelta(seconds=second))
    assert ApiCall.objects.filter(state="REFUSED").count() == 1, "they do not fill the table"
    admit(key, at=AT + timedelta(seconds=60))
    assert refusal(key, at=AT + timedelta(seconds=69)).status == 429
    admit(key, at=AT + timedelta(seconds=70))


def test_calls_that_cannot_be_read_count_as_calls() -> None:
    key, _ = make()
    for second in (0, 10, 20):
        call = admit(key, at=AT + timedelta(seconds=second))
        keys.not_answered(call=call, note="cursor 不对。")
    assert refusal(key, at=AT + timedelta(seconds=30)).status == 429
    assert ApiCall.objects.filter(state="REFUSED", rows=0).count() == 3


def test_a_key_that_was_stopped_while_a_call_came_in_lets_it_in_no_more() -> None:
    key, _ = make()
    keys.stop_key(actor=SYSTEM, key_id=key.pk, reason="合作结束", at=AT)
    assert key.revoked_at is None, "as it was read before"
    assert refusal(key).status == 401


# ── rows in the order of their change ───────────────────────────────────────────────────


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SETTLED_AFTER", timedelta(0))


def names(page: queries.Page) -> list[str]:
    return [row["name"] for row in page.rows]


@pytest.mark.usefixtures("at_once")
def test_rows_are_read_page_by_page_and_then_only_what_changed(units: list[Unit]) -> None:
    first = queries.changed(kind="units", limit=7)
    second = queries.changed(kind="units", limit=7, after=Cursor.of(first.cursor))
    assert names(first) + names(second) == [unit.name for unit in units]
    assert (first.more, second.more) == (True, False)
    nothing = queries.changed(kind="units", limit=7, after=Cursor.of(second.cursor))
    assert (nothing.rows, nothing.cursor, nothing.more) == ([], second.cursor, False)
    Unit.objects.filter(pk=units[3].pk).update(name="改过的")
    changed = queries.changed(kind="units", limit=7, after=Cursor.of(second.cursor))
    assert names(changed) == ["改过的"]
    since = changed.rows[0]["changed_at"]
    assert names(queries.changed(kind="units", limit=7, changed_after=since)) == []
    before = since - timedelta(microseconds=1)
    assert names(queries.changed(kind="units", limit=7, changed_after=before)) == ["改过的"]


@pytest.mark.usefixtures("at_once")
def test_hidden_rows_are_left_out_but_what_follows_is_not(units: list[Unit]) -> None:
    Unit.objects.filter(pk__in=[unit.pk for unit in units[:11]]).update(name=builders.HIDDEN)
    page = queries.changed(kind="units", limit=3)
    found = names(page)
    while page.more:
        page = queries.changed(kind="units", limit=3, after=Cursor.of(page.cursor))
        found += names(page)
    assert found == [units[11].name]


def test_a_kind_that_is_not_shared_has_no_rows(units: list[Unit]) -> None:
    assert queries.changed(kind="people", limit=5).rows == []


@pytest.mark.parametrize("text", ["", "x", "é", "W10", "WyIyMDIwLTA1LTIwIiwgMV0", "a" * 3000])
def test_a_foreign_cursor_is_not_understood(text: str) -> None:
    with pytest.raises(CursorUnreadable):
        Cursor.of(text)


def test_a_cursor_comes_back_as_it_was() -> None:
    assert Cursor.of(Cursor(AT, 7).text()) == Cursor(AT, 7)
