"""Remarks are raised once, and explained with a trace."""

import pytest
from django.utils import timezone

from guanjia.kernel.access.models import Account
from guanjia.kernel.audit.models import Record
from guanjia.kernel.registers import remarks
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.registers.remarks import Raised
from guanjia.kernel.registers.terms import RemarkKind, RemarkState
from guanjia.kernel.registers.tests.people import AT
from guanjia.kernel.regulations.verdict import Citation, Refused
from guanjia.kernel.values.actor import Actor

pytestmark = pytest.mark.django_db
CITE = Citation(title="机关事务管理条例", article="第二十五条")


def odd(object_id: int = 1, sentence: str = "超过上月十倍") -> Raised:
    return Raised(
        object_id=object_id, code="odd", kind=RemarkKind.DOUBT, headline="偏大", sentence=sentence,
        cite=CITE,
    )  # fmt: skip


def raise_odd(*raised: Raised) -> int:
    return remarks.raise_remarks(register="tests.people", remarks=raised, at=AT)


@pytest.fixture
def clerk() -> Actor:
    account = Account.objects.create(username="clerk", name="周浩", created_at=timezone.now())
    return Actor(name="周浩", account_id=account.pk)


def test_the_same_remark_is_raised_once() -> None:
    assert raise_odd(odd(1), odd(2)) == 2
    assert raise_odd(odd(1), odd(2), odd(3)) == 1
    assert Remark.objects.count() == 3
    assert Remark.objects.first().cite["article"] == "第二十五条"


def test_other_words_replace_an_open_remark() -> None:
    raise_odd(odd(1))
    assert raise_odd(odd(1, "超过上月九倍")) == 0
    assert Remark.objects.get().sentence == "超过上月九倍"


def test_an_explained_remark_is_not_raised_again_for_the_same_facts(clerk: Actor) -> None:
    raise_odd(odd(1))
    remark = Remark.objects.get()
    remarks.explain(actor=clerk, remark_id=remark.pk, explanation=" 食堂改造 ", at=AT)
    remark.refresh_from_db()
    assert (remark.state, remark.explanation) == (RemarkState.EXPLAINED, "食堂改造")
    assert Record.objects.get().verb == "registers.explain"
    assert raise_odd(odd(1)) == 0
    assert raise_odd(odd(1, "又超过十倍")) == 1


@pytest.mark.parametrize("words", ["", "   ", "长" * 501])
def test_an_explanation_needs_words_and_has_a_bound(clerk: Actor, words: str) -> None:
    raise_odd(odd(1))
    with pytest.raises(Refused, match="没有写下说明"):
        remarks.explain(actor=clerk, remark_id=Remark.objects.get().pk, explanation=words, at=AT)


def test_open_remarks_are_found_by_row() -> None:
    raise_odd(odd(1), odd(2))
    found = remarks.open_remarks(register="tests.people", object_ids=[2, 3])
    assert {key: [remark.code for remark in each] for key, each in found.items()} == {2: ["odd"]}
