"""A survey of the small city, at the stage a test asks for."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.actions import survey_reports, surveys
from guanjia.domains.space.actions import survey_review as review
from guanjia.domains.space.models import Survey, SurveyReturn, SurveyRoom
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import DoubtState, Entry, ReturnState, Severity, SurveyKind
from guanjia.domains.space.tests.builders import TODAY, City
from guanjia.kernel.access.tests.builders import AT, SYSTEM

HOUR = timedelta(hours=1)
FACTS = {"established": 40, "present": 4, "leased_m2": Decimal(0), "leased_rent_fen": 0}


@dataclass
class Scene:
    """A city with a survey, and what people do with its returns."""

    city: City
    survey: Survey

    def filing(self, unit: str = "farming") -> SurveyReturn:
        """The return of a unit as it stands now."""
        found: SurveyReturn = SurveyReturn.objects.select_related("unit", "survey").get(
            survey=self.survey, unit=self.city.units[unit]
        )
        return found

    def row(self, number: str, unit: str = "farming") -> SurveyRoom:
        """A room of a return by its number."""
        found: SurveyRoom = self.filing(unit).rooms.get(number=number)
        return found

    def told(self, number: str, unit: str = "farming", **facts: Any) -> dict[str, Any]:
        """A room as it is filled in: what the return has, with some facts changed."""
        row = self.filing(unit).rooms.filter(number=number).first()
        people = [one for one in self.city.people.values() if row and one.pk in row.people]
        base = {
            "compound": "市发展中心北苑",
            "building": "常委楼",
            "floor": int(number[0]) if number[0].isdigit() else 1,
            "number": number,
            "entry": Entry(row.entry) if row else Entry.ADDED,
            "kind": RoomKind(row.kind) if row else RoomKind.OFFICE,
            "usable_m2": row.usable_m2 if row else Decimal(20),
            "state": RoomState(row.state) if row else RoomState.IN_USE,
            "people": people,
            "why": row.why if row else "",
        }
        return {**base, **facts}

    def fill(self, *rows: dict[str, Any], who: str = "clerk", unit: str = "farming") -> Any:
        """Somebody fills rooms in."""
        return filling.fill_rooms(
            actor=self.city.actor(who), filing_id=self.filing(unit).pk, rows=rows, at=AT + HOUR
        )

    def facts(self, who: str = "clerk", unit: str = "farming", **facts: Any) -> SurveyReturn:
        """Somebody fills the facts of the unit in."""
        return filling.fill_facts(
            actor=self.city.actor(who), filing_id=self.filing(unit).pk, facts=FACTS | facts,
            at=AT + HOUR,
        )  # fmt: skip

    def codes(self, unit: str = "farming", state: DoubtState = DoubtState.OPEN) -> list[str]:
        """The codes of the doubts of a return in a state."""
        rows = self.filing(unit).doubts.filter(state=state).order_by("code")
        return list(rows.values_list("code", flat=True))

    def explain_all(self, who: str = "clerk", unit: str = "farming") -> None:
        """Say something about all that must be explained."""
        rows = self.filing(unit).doubts.filter(severity=Severity.DOUBT, state=DoubtState.OPEN)
        for doubt in rows:
            filling.explain_doubt(
                actor=self.city.actor(who),
                survey_doubt_id=doubt.pk,
                explanation="已核实，情况属实",
                at=AT + HOUR,
            )

    def sent(self, who: str = "clerk", unit: str = "farming") -> SurveyReturn:
        """Filled in and sent to the unit's head."""
        self.facts(who, unit)
        self.explain_all(who, unit)
        return filling.send_return(
            actor=self.city.actor(who), filing_id=self.filing(unit).pk, at=AT + 2 * HOUR
        )

    def approved(self, who: str = "clerk", head: str = "chief", unit: str = "farming") -> Any:
        """Agreed to by the unit's head: it is with the bureau."""
        self.sent(who, unit)
        return review.approve_return(
            actor=self.city.actor(head), filing_id=self.filing(unit).pk, at=AT + 3 * HOUR
        )

    def accepted(self, who: str = "clerk", head: str = "chief", unit: str = "farming") -> Any:
        """Accepted by the bureau."""
        self.approved(who, head, unit)
        return review.accept_return(
            actor=self.city.actor("keeper"), filing_id=self.filing(unit).pk, at=AT + 4 * HOUR
        )

    def accepted_all(self) -> None:
        """Both units are through."""
        self.accepted()
        self.accepted("stranger", "stranger_chief", "other")


def survey(city: City, title: str = "2020年办公用房统计年报", **more: Any) -> Scene:
    """A survey of every unit with rooms, just planned."""
    plan = surveys.Plan(
        **{
            "title": title,
            "kind": SurveyKind.YEARLY,
            "as_of": TODAY,
            "due_on": TODAY + timedelta(days=10),
            **more,
        }
    )
    return Scene(city, surveys.plan_survey(actor=city.actor("keeper"), plan=plan, at=AT))


def furnish(city: City) -> None:
    """Two surveys of 农业农村局: one with a doubt under way, one published with a difference.

    For the house, whose people have no duties here: the system does it all.
    """
    for title in ("2020年办公用房统计年报", "2020年办公用房专项摸底"):
        plan = surveys.Plan(
            title=title, kind=SurveyKind.YEARLY, as_of=TODAY, due_on=TODAY + timedelta(days=10),
            units=[city.units["farming"].pk],
        )  # fmt: skip
        scene = Scene(city, surveys.plan_survey(actor=SYSTEM, plan=plan, at=AT))
        _furnish(scene)
    _accept(scene)
    survey_reports.publish_survey(actor=SYSTEM, survey_id=scene.survey.pk, at=AT)


def _furnish(scene: Scene) -> None:
    row = scene.filing().rooms.first()
    told = {
        name: getattr(row, name) for name in ("compound", "building", "floor", "number", "kind")
    } | {"entry": Entry.KEPT, "state": RoomState(row.state), "people": [], "why": ""}
    filing_id = scene.filing().pk
    filling.fill_rooms(
        actor=SYSTEM, filing_id=filing_id, rows=[told | {"usable_m2": Decimal(300)}], at=AT
    )
    filling.fill_facts(actor=SYSTEM, filing_id=filing_id, facts=FACTS, at=AT)


def _accept(scene: Scene) -> None:
    filing = scene.filing()
    for doubt in filing.doubts.filter(severity=Severity.DOUBT, state=DoubtState.OPEN):
        filling.explain_doubt(actor=SYSTEM, survey_doubt_id=doubt.pk, explanation="已核实", at=AT)
    if filling.send_return(actor=SYSTEM, filing_id=filing.pk, at=AT).state == ReturnState.SENT:
        review.approve_return(actor=SYSTEM, filing_id=filing.pk, at=AT)
    review.accept_return(actor=SYSTEM, filing_id=filing.pk, at=AT)


def under_way() -> SurveyReturn:
    """The return that is being filled in, of what ``furnish`` made."""
    found: SurveyReturn = SurveyReturn.objects.get(state=ReturnState.FILLING)
    return found
