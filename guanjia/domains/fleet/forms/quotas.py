"""The shape of what people fill in about quotas; nothing is saved or decided here."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from guanjia.domains.fleet.terms.cars import Use
from guanjia.domains.fleet.terms.purchases import FILES
from guanjia.kernel.org.models import Unit
from guanjia.kernel.regulations.verdict import Refused, Verdict
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form

DAYS = ["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d", "%Y.%m.%d"]
DELTA_MAX = 500


def day_field(label: str, *, required: bool = True, **attrs: str) -> forms.DateField:
    """A day, typed or picked."""
    return forms.DateField(
        label=label,
        required=required,
        input_formats=DAYS,
        error_messages={
            "required": f"没有填{label}。",
            "invalid": "写成 2026-05-08 这样的日期。",
        },
        widget=forms.DateInput(
            attrs={"data-date": "date", "autocomplete": "off", "maxlength": 20, **attrs},
            format="%Y-%m-%d",
        ),
    )


def words(label: str, longest: int, *, required: bool = True, **attrs: str) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        error_messages={
            "required": f"没有填{label}。",
            "max_length": f"{label}最多 {longest} 个字。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def choice(label: str, choices: Iterable[tuple[str, str]], **options: Any) -> forms.ChoiceField:
    """One of a few."""
    return forms.ChoiceField(
        label=label,
        choices=list(choices),
        error_messages={
            "required": f"没有选{label}。",
            "invalid_choice": "从列出的各项中选一项。",
        },
        **options,
    )


def unit_of(units: Iterable[Unit], text: str) -> Unit:
    """The unit of this name or code among those one may ask for."""
    wanted = text.strip()
    found = [u for u in units if wanted in (u.shown, u.short_name, u.name, u.code)]
    if len(found) > 1:
        raise forms.ValidationError(f"有 {len(found)} 个单位叫“{wanted}”，改填单位编码。")
    if not found:
        raise forms.ValidationError(f"单位名录中没有“{wanted}”，或不在您的范围内。")
    return found[0]


class ForUnit(Form):
    """For one of the units the person may ask for; whoever asks for one only leaves it out."""

    unit = words("单位", 60, required=False, list="units")
    verdict = Verdict()

    def __init__(self, *args: Any, units: Iterable[Unit], **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.units = list(units)
        asked = str(self.initial.get("unit", ""))
        self.initial["unit"] = next((u.shown for u in self.units if u.code == asked), "")
        only = len(self.units) == 1
        self.fields["unit"].required, self.fields["unit"].disabled = not only, only
        if only:
            self.initial["unit"] = self.units[0].shown

    def clean_unit(self) -> Unit:
        """The unit of this name or code."""
        return unit_of(self.units, str(self.cleaned_data["unit"]))

    def add_refusal(self, refused: Refused) -> None:
        """Show a refusal at its fields, with its 依据."""
        show_refusal(self, refused)


def show_refusal(form: Any, refused: Refused) -> None:
    """Keep what was refused in the form: the sentences stand below the fields they concern."""
    form.verdict = Verdict(refusals=refused.findings)
    for finding in refused.findings:
        name = finding.field if finding.field in form.fields else None
        form.add_error(name, "规则不允许，见下。" if name else finding.text())


class _Change(Form):
    """What is asked of a quota."""

    delta = forms.IntegerField(
        label="增减数",
        min_value=-DELTA_MAX,
        max_value=DELTA_MAX,
        error_messages={
            "required": "没有填增减数。",
            "invalid": "只填整数，核减写负数。",
            "min_value": f"一次最多核减 {DELTA_MAX} 辆。",
            "max_value": f"一次最多增加 {DELTA_MAX} 辆。",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    takes_effect_on = day_field("生效日期")
    reason = words("事由", 200)
    document = words("文号", 60, required=False)
    files = FilesField(label="附件", bounds=FILES, help_text="请示、批复，手机拍照也可")  # type: ignore[assignment]  # a field; the form's own uploads keep their name
    verdict = Verdict()

    def given(self) -> dict[str, Any]:
        """The facts of the change, and its files."""
        told = dict(self.cleaned_data)
        return {"files": told.pop("files"), "facts": told}

    def add_refusal(self, refused: Refused) -> None:
        """Show a refusal at its fields, with its 依据."""
        show_refusal(self, refused)


class Mend(_Change):
    """A change of a quota that came back (修改编制变更)."""

    comment = words("修改说明", 100, required=False)

    def given(self) -> dict[str, Any]:
        """The facts of the change, its files, and what was mended."""
        told = super().given()
        return {**told, "comment": told["facts"].pop("comment")}


class Request(ForUnit, _Change):
    """A change of a quota (申请编制变更)."""

    use = choice("车辆类别", Use.choices())
    field_order = ("unit", "use")

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        if self.initial.get("use") not in Use.__members__:
            self.initial["use"] = Use.OTHER.value

    def given(self) -> dict[str, Any]:
        """What is asked for which unit, and its files."""
        told = super().given()
        facts = told["facts"]
        facts = {**facts, "unit_id": facts.pop("unit").pk, "use": Use(facts["use"])}
        return {**told, "facts": facts}


class Document(Form):
    """The 文号 of a document that grants something."""

    document = words("文号", 60)
    looks = {"document": {"width": "l", "example": "如 景机管车〔2026〕1号"}}


class Why(Form):
    """Why something is given up (取消)."""

    reason = words("取消原因", 200)
    looks = {"reason": {"width": "l"}}


def read_day(text: str, *, today: date) -> tuple[date, str]:
    """The day an address asks for, and what is wrong with it where it cannot be read."""
    if not text.strip():
        return today, ""
    try:
        day: date = forms.DateField(input_formats=DAYS).clean(text)
    except forms.ValidationError:
        return today, f"“{text[:20]}”不是日期，写成 2026-05-08 这样。下面是今天的情况。"
    if day > today:
        return today, f"{day:%Y-%m-%d} 还没有到。下面是今天的情况。"
    return day, ""
