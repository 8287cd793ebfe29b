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


def test_the_menu_shows_only_what_may_be_opened(city: Any, visit: Any) -> None:
    def side(who: str) -> str:
        return text(visit(who), "/me/").partition("<nav")[2].partition("</nav>")[0]

    assert "账号与职责" not in side("asker")
    assert "系统管理" in side("sysadmin")
    assert "操作记录" in side("auditor")
    assert "工作报告" in side("reader")
    assert "工作报告" not in side("auditor")
