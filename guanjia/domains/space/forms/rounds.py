"""The shape of what people fill in about rounds (巡检) and 整改; nothing is decided here."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from guanjia.domains.space.forms.ledger import Day, words
from guanjia.domains.space.terms.rounds import ItemFacts, Result
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.values.texts import is_id
from guanjia.ui.forms import Form

POINTS_MAX = Decimal(100)
OWN = "OWN"  # the line that a planner writes on their own


def _text(most: int, label: str) -> forms.CharField:
    """A text that an action judges; too long is said here."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        error_messages={"max_length": f"{label}最多 {most} 个字。"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _points(result: str) -> forms.DecimalField:
    return forms.DecimalField(
        label="扣分",
        required=False,
        min_value=Decimal(0),
        max_value=POINTS_MAX,
        decimal_places=1,
        error_messages={
            "invalid": "扣分只填数字，如 5 或 2.5。",
            "min_value": "扣分不小于 0。",
            "max_value": f"扣分不大于 {POINTS_MAX}。",
            "max_digits": f"扣分不大于 {POINTS_MAX}。",
            "max_whole_digits": f"扣分不大于 {POINTS_MAX}。",
            "max_decimal_places": "扣分最多一位小数。",
        },
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "aria-label": f"{result}扣分"}
        ),
    )


class Several(forms.MultipleChoiceField):
    """Ids ticked in a list, as integers; a foreign one is refused in one sentence."""

    def __init__(self, label: str, *, choices: Iterable[tuple[int, str]]) -> None:
        super().__init__(
            label=label,
            required=False,
            choices=[(str(pk), title) for pk, title in choices],
            error_messages={"invalid_choice": f"有{label}不在列出的里面，刷新后重新选。"},
        )

    def clean(self, value: Any) -> list[int]:
        """The ids as numbers."""
        return [int(one) for one in super().clean(value)]


class Plan(Form):
    """A round: when, whom, who goes; the usual lines of a checklist and one of the planner's."""

    title = words("巡检名称", 60)
    begins_on = Day("开始日期")
    ends_on = Day("结束日期")
    due_on = Day("整改期限", required=False)
    notice = _text(1000, "通知")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        units: Sequence[Unit],
        people: Sequence[Person],
        usual: Sequence[ItemFacts],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.usual = usual
        super().__init__(data, initial=dict(initial or {}), label_suffix="")
        self.fields["units"] = Several("巡检单位", choices=[(u.pk, u.shown) for u in units])
        self.fields["inspectors"] = Several("巡检人员", choices=[(p.pk, p.name) for p in people])
        for item in usual:
            key = item.result.value
            self.fields[f"on_{key}"] = forms.BooleanField(required=False)
            self.fields[f"text_{key}"] = words("检查内容", 100, required=False)
            self.fields[f"points_{key}"] = _points(item.text)
        self.fields[f"text_{OWN}"] = words("检查内容", 100, required=False)
        self.fields[f"points_{OWN}"] = _points("另加一项")
        self.fields[f"basis_{OWN}"] = words("依据", 120, required=False)

    def lines(self) -> list[dict[str, Any]]:
        """The usual lines as the page shows them: ticked, text, points."""
        told = []
        for item in self.usual:
            key = item.result.value
            on = self.data.get(f"on_{key}") if self.is_bound else "on"
            text = self.data.get(f"text_{key}", "") if self.is_bound else item.text
            points = self.data.get(f"points_{key}", "") if self.is_bound else item.points
            faults = [*self.errors.get(f"points_{key}", ()), *self.errors.get(f"text_{key}", ())]
            told.append(
                {"key": key, "result": item.result, "on": bool(on), "text": text,
                 "points": points, "faults": faults}
            )  # fmt: skip
        return told

    def items(self) -> list[ItemFacts]:
        """The checklist that was filled in; a line without its own words keeps the usual ones."""
        given = self.cleaned_data
        found = [
            ItemFacts(
                result=item.result,
                text=given[f"text_{item.result.value}"].strip() or item.text,
                points=_or(given[f"points_{item.result.value}"], item.points),
            )
            for item in self.usual
            if given[f"on_{item.result.value}"]
        ]
        if own := given[f"text_{OWN}"].strip():
            points = _or(given[f"points_{OWN}"], Decimal(0))
            basis = given[f"basis_{OWN}"].strip()
            found.append(ItemFacts(result=Result.OTHER, text=own, points=points, basis=basis))
        return found


class PerUnit(forms.Widget):
    """One line of text for each unit, by its id: ``excuse_12``."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:  # noqa: ARG002 — the base class's signature
        """The words by the id of the unit; a call tells them so itself."""
        if isinstance(data.get(name), Mapping):
            return data[name]
        prefix = f"{name}_"
        return {
            key.removeprefix(prefix): str(words)
            for key, words in data.items()
            if key.startswith(prefix)
        }


class Excuses(forms.Field):
    """Why a unit was not visited, by the id of the unit; what is no id is passed over."""

    widget = PerUnit
    told_as = dict[str, str]

    def to_python(self, value: Any) -> dict[int, str]:
        """By the number of the unit."""
        return {int(key): str(words) for key, words in (value or {}).items() if is_id(str(key))}


class Close(Form):
    """结束巡检: why units were not visited, and the outcome in short."""

    excuse = Excuses(label="没有检查的原因", required=False)
    closing = _text(500, "小结")
    looks = {"closing": {"width": "l", "example": "选填"}}

    def lines(self) -> Any:
        """The units are drawn by the page."""
        return [line for line in super().lines() if line.bound.name != "excuse"]

    def given(self) -> dict[str, Any]:
        """What was written."""
        return {"excuses": self.cleaned_data["excuse"], "closing": self.cleaned_data["closing"]}


def _or(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value
