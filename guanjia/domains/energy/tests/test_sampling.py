"""Sampling: a draw anybody can repeat, checks beside what was told, what has to be corrected."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from guanjia.domains.energy.actions import filings
from guanjia.domains.energy.actions import sampling as actions
from guanjia.domains.energy.models import Sample, SampleCheck
from guanjia.domains.energy.queries import sampling as queries
from guanjia.domains.energy.rules import sampling as rules
from guanjia.domains.energy.rules.sampling import Proof
from guanjia.domains.energy.terms.energies import Energy
from guanjia.domains.energy.terms.returns import FilingKind
from guanjia.domains.energy.terms.sampling import CheckState, Method
from guanjia.domains.energy.tests.browsing import post, seen, visit
from guanjia.domains.energy.tests.builders import AT, SYSTEM, TODAY, City
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.audit.models import Record
from guanjia.kernel.notices.models import Notice
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

D = Decimal
POPULATIONS = st.dictionaries(
    st.sampled_from(["3602", "360281", "360282", "360203"]),
    st.integers(min_value=0, max_value=120),
    min_size=1,
).map(lambda sizes: {area: [f"{area}-{n}" for n in range(size)] for area, size in sizes.items()})


# ── the draw ─────────────────────────────────────────────────────────────────────────────


@given(population=POPULATIONS, percent=st.integers(min_value=1, max_value=100))
def test_a_draw_takes_enough_and_some_of_each_area(
    population: dict[str, list[str]], percent: int
) -> None:
    drawn = rules.draw(population, percent=percent, seed="0827")
    there = [area for area, keys in population.items() if keys]
    total = sum(len(keys) for keys in population.values())
    assert len(drawn) == len(set(drawn)) == max(rules.needed(total, percent), len(there))
    assert {key.partition("-")[0] for key in drawn} == set(there)
    assert len(drawn) * 100 >= percent * total


@given(population=POPULATIONS, seed=st.text(min_size=1, max_size=20))
def test_a_draw_is_the_same_again_however_the_rows_come(
    population: dict[str, list[str]], seed: str
) -> None:
    turned = {area: list(reversed(keys)) for area, keys in population.items()}
    first = rules.draw(population, percent=5, seed=seed)
    assert first == rules.draw(turned, percent=5, seed=seed)


def test_another_seed_draws_others() -> None:
    population = {"3602": [str(n) for n in range(400)]}
    assert rules.draw(population, percent=5, seed="1") != rules.draw(
        population, percent=5, seed="2"
    )


@pytest.mark.parametrize(("total", "need"), [(945, 48), (100, 5), (101, 6), (1, 1), (20, 1)])
def test_the_percent_is_rounded_up(total: int, need: int) -> None:
    assert rules.needed(total, 5) == need


@pytest.mark.parametrize(
    ("told", "proven", "percent", "agrees"),
    [("102", "100", "2.00", True), ("102.01", "100", "2.01", False), ("97", "100", "-3.00", False),
     ("0", "0", "0", True), ("1", "0", None, False), (None, "100", None, False)],
)  # fmt: skip
def test_told_and_proven_are_compared(told: Any, proven: str, percent: Any, agrees: bool) -> None:
    proof = Proof(energy=Energy.WATER, told=None if told is None else D(told), proven=D(proven))
    assert proof.percent == (None if percent is None else D(percent))
    assert proof.agrees(D(2)) is agrees


def draw(city: City, **facts: Any) -> Sample:
    return actions.draw(
        **{"actor": city.actor("keeper"), "year": 2020, "quarter": 2, "seed": "0827", "at": AT,
           **facts}
    )  # fmt: skip


def test_a_draw_is_kept_with_all_that_proves_it(city: City) -> None:
    made = draw(city)
    assert (made.total, made.size, made.percent) == (4, 3, 5)
    areas = set(made.checks.values_list("institution__area__name", flat=True))
    assert areas == {"景德镇市", "乐平市", "浮梁县"}
    assert queries.drawn_again(made)
    record = Record.objects.get(verb="energy.sample.drawn")
    assert (record.after["seed"], len(record.after["drawn"])) == ("0827", 3)


def test_nothing_of_a_draw_can_be_changed(city: City) -> None:
    made = draw(city)
    row, other = made.checks.first(), city.institution("office")
    wrongs = [
        lambda: Sample.objects.filter(pk=made.pk).update(seed="1"),
        lambda: Sample.objects.filter(pk=made.pk).delete(),
        lambda: SampleCheck.objects.filter(pk=row.pk).delete(),
        lambda: SampleCheck.objects.filter(pk=row.pk).update(institution=other),
        lambda: SampleCheck.objects.create(
            sample=made, institution=other, place=4, state=CheckState.DRAWN
        ),
    ]
    for wrong in wrongs:
        with pytest.raises(DatabaseError), transaction.atomic():
            wrong()


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"quarter": 3}, "period_runs"), ({"quarter": 0}, "period_runs"),
     ({"seed": " "}, "seed_missing"), ({"year": 2015, "quarter": 4}, "nobody")],
)  # fmt: skip
def test_it_refuses_a_draw_that_cannot_be(city: City, facts: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        draw(city, **facts)
    assert [finding.code for finding in refused.value.findings] == [code]


def test_it_refuses_to_draw_until_the_draw_pleases(city: City) -> None:
    draw(city)
    with pytest.raises(Refused, match="不能重抽"):
        draw(city, seed="1234")


@pytest.mark.parametrize("who", ["county", "clerk", "leader"])
def test_only_the_bureau_draws(city: City, who: str) -> None:
    with pytest.raises(NotAllowed):
        draw(city, actor=city.actor(who))


# ── checks ───────────────────────────────────────────────────────────────────────────────


def found(**facts: Any) -> actions.Found:
    return actions.Found(
        **{"method": Method.ON_SITE, "checker": "吴振瓷、江敏", "on": TODAY,
           "proven": {Energy.ELECTRICITY: D(12_000)}, "conclusion": "与票据一致", **facts}
    )  # fmt: skip


@pytest.fixture
def drawn(city: City) -> SampleCheck:
    """The hospital, the only one of its area, has been drawn; it told 12,000 kWh."""
    for month in (4, 5, 6):
        city.tell("hospital", 2020, month, ELECTRICITY=4000)
    row: SampleCheck = draw(city).checks.get(institution=city.institution("hospital"))
    return row


def check(city: City, row: SampleCheck, who: str = "keeper", **facts: Any) -> SampleCheck:
    return actions.record_check(
        actor=city.actor(who), sample_check_id=row.pk, found=found(**facts), at=AT
    )


def test_a_check_that_agrees_is_done(city: City, drawn: SampleCheck) -> None:
    row = check(city, drawn)
    assert (row.state, row.limit) == ("AGREES", D(2))
    proof = row.proofs.get()
    assert (proof.told, proof.proven, proof.percent) == (D(12_000), D(12_000), D(0))
    with pytest.raises(Refused, match="现在是相符"):
        check(city, drawn)


def test_what_differs_has_to_be_corrected_and_is_checked_again(
    city: City, drawn: SampleCheck, django_capture_on_commit_callbacks: Any
) -> None:
    from guanjia.domains.energy.actions import institutions  # noqa: PLC0415 — only here

    institutions.assign_clerk(
        actor=SYSTEM, institution_id=drawn.institution_id, person_id=city.people["clerk"].pk,
        since=TODAY, at=AT,
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        row = check(city, drawn, proven={Energy.ELECTRICITY: D(14_000)})
    assert row.state == "DIFFERS"
    assert Notice.objects.filter(kind="energy.sample_differs").count() == 1
    assert check(city, drawn, proven={Energy.ELECTRICITY: D(14_000)}).state == "DIFFERS"
    city.tell("hospital", 2020, 6, ELECTRICITY=6000)
    row = check(city, drawn, proven={Energy.ELECTRICITY: D(14_000)})
    assert (row.state, row.proofs.get().told) == ("CORRECTED", D(14_000))
    last = Record.objects.filter(verb="energy.sample.checked").latest("pk")
    assert last.before["proofs"]["ELECTRICITY"] == ["12000.0000", "14000.0000"]


def test_papers_of_a_closed_check_stay(city: City, drawn: SampleCheck) -> None:
    actor = city.actor("keeper")

    def checked(proven: int) -> int:
        file = attachments.stage(actor=actor, file=b"bill", name=f"{proven}.txt", at=AT)
        check(city, drawn, proven={Energy.ELECTRICITY: D(proven)}, files=[file.pk])
        return int(file.pk)

    attachments.remove(actor=actor, attachment_id=checked(14_000), reason="错了", at=AT)
    paper = checked(12_000)
    with pytest.raises(Refused, match="核查已经办结"):
        attachments.remove(actor=actor, attachment_id=paper, reason="错了", at=AT)


def test_what_differed_is_not_left_out_of_the_next_check(city: City, drawn: SampleCheck) -> None:
    city.tell("hospital", 2020, 5, WATER=300)
    both = {Energy.ELECTRICITY: D(14_000), Energy.WATER: D(300)}
    assert check(city, drawn, proven=both).state == "DIFFERS"
    with pytest.raises(Refused, match="电上次核查有误差") as refused:
        check(city, drawn, proven={Energy.WATER: D(300)})
    assert [finding.field for finding in refused.value.findings] == ["electricity"]
    drawn.refresh_from_db()
    assert (drawn.state, drawn.proofs.count()) == ("DIFFERS", 2)


def test_a_proof_that_changes_is_no_correction(city: City, drawn: SampleCheck) -> None:
    check(city, drawn, proven={Energy.ELECTRICITY: D(14_000)})
    row = check(city, drawn, proven={Energy.ELECTRICITY: D(12_000)})
    assert row.state == "AGREES"


def test_a_difference_beyond_all_measure_is_said_and_kept(city: City, drawn: SampleCheck) -> None:
    city.tell("hospital", 2020, 4, ELECTRICITY=2_000_000)
    row = check(city, drawn, proven={Energy.ELECTRICITY: D("0.0001")})
    assert (row.state, row.proofs.get().percent) == ("DIFFERS", None)
    assert "无法比较" in seen(city, "keeper", "sample_check", drawn.pk)


@pytest.mark.parametrize(
    ("facts", "code"),
    [({"proven": {}}, "proof_missing"), ({"checker": ""}, "checker_missing"),
     ({"on": date(2020, 8, 19)}, "day_out"), ({"on": date(2020, 8, 21)}, "day_out"),
     ({"conclusion": " "}, "conclusion_missing")],
)  # fmt: skip
def test_it_refuses_a_check_that_says_too_little(
    city: City, drawn: SampleCheck, facts: Any, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        check(city, drawn, **facts)
    assert [finding.code for finding in refused.value.findings] == [code]


@pytest.mark.parametrize("who", ["county", "clerk", "supervisor"])
def test_nobody_checks_institutions_of_others(city: City, drawn: SampleCheck, who: str) -> None:
    with pytest.raises((NotAllowed, SampleCheck.DoesNotExist)):
        check(city, drawn, who)


# ── pages ────────────────────────────────────────────────────────────────────────────────


def test_the_pages_show_a_draw_its_proof_and_where_to_correct(
    city: City, drawn: SampleCheck
) -> None:
    filings.open_period(actor=SYSTEM, kind=FilingKind.QUARTER, first=date(2020, 4, 1), at=AT)
    page = seen(city, "keeper", "sample", drawn.sample_id)
    for word in ("名单一致", "0827", "市第二人民医院", "2020年第二季度"):
        assert word in page
    told = {"method": "DESK", "checker": "吴振瓷", "on": "2020-08-20", "conclusion": "少报",
            "electricity": "15,000"}  # fmt: skip
    where = ("keeper", "sample_check_record", drawn.pk)
    assert "现在填报 12,000" in seen(city, *where)
    assert post(city, *where, **{**told, "electricity": "一万五"}).status_code == 422
    assert post(city, *where, **told).status_code == 302
    page = seen(city, "keeper", "sample_check", drawn.pk)
    for word in ("-20.00", "要更正", "2020年第二季度", "登记核查", "现在填报"):
        assert word in page
    assert "电 -20.00%" in seen(city, "keeper", "sample_checks_list", view="differs")


def test_a_county_sees_its_own_of_a_draw(city: City, drawn: SampleCheck) -> None:
    page = seen(city, "county", "sample", drawn.sample_id)
    assert "市第二人民医院" not in page
    assert "乐平市" in page
    assert "浮梁县" not in page
    answer = visit(city, "county").get(f"/energy/samples/checks/{drawn.pk}/")
    assert answer.status_code == 404


def test_the_keeper_draws_by_page(city: City) -> None:
    told = {"year": "2020", "quarter": "1", "seed": "0827"}
    assert post(city, "keeper", "sample_draw", **{**told, "seed": ""}).status_code == 422
    assert post(city, "keeper", "sample_draw", **told).status_code == 302
    again = post(city, "keeper", "sample_draw", **told)
    assert again.status_code == 422
    assert "已经抽取过" in again.content.decode()
    assert post(city, "county", "sample_draw", **told).status_code == 403


def test_a_county_reads_how_many_were_drawn_of_all(city: City) -> None:
    sample = draw(city)
    assert "抽取，应不少于 1 家" in seen(city, "keeper", "sample", sample.pk)
    said = f"范围内抽取，全市 {sample.size} 家，应不少于 1 家"
    assert said in seen(city, "county", "sample", sample.pk)
