"""The menu: whatever somebody's duties, few entries, each with something to do behind it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse

from guanjia.demo import departments
from guanjia.kernel.access import duties
from guanjia.kernel.values.actor import Actor, Held, Reach
from guanjia.ui import menu, services
from guanjia.ui.menu import Item
from guanjia.ui.pages import SIGN_IN
from tests.house.asking import each
from tests.house.routes import every_route

HOUSE = Path(menu.__file__).parents[1]


def _holder(name: str, *keys: str) -> Actor:
    """Somebody with these duties; no person, so that nothing but the duties speaks for them."""
    found = [duty for key in keys if (duty := duties.get(key)) is not None]
    assert len(found) == len(keys), f"{name}: a duty that nobody declared"
    held = tuple(
        Held(duty=duty.key, title=duty.title, verbs=duty.verbs | duty.reads, reach=Reach.CITY)
        for duty in found
    )
    return Actor(name=name, held=held)


def _people() -> Iterator[Actor]:
    every = [duty.key for duty in duties.all_duties()]
    yield _holder("nobody")
    yield _holder("everybody", *every)
    yield from (_holder(key, key) for key in every)
    for account in departments.accounts():
        yield _holder(account.username, *(grant.duty for grant in account.grants))


def _items() -> list[Item]:
    return [item for section in menu.sections() for item in section.items]


def _named(actor: Actor) -> str:
    return actor.name


def _has_to_do(actor: Actor, url: str) -> bool:
    return any(
        item.concerns(actor, lambda question: question(actor))
        for item in _items()
        if reverse(item.url_name) == url
    )


@each(list(_people()), name=_named)
def test_nobody_sees_more_than_eight_entries(actor: Actor) -> None:
    shown = menu.shown(actor=actor, view_name=menu.PLACES["home"])
    assert 1 + len(shown) <= menu.ENTRIES_MAX  # the front page is one


@each(list(_people()), name=_named)
def test_nobody_sees_a_group_without_something_to_do(actor: Actor) -> None:
    for group in menu.shown(actor=actor, view_name=menu.PLACES["home"]):
        for section in group.sections:
            assert any(_has_to_do(actor, item.url) for item in section.items), section.title


def test_whoever_holds_every_duty_reaches_every_page_of_the_menu() -> None:
    everybody = next(actor for actor in _people() if actor.name == "everybody")
    shown = menu.shown(actor=everybody, view_name=menu.PLACES["home"])
    reached = {item.url for group in shown for item in group.items}
    assert {reverse(item.url_name) for item in _items()} == reached


@each([actor for actor in _people() if actor.name != "everybody"], name=_named)
def test_a_duty_reaches_every_page_its_verbs_open(actor: Actor) -> None:
    shown = menu.shown(actor=actor, view_name=menu.PLACES["home"])
    reached = {item.url for group in shown for item in group.items}
    assert {reverse(i.url_name) for i in _items() if i.verb and actor.can(i.verb)} <= reached


@each(_items(), name=lambda item: item.url_name)
def test_an_entry_is_for_those_whom_its_page_lets_in(item: Item) -> None:
    """A page that opens to everybody signed in says so, and whose business it is."""
    (route,) = [route for route in every_route() if route.name == item.url_name]
    if item.for_all or item.when:
        assert route.needs == SIGN_IN
    else:
        assert item.verb, "an entry that is nobody's own belongs to all"
    if item.verb and not item.for_all:
        assert route.needs in (item.verb, SIGN_IN)


def test_a_dispatcher_sees_nothing_of_energy() -> None:
    titles = [
        item.title
        for group in menu.shown(actor=_holder("x", "fleet.dispatcher"), view_name="")
        for item in group.items
    ]
    assert "派车看板" in titles
    assert "能耗公示" not in titles
    assert "能耗公示" in [item.title for item in menu.for_all()]


def test_every_section_and_service_stands_in_a_declared_group() -> None:
    known = {group.key for group in menu.groups()}
    assert {section.group for section in menu.sections()} <= known
    assert {service.group for service in services.all_services()} <= known
    assert 1 + len(known) <= menu.ENTRIES_MAX


OLD = re.compile(r"\bDepartment\(|\bDEPARTMENTS\b|\bShownDepartment\b|\bportal import services\b")


def test_nobody_declares_departments_of_the_menu_any_more() -> None:
    found = [
        str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*.py") if OLD.search(path.read_text())
    ]
    assert not found


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in HOUSE.glob("domains/*/urls.py")))
def test_a_business_says_in_its_own_folder_where_it_stands(folder: str) -> None:
    source = (HOUSE / "domains" / folder / "menu.py").read_text("utf-8")
    assert "SECTIONS = (" in source
    assert not re.search(rf'"{folder}:', (HOUSE / "portal" / "menu.py").read_text("utf-8"))


def test_the_page_of_an_act_belongs_where_the_list_of_its_rows_is() -> None:
    """No item names it."""
    acts = [route.view.act for route in every_route() if hasattr(route.view, "act")]
    items = [item for section in menu.sections() for item in section.items]
    assert acts
    for act in acts:
        (held,) = (item for item in items if item.holds(act.url_name))
        assert held.holds(act.on.listed[1]), act.url_name
        assert act.url_name not in held.also
