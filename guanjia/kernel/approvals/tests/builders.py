"""A small office in which everything of an approval can happen; made by calling actions.

office = builders.office()
case = office.open(steps=(step("first"),))
office.agree(case, "an")
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from PIL import Image, ImageDraw

from guanjia.kernel.access import duties, subjects
from guanjia.kernel.access.duties import Duty
from guanjia.kernel.access.models import Account, Grant
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.access.tests import builders as access
from guanjia.kernel.approvals import queries, routes
from guanjia.kernel.approvals.actions import deciding, lending, opening, sharing
from guanjia.kernel.approvals.actions.opening import Outcome
from guanjia.kernel.approvals.models import Case, CaseStep, Delegation, Seat
from guanjia.kernel.approvals.routes import Condition, Fact, FactKind, Holder, Op, Route, Step, duty
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.org.tests import builders as org
from guanjia.kernel.org.tests.builders import AT
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, Reach

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SIGN, HEAD, NOBODY = "tests.sign", "tests.head", "tests.nobody"
SIGNER, CHIEF, VACANT, KEEPER = "tests.signer", "tests.chief", "tests.vacant", "approvals.keeper"
SUBJECT = "org.unit"
FACTS = (
    Fact(key="amount", title="金额", kind=FactKind.MONEY, unit="元"),
    Fact(key="over", title="超标准", kind=FactKind.YES_NO),
    Fact(key="level", title="层级", kind=FactKind.CHOICE, choices=(("city", "市"), ("town", "县"))),
    Fact(key="area", title="面积", kind=FactKind.NUMBER, unit="平方米"),
)
SMALL: Mapping[str, Any] = {"amount": 100_00, "over": False, "level": "city", "area": 10}
BIG: Mapping[str, Any] = {**SMALL, "amount": 90_000_00}
IS_BIG = Condition(fact="amount", op=Op.ABOVE, value=50_000_00)


def declare() -> None:
    """Make the tests' duties and rows known; undone by the fixture that calls it."""
    duties.declare(
        Duty(key=SIGNER, title="科长", verbs=frozenset({SIGN})),
        Duty(key=CHIEF, title="局长", verbs=frozenset({HEAD})),
        Duty(key=VACANT, title="空缺的职责", verbs=frozenset({NOBODY})),
    )
    duties.name_verbs({SIGN: "科室审批", HEAD: "领导审批", NOBODY: "没人审批"})
    subjects.declare(
        Subject(
            model=SUBJECT,
            title="单位",
            page="portal:unit",
            sees=lambda actor, row_id: actor.unit_id == row_id,
        )
    )


def step(key: str, holder: Holder | None = None, **facts: Any) -> Step:
    """A step that whoever holds ``tests.sign`` decides, unless told otherwise."""
    return Step(key=key, title=f"步骤{key}", holder=holder or duty(SIGN), **facts)


def route(*steps: Step, key: str = "tests.route") -> Route:
    """A route about units."""
    return Route(
        key=key,
        title="试办",
        subject=SUBJECT,
        steps=steps or (step("first"),),
        verbs=(SIGN, HEAD, NOBODY),
        facts=FACTS,
    )


