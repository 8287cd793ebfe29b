"""Surveys (统计摸底), units' returns and how far they are, for whoever may see them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import TruncDate

from guanjia.domains.space.models import (
    Holding,
    Room,
    Survey,
    SurveyDifference,
    SurveyDoubt,
    SurveyReturn,
    SurveyRoom,
)
from guanjia.domains.space.queries import standards
from guanjia.domains.space.rules import reconcile
from guanjia.domains.space.rules.allocations import day
from guanjia.domains.space.terms.ledger import RoomKind, RoomState
from guanjia.domains.space.terms.reconcile import Differs, Mismatch, RoomReturned, RoomTold
from guanjia.domains.space.terms.surveys import (
    DIFFERENCE_LIFE,
    DOUBT_LIFE,
    OUTSTANDING,
    RETURN_LIFE,
    SURVEY_LIFE,
    DiffKind,
    DiffState,
    DoubtState,
    Entry,
    PersonFiled,
    Progress,
    ReturnState,
    RoomFiled,
    SurveyState,
    UnitFiled,
)
from guanjia.kernel.access.subjects import Subject
from guanjia.kernel.org.models import Person
from guanjia.kernel.values.actor import Scope
from guanjia.kernel.values.period import SHANGHAI

SEE, PLAN = "space.survey.see", "space.survey.plan"
FILL, APPROVE, REVIEW = "space.survey.fill", "space.survey.approve", "space.survey.review"
ADOPT = "space.room.enter"
WAITS_FOR_UNIT = (ReturnState.FILLING, ReturnState.SENT)


# ── surveys ──────────────────────────────────────────────────────────────────────────────


def surveys(scope: Scope) -> Any:
    """The surveys that ask a unit inside the scope, with how many of its returns are through."""
    inside = Q() if scope.everything else Q(returns__in=SurveyReturn.objects.within(scope))
    through = inside & Q(returns__state=ReturnState.ACCEPTED)
    return Survey.objects.within(scope).annotate(
        units=Count("returns", filter=inside, distinct=True),
        through=Count("returns", filter=through, distinct=True),
    )


def survey(*, scope: Scope, survey_id: int) -> Survey:
    """One survey; ``Survey.DoesNotExist`` outside the scope."""
    found: Survey = surveys(scope).get(pk=survey_id)
    return found


def _survey_now(found: Survey) -> str:
    owing = found.returns.filter(state__in=WAITS_FOR_UNIT).count()
    told = f"，还有 {owing} 个单位没有报到" if owing else ""
    return f"截至 {day(found.as_of)}，{day(found.due_on)}前上报{told}"


SURVEYS = Subject(
    model="space.survey", title="统计摸底", page="space:survey", key="survey_id", path="surveys",
    stem="survey", see=SEE, rows=surveys, life=SURVEY_LIFE, name="title",
    listed=("统计摸底", "space:surveys_list"), now=_survey_now,
)  # fmt: skip


def choices(scope: Scope) -> list[tuple[int, str]]:
    """The surveys of the scope, for a filter."""
    rows = Survey.objects.within(scope).order_by("-as_of", "-pk")
    return list(rows.values_list("pk", "title"))


# ── returns ──────────────────────────────────────────────────────────────────────────────


def returns(scope: Scope) -> Any:
    """The returns inside the scope, with rooms, space, open doubts and the last reminder."""
    rows = SurveyReturn.objects.within(scope).select_related("survey", "unit", "sent_by")
    return rows.annotate(reminded_at=Max("reminders__at"))


def filing(*, scope: Scope, filing_id: int) -> SurveyReturn:
    """One return; ``SurveyReturn.DoesNotExist`` outside the scope."""
    found: SurveyReturn = (
        SurveyReturn.objects.within(scope)
        .select_related("survey", "unit", "sent_by", "approved_by", "accepted_by")
        .get(pk=filing_id)
    )
    return found


RETURNS = Subject(
    model="space.surveyreturn", title="统计填报单", page="space:survey_return", key="filing_id",
    path="surveys/returns", stem="survey_return", see=SEE, rows=returns, life=RETURN_LIFE,
    beside=("survey", "unit"), listed=("统计填报单", "space:survey_returns_list"),
    now=lambda found: f"{found.unit.shown}，{found.survey.title}",
)  # fmt: skip


def late(today: date) -> Q:
    """Returns whose time is over and that never came to the bureau."""
    return Q(
        state__in=WAITS_FOR_UNIT, reported_at=None, survey__due_on__lt=today,
        survey__state=SurveyState.OPEN,
    )  # fmt: skip


def in_time() -> Q:
    """Returns that came to the bureau in time; needs ``reported_on`` of ``with_day``."""
    return Q(reported_on__lte=F("survey__due_on"))


def with_day(rows: Any) -> Any:
    """Returns with the day on which they first came to the bureau, as ``reported_on``."""
    return rows.annotate(reported_on=TruncDate("reported_at", tzinfo=SHANGHAI))


def to_fill(scope: Scope) -> Any:
    """Returns that wait for their unit's clerk."""
    return _waiting(scope, ReturnState.FILLING)


