"""A person: where they work, their further posts, their account."""

from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from guanjia.kernel.access import queries as access
from guanjia.kernel.org import actions, queries
from guanjia.kernel.regulations.verdict import Refused
from guanjia.portal import forms
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs


@needs("org.person.see")
def person(request: PageRequest, person_id: int) -> HttpResponse:
    """One person with their posts; the phone number is whole only for whoever may see it."""
    return _shown(request, person_id)


def _shown(
    request: PageRequest, person_id: int, form: forms.HoldPost | None = None
) -> HttpResponse:
    actor = request.actor
    found = queries.people(actor.scope("org.person.see")).get(pk=person_id)
    keeps = actor.can("org.person.enter")
    fresh = forms.HoldPost(initial={"since": timezone.localdate()})
    accounts = access.accounts(actor.scope("access.account.see")).filter(person=found)
    context = {
        "person": found,
        "posts": found.posts.select_related("unit").order_by("until", "-since"),
        "reveals": actor.can("org.person.reveal") or found.pk == actor.person_id,
        "account": accounts.first() if actor.can("access.account.see") else None,
        "sees_account": actor.can("access.account.see"),
        "opens": actor.can("access.account.open"),
        "keeps": keeps,
        "form": (form or fresh) if keeps else None,
        "units": queries.units(actor.scope("org.unit.see")).open() if keeps else (),
    }
    return pages.render(request, "portal/person.html", context)


@needs("org.person.enter")
def hold_post(request: PageRequest, person_id: int) -> HttpResponse:
    """Give a further post (兼任)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = queries.people(request.scope).get(pk=person_id)
    form = forms.HoldPost(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        unit = queries.units(request.scope).open().filter(code=given["unit"]).first()
        if unit is None:
            form.add_error("unit", f"单位名录中没有 {given['unit']}，或不在您的范围内")
            return _shown(request, person_id, form)
        try:
            actions.hold_post(
                actor=request.actor, person_id=person_id, unit_id=unit.pk, title=given["title"],
                since=given["since"], at=timezone.now(),
            )  # fmt: skip
        except Refused as refused:
            form.add_refusal(refused)
        else:
            pages.flash(request, f"{found.name}已任 {unit} {given['title']}")
            return pages.to("portal:person", person_id)
    return _shown(request, person_id, form)


@needs("org.person.enter")
def leave_post(request: PageRequest, person_id: int, post_id: int) -> HttpResponse:
    """End a further post (免去兼职)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = timezone.now()
    post = actions.leave_post(
        actor=request.actor, post_id=post_id, until=timezone.localdate(now), at=now
    )
    pages.flash(request, f"{post.person.name}已免 {post.title}")
    return pages.to("portal:person", person_id)