@dataclass
class Office:
    """A bureau with a section below a city, its people by short names, and rows to ask about.

    ``asker`` asks. ``an``, ``bo``, ``cai`` hold ``tests.sign`` for the bureau and below, ``head``
    holds ``tests.head``, ``mayor`` both for the city; ``du``, ``en``, ``fu`` are colleagues without
    a duty; ``clerk`` sits in the section; ``stranger`` is of another bureau.
    """

    city: Unit
    bureau: Unit
    section: Unit
    other: Unit
    subject: Unit
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    known: list[tuple[Step, ...]] = field(default_factory=list)

    def actor(self, name: str, at: datetime = AT) -> Actor:
        """Who acts, with the duties of the day."""
        return access.actor(self.accounts[name], at.date())

    def hire(self, name: str, at: Unit | None = None, *given: access.Given) -> Person:
        """Somebody with an account and duties."""
        self.people[name] = org.person(f"n-{name}", at or self.bureau, name=name)
        self.accounts[name] = access.account(name, self.people[name], *given)
        return self.people[name]

    def grant(self, name: str, key: str, unit: Unit | None = None, at: datetime = AT) -> Grant:
        """Give somebody a duty for the bureau and below."""
        return access.actions.grant(
            actor=org.SYSTEM,
            account_id=self.accounts[name].pk,
            duty=key,
            reach=Reach.BELOW,
            unit_id=(unit or self.bureau).pk,
            since=date(2000, 1, 1),
            at=at,
        )

    def revoke(self, name: str, key: str, at: datetime = AT) -> None:
        """Take a duty back, from this day on."""
        for given in Grant.objects.filter(account=self.accounts[name], duty=key, until=None):
            access.actions.revoke(actor=org.SYSTEM, grant_id=given.pk, until=at.date(), at=at)

    def suspend(self, name: str, *, active: bool = False, at: datetime = AT) -> None:
        """Close somebody's account, or open it again."""
        access.actions.set_active(
            actor=org.SYSTEM, account_id=self.accounts[name].pk, active=active, at=at
        )

    def leaves(self, name: str, at: datetime = AT) -> None:
        """Somebody leaves the service; nothing else hears of it."""
        Person.objects.filter(pk=self.people[name].pk).update(left_on=at.date())

    @transaction.atomic
    def open(
        self,
        *steps: Step,
        facts: Mapping[str, Any] = SMALL,
        key: str | None = None,
        subject: Unit | None = None,
        unit: Unit | None = None,
        by: str | None = "asker",
        at: datetime = AT,
    ) -> Case:
        """A case on a route of these steps; the same steps are the same route."""
        if steps not in self.known:
            self.known.append(steps)
        name = key or f"tests.route{self.known.index(steps) or ''}"
        return opening.open_case(
            route=route(*steps, key=name),
            subject=subject or self.subject,
            unit=unit or self.bureau,
            applicant_id=self.people[by].pk if by else None,
            actor=self.actor(by, at) if by else org.SYSTEM,
            facts=facts,
            at=at,
        ).case

    @transaction.atomic
    def resubmit(
        self,
        case: Case,
        *,
        facts: Mapping[str, Any] | None = None,
        unit: Unit | None = None,
        by: str = "asker",
        at: datetime = AT,
    ) -> Outcome:
        """Send a case again, as a department does: under the lock of its row."""
        subject = Unit.objects.select_for_update().get(pk=case.subject_id)
        locked = opening.case_of(subject, route=case.route)
        assert locked is not None
        known = routes.get(case.route) or route(key=case.route)
        return opening.resubmit(
            case=locked,
            route=known,
            unit=unit or locked.unit,
            actor=self.actor(by, at),
            facts=locked.facts if facts is None else facts,
            at=at,
        )

    def agree(self, case: Case, name: str, at: datetime = AT, **facts: Any) -> Outcome:
        """Somebody agrees."""
        return deciding.agree(actor=self.actor(name, at), case_id=case.pk, at=at, **facts)

    def send_back(
        self, case: Case, name: str, to: int | None = None, at: datetime = AT, **facts: Any
    ) -> Outcome:
        """Somebody sends it back."""
        return deciding.send_back(
            actor=self.actor(name, at), case_id=case.pk, to_position=to, at=at,
            **{"comment": "请改", **facts},
        )  # fmt: skip

    def stop(self, case: Case, name: str, comment: str = "不办", at: datetime = AT) -> Outcome:
        """Somebody ends it for good."""
        return deciding.stop(actor=self.actor(name, at), case_id=case.pk, comment=comment, at=at)

    def withdraw(self, case: Case, name: str = "asker", at: datetime = AT) -> Outcome:
        """The one who asked takes it back."""
        return opening.withdraw(actor=self.actor(name, at), case_id=case.pk, at=at)

    def hand(self, case: Case, name: str, to: str, at: datetime = AT, **facts: Any) -> Outcome:
        """Somebody hands their part over."""
        return sharing.hand_over(
            actor=self.actor(name, at), case_id=case.pk, person_id=self.people[to].pk, at=at,
            **facts,
        )  # fmt: skip

    def add(
        self, case: Case, name: str, *others: str, before: bool = True, at: datetime = AT
    ) -> Outcome:
        """Somebody adds colleagues before or after themselves."""
        return sharing.add(
            actor=self.actor(name, at), case_id=case.pk, before=before, at=at,
            person_ids=[self.people[other].pk for other in others],
        )  # fmt: skip

    def remove(self, case: Case, name: str, other: str, at: datetime = AT) -> Outcome:
        """Somebody takes an added colleague back."""
        seat = Seat.objects.filter(step__case=case, person=self.people[other]).latest("pk")
        return sharing.remove(actor=self.actor(name, at), case_id=case.pk, seat_id=seat.pk, at=at)