def to_approve(scope: Scope) -> Any:
    """Returns that wait for their unit's head."""
    return _waiting(scope, ReturnState.SENT)


def to_review(scope: Scope) -> Any:
    """Returns that wait for the bureau."""
    return _waiting(scope, ReturnState.APPROVED)


def _waiting(scope: Scope, state: ReturnState) -> Any:
    rows = returns(scope).filter(state=state, survey__state=SurveyState.OPEN)
    return rows.order_by("survey__due_on", "unit__position", "pk")


def progress(*, survey: Survey, scope: Scope, today: date) -> Progress:
    """How far the units of a survey are; three statements."""
    rows = with_day(SurveyReturn.objects.within(scope).filter(survey=survey))
    counted = rows.aggregate(
        units=Count("pk"),
        **{state.lower(): Count("pk", filter=Q(state=state)) for state in ReturnState},
        back=Count("pk", filter=Q(state=ReturnState.FILLING, back_at__isnull=False)),
        late=Count("pk", filter=late(today)),
        reported=Count("pk", filter=Q(reported_at__isnull=False)),
        on_time=Count("pk", filter=in_time()),
    )
    doubts = SurveyDoubt.objects.within(scope).filter(filing__survey=survey).blocking()
    differences = SurveyDifference.objects.within(scope).open().filter(row__filing__survey=survey)
    return Progress(**counted, doubts=doubts.count(), differences=differences.count())


def sums(filings: Iterable[SurveyReturn]) -> dict[int, tuple[int, Decimal, int]]:
    """Rooms, their space in ㎡ and the open doubts of returns, by the id of the return."""
    ids = [filing.pk for filing in filings]
    rooms = SurveyRoom.objects.counted().filter(filing__in=ids).order_by().values("filing")
    found = {
        row["filing"]: [row["n"], row["m2"] or Decimal(0), 0]
        for row in rooms.annotate(n=Count("pk"), m2=Sum("usable_m2"))
    }
    doubts = SurveyDoubt.objects.filter(filing__in=ids).blocking().order_by().values("filing")
    for row in doubts.annotate(n=Count("pk")):
        found.setdefault(row["filing"], [0, Decimal(0), 0])[2] = row["n"]
    return {key: (n, m2, open_) for key, (n, m2, open_) in found.items()}


# ── rooms, doubts, differences ───────────────────────────────────────────────────────────


def rooms(scope: Scope) -> Any:
    """The rooms of returns inside the scope."""
    return SurveyRoom.objects.within(scope).select_related("filing__survey", "filing__unit", "room")


def doubts(scope: Scope) -> Any:
    """The doubts about returns inside the scope."""
    return SurveyDoubt.objects.within(scope).select_related("filing__survey", "filing__unit", "row")


DOUBTS = Subject(
    model="space.surveydoubt", title="填报疑点", page="space:survey_return",
    key="survey_doubt_id", path="surveys/doubts", stem="survey_doubt", see=SEE,
    rows=doubts, life=DOUBT_LIFE, name="",
    home=lambda doubt: int(doubt.filing_id), listed=("填报疑点", "space:survey_doubts_list"),
    now=lambda doubt: doubt.sentence,
)  # fmt: skip


def differences(scope: Scope) -> Any:
    """The differences that returns inside the scope brought."""
    return SurveyDifference.objects.within(scope).select_related(
        "row__filing__survey", "row__filing__unit", "row__room__building"
    )


def difference(*, scope: Scope, difference_id: int) -> SurveyDifference:
    """One difference; ``SurveyDifference.DoesNotExist`` outside the scope."""
    found: SurveyDifference = differences(scope).get(pk=difference_id)
    return found


DIFFERENCES = Subject(
    model="space.surveydifference", title="统计填报差异", page="space:survey_difference",
    key="difference_id", path="surveys/differences", stem="survey_difference", see=SEE,
    rows=differences, life=DIFFERENCE_LIFE, name="place",
    beside=("row__filing__survey", "row__filing__unit", "row__room"),
    listed=("填报差异", "space:survey_differences_list"),
    now=lambda found: f"{found.place}：{found.ours} 改为 {found.theirs}",
)  # fmt: skip


