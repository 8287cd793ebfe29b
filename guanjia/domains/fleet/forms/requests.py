"""The shape of what people fill in about trips; nothing is saved or decided here."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from guanjia.domains.fleet.models import Car, Trip
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.terms.trips import FILES, Purpose
from guanjia.kernel.org.models import Person, Unit
from guanjia.kernel.regulations.verdict import Finding, Refused, Verdict
from guanjia.kernel.values.codes import mobile_fault
from guanjia.ui.files import FilesField
from guanjia.ui.forms import Form, WholeNumber

SHOWN = "%Y-%m-%d %H:%M"
READ = [SHOWN, "%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y/%m/%d %H:%M", "%Y.%m.%d %H:%M"]
# Among the digits may stand the weekday, full-width signs, or the T of a browser's own field.
_WEEKDAY = re.compile(r"\s*[(（]?(?:周|星期)[一二三四五六日天][)）]?\s*")
_DIGITS = str.maketrans("０１２３４５６７８９：／．－", "0123456789:/.-")
STARS = [(str(n), f"{n} 星") for n in range(5, 0, -1)]
PHRASES = ("同意，注意安全", "事由写具体些", "乘车人数与事由不符", "可与同向用车合乘")
# What the rules call a field, where the form calls it otherwise.
_FIELD_OF = {"car": "wished_car"}
_REST_DAY = "rest_day_reason"


class Moment(forms.DateTimeField):
    """A day and time in the office's own clock, typed as ``2020-05-23 周六 8:00`` or picked."""

    def __init__(self, *, label: str, example: str = "8:00", **options: Any) -> None:
        options.setdefault(
            "error_messages",
            {"required": f"没有填{label}。", "invalid": "写成 2020-05-23 08:00 这样的时间。"},
        )
        super().__init__(
            label=label,
            input_formats=READ,
            widget=forms.DateTimeInput(
                attrs={
                    "data-date": "datetime",
                    "aria-label": label,
                    "autocomplete": "off",
                    "placeholder": f"如 2020-05-23 {example}",
                    "maxlength": 32,
                },
                format=SHOWN,
            ),
            **options,
        )

    def to_python(self, value: Any) -> Any:
        """Read the moment; ``2020-05-23T08:00`` comes from a phone's own field."""
        if isinstance(value, str):
            text = _WEEKDAY.sub(" ", value.translate(_DIGITS)).strip()
            value = re.sub(r"(?<=\d)T(?=\d)|(?<=日)(?=\d)", " ", text)
            if value and ":" not in value:
                # A day alone would silently mean midnight.
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


def _words(label: str, longest: int, *, required: bool = True, **attrs: str) -> forms.CharField:
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


def _purpose() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="用途",
        choices=Purpose.choices(),
        error_messages={"required": "没有选用途。", "invalid_choice": "从列出的用途中选一项。"},
        widget=forms.RadioSelect,
    )


def _files() -> FilesField:
    return FilesField(label="附件", bounds=FILES, help_text="公函、会议通知，手机拍照也可")


