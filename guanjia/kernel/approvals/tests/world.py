"""A world for random approvals: what can happen in it, and what must hold after everything.

Every act goes through the same actions as everybody's; what is refused must leave no trace.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction

from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.approvals import seating
from guanjia.kernel.approvals.actions import deciding, lending, opening, sharing, tending
from guanjia.kernel.approvals.events import CaseAgreed, CaseReturned, CaseStopped, CaseWithdrawn
from guanjia.kernel.approvals.models import Case, Delegation, Seat
from guanjia.kernel.approvals.routes import Route
from guanjia.kernel.approvals.terms import (
    OPEN_SEATS,
    CaseState,
    Origin,
    SeatState,
    StepState,
)
from guanjia.kernel.approvals.tests import builders
from guanjia.kernel.approvals.tests.builders import (
    CHIEF,
    KEEPER,
    SIGNER,
    Office,
)
from guanjia.kernel.events import bus
from guanjia.kernel.org.tests.builders import AT, SYSTEM
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed, Reach
from guanjia.kernel.values.period import SHANGHAI

# Who may be named, asked, handed to: with a stranger, the applicant and somebody without account.
COLLEAGUES = ("an", "bo", "cai", "head", "du", "en", "clerk")
NAMES = ("an", "bo", "cai", "head", "du", "en", "clerk", "mayor", "keeper", "asker", "stranger")

# ── the world ────────────────────────────────────────────────────────────────────────────

_DIGEST = """
    SELECT (SELECT state FROM approvals_case), (SELECT round FROM approvals_case),
        (SELECT applicant_id FROM approvals_case),
        (SELECT count(*) FROM approvals_casestep WHERE state = 'ACTIVE'),
        (SELECT count(*) FROM approvals_act a JOIN approvals_case c ON c.id = a.case_id
         WHERE a.kind IN ('AGREE', 'RETURN', 'OBJECT') AND a.id > %s
           AND (a.person_id = c.applicant_id OR a.is_system <> (a.person_id IS NULL))),
        (SELECT max(id) FROM approvals_act),
        md5(concat_ws('|',
        (SELECT string_agg(t::text, ',' ORDER BY id) FROM approvals_case t),
        (SELECT string_agg(t::text, ',' ORDER BY id) FROM approvals_casestep t),
        (SELECT string_agg(t::text, ',' ORDER BY id) FROM approvals_seat t),
        (SELECT string_agg(t::text, ',' ORDER BY id) FROM approvals_copy t),
        (SELECT string_agg(t::text, ',' ORDER BY id) FROM approvals_delegation t),
        (SELECT string_agg(t::text, ',' ORDER BY id) FROM approvals_edition t),
        (SELECT count(*) FROM approvals_act), (SELECT max(id) FROM approvals_act),
        (SELECT count(*) FROM audit_record)))
"""


@dataclass(frozen=True)
class Kept:
    """Where the one case stands, and a digest of all that approvals keep."""

    state: str | None
    round: int | None
    applicant: int | None
    steps: int
    own: int
    last_act: int | None
    digest: str


def kept(since: int | None = 0) -> Kept:
    """As it is now; the database holds one case. ``own``: decisions since an act on one's own."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST, [since or 0])
        return Kept(*cursor.fetchone())


