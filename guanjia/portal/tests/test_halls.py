"""办事, 台账, 我的, search, pickers: nothing that may not be opened is shown."""

from typing import Any


def text(client: Any, url: str, **query: Any) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_services_are_what_one_may_start(city: Any, visit: Any) -> None:
    asker = text(visit("asker"), "/services/")
    assert "新建用车申请" in asker
    assert "应急先派" not in asker
    dispatcher = text(visit("dispatcher"), "/services/")
    assert "应急先派" in dispatcher
    assert "代填申请" in dispatcher
    assert "开设账号" not in dispatcher
    assert "还没有可以发起的事" in text(visit("nobody"), "/services/")


def test_registers_are_what_one_may_see(city: Any, visit: Any) -> None:
    asker = text(visit("asker"), "/registers/")
    assert "公务用车派车登记" in asker
    assert "公务用车台账" not in asker
    assert "人员名录" not in asker
    assert "公务用车台账" in text(visit("dispatcher"), "/registers/")
    assert "没有您能查看的台账" in text(visit("nobody"), "/registers/")


def test_me_says_what_i_am_charged_with_and_how_far(city: Any, visit: Any) -> None:
    html = text(visit("approver"), "/me/")
    assert "单位用车审批人" in html
    assert "农业农村局及下级" in html
    assert "审批用车" in html
    assert "还没有职责" in text(visit("nobody"), "/me/")


def test_search_stays_within_the_scope_of_each_verb(city: Any, visit: Any) -> None:
    first, second = city.approved(), city.approved()
    found = text(visit("dispatcher"), "/search/", q="莫兴")
    assert first.number in found
    assert second.number in found
    assert "没有找到，或不在您的范围内" in text(visit("stranger"), "/search/", q="莫兴")
    assert "H1000" in text(visit("dispatcher"), "/search/", q="赣H1000")
    assert "赣H1000" not in text(visit("asker"), "/search/", q="大众")


def test_a_single_hit_opens_at_once(city: Any, visit: Any) -> None:
    trip = city.approved()
    answer = visit("dispatcher").get("/search/", {"q": trip.number})
    assert answer["Location"] == f"/fleet/trips/{trip.pk}/"


def test_search_keeps_its_calm(city: Any, visit: Any) -> None:
    client = visit("dispatcher")
    for q in ("", " ", "%", "_", "'", "\x00", "a" * 500, "<script>"):
        assert client.get("/search/", {"q": q}).status_code == 200
    assert "<script>alert" not in text(client, "/search/", q="<script>alert(1)</script>")


def test_people_are_picked_among_colleagues(city: Any, visit: Any) -> None:
    asker = visit("asker")
    names = [row["name"] for row in asker.get("/pick/people/", {"q": "邵"}).json()["results"]]
    assert names == ["邵红"]
    assert asker.get("/pick/people/", {"q": "江敏"}).json()["results"] == []
    (found,) = asker.get("/pick/people/", {"q": "sh"}).json()["results"]
    assert found["name"] == "邵红"
    assert "mobile" not in found
    html = asker.get("/pick/people/", {"q": "邵"}, headers={"HX-Request": "true"})
    assert "data-pick=" in html.content.decode()
    assert visit("nobody").get("/pick/people/", {"q": "邵"}).json()["results"] == []
    assert asker.get("/pick/people/", {"q": "邵", "unit": "9" * 5000}).status_code == 200


def test_people_of_one_unit_only(city: Any, visit: Any) -> None:
    keeper = visit("keeper")
    unit = city.units["other"]
    found = keeper.get("/pick/people/", {"q": "D0", "unit": unit.pk}).json()["results"]
    assert {row["name"] for row in found} == {"洪涛", "江敏"}


def test_units_are_picked_by_name_or_code(city: Any, visit: Any) -> None:
    keeper = visit("keeper")
    assert [r["number"] for r in keeper.get("/pick/units/", {"q": "教育"}).json()["results"]] == [
        "3602D040"
    ]
    asker = visit("asker")
    assert asker.get("/pick/units/", {"q": "教育"}).json()["results"] == []


def side(client: Any, url: str = "/me/") -> str:
    return text(client, url).partition('<nav class="gj-side"')[2].partition("</nav>")[0]


def test_the_menu_shows_only_groups_with_something_to_do(city: Any, visit: Any) -> None:
    asker = side(visit("asker"))
    assert "公务用车" in asker
    for title in ("账号与职责", "审批与凭证", "公共机构节能", "能耗公示", "机构与系统"):
        assert title not in asker
    assert "机构与系统" in side(visit("sysadmin"))
    assert "操作记录" in side(visit("auditor"))
    assert "工作报告" in side(visit("reader"))
    assert "工作报告" not in side(visit("auditor"))
    nobody = side(visit("nobody"))
    assert "待办" in nobody
    assert nobody.count("<a ") == 1


def test_the_open_group_lists_its_sections(city: Any, visit: Any) -> None:
    html = side(visit("dispatcher"), "/fleet/cars/")
    assert html.count('aria-expanded="true"') == 2, "the group and the button that folds"
    assert html.count("<summary>") == 2
    assert 'aria-current="page">车辆台账' in html
    assert "单位名录" not in html, "another group lists nothing"


def test_deciders_find_what_waits_for_them(city: Any, visit: Any) -> None:
    assert "审批与凭证" in side(visit("approver"))
    assert "审批" not in side(visit("driver"))


def test_services_follow_the_groups_of_the_menu(city: Any, visit: Any) -> None:
    html = text(visit("dispatcher"), "/services/").partition("<main")[2]
    titles = ["审批与凭证", "公务用车", "人人可查"]
    found = [html.index(f"<h2>{title}</h2>") for title in titles]
    assert found == sorted(found)
    assert html.count('href="/fleet/board/"') == 1, "what can be started is not listed twice"
    assert "车辆台账" in html
    nobody = text(visit("nobody"), "/services/").partition("<main")[2]
    for title in ("用车公示", "能耗公示", "工作日历", "依据条文"):
        assert title in nobody


def test_the_front_page_of_a_leader_follows_the_groups(city: Any, visit: Any) -> None:
    assert 'class="gj-offices' in text(visit("reader"), "/")
    assert 'class="gj-offices' not in text(visit("dispatcher"), "/")
