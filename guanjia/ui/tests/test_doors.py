"""Doors, fault pages and headers."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import loader
from django.test import RequestFactory, override_settings

from guanjia.kernel.regulations import verdict as verdicts
from guanjia.kernel.values.actor import Actor, Held, NotAllowed, Reach
from guanjia.ui import context, faults, menu, middleware, pages, wiring

SOMEBODY = Actor(
    name="贺思",
    account_id=1,
    person_id=7,
    unit_name="市农业农村局",
    held=(Held(duty="asker", title="用车人", verbs=frozenset({"halls.ask"}), reach=Reach.CITY),),
)


def ask(path: str = "/x/?a=1", actor: Actor | None = None, **headers: str) -> Any:
    request = RequestFactory().get(path, headers=headers)
    request.user = SimpleNamespace(is_authenticated=False)
    request.resolver_match = None
    if actor:
        request.actor = actor
    return request


@pages.needs("halls.ask")
def page(request: pages.PageRequest, number: int = 0) -> HttpResponse:
    return HttpResponse(f"{request.actor.name} {request.scope.everything} {number}")


@pages.needs("halls.rule")
def other(request: pages.PageRequest) -> HttpResponse:
    return HttpResponse("never")


def test_a_page_names_the_duty_it_needs() -> None:
    assert page.needs == "halls.ask"
    assert pages.needs_sign_in(lambda _: HttpResponse()).needs == pages.SIGN_IN
    assert pages.public(lambda _: HttpResponse()).needs == pages.PUBLIC


def test_a_stranger_is_sent_to_sign_in_and_comes_back() -> None:
    answer = page(ask())
    assert answer.status_code == 302
    assert answer["Location"].endswith("?next=%2Fx%2F%3Fa%3D1")


def test_a_stranger_asking_by_htmx_leaves_the_page() -> None:
    answer = page(ask(**{"HX-Request": "true", "HX-Current-URL": "http://testserver/list?b=2"}))
    assert answer.status_code == 401
    assert answer["HX-Redirect"].endswith("?next=%2Flist%3Fb%3D2")


def test_a_stranger_at_the_api_is_told() -> None:
    answer = page(ask("/api/x"))
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/json"


def test_the_rightful_enter_with_actor_and_scope() -> None:
    assert page(ask(actor=SOMEBODY), number=3).content.decode() == "贺思 True 3"


def test_without_the_duty_the_kernel_says_no() -> None:
    with pytest.raises(NotAllowed):
        other(ask(actor=SOMEBODY))


def run(error: Exception, path: str = "/x/", method: str = "GET") -> HttpResponse | None:
    request = RequestFactory().generic(method, path)
    return middleware.FaultMiddleware(lambda _: HttpResponse()).process_exception(request, error)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotAllowed("halls.rule", "派车"), 403, "这一页要有“派车”职责才能办"),
        (ObjectDoesNotExist(), 404, "不在您的范围内"),
        (Http404(), 404, "不在您的范围内"),
        (verdicts.Refused(verdicts.refuse("x", "不行。", "因为。").refusals), 422, "不行。"),
        (OperationalError("gone"), 503, "连不上数据库"),
        (RequestDataTooBig(), 413, "太大"),
        (DataError("out of range"), 404, "没有这一页"),
    ],
)
def test_what_the_kernel_raises_becomes_a_sentence(
    error: Exception, status: int, words: str
) -> None:
    answer = run(error)
    assert answer is not None
    assert answer.status_code == status
    text = answer.content.decode()
    assert words in text
    assert "Traceback" not in text
    assert "!" not in text.replace("<!doctype", "")
    assert "！" not in text
    assert answer["X-Guanjia-Sentence"].isascii()


def test_the_api_gets_the_same_sentence_as_json() -> None:
    answer = run(NotAllowed("halls.rule", "派车"), "/api/halls")
    assert answer is not None
    assert answer["Content-Type"] == "application/json"


def test_an_unknown_fault_is_left_to_the_500_page() -> None:
    assert run(ValueError("x")) is None
    assert run(DataError("x"), method="POST") is None


def test_a_nul_in_a_form_is_bad_input_and_no_fault_of_ours() -> None:
    request = RequestFactory().post("/x/", {"reason": "a\0b"})
    found = middleware.FaultMiddleware(lambda _: HttpResponse()).process_exception(
        request, DataError("NUL")
    )
    assert found is not None
    assert found.status_code == 400


def test_the_500_page_gives_a_number_that_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("secret detail")
    except ValueError:
        answer = faults.server_error(RequestFactory().get("/x/"))
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "secret detail" not in text
    number = caplog.records[-1].args[0]  # type: ignore[index]  # a tuple, as logged
    assert str(number) in text


def test_two_in_each_others_way_are_told_to_try_again() -> None:
    crossed = OperationalError("deadlock detected")
    crossed.__cause__ = type("Deadlock", (Exception,), {"sqlstate": "40P01"})()
    answer = run(crossed)
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "刚才有人同时在改" in answer.content.decode()


def test_a_lost_database_outside_pages_gets_its_own_page() -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        answer = faults.server_error(RequestFactory().get("/x/"))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"


def test_a_form_that_stood_open_too_long() -> None:
    answer = faults.csrf_failure(RequestFactory().post("/x/"))
    assert answer.status_code == 403
    assert "开得太久" in answer.content.decode()


def test_every_answer_has_a_policy_and_signed_in_pages_are_not_kept() -> None:
    guard = middleware.FaultMiddleware(lambda _: HttpResponse("x"))
    answer = guard(RequestFactory().get("/"))
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "Cache-Control" not in answer
    signed_in = RequestFactory().get("/")
    signed_in.COOKIES["sessionid"] = "x"
    assert guard(signed_in)["Cache-Control"] == "no-store"


def test_a_part_is_rendered_for_htmx_only() -> None:
    plain = pages.render(ask(), "404.html", {}, part="ui/csrf.html")
    part = pages.render(ask(**{"HX-Request": "true"}), "404.html", {}, part="ui/csrf.html")
    assert "没有这一页" in plain.content.decode()
    assert "过期" in part.content.decode()
    assert plain["Vary"] == "HX-Request"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_back_never_leads_to_another_machine(target: str) -> None:
    assert pages.back(RequestFactory().get("/", {"next": target}), "/home")["Location"] == "/home"


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "_groups", {})
    monkeypatch.setattr(menu, "_sections", [])
    menu.group(
        menu.Group(key="told", title="汇报", icon="report-analytics", place=1, apart=True),
        menu.Group(key="places", title="场所", icon="building", place=3),
        menu.Group(key="other", title="其他", icon="book", place=2),
    )
    item = menu.Item
    menu.enlist(
        menu.Section(
            title="报告", group="told",
            items=(item(title="报告", url_name="report:show", verb="halls.ask"),),
        ),
        menu.Section(
            title="会堂", group="places", place=2,
            items=(
                item(title="看板", url_name="halls:board", verb="halls.rule"),
                item(title="登记", url_name="halls:list", verb="halls.ask", also=("halls:detail",)),
                item(title="没有接线", url_name="halls:nowhere", verb="halls.ask"),
                item(title="规矩", url_name="halls:free", for_all=True),
            ),
        ),
        menu.Section(
            title="公告", group="other",
            items=(item(title="公告", url_name="halls:open", for_all=True),),
        ),
    )  # fmt: skip


def _many(title: str, count: int, place: int) -> menu.Section:
    items = tuple(
        menu.Item(title=f"{title}{number}", url_name="halls:list", verb="halls.ask")
        for number in range(count)
    )
    return menu.Section(title=title, group="places", place=place, items=items)


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
def test_the_menu_shows_only_groups_with_something_to_do() -> None:
    shown = menu.shown(actor=SOMEBODY, view_name="halls:detail")
    assert [group.title for group in shown] == ["场所", "汇报"], "a page for all is nothing to do"
    halls, told = shown
    assert [item.title for item in halls.items] == ["登记", "规矩"], "it goes along with the others"
    assert halls.items[0].current
    assert halls.current
    assert halls.only is None
    assert not told.current
    assert told.only is not None
    assert told.only.title == "报告"


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
def test_what_is_for_all_is_told_apart_and_in_order() -> None:
    assert [item.title for item in menu.for_all()] == ["公告", "规矩"]


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
def test_whom_no_duty_brings_there_may_be_asked() -> None:
    asked = menu.Item(title="问", url_name="halls:open", when=lambda actor: actor.name == "贺思")
    menu.enlist(menu.Section(title="问", group="other", items=(asked,)))
    assert "其他" in [group.title for group in menu.shown(actor=SOMEBODY, view_name="")]
    stranger = replace(SOMEBODY, name="生人")
    assert "其他" not in [group.title for group in menu.shown(actor=stranger, view_name="")]


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
def test_a_section_of_no_group_is_a_mistake() -> None:
    menu.enlist(menu.Section(title="无处", group="nowhere", items=()))
    with pytest.raises(KeyError):
        menu.shown(actor=SOMEBODY, view_name="")


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
def test_of_a_large_group_one_section_lies_open() -> None:
    menu.enlist(_many("甲", 2, place=3))
    (group, _) = menu.shown(actor=SOMEBODY, view_name="halls:detail")
    assert [section.open for section in group.sections] == [True, True]
    menu.enlist(_many("乙", menu.OPEN_MAX, place=1))
    (group, _) = menu.shown(actor=SOMEBODY, view_name="halls:detail")
    assert [(each.title, each.open) for each in group.sections] == [
        ("乙", False), ("会堂", True), ("甲", False),
    ]  # fmt: skip
    (group, _) = menu.shown(actor=SOMEBODY, view_name="")
    assert [section.open for section in group.sections] == [True, False, False]


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
@pytest.mark.parametrize(
    ("view_name", "marked"),
    [
        ("halls:detail_close", "登记"),  # a refused act shows the page it belongs to again
        ("halls:detail_close_now", "登记"),
        ("halls:details", ""),
        ("halls:unknown_act", ""),
    ],
)
def test_a_refused_act_is_marked_where_its_page_is(view_name: str, marked: str) -> None:
    halls, _ = menu.shown(actor=SOMEBODY, view_name=view_name)
    assert halls.current
    assert "".join(item.title for item in halls.items if item.current) == marked


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls")
def test_the_menu_says_what_is_open_and_where_one_is() -> None:
    menu.enlist(_many("甲", 2, place=3))
    request = ask(actor=SOMEBODY)
    frame = context.Furniture(request)
    frame.view_name = "halls:detail"
    html = loader.render_to_string("ui/parts/menu.html", {"gj": frame})
    assert html.count('aria-expanded="true"') == 2, "the group and the button that folds"
    assert html.count('aria-current="page"') == 1
    assert html.count("<details") == html.count(" open>") == 2


@pytest.mark.usefixtures("groups")
@override_settings(ROOT_URLCONF="guanjia.ui.tests.urls", DEMO=True)
def test_the_frame_shows_who_where_and_how_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "_todo_count", [lambda _: 12])
    request = ask(actor=SOMEBODY)
    html = loader.render_to_string("ui/base.html", {"gj": context.Furniture(request)})
    for words in ("贺思", "市农业农村局 · 用车人", "演示环境", ">12<", "场所", "跳到正文", "退出"):
        assert words in html
    assert "扫一扫" not in html


def test_a_stranger_sees_a_frame_without_a_menu() -> None:
    request: HttpRequest = ask()
    frame = context.Furniture(request)
    assert frame.me is None
    assert frame.menu == []
    assert frame.todo_count == 0
