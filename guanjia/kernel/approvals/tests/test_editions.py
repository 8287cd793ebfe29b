"""Editions: shipped, edited, tried on what was, switched on; a case ends on its own."""

from dataclasses import replace
from typing import Any

import pytest

from guanjia.kernel.approvals import routes
from guanjia.kernel.approvals.actions import editions
from guanjia.kernel.approvals.models import Case, Edition
from guanjia.kernel.approvals.routes import Condition, Op, Step, duty, people, steps_from_data
from guanjia.kernel.approvals.terms import CaseState, EditionState, Mode
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    AT,
    BIG,
    CHIEF,
    DAY,
    HEAD,
    IS_BIG,
    KEEPER,
    NOBODY,
    Office,
    code_of,
    hands,
    state,
    step,
    steps_of,
)
from guanjia.kernel.audit.models import Record
from guanjia.kernel.org.tests.builders import unit
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed, Reach

pytestmark = pytest.mark.django_db
ROUTE = builders.route(step("a"))
MORE = (step("a"), step("b", duty(HEAD)))


@pytest.fixture
def office() -> Office:
    routes.enlist(ROUTE)
    made = builders.office()
    made.hire("keeper", made.bureau, (KEEPER, Reach.CITY, None))
    return made


def opened(office: Office, subject: Any = None, **facts: Any) -> Case:
    return office.open(step("a"), key=ROUTE.key, subject=subject, **facts)


def draft(office: Office, *steps: Step, note: str = "") -> Edition:
    return editions.draft(
        actor=office.actor("keeper"), route_key=ROUTE.key, steps=steps, note=note, at=AT
    )


def replay(office: Office, edition: Edition) -> editions.Replay:
    return editions.replay(actor=office.actor("keeper"), edition_id=edition.pk, at=AT + DAY)


def switch_on(office: Office, edition: Edition) -> Edition:
    return editions.switch_on(actor=office.actor("keeper"), edition_id=edition.pk, at=AT)


def test_the_first_request_keeps_the_shipped_route_as_its_first_edition(office: Office) -> None:
    case = opened(office)
    kept = Edition.objects.get()
    assert (case.edition, kept.number, kept.state) == (kept, 1, EditionState.IN_FORCE)
    assert (kept.made_by_name, steps_from_data(kept.steps)) == ("系统", ROUTE.steps)
    opened(office, subject=office.other)
    assert Edition.objects.count() == 1


def test_a_draft_changes_nothing_until_it_is_switched_on(office: Office) -> None:
    drafted = draft(office, *MORE, note="加一步")
    assert (drafted.number, drafted.state, drafted.note) == (2, EditionState.DRAFT, "加一步")
    assert steps_of(opened(office)) == [("a", "ACTIVE")]
    assert code_of(lambda: switch_on(office, drafted)) == "not_replayed"
    replay(office, drafted)
    switch_on(office, drafted)
    assert [key for key, _ in steps_of(opened(office, subject=office.other))] == ["a", "b"]
    states = Edition.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == [EditionState.RETIRED, EditionState.IN_FORCE]
    verbs = Record.objects.filter(verb__startswith="approvals.route").order_by("pk")
    assert [record.verb.rpartition(".")[2] for record in verbs] == [
        "drafted",
        "replayed",
        "switched_on",
    ]


def test_a_case_under_way_ends_on_its_edition_and_a_new_life_begins_on_the_new(
    office: Office,
) -> None:
    case = opened(office)
    drafted = draft(office, *MORE)
    replay(office, drafted)
    switch_on(office, drafted)
    office.send_back(case, "an")
    office.resubmit(case)
    assert steps_of(case) == [("a", "ACTIVE")]
    assert (case.version, case.edition.number) == (1, 1)
    assert office.agree(case, "an").agreed
    office.resubmit(case, facts=BIG)
    assert (state(case), case.version) == (CaseState.RUNNING, 2)
    assert [key for key, _ in steps_of(case)] == ["a", "b"]


def test_a_case_of_a_time_before_editions_goes_on_with_the_one_in_force(office: Office) -> None:
    case = opened(office)
    office.send_back(case, "an", straight=True)
    Case.objects.filter(pk=case.pk).update(edition=None, comes_back_to=1)
    office.resubmit(case)
    assert steps_of(case) == [("a", "ACTIVE")], "what was agreed on an unknown route is asked anew"
    assert case.edition == Edition.objects.get()


def test_an_edited_draft_is_a_new_edition_and_the_old_one_is_put_aside(office: Office) -> None:
    first = draft(office, *MORE)
    assert draft(office, *MORE) == first, "nothing changed, nothing kept"
    second = draft(office, step("a", hours=4), step("b", duty(HEAD)))
    first.refresh_from_db()
    assert (first.state, second.number) == (EditionState.DROPPED, 3)
    editions.drop(actor=office.actor("keeper"), edition_id=second.pk, at=AT)
    assert draft(office, step("a")) == Edition.objects.get(state=EditionState.IN_FORCE)


