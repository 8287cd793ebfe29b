"""What is seen on the list of a register, and what is not."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client

from guanjia.kernel.registers.models import SavedView
from guanjia.kernel.registers.tests.people import PEOPLE
from guanjia.ui.registers import urls
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


def text(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return flat(response.content)


def test_every_path_keeps_its_door() -> None:
    doors = {pattern.name: pattern.callback.needs for pattern in urls.paths(PEOPLE, "x/")}
    assert doors["people_list"] == doors["people_export"] == "tests.see"
    assert doors["people_import"] == doors["people_write"] == "tests.take"


def test_nobody_is_sent_to_the_sign_in(units: object) -> None:
    assert Client().get("/people/").status_code == 302


def test_without_the_duty_there_is_no_page(sign_in: SignIn) -> None:
    chief = sign_in("tests-chief")
    assert chief.get("/people/").status_code == 200
    assert chief.get("/people/import/").status_code == 403


def test_the_list_shows_rows_inside_the_scope_only(sign_in: SignIn) -> None:
    page = text(sign_in(reach="BELOW", unit="C1"), "/people/?view=all")
    assert "张三" in page
    assert "李四" in page
    assert "王五" not in page
    assert "全部 2 人合计" in page
    assert "第 1–2 人，共 2 人，每页 50 人" in page


def test_text_of_cells_is_escaped_and_long_text_is_cut(clerk: Client) -> None:
    page = text(clerk, "/people/?view=all")
    assert "王五&lt;b&gt;" in page
    assert '<span class="gj-cut" title="综合科负责人兼政策法规科联络员">' in page


def test_the_first_view_opens_and_views_are_counted(clerk: Client) -> None:
    page = text(clerk, "/people/")
    assert 'aria-current="page">正处级 <span class="gj-count">1</span>' in page
    assert "李四" not in page


def test_phone_numbers_are_masked_unless_the_duty_reveals_them(sign_in: SignIn) -> None:
    assert "15812342391" not in text(sign_in(), "/people/?view=all")
    assert "15812342391" in text(sign_in("tests-chief"), "/people/?view=all")


def test_a_filter_over_htmx_brings_the_rows_and_the_new_address(clerk: Client) -> None:
    response = clerk.get("/people/?view=all&words=王&rank=&cols=", headers={"HX-Request": "true"})
    page = flat(response.content)
    assert response["HX-Push-Url"] == "/people/?view=all&words=%E7%8E%8B"
    assert "<html" not in page
    assert "王五" in page
    assert "张三" not in page
    assert "/people/export/?view=all&amp;words=%E7%8E%8B" in page


def test_history_gets_the_whole_page_not_the_fragment(clerk: Client) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in text(clerk, "/people/?view=all", **headers)


def test_an_unreadable_filter_is_named(clerk: Client) -> None:
    assert "“职级”中没有“KING”，这个条件没有用上。" in text(clerk, "/people/?rank=KING")


def test_an_empty_list_offers_to_clear_the_conditions(clerk: Client) -> None:
    page = text(clerk, "/people/?view=all&words=没有这人")
    assert "没有符合条件的人员名录" in page
    assert "清空条件" in page


def test_the_sorted_head_says_so_and_turns(clerk: Client) -> None:
    page = text(clerk, "/people/?view=all&sort=-name")
    assert 'aria-sort="descending"><a href="?view=all&amp;sort=name"' in page


def test_chosen_columns_are_shown_and_nothing_folds(clerk: Client) -> None:
    page = text(clerk, "/people/?view=all&col=number&col=spare")
    assert "列 2/9" in page
    assert '<th scope="col">姓名</th>' not in page
    assert "gj-fold" not in page


def test_print_shows_all_rows_with_a_line_that_says_what(clerk: Client) -> None:
    page = text(clerk, "/people/?view=all&unit=C1&print=1")
    assert "data-print" in page
    assert "单位 市统计局及下级，共 2 人。熊燕欣" in page
    assert "每页 5,000 人" in page


def test_units_of_the_scope_can_be_chosen(sign_in: SignIn) -> None:
    page = text(sign_in(reach="BELOW", unit="C1"), "/people/?view=all")
    assert '<option value="C1">市统计局</option>' in page
    assert "综合科</option>" not in page
    assert "市林业局" not in page


def test_export_is_the_screen_to_the_row(clerk: Client) -> None:
    response = clerk.get("/people/export/?view=all&words=A&sort=-name&cols=number,name,mobile")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert "姓名或工号 A，共 3 人。熊燕欣" in rows[0][0]
    assert rows[1] == ["工号", "姓名", "手机号"]
    assert [row[0] for row in rows[2:5]] == ["A3", "A2", "A1"]
    assert rows[2][2] == "158****2391"


def test_ticked_rows_are_exported_alone(clerk: Client) -> None:
    pks = [row["id"] for row in clerk.get("/api/people?words=A&sort=name").json()["rows"]]
    response = clerk.get(f"/people/export/?ids={pks[0]}&cols=number")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    numbers = [row[0].value for row in sheet.iter_rows(min_row=3)]
    assert [number for number in numbers if str(number).startswith("A")] == ["A1"]


def test_the_template_opens_with_the_headers(clerk: Client) -> None:
    response = clerk.get("/people/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert "工号" in [cell.value for row in book.worksheets[0].iter_rows() for cell in row]


# ── saved views ──────────────────────────────────────────────────────────────────────────


def test_a_view_is_saved_shown_and_dropped(clerk: Client) -> None:
    kept = {"title": " 我的  张 ", "query": "words=张&view=all&junk=1&sort=-name"}
    response = clerk.post("/people/views/", kept, follow=True)
    page = flat(response.content)
    view = SavedView.objects.get()
    assert (view.title, view.query) == ("我的 张", "view=all&words=%E5%BC%A0&sort=-name")
    assert "已存为常用视图“我的 张”" in page
    assert 'aria-current="page">我的 张</a>' in page
    assert "去掉“我的 张”" in page
    page = flat(clerk.post(f"/people/views/{view.pk}/drop/", follow=True).content)
    assert "已去掉常用视图“我的 张”" in page
    assert not SavedView.objects.exists()


def test_the_same_title_is_refused_with_a_sentence(clerk: Client) -> None:
    clerk.post("/people/views/", {"title": "我的", "query": ""})
    page = clerk.post("/people/views/", {"title": "我的", "query": ""}, follow=True)
    assert "已有叫“我的”的视图，换一个名称。" in flat(page.content)


def test_views_of_others_do_not_exist(clerk: Client, sign_in: SignIn) -> None:
    clerk.post("/people/views/", {"title": "我的", "query": ""})
    other = sign_in("tests-chief")
    assert "我的" not in text(other, "/people/?view=all").split("<main")[1]
    view = SavedView.objects.get()
    assert other.post(f"/people/views/{view.pk}/drop/").status_code == 404
    assert SavedView.objects.exists()


def test_saving_and_dropping_take_only_posts(clerk: Client) -> None:
    assert clerk.get("/people/views/").status_code == 405
    assert clerk.get("/people/views/1/drop/").status_code == 405
