"""Many at once, on real connections: one wins, everybody else is told in words."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

from guanjia.kernel.access.models import Grant
from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.actions import editions, lending
from guanjia.kernel.approvals.actions.opening import Outcome
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseWithdrawn
from guanjia.kernel.approvals.models import Case, Delegation, Edition, Seat
from guanjia.kernel.approvals.routes import people
from guanjia.kernel.approvals.terms import ActKind, CaseState, EditionState, Mode
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    DAY,
    KEEPER,
    SIGN,
    SIGNER,
    Office,
    hands,
    kinds,
    state,
    step,
)
from guanjia.kernel.audit.models import Record
from guanjia.kernel.events import bus
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Reach

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]
ROUNDS = 12
MANY = 20
AT_ONCE = 10  # connections at a time; the throw-away server has not many more


@pytest.fixture
def office(transactional_db: None) -> Office:
    """The office, committed, so that other connections see it."""
    return builders.office()


def all_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What every call returned or raised; all start together, each on a connection of its own."""
    outcomes: list[Any] = [None] * len(calls)
    gate = threading.Barrier(min(len(calls), AT_ONCE))
    queue = list(enumerate(calls))
    lock = threading.Lock()

    def work() -> None:
        try:
            gate.wait(timeout=30)
            while True:
                with lock:
                    if not queue:
                        return
                    place, call = queue.pop(0)
                try:
                    outcomes[place] = call()
                except Exception as raised:  # whatever it is, it is looked at
                    outcomes[place] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(gate.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "nobody waits for ever"
    return outcomes


def codes(outcomes: Sequence[Any]) -> list[str]:
    """``won`` or the code of the refusal; anything else raised, a deadlock too, is a fault."""
    found = []
    for each in outcomes:
        if isinstance(each, Refused):
            (finding,) = each.findings
            assert finding.sentence or finding.headline
            found.append(finding.code)
        else:
            assert not isinstance(each, Exception), repr(each)
            found.append("won" if getattr(each, "changed", True) else "same")
    return found


def cases(office: Office, count: int, *steps: routes.Step) -> list[Case]:
    """As many cases, each about a row of its own."""
    rows = [org.unit(f"ROW{i}", office.city) for i in range(count)]
    return [office.open(*steps, subject=row) for row in rows]


def test_agreeing_and_withdrawing_at_once_leaves_one_winner(office: Office) -> None:
    winners = []
    for case in cases(office, ROUNDS, step("a")):
        with bus.captured() as news:
            outcomes = all_at_once(
                lambda case=case: office.agree(case, "an"),
                lambda case=case: office.withdraw(case),
            )
        assert sorted(codes(outcomes)) == ["already_decided", "won"]
        (refused,) = [each for each in outcomes if isinstance(each, Refused)]
        now = state(case)
        assert now in (CaseState.AGREED, CaseState.WITHDRAWN)
        who = (
            "an已于 5月20日 9:00 同意" if now == CaseState.AGREED else "asker已于 5月20日 9:00 撤回"
        )
        assert who in str(refused)
        told = [type(each) for each in news if isinstance(each, CaseAgreed | CaseWithdrawn)]
        assert told == [CaseAgreed if now == CaseState.AGREED else CaseWithdrawn]
        assert len(kinds(case)) == 2, "the one who lost left no trace"
        winners.append(now)
    assert len(winners) == ROUNDS


def test_agreeing_and_sending_back_at_once_leaves_one_winner(office: Office) -> None:
    for case in cases(office, ROUNDS, step("a")):
        with bus.captured() as news:
            outcomes = all_at_once(
                lambda case=case: office.agree(case, "an"),
                lambda case=case: office.send_back(case, "bo"),
            )
        assert sorted(codes(outcomes)) == ["already_decided", "won"]
        assert state(case) in (CaseState.AGREED, CaseState.RETURNED)
        assert len([each for each in news if isinstance(each, CaseAgreed | CaseReturned)]) == 1


def many(office: Office) -> list[str]:
    """Twenty people who can decide."""
    names = [f"m{i:02d}" for i in range(MANY)]
    for name in names:
        office.hire(name)
    return names


def test_of_twenty_at_once_one_decides_where_one_suffices(office: Office) -> None:
    names = many(office)
    case = office.open(step("a", people(*(f"n-{name}" for name in names))))
    with bus.captured() as news:
        outcomes = all_at_once(*(lambda name=name: office.agree(case, name) for name in names))
    assert sorted(codes(outcomes)) == ["already_decided"] * (MANY - 1) + ["won"]
    assert kinds(case) == [ActKind.SUBMIT, ActKind.AGREE]
    assert [type(each) for each in news].count(CaseAgreed) == 1
    assert Record.objects.filter(verb="org.unit.approved").count() == 1


def test_twenty_who_all_must_agree_agree_at_once_and_it_is_agreed_once(office: Office) -> None:
    names = many(office)
    all_of_them = step("a", people(*(f"n-{name}" for name in names)), mode=Mode.ALL)
    case = office.open(all_of_them)
    with bus.captured() as news:
        outcomes = all_at_once(*(lambda name=name: office.agree(case, name) for name in names))
    assert codes(outcomes) == ["won"] * MANY
    assert sum(each.agreed for each in outcomes) == 1
    assert state(case) == CaseState.AGREED
    assert [type(each) for each in news].count(CaseAgreed) == 1


def test_where_half_suffices_the_rest_come_too_late(office: Office) -> None:
    names = many(office)
    half = step("a", people(*(f"n-{name}" for name in names)), mode=Mode.ALL, share=50)
    case = office.open(half)
    outcomes = all_at_once(*(lambda name=name: office.agree(case, name) for name in names))
    assert sorted(codes(outcomes)) == ["already_decided"] * (MANY // 2) + ["won"] * (MANY // 2)
    assert kinds(case).count(ActKind.AGREE) == MANY // 2


def test_the_same_click_twice_at_once_acts_once(office: Office) -> None:
    for case in cases(office, ROUNDS, step("a"), step("b")):
        seen = builders.active(case).pk
        outcomes = all_at_once(
            *[lambda case=case, seen=seen: office.agree(case, "an", step_id=seen)] * 2
        )
        assert sorted(codes(outcomes)) == ["same", "won"]
        assert kinds(case).count(ActKind.AGREE) == 1


def test_handing_over_and_agreeing_at_once_by_the_same_person(office: Office) -> None:
    for case in cases(office, ROUNDS, step("a", people("n-an"))):
        outcomes = all_at_once(
            lambda case=case: office.agree(case, "an"),
            lambda case=case: office.hand(case, "an", "du"),
        )
        agreed, handed = outcomes
        if isinstance(agreed, Outcome):
            assert codes([handed]) == ["already_decided"]
            assert state(case) == CaseState.AGREED
        else:
            assert codes([agreed]) == ["not_holder"]
            assert hands(case) == ["du"]


def test_two_delegations_that_close_a_circle_at_once(office: Office) -> None:
    for number in range(ROUNDS):
        first, last = AT.date() + number * 9 * DAY, AT.date() + (number * 9 + 5) * DAY

        def lend(who: str, to: str, since: Any = first, until: Any = last) -> Delegation:
            return lending.delegate(
                actor=office.actor(who), person_id=office.people[to].pk, since=since, until=until,
                reason="出差", at=AT,
            )  # fmt: skip

        outcomes = all_at_once(lambda: lend("an", "bo"), lambda: lend("bo", "an"))
        assert sorted(codes(outcomes)) == ["circle", "won"]
    assert Delegation.objects.count() == ROUNDS


def test_a_draft_is_switched_on_once(office: Office) -> None:
    routes.enlist(builders.route(step("a")))
    office.hire("keeper", office.bureau, (KEEPER, Reach.CITY, None))
    keeper = office.actor("keeper")
    drafted = editions.draft(
        actor=keeper, route_key="tests.route", steps=[step("a"), step("b")], at=AT
    )
    editions.replay(actor=keeper, edition_id=drafted.pk, at=AT)
    outcomes = all_at_once(
        *[lambda: editions.switch_on(actor=keeper, edition_id=drafted.pk, at=AT)] * 4
    )
    assert sorted(codes(outcomes)) == ["not_draft"] * 3 + ["won"]
    assert Edition.objects.get(state=EditionState.IN_FORCE).number == 2


def test_the_first_requests_at_once_make_one_edition(office: Office) -> None:
    rows = [org.unit(f"ROW{i}", office.city) for i in range(6)]
    outcomes = all_at_once(*(lambda row=row: office.open(step("a"), subject=row) for row in rows))
    assert {each.edition_id for each in outcomes} == {Edition.objects.get().pk}


def test_duties_change_while_people_decide_and_nobody_waits_in_a_ring(office: Office) -> None:
    """Revoking locks an account, then rows and cases; deciding and ending lock rows and cases."""
    waiting = cases(office, 6, step("a", mode=Mode.ALL, signature=True), step("b"))
    lent = lending.delegate(
        actor=office.actor("cai"), person_id=office.people["du"].pk, since=AT.date(),
        until=AT.date() + 5 * DAY, reason="出差", at=AT,
    )  # fmt: skip
    given = Grant.objects.get(account=office.accounts["an"], duty=SIGNER)
    png = builders.drawn()

    def revoke() -> Any:
        return builders.access.actions.revoke(
            actor=org.SYSTEM, grant_id=given.pk, until=AT.date(), at=AT
        )

    def end() -> Any:
        return lending.end(actor=office.actor("cai"), delegation_id=lent.pk, at=AT)

    def hire() -> Any:
        return office.grant("en", SIGNER)

    outcomes = all_at_once(
        revoke,
        *(lambda case=case: office.agree(case, "an", signature=png) for case in waiting[:3]),
        end,
        hire,
        *(lambda case=case: office.agree(case, "bo", signature=png) for case in waiting),
    )
    strange = [
        each for each in outcomes
        if isinstance(each, Exception) and not isinstance(each, Refused | NotAllowed)
    ]  # fmt: skip
    assert not strange, strange
    for case in waiting:
        assert hands(case), "somebody is left to decide"
    assert not Seat.objects.filter(person=office.people["an"], state="ACTIVE").exists()


def test_a_keeper_names_somebody_while_another_wins_the_duty(office: Office) -> None:
    for name in ("an", "bo", "cai"):
        office.revoke(name, SIGNER)
    office.suspend("mayor")
    office.grant("du", KEEPER)
    case = office.open(step("a", routes.duty(SIGN)))
    assert hands(case) == ["du"]
    outcomes = all_at_once(
        lambda: office.hand(case, "du", "en"), lambda: office.grant("fu", SIGNER)
    )
    assert set(codes(outcomes)) <= {"won", "not_holder"}
    assert hands(case) in (["en"], ["fu"])
