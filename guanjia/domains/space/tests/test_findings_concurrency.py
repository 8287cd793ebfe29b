"""Two at once about findings: looks over all rooms, an explanation beside a decision."""

from datetime import timedelta
from functools import partial

import pytest

from guanjia.domains.space.actions import establishments, findings, judging
from guanjia.domains.space.models import Establishment, Finding
from guanjia.domains.space.terms.findings import FindingState, Outcome
from guanjia.domains.space.tests import builders
from guanjia.domains.space.tests.at_once import all_at_once, parted
from guanjia.domains.space.tests.builders import AT, SINCE, TODAY, City
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.org.terms import Rank

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pg15]


@pytest.fixture
def city(transactional_db: None) -> City:
    """The small city, committed, so that other connections see it."""
    return builders.city()


def test_two_looks_at_once_raise_everything_once(city: City) -> None:
    look = partial(judging.judge, actor=city.actor("keeper"), day=TODAY, at=AT)
    done, refused = parted(all_at_once([look, look, look]))
    assert not refused
    assert sorted(each.raised for each in done) == [0, 0, 2]
    assert sorted(each.same for each in done) == [0, 2, 2]
    assert Finding.objects.count() == 2
    assert Record.objects.filter(verb="space.finding.raised").count() == 2
    assert Notice.objects.filter(kind="space.findings").count() == 2


def test_a_decision_beside_an_explanation_loses_neither(city: City) -> None:
    judging.judge(actor=city.actor("keeper"), day=TODAY, at=AT)
    finding = Finding.objects.get(room=city.room("102"))
    later = AT + timedelta(days=20)  # the time to explain is over: both may act
    calls = [
        partial(
            findings.explain_finding, actor=city.actor("clerk"), finding_id=finding.pk,
            explanation="合并后没有隔断", at=later,
        ),
        partial(
            findings.decide_finding, actor=city.actor("keeper"), finding_id=finding.pk,
            outcome=Outcome.MEND, decision="隔断", mend_by=TODAY + timedelta(days=60), at=later,
        ),
    ]  # fmt: skip
    done, refused = parted(all_at_once(calls))
    finding.refresh_from_db()
    assert finding.state == FindingState.MENDING
    assert (len(done), len(refused)) in {(2, 0), (1, 1)}
    assert bool(finding.explanation) is (len(done) == 2)


def test_two_who_enter_the_same_number_leave_one(city: City) -> None:
    rows = [{"unit": city.units["farming"], "rank": Rank.BUREAU_HEAD, "number": 1, "since": SINCE}]
    calls = [
        partial(
            establishments.enter_establishments, actor=city.actor(who), rows=rows, at=AT
        )
        for who in ("keeper", "keeper_too")
    ]  # fmt: skip
    done, _ = parted(all_at_once(calls))
    assert sorted(done) == [(0, 0, 1), (1, 0, 0)]
    assert Establishment.objects.count() == 1
