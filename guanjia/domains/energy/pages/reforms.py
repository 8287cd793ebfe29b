"""登记变动: what happened to an institution as a body."""

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.domains.energy.actions import institutions as actions
from guanjia.domains.energy.forms.reforms import Reform
from guanjia.domains.energy.models import Institution
from guanjia.domains.energy.queries import institutions as queries
from guanjia.domains.energy.rules import schemes as rules
from guanjia.domains.energy.terms.institutions import Change
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import Scope
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs

ENTER = actions.ENTER
_REFUSED = 422
_HEADLINE = "没有登记："


@needs(ENTER)
def reform(request: PageRequest, institution_id: int) -> HttpResponse:
    """The form of a reform, and its entry."""
    rows = Institution.objects.within(request.scope)
    found: Institution | None = rows.filter(pk=institution_id).first()
    if found is None:
        raise Http404
    form = Reform(request.POST or None, left=found.left_on is not None)
    if form.is_bound and form.is_valid():
        try:
            _enter(request, found, form)
            pages.flash(request, f"已登记 {found} 的变动")
            return pages.to("energy:institution", found.pk)
        except Refused as refused:
            form.add_refusal(refused)
    status = _REFUSED if form.is_bound else 200
    context = {"institution": found, "form": form}
    return pages.render(request, "energy/reform.html", context, status=status)


def _enter(request: PageRequest, found: Institution, form: Reform) -> None:
    given = form.cleaned_data
    kind = Change(given["kind"])
    after, unknown = queries.named(Scope.all(), given["members"])
    rules.all_known(unknown=unknown, headline=_HEADLINE).enforce()
    try:
        actions.reform(
            actor=request.actor, kind=kind, before=[found.pk],
            after=after if kind in (Change.MERGED, Change.SPLIT) else [], on=given["on"],
            name=given["name"] if kind is Change.RENAMED else "", document=given["document"],
            note=given["note"], at=timezone.now(),
        )  # fmt: skip
    except Institution.DoesNotExist:
        # One of those named lies outside the scope: for the actor there is none such.
        rules.all_known(unknown=given["members"], headline=_HEADLINE).enforce()
        raise
