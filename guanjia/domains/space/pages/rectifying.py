"""整改: one thing that has to be put right. The list is a register."""

from django.http import HttpResponse
from django.utils import timezone

from guanjia.domains.space.acts.rectifying import ACTS, ANSWER
from guanjia.domains.space.forms import rectifying as forms
from guanjia.domains.space.pages import round_view as view
from guanjia.domains.space.pages.links import link
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.terms.rounds import RectState
from guanjia.kernel.attachments import queries as attachments
from guanjia.ui import pages, trail
from guanjia.ui.pages import PageRequest, needs


@needs(queries.SEE)
def rectification(request: PageRequest, rectification_id: int) -> HttpResponse:
    """What has to be put right, by when, what the unit did, and the acts of this person."""
    actor, scope, today = request.actor, request.scope, timezone.localdate()
    row = queries.rectification(scope=scope, rectification_id=rectification_id)
    looked = queries.inspection(scope=scope, inspection_id=row.inspection_id)
    sees_room = row.room_id is not None and actor.can(rooms.SEE)
    context = {
        "row": row,
        "looked": looked,
        "chip": view.rect_chip(row, today=today),
        "life": view.life(row),
        "what": view.what(looked),
        "found": view.found(looked),
        "late_days": max(0, (today - row.due_on).days) if row.state == RectState.OPEN else 0,
        "shots": attachments.of(model="space.inspection", row_id=looked.pk),
        "files": attachments.of(model="space.rectification", row_id=row.pk),
        "records": trail.told(model="space.rectification", pk=row.pk),
        "form": forms.Answer(),
        "acts": [act for act in ACTS if act is not ANSWER and act.may(actor, row)],
        "may_answer": ANSWER.may(actor, row),
        "room_url": link("space:room", row.room_id)
        if sees_room and rooms.sees_room(actor, row.room_id or 0)
        else "",
    }
    return pages.render(request, "space/rectification.html", context)
