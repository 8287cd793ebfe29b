"""Accounts, duties and how far they reach."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from guanjia.kernel.access import actions, duties, queries
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.access.tests.builders import PASSWORD, account, actor, hasty
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.org.tests.builders import AT, SYSTEM, person, unit
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed, Reach, Scope

pytestmark = pytest.mark.django_db
TODAY = AT.date()
KEEPER = "org.keeper"
VERB = "org.unit.enter"


@pytest.fixture
def tree() -> dict[str, Unit]:
    city = unit("3602", nature=Nature.AREA)
    bureau = unit("3602D036", city)
    section = unit("3602D03601", bureau, nature=Nature.SECTION)
    return {"city": city, "bureau": bureau, "section": section, "other": unit("3602D040", city)}


@pytest.fixture
def hasty_passwords() -> Iterator[None]:
    with hasty():
        yield


def grant(to: Account, reach: Reach, at: Unit | None = None, **changes: object) -> Grant:
    facts = {"duty": KEEPER, "since": TODAY, **changes}
    return actions.grant(
        actor=SYSTEM,
        account_id=to.pk,
        reach=reach,
        unit_id=at.pk if at else None,
        at=AT,
        **facts,
    )


def last_verb() -> str:
    return str(Record.objects.first().verb)


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach.OWN, lambda _, me: Scope(person_id=me.pk)),
        (Reach.UNIT, lambda tree, _: Scope(unit_ids=(tree["bureau"].pk,))),
        (Reach.BELOW, lambda tree, _: Scope(paths=(tree["bureau"].path,))),
        (Reach.CITY, lambda *_: Scope.all()),
    ],
)
def test_a_duty_reaches_as_far_as_it_was_given(
    tree: dict[str, Unit], reach: Reach, expected: object
) -> None:
    me = person("D036001", tree["bureau"])
    opened = account("me", me)
    grant(opened, reach, tree["bureau"] if reach in (Reach.UNIT, Reach.BELOW) else None)
    assert actor(opened).scope(VERB) == expected(tree, me)  # type: ignore[operator]  # a function
    assert actor(opened).scope("no.such.verb").nothing


def test_several_duties_reach_together(tree: dict[str, Unit]) -> None:
    opened = account("me", person("D036001", tree["bureau"]))
    grant(opened, Reach.UNIT, tree["other"])
    grant(opened, Reach.BELOW, tree["bureau"])
    scope = actor(opened).scope(VERB)
    assert set(Unit.objects.within(scope)) == {tree["bureau"], tree["section"], tree["other"]}


def test_a_read_only_reach_sees_everything_and_changes_nothing(tree: dict[str, Unit]) -> None:
    opened = account("discipline", person("D040001", tree["other"]))
    grant(opened, Reach.CITY_READ)
    reader = actor(opened)
    assert reader.scope("org.unit.see") == Scope.outside()
    assert not reader.can(VERB)
    with pytest.raises(NotAllowed):
        reader.must(VERB)


def test_a_duty_begins_and_ends_on_its_days() -> None:
    opened = account("me")
    given = grant(opened, Reach.CITY, since=TODAY)
    assert not actor(opened, TODAY - timedelta(days=1)).can(VERB)
    assert actor(opened, TODAY).can(VERB)
    actions.revoke(actor=SYSTEM, grant_id=given.pk, until=TODAY + timedelta(days=5), at=AT)
    assert actor(opened, TODAY + timedelta(days=4)).can(VERB)
    assert not actor(opened, TODAY + timedelta(days=5)).can(VERB)
    assert last_verb() == "access.duty.revoked"


def test_a_duty_taken_back_today_is_gone_today() -> None:
    opened = account("me")
    given = grant(opened, Reach.CITY)
    actions.revoke(actor=SYSTEM, grant_id=given.pk, until=TODAY, at=AT)
    assert not actor(opened, TODAY).can(VERB)


def test_a_duty_no_longer_declared_gives_nothing() -> None:
    opened = account("me")
    Grant.objects.create(account=opened, duty="long.gone", reach=Reach.CITY, since=TODAY)
    assert actor(opened).held == ()


def test_the_actor_carries_who_and_where_from(tree: dict[str, Unit]) -> None:
    me = person("D036001", tree["section"], "莫兴")
    found = actor(account("moxing", me))
    assert (found.name, found.person_id, found.unit_id) == ("莫兴", me.pk, tree["section"].pk)
    assert found.address == "192.0.2.7"
    assert queries.actor_named(username="moxing", on=TODAY).person_id == me.pk


def test_granting_leaves_a_record_and_twice_counts_once(tree: dict[str, Unit]) -> None:
    opened = account("me")
    first = grant(opened, Reach.BELOW, tree["bureau"])
    assert grant(opened, Reach.BELOW, tree["bureau"]) == first
    (record,) = Record.objects.filter(verb="access.duty.granted")
    assert record.after == {"duty": KEEPER, "reach": "BELOW", "unit": "3602D036"}


@pytest.mark.parametrize(
    ("changes", "reach", "sentence"),
    [
        ({"duty": "no.such"}, Reach.CITY, "没有这项职责"),
        ({}, Reach.UNIT, "没有选单位"),
        ({}, Reach.BELOW, "没有选单位"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    changes: dict[str, str], reach: Reach, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        grant(account("me"), reach, **changes)


@pytest.mark.parametrize("first", ["access.system", "access.security", "access.audit"])
@pytest.mark.parametrize("second", ["access.system", "access.security", "access.audit"])
def test_the_three_administrators_stay_apart(first: str, second: str) -> None:
    opened = account("admin1")
    grant(opened, Reach.CITY, duty=first)
    if first == second:
        grant(opened, Reach.CITY, duty=second)
        return
    with pytest.raises(Refused, match="三员不得由一人兼任"):
        grant(opened, Reach.CITY, duty=second)


def test_the_three_stay_apart_also_for_a_duty_that_begins_later() -> None:
    opened = account("admin1")
    grant(opened, Reach.CITY, duty="access.system", since=TODAY + timedelta(days=10))
    with pytest.raises(Refused, match="三员"):
        grant(opened, Reach.CITY, duty="access.audit", since=TODAY)


def test_nobody_gives_themselves_a_duty() -> None:
    security = account("sec", None, ("access.security", Reach.CITY, None))
    with pytest.raises(Refused, match="不能给自己授权"):
        actions.grant(
            actor=actor(security),
            account_id=security.pk,
            duty=KEEPER,
            reach=Reach.CITY,
            since=TODAY,
            at=AT,
        )


def test_without_the_duty_no_account_is_opened_and_no_duty_given() -> None:
    me = account("me")
    nobody = actor(me)
    given = grant(account("other"), Reach.CITY)
    for act in (
        lambda: actions.open_account(actor=nobody, username="x", password="x", at=AT),
        lambda: actions.grant(
            actor=nobody, account_id=me.pk, duty=KEEPER, reach=Reach.CITY, since=TODAY, at=AT
        ),
        lambda: actions.revoke(actor=nobody, grant_id=given.pk, until=TODAY, at=AT),
        lambda: actions.set_active(actor=nobody, account_id=me.pk, active=False, at=AT),
        lambda: actions.reset_password(actor=nobody, account_id=me.pk, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_user_name_is_taken_once() -> None:
    account("moxing")
    with pytest.raises(Refused, match="用户名 moxing 已有人用"):
        account("moxing")


def test_an_account_is_suspended_and_reopened_but_not_ones_own() -> None:
    system = account("sys", None, ("access.system", Reach.CITY, None))
    other = account("other")
    actions.set_active(actor=actor(system), account_id=other.pk, active=False, at=AT)
    other.refresh_from_db()
    assert not other.is_active
    assert last_verb() == "access.account.suspended"
    actions.set_active(actor=actor(system), account_id=other.pk, active=True, at=AT)
    assert last_verb() == "access.account.reopened"
    with pytest.raises(Refused, match="不能停用自己的账号"):
        actions.set_active(actor=actor(system), account_id=system.pk, active=False, at=AT)


@pytest.mark.usefixtures("hasty_passwords")
def test_a_password_is_reset_and_must_then_be_changed() -> None:
    me = account("me")
    password = actions.reset_password(actor=SYSTEM, account_id=me.pk, at=AT)
    me.refresh_from_db()
    assert me.check_password(password)
    assert me.must_change_password
    assert password not in str(Record.objects.first().__dict__)


@pytest.mark.usefixtures("hasty_passwords")
def test_a_password_is_changed_by_its_owner() -> None:
    me = account("me", must_change=True)
    actions.change_password(actor=actor(me), old=PASSWORD, new="another horse 9", at=AT)
    me.refresh_from_db()
    assert me.check_password("another horse 9")
    assert not me.must_change_password
    assert last_verb() == "access.password.changed"


@pytest.mark.usefixtures("hasty_passwords")
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("wrong", "another horse 9", "wrong_password"),
        (PASSWORD, "12345678901", "weak_password"),
        (PASSWORD, "short", "weak_password"),
        (PASSWORD, PASSWORD, "same_password"),
    ],
)
def test_a_bad_new_password_is_refused(old: str, new: str, code: str) -> None:
    me = account("me")
    with pytest.raises(Refused) as refused:
        actions.change_password(actor=actor(me), old=old, new=new, at=AT)
    assert [finding.code for finding in refused.value.findings] == [code]
    me.refresh_from_db()
    assert me.check_password(PASSWORD)


def test_the_holders_of_a_duty_are_the_nearest(tree: dict[str, Unit]) -> None:
    def holder(number: str, reach: Reach, at: Unit | None) -> Person:
        found = person(number, at or tree["city"])
        account(number, found, (KEEPER, reach, at))
        return found

    def nearest(of: Unit, **without: list[int]) -> list[Person]:
        return queries.holders(verb=VERB, unit=of, on=TODAY, **without)

    assert nearest(tree["section"]) == []
    holder("D000", Reach.OWN, None)
    holder("D001", Reach.CITY_READ, None)
    assert nearest(tree["section"]) == [], "neither one's own reach nor a read-only one decides"
    city = holder("D002", Reach.CITY, None)
    assert nearest(tree["section"]) == [city]
    only_unit = holder("D003", Reach.UNIT, tree["bureau"])
    assert nearest(tree["bureau"]) == [only_unit]
    assert nearest(tree["section"]) == [city], "a unit's own reach ends above its sections"
    bureau = holder("D004", Reach.BELOW, tree["bureau"])
    assert nearest(tree["section"]) == [bureau]
    assert nearest(tree["bureau"]) == [only_unit, bureau]
    section = holder("D005", Reach.BELOW, tree["section"])
    assert nearest(tree["section"]) == [section]
    assert nearest(tree["section"], without=[section.pk]) == [bureau]
    assert nearest(tree["other"]) == [city]


def test_who_is_suspended_or_past_holds_nothing(tree: dict[str, Unit]) -> None:
    gone = account("gone", person("D001", tree["bureau"]), (KEEPER, Reach.BELOW, tree["bureau"]))
    actions.set_active(actor=SYSTEM, account_id=gone.pk, active=False, at=AT)
    past = account("past", person("D002", tree["bureau"]))
    given = grant(past, Reach.BELOW, tree["bureau"], since=date(2019, 1, 1))
    actions.revoke(actor=SYSTEM, grant_id=given.pk, until=date(2020, 1, 1), at=AT)
    assert queries.holders(verb=VERB, unit=tree["bureau"], on=TODAY) == []


@pytest.mark.usefixtures("hasty_passwords")
def test_the_first_administrator_is_made_once() -> None:
    made = actions.first_administrator(at=AT)
    assert made is not None
    username, password = made
    first = Account.objects.get(username=username)
    assert first.check_password(password)
    assert first.must_change_password
    assert actor(first).can("access.account.open")
    assert actor(first).can("access.duty.grant")
    assert not actor(first).can("audit.see")
    assert actions.first_administrator(at=AT) is None


@pytest.mark.pg15
def test_a_grant_of_a_unit_names_it() -> None:
    with pytest.raises(IntegrityError, match="access_grant_of_a_unit"), transaction.atomic():
        Grant.objects.create(account=account("me"), duty=KEEPER, reach=Reach.UNIT, since=TODAY)


@pytest.mark.pg15
def test_the_same_grant_is_given_once() -> None:
    me = account("me")
    facts = {"account": me, "duty": KEEPER, "reach": Reach.CITY, "since": TODAY}
    Grant.objects.create(**facts)
    with pytest.raises(IntegrityError, match="given_once"), transaction.atomic():
        Grant.objects.create(**facts)


def test_every_verb_of_a_duty_has_a_name_on_screen() -> None:
    verbs = {verb for duty in duties.all_duties() for verb in duty.verbs | duty.reads}
    nameless = {verb for verb in verbs if duties.title_of(verb) == verb}
    assert not nameless


def test_the_system_may_everything_and_is_named() -> None:
    system = Actor.system("夜间任务")
    assert system.can("anything.at.all")
    assert system.scope("anything.at.all") == Scope.all()