def office() -> Office:
    """The office, with nobody on leave and no keeper of routes."""
    city = org.unit("3602")
    bureau = org.unit("B1", city)
    section = org.unit("B1S", bureau, nature=Nature.SECTION)
    other = org.unit("B2", city)
    made = Office(city, bureau, section, other, subject=org.unit("ROW", city))
    signs, heads = (SIGNER, Reach.BELOW, bureau), (CHIEF, Reach.BELOW, bureau)
    made.hire("asker", bureau, signs, heads)  # holds the duties, but never over their own request
    for name in ("an", "bo", "cai"):
        made.hire(name, bureau, signs)
    made.hire("head", bureau, heads)
    for name in ("du", "en", "fu"):
        made.hire(name, bureau)
    made.hire("clerk", section)
    made.hire("mayor", city, (SIGNER, Reach.BELOW, city), (CHIEF, Reach.BELOW, city))
    made.hire("stranger", other, (SIGNER, Reach.BELOW, other))
    return made


# ── what became of it ────────────────────────────────────────────────────────────────────


def active(case: Case) -> CaseStep:
    """The step that waits."""
    found = queries.active_step(case)
    assert found is not None
    return found


def hands(case: Case) -> list[str]:
    """The names of those in whose hands a case is."""
    return [person.name for person in queries.deciders(case)]


def seats(case: Case) -> list[tuple[str, str]]:
    """Everybody's seat on the present visit of the active step."""
    at = active(case)
    rows = at.seats.filter(visit=at.visit).select_related("person").order_by("place", "pk")
    return [(seat.person.name, str(seat.state)) for seat in rows]


def kinds(case: Case) -> list[str]:
    """What was done, in order."""
    return [act.kind for act in queries.history(case)]


def told(case: Case, *wanted: str) -> list[tuple[str, str, str]]:
    """Who did what to whom, for some kinds of acts."""
    return [(act.name, act.behalf, act.to) for act in queries.history(case) if act.kind in wanted]


def state(case: Case) -> str:
    """Where it stands."""
    case.refresh_from_db()
    return str(case.state)


def steps_of(case: Case) -> list[tuple[str, str]]:
    """The steps of the present round and where they stand."""
    case.refresh_from_db()
    return [(each.key, str(each.state)) for each in queries.steps(case)]


def open_names(case: Case) -> Sequence[str]:
    """Everybody who still has a part: present, paused or to come."""
    return [seat.person.name for seat in queries.open_seats(case)]


def code_of(call: Any) -> str:
    """The code of the one finding a call is refused with."""
    with pytest.raises(Refused) as refused:
        call()
    (finding,) = refused.value.findings
    assert finding.headline
    assert len(finding.text()) > 5
    return finding.code


def drawn() -> bytes:
    """A signature as a screen sends it."""
    image = Image.new("RGBA", (300, 120), (255, 255, 255, 0))
    ImageDraw.Draw(image).line([(10, 100), (150, 20), (290, 90)], fill=(0, 0, 0, 255), width=4)
    made = BytesIO()
    image.save(made, "PNG")
    return made.getvalue()


def lend(
    office: Office, name: str, to: str, days: tuple[int, int] = (0, 5), at: datetime = AT
) -> Delegation:
    """Somebody lets a colleague decide for some days, counted from today."""
    first, last = (at.date() + n * DAY for n in days)
    return lending.delegate(
        actor=office.actor(name, at), person_id=office.people[to].pk, since=first, until=last,
        reason="出差", at=at,
    )  # fmt: skip
