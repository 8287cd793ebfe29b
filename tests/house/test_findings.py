"""Kinds of findings are declared whole: their life, the names of their steps, their papers."""

import pytest
from django.apps import apps

from guanjia.kernel.attachments import guards
from guanjia.kernel.findings.declaration import FindingKind, all_kinds
from guanjia.kernel.findings.models import FindingRow, Raised
from guanjia.ui import trail

KINDS = all_kinds()


def name_of(kind: FindingKind) -> str:
    return kind.subject.model


def test_there_are_kinds() -> None:
    assert KINDS


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_the_life_of_a_kind_leads_through_its_steps(kind: FindingKind) -> None:
    life = kind.subject.life
    assert life is not None
    steps = set(life.transitions())
    for state in kind.owed:
        assert (state.value, kind.explained.value) in steps, "words may come"
    if kind.back is not None:
        assert (kind.explained.value, kind.back.value) in steps
        assert kind.back in kind.owed, "what is returned is owed again"


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_its_rows_have_the_columns_of_findings(kind: FindingKind) -> None:
    model = apps.get_model(kind.subject.model)
    assert issubclass(model, FindingRow if kind.back is not None else Raised)


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_step_that_can_be_recorded_has_a_chinese_name(kind: FindingKind) -> None:
    steps = {"explained", *kind.news}
    steps |= {"returned"} if kind.back is not None else set()
    steps |= {"reminded"} if kind.late is not None else set()
    named = trail.named_acts()
    assert not [step for step in steps if not named.get(kind.verb(step))]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.files], ids=name_of)
def test_papers_of_an_explanation_are_guarded(kind: FindingKind) -> None:
    assert kind.subject.model in guards.guarded()
