"""Routes in the browser: drawn, edited without losing a word, tried out, switched on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from guanjia.kernel.approvals import routes as declared
from guanjia.kernel.approvals.actions import deciding, editions, lending
from guanjia.kernel.approvals.models import Case, Edition
from guanjia.kernel.approvals.routes import (
    By,
    Condition,
    Fact,
    FactKind,
    Holder,
    Op,
    Route,
    Step,
    duty,
    people,
    steps_as_data,
)
from guanjia.kernel.approvals.terms import EditionState, Late, Mode
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.tests.builders import person
from guanjia.kernel.values.actor import Reach
from guanjia.portal.tests.sheets import Typed
from guanjia.ui.tests.reading import flat

TRIP, EDIT = "/routes/fleet.trip/", "/routes/fleet.trip/edit/"
PAPERS = Route(
    key="tests.papers",
    title="经费审批",
    subject="org.unit",
    verbs=("org.unit.enter", "fleet.trip.approve"),
    facts=(
        Fact(key="amount", title="金额", kind=FactKind.MONEY),
        Fact(key="area", title="面积", kind=FactKind.NUMBER, unit="㎡"),
        Fact(key="urgent", title="加急", kind=FactKind.YES_NO),
        Fact(
            key="kind", title="类别", kind=FactKind.CHOICE, choices=(("A", "办公"), ("B", "会议"))
        ),
    ),
    steps=(Step(key="first", title="初审", holder=duty("org.unit.enter")),),
)
RICH = (
    Step(
        key="first",
        title="初审",
        holder=duty("org.unit.enter"),
        mode=Mode.ALL,
        share=67,
        when=(
            Condition(fact="amount", op=Op.ABOVE, value=5_000_000),
            Condition(fact="urgent", op=Op.IS, value=False),
        ),
        hours=8,
        late=Late.ESCALATE,
    ),
    Step(
        key="named",
        title="财务会签",
        holder=people("D036003", "D036001"),
        mode=Mode.TURN,
        when=(Condition(fact="kind", op=Op.IS_NOT, value="B"),),
        signature=True,
    ),
    Step(
        key="above",
        title="上级审批",
        holder=Holder(by=By.ABOVE, verb="fleet.trip.approve"),
        mode=Mode.ONE,
        when=(Condition(fact="area", op=Op.AT_MOST, value="12.50"),),
    ),
    Step(
        key="step4",
        title="局里核定",
        holder=Holder(by=By.AT, verb="org.unit.enter", unit="3602D055"),
        when=(Condition(fact="amount", op=Op.AT_LEAST, value=123_450),),
    ),
)


@pytest.fixture
def papers() -> Iterator[Route]:
    """A route with a fact of every kind."""
    declared.enlist(PAPERS)
    yield PAPERS
    declared._routes.pop(PAPERS.key)


@pytest.fixture
def keeper(city: Any, visit: Any) -> Any:
    """The browser of the keeper of routes."""
    city.join(
        "liucheng", person("D055015", city.units["bureau"], "钱兰志"),
        ("approvals.keeper", Reach.CITY, None),
    )  # fmt: skip
    return visit("liucheng")


def text(client: Any, url: str, **query: str) -> str:
    answer = client.get(url, query)
    assert answer.status_code == 200
    return flat(answer.content)


def kept(key: str, state: EditionState = EditionState.DRAFT) -> Edition:
    edition: Edition = Edition.objects.get(route=key, state=state)
    return edition


def drafted(city: Any, at: Any, steps: Any = RICH, key: str = PAPERS.key) -> Edition:
    return editions.draft(
        actor=city.actor("liucheng"), route_key=key, steps=steps, note="试改", at=at
    )


# ── who sees what ────────────────────────────────────────────────────────────────────────


def test_only_who_keeps_routes_finds_them(city: Any, keeper: Any, visit: Any) -> None:
    for who in ("asker", "approver", "stranger", "sysadmin"):
        client = visit(who)
        assert client.get("/routes/").status_code == 403
        assert client.get(TRIP).status_code == 403
        assert client.get(EDIT).status_code == 403
        assert client.post(f"{TRIP}replay/").status_code == 403
        assert "审批流程" not in flat(client.get("/me/").content)
    assert "审批流程" in flat(keeper.get("/me/").content)
    html = text(keeper, "/routes/")
    assert "用车审批" in html
    assert "公务用车" in html
    assert "没有在办" in html


def test_who_only_reads_changes_nothing(city: Any, visit: Any) -> None:
    city.join(
        "watcher", person("D055016", city.units["bureau"], "梁艳"),
        ("approvals.keeper", Reach.CITY_READ, None),
    )  # fmt: skip
    client = visit("watcher")
    assert "编辑流程" not in text(client, TRIP)
    assert client.get(EDIT).status_code == 403
    assert client.post(EDIT, {"op": "save"}).status_code == 403


def test_a_keeper_of_one_unit_does_not_bind_the_others(city: Any, visit: Any) -> None:
    home = city.units["farming"]
    city.join("local", person("D036099", home, "本地"), ("approvals.keeper", Reach.BELOW, home))
    client = visit("local")
    html = text(client, TRIP)
    assert "编辑流程" not in html
    assert "农业农村局" in html
    assert "教育局" not in html, "units outside the scope are not offered"
    assert "徐" not in text(client, TRIP, unit="3602D040")
    for answer in (client.get(EDIT), client.post(EDIT, {"op": "save", "base": "1"})):
        assert answer.status_code == 422
        assert "您的数据范围不是全市，不能改流程。" in flat(answer.content)
    assert not Edition.objects.filter(state=EditionState.DRAFT).exists()


def test_an_unknown_route_or_edition_is_not_there(keeper: Any) -> None:
    for url in ("/routes/no.such/", "/routes/no.such/edit/", f"{TRIP}editions/7/"):
        assert keeper.get(url).status_code == 404


# ── drawn ────────────────────────────────────────────────────────────────────────────────


def test_the_route_is_drawn_in_words(keeper: Any) -> None:
    html = text(keeper, TRIP)
    for words in (
        "仅当 涉及休息日 否", "仅当 涉及休息日 是", "单位审批", "主要负责人审批",
        "单位用车审批人、单位主要负责人", "或签（一人办即可）", "第 1 版", "随系统提供",
    ):  # fmt: skip
        assert words in html


def test_every_rule_of_a_step_is_said(city: Any, keeper: Any, papers: Route, at: Any) -> None:
    drafted(city, at)
    html = text(keeper, "/routes/tests.papers/editions/2/")
    for words in (
        "仅当 金额 大于 5 万元，且 加急 否", "金额 不小于 1,234.50 元", "面积 不大于 12.50 ㎡",
        "类别 不是 “会议”", "会签，67% 同意即可",
        "8 个工作小时内办，超时提醒并报上级", "邵红、余建国", "依次办", "手写签名",
        "上级单位，没有时逐级向上", "市机关事务管理局", "一人办（名单第一位）",
    ):  # fmt: skip
        assert words in html, words


def test_the_page_says_who_decides_today_and_who_stands_in(city: Any, keeper: Any, at: Any) -> None:
    html = text(keeper, TRIP, unit="3602D036")
    assert "<b>邵红</b>" in html
    assert "<b>余建国</b>" in html
    lending.delegate(
        actor=city.actor("approver"), person_id=city.person("colleague").pk, since=at.date(),
        until=at.date() + timedelta(days=2), reason="出差", at=at,
    )  # fmt: skip
    assert "<b>贺思</b>（代 邵红）" in text(keeper, TRIP, unit="3602D036")
    html = text(keeper, TRIP, unit="3602D040")
    assert "<b>江敏</b>" in html
    assert "<b>没有人</b>，由流程管理员指定：<b>钱兰志</b>" in html, (
        "nobody decides rest days there"
    )


def test_an_edition_says_what_it_changed(city: Any, keeper: Any, papers: Route, at: Any) -> None:
    text(keeper, "/routes/tests.papers/")
    drafted(city, at)
    html = text(keeper, "/routes/tests.papers/editions/2/")
    for words in (
        "比第 1 版改了什么", "新增第 2 步“财务会签”", "“初审”办法", "会签，67% 同意即可",
        "“初审”条件", "都要办", "“初审”时限", "不限",
    ):  # fmt: skip
        assert words in html
    assert "这是第一个版本" in text(keeper, "/routes/tests.papers/editions/1/")


# ── the sheet ────────────────────────────────────────────────────────────────────────────


def test_every_field_survives_the_sheet(city: Any, keeper: Any, papers: Route, at: Any) -> None:
    made = drafted(city, at)
    sheet = Typed(keeper, "/routes/tests.papers/edit/")
    assert sheet.fields["note"] == "试改"
    sheet.press("stay")
    answer = sheet.press("save")
    assert answer.status_code == 302
    assert kept(PAPERS.key).pk == made.pk, "nothing changed, so nothing new was kept"
    sheet = Typed(keeper, "/routes/tests.papers/edit/")
    sheet.press("save", s0__title="初核", note="改名")
    again = kept(PAPERS.key)
    assert (again.number, again.note, again.made_by_name) == (made.number + 1, "改名", "钱兰志")
    assert again.steps == [{**step, **({"title": "初核"} if i == 0 else {})}
                           for i, step in enumerate(steps_as_data(RICH))]  # fmt: skip
    assert Edition.objects.get(pk=made.pk).state == EditionState.DROPPED


def test_steps_move_come_and_go_and_keep_what_was_typed(keeper: Any) -> None:
    sheet = Typed(keeper, EDIT)
    sheet.press("after:0", s1__title="改过的名称", s0__hours="16")
    assert [sheet.fields[f"s{i}-title"] for i in range(3)] == ["单位审批", "", "改过的名称"]
    assert (sheet.fields["s1-key"], sheet.fields["s2-key"]) == ("step2", "head")
    assert sheet.fields["s0-hours"] == "16"
    sheet.press("up:2", s1__title="新的")
    assert [sheet.fields[f"s{i}-title"] for i in range(3)] == ["单位审批", "改过的名称", "新的"]
    assert "“改过的名称”现在是第 2 步" in sheet.html
    sheet.press("down:0")
    assert [sheet.fields[f"s{i}-key"] for i in range(3)] == ["head", "unit", "step2"]
    sheet.press("drop:1")
    assert [sheet.fields[f"s{i}-key"] for i in range(2)] == ["head", "step2"]
    assert "up:0" not in sheet.pressable
    assert "down:1" not in sheet.pressable
    assert not Edition.objects.filter(state=EditionState.DRAFT).exists(), "nothing is saved yet"


def test_the_key_of_a_deleted_step_is_not_given_again(city: Any, keeper: Any) -> None:
    sheet = Typed(keeper, EDIT)
    sheet.press("after:1")
    sheet.press("save", s2__title="复核", s2__verb="fleet.trip.approve")
    sheet = Typed(keeper, EDIT)
    sheet.press("drop:2")
    sheet.press("after:1")
    assert sheet.fields["s2-key"] == "step3"


def test_a_condition_is_chosen_by_its_kind(keeper: Any, papers: Route) -> None:
    sheet = Typed(keeper, "/routes/tests.papers/edit/")
    assert "每一件都要办这一步" in sheet.html
    sheet.press("when:0")
    sheet.press("stay", **{"s0-c0-fact": "amount"})
    assert "<em>元</em>" in sheet.html
    sheet.press("when:0", **{"s0-c0-op": "AT_LEAST", "s0-c0-value": "５０，０００.5"})
    sheet.press("stay", **{"s0-c1-fact": "kind"})
    assert "办公" in sheet.html
    sheet.press("when:0", **{"s0-c1-op": "IS_NOT", "s0-c1-value": "A"})
    sheet.press("stay", **{"s0-c2-fact": "urgent"})
    sheet.press("save", **{"s0-c2-value": "1"})
    assert kept(PAPERS.key).steps[0]["when"] == [
        {"fact": "amount", "op": "AT_LEAST", "value": 5_000_050},
        {"fact": "kind", "op": "IS_NOT", "value": "A"},
        {"fact": "urgent", "op": "IS", "value": True},
    ]
    sheet = Typed(keeper, "/routes/tests.papers/edit/")
    assert sheet.fields["s0-c0-value"] == "50,000.50"
    sheet.press("unwhen:0:1")
    sheet.press("save")
    assert [one["fact"] for one in kept(PAPERS.key).steps[0]["when"]] == ["amount", "urgent"]


def test_people_are_found_by_name_and_put_in_order(city: Any, keeper: Any) -> None:
    sheet = Typed(keeper, EDIT)
    sheet.press("stay", s0__by="PEOPLE")
    assert sheet.fields["s0-verb"] == "fleet.trip.approve", "it comes back when the choice does"
    sheet.press("stay", s0__find="邵红")
    assert sheet.fields["s0-people"] == "D036003"
    sheet.press("stay", s0__find="D0360")
    assert "person:0:D036001" in sheet.pressable
    sheet.press("person:0:D036001")
    assert (sheet.fields["s0-people"], sheet.fields["s0-find"]) == ("D036003|D036001", "")
    sheet.press("forward:0:D036001")
    assert sheet.fields["s0-people"] == "D036001|D036003"
    sheet.press("stay", s0__find="查无此人")
    assert "没有找到有账号的人" in sheet.html
    assert sheet.press("save").status_code == 422
    assert "要找的人还没有选定。" in sheet.html
    sheet.press("unperson:0:D036003", s0__find="")
    sheet.press("stay", s0__mode="ALL")
    sheet.press("save", s0__share="50")
    step = kept("fleet.trip").steps[0]
    assert (step["by"], step["people"], step["verb"]) == ("PEOPLE", ["D036001"], "")
    assert (step["mode"], step["share"]) == ("ALL", 50)


def test_somebody_without_an_account_is_not_taken(city: Any, keeper: Any) -> None:
    person("D036077", city.units["farming"], "没账号")
    sheet = Typed(keeper, EDIT)
    sheet.press("stay", s0__by="PEOPLE", s0__find="没账号")
    assert "没有找到有账号的人" in sheet.html
    sheet.press("save", s0__find="", **{"s0-people": "D036077"})
    assert "D036077 已不在册或没有账号，收不到审批" in sheet.html
    assert not Edition.objects.filter(state=EditionState.DRAFT).exists()


FAULTS: list[tuple[dict[str, str], str]] = [
    ({"s0-title": ""}, "没有写步骤名称。"),
    ({"s0-title": "长" * 21}, "步骤名称最多 20 字。"),
    ({"s0-verb": ""}, "没有选由哪项职责办。"),
    ({"s0-verb": "access.duty.grant"}, "没有选由哪项职责办。"),
    ({"s0-hours": "半天"}, "写成整数。"),
    ({"s0-hours": "0"}, "时限写成 1 至 400 个工作小时。"),
    ({"s0-mode": "ALL", "s0-share": "0"}, "会签比例写成 1 至 100。"),
    ({"s0-mode": "ALL", "s0-share": "2/3"}, "写成整数。"),
    ({"s0-by": "PEOPLE"}, "没有选人。"),
    ({"s0-by": "AT"}, "没有选单位。"),
    ({"s0-by": "AT", "s0-unit": "没这个局"}, "单位名录中没有“没这个局”。"),
    ({"s0-conditions": "1"}, "没有选案情要素。"),
    ({"s0-conditions": "1", "s0-c0-fact": "amount", "s0-c0-value": "五万"}, "读不出金额"),
    ({"s0-conditions": "1", "s0-c0-fact": "area", "s0-c0-value": "1e9"}, "写成数字，如 8 ㎡。"),
    ({"s0-conditions": "1", "s0-c0-fact": "urgent"}, "选“是”或“否”。"),
    ({"s0-conditions": "1", "s0-c0-fact": "kind", "s0-c0-value": "Z"}, "没有选。"),
    ({"steps": "0"}, "流程至少要有一步。"),
]


def test_a_fault_is_told_at_its_field(keeper: Any, papers: Route) -> None:
    for typed, sentence in FAULTS:
        sheet = Typed(keeper, "/routes/tests.papers/edit/")
        answer = sheet.press("save", note="说明留着", **typed)
        assert answer.status_code == 422, typed
        assert sentence in sheet.html
        assert sheet.fields["note"] == "说明留着"
        if "steps" not in typed:
            assert "还有 1 处要改" in sheet.html, typed
            assert "data-bad" in sheet.html, typed
    assert not Edition.objects.filter(state=EditionState.DRAFT).exists()


def test_a_sheet_made_up_by_hand_breaks_nothing(keeper: Any) -> None:
    base = Typed(keeper, EDIT).fields
    for op in ("up", "up:", "up:x", "down:99", "drop:-1", "unwhen:0:77", "person:0:", "after:50",
               "nonsense:1", "replace:x", "\0"):  # fmt: skip
        answer = keeper.post(EDIT, {**base, "op": op})
        assert answer.status_code in (200, 302), op
    odd = {"steps": "99999999", "s0-people": "|" * 500, "s0-conditions": "-3", "s0-key": "k" * 99}
    assert keeper.post(EDIT, {**base, **odd, "op": "save"}).status_code == 422
    answer = keeper.post(EDIT, {**base, "s0-key": "k" * 99, "op": "save"})
    assert answer.status_code == 302
    assert kept("fleet.trip").steps[0]["key"] == "step2", "keys are given out by the server only"


def test_htmx_gets_the_sheet_alone(keeper: Any) -> None:
    base = Typed(keeper, EDIT).fields
    answer = keeper.post(EDIT, {**base, "op": "after:0"}, headers={"HX-Request": "true"})
    html = flat(answer.content)
    assert html.lstrip().startswith("<form")
    assert "data-focus-here" in html
    assert "<html" not in html


def test_two_who_edit_at_once_do_not_overwrite_each_other(
    city: Any, keeper: Any, visit: Any
) -> None:
    city.join(
        "second", person("D055017", city.units["bureau"], "汪晨刚"),
        ("approvals.keeper", Reach.CITY, None),
    )  # fmt: skip
    mine, theirs = Typed(keeper, EDIT), Typed(visit("second"), EDIT)
    theirs.press("save", s0__hours="4")
    answer = mine.press("save", s0__title="我写的名称")
    assert answer.status_code == 422
    assert "没有保存：汪晨刚已于 5月20日 9:30 改成第 2 版草稿。" in mine.html
    assert mine.fields["s0-title"] == "我写的名称"
    assert kept("fleet.trip").made_by_name == "汪晨刚"
    assert mine.press("save").status_code == 422, "pressing again does not help"
    assert mine.press("replace:2").status_code == 302
    made = kept("fleet.trip")
    assert (made.number, made.made_by_name) == (3, "钱兰志")
    assert (made.steps[0]["title"], made.steps[0]["hours"]) == ("我写的名称", None)


# ── tried out, switched on ───────────────────────────────────────────────────────────────


def add_check(keeper: Any) -> None:
    """Save a draft with a third step for large parties, which nobody in 教育局 can decide."""
    sheet = Typed(keeper, EDIT)
    sheet.press("after:1")
    sheet.press("when:2", s2__title="人多复核", s2__verb="fleet.trip.approve_rest_day")
    sheet.press("stay", **{"s2-c0-fact": "passengers"})
    answer = sheet.press(
        "save", note="四人以上复核", **{"s2-c0-op": "AT_LEAST", "s2-c0-value": "4"}
    )
    assert answer.status_code == 302


def test_a_draft_is_tried_on_the_cases_of_a_year(city: Any, keeper: Any, visit: Any) -> None:
    few, many = city.requested(), city.requested(passengers=5)
    abroad = city.requested(
        by="stranger", unit_id=city.units["other"].pk, rider_name="洪涛", passengers=4
    )
    add_check(keeper)
    html = text(keeper, TRIP)
    assert "试算之后才能启用" in html
    assert 'data-dialog="ask-on"' not in html
    answer = keeper.post(f"{TRIP}replay/", {"number": "2"})
    html = flat(answer.content)
    assert answer.status_code == 200
    for count, what in (
        (3, "试了过去一年的件"),
        (1, "走法不变"),
        (2, "走法会变"),
        (0, "没有留下案情要素"),
    ):
        assert f'<b>{count}<span class="gj-unit">件</span></b><span>{what}' in html
    assert many.number in html
    assert abroad.number in html
    assert few.number not in html, "it would go the same way"
    assert "单位审批 › 人多复核" in html
    assert "今天没有人审批的地方" in html
    vacancy = html[html.index("今天没有人审批的地方") : html.index("走法会变的件")]
    assert "教育局" in vacancy
    assert "农业农村局" not in vacancy
    assert "在办 3 件仍按原版本办完" in html
    assert Record.objects.get(verb="approvals.route.replayed").after == {
        "cases": 3, "same": 1, "other": 2,
    }  # fmt: skip
    assert "可以启用" in text(keeper, TRIP)


def test_a_draft_that_was_not_tried_is_not_switched_on(keeper: Any) -> None:
    add_check(keeper)
    answer = keeper.post(f"{TRIP}switch-on/", {"number": "2"})
    assert answer.status_code == 422
    assert "还没有试算，不能启用。" in flat(answer.content)
    assert kept("fleet.trip", EditionState.IN_FORCE).number == 1


def test_new_cases_take_the_edition_that_was_switched_on(city: Any, keeper: Any, at: Any) -> None:
    before = city.requested(passengers=5)
    add_check(keeper)
    keeper.post(f"{TRIP}replay/", {"number": "2"})
    answer = keeper.post(f"{TRIP}switch-on/", {"number": "2"}, follow=True)
    assert "用车审批第 2 版已启用，新件从现在起按它办" in flat(answer.content)
    after = city.requested(passengers=5)
    old, new = (Case.objects.get(subject_id=trip.pk) for trip in (before, after))
    assert [step.title for step in old.steps.all()] == ["单位审批"]
    assert [step.title for step in new.steps.all()] == ["单位审批", "人多复核"]
    assert (old.version, new.version) == (1, 2)
    assert deciding.agree(actor=city.actor("approver"), case_id=old.pk, at=at).agreed
    assert "第 2 版 1 件" in text(keeper, "/routes/")
    html = text(keeper, f"{TRIP}editions/1/")
    assert "已停用" in html
    answer = keeper.post(f"{TRIP}switch-on/", {"number": "2"})
    assert answer.status_code == 422
    assert "第 2 版现行，不是草稿。" in flat(answer.content)


def test_a_draft_is_put_aside_and_stays_to_be_read(keeper: Any) -> None:
    add_check(keeper)
    answer = keeper.post(f"{TRIP}drop/", {"number": "2"}, follow=True)
    assert "已放弃第 2 版草稿" in flat(answer.content)
    assert "人多复核" in text(keeper, f"{TRIP}editions/2/")
    for act in ("replay", "switch-on", "drop"):
        answer = keeper.post(f"{TRIP}{act}/", follow=True)
        assert "这个流程没有草稿，先编辑并保存" in flat(answer.content)


def test_the_trail_tells_of_it_in_words(city: Any, keeper: Any, visit: Any) -> None:
    add_check(keeper)
    keeper.post(f"{TRIP}replay/", {"number": "2"})
    keeper.post(f"{TRIP}switch-on/", {"number": "2"})
    html = text(visit("auditor"), "/audit/")
    for words in (
        "编辑审批流程", "试算审批流程", "启用审批流程", "用车审批 第 2 版", "四人以上复核",
        "单位审批、主要负责人审批、人多复核", "试算件数", "走法会变",
    ):  # fmt: skip
        assert words in html
    assert "&#x27;key&#x27;" not in html, "no raw data"
