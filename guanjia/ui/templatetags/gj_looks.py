"""Who looked at a row from outside: ``{% load gj_looks %}{% looked_at "org.unit" unit.pk %}``."""

from typing import Any

from django import template
from django.template.context import Context

from guanjia.kernel.access import duties, looks
from guanjia.kernel.values.actor import Actor

register = template.Library()

SHOWN = 8


@register.inclusion_tag("ui/parts/looked_at.html", name="looked_at", takes_context=True)
def looked_at(
    context: Context, model: str, row_id: int, *, verb: str, all_url: str = ""
) -> dict[str, Any]:
    """The last looks at a row, for whoever has ``verb``; nothing for everybody else.

    ``all_url``: where all of them are listed.
    """
    actor: Actor | None = getattr(context.get("request"), "actor", None)
    if actor is None or not actor.can(verb):
        return {"rows": None}
    found = looks.looks_at(scope=actor.scope(verb), model=model, row_id=row_id)
    rows = list(found.select_related("account__person__unit")[: SHOWN + 1])
    return {
        "rows": [{"look": look, "duty": _title(look.duty)} for look in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "all_url": all_url,
    }


def _title(key: str) -> str:
    duty = duties.get(key)
    return duty.title if duty else key
