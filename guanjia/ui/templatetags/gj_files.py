"""Template tags for files: ``{% load gj_files %}``. See ``docs/kernel/attachments.md``.

The page loads ``ui/files.css`` and ``ui/files.js`` besides.
"""

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField
from django.template.context import Context

from guanjia.kernel.attachments.models import Attachment
from guanjia.ui import files as shown_files

register = template.Library()


@register.inclusion_tag("ui/files/field.html", name="files_field", takes_context=True)
def files_field(context: Context, bound: BoundField, *, help: str = "") -> dict[str, Any]:
    """Label, chosen files and errors of a ``FilesField``, for a ``.gj-form`` grid in a form."""
    actor = getattr(context.get("request"), "actor", None)
    return shown_files.field_context(bound, actor=actor, help_text=help)


@register.inclusion_tag("ui/files/list.html", name="files_list", takes_context=True)
def files_list(
    context: Context,
    files: Iterable[Attachment],
    *,
    readonly: bool = False,
    empty: str = "",
    id: str = "files",
) -> dict[str, Any]:
    """The files of a row with pictures, downloads and 移除; stands outside of any form.

    ``empty`` is said when there are none; ``id`` tells two lists of one page apart.
    """
    request = context.get("request")
    actor = getattr(request, "actor", None)
    rows = shown_files.listed(files, actor=actor, readonly=readonly)
    return {
        "rows": [row for row in rows if row.file.is_here],
        "gone": [row for row in rows if not row.file.is_here],
        "empty": empty,
        "id": id,
        "back": request.get_full_path() if request is not None else "",
        "csrf_token": context.get("csrf_token"),
    }