def holders_on(day: date) -> set[int]:
    """The units, sections as they are, that hold a room on a day, by id."""
    held = Holding.objects.on(day).order_by().values_list("unit", flat=True).distinct()
    return set(held)


# ── what the checks look at ──────────────────────────────────────────────────────────────


def filed(filing: SurveyReturn) -> UnitFiled:
    """A return as the rules look at it; five statements."""
    rows = list(filing.rooms.all())
    people = _people({pk for row in rows for pk in row.people})
    others = _others(filing, [row.room_id for row in rows if row.room_id])
    before = _before(filing)
    return UnitFiled(
        name=str(filing.unit),
        path=filing.unit.path,
        established=filing.established,
        present=filing.present,
        leased_m2=filing.leased_m2,
        rooms=tuple(room_filed(row, people, others.get(row.room_id or 0, ())) for row in rows),
        approved={
            RoomKind(kind): None if m2 is None else Decimal(m2)
            for kind, m2 in filing.approved.items()
        },
        before_m2=before[1] if before else None,
        before_title=before[0] if before else "",
    )


def room_filed(
    row: SurveyRoom, people: Mapping[int, PersonFiled], others: tuple[str, ...] = ()
) -> RoomFiled:
    """One row of a return as the rules look at it."""
    return RoomFiled(
        id=row.pk,
        name=row.place,
        entry=Entry(row.entry),
        kind=RoomKind(row.kind),
        state=RoomState(row.state),
        usable_m2=row.usable_m2,
        people=tuple(people[pk] for pk in row.people if pk in people),
        why=row.why,
        room_id=row.room_id,
        ledger_kind=RoomKind(row.ledger_kind) if row.ledger_kind else None,
        ledger_state=RoomState(row.ledger_state) if row.ledger_state else None,
        ledger_m2=row.ledger_m2,
        ledger_people=tuple(row.ledger_people),
        ledger_names=row.ledger_names,
        others=others,
    )


def _people(ids: Collection[int]) -> dict[int, PersonFiled]:
    rows = Person.objects.filter(pk__in=ids).select_related("unit")
    return {
        person.pk: PersonFiled(
            id=person.pk, name=person.name, unit_path=person.unit.path, unit=str(person.unit),
            left_on=person.left_on,
        )
        for person in rows
    }  # fmt: skip


def people_filed(rows: Iterable[SurveyRoom]) -> dict[int, PersonFiled]:
    """Everybody named in some rows, by id."""
    return _people({pk for row in rows for pk in row.people})


