"""The workday calendar: published days, days set by hand, and counting."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from guanjia.kernel.audit.models import Record
from guanjia.kernel.calendar import actions, published, queries
from guanjia.kernel.calendar.models import WorkdayOverride
from guanjia.kernel.calendar.terms import Day, DayKind
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Actor, NotAllowed
from guanjia.kernel.values.period import SHANGHAI

AT = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
CLERK = Actor.system("test")


@pytest.mark.parametrize(
    ("day", "kind", "label"),
    [
        (date(2020, 5, 20), DayKind.WORKDAY, "工作日"),
        (date(2020, 5, 23), DayKind.REST, "休息日"),
        (date(2020, 5, 1), DayKind.HOLIDAY, "法定节假日（劳动节）"),
        (date(2020, 5, 9), DayKind.SHIFTED, "调休上班"),  # a Saturday
        (date(2026, 10, 10), DayKind.SHIFTED, "调休上班"),
    ],
)
def test_published_days_have_their_kind(day: date, kind: DayKind, label: str) -> None:
    found = published.published(day)
    assert (found.kind, found.known, found.label()) == (kind, True, label)
    assert found.works == (kind in {DayKind.WORKDAY, DayKind.SHIFTED})


def test_where_no_calendar_was_published_the_weekday_speaks_and_says_so() -> None:
    year = published.LAST_YEAR + 1
    days = [published.published(date(year, 1, 1) + timedelta(days=n)) for n in range(365)]
    assert not any(day.known for day in days)
    assert all(day.works == (day.date.weekday() < 5) for day in days)
    assert {day.kind for day in days} == {DayKind.WORKDAY, DayKind.REST}


@pytest.mark.django_db
@pytest.mark.pg15
class TestByHand:
    """The editable table lies over the published calendar."""

    def test_a_day_set_by_hand_wins_and_is_recorded(self) -> None:
        day = date(2028, 1, 3)
        found = actions.set_day(
            actor=CLERK, day=day, kind=DayKind.HOLIDAY, name="元旦", reason="市府办通知", at=AT
        )
        assert found == Day(
            date=day, kind=DayKind.HOLIDAY, name="元旦", by_hand=True, reason="市府办通知"
        )
        assert not queries.is_workday(day)
        record = Record.objects.get()
        assert (record.verb, record.before) == ("workdays.day.set", None)
        assert record.after["kind"] == "HOLIDAY"

    def test_the_same_again_records_nothing(self) -> None:
        for _ in range(2):
            actions.set_day(
                actor=CLERK, day=date(2028, 1, 3), kind=DayKind.REST, reason="通知", at=AT
            )
        assert Record.objects.count() == 1

    def test_a_change_records_before_and_after(self) -> None:
        day = date(2028, 1, 3)
        for kind in (DayKind.REST, DayKind.WORKDAY):
            actions.set_day(actor=CLERK, day=day, kind=kind, reason="通知", at=AT)
        record = Record.objects.latest("pk")
        assert (record.before["kind"], record.after["kind"]) == ("REST", "WORKDAY")
        assert WorkdayOverride.objects.count() == 1

    def test_a_day_cleared_is_as_published_again(self) -> None:
        day = date(2020, 5, 20)
        actions.set_day(actor=CLERK, day=day, kind=DayKind.REST, reason="通知", at=AT)
        assert queries.day_kind(day) is DayKind.REST
        assert actions.clear_day(actor=CLERK, day=day, at=AT) == published.published(day)
        actions.clear_day(actor=CLERK, day=day, at=AT)
        assert [r.verb for r in Record.objects.order_by("pk")] == [
            "workdays.day.set",
            "workdays.day.cleared",
        ]

    def test_it_refuses_a_day_without_a_reason(self) -> None:
        with pytest.raises(Refused, match="写明理由"):
            actions.set_day(
                actor=CLERK, day=date(2028, 1, 3), kind=DayKind.REST, reason="  ", at=AT
            )
        assert not WorkdayOverride.objects.exists()

    def test_it_needs_the_duty(self) -> None:
        stranger = Actor(name="某人")
        with pytest.raises(NotAllowed):
            actions.set_day(
                actor=stranger, day=date(2028, 1, 3), kind=DayKind.REST, reason="通知", at=AT
            )
        with pytest.raises(NotAllowed):
            actions.clear_day(actor=stranger, day=date(2028, 1, 3), at=AT)

    def test_the_database_forbids_a_second_row_and_unknown_kinds(self) -> None:
        row = {"day": date(2028, 1, 3), "reason": "通知", "by": "某人", "set_at": AT}
        WorkdayOverride.objects.create(kind="REST", **row)
        for wrong in (
            {**row, "kind": "REST"},
            {**row, "day": date(2028, 1, 4), "kind": "FEAST"},
            {**row, "day": date(2028, 1, 5), "kind": "REST", "reason": ""},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                WorkdayOverride.objects.create(**wrong)

    def test_a_range_is_one_query(self, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            found = queries.days(date(2020, 1, 1), date(2021, 1, 1))
        assert len(found) == 366
        assert queries.days(date(2020, 1, 2), date(2020, 1, 1)) == {}
        assert queries.rest_days(date(2020, 5, 8), date(2020, 5, 12)) == [date(2020, 5, 10)]

    @pytest.mark.parametrize(
        ("start", "n", "reached"),
        [
            (date(2020, 4, 30), 1, date(2020, 5, 6)),  # over the May holiday
            (date(2020, 5, 8), 1, date(2020, 5, 9)),  # a working Saturday
            (date(2020, 5, 6), 3, date(2020, 5, 9)),
            (date(2020, 5, 20), 0, date(2020, 5, 20)),
            (date(2020, 1, 1), 249, date(2020, 12, 31)),
        ],
    )
    def test_it_counts_workdays_on(self, start: date, n: int, reached: date) -> None:
        assert queries.add_workdays(start, n) == reached
        after = timedelta(days=1)
        assert queries.workdays_between(start + after, reached + after) == n

    def test_it_counts_over_days_set_by_hand(self) -> None:
        assert queries.add_workdays(date(2020, 5, 19), 1) == date(2020, 5, 20)
        actions.set_day(actor=CLERK, day=date(2020, 5, 20), kind=DayKind.REST, reason="通知", at=AT)
        assert queries.add_workdays(date(2020, 5, 19), 1) == date(2020, 5, 21)
        assert queries.workdays_between(date(2020, 5, 18), date(2020, 5, 23)) == 4
        assert [day.date for day in queries.overrides(date(2020, 1, 1), date(2021, 1, 1))] == [
            date(2020, 5, 20)
        ]

    def test_it_does_not_count_backwards(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            queries.add_workdays(date(2020, 5, 19), -1)
