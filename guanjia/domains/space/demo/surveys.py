"""统计摸底 of the demo: one finished and published, the yearly one half done."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from guanjia.demo.accounts import RED_CROSS
from guanjia.domains.space.actions import survey_adopting, survey_reports, surveys
from guanjia.domains.space.actions import survey_filling as filling
from guanjia.domains.space.actions import survey_review as review
from guanjia.domains.space.models import (
    Survey,
    SurveyDifference,
    SurveyDoubt,
    SurveyReturn,
    SurveyRoom,
)
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.surveys import DoubtState, Entry, Severity, SurveyKind
from guanjia.kernel.access import duties
from guanjia.kernel.access import queries as access
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Actor, Held, Reach
from guanjia.kernel.values.period import SHANGHAI

_KEEPER, _CLERK, _HEAD = "pengminci", "suxiao", "yuxinhua"
_DAY = timedelta(days=1)
_WORDS = (
    "已现场核实，数据无误。",
    "机构改革后人员划转，房间没有相应调整，正在清理。",
    "含档案、资料用房，台账类别正在更正。",
)
_MEASURED, _MOVED, _GIVEN_BACK = "重新测量", "科室调整，使用人变动", "已移交，等登记"
# Of the yearly survey: how many units are through, wait for the bureau, have begun.
_THROUGH, _WAITING, _BEGUN = 0.45, 0.6, 0.75


def live(*, at: datetime, rng: Random) -> None:
    """Both surveys; ``at``: the moment of the demo."""
    _finished(at, rng)
    _half_done(at, rng)


def _finished(at: datetime, rng: Random) -> None:
    begun = at - 29 * _DAY  # the accounts of the demo are a month old
    survey = _plan(
        f"{_day(begun).year}年办公用房专项摸底", SurveyKind.ONCE, begun, days=12,
        notice="逐间核对面积、类别和使用人，摸清闲置底数。",
    )  # fmt: skip
    filings = _filings(survey)
    changed = {filing.pk for filing in filings[2:20:3]}
    for filing in filings:
        _fill(filing, begun + rng.randrange(2, 11) * _DAY, rng, changes=filing.pk in changed)
    done = begun + 12 * _DAY
    _through(filings, done)
    survey_reports.publish_survey(actor=_actor(_KEEPER, done), survey_id=survey.pk, at=done + _DAY)
    _decide(survey, done + 2 * _DAY)


def _half_done(at: datetime, rng: Random) -> None:
    begun = at - 12 * _DAY
    survey = _plan(
        f"{_day(begun).year}年办公用房统计年报", SurveyKind.YEARLY, begun, days=15,
        notice="填报单已按台账预填，与台账不同的写原因；租用的办公用房填在单位情况里。",
    )  # fmt: skip
    filings = _filings(survey)
    count = len(filings)
    own = next(filing for filing in filings if filing.unit.code == RED_CROSS)
    others = [filing for filing in filings if filing.pk != own.pk]
    begun_, waiting, through = (round(count * share) for share in (_BEGUN, _WAITING, _THROUGH))
    for place, filing in enumerate(others[:waiting]):
        _fill(filing, begun + rng.randrange(2, 10) * _DAY, rng, changes=place % 4 == 1)
    _through(others[:through], begun + 11 * _DAY)
    back = others[through]
    review.send_back(
        actor=_actor(_KEEPER, at), filing_id=back.pk, why="会议室面积与平面图不符，核对后重报。",
        at=at - _DAY,
    )  # fmt: skip
    for filing in others[waiting:begun_]:
        _facts(filing, _of_unit(filing), begun + 5 * _DAY)
    _of_the_clerk(own, begun + 4 * _DAY)
    surveys.remind(
        actor=_actor(_KEEPER, at), survey_id=survey.pk, at=at - 2 * _DAY,
        filing_ids=[filing.pk for filing in others[begun_:]],
    )  # fmt: skip


def _plan(title: str, kind: SurveyKind, at: datetime, *, days: int, notice: str) -> Survey:
    plan = surveys.Plan(
        title=title, kind=kind, as_of=_day(at), due_on=_day(at) + days * _DAY, notice=notice
    )
    return surveys.plan_survey(actor=_actor(_KEEPER, at), plan=plan, at=at)


def _filings(survey: Survey) -> list[SurveyReturn]:
    return list(survey.returns.select_related("unit").order_by("unit__position", "pk"))


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _actor(username: str, at: datetime) -> Actor:
    return access.actor_named(username=username, on=_day(at))


def _of_unit(filing: SurveyReturn) -> Actor:
    """Somebody of the unit who fills its return in; most units of the demo have no account."""
    unit = filing.unit
    person = Person.objects.serving().filter(unit__path__startswith=unit.path).last()
    duty = next(each for each in duties.all_duties() if each.key == "space.clerk")
    held = Held(
        duty=duty.key, title=duty.title, verbs=duty.verbs | duty.reads, reach=Reach.BELOW,
        unit_id=unit.pk, unit_path=unit.path,
    )  # fmt: skip
    return Actor(
        name=person.name if person else str(unit), person_id=person.pk if person else None,
        unit_id=unit.pk, unit_name=str(unit), held=(held,),
    )  # fmt: skip


def _facts(filing: SurveyReturn, actor: Actor, at: datetime, **more: Any) -> None:
    people = {pk for ids in filing.rooms.values_list("people", flat=True) for pk in ids}
    present = max(filing.established or 0, len(people)) or 1
    facts = {
        "established": filing.established if filing.established is not None else present,
        "present": present, "leased_m2": Decimal(0), "leased_rent_fen": 0, **more,
    }  # fmt: skip
    filling.fill_facts(actor=actor, filing_id=filing.pk, facts=facts, at=at)


def _fill(filing: SurveyReturn, at: datetime, rng: Random, *, changes: bool) -> None:
    """Facts, perhaps a room that is otherwise, words about doubts, and up."""
    actor = _of_unit(filing)
    if changes:
        _change(filing, actor, at, rng)
    _facts(filing, actor, at)
    _explain(filing, actor, at, rng)
    if not _open(filing).exists():
        filling.send_return(actor=actor, filing_id=filing.pk, at=at)


def _open(filing: SurveyReturn) -> Any:
    return SurveyDoubt.objects.filter(filing=filing).blocking()


def _explain(filing: SurveyReturn, actor: Actor, at: datetime, rng: Random) -> None:
    for doubt in _open(filing).filter(severity=Severity.DOUBT, state=DoubtState.OPEN):
        filling.explain_doubt(
            actor=actor, survey_doubt_id=doubt.pk, explanation=rng.choice(_WORDS), at=at
        )  # fmt: skip


def _told(row: SurveyRoom, **more: Any) -> dict[str, Any]:
    return {
        "compound": row.compound, "building": row.building, "floor": row.floor,
        "number": row.number, "entry": Entry(row.entry), "kind": RoomKind(row.kind),
        "usable_m2": row.usable_m2, "state": RoomState(row.state),
        "people": list(Person.objects.filter(pk__in=row.people)), "why": row.why, **more,
    }  # fmt: skip


def _change(filing: SurveyReturn, actor: Actor, at: datetime, rng: Random) -> None:
    rows = list(filing.rooms.all())
    if not rows:
        return
    told = []
    area = rows[0].usable_m2 or Decimal(20)
    told.append(_told(rows[0], usable_m2=area + rng.choice((Decimal("0.6"), Decimal("-0.4"))),
                      why=_MEASURED))  # fmt: skip
    seated = next((row for row in rows[1:] if row.people), None)
    if seated is not None:
        told.append(_told(seated, people=[], why=_MOVED))
    if len(rows) > 5:  # noqa: PLR2004 — a unit with few rooms gives none back
        told.append(_told(rows[-1], entry=Entry.STRUCK, why=_GIVEN_BACK))
    filling.fill_rooms(actor=actor, filing_id=filing.pk, rows=told, at=at)


def _through(filings: Sequence[SurveyReturn], at: datetime) -> None:
    """Approved where the unit has a head, and accepted; what could not be sent is excused."""
    keeper, head = _actor(_KEEPER, at), _actor(_HEAD, at)
    for each in filings:
        filing = SurveyReturn.objects.get(pk=each.pk)
        if filing.state == "SENT":
            review.approve_return(actor=head, filing_id=filing.pk, at=at)
        if filing.state == "FILLING":
            review.excuse_return(actor=keeper, filing_id=filing.pk, why="按台账统计", at=at)
            continue
        review.accept_return(actor=keeper, filing_id=filing.pk, at=at)


def _of_the_clerk(filing: SurveyReturn, at: datetime) -> None:
    """The return that the demo's clerk finds: begun, with doubts to explain and to put right."""
    actor = _actor(_CLERK, at)
    rows = list(filing.rooms.all())
    filling.fill_facts(
        actor=actor, filing_id=filing.pk, at=at,
        facts={"established": filing.established or len(rows), "leased_m2": Decimal(0)},
    )  # fmt: skip
    if len(rows) < 3:  # noqa: PLR2004 — the rooms that are told of below
        return
    filling.fill_rooms(
        actor=actor, filing_id=filing.pk, at=at,
        rows=[
            _told(rows[0], usable_m2=(rows[0].usable_m2 or Decimal(20)) * 10),
            _told(rows[1], usable_m2=(rows[1].usable_m2 or Decimal(20)) + 1, why=_MEASURED),
            _told(rows[2], entry=Entry.STRUCK, why=_GIVEN_BACK),
        ],
    )  # fmt: skip


def _decide(survey: Survey, at: datetime) -> None:
    """A few differences went into the ledger, one was not taken; the rest waits."""
    keeper = _actor(_KEEPER, at)
    rows = SurveyDifference.objects.filter(row__filing__survey=survey).order_by("pk")
    areas = list(rows.filter(kind="AREA"))
    for each in areas[:3]:
        survey_adopting.adopt_difference(actor=keeper, difference_id=each.pk, since=_day(at), at=at)
    for each in areas[3:4]:
        survey_adopting.decline_difference(
            actor=keeper, difference_id=each.pk, why="以竣工测绘报告为准。", at=at
        )
