"""Repairs of buildings: asked for, planned, begun, accepted, settled; not too soon, not beyond."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
import yaml
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from guanjia.domains.space.actions import works
from guanjia.domains.space.models import Building, Works
from guanjia.domains.space.notices import works as notices
from guanjia.domains.space.queries import works as reading
from guanjia.domains.space.registers.works import WORKS
from guanjia.domains.space.rules import works as rules
from guanjia.domains.space.terms.works import (
    Funds,
    LastWorks,
    Planned,
    WorksPart,
    WorksState,
)
from guanjia.domains.space.tests import books
from guanjia.domains.space.tests import works_scenes as scenes
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.notices.tests import golden
from guanjia.kernel.regulations.lawbook import LawInForce, law_at
from guanjia.kernel.regulations.verdict import Refused, Verdict
from guanjia.kernel.values.actor import NotAllowed, Scope

CASES, GOLDEN = Path(__file__).parent / "cases", Path(__file__).parent / "golden"
LEAKS = "屋面鉴定为C级，漏水影响安全"


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.findings[0].code


# ── rules ────────────────────────────────────────────────────────────────────────────────


def works_interval(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    last = LastWorks(number="WX1", title="屋面", accepted_on=date(2012, 6, 1))
    return rules.interval(
        last=last if "last" not in given else None, start=given["start"],
        special=given.get("special", ""), law=law,
    )  # fmt: skip


def works_may_plan(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    facts = dict(given)
    if "funds" in facts:
        facts["funds"] = Funds[facts["funds"]]
    base = Planned(year=2020, budget_fen=1, funds=Funds.BUDGET)
    return rules.may_plan(planned=replace(base, **facts), on=date(2020, 5, 20), law=law)


def works_may_settle(given: Mapping[str, Any], law: LawInForce) -> Verdict:
    facts = {"note": "", "budget_fen": scenes.BUDGET, "accepted_on": date(2020, 5, 20)}
    return rules.may_settle(**(facts | dict(given)), on=date(2022, 1, 1), law=law)  # type: ignore[arg-type]


def cases() -> list[Any]:
    return [
        pytest.param(rule, case, id=f"{rule.__name__}: {case['case']}")
        for rule in (works_interval, works_may_plan, works_may_settle)
        for case in yaml.safe_load((CASES / f"{rule.__name__}.yaml").read_text("utf-8"))
    ]


@pytest.mark.parametrize(("rule", "case"), cases())
def test_the_rule_says_what_the_official_signed(rule: Any, case: dict[str, Any]) -> None:
    verdict = rule(case["given"], law_at(date(2022, 1, 1)))
    expect = case["expect"]
    for kind, findings in (
        ("refused", verdict.refusals),
        ("warned", verdict.warnings),
        ("passed", verdict.passes),
    ):
        if kind in expect:
            assert [finding.code for finding in findings] == expect[kind]
    found = [*verdict.refusals, *verdict.warnings]
    assert all(one.headline.endswith("。") and one.sentence.endswith("。") for one in found)
    if "says" in expect:
        assert any(expect["says"] in finding.text() for finding in found), found
    if "field" in expect:
        assert [finding.field for finding in found] == [expect["field"]]
    if "cites" in expect:
        assert any(f.cite is not None and expect["cites"] in f.cite.line() for f in found), found
    if "unchecked" in expect:
        assert [f.cite is not None and f.cite.unchecked for f in found] == [expect["unchecked"]]


# ── acts ─────────────────────────────────────────────────────────────────────────────────


def test_a_roof_is_repaired_from_asking_to_the_final_account(city: City) -> None:
    made = scenes.accepted(city)
    done = works.settle(
        actor=city.actor("keeper"), works_id=made.pk, settled_on=TODAY, fen=scenes.BUDGET, at=AT
    )
    assert (done.state, done.final_fen) == (WorksState.SETTLED, scenes.BUDGET)
    assert done.unit == city.units["farming"]


def test_a_unit_asks_for_a_building_in_which_it_has_rooms(city: City) -> None:
    other = Building.objects.get(pk=city.building.pk)
    other.pk, other.name = None, "空楼"
    other.save()
    with pytest.raises(Building.DoesNotExist):
        scenes.requested(city, building_id=other.pk)
    assert scenes.requested(city, by="keeper", building_id=other.pk).state == WorksState.ASKED


def test_the_same_part_is_not_repaired_again_too_soon(city: City) -> None:
    scenes.accepted(city)
    with pytest.raises(Refused) as caught:
        scenes.planned(city)
    assert code(caught) == "too_soon"
    assert "参照山西省地方规定" in str(caught.value.findings[0].cite)
    assert scenes.planned(city, special=LEAKS).special == LEAKS
    assert scenes.planned(city, part=WorksPart.LIFT).state == WorksState.PLANNED


def test_repairs_of_the_whole_building_count_for_every_part(city: City) -> None:
    scenes.accepted(city, part=WorksPart.WHOLE)
    with pytest.raises(Refused) as caught:
        scenes.planned(city, part=WorksPart.LIFT)
    assert code(caught) == "too_soon"


def test_the_interval_is_asked_again_when_it_begins(city: City) -> None:
    waiting = scenes.planned(city)
    scenes.accepted(city)
    with pytest.raises(Refused) as caught:
        works.begin(
            actor=city.actor("keeper"), works_id=waiting.pk, contract=scenes.contract(), at=AT
        )
    assert code(caught) == "too_soon"


def test_a_contract_beyond_the_budget_needs_words(city: City) -> None:
    made = scenes.planned(city)
    over = scenes.contract(fen=scenes.BUDGET + 1)
    keeper = city.actor("keeper")
    with pytest.raises(Refused) as caught:
        works.begin(actor=keeper, works_id=made.pk, contract=over, at=AT)
    assert code(caught) == "over_budget"
    told = replace(over, over_note="增加保温层，局长办公会批准")
    assert works.begin(actor=keeper, works_id=made.pk, contract=told, at=AT).over_note


@pytest.mark.pg15
def test_stages_are_not_skipped(city: City) -> None:
    made = scenes.planned(city)
    with pytest.raises(Refused) as caught:
        works.accept(
            actor=city.actor("keeper"), works_id=made.pk, accepted_on=TODAY, conclusion="合格",
            at=AT,
        )  # fmt: skip
    assert code(caught) == "state"
    for wrong, fault in (
        ({"state": "SETTLED"}, DatabaseError),
        ({"funds": "LOAN"}, IntegrityError),
        ({"final_fen": scenes.BUDGET + 1}, IntegrityError),
    ):
        with pytest.raises(fault), transaction.atomic():
            Works.objects.filter(pk=made.pk).update(**wrong)


def test_what_is_left_out_may_be_planned_later(city: City) -> None:
    made = scenes.requested(city)
    keeper = city.actor("keeper")
    works.turn_down(actor=keeper, works_id=made.pk, reason="今年资金不足", at=AT)
    planned = works.plan(actor=keeper, works_id=made.pk, planned=scenes.plan_of(), at=AT)
    assert (planned.state, planned.state_note) == (WorksState.PLANNED, "")
    told = Notice.objects.filter(kind="space.works_decided").order_by("pk")
    assert [one.title for one in told] == [
        "大中修不列入计划：屋面防水维修", "大中修列入 2020 年计划：屋面防水维修",
    ]  # fmt: skip
    assert {one.person for one in told} == {city.people["clerk"]}


def test_a_unit_calls_off_only_what_is_not_planned(city: City) -> None:
    made = scenes.requested(city)
    works.call_off(actor=city.actor("clerk"), works_id=made.pk, reason="不修了", at=AT)
    planned = scenes.planned(city)
    with pytest.raises(Refused):
        works.call_off(actor=city.actor("clerk"), works_id=planned.pk, reason="不修了", at=AT)
    works.call_off(actor=city.actor("keeper"), works_id=planned.pk, reason="拆除", at=AT)


def test_only_the_keeper_plans(city: City) -> None:
    made, plan = scenes.requested(city), scenes.plan_of()
    for who in ("clerk", "supervisor", "cashier"):
        actor = city.actor(who)
        with pytest.raises(NotAllowed):
            works.plan(actor=actor, works_id=made.pk, planned=plan, at=AT)


def test_a_final_account_that_is_late_is_told_once(city: City) -> None:
    made = scenes.accepted(city)
    late = AT + timedelta(days=370)
    assert [works.remind(at=one) for one in (AT, late, late)] == [0, 1, 0]
    assert reading.unsettled(Scope.all(), on=late.date()).get() == made
    people = {one.person for one in Notice.objects.filter(kind="space.works_unsettled")}
    assert people == {city.people["keeper"], city.people["keeper_too"]}


# ── pages, the ledger ────────────────────────────────────────────────────────────────────


@pytest.fixture
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def at(what: str, *args: int) -> str:
    return reverse(f"space:{what}", args=args)


@pytest.mark.usefixtures("_morning")
def test_a_roof_is_repaired_by_the_pages(city: City) -> None:
    clerk, keeper = client_of(city, "clerk"), client_of(city, "keeper")
    wish = {
        "building": city.building.pk, "title": "屋面防水维修", "kind": "MAJOR", "part": "ROOF",
        "reason": "渗漏", "estimate": "800000",
    }  # fmt: skip
    assert "等办公用房管理科列入计划" in text(clerk.post(at("works_new"), wish, follow=True))
    made = Works.objects.get()

    def post(what: str, **given: str) -> str:
        return text(keeper.post(at(f"works_{what}", made.pk), given, follow=True))

    page = post("plan", year="2020", budget="800000", funds="ADVANCE")
    assert "不得用施工垫资" in page
    assert "《党政机关办公用房管理办法》第十六条" in page
    assert "已列入 2020 年计划" in post("plan", year="2020", budget="800000", funds="BUDGET")
    begin = {"contractor": "一建", "paper": "SG-1", "contract": "799000", "on": "2020-05-20"}
    assert "已登记开工" in post("begin", **begin)
    assert "等决算" in post("accept", accepted_on="2020-05-20", conclusion="合格")
    page = post("settle", settled_on="2020-05-20", final="800000.01")
    assert "决算超预算 0.01 元" in page
    page = post("settle", settled_on="2020-05-20", final="800000.01", over_note="签证增项，已批")
    assert "已决算 800,000.01 元" in page
    page = text(keeper.get(at("works_building", city.building.pk)))
    assert "2030-05-20" in page
    assert "800,000.01" in page


@pytest.mark.usefixtures("_morning")
def test_until_it_is_planned_the_page_says_from_when_the_part_may_be_repaired_again(
    city: City,
) -> None:
    scenes.accepted(city)
    soon = scenes.requested(city)
    for who in ("clerk", "keeper"):
        page = text(client_of(city, who).get(at("works_one", soon.pk)))
        assert "2030年5月20日起满间隔" in page
        assert "没有满间隔" in page
        assert "参照山西省地方规定" in page
    keeper = client_of(city, "keeper")
    assert ">返回</a>" in text(keeper.get(at("works_plan", soon.pk))), "不列入 is another act"
    given = {"year": "2020", "budget": "800000", "funds": "BUDGET", "special": LEAKS}
    page = text(keeper.post(at("works_plan", soon.pk), given, follow=True))
    assert f"2030年5月20日起满 10 年。特殊原因：{LEAKS}。" in page
    assert "没有满间隔" not in page
    lift = scenes.requested(city, part=WorksPart.LIFT)
    assert "起满间隔" not in text(keeper.get(at("works_one", lift.pk)))


@pytest.mark.usefixtures("_morning")
def test_a_unit_sees_its_own_projects(city: City) -> None:
    made = scenes.requested(city)
    assert client_of(city, "clerk").get(at("works_one", made.pk)).status_code == 200
    stranger = client_of(city, "stranger")
    assert stranger.get(at("works_one", made.pk)).status_code == 404
    assert made.number not in text(stranger.get(at("works_building", city.building.pk)))


ROW: dict[str, Any] = {
    "compound": "市发展中心北苑", "building": "常委楼", "title": "电梯更换", "kind": "大修",
    "part": "电梯", "contractor": "一建", "accepted_on": "2015-10-20", "settled_on": "2016-01-05",
    "final": "865000.50",
}  # fmt: skip


@pytest.mark.usefixtures("_morning")
def test_a_ledger_of_old_projects_is_taken_in_and_counts_for_the_interval(city: City) -> None:
    assert books.counts(books.take(city, WORKS, ROW)) == (1, 0, 0)
    assert books.counts(books.take(city, WORKS, ROW)) == (0, 0, 1)
    assert books.counts(books.take(city, WORKS, ROW | {"contractor": "二建"})) == (0, 1, 0)
    assert Works.objects.get().final_fen == 86_500_050
    with pytest.raises(Refused) as caught:
        scenes.planned(city, part=WorksPart.LIFT)
    assert code(caught) == "too_soon"


@pytest.mark.usefixtures("_morning")
def test_what_a_ledger_of_projects_may_not_say(city: City) -> None:
    for row, fault in (
        (ROW | {"building": "没有的楼"}, "building_unknown"),
        (ROW | {"accepted_on": None}, "required"),
        (ROW | {"accepted_on": "2020-05-21", "settled_on": None, "final": None}, "in_the_future"),
        (ROW | {"settled_on": "2015-10-19"}, "out_of_order"),
        (ROW | {"final": None}, "unsettled"),
    ):
        assert [one[2] for one in books.faults(books.take(city, WORKS, row))] == [fault]


FACTS = {
    "number": "WX20200001", "title": "屋面防水维修", "building": "常委楼", "planned": True,
    "year": 2020, "budget": "800,000.00 元", "note": "", "accepted": "5月20日",
}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    "space.works_decided.refused": {"planned": False, "note": "今年资金不足"}
}
NAMES = [*(kind.key for kind in notices.KINDS), *VARIANTS]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_says_what_it_said(name: str) -> None:
    key = ".".join(name.split(".")[:2])
    (kind,) = (kind for kind in notices.KINDS if kind.key == key)
    now, before = golden.said(kind, FACTS | VARIANTS.get(name, {}), folder=GOLDEN, name=name)
    assert now == before


# ── the API, and acts that do not belong to the state ─────────────────────────────────────


def call(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/space/works/{path}", body, content_type="application/json")


@pytest.mark.usefixtures("_morning")
def test_a_roof_is_repaired_over_the_api(city: City) -> None:
    clerk, keeper = client_of(city, "clerk"), client_of(city, "keeper")
    wish = {
        "building": str(city.building.pk), "title": "屋面防水维修", "kind": "MAJOR",
        "part": "ROOF", "reason": "渗漏", "estimate": 80_000_000,
    }  # fmt: skip
    made = call(clerk, "new", **wish).json()
    assert (made["state"], made["state_title"]) == ("ASKED", "已申请")
    assert Works.objects.get().estimate_fen == 80_000_000
    plan = {"year": 2020, "budget": 80_000_000, "funds": "ADVANCE"}
    refused = call(keeper, f"{made['id']}/plan", **plan)
    assert refused.status_code == 422
    finding = refused.json()["findings"][0]
    assert finding["field"] == "funds"
    assert finding["cite"]["article"] == "第十六条"
    done = call(keeper, f"{made['id']}/plan", **plan | {"funds": "BUDGET"})
    assert done.json()["said"] == "已列入 2020 年计划，预算 800,000.00 元"
    assert Works.objects.get().budget_fen == 80_000_000


@pytest.mark.usefixtures("_morning")
def test_an_act_over_the_api_keeps_the_doors_of_its_page(city: City) -> None:
    made = scenes.planned(city)
    final = {"settled_on": "2020-05-20", "final": 1}
    early = call(client_of(city, "keeper"), f"{made.pk}/settle", **final)
    assert early.status_code == 409
    assert "现在是列入计划" in early.json()["detail"]
    assert call(client_of(city, "clerk"), f"{made.pk}/settle", **final).status_code == 403
    why = {"reason": "不修了"}
    assert call(client_of(city, "stranger"), f"{made.pk}/call-off", **why).status_code == 404
    assert call(client_of(city, "keeper"), f"{made.pk}/call-off", nonsense=1).status_code == 422
    empty = call(client_of(city, "keeper"), f"{made.pk}/begin", paper="SG-1")
    assert empty.status_code == 422
    assert Works.objects.get().state == WorksState.PLANNED


@pytest.mark.usefixtures("_morning")
def test_only_the_acts_that_may_be_done_have_buttons(city: City) -> None:
    made = scenes.planned(city)
    keeper = client_of(city, "keeper")
    page = text(keeper.get(at("works_one", made.pk)))
    assert "登记开工" in page
    assert "取消大中修" in page
    assert at("works_settle", made.pk) not in page
    assert "登记开工" not in text(client_of(city, "clerk").get(at("works_one", made.pk)))
    early = keeper.get(at("works_settle", made.pk))
    assert early.status_code == 409
    assert "现在是列入计划" in text(early)
    assert f"返回 {made.number}" in text(early)
    assert 'name="final"' not in text(early), "nobody fills in what cannot be done"
    late = keeper.post(at("works_settle", made.pk), {"settled_on": "2020-05-20", "final": "12.50"})
    assert late.status_code == 409
    assert 'value="12.50"' in text(late), "what was typed is not lost"


@pytest.mark.usefixtures("_morning")
def test_a_request_sent_twice_is_one_request(city: City) -> None:
    clerk = client_of(city, "clerk")
    wish = {
        "building": city.building.pk, "title": "屋面防水维修", "kind": "MAJOR", "part": "ROOF",
        "reason": "渗漏", "estimate": "", "once": str(uuid4()),
    }  # fmt: skip
    refused = clerk.post(at("works_new"), wish)
    assert refused.status_code == 422
    assert wish["once"] in text(refused), "mended, it is sent as the same"
    for _ in range(2):
        assert "已申请" in text(clerk.post(at("works_new"), wish | {"estimate": "1"}, follow=True))
    assert Works.objects.count() == 1
    other = wish | {"estimate": "1", "title": "外墙维修"}
    assert "外墙维修" in text(clerk.post(at("works_new"), other, follow=True)), "changed after 返回"
    assert Works.objects.count() == 2
    key = {"Idempotency-Key": str(uuid4())}
    body = {**wish, "building": str(city.building.pk), "estimate": 100}
    del body["once"]
    made = [
        clerk.post("/api/space/works/new", body, content_type="application/json", headers=key)
        for _ in range(2)
    ]
    assert made[0].json() == made[1].json()
    assert Works.objects.count() == 3