def judge_constraints() -> None:
    """What the database judges at the end of a transaction, judged now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@dataclass
class World:
    """One case of a random route in an office, and everything that happens to it."""

    office: Office
    route: Route
    chance: Random
    at: datetime = AT
    case_id: int = 0
    seen: Kept = field(default_factory=kept)
    waiting: list[Seat] = field(default_factory=list)
    actors: dict[tuple[str, date], Actor] = field(default_factory=dict)
    tell: Callable[[str], object] = print
    stale: list[int] = field(default_factory=list)

    # ── helpers ──────────────────────────────────────────────────────────────────────────

    def case(self) -> Case:
        """The case as it is now."""
        found: Case = Case.objects.select_related("unit__parent", "applicant").get(pk=self.case_id)
        return found

    def actor(self, name: str) -> Actor:
        """Who acts; duties are read once, and again when some changed."""
        key = (name, self.at.date())
        if key not in self.actors:
            self.actors[key] = self.office.actor(name, self.at)
        return self.actors[key]

    def any_name(self) -> str:
        """Anybody."""
        return self.chance.choice(NAMES)

    def often(self, of_ten: int) -> bool:
        """So many times of ten."""
        return self.chance.randrange(10) < of_ten

    def _sitting(self) -> list[str]:
        return [seat.person.name for seat in self.waiting if seat.state == SeatState.ACTIVE]

    def somebody(self) -> Actor:
        """Mostly whoever is to decide; else anybody, an account of nobody, or the system."""
        sitting = self._sitting()
        if sitting and self.often(8):
            return self.actor(self.chance.choice(sitting))
        who = self.chance.choice([*NAMES, "nobody", "system"])
        return SYSTEM if who == "system" else self.actor(who)

    def step_id(self) -> int | None:
        """The step that was seen: mostly the present one, sometimes one of long ago."""
        if self.stale and self.often(1):
            return self.chance.choice(self.stale)
        if self.often(5):
            return None
        return self.waiting[0].step_id if self.waiting else None

    def ids(self) -> list[int]:
        """One to three people to draw in."""
        pool = COLLEAGUES if self.often(8) else NAMES
        names = self.chance.choices(pool, k=self.chance.choice([1, 1, 2, 3]))
        return [self.office.people[name].pk for name in names]

    # ── what can happen ──────────────────────────────────────────────────────────────────

    def facts(self) -> dict[str, Any]:
        """Facts on both sides of every condition."""
        amount = self.chance.choice([100_00, 90_000_00])
        return {**builders.SMALL, "amount": amount, "over": self.often(5)}

    def open(self) -> None:
        """The request is sent."""
        outcome = opening.open_case(
            route=self.route, subject=self.office.subject, unit=self.office.bureau,
            applicant_id=self.office.people["asker"].pk, facts=self.facts(),
            actor=self.actor("asker"), at=self.at,
        )  # fmt: skip
        self.case_id = outcome.case.pk

    def agree(self) -> None:
        deciding.agree(
            actor=self.somebody(), case_id=self.case_id, step_id=self.step_id(), at=self.at
        )

    def send_back(self) -> None:
        before = range(self.waiting[0].step.position if self.waiting else 2)
        deciding.send_back(
            actor=self.somebody(), case_id=self.case_id, comment="改", at=self.at,
            to_position=self.chance.choice([None, None, *before, *before, 9]),
            straight=self.often(5), step_id=self.step_id(),
        )  # fmt: skip

    def stop(self) -> None:
        deciding.stop(actor=self.somebody(), case_id=self.case_id, comment="不办", at=self.at)

    def withdraw(self) -> None:
        who = "asker" if self.often(8) else self.any_name()
        opening.withdraw(actor=self.actor(who), case_id=self.case_id, at=self.at)

    def resubmit(self) -> None:
        """As a department does it; sometimes changed, or by another colleague."""
        case = opening.case_of(self.office.subject, route=self.route.key)
        assert case is not None
        who = "asker" if self.often(8) else self.chance.choice(["an", "du"])
        before = str(case.state)
        try:
            opening.resubmit(
                case=case, route=self.route, at=self.at, actor=self.actor(who),
                facts=case.facts if self.often(6) else self.facts(),
                unit=case.unit if self.often(8) else self.office.section,
            )  # fmt: skip
        except Refused as refused:
            codes = {finding.code for finding in refused.findings}
            assert codes == ({"stopped"} if before == CaseState.STOPPED else {"nobody_next"})
            raise
        assert before != CaseState.STOPPED, "what was ended for good stays ended"

    def hand_over(self) -> None:
        sharing.hand_over(
            actor=self.somebody(), case_id=self.case_id, step_id=self.step_id(), at=self.at,
            person_id=self.ids()[0],
        )  # fmt: skip

    def add(self) -> None:
        sharing.add(
            actor=self.somebody(), case_id=self.case_id, person_ids=self.ids(), at=self.at,
            before=self.often(5), step_id=self.step_id(),
        )  # fmt: skip

    def remove(self) -> None:
        """Mostly by whoever added them."""
        seats = list(
            Seat.objects.filter(step__case=self.case_id, asked_by__isnull=False)
            .select_related("asked_by__person")
            .order_by("pk")
        )
        if not seats:
            return self.agree()
        seat = self.chance.choice(seats)
        assert seat.asked_by is not None
        who = seat.asked_by.person.name if self.often(8) else self.any_name()
        sharing.remove(actor=self.actor(who), case_id=self.case_id, seat_id=seat.pk, at=self.at)
        return None

    def copy(self) -> None:
        sharing.copy(actor=self.somebody(), case_id=self.case_id, person_ids=self.ids(), at=self.at)

    def urge(self) -> None:
        sharing.urge(actor=self.somebody(), case_id=self.case_id, at=self.at)

    def delegate(self) -> None:
        """Chains and circles come by themselves."""
        today = seating.day_of(self.at)
        since = today + timedelta(days=self.chance.choice([-1, 0, 0, 1]))
        lending.delegate(
            actor=self.actor(self.any_name()),
            person_id=self.office.people[self.any_name()].pk, since=since,
            until=since + timedelta(days=self.chance.randint(1, 5)), reason="出差", at=self.at,
        )  # fmt: skip

    def end_delegation(self) -> None:
        lent = Delegation.objects.filter(ended_at=None).order_by("-pk").first()
        if lent is None:
            return self.delegate()
        who = lent.principal.name if self.often(8) else self.any_name()
        lending.end(actor=self.actor(who), delegation_id=lent.pk, at=self.at)
        return None

    def change_duty(self) -> None:
        """Somebody wins or loses a duty."""
        self.actors.clear()
        name, key = self.any_name(), self.chance.choice([SIGNER, SIGNER, CHIEF, KEEPER])
        held = Grant.objects.filter(account=self.office.accounts[name], duty=key, until=None)
        if held.exists():
            self.office.revoke(name, key, self.at)
        else:
            self.office.grant(name, key, at=self.at)

    def change_account(self) -> None:
        """Somebody's account is closed, or opened again."""
        name = self.any_name()
        account = Account.objects.get(pk=self.office.accounts[name].pk)
        self.office.suspend(name, active=not account.is_active, at=self.at)

    def leave(self) -> None:
        """Somebody leaves; the hourly round notices."""
        self.office.leaves(self.any_name(), self.at)
        self._round()

    def pass_time(self) -> None:
        """Time passes, over nights and weekends; the jobs make their round."""
        self.at += timedelta(minutes=self.chance.choice([20, 90, 600, 2000, 6000]))
        self._round()

    def _round(self) -> None:
        for step_id in tending.due_steps(self.at):
            tending.remind(step_id=step_id, at=self.at)
        for step_id in tending.all_active():
            tending.reseat(step_id=step_id, at=self.at)

    # ── what must hold ───────────────────────────────────────────────────────────────────

    def happen(self, name: str) -> None:
        """One thing happens, and everything that must hold is looked at."""
        before = self.seen
        with bus.captured() as news:
            try:
                with transaction.atomic():
                    getattr(self, name)()
                    judge_constraints()
            except (Refused, NotAllowed, ObjectDoesNotExist) as refused:
                self.tell(f"{name}: {type(refused).__name__} {refused}")
                assert kept(before.last_act) == replace(before, own=0), "it left a trace"
                return
        self.seen = kept(before.last_act)
        if self.case_id:
            self._check_news(before, news)
            assert not self.seen.own, "nobody decides their own request"
            self._check_seats()
        self.tell(f"{name}: {self.seen.state} {self._sitting()}")

    def _check_seats(self) -> None:
        seats = list(
            Seat.objects.filter(step__case=self.case_id)
            .select_related("step", "person__account", "asked_by__person")
            .order_by("pk")
        )
        waiting = self.waiting = [seat for seat in seats if seat.state in OPEN_SEATS]
        if self.seen.state != CaseState.RUNNING:
            assert not waiting, "an ended case waits for nobody"
            assert not self.seen.steps
            return
        assert self.seen.steps == 1
        step = waiting[0].step
        self.stale += [step.pk] if step.pk not in self.stale else []
        assert (step.round, step.state) == (self.seen.round, StepState.ACTIVE)
        assert {(s.step_id, s.visit) for s in waiting} == {(step.pk, step.visit)}
        assert self.seen.applicant not in {s.person_id for s in waiting}
        now = [s.person for s in waiting if s.state == SeatState.ACTIVE]
        assert now, "a running case waits for somebody"
        state_of = {seat.pk: seat.state for seat in seats}
        for seat in waiting:
            if seat.asked_by_id is not None:
                fitting = {*OPEN_SEATS, SeatState.AGREED}
                fitting = {SeatState.PAUSED} if seat.origin == Origin.BEFORE else fitting
                assert state_of[seat.asked_by_id] in fitting, "somebody waits for what they do"
        parents = {seat.pk: seat.asked_by_id for seat in seats}
        waited = {top for seat in waiting for top in _upwards(seat.asked_by_id, parents)}
        paused = {seat.pk for seat in waiting if seat.state == SeatState.PAUSED}
        assert paused <= waited, "who waits for colleagues has some to wait for"
        if not any(person.left_on is None and person.account.is_active for person in now):
            # The old people stay only where there is nobody at all who could name others.
            moved = tending.reseat(step_id=step.pk, at=self.at)
            assert moved or not seating.keepers(self.case(), at=self.at), "somebody was there"
            self.seen = kept()
            if moved:
                self._check_seats()

    def _check_news(self, before: Kept, news: list[Any]) -> None:
        told = [type(each) for each in news]
        state_now = self.seen.state
        same = (before.state, before.round) == (state_now, self.seen.round)
        for kind, state in (
            (CaseAgreed, CaseState.AGREED),
            (CaseReturned, CaseState.RETURNED),
            (CaseWithdrawn, CaseState.WITHDRAWN),
            (CaseStopped, CaseState.STOPPED),
        ):
            wanted = int(state_now == state and not same)
            assert told.count(kind) == wanted, f"{kind.__name__} is told once, when it comes"

    def run_out(self) -> None:
        """From here whoever is to decide agrees: the case comes to its end in so many steps."""
        self.at = datetime.combine(self.at.date() + timedelta(days=1), time(9), SHANGHAI)
        self._round()
        for _ in range(60):
            if self.case().state != CaseState.RUNNING:
                return
            seat = Seat.objects.filter(step__case=self.case_id, state=SeatState.ACTIVE)
            one = seat.select_related("person").order_by("pk").first()
            assert one is not None
            try:
                with transaction.atomic():
                    self._push(one)
                    judge_constraints()
            except Refused as refused:
                codes = {finding.code for finding in refused.findings}
                assert codes <= {"nobody_next", "duty_lost"}, codes
                assert not seating.keepers(self.case(), at=self.at)
                return
        raise AssertionError("the case goes round for ever")

    def _push(self, seat: Seat) -> None:
        actor = self.actor(seat.person.name)
        if seat.origin == Origin.KEEPER:
            free = self.office.people["fu"]
            there = Seat.objects.filter(step=seat.step, visit=seat.visit, person=free)
            person = self.office.people["gu"] if there.exists() else free
            sharing.hand_over(actor=actor, case_id=self.case_id, person_id=person.pk, at=self.at)
        else:
            deciding.agree(actor=actor, case_id=self.case_id, at=self.at)


