"""Template tags and filters of the page furniture: ``{% load gj %}``.

Filters write values the one way they are written everywhere; tags render one widget each. Widgets
take plain values, dictionaries or objects with the attributes named in their docstring.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from guanjia.kernel.regulations import verdict as verdicts
from guanjia.ui import formats, icons, widgets

register = template.Library()

NONE = mark_safe('<span class="gj-none">—</span>')


# ── filters ──────────────────────────────────────────────────────────────────────────────


@register.filter(name="day")
def day(value: date | None, style: str = "") -> str:
    """``{{ row.asked_on|day }}`` 5月20日; styles iso, row, full, week, near, long."""
    return NONE if value is None or value == "" else formats.day(value, style=style)


@register.filter(name="daytime")
def daytime(value: datetime | None, style: str = "") -> str:
    """``5月20日 8:30``; styles row, iso, near, week."""
    return NONE if value is None or value == "" else formats.daytime(value, style=style)


@register.filter(name="clock")
def clock(value: datetime | None, style: str = "") -> str:
    """``8:30``; ``row`` pads to ``08:30``."""
    return NONE if value is None or value == "" else formats.clock(value, style=style)


@register.filter(name="span_of")
def span_of(start: date | None, end: date | None) -> str:
    """``{{ start|span_of:end }}`` 5月20日 8:28 至 15:27."""
    return NONE if not start else formats.span(start, end)


@register.filter(name="near_span")
def near_span(start: date | None, end: date | None) -> str:
    """``{{ start|near_span:end }}`` 今天 14:00–17:30."""
    return NONE if not start else formats.span(start, end, style="near")


@register.filter(name="duration")
def duration(value: timedelta | int | None) -> str:
    """``6 小时 27 分``; integers are minutes."""
    return NONE if value is None or value == "" else formats.duration(value)


@register.filter(name="num")
def num(value: Decimal | float | None, places: int | None = None) -> str:
    """``59,251``."""
    return NONE if value is None or value == "" else formats.num(value, places=places)


@register.filter(name="yuan")
def yuan(fen: int | str | None) -> str:
    """Fen → ``311,000.00``."""
    return NONE if fen is None or fen == "" else formats.yuan(int(fen))


@register.filter(name="wan")
def wan(fen: int | str | None) -> str:
    """Fen → ``29.96`` (万元)."""
    return NONE if fen is None or fen == "" else formats.wan(int(fen))


@register.filter(name="phone_masked")
def phone_masked(text: str | None) -> str:
    """``158****2391``."""
    return formats.phone_masked(text) if text else NONE


@register.filter(name="or_dash")
def or_dash(value: Any, word: str = "—") -> Any:
    """The value, or a grey ``—`` (or the word given: 未加油) where there is none; 0 is a value."""
    if value is None or value == "":
        return format_html('<span class="gj-none">{}</span>', word)
    return value


@register.filter(name="label_of")
def label_of(value: Any) -> str:
    """The Chinese label of a term."""
    return str(getattr(value, "label", value))


# ── small tags ───────────────────────────────────────────────────────────────────────────


@register.simple_tag(name="icon")
def icon(name: str) -> SafeString:
    """``{% icon "printer" %}``: inline SVG, always beside a word."""
    return icons.svg(name)


@register.simple_tag(name="chip")
def chip(tone: str, icon_name: str, word_text: str) -> SafeString:
    """A state in heads and to-dos: ``{% chip "wait" "clock-hour-4" "待办理" %}``."""
    return widgets.toned("gj-chip", tone=tone, icon=icon_name, word=word_text)


@register.simple_tag(name="word")
def word(tone: str, icon_name: str, word_text: str) -> SafeString:
    """A state in tables: icon and word without a box."""
    return widgets.toned("gj-word", tone=tone, icon=icon_name, word=word_text)


@register.simple_tag(name="mark")
def mark(text: str, tone: str = "") -> SafeString:
    """A second fact, outlined: ``{% mark "应急" "wait" %}``."""
    if tone:
        return format_html('<span class="gj-mark" data-tone="{}">{}</span>', tone, text)
    return format_html('<span class="gj-mark">{}</span>', text)


@register.simple_tag(name="label_plate")
def label_plate(text: str | None, kind: str = "", full: bool = False) -> SafeString:
    """A registration label, prefix and rest set apart by CSS so that copying gives it whole.

    ``kind`` is its colour in one character; ``full`` paints it wholly (once, on a detail page).
    """
    if not text:
        return NONE
    return format_html(
        '<span class="gj-plate" data-kind="{}"{}><i>{}</i>{}</span>',
        kind,
        mark_safe(" data-full") if full else "",
        text[:2],
        text[2:],
    )


register.simple_tag(name="plate")(label_plate)


@register.simple_tag(name="number")
def number(
    value: Decimal | float | date | None, unit: str = "", places: int | None = None
) -> SafeString:
    """``<b>307</b> 公里``; a day as it is."""
    if value is None:
        return NONE
    if isinstance(value, date):
        return format_html("<b>{}</b>", formats.figure(value))
    return format_html("<b>{}</b>{}", formats.num(value, places=places), widgets.unit(unit))


@register.simple_tag(name="figref")
def figref(
    value: Decimal | float | date | None, url: str, unit: str = "", current: bool = False
) -> SafeString:
    """A number, or a day, that opens its rows."""
    if value is None:
        return NONE
    here = mark_safe(' aria-current="true"') if current else ""
    return format_html(
        '<a class="gj-figref" href="{}"{}>{}</a>{}',
        url,
        here,
        formats.figure(value),
        widgets.unit(unit),
    )


@register.simple_tag(name="person")
def person(name: str | None, post: str = "") -> SafeString:
    """``莫兴`` with the post in grey."""
    if not name:
        return NONE
    return format_html(
        '<span class="gj-person">{}{}</span>',
        name,
        format_html(' <span class="gj-sub">{}</span>', post) if post else "",
    )


@register.simple_tag(name="unit_name")
def unit_name(short: str | None, full: str = "", url: str = "") -> SafeString:
    """A unit by its short name, the full one as title; a link where a url is given."""
    if not short:
        return NONE
    if url:
        return format_html('<a href="{}" title="{}">{}</a>', url, full or short, short)
    return format_html('<span title="{}">{}</span>', full or short, short)


@register.simple_tag(name="count")
def count(value: int | None, tone: str = "") -> SafeString:
    """A small count beside a word; nothing for ``None``."""
    if value is None:
        return mark_safe("")
    if tone and value:
        return format_html('<span class="gj-count" data-tone="{}">{}</span>', tone, value)
    return format_html('<span class="gj-count">{}</span>', value)


@register.simple_tag(name="cut")
def cut(text: str | None) -> SafeString:
    """Long text on one line, cut with …, whole in the title."""
    return format_html('<span class="gj-cut" title="{0}">{0}</span>', text) if text else NONE


# ── panels ───────────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("ui/parts/verdict.html", name="verdict")
def verdict(  # one keyword for each way a verdict is shown
    found: verdicts.Verdict | Iterable[verdicts.Finding] | None,
    *,
    field: str = "",
    passes: bool = False,
    plain: bool = False,
    alert: bool = True,
    acts: bool = True,
) -> dict[str, Any]:
    """Refusals, warnings and (``passes=True``) passes, each with its 依据.

    Takes a ``Verdict``, or findings of a ``Refused`` (shown as refusals). ``field`` keeps only the
    findings of that field; ``plain`` is the list form of detail pages. Options become buttons named
    ``option`` with ``act:value``, to stand inside a form; ``acts=False`` or ``plain`` omits them.
    """
    return {
        "findings": widgets.findings(found, field=field, passes=passes),
        "plain": plain,
        "alert": alert and not plain,
        "acts": acts and not plain,
    }


@register.inclusion_tag("ui/parts/life.html", name="life")
def life(stations: Iterable[Any]) -> dict[str, Any]:
    """The life of a record: stations with ``at`` (done, now, later, stop), title, when, who."""
    return {"stations": stations}


@register.inclusion_tag("ui/parts/steps.html", name="steps")
def steps(acts: Iterable[Any]) -> dict[str, Any]:
    """What happened to an approval: ``tone``, ``icon``, ``who``, ``act``, ``when``, ``opinion``."""
    return {"acts": acts}


@register.inclusion_tag("ui/parts/empty.html", name="empty")
def empty(
    sentence: str, icon_name: str = "inbox", url: str = "", act: str = "", sub: str = ""
) -> dict[str, Any]:
    """An empty list: what would be here, and the one act."""
    return {"sentence": sentence, "icon": icon_name, "url": url, "act": act, "sub": sub}


@register.inclusion_tag("ui/parts/pager.html", name="pager", takes_context=True)
def pager(context: Context, page: Page[Any], noun: str = "条", key: str = "page") -> dict[str, Any]:
    """``第 1–50 单，共 247 单，每页 50 单`` and the links; other parameters are kept."""
    request = context.get("request")
    return widgets.pager(page=page, query=request.GET if request else None, noun=noun, key=key)


@register.inclusion_tag("ui/parts/tabs.html", name="tabs")
def tabs(items: Iterable[Any]) -> dict[str, Any]:
    """Tabs: ``title``, ``url``, ``current``, ``count`` (may be absent), ``tone`` of the count."""
    return {"items": items}


@register.inclusion_tag("ui/parts/seg.html", name="seg")
def seg(items: Iterable[Any], label: str = "") -> dict[str, Any]:
    """Segments as links: ``title``, ``url``, ``current``; ``icon`` where only an icon is shown."""
    return {"items": items, "label": label}


@register.inclusion_tag("ui/parts/dl.html", name="dl")
def dl(rows: Iterable[tuple[str, Any]], narrow: bool = False) -> dict[str, Any]:
    """Terms and values; ``narrow`` is the two-column form (term left, number right)."""
    return {"rows": rows, "narrow": narrow}


@register.inclusion_tag("ui/parts/flashes.html", name="flashes", takes_context=True)
def flashes(context: Context) -> dict[str, Any]:
    """The result of the last act, in one line at the top of the page."""
    return {"messages": context.get("messages") or ()}


# ── forms ────────────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("ui/parts/field.html", name="field")
def field(  # noqa: PLR0913 — one keyword for each thing that may stand at a field
    bound: BoundField,
    *,
    unit: str = "",
    help: str = "",
    example: str = "",
    width: str = "",
    icon_name: str = "",
    count: int = 0,
    verdict: verdicts.Verdict | None = None,
    aside: str = "",
    odo_base: int | None = None,
) -> dict[str, Any]:
    """Label, control, unit, help, error and verdict of a form field, for a ``.gj-form`` grid.

    ``example``: the placeholder; ``width``: ``s m l`` (110, 210, 320 px); ``count``: the greatest
    length, shown as ``11 / 100``; ``aside``: text at the right of a short field.
    """
    return widgets.field(
        bound,
        unit=unit,
        help_text=help,
        example=example,
        count=count,
        odo_base=odo_base,
    ) | {
        "width": width,
        "icon": icon_name,
        "aside": aside,
        "findings": widgets.findings(verdict, field=bound.name) if verdict else (),
    }


@register.inclusion_tag("ui/parts/error_summary.html", name="error_summary")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """``还有 2 处要改：事由、时间`` with links to the fields."""
    return {
        "faults": widgets.faults(form),
        "others": form.non_field_errors() if form.is_bound else (),
    }


@register.inclusion_tag("ui/parts/confirm.html", name="confirm", takes_context=True)
def confirm(  # the parts of the one question a dialog asks
    context: Context,
    *,
    id: str,
    title: str,
    sentence: str,
    act: str,
    keep: str,
    url: str,
    stop: bool = True,
    reason: str = "",
) -> dict[str, Any]:
    """A dialog before what cannot be undone; open it with ``<button data-dialog="id">``.

    ``act`` and ``keep`` are the verbs of its buttons (作废 / 不作废); ``reason`` is the label of
    a reason that must be given, posted as ``reason``.
    """
    return {
        "id": id,
        "title": title,
        "sentence": sentence,
        "act": act,
        "keep": keep,
        "url": url,
        "stop": stop,
        "reason": reason,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(name="options")
def options(findings: Iterable[verdicts.Finding]) -> SafeString:
    """The options of findings as buttons."""
    return format_html_join(
        " ",
        '<button class="btn btn-sm" type="submit" name="option" value="{}:{}"'
        " formnovalidate>{}</button>",
        ((o.act, o.value, o.label) for finding in findings for o in finding.options),
    )
