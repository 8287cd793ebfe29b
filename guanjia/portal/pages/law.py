"""依据: the provisions in force on a day, and what each of them was before."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.kernel.regulations import lawbook
from guanjia.kernel.regulations.verdict import Citation
from guanjia.ui import formats, pages
from guanjia.ui.pages import PageRequest, needs_sign_in

JURISDICTIONS = {
    "national": "国家",
    "jiangxi": "江西省",
    "jingdezhen": "景德镇市",
    "local": "本单位",
}


def cite_url(cite: Citation) -> str:
    """Where the text a verdict cites can be read."""
    return reverse("portal:provision", args=[cite.key]) if cite.key else ""


def _on(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return timezone.localdate()


def _value(value: Any, unit: str) -> list[str]:
    """A value in words; the entries of a table one by one."""
    if hasattr(value, "items"):
        return [
            f"{lawbook.entry_title(name)}：{_value(item, unit)[0]}" for name, item in value.items()
        ]
    if value is None:
        return ["不限"]
    if isinstance(value, bool):
        return ["是" if value else "否"]
    if isinstance(value, tuple):
        return ["、".join(value)]
    text = formats.num(value) if isinstance(value, int) else str(value)
    return [f"{text} {unit}".strip()]


def _shown(provision: lawbook.Provision) -> dict[str, Any]:
    return {
        "provision": provision,
        "values": _value(provision.value, provision.unit),
        "where": JURISDICTIONS.get(provision.jurisdiction, provision.jurisdiction),
        "url": reverse("portal:provision", args=[provision.key]),
    }


@needs_sign_in
def law(request: PageRequest) -> HttpResponse:
    """Every provision in force on a day, by department."""
    on = _on(request)
    found = [_shown(provision) for provision in lawbook.law_at(on)]
    unchecked = sum(each["provision"].cite.unchecked for each in found)
    context = {"on": on, "rows": found, "unchecked": unchecked}
    return pages.render(request, "portal/law.html", context)


@needs_sign_in
def provision(request: PageRequest, key: str) -> HttpResponse:
    """One provision: the value in force on a day, its source, and every value it had."""
    book = lawbook.load(lawbook.folders())
    history = [_shown(each) for each in reversed(book.history(key))]
    if not history:
        raise Http404
    on = _on(request)
    in_force = book.at(on)
    now = _shown(in_force[key]) if key in in_force else None
    source = book.sources.get(now["provision"].cite.source) if now else None
    context = {"key": key, "on": on, "now": now, "history": history, "source": source,
               "title": history[0]["provision"].title}  # fmt: skip
    return pages.render(request, "portal/provision.html", context)
