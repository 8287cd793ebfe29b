"""登记面积人数变动: an institution is larger or smaller from today on, and says why."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import institutions as actions
from guanjia.domains.energy.forms.sizes import SizeForm
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.rules.institutions import Size
from guanjia.kernel.regulations.verdict import Refused
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

_REFUSED = 422


@needs(actions.ENTER)
def restate(request: PageRequest, institution_id: int) -> HttpResponse:
    """Floor space and people from today on."""
    today = timezone.localdate()
    found: Institution = queries.listed(request.scope, today).get(pk=institution_id)
    now = found.now
    first = {"floor_m2": now.floor_m2, "people": now.people, "staff": now.staff}
    form = SizeForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        size = Size(floor_m2=told["floor_m2"], people=told["people"], staff=told["staff"])
        try:
            actions.restate_size(
                actor=request.actor, institution_id=found.pk, size=size, why=told["why"],
                at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            pages.flash(request, "已登记，今天起按新的面积和人数计算")
            return pages.to("energy:institution", found.pk)
    context = {"institution": found, "form": form}
    status = _REFUSED if form.is_bound else 200
    return pages.render(request, "energy/institution_size.html", context, status=status)
