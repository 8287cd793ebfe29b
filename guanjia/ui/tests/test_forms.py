"""Small forms: what cannot be read is refused with its field and sentence."""

from typing import Any

import pytest
from django import forms

from guanjia.kernel.regulations.verdict import Finding, Refused, refuse
from guanjia.ui.forms import NOT_DONE, Form, Ids, WholeNumber, checked, first_fault


class Reading(Form):
    """A reading, and a sum of two that must agree."""

    km = forms.IntegerField(error_messages={"required": "没有填里程。", "invalid": "写成整数。"})
    again = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        """Both must agree where both are given."""
        given = super().clean() or {}
        if given.get("again") not in (None, given.get("km")):
            raise forms.ValidationError("两次填的不一样。")
        return given


def refused(form: Form, **headline: str) -> Finding:
    with pytest.raises(Refused) as caught:
        checked(form, **headline)
    (finding,) = caught.value.findings
    return finding


def test_the_values_of_a_form_that_can_be_read() -> None:
    assert checked(Reading({"km": "12"})) == {"km": 12, "again": None}


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({}, "km", "没有填里程。"),
        ({"km": "十二"}, "km", "写成整数。"),
        ({"km": "12", "again": "13"}, "", "两次填的不一样。"),
        ({"km": "", "again": "x"}, "km", "没有填里程。"),
    ],
)
def test_the_first_fault_is_refused_at_its_field(
    given: dict[str, str], field: str, sentence: str
) -> None:
    form = Reading(given)
    finding = refused(form)
    assert (finding.headline, finding.sentence, finding.field) == ("没有保存。", sentence, field)
    assert first_fault(form) == (field, sentence)


def test_an_act_says_that_it_was_not_done() -> None:
    assert refused(Reading({}), headline=NOT_DONE).headline == "没有办成。"


def test_what_the_rules_refused_stands_beside_its_field_or_at_the_head() -> None:
    form = Reading({"km": "12"})
    assert form.is_valid()
    findings = (
        *refuse("a", "里程比上次少。", "核对读数。", field="km").refusals,
        *refuse("b", "车不在。", "换一辆。", field="car").refusals,
    )
    form.add_refusal(Refused(findings))
    assert form.errors["km"] == [findings[0].text()]
    assert form.non_field_errors() == [findings[1].text()]


@pytest.mark.parametrize(
    ("typed", "number"), [("188,912", 188_912), ("188，912", 188_912), (" 7 ", 7), ("", None)]
)
def test_a_whole_number_may_be_written_as_pages_write_it(typed: str, number: int | None) -> None:
    assert WholeNumber(required=False).clean(typed) == number


@pytest.mark.parametrize("typed", ["9,000x", "1.5", "一"])
def test_what_is_no_whole_number_stays_a_fault(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        WholeNumber().clean(typed)


class Ticked(Form):
    """Rows of a list, and why."""

    ids = Ids(label="勾选的报表", error_messages={"required": "先勾选。"})
    why = forms.CharField()


def test_rows_that_were_ticked_are_read_and_not_shown() -> None:
    form = Ticked({"ids": ["7", "3", "7"], "why": "办理"})
    assert form.is_valid()
    assert form.cleaned_data["ids"] == [7, 3]
    assert [line.bound.name for line in form.lines()] == ["why"]
    assert Ticked({"ids": [], "why": "办理"}).errors["ids"] == ["先勾选。"]
    assert Ticked({"ids": ["x"], "why": "办理"}).errors["ids"] == ["勾选的报表读不懂，重新勾选。"]
