"""The page of a disposal (处置) and the acts done from it."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.fleet.actions import disposals as actions
from guanjia.domains.fleet.forms import disposals as forms
from guanjia.domains.fleet.models import Disposal
from guanjia.domains.fleet.pages import disposal_view as view
from guanjia.domains.fleet.queries import archive
from guanjia.domains.fleet.queries import disposals as reading
from guanjia.kernel.org.models import Unit
from guanjia.kernel.registers.models import Remark
from guanjia.kernel.regulations.lawbook import law_at
from guanjia.kernel.regulations.verdict import Finding, Refused
from guanjia.ui import pages, subjects
from guanjia.ui.pages import PageRequest, needs, needs_sign_in

SEE, REQUEST, DISPOSALS = reading.SEE, reading.REQUEST, reading.DISPOSALS
ENTER = "fleet.disposal.enter"
_REFUSED = 422


@needs_sign_in
def disposal(request: PageRequest, disposal_id: int) -> HttpResponse:
    """The whole disposal for whoever may see it, with the acts this person may do."""
    at = timezone.now()
    found = view.visible(actor=request.actor, disposal_id=disposal_id)
    context = view.page(request=request, actor=request.actor, disposal=found, at=at)
    context |= _links(request, found) | {
        "about": reading.about(found),
        "may_explain": DISPOSALS.reaches(request.actor, ENTER, found.pk),
        "remarks": Remark.objects.filter(register=actions.REGISTER, object_id=found.pk)
        .select_related("explained_by")
        .order_by("-state", "pk"),
    }
    return pages.render(request, "fleet/disposal.html", context)


@needs(REQUEST)
def new(request: PageRequest) -> HttpResponse:
    """Choose a car to dispose of; from the page of a car it is chosen already."""
    given = request.POST.get("car") or request.GET.get("car") or ""
    plate = given.upper().replace("·", "").replace(" ", "")[:10]
    found = archive.cars(request.scope).filter(plate=plate).first()
    if found is not None:
        return pages.to("fleet:disposal_open", found.pk)
    fault = f"车辆台账中没有 {plate}，或不在您的范围内。" if plate else ""
    context = {
        "fault": fault,
        "typed": given,
        "cars": archive.cars(request.scope).exclude(state="DISPOSED").order_by("plate"),
    }
    status = _REFUSED if fault else 200
    return pages.render(request, "fleet/disposal_new.html", context, status=status)


@needs(REQUEST)
def open_for(request: PageRequest, car_id: int) -> HttpResponse:
    """申请处置: how, why, and to whom."""
    car, at = archive.cars(request.scope).get(pk=car_id), timezone.now()
    form = forms.Opening(
        request.POST if request.method == "POST" else None,
        units=Unit.objects.open().order_by("position"),
    )
    refused: tuple[Finding, ...] = ()
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = actions.open_disposal(
                actor=request.actor, car_id=car.pk, method=given["method"],
                reason=given["reason"], at=at,
                to_unit_id=given["to_unit"].pk if given["to_unit"] else None,
            )  # fmt: skip
        except Refused as no:
            refused = no.findings
        else:
            pages.flash(request, f"已申请处置 {car.plate}，登记估值后报批")
            return pages.to("fleet:disposal", made.pk)
    ends = reading.life_of(car, law_at(at), timezone.localdate(at))
    context = {"car": car, "form": form, "refused": refused, "ends": ends}
    status = _REFUSED if refused or form.errors else 200
    return pages.render(request, "fleet/disposal_open.html", context, status=status)


def _links(request: PageRequest, found: Disposal) -> dict[str, str]:
    """Where the rows beside it are opened; ``""`` where this person may not go."""
    actor = request.actor
    sees_car = (
        actor.can("fleet.car.see")
        and archive.cars(actor.scope("fleet.car.see")).filter(pk=found.car_id).exists()
    )
    return {
        "list_url": reverse("fleet:disposals_list") if actor.can(SEE) else "",
        "car_url": reverse("fleet:car", args=[found.car_id]) if sees_car else "",
        "lot_url": reverse("fleet:lot", args=[found.lot_id])
        if found.lot_id and actor.can(SEE)
        else "",
        "purchase_url": subjects.url_of("fleet.purchase", found.purchase_id)
        if found.purchase_id and actor.can("fleet.purchase.see")
        else "",
    }
