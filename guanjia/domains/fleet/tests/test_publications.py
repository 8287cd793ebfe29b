"""Public notices: what is counted, what everybody reads, that it stays as it was told."""

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from guanjia.domains.fleet.actions import costs, journeys
from guanjia.domains.fleet.actions import publications as actions
from guanjia.domains.fleet.models import Car, Publication
from guanjia.domains.fleet.queries import publications as queries
from guanjia.domains.fleet.queries import window
from guanjia.domains.fleet.terms.costs import CostKind, CostSource
from guanjia.domains.fleet.terms.publications import PublicationState, digest_of
from guanjia.domains.fleet.tests import settling
from guanjia.domains.fleet.tests.builders import SECOND, SMALL, City
from guanjia.domains.fleet.tests.settling import MAY_6
from guanjia.kernel.access.tests.builders import SYSTEM
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed
from guanjia.kernel.values.period import Period
from guanjia.ui.tests.reading import flat

pytestmark = pytest.mark.django_db
APRIL = Period.parse("2020-04")


@pytest.fixture(autouse=True)
def _that_morning() -> Iterator[None]:
    with time_machine.travel(MAY_6, tick=False):
        yield


def cost(city: City, plate: str, kind: CostKind, fen: int, day: int = 8, **more: Any) -> None:
    car = city.cars[plate]
    row = {
        "car": car,
        "unit": more.pop("unit", car.unit),
        "kind": kind,
        "spent_on": date(2020, 4, day),
        "amount_fen": fen,
        "source": CostSource.HAND,
        **more,
    }
    costs.record_costs(actor=SYSTEM, rows=[row], at=MAY_6)


@pytest.fixture
def told(city: City) -> City:
    """April with its journeys and some costs."""
    settling.april(city)
    cost(city, SMALL, CostKind.FUEL, 30_000, unit=city.units["farming"])
    cost(city, SMALL, CostKind.TOLL, 1_550, unit=city.units["section"])
    cost(city, SECOND, CostKind.REPAIR, 80_000)
    cost(city, SECOND, CostKind.FUEL, 999, state="VOID")
    return city


def drafted(city: City, period: Period = APRIL) -> Publication:
    return actions.draft_publication(actor=city.actor("car_keeper"), period=period, at=MAY_6)


def published(city: City) -> Publication:
    return actions.publish(
        actor=city.actor("car_keeper"), publication_id=drafted(city).pk, at=MAY_6
    )


def corrected(city: City) -> tuple[Publication, Publication]:
    """The first edition, and the second one with ten kilometres less."""
    old, keeper = published(city), city.actor("car_keeper")
    trip = city.units["farming"]
    journeys.correct_odometer(
        actor=city.actor("dispatcher"),
        trip_id=queries.trips_behind(
            scope=keeper.scope("fleet.trip.see"), period=APRIL, unit=trip.code
        )[0].pk,
        start_km=9_000,
        end_km=9_050,
        reason="抄错",
        at=MAY_6,
    )
    new = actions.correct_publication(
        actor=keeper, publication_id=old.pk, reason="一单里程抄错", at=MAY_6
    )
    return old, actions.publish(actor=keeper, publication_id=new.pk, at=MAY_6)


def client(city: City, who: str = "") -> Client:
    browser = Client()
    if who:
        account = city.accounts[who]
        browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def text(answer: Any) -> str:
    return flat(answer.content)


# ── counting ─────────────────────────────────────────────────────────────────────────────


def test_use_and_cost_are_counted_by_unit_and_month(told: City) -> None:
    notice = drafted(told)
    rows = {row.name: row for row in notice.told}
    farming = rows["市农业农村局"]
    assert (farming.month, farming.trips, farming.km) == ("2020-04", 2, 375), "with its section"
    assert farming.costs == {"FUEL": 30_000, "TOLL": 1_550}
    assert rows["市教育局"].trips == 2, "also with the car it keeps itself"
    assert rows["市机关事务管理局"].costs == {"REPAIR": 80_000}, "what is void does not count"
    assert notice.totals == {
        "trips": 4,
        "km": 490,
        "costs": {"FUEL": 30_000, "REPAIR": 80_000, "TOLL": 1_550},
        "cost_fen": 111_550,
    }
    assert notice.title == "2020年4月公务用车使用和费用公示"
    assert notice.digest == digest_of(notice.content())


def test_a_shared_journey_counts_once(city: City) -> None:
    settling.together(city)
    notice = drafted(city, Period.parse("2020-05"))
    assert (notice.totals["trips"], notice.totals["km"]) == (1, 57)


def test_secret_cars_are_in_no_number(told: City) -> None:
    Car.objects.filter(plate=SMALL).update(secret=True)
    notice = drafted(told)
    assert "市农业农村局" not in {row.name for row in notice.told}
    assert notice.totals["trips"] == 2
    assert notice.totals["cost_fen"] == 80_000