def test_every_fault_is_told_with_its_place(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        draft(office, step("a", share=0), step("a", people()))
    fields = [finding.field for finding in refused.value.findings]
    assert fields == ["0.key", "0.share", "1.key", "1.people"]
    assert not Edition.objects.filter(state=EditionState.DRAFT).exists()


def test_who_edits_needs_the_duty_for_the_whole_city(office: Office) -> None:
    office.grant("du", KEEPER)
    for name in ("an", "du"):
        with pytest.raises((NotAllowed, Refused)):
            editions.draft(actor=office.actor(name), route_key=ROUTE.key, steps=MORE, at=AT)
    with pytest.raises(Edition.DoesNotExist):
        editions.draft(actor=office.actor("keeper"), route_key="tests.unknown", steps=MORE, at=AT)


def test_what_is_no_longer_a_draft_is_neither_switched_on_nor_dropped(office: Office) -> None:
    drafted = draft(office, *MORE)
    replay(office, drafted)
    switch_on(office, drafted)
    keeper = office.actor("keeper")
    assert code_of(lambda: switch_on(office, drafted)) == "not_draft"
    assert code_of(lambda: editions.drop(actor=keeper, edition_id=drafted.pk, at=AT)) == "not_draft"


def test_a_draft_that_a_release_made_unfit_is_not_switched_on(office: Office) -> None:
    drafted = draft(office, step("a", when=(Condition(fact="over", op=Op.IS, value=True),)))
    replay(office, drafted)
    routes.enlist(replace(ROUTE, facts=()))
    assert code_of(lambda: switch_on(office, drafted)) == "not_fitting"


# ── trying it ────────────────────────────────────────────────────────────────────────────


def test_last_years_cases_are_sent_over_the_draft(office: Office) -> None:
    rows = [unit(f"ROW{i}", office.city) for i in range(6)]
    for row in rows[:3]:
        opened(office, subject=row)
    for row in rows[3:5]:
        opened(office, subject=row, facts=BIG)
    opened(office, subject=rows[5], at=AT - 400 * DAY)
    drafted = draft(office, step("a"), step("b", duty(HEAD), when=(IS_BIG,)))
    found = replay(office, drafted)
    assert (found.cases, found.same, found.other, found.untold) == (5, 3, 2, 0)
    assert {(each.was, each.would) for each in found.differing} == {
        (("步骤a",), ("步骤a", "步骤b"))
    }
    assert found.vacancies == ()
    assert not found.capped


def test_a_step_that_others_would_decide_goes_another_way(office: Office) -> None:
    opened(office)
    assert replay(office, draft(office, step("a", hours=4))).same == 1, "a time limit is no way"
    for altered in (
        step("a", duty(HEAD)),
        step("a", mode=Mode.ALL, share=50),
        step("a", signature=True),
    ):
        found = replay(office, draft(office, altered))
        (one,) = found.differing
        assert (found.same, found.other) == (0, 1)
        assert (one.was, one.would) == (("步骤a",), ("步骤a（办的人或办法有变）",))


def test_cases_whose_facts_nobody_kept_are_left_out(office: Office) -> None:
    opened(office, facts={})
    assert replay(office, draft(office, step("a", when=(IS_BIG,)))).untold == 1
    assert replay(office, draft(office, step("a"), step("b"))).untold == 0


def test_steps_that_would_find_nobody_are_named(office: Office) -> None:
    opened(office)
    opened(office, subject=office.other)
    opened(office, subject=office.section, unit=office.other)
    office.suspend("mayor")
    drafted = draft(office, step("a"), step("b", duty(HEAD)), step("c", duty(NOBODY)))
    found = {(each.title, each.unit.code, each.cases) for each in replay(office, drafted).vacancies}
    assert found == {("步骤b", "B2", 1), ("步骤c", "B1", 2), ("步骤c", "B2", 1)}


def test_the_applicant_alone_is_nobody(office: Office) -> None:
    office.suspend("mayor")
    office.revoke("head", CHIEF)
    opened(office)
    opened(office, subject=office.other, by="du")
    drafted = draft(office, step("a"), step("b", duty(HEAD)))
    (vacancy,) = replay(office, drafted).vacancies
    assert (vacancy.title, vacancy.cases) == ("步骤b", 1), "only the asker holds it"


def test_a_replay_asks_once_for_many_cases_of_a_unit(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    for i in range(12):
        opened(office, subject=unit(f"ROW{i}", office.city))
    drafted = draft(office, *MORE)
    with django_assert_max_num_queries(25):
        assert replay(office, drafted).other == 12


def test_it_is_known_what_is_under_way_on_which_edition(office: Office) -> None:
    opened(office)
    drafted = draft(office, *MORE)
    replay(office, drafted)
    switch_on(office, drafted)
    opened(office, subject=office.other)
    done = opened(office, subject=office.section)
    office.stop(done, "an")
    assert editions.open_cases(ROUTE.key) == {1: 1, 2: 1}


# ── releases ─────────────────────────────────────────────────────────────────────────────


def test_a_release_changes_the_default_where_nobody_edited(office: Office) -> None:
    assert editions.ship(at=AT) == 0
    routes.enlist(replace(ROUTE, steps=MORE))
    assert editions.ship(at=AT) == 1
    assert editions.ship(at=AT) == 0
    kept = Edition.objects.get(state=EditionState.IN_FORCE)
    assert (kept.number, steps_from_data(kept.steps)) == (2, MORE)


def test_a_release_leaves_alone_what_the_bureau_edited(office: Office) -> None:
    drafted = draft(office, step("a", hours=8))
    replay(office, drafted)
    switch_on(office, drafted)
    routes.enlist(replace(ROUTE, steps=MORE))
    assert editions.ship(at=AT) == 0
    assert hands(opened(office)) == ["an", "bo", "cai"]
    assert Edition.objects.get(state=EditionState.IN_FORCE) == drafted