def _others(filing: SurveyReturn, room_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Which other units of the survey return the same rooms, by id of the room."""
    rows = (
        SurveyRoom.objects.counted()
        .filter(filing__survey=filing.survey_id, room__in=room_ids)
        .exclude(filing=filing.pk)
        .exclude(filing__state=ReturnState.EXCUSED)
        .select_related("filing__unit")
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.room_id is not None:
            found[row.room_id].append(str(row.filing.unit))
    return {room: tuple(names) for room, names in found.items()}


def _before(filing: SurveyReturn) -> tuple[str, Decimal] | None:
    """What the unit returned in all the last time: the survey's title, usable ㎡."""
    last = (
        SurveyReturn.objects.filter(
            unit=filing.unit_id, state=ReturnState.ACCEPTED, survey__as_of__lt=filing.survey.as_of,
            survey__state=SurveyState.PUBLISHED,
        )
        .select_related("survey")
        .order_by("-survey__as_of", "-pk")
        .first()
    )  # fmt: skip
    if last is None:
        return None
    total = last.rooms.counted().aggregate(m2=Sum("usable_m2"))["m2"]
    return last.survey.title, total or Decimal(0)


def counted_elsewhere(filing: SurveyReturn) -> list[tuple[str, str]]:
    """Rooms of a return that another accepted return of the survey has too, with its unit."""
    ids = filing.rooms.counted().filter(room__isnull=False).values("room")
    rows = (
        SurveyRoom.objects.counted()
        .filter(filing__survey=filing.survey_id, room__in=ids)
        .filter(filing__state=ReturnState.ACCEPTED)
        .exclude(filing=filing.pk)
        .select_related("filing__unit")
    )
    return [(row.place, str(row.filing.unit)) for row in rows]


def outstanding(survey: Survey) -> list[str]:
    """The units of a survey whose return is neither accepted nor excused."""
    rows = SurveyReturn.objects.filter(survey=survey, state__in=OUTSTANDING)
    return [str(row.unit) for row in rows.select_related("unit").order_by("unit__position")]


# ── 账账: the master ledger against the units' returns ──────────────────────────────────────


def latest_returns(*, day: date) -> list[SurveyReturn]:
    """The last accepted return of each unit, as of the day or before it."""
    rows = (
        SurveyReturn.objects.filter(state=ReturnState.ACCEPTED, survey__as_of__lte=day)
        .exclude(survey__state=SurveyState.OFF)
        .select_related("survey", "unit")
        .order_by("unit_id", "-survey__as_of", "-pk")
        .distinct("unit")
    )
    return list(rows)


def returned_rooms(*, filings: Collection[SurveyReturn]) -> list[RoomReturned]:
    """The rooms of some returns as the reconciliation compares them with the master ledger."""
    units = {filing.pk: filing for filing in filings}
    rows = list(SurveyRoom.objects.filter(filing__in=units))
    since = _entered_since(rows)
    return [
        RoomReturned(
            id=row.pk,
            return_id=row.filing_id,
            room_id=row.room_id or since.get((row.compound, row.building, row.number)),
            unit_id=units[row.filing_id].unit_id,
            unit=str(units[row.filing_id].unit),
            name=row.place,
            kind=RoomKind(row.kind),
            usable_m2=row.usable_m2,
            ours=row.entry != Entry.STRUCK,
        )
        for row in rows
        if row.usable_m2 is not None
    ]


def _entered_since(rows: Iterable[SurveyRoom]) -> dict[tuple[str, str, str], int]:
    """Rooms that the ledger did not have when they were returned and has now, by place."""
    unknown = {(row.building, row.number) for row in rows if row.room_id is None}
    found = Room.objects.filter(
        building__name__in=[building for building, _ in unknown],
        number__in=[number for _, number in unknown],
    ).values_list("building__compound__name", "building__name", "number", "pk")
    return {(compound, building, number): pk for compound, building, number, pk in found}


def mismatches(*, rooms: Iterable[RoomTold], day: date) -> list[Mismatch]:
    """In what the master ledger differs from the units' last accepted returns (账账).

    ``rooms``: the ledger as it stands on the day. What the keeper declined is settled and left
    out; what was adopted agrees. Three statements.
    """
    tree = standards.homes()
    told = [_at_home(each, tree) for each in rooms]
    filings = latest_returns(day=day)
    settled = _settled(filings)
    units = {filing.unit_id for filing in filings}
    found = reconcile.returned(told, returned_rooms(filings=filings), units=units)
    return [each for each in found if _thing(each) not in settled]


def _at_home(room: RoomTold, tree: standards.Homes) -> RoomTold:
    """The room as held by the unit that answers for a section: that is who returns it."""
    home = tree.of(room.unit_id)
    if home is None or home.pk == room.unit_id:
        return room
    return replace(room, unit_id=home.pk, unit=str(home), unit_path=home.path)


_PLACES = {DiffKind.KIND: "kind", DiffKind.AREA: "area", DiffKind.STRUCK: "unit"}


def _thing(mismatch: Mismatch) -> tuple[int | None, str]:
    """The unit and what of its return differs, as a declined difference names it."""
    if mismatch.differs is Differs.RETURN_EXTRA:
        return mismatch.unit_id, f"row:{mismatch.place}"
    return mismatch.unit_id, f"{mismatch.room_id}:{mismatch.place}"


def _settled(filings: Collection[SurveyReturn]) -> set[tuple[int | None, str]]:
    """What the keeper declined of some returns: there the ledger is right."""
    rows = SurveyDifference.objects.filter(
        row__filing__in=[filing.pk for filing in filings], state=DiffState.DECLINED
    )
    found: set[tuple[int | None, str]] = set()
    for unit, row, room, kind in rows.values_list("row__filing__unit", "row", "row__room", "kind"):
        place = _PLACES.get(DiffKind(kind))
        found.add((unit, f"{room}:{place}" if place else f"row:{row}"))
    return found


def open_doubts(filing: SurveyReturn) -> list[SurveyDoubt]:
    """The doubts about a return that still hold, the gravest and open ones first."""
    rows = filing.doubts.exclude(state=DoubtState.GONE).select_related("row")
    order = {"FAULT": 0, "DOUBT": 1, "NOTE": 2}
    return sorted(
        rows, key=lambda each: (each.state != DoubtState.OPEN, order[each.severity], each.pk)
    )