def test_a_draft_is_counted_again_and_stays_one(told: City) -> None:
    first = drafted(told)
    cost(told, SECOND, CostKind.WASH, 3_000)
    again = drafted(told)
    assert (again.pk, again.code) == (first.pk, first.code)
    assert again.totals["costs"]["WASH"] == 3_000
    assert Publication.objects.count() == 1


def test_nothing_is_no_notice(city: City) -> None:
    with pytest.raises(Refused) as refused:
        drafted(city)
    assert refused.value.findings[0].code == "nothing_to_tell"


@pytest.mark.parametrize("who", ["clerk", "supervisor", "dispatcher", "car_decider"])
def test_only_who_makes_notices_makes_them(told: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        actions.draft_publication(actor=told.actor(who), period=APRIL, at=MAY_6)


# ── what was told stays ──────────────────────────────────────────────────────────────────


def test_publishing_cites_the_article_and_leaves_its_record(told: City) -> None:
    notice = published(told)
    assert notice.state == PublicationState.PUBLISHED
    assert notice.issuer == "市机关事务管理局"
    record = Record.objects.get(verb=actions.PUBLISHED)
    assert record.verdict is not None
    assert record.verdict["passes"][0]["cite"]["article"] == "第七条"
    assert record.after is not None
    assert record.after["digest"] == notice.digest


@pytest.mark.pg15
@pytest.mark.parametrize(
    "change",
    [
        {"rows": []},
        {"totals": {}},
        {"digest": "0" * 64},
        {"title": "别的"},
        {"reason": "改"},
        {"published_at": None, "state": "DRAFT"},
    ],
    ids=str,
)
def test_the_database_lets_nobody_change_what_was_told(told: City, change: dict[str, Any]) -> None:
    notice = published(told)
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        Publication.objects.filter(pk=notice.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Publication.objects.filter(pk=notice.pk).delete()


def test_a_period_that_was_told_is_not_drafted_again(told: City) -> None:
    published(told)
    with pytest.raises(Refused) as refused:
        drafted(told)
    assert refused.value.findings[0].code == "told_already"


def test_a_correction_is_another_edition_with_both_values(told: City) -> None:
    old, new = corrected(told)
    assert (new.edition, new.corrects, new.reason) == (2, old, "一单里程抄错")
    assert [(each["name"], each["title"], each["old"], each["new"]) for each in new.changes] == [
        ("市农业农村局", "里程", 375, 365)
    ]
    old.refresh_from_db()
    assert old.totals["km"] == 490, "the old one says what it said"
    assert old.digest == digest_of(old.content())


def test_without_a_change_there_is_nothing_to_correct(told: City) -> None:
    notice = published(told)
    with pytest.raises(Refused) as refused:
        actions.correct_publication(
            actor=told.actor("car_keeper"), publication_id=notice.pk, reason="再看一遍", at=MAY_6
        )
    assert refused.value.findings[0].code == "nothing_changed"


def test_only_the_last_edition_is_corrected(told: City) -> None:
    old, _ = corrected(told)
    with pytest.raises(Refused) as refused:
        actions.correct_publication(
            actor=told.actor("car_keeper"), publication_id=old.pk, reason="又有变动", at=MAY_6
        )
    assert refused.value.findings[0].code == "corrected_already"


def test_a_draft_is_given_up_and_what_was_told_is_not(told: City) -> None:
    draft, keeper = drafted(told), told.actor("car_keeper")
    actions.drop_draft(actor=keeper, publication_id=draft.pk, at=MAY_6)
    assert not Publication.objects.exists()
    notice = published(told)
    with pytest.raises(Refused):
        actions.drop_draft(actor=keeper, publication_id=notice.pk, at=MAY_6)


# ── what everybody reads ─────────────────────────────────────────────────────────────────


def public(notice: Publication, name: str = "published") -> str:
    return reverse(f"fleet:{name}", args=[notice.code])


def test_everybody_reads_the_frozen_numbers_and_nothing_else(told: City) -> None:
    notice = published(told)
    cost(told, SECOND, CostKind.FUEL, 77_700)
    page = text(client(told).get(public(notice)))
    for seen in (
        "市农业农村局",
        "375",
        "315.50",
        "1,115.50",
        "第七条",
        notice.digest,
        "与公示时一致",
    ):
        assert seen in page, seen
    for hidden in (
        "赣H",
        "PC2020",
        "莫兴",
        "汪杰",
        "冯海",
        "777.00",
        "gj-figref",
        "/publications/",
    ):
        assert hidden not in page, hidden


def test_a_draft_is_nobodys_to_read(told: City) -> None:
    draft = drafted(told)
    assert client(told).get(public(draft)).status_code == 404
    assert client(told, "car_keeper").get(public(draft)).status_code == 404
    own = reverse("fleet:publication", args=[draft.pk])
    assert client(told, "asker").get(own).status_code == 404
    assert client(told, "supervisor").get(own).status_code == 200
    assert "公示稿" not in text(client(told, "asker").get(reverse("fleet:publications")))
    assert client(told).get(reverse("fleet:published", args=["没有"])).status_code == 404


def test_the_old_edition_says_that_it_was_corrected(told: City) -> None:
    old, new = corrected(told)
    before, after = (text(client(told).get(public(each))) for each in (old, new))
    assert "这一版已更正" in before
    assert "490" in before
    assert public(new) in before
    for seen in ("375 公里", "365 公里", "一单里程抄错", public(old), "市机关事务管理局"):
        assert seen in after, seen
    assert "冯海" not in after, "people are named to colleagues only"
    inside = text(client(told, "asker").get(reverse("fleet:publication", args=[new.pk])))
    assert "冯海" in inside
    keeper = told.actor("car_keeper")
    actions.withdraw(actor=keeper, publication_id=new.pk, reason="口径有误", at=MAY_6)
    assert "第 2 版</a>（已撤下）" in text(client(told).get(public(old)))


def test_a_withdrawn_notice_says_so_and_shows_no_number(told: City) -> None:
    notice, keeper = published(told), told.actor("car_keeper")
    with pytest.raises(Refused):
        actions.withdraw(actor=keeper, publication_id=notice.pk, reason="", at=MAY_6)
    actions.withdraw(actor=keeper, publication_id=notice.pk, reason="口径有误", at=MAY_6)
    page = text(client(told).get(public(notice)))
    assert "这份公示已撤下" in page
    assert "口径有误" in page
    assert "市农业农村局" not in page
    assert client(told).get(public(notice, "published_sheet")).status_code == 404
    inside = text(client(told, "car_keeper").get(reverse("fleet:publication", args=[notice.pk])))
    assert "市农业农村局" in inside
    colleague = text(client(told, "asker").get(reverse("fleet:publication", args=[notice.pk])))
    assert "口径有误" in colleague
    assert "市农业农村局" not in colleague


def test_the_sheet_has_every_row_and_no_formula(told: City) -> None:
    told.units["other"].name = "=教育局"
    told.units["other"].save()
    notice = published(told)
    content = client(told).get(public(notice, "published_sheet")).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heads = next(row for row in rows if row[0] == "单位")
    kinds = ["加油（元）", "过路费（元）", "维修（元）"]
    assert heads == ["单位", "月份", "辆次", "里程（公里）", *kinds, "费用合计（元）"]
    assert ["合计", None, 4, 490, 300, 15.5, 800, 1115.5] in rows
    (name,) = (cell for row in sheet.iter_rows() for cell in row if cell.value == "=教育局")
    assert name.data_type == "s"


def test_a_month_can_be_chosen_and_nonsense_shows_the_whole(told: City) -> None:
    settling.together(told)
    with time_machine.travel(settling.JUNE_2, tick=False):
        keeper = told.actor("car_keeper")
        both = actions.draft_publication(
            actor=keeper, period=Period.parse("2020-04-01..2020-05-31"), at=settling.JUNE_2
        )
        actions.publish(actor=keeper, publication_id=both.pk, at=settling.JUNE_2)
        whole = text(client(told).get(public(both)))
        assert "547" in whole
        may = text(client(told).get(public(both) + "?month=2020-05"))
        assert "57" in may
        # A digest of the page may hold these digits by chance.
        assert not re.search(r"(?<![0-9a-f])547(?![0-9a-f])", may)
        assert "547" in text(client(told).get(public(both) + "?month=%27%3B--"))


# ── the rows behind a number ─────────────────────────────────────────────────────────────


def behind(told: City, who: str, notice: Publication, **query: str) -> str:
    where = reverse("fleet:publication_rows", args=[notice.pk])
    answer = client(told, who).get(where, query)
    assert answer.status_code == 200
    return text(answer)


def test_every_number_opens_its_rows_for_whoever_may_see_them(told: City) -> None:
    notice = published(told)
    inside = text(client(told, "car_keeper").get(reverse("fleet:publication", args=[notice.pk])))
    assert "what=trips&amp;unit=3602D036" in inside
    page = behind(told, "car_keeper", notice, what="km", unit="3602D036", month="2020-04")
    assert "公示 375 公里" in page
    assert "现在您能看到 2 单、375 公里" in page
    assert "PC2020040800001" in page
    money = behind(told, "car_keeper", notice, what="FUEL")
    assert "公示 300.00 元" in money
    assert "现在您能看到 1 笔、300.00 元" in money


def test_a_clerk_sees_the_rows_of_the_own_unit_only(told: City) -> None:
    notice = published(told)
    page = behind(told, "clerk", notice, what="trips")
    assert "公示 4 辆次" in page
    assert "PC2020040800001" in page
    assert "PC2020041000001" not in page


def test_a_period_of_another_notice_is_not_opened(told: City) -> None:
    notice = published(told)
    where = reverse("fleet:publication_rows", args=[notice.pk])
    keeper = client(told, "car_keeper")
    assert keeper.get(where, {"month": "2020-05"}).status_code == 404
    assert keeper.get(where, {"month": "x"}).status_code == 404
    assert client(told, "asker").get(where).status_code == 403


# ── the keeper's way through the pages ───────────────────────────────────────────────────


def test_a_notice_from_the_form_to_everybody(told: City) -> None:
    keeper = client(told, "car_keeper")
    where = reverse("fleet:publication_draft")
    refused = keeper.post(where, {"period": "五月"})
    assert refused.status_code == 422
    assert text(refused).count("读不出时段") == 1
    assert 'value="五月"' in text(refused)
    made = keeper.post(where, {"period": "2020-04"}, follow=True)
    assert "已统计 2020年4月" in text(made)
    assert "与统计时一致" in text(made), "nothing was published yet"
    draft = Publication.objects.get()
    done = keeper.post(reverse("fleet:publication_publish", args=[draft.pk]), follow=True)
    assert "已公示" in text(done)
    again = keeper.post(reverse("fleet:publication_publish", args=[draft.pk]))
    assert again.status_code == 409
    assert "现在是公示中" in text(again)
    unchanged = keeper.post(
        reverse("fleet:publication_correct", args=[draft.pk]), {"reason": "再看一遍"}
    )
    assert unchanged.status_code == 422
    assert 'value="再看一遍"' in text(unchanged)


def test_a_notice_is_made_and_taken_down_over_the_api(told: City) -> None:
    keeper = client(told, "car_keeper")

    def call(act: str, who: Client = keeper, **body: Any) -> Any:
        address = f"/api/fleet/publications/{act}"
        return who.post(address, body, content_type="application/json")

    assert call("draft", client(told, "clerk"), period="2020-04").status_code == 403
    made = call("draft", period="2020-04").json()
    assert (made["said"], made["state"]) == ("已统计 2020年4月，核对后公示", "DRAFT")
    gone = call(f"{made['id']}/drop").json()
    assert (gone["id"], gone["said"]) == (made["id"], "公示稿已放弃，没有公示过")
    assert call(f"{made['id']}/drop").status_code == 404
    one = call("draft", period="2020-04").json()["id"]
    assert call(f"{one}/withdraw", reason="口径有误").status_code == 409
    assert call(f"{one}/publish").json()["state"] == "PUBLISHED"
    assert call(f"{one}/drop").status_code == 409
    assert call(f"{one}/withdraw", reason="误").status_code == 422
    assert call(f"{one}/withdraw", reason="口径有误").json()["state"] == "WITHDRAWN"


def test_a_correction_leads_to_the_new_edition(told: City) -> None:
    notice, keeper = published(told), client(told, "car_keeper")
    cost(told, SECOND, CostKind.WASH, 3_000)
    page = text(keeper.get(reverse("fleet:publication", args=[notice.pk])))
    correct = reverse("fleet:publication_correct", args=[notice.pk])
    assert correct in page
    answer = keeper.post(correct, {"reason": "补登一笔"})
    new = Publication.objects.get(edition=2)
    assert answer["Location"] == reverse("fleet:publication", args=[new.pk])
    assert "更正稿有 1 处变动" in text(keeper.get(answer["Location"]))
    assert correct not in text(keeper.get(reverse("fleet:publication", args=[notice.pk])))


def test_a_period_under_way_can_be_drafted_and_not_published(city: City) -> None:
    settling.together(city)
    with time_machine.travel(settling.moment("2020-05-20T20:00"), tick=False):
        keeper = client(city, "car_keeper")
        page = text(
            keeper.post(reverse("fleet:publication_draft"), {"period": "2020-05"}, follow=True)
        )
        assert "过完才能公示" in page
        refused = keeper.post(
            reverse("fleet:publication_publish", args=[Publication.objects.get().pk])
        )
        assert refused.status_code == 422
        assert "时段还没有过完" in text(refused)


def test_the_window_offers_what_stands_in_the_place_of_a_corrected_notice(told: City) -> None:
    _, new = corrected(told)
    assert list(window.notices()) == [new]
    assert "更正第 2 版" in text(client(told, "supervisor").get("/fleet/window/"))
