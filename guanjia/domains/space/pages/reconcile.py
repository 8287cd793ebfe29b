"""台账核对: what the master ledger differs in from the other accounts, each with both values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from guanjia.domains.space.pages.filling import asked_day
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import reconcile as queries
from guanjia.domains.space.terms.reconcile import Against, Differs, Mismatch, Row
from guanjia.kernel.values.actor import Actor
from guanjia.ui import excel, formats, pages
from guanjia.ui.pages import PageRequest, needs
from guanjia.ui.registers.pages import excel as excel_response

PER_PAGE = 50
_HEADS = ("核对", "差异", "房间、楼栋", "使用单位", "总台账", "另一处", "另一处的来源")
# Where the second value stands, and what its reader must be allowed to see.
_PAGES = {
    Row.PERSON: ("portal:person", "org.person.see"),
    Row.RETURN: ("space:survey_return", "space.survey.see"),
    Row.LOOK: ("space:inspection", "space.round.see"),
    Row.VOUCHER: ("portal:voucher", "space.allocation.see"),
    Row.ALLOCATION: ("space:allocation", "space.allocation.see"),
}
_SOURCES = {
    Against.LEDGERS: "总台账与各单位填报的分台账，以及总台账内部的使用单位、使用人、面积",
    Against.PLACE: "总台账与最近一次巡检看到、量到的",
    Against.PAPERS: "总台账与权属证书、调配使用凭证",
}


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What the address asks for; what it does not know is not asked."""

    day: date
    past: bool
    against: str
    differs: str
    words: str

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        told = {
            "against": self.against, "differs": self.differs, "words": self.words,
            "on": f"{self.day:%Y-%m-%d}" if self.past else "",
        }  # fmt: skip
        return {name: value for name, value in told.items() if value}

    def address(self, page: str = "space:reconcile", **changes: str) -> str:
        """A page with this query, some of it changed."""
        query = {name: value for name, value in (self.query | changes).items() if value}
        return f"{reverse(page)}?{urlencode(query)}" if query else reverse(page)


def _asked(request: PageRequest) -> _Asked:
    day, past = asked_day(request)
    against, differs = request.GET.get("against", ""), request.GET.get("differs", "")
    return _Asked(
        day=day,
        past=past,
        against=against if against in set(Against) else "",
        differs=differs if differs in set(Differs) else "",
        words=request.GET.get("words", "").strip()[:60],
    )


def _shown(found: Sequence[Mismatch], asked: _Asked) -> list[Mismatch]:
    return [
        each
        for each in found
        if asked.against in ("", each.differs.against)
        and asked.differs in ("", each.differs)
        and (asked.words in each.subject or asked.words in each.unit)
    ]


@needs(queries.SEE)
def reconcile(request: PageRequest) -> HttpResponse:
    """Every mismatch of a day once; each value opens the row it stands in."""
    asked = _asked(request)
    found = queries.mismatches(day=asked.day, scope=request.scope)
    shown = _shown(found, asked)
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    pages.tell_shown(request, rows=len(page.object_list))
    context = {
        "asked": asked,
        "day": asked.day,
        "past": asked.past,
        "found": len(found),
        "shown": len(shown),
        "page": page,
        "rows": [_row(each, asked, request.actor) for each in page.object_list],
        "tabs": _tabs(found, asked),
        "kinds": _kinds(found, asked),
        "source": _SOURCES.get(Against(asked.against)) if asked.against else "",
        "export_url": asked.address("space:reconcile_export"),
        "on_time": timezone.now(),
    }
    return pages.render(request, "space/reconcile.html", context)


def _tabs(found: Sequence[Mismatch], asked: _Asked) -> list[dict[str, Any]]:
    """All, and each of the three comparisons with its count."""
    keys = [("", "全部"), *((each.value, each.label) for each in Against)]
    return [
        {
            "title": title,
            "count": sum(key in ("", each.differs.against) for each in found),
            "current": key == asked.against,
            "url": asked.address(against=key, differs=""),
        }
        for key, title in keys
    ]


def _kinds(found: Sequence[Mismatch], asked: _Asked) -> list[dict[str, Any]]:
    """The kinds of mismatch that there are under the tab, with their counts."""
    counts: Mapping[Differs, int] = {
        kind: sum(each.differs is kind for each in found)
        for kind in Differs
        if asked.against in ("", kind.against)
    }
    return [
        {"value": kind.value, "title": f"{kind.label}（{count}）", "current": kind == asked.differs}
        for kind, count in counts.items()
        if count
    ]


def _row(each: Mismatch, asked: _Asked, actor: Actor) -> dict[str, Any]:
    return {
        "each": each,
        "ours_url": _ours_url(each, asked),
        "theirs_url": _theirs_url(each, asked, actor),
        "unit_url": link("space:unit_ledger", each.unit_id, on=_on(asked)) if each.unit_id else "",
    }


def _on(asked: _Asked) -> str:
    return f"{asked.day:%Y-%m-%d}" if asked.past else ""


def _ours_url(each: Mismatch, asked: _Asked) -> str:
    """The room or building as the master ledger has it that day; ``""`` where it has none."""
    if each.room_id:
        return link("space:room", each.room_id, on=_on(asked))
    return link("space:building", each.building_id, on=_on(asked)) if each.building_id else ""


def _theirs_url(each: Mismatch, asked: _Asked, actor: Actor) -> str:
    """The row on the other side; where the ledger contradicts itself, or its reader may not open
    the other one, the same one."""
    if each.other is Row.ROOMS:
        return link("space:rooms_list", view="all", building=each.building_id, on=_on(asked))
    page, verb = _PAGES.get(each.other or Row.TITLE, ("", ""))
    if page and each.other_id and actor.can(verb):
        return link(page, each.other_id)
    return _ours_url(each, asked)


@needs(queries.SEE)
def reconcile_export(request: PageRequest) -> HttpResponse:
    """导出 Excel: exactly the rows that are shown, in their order."""
    asked = _asked(request)
    rows = _shown(queries.mismatches(day=asked.day, scope=request.scope), asked)
    made = f"{request.actor.name} {formats.daytime(timezone.now(), style='iso')} 导出"
    content = excel.book(
        title="办公用房台账核对",
        notes=[f"截至 {asked.day:%Y-%m-%d}  共 {len(rows)} 处不符  {made}"],
        heads=_HEADS,
        rows=[
            [each.differs.against.label, each.differs.label, each.subject, each.unit, each.ours,
             each.theirs, each.other.label if each.other else "总台账"]
            for each in rows
        ],
    )  # fmt: skip
    pages.tell_shown(request, rows=len(rows), exported=True)
    return excel_response(content, f"台账核对{asked.day:%Y%m%d}.xlsx")
