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
    request: PageRequest,
    person_id: int,
    form: forms.HoldPost | None = None,
    leaving: forms.Leave | None = None,
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
        "form": (form or fresh) if keeps and not found.left_on else None,
        "leaving": (leaving or forms.Leave()) if keeps and not found.left_on else None,
        "units": queries.units(actor.scope("org.unit.see")).open() if keeps else (),
    }
    bound = any(one is not None and one.is_bound for one in (form, leaving))
    return pages.render(request, "portal/person.html", context, status=422 if bound else 200)


@needs("org.person.enter")
def person_leave(request: PageRequest, person_id: int) -> HttpResponse:
    """Enter that somebody left or retired (登记离职)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = queries.people(request.scope).get(pk=person_id)
    form = forms.Leave(request.POST)
    if form.is_valid():
        left_on, now = form.cleaned_data["left_on"], timezone.now()
        try:
            actions.tell_left(actor=request.actor, person_id=found.pk, left_on=left_on, at=now)
        except Refused as refused:
            form.add_refusal(refused)
        else:
            pages.flash(
                request, f"已登记 {found.name} {left_on:%Y-%m-%d} 离职，账号从即刻起不能登录"
            )
            return pages.to("portal:person", person_id)
    return _shown(request, person_id, leaving=form)


@needs("org.person.enter")
def person_back(request: PageRequest, person_id: int) -> HttpResponse:
    """Take back a leaving that was entered by mistake (撤销离职登记)."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = actions.tell_left(
        actor=request.actor, person_id=person_id, left_on=None, at=timezone.now()
    )
    pages.flash(request, f"已撤销 {found.name} 的离职登记")
    return pages.to("portal:person", person_id)


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
