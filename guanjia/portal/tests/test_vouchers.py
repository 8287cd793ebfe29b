"""凭证: what everybody is told about a code, and what those see whom it concerns."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management.utils import get_random_secret_key
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanjia.domains.fleet.actions import dispatching, requests
from guanjia.domains.fleet.tests.builders import AT, HOUR, SECOND
from guanjia.kernel.attachments import store
from guanjia.kernel.audit import actions as audit
from guanjia.kernel.values.period import SHANGHAI
from guanjia.kernel.vouchers import actions, callers, codes, queries
from guanjia.kernel.vouchers.models import Caller, Voucher
from guanjia.kernel.vouchers.terms import Form, Why

DAY = timedelta(days=1)
PDF = b"%PDF-1.7 not really"


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def sheet(city: Any) -> Voucher:
    """The sheet of a dispatched trip."""
    found: Voucher = Voucher.objects.of(city.dispatched()).get()
    return found


def told(code: str, status: int = 200, **headers: str) -> str:
    """What a passer-by is told about a code."""
    answer = Client().get(f"/v/{code}/", headers=headers)
    assert answer.status_code == status
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    return str(answer.content.decode())


def void(city: Any, voucher: Voucher, reason: str = "号牌写错", why: Why = Why.MISTAKEN) -> None:
    actions.void(
        actor=city.actor("dispatcher"), voucher_id=voucher.pk, reason=reason, why=why, at=AT
    )


def state_of(html: str) -> str:
    found = re.search(r"<h1>([^<]+)</h1>", html)
    assert found
    return found[1]


# ── 核验 ─────────────────────────────────────────────────────────────────────────────────


def test_a_genuine_voucher_says_what_may_be_known(sheet: Voucher) -> None:
    html = told(sheet.code)
    assert state_of(html) == "有效"
    for said in (sheet.numbered, "公务用车派车单", "赣H10001", "市农业农村局", "2020年5月20日",
                 "市机关事务管理局", sheet.printed_code, "和手里的纸比一比"):  # fmt: skip
        assert said in html, said
    for secret in ("莫兴", "汪杰", "乐平", "春耕调研"):
        assert secret not in html, "who rides and where to is nobody's business"


def test_a_void_voucher_says_so_and_no_more_than_it_must(city: Any, sheet: Voucher) -> None:
    void(city, sheet, reason="司机汪杰请假")
    html = told(sheet.code)
    assert state_of(html) == "已作废"
    assert "内容有误" in html
    assert sheet.numbered in html
    for secret in ("赣H10001", "农业农村局", "请假", "汪杰"):
        assert secret not in html


def test_a_replaced_voucher_names_its_successor(city: Any, sheet: Voucher) -> None:
    trip = dispatching.Trip.objects.get(pk=sheet.subject_id)
    city.dispatch(trip, car=SECOND, driver="程勇")
    successor = Voucher.objects.get(replaces=sheet)
    html = told(sheet.code)
    assert state_of(html) == "已被替换"
    assert successor.numbered in html
    assert "换发" in html
    assert state_of(told(successor.code)) == "有效"


def test_an_expired_and_a_coming_voucher_are_genuine_but_do_not_count(
    city: Any, sheet: Voucher, clock: Any
) -> None:
    clock.move_to(AT + 2 * DAY)
    html = told(sheet.code)
    assert state_of(html) == "已过期"
    assert "赣H10001" in html
    later = city.dispatched(
        car=SECOND, driver="程勇", planned_from=AT + 5 * DAY, planned_to=AT + 5 * DAY + HOUR
    )
    assert state_of(told(Voucher.objects.of(later).get().code)) == "未生效"


def test_a_code_nobody_issued_and_what_is_no_code_are_answered_alike(sheet: Voucher) -> None:
    def answer(code: str) -> str:
        html = told(code, status=404)
        assert state_of(html) == "没有这张凭证"
        varies = r'<b class="vch-mono">.*?</b>|value="[^"]*"|"X-CSRFToken": "\w+"'
        return re.sub(varies, "", html)

    unknown = answer("K7Q29F4MXT3C")
    for malformed in ("nonsense", "K7Q2", "U" * 12, "'; DROP TABLE--", "%00", "%E4%BD%A0" * 20):
        assert answer(malformed) == unknown
    with CaptureQueriesContext(connection) as first:
        told("K7Q29F4MXT3C", status=404)
    with CaptureQueriesContext(connection) as second:
        told("nonsense", status=404)
    assert len(first) == len(second)


def test_a_code_may_be_typed_as_people_type(sheet: Voucher) -> None:
    code = sheet.code
    dashed = sheet.printed_code
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    swapped = code.replace("0", "o").replace("1", "l")
    for typed in (code, code.lower(), dashed, f" {dashed.replace('-', ' ')} ", wide, swapped):
        answer = Client().get("/v/", {"code": typed})
        assert answer.status_code == 200, typed
        assert sheet.numbered in answer.content.decode()


def test_the_form_stands_alone_and_needs_no_script(db: None) -> None:
    answer = Client().get("/v/")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert 'name="code"' in html
    assert 'method="get"' in html
    assert Client().post("/v/").status_code == 405


def test_ten_thousand_random_codes_find_nothing(sheet: Voucher) -> None:
    """Made as the generator makes them, looked up by the query of the page."""
    guesses = {codes.new_code() for _ in range(10_000)}
    assert len(guesses) == 10_000
    assert queries.by_codes(guesses) == []
    assert queries.by_codes([*guesses, sheet.printed_code]) == [sheet], "the query does find"


def test_hundreds_of_random_codes_find_nothing_on_the_page(
    sheet: Voucher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "PER_MINUTE", 1000)
    monkeypatch.setattr(callers, "PER_HOUR", 1000)
    client = Client()
    for _ in range(300):
        assert client.get(f"/v/{codes.new_code()}/").status_code == 404
    assert client.get(f"/v/{sheet.code}/").status_code == 200


# ── how often ────────────────────────────────────────────────────────────────────────────


def look(address: str, code: str = "K7Q29F4MXT3C") -> Any:
    return Client(REMOTE_ADDR=address).get(f"/v/{code}/")


def test_an_address_may_look_thirty_times_a_minute(db: None, clock: Any, sheet: Voucher) -> None:
    clock.move_to(AT)
    for _ in range(callers.PER_MINUTE):
        assert look("192.0.2.1").status_code == 404
    answer = look("192.0.2.1", sheet.code)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    html = answer.content.decode()
    assert "9:01 以后再试" in html
    assert sheet.numbered not in html
    assert look("192.0.2.2", sheet.code).status_code == 200, "others are not hurt"
    clock.move_to(AT + timedelta(seconds=61))
    assert look("192.0.2.1", sheet.code).status_code == 200


def test_and_three_hundred_times_an_hour(db: None, clock: Any) -> None:
    moment = AT
    for place in range(callers.PER_HOUR):
        if place % callers.PER_MINUTE == 0:
            moment = AT + timedelta(minutes=2 * place / callers.PER_MINUTE)
        assert callers.shut_until(address="192.0.2.1", at=moment) is None
    assert callers.shut_until(address="192.0.2.1", at=moment + 2 * MINUTE) == AT + HOUR
    assert callers.shut_until(address="192.0.2.1", at=AT + HOUR) is None


MINUTE = timedelta(minutes=1)


def test_colleagues_who_signed_in_are_not_counted(city: Any, visit: Any, sheet: Voucher) -> None:
    client = visit("asker")
    for _ in range(callers.PER_MINUTE + 5):
        assert client.get(f"/v/{sheet.code}/").status_code == 200
    assert not Caller.objects.exists()


def test_an_ipv6_network_counts_as_one(db: None) -> None:
    for place in range(callers.PER_MINUTE):
        assert callers.shut_until(address=f"2001:db8:1:2::{place:x}", at=AT) is None
    assert callers.shut_until(address="2001:db8:1:2:ffff::1", at=AT) is not None
    assert callers.shut_until(address="2001:db8:1:3::1", at=AT) is None
    assert callers.network("::ffff:192.0.2.1") == "192.0.2.1"
    assert callers.network(get_random_secret_key()) == "?"


def test_the_counts_are_swept_by_newcomers_and_by_the_job(db: None) -> None:
    for place in range(50):
        callers.shut_until(address=f"192.0.2.{place}", at=AT)
    assert Caller.objects.count() == 50
    later = AT + HOUR + MINUTE
    callers.shut_until(address="198.51.100.1", at=later)
    assert Caller.objects.count() == 31, "one newcomer, twenty gone"
    callers.sweep(at=later)
    assert [each.address for each in Caller.objects.all()] == ["198.51.100.1"]


# ── the page of a voucher ────────────────────────────────────────────────────────────────


def page(client: Any, voucher: Voucher) -> str:
    answer = client.get(f"/vouchers/{voucher.pk}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("dispatcher", True),
        ("supervisor", True),
        ("asker", True),
        ("driver", True),
        ("approver", True),
        ("stranger", False),
        ("stranger_boss", False),
        ("sysadmin", False),
    ],
)
def test_a_voucher_is_for_those_who_may_open_the_trip(
    visit: Any, sheet: Voucher, who: str, sees: bool
) -> None:
    client = visit(who)
    wanted = 200 if sees else 404
    assert client.get(f"/vouchers/{sheet.pk}/").status_code == wanted
    assert client.get(f"/vouchers/{sheet.pk}/docx/").status_code == wanted
    pdf = client.get(f"/vouchers/{sheet.pk}/pdf/").status_code
    assert pdf == (302 if sees else 404), "there is none yet"


def test_the_page_tells_number_state_code_and_files(visit: Any, sheet: Voucher) -> None:
    html = page(visit("dispatcher"), sheet)
    digest = sheet.files.get().digest
    for said in (sheet.numbered, "有效", sheet.printed_code, digest, "已核对", "熊燕欣", "<svg"):
        assert said in html
    assert "作废凭证" in html
    assert "作废凭证" not in page(visit("asker"), sheet)


def test_the_word_file_comes_as_it_was_recorded(visit: Any, sheet: Voucher) -> None:
    answer = visit("asker").get(f"/vouchers/{sheet.pk}/docx/")
    assert answer.content == store.read(sheet.files.get().digest)
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"


def test_a_changed_file_is_named_kept_back_and_found_by_the_audit(
    visit: Any, sheet: Voucher
) -> None:
    assert audit.verify().ok
    path = store.path_of(sheet.files.get().digest)
    path.write_bytes(path.read_bytes() + b" ")
    assert "与登记不符" in page(visit("dispatcher"), sheet)
    answer = visit("dispatcher").get(f"/vouchers/{sheet.pk}/docx/")
    assert answer.status_code == 422
    assert "摘要不一致" in answer.content.decode()
    (problem,) = audit.verify().problems
    assert sheet.numbered in problem
    path.unlink()
    assert "不见了" in audit.verify().problems[0]
    html = visit("auditor").post("/audit/verify/").content.decode()
    assert "核验不通过。" in html


def test_the_pdf_is_asked_for_again_with_a_word_about_why(
    visit: Any, sheet: Voucher, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit("dispatcher")
    monkeypatch.setattr(actions.office, "program", lambda: "")
    assert "没有 LibreOffice" in page(client, sheet)
    client.post(f"/vouchers/{sheet.pk}/pdf/again/")
    assert "请系统管理员安装" in page(client, sheet)
    asked: list[int] = []
    monkeypatch.setattr(actions, "want_pdf", lambda *, voucher_id: asked.append(voucher_id))
    monkeypatch.setattr(actions.office, "program", lambda: "/usr/bin/soffice")
    assert "正在排队生成" in page(client, sheet)
    client.post(f"/vouchers/{sheet.pk}/pdf/again/")
    assert asked == [sheet.pk]


def test_a_pdf_that_is_there_is_shown_in_the_browser(
    city: Any, visit: Any, sheet: Voucher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions.office, "to_pdf", lambda _: PDF)
    monkeypatch.setattr(actions.office, "pages_of", lambda _: 1)
    actions.file_pdf(actor=city.actor("dispatcher"), voucher_id=sheet.pk, at=AT)
    answer = visit("driver").get(f"/vouchers/{sheet.pk}/pdf/")
    assert (answer.status_code, answer.content) == (200, PDF)
    assert "attachment" not in answer["Content-Disposition"]
    assert sheet.files.filter(form=Form.PDF).count() == 1


def test_the_dispatcher_makes_a_voucher_void_with_its_reason(visit: Any, sheet: Voucher) -> None:
    client = visit("dispatcher")
    address = f"/vouchers/{sheet.pk}/void/"
    refused = client.post(address, {"why": "MISTAKEN", "reason": ""})
    assert refused.status_code == 422
    assert "没有写作废原因" in refused.content.decode()
    assert client.post(address, {"why": "LOST", "reason": "纸丢了"}).status_code == 302
    html = page(client, sheet)
    assert "已作废" in html
    assert "纸丢了" in html
    twice = client.post(address, {"why": "LOST", "reason": "再来"})
    assert twice.status_code == 422
    assert "已经作废" in twice.content.decode()
    assert visit("asker").post(address, {"reason": "x"}).status_code == 403


def test_the_register_narrows_by_state_kind_unit_and_words(
    city: Any, visit: Any, sheet: Voucher
) -> None:
    void(city, sheet)
    other = Voucher.objects.of(city.dispatched(car=SECOND, driver="程勇")).get()
    client = visit("supervisor")

    def listed(**query: str) -> set[str]:
        html = client.get("/vouchers/", query).content.decode()
        return {v.numbered for v in (sheet, other) if v.numbered in html.partition("<tbody>")[2]}

    assert listed() == {sheet.numbered, other.numbered}
    assert listed(state="VOID") == listed(view="void") == {sheet.numbered}
    assert listed(state="VALID") == listed(view="valid") == {other.numbered}
    assert listed(words=sheet.subject_label) == {sheet.numbered}
    assert listed(kind="fleet.trip_sheet") == {sheet.numbered, other.numbered}
    assert listed(kind="fleet.bill") == set()
    assert visit("asker").get("/vouchers/").status_code == 403
    exported = client.get("/vouchers/export/")
    assert exported.status_code == 200


def test_the_trip_shows_its_sheet_and_the_earlier_ones(
    city: Any, visit: Any, sheet: Voucher
) -> None:
    trip = dispatching.Trip.objects.get(pk=sheet.subject_id)
    city.dispatch(trip, car=SECOND, driver="程勇")
    successor = Voucher.objects.get(replaces=sheet)
    html = visit("asker").get(f"/fleet/trips/{trip.pk}/").content.decode()
    for said in (successor.numbered, successor.printed_code, "有效", sheet.numbered, "已被替换"):
        assert said in html
    assert f"/vouchers/{successor.pk}/docx/" in html
    requests.cancel_trip(actor=city.actor("asker"), trip_id=trip.pk, reason="会议改期", at=AT)
    html = visit("asker").get(f"/fleet/trips/{trip.pk}/").content.decode()
    assert "已作废" in html


def test_the_trail_tells_of_vouchers_in_chinese(city: Any, visit: Any, sheet: Voucher) -> None:
    void(city, sheet)
    html = visit("auditor").get("/audit/", {"words": sheet.numbered}).content.decode()
    for said in ("签发凭证", "作废凭证", "号牌写错", "文件摘要"):
        assert said in html
    assert f'href="/vouchers/{sheet.pk}/"' not in html, "the auditor may not open it"


def test_the_address_on_the_paper_is_the_public_one(sheet: Voucher, settings: Any) -> None:
    settings.PUBLIC_URL = "https://guanjia.example"
    assert actions.address_of(sheet.code) == f"https://guanjia.example/v/{sheet.code}/"
    assert actions.place() == "guanjia.example/v"
    assert datetime.now(SHANGHAI).date() == AT.date(), "the clock stands still"
