"""A unit: where it stands in the tree, who works there, what reforms did to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from guanjia.kernel.org import actions, queries
from guanjia.kernel.org.models import Unit
from guanjia.kernel.org.terms import Nature
from guanjia.kernel.regulations.verdict import Refused
from guanjia.portal import forms
from guanjia.portal.pages.home import paged
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs


@needs("org.unit.see")
def unit(request: PageRequest, unit_id: int) -> HttpResponse:
    """One unit with its tree, people and history."""
    found = queries.units(request.scope).get(pk=unit_id)
    seen = queries.units(request.scope)
    people = queries.people(request.actor.scope("org.person.see")).serving().filter(unit=found)
    codes = found.path.strip("/").split("/")[:-1]
    context = {
        "unit": found,
        "above": seen.filter(code__in=codes).order_by("path"),
        "below": seen.open().filter(parent=found).order_by("position", "code"),
        "page": paged(request, people.order_by("number")),
        "sees_people": request.actor.can("org.person.see"),
        "history": queries.history_of(found),
        "reforms": request.actor.can("org.unit.reform") and found.closed_on is None,
    }
    return pages.render(request, "portal/unit.html", context)


@dataclass(frozen=True, kw_only=True)
class _Act:
    """A reform: its verb on the button, its form, and the action it calls."""

    title: str
    says: str
    form: type[forms.Reform]
    do: Callable[..., Any]


def _rename(request: PageRequest, found: Unit, given: dict[str, Any]) -> Unit:
    return actions.rename_unit(actor=request.actor, unit_id=found.pk, at=timezone.now(), **given)


def _merge(request: PageRequest, found: Unit, given: dict[str, Any]) -> Unit:
    into = queries.units(request.scope).open().filter(code=given.pop("into")).first()
    if into is None:
        raise Unit.DoesNotExist
    return actions.merge_unit(
        actor=request.actor, unit_id=found.pk, into_id=into.pk, at=timezone.now(), **given
    )


def _split(request: PageRequest, found: Unit, given: dict[str, Any]) -> Unit:
    on, document = given.pop("on"), given.pop("document")
    part = given | {
        "people": [int(pk) for pk in given.get("people", ())],
        "nature": found.nature,
        "level": found.level,
        "position": found.position,
    }
    return actions.split_unit(
        actor=request.actor, unit_id=found.pk, parts=[part], on=on, document=document,
        at=timezone.now(),
    )[0]  # fmt: skip


def _close(request: PageRequest, found: Unit, given: dict[str, Any]) -> Unit:
    return actions.close_unit(actor=request.actor, unit_id=found.pk, at=timezone.now(), **given)


ACTS = {
    "rename": _Act(title="更名", form=forms.Rename, do=_rename,
                   says="名下的人员和单据不变，原名称留在沿革里。"),
    "merge": _Act(title="并入", form=forms.Merge, do=_merge,
                  says="人员和内设机构转入另一单位，本单位随即撤销。"),
    "split": _Act(title="分出", form=forms.Split, do=_split,
                  says="从本单位分出一个新单位，选中的人员转过去。"),
    "close": _Act(title="撤销", form=forms.Reform, do=_close,
                  says="没有在册人员的单位才能撤销；原有单据都在。"),
}  # fmt: skip


@needs("org.unit.reform")
def reform(request: PageRequest, unit_id: int, act: str) -> HttpResponse:
    """Change the tree: rename, merge, split or close a unit."""
    wanted = ACTS.get(act)
    if wanted is None:
        raise Http404
    found = queries.units(request.scope).open().get(pk=unit_id)
    form = _form(wanted, found, request.POST or None)
    if form.is_valid():
        try:
            result = wanted.do(request, found, dict(form.cleaned_data))
        except Refused as refused:
            form.add_refusal(refused)
        except Unit.DoesNotExist:
            form.add_error("into", "单位名录中没有这个编码，或不在您的范围内")
        else:
            pages.flash(request, f"{found} 已{wanted.title}，{form.cleaned_data['on']} 起生效")
            return pages.to("portal:unit", result.pk)
    context = {"unit": found, "act": wanted, "form": form, "key": act}
    if act == "merge":
        context["units"] = queries.units(request.scope).open().exclude(nature=Nature.AREA)
    return pages.render(request, "portal/reform.html", context)


def _form(act: _Act, found: Unit, data: Any) -> forms.Reform:
    initial = {"on": timezone.localdate(), "name": found.name, "short_name": found.short_name}
    form = act.form(data, initial=initial if act.form is forms.Rename else {"on": initial["on"]})
    if isinstance(form, forms.Split):
        people = found.people.serving().order_by("number")
        if not people:
            del form.fields["people"]
            return form
        form.fields["people"].choices = [  # type: ignore[attr-defined]  # a MultipleChoiceField
            (str(person.pk), f"{person.name} {person.title}".strip()) for person in people
        ]
    return form
