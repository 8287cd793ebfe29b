"""What the widget templates need, worked out in Python: no HTML decisions in templates' logic."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.forms import (
    BaseForm,
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from guanjia.kernel.regulations import verdict as verdicts
from guanjia.ui import icons, wiring


def toned(css: str, *, tone: str, icon: str, word: str) -> SafeString:
    """A span with a tone, an icon and a word."""
    picture = icons.svg(icon) if icon else ""
    return format_html('<span class="{}" data-tone="{}">{}{}</span>', css, tone, picture, word)


def unit(text: str) -> SafeString:
    """The unit behind a number, smaller and grey; nothing for no unit."""
    return format_html('<span class="gj-unit">{}</span>', text) if text else mark_safe("")


# ── verdicts ─────────────────────────────────────────────────────────────────────────────

_LOOKS = {  # kind → tone, icon in a box, icon in a plain list
    "refusals": ("stop", "ban", "ban"),
    "warnings": ("wait", "alert-triangle", "alert-circle"),
    "passes": ("done", "circle-check", "circle-check"),
}


@dataclass(frozen=True, kw_only=True)
class ShownFinding:
    """A finding with the looks of its kind."""

    finding: verdicts.Finding
    tone: str
    icon: str
    plain_icon: str
    cite_head: str
    cite_tail: str
    cite_url: str
    blocks: bool


def _cite_parts(cite: verdicts.Citation | None) -> tuple[str, str]:
    """The part of a citation that is linked, and the rest of the line."""
    if cite is None:
        return "", ""
    head, _, tail = cite.line().partition(" · ")
    return head, tail


def findings(
    found: verdicts.Verdict | Iterable[verdicts.Finding] | None,
    *,
    field: str = "",
    passes: bool = False,
) -> list[ShownFinding]:
    """The findings to show, refusals first; a bare list of findings counts as refusals."""
    if found is None:
        return []
    if not isinstance(found, verdicts.Verdict):
        found = verdicts.Verdict(refusals=tuple(found))
    kinds = ("refusals", "warnings", "passes") if passes else ("refusals", "warnings")
    return [
        ShownFinding(
            finding=finding,
            tone=_LOOKS[kind][0],
            icon=_LOOKS[kind][1],
            plain_icon=_LOOKS[kind][2],
            cite_head=_cite_parts(finding.cite)[0],
            cite_tail=_cite_parts(finding.cite)[1],
            cite_url=wiring.cite_url(finding.cite) if finding.cite else "",
            blocks=kind == "refusals",
        )
        for kind in kinds
        for finding in getattr(found, kind)
        if not field or finding.field == field
    ]


# ── pager ────────────────────────────────────────────────────────────────────────────────


def _link(query: QueryDict | None, key: str, number: int) -> str:
    copy = query.copy() if query is not None else QueryDict(mutable=True)
    copy[key] = str(number)
    return f"?{copy.urlencode()}"


def pager(*, page: Page[Any], query: QueryDict | None, noun: str, key: str) -> dict[str, Any]:
    """Links around the current page, gaps as ``None``; the rest of the address is kept."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {
        "page": page,
        "noun": noun,
        "links": [
            None if isinstance(n, str) else {"number": n, "url": _link(query, key, n)}
            for n in numbers
        ],
        "before": _link(query, key, page.number - 1) if page.has_previous() else "",
        "after": _link(query, key, page.number + 1) if page.has_next() else "",
    }


# ── forms ────────────────────────────────────────────────────────────────────────────────


def _shape(bound: BoundField) -> str:
    """Which box a control stands in."""
    shapes: list[tuple[type, str]] = [
        (CheckboxSelectMultiple, "checks"),
        (RadioSelect, "seg"),
        (CheckboxInput, "check"),
        (FileInput, "file"),
        (Textarea, "area"),
        (Select, "select"),
    ]
    widget = bound.field.widget
    return next((shape for kind, shape in shapes if isinstance(widget, kind)), "input")


def field(
    bound: BoundField, *, unit: str, help_text: str, example: str, count: int, odo_base: int | None
) -> dict[str, Any]:
    """Everything ``ui/parts/field.html`` shows; control, help and error linked for ARIA."""
    help_text = help_text or str(bound.help_text)
    described = []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    if help_text:
        described.append(f"{bound.auto_id}_help")
    attrs: dict[str, Any] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if example:
        attrs["placeholder"] = example
    if count:
        attrs |= {"maxlength": count, "data-count": f"{bound.auto_id}_count"}
    if odo_base is not None:
        attrs |= {"data-odo-base": odo_base, "inputmode": "numeric"}
    return {
        "field": bound,
        "must": bound.field.required,
        "shape": _shape(bound),
        "control": bound.as_widget(attrs=attrs),
        "unit": unit,
        "help": help_text,
        "count": count,
        "length": len(str(bound.value() or "")),
    }


def faults(form: BaseForm) -> list[BoundField]:
    """The fields that must be mended, in the order of the page."""
    return [bound for bound in form if bound.errors] if form.is_bound else []