def _people(label: str = "乘车人数") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=80,
        initial=1,
        error_messages={
            "required": f"没有填{label}。",
            "invalid": "只填数字。",
            "min_value": "至少 1 人。",
            "max_value": "最多 80 人，分成几单。",
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def units_named(units: Iterable[Unit], text: str) -> list[Unit]:
    """The units of this name, short or whole, or of this code."""
    wanted = text.strip()
    return [u for u in units if wanted in (u.shown, u.short_name, u.name, u.code)] if wanted else []


class Request(forms.Form):
    """A request for a car (用车申请): who, why, where, when, how many.

    ``units``: the units the person may ask for; one alone is fixed. ``facts()`` gives what
    ``request_trip`` takes. The verdict of the rules is kept in ``verdict`` and shown at the fields.
    """

    unit = _words("用车单位", 60, list="units")
    rider_name = _words("用车人", 60)
    rider_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    rider_mobile = _words("联系电话", 20, required=False, inputmode="tel")
    purpose = _purpose()
    reason = _words("事由", 100)
    origin = _words("出发地", 100, list="places")
    destination = _words("目的地", 100, list="places")
    planned_from = Moment(label="出车时间")
    planned_to = Moment(label="返回时间", example="17:30")
    rest_day_reason = _words("休息日理由", 100, required=False)
    passengers = _people()
    wished_car = _words("指定车辆", 10, required=False, list="cars")
    files = _files()  # type: ignore[assignment]  # a field; the form's own uploads keep their name
    comment = _words("修改说明", 100, required=False)
    once = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        units: Any,
        initial: Mapping[str, Any] | None = None,
        changing: bool = False,
    ) -> None:
        self.units: list[Unit] = list(units)
        self.verdict: Verdict = Verdict()
        self.car: Car | None = None
        given = {"once": uuid4(), **(initial or {})}
        if len(self.units) == 1:
            given["unit"] = self.units[0].shown
        super().__init__(data, initial=given, label_suffix="")
        if not changing:
            del self.fields["comment"]
        if len(self.units) == 1:
            self.fields["unit"].disabled = True

    @property
    def unit_choices(self) -> list[tuple[str, str]]:
        """What to offer for the unit, as (what is typed, what explains it); a name borne twice
        gives way to the code."""
        borne = Counter(unit.shown for unit in self.units)
        return [(u.shown, u.code) if borne[u.shown] == 1 else (u.code, u.name) for u in self.units]

    @property
    def fixed_unit(self) -> bool:
        """Whether there is only one unit to ask for."""
        return len(self.units) == 1

    def clean_unit(self) -> Unit:
        """The unit of this name or code among those one may ask for."""
        text = str(self.cleaned_data["unit"]).strip()
        found = units_named(self.units, text)
        if len(found) > 1:
            raise forms.ValidationError(f"有 {len(found)} 个单位叫“{text}”，改填单位编码。")
        if not found:
            raise forms.ValidationError(f"单位名录中没有“{text}”，或不在您的范围内。")
        return found[0]

    def clean_rider_mobile(self) -> str:
        """A number to call; none is fine."""
        text = str(self.cleaned_data["rider_mobile"]).replace(" ", "")
        if text and "*" not in text and (fault := mobile_fault(text)):
            raise forms.ValidationError(f"{fault}。")
        return text

    def clean_wished_car(self) -> Car | None:
        """The car of this plate."""
        text = self.cleaned_data["wished_car"].upper().replace("·", "").replace(" ", "")
        if not text:
            return None
        self.car = archive.cars_by_plate([text]).get(text)
        if self.car is None:
            raise forms.ValidationError(f"车辆台账中没有 {text}。")
        return self.car

    def clean(self) -> dict[str, Any]:
        """A rider chosen from the list counts only while the name still says so."""
        cleaned: dict[str, Any] = dict(super().clean() or self.cleaned_data)
        person = Person.objects.filter(pk=cleaned.get("rider_id") or 0).first()
        unit = cleaned.get("unit")
        chosen = (
            person is not None
            and unit is not None
            and person.name == cleaned.get("rider_name")
            and str(person.unit.path).startswith(unit.path)
        )
        cleaned["rider_id"] = person.pk if chosen and person else None
        return cleaned

    def facts(self) -> dict[str, Any]:
        """What ``request_trip`` and ``change_trip`` take, once the form is valid."""
        kept = self.cleaned_data
        facts: dict[str, Any] = {
            name: kept[name]
            for name in (
                "rider_name", "rider_mobile", "reason", "origin", "destination", "passengers",
                "planned_from", "planned_to", "rest_day_reason", "rider_id",
            )
        }  # fmt: skip
        facts["purpose"] = Purpose(kept["purpose"])
        facts["unit_id"] = kept["unit"].pk
        facts["wished_car_id"] = kept["wished_car"].pk if kept["wished_car"] else None
        return facts

    def draft_facts(self) -> dict[str, Any] | None:
        """Enough to ask the rules while the form is being filled in; ``None`` without a time."""
        kept = getattr(self, "cleaned_data", {})
        begin = kept.get("planned_from")
        if begin is None:
            return None
        car, unit = kept.get("wished_car"), kept.get("unit")
        return {
            "unit_id": unit.pk if unit else None,
            "rider_name": kept.get("rider_name") or "",
            "purpose": Purpose(kept.get("purpose") or Purpose.SURVEY),
            "destination": kept.get("destination") or "",
            "passengers": kept.get("passengers") or 1,
            "planned_from": begin,
            "planned_to": kept.get("planned_to") or begin + timedelta(hours=1),
            "rest_day_reason": kept.get("rest_day_reason") or "",
            "wished_car_id": car.pk if car and unit else None,
        }

    @property
    def token(self) -> UUID | None:
        """The token that makes a second click harmless."""
        value = self.cleaned_data.get("once")
        return value if isinstance(value, UUID) else None

    def judge(self, verdict: Verdict) -> None:
        """Keep what the rules say; a reason still missing is asked for in amber, not refused."""
        missing = [f for f in verdict.refusals if f.field == _REST_DAY]
        self.verdict = Verdict(
            refusals=tuple(_placed(f) for f in verdict.refusals if f.field != _REST_DAY),
            warnings=tuple(_placed(f, "planned_from") for f in missing)
            + tuple(_placed(f) for f in verdict.warnings),
        )
        self.wants_reason = bool(missing)

    wants_reason = False
    live = False  # the form is only being checked, not sent

    @property
    def on_rest_day(self) -> bool:
        """Whether the time touches a rest day, as the rules said last."""
        return any(f.code in ("rest_day", _REST_DAY) for f in self.verdict.warnings)

    def add_refusal(self, refused: Refused) -> None:
        """Show a refusal at its fields, with its 依据; the summary counts them."""
        self.judge(Verdict(refusals=refused.findings))
        if self.wants_reason:
            self.add_error(_REST_DAY, "写明休息日用车的理由。")
        for finding in self.verdict.refusals:
            name = finding.field if finding.field in self.fields else None
            # The sentence stands in the panel below the field; the field itself is only marked.
            self.add_error(name, "规则不允许，见下。" if name else finding.text())

    @property
    def told(self) -> frozenset[str]:
        """Fields whose refusal stands in a panel below them, so that no second line is needed."""
        return frozenset(f.field for f in self.verdict.refusals)

    @property
    def to_mend(self) -> list[tuple[str, str]]:
        """What is to be mended, as (id, label), for the line beside the button.

        While the form is being filled in only what the rules refuse, not what is still empty.
        """
        wanted = set(self.told) | ({_REST_DAY} if self.wants_reason else set())
        if not self.live and self.is_bound:
            wanted |= set(self.errors)
        return [(f"id_{n}", str(f.label)) for n, f in self.fields.items() if n in wanted]