def _upwards(seat: int | None, parents: dict[int, int | None]) -> Iterator[int]:
    while seat is not None:
        yield seat
        seat = parents[seat]


WEIGHTS = {
    "agree": 22,
    "send_back": 7,
    "stop": 1,
    "withdraw": 2,
    "resubmit": 2,
    "hand_over": 5,
    "add": 9,
    "remove": 4,
    "copy": 1,
    "urge": 1,
    "delegate": 4,
    "end_delegation": 2,
    "change_duty": 5,
    "change_account": 3,
    "leave": 1,
    "pass_time": 4,
}
HAPPENINGS = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
ENDED = ["resubmit"] * len(HAPPENINGS) * 2 + HAPPENINGS
AFTER_THE_END = 2  # acts on a case that was ended for good: all of them are refused


def world_office(*, kept: bool) -> Office:
    """The office with two colleagues nobody meddles with and an account of nobody.

    ``kept``: whether somebody keeps the routes from the start; the duty comes and goes in any case.
    """
    made = builders.office()
    keeps = [(KEEPER, Reach.BELOW, made.bureau)] if kept else []
    made.hire("keeper", made.bureau, *keeps)
    made.hire("gu", made.bureau)
    made.accounts["nobody"] = builders.access.account("nobody", None, (SIGNER, Reach.CITY, None))
    return made


def live(
    office: Office, route: Route, chance: Random, *, acts: int, tell: Callable[[str], object]
) -> None:
    """A whole life of a case; leaves the database as it was. ``tell`` is told the story."""
    with transaction.atomic():
        world = World(office=office, route=route, chance=chance, tell=tell)
        if world.often(5):
            world.happen("delegate")
        world.happen("open")
        if world.case_id:
            for left in range(acts, 0, -1):
                if world.seen.state == CaseState.STOPPED and left > AFTER_THE_END:
                    continue
                ended = world.seen.state != CaseState.RUNNING
                world.happen(chance.choice(ENDED if ended else HAPPENINGS))
            if world.often(2):
                world.run_out()
        transaction.set_rollback(True)
