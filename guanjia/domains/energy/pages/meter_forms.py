"""What is done with meters: entering one, changing the device, reading it off, settling alarms."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import meters as actions
from guanjia.domains.energy.forms import meters as forms
from guanjia.domains.energy.models import Institution, Meter
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.pages.meters import ENTER, READ, REFUSED
from guanjia.domains.energy.queries import meters as queries
from guanjia.domains.energy.terms.energies import SOURCES, Energy
from guanjia.kernel.regulations.verdict import Refused, refuse
from guanjia.ui import pages
from guanjia.ui.forms import Form
from guanjia.ui.pages import PageRequest, needs

_FACTS = (
    "number", "energy", "role", "place", "multiplier", "digits", "most_per_hour", "installed_at",
    "installed_reading", "until",
)  # fmt: skip


def _fill(
    request: PageRequest,
    form: Form,
    *,
    words: dict[str, Any],
    enter: Callable[[dict[str, Any], datetime], HttpResponse],
) -> HttpResponse:
    """A form on a page of its own: shown, refused with what is wrong, or entered."""
    if form.is_bound and form.is_valid():
        try:
            return enter(form.cleaned_data, timezone.now())
        except Refused as refused:
            form.add_refusal(refused)
    status = REFUSED if form.is_bound else 200
    return pages.render(request, "energy/meter_form.html", {"form": form, **words}, status=status)


def _plain(row: Any, *names: str) -> dict[str, Any]:
    """The fields of a row as a form shows them: numbers without the zeros behind."""
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(row, name)
        plain = hasattr(value, "normalize") and value is not None
        found[name] = f"{value.normalize():f}" if plain else value
    return found


@needs(ENTER)
def meter_new(request: PageRequest, institution_id: int) -> HttpResponse:
    """登记表计 of an institution."""
    institution: Institution = Institution.objects.within(request.scope).get(pk=institution_id)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        known = Meter.objects.filter(number=given["number"])
        if known.exists():
            sentence = f"表号 {given['number']} 已经登记，核对表号；要改的在那只表的页面改。"
            refuse("number_taken", "没有登记：", sentence, field="number").enforce()
        row = {"institution": institution, **given}
        actions.enter_meters(actor=request.actor, rows=[row], at=at)
        pages.flash(request, f"已登记表计 {given['number']}")
        return pages.to("energy:meter", known.get().pk)

    words = {
        "title": "登记表计", "act": "登记表计", "sub": institution.name,
        "back": institution.name, "back_url": link("energy:institution", institution.pk),
    }  # fmt: skip
    return _fill(request, forms.Meter(request.POST or None), words=words, enter=enter)


@needs(ENTER)
def meter_edit(request: PageRequest, meter_id: int) -> HttpResponse:
    """更正表计."""
    found: Meter = queries.listed(request.scope).get(pk=meter_id)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        if given["number"] != found.number:
            sentence = f"表号不能改（{found.number}）；换了表的登记换表，登记错的停用后另登记一只。"
            refuse("number_stays", "没有保存：", sentence, field="number").enforce()
        row = {"institution": found.institution, **given}
        actions.enter_meters(actor=request.actor, rows=[row], at=at)
        pages.flash(request, f"已保存表计 {found.number}")
        return pages.to("energy:meter", found.pk)

    words = _of_meter(found, title="更正表计", act="保存表计")
    form = forms.Meter(request.POST or None, initial=_plain(found, *_FACTS))
    if found.changes.exists():
        form.of_the_first_device()
    return _fill(request, form, words=words, enter=enter)


def _of_meter(found: Meter, *, title: str, act: str) -> dict[str, Any]:
    return {
        "title": title, "act": act, "sub": f"{found.number}，{found.institution}",
        "back": found.number, "back_url": link("energy:meter", found.pk),
        "unit": SOURCES[Energy(found.energy)].unit,
    }  # fmt: skip


@needs(READ)
def meter_change(request: PageRequest, meter_id: int) -> HttpResponse:
    """登记换表."""
    found: Meter = queries.listed(request.scope).get(pk=meter_id)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        actions.change_meter(actor=request.actor, meter_id=found.pk, at=at, **given)
        pages.flash(request, f"已登记 {found.number} 换表，用量几分钟内重新计算")
        return pages.to("energy:meter", found.pk)

    last = found.changes.order_by("-at").first()
    device = _plain(last or found, "multiplier", "digits")
    form = forms.Change(request.POST or None, initial={**device, "began": "0"})
    words = _of_meter(found, title="登记换表", act="登记换表")
    return _fill(request, form, words=words, enter=enter)


@needs(READ)
def meter_read(request: PageRequest, meter_id: int) -> HttpResponse:
    """抄表, on a phone in front of the meter."""
    found: Meter = queries.listed(request.scope).get(pk=meter_id)

    def enter(given: dict[str, Any], at: datetime) -> HttpResponse:
        actions.note_readings(actor=request.actor, rows=[{"meter": found, **given}], at=at)
        value = given["value"].normalize()
        pages.flash(request, f"已记下 {found.number} 止码 {value:f}，用量几分钟内算好")
        return pages.to("energy:meter", found.pk)

    now = timezone.localtime().replace(second=0, microsecond=0)
    form = forms.Note(request.POST or None, initial={"at": now})
    words = _of_meter(found, title="抄表", act="记下止码")
    return _fill(request, form, words=words, enter=enter)


@needs(ENTER)
def meters_aside(request: PageRequest) -> HttpResponse:
    """未接收的读数: what came in and was none; numbers nobody knows are the city's to look at."""
    context = {"rows": queries.set_aside(request.scope)}
    return pages.render(request, "energy/meters_aside.html", context)
