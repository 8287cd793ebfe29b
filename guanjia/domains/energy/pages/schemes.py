"""考核方案: a table of indicators, who takes part, how far they are, and its publication."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.energy.acts.schemes import ACTS
from guanjia.domains.energy.models import Indicator, Scheme
from guanjia.domains.energy.pages.links import link
from guanjia.domains.energy.queries import assessing as queries
from guanjia.domains.energy.queries import institutions, publications
from guanjia.domains.energy.terms.assessment import Fact, How, Scale
from guanjia.kernel.values.actor import Scope
from guanjia.ui import formats, pages, trail
from guanjia.ui.pages import PageRequest, needs

SEE, PLAN = queries.SEE, queries.PLAN


@needs(SEE)
def scheme(request: PageRequest, scheme_id: int) -> HttpResponse:
    """A scheme with its tree, its members and its appeals."""
    found: Scheme = queries.schemes(Scope.all()).get(pk=scheme_id)
    leaves = queries.leaf_rows(found)
    listed = institutions.listed(Scope.all(), timezone.localdate()).count()
    plans = request.actor.can(PLAN)
    notice = publications.newest_of_scheme(found.pk)
    context = {
        "scheme": found,
        "lines": lines(found),
        "extra": sum((row.points or 0 for row in leaves if row.extra), 0),
        "grades": [(grade.title, formats.num(grade.least)) for grade in queries.grades(found)],
        "listed": listed,
        "appeals": list(queries.open_appeals(found, request.actor.scope(PLAN))) if plans else [],
        "notice": notice if notice and publications.sees_publication(request.actor, notice.pk)
        else None,
        "list_url": link("energy:assessments_list", view="all", scheme=found.pk),
        "short_url": link("energy:assessments_list", view="short", scheme=found.pk),
        "acts": [act for act in ACTS if not act.makes and act.may(request.actor, found)],
        "records": trail.told(model="energy.scheme", pk=found.pk),
    }  # fmt: skip
    return pages.render(request, "energy/scheme.html", context)


def lines(found: Scheme) -> list[dict[str, Any]]:
    """The tree as rows: how deep, what, how it is scored."""
    rows = list(found.indicators.order_by("position"))
    depth: dict[int | None, int] = {None: -1}
    shown = []
    for row in rows:
        depth[row.pk] = depth[row.parent_id] + 1
        shown.append({"row": row, "depth": depth[row.pk], "how": how_of(row)})
    return shown


def how_of(row: Indicator) -> str:
    """How a leaf is scored, in words."""
    if row.how != How.DATA:
        return How(row.how).label if row.how else ""
    measure: Any = row.measure
    words = Fact(measure["fact"]).label
    scale = Scale(measure["scale"])
    if scale is Scale.REACHES:
        words += f"达到 {measure['bound']}"
    elif scale is Scale.EACH:
        words += f"每次 {measure['each']} 分"
    elif scale is Scale.STEPS:
        sign = "≥" if measure.get("up") else "≤"
        words += "：" + "，".join(
            f"{sign}{bound} 得 {points}" for bound, points in measure["steps"]
        )
    else:
        words += "按比例"
    return words