def _placed(finding: Finding, field: str = "") -> Finding:
    """The finding at the field of the form that it concerns."""
    return Finding(
        code=finding.code,
        headline=finding.headline,
        sentence=finding.sentence,
        cite=finding.cite,
        field=field or _FIELD_OF.get(finding.field, finding.field),
        options=finding.options,
    )


def initial_of(trip: Trip) -> dict[str, Any]:
    """A trip as the form shows it, to change it."""
    return {
        "unit": trip.unit.shown,
        "rider_name": trip.rider_name,
        "rider_id": trip.rider_id,
        "rider_mobile": trip.rider_mobile,
        "purpose": trip.purpose,
        "reason": trip.reason,
        "origin": trip.origin,
        "destination": trip.destination,
        "planned_from": timezone.localtime(trip.planned_from),
        "planned_to": timezone.localtime(trip.planned_to),
        "rest_day_reason": trip.rest_day_reason,
        "passengers": trip.passengers,
        "wished_car": trip.wished_car.plate if trip.wished_car else "",
    }


class Papers(forms.Form):
    """The papers of an emergency (补单): what a request would have said."""

    rider_name = _words("用车人", 60)
    rider_mobile = _words("联系电话", 20, required=False, inputmode="tel")
    purpose = _purpose()
    reason = _words("事由", 100)
    passengers = _people()
    files = _files()  # type: ignore[assignment]  # as above
    comment = _words("补单说明", 200, required=False)

    clean_rider_mobile = Request.clean_rider_mobile

    def facts(self) -> dict[str, Any]:
        """What ``paper_trip`` takes."""
        kept = dict(self.cleaned_data)
        del kept["comment"], kept["files"]
        return {**kept, "purpose": Purpose(kept["purpose"])}


def _reason(label: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=200,
        error_messages={
            "required": f"没有写{label}。", "max_length": f"{label}最多 200 个字。",
        },
    )  # fmt: skip


class Cancel(Form):
    """Why a trip is cancelled (取消用车)."""

    reason = _reason("取消原因")
    looks = {"reason": {"width": "l", "example": "如 会议改期"}}


class Recall(Form):
    """Why a car is not sent after all (不派了)."""

    reason = _reason("原因", required=False)
    looks = {"reason": {"width": "l", "example": "选填，如 车辆临时检修"}}


class Replan(Form):
    """Another time for a trip (改时间)."""

    planned_from = Moment(label="出车时间")
    planned_to = Moment(label="返回时间", example="17:30")
    reason = _reason("原因", required=False)
    looks = {"planned_from": {"width": "m"}, "planned_to": {"width": "m"},
             "reason": {"width": "l", "example": "选填"}}  # fmt: skip


class Rate(Form):
    """One to five stars and a word (评价)."""

    stars = forms.TypedChoiceField(
        label="评价", choices=STARS, coerce=int, error_messages={"required": "没有选星级。"}
    )
    comment = _reason("评价意见", required=False)
    looks = {"comment": {"width": "l", "example": "选填，如 准时、车况好"}}


class Correct(Form):
    """Both readings of a finished trip, and why they are corrected (更正里程)."""

    start_km = WholeNumber(
        label="出车里程表", min_value=0, error_messages={"required": "没有填出车里程表。"}
    )
    end_km = WholeNumber(
        label="收车里程表", min_value=0, error_messages={"required": "没有填收车里程表。"}
    )
    reason = _reason("更正原因")
    looks = {"start_km": {"unit": "公里", "width": "s"}, "end_km": {"unit": "公里", "width": "s"},
             "reason": {"width": "l", "example": "如 末位抄错"}}  # fmt: skip
