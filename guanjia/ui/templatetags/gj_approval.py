"""Template tags for approvals: ``{% load gj_approval %}``.

The page of a department puts the answer of ``ui.approval.panel.show`` into its context and shows it
with these; it loads ``ui/approval.css`` and ``ui/approval.js`` besides.
"""

from typing import Any

from django import template
from django.template.context import Context

from guanjia.ui.approval.panel import Shown

register = template.Library()


def _with_token(context: Context, shown: Shown | None) -> dict[str, Any]:
    return {"shown": shown, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/approval/decide.html", name="approval_decide", takes_context=True)
def approval_decide(context: Context, shown: Shown | None, about: str = "") -> dict[str, Any]:
    """The panel of whoever is to decide, on top of the page; after a refusal why, for anybody.

    ``about`` says in one line what is decided.
    """
    return _with_token(context, shown) | {"about": about}


@register.inclusion_tag("ui/approval/acts.html", name="approval_acts", takes_context=True)
def approval_acts(context: Context, shown: Shown | None) -> dict[str, Any]:
    """撤回 and 催办 of the applicant, for the head of the page; 终止 of a keeper of routes."""
    return _with_token(context, shown)


@register.inclusion_tag("ui/approval/story.html", name="approval_story", takes_context=True)
def approval_story(context: Context, shown: Shown | None) -> dict[str, Any]:
    """The panel 审批: what was done, who has it, who comes next."""
    return _with_token(context, shown)


@register.inclusion_tag("ui/approval/lines.html", name="approval_lines", takes_context=True)
def approval_lines(context: Context, lines: Any) -> dict[str, Any]:
    """Lines alone: what a request that is not sent yet would go through."""
    return {"lines": lines, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("ui/approval/dialogs.html", name="approval_dialogs", takes_context=True)
def approval_dialogs(context: Context, shown: Shown | None) -> dict[str, Any]:
    """The dialogs behind the buttons; at the end of the page, outside of any form."""
    return _with_token(context, shown)
