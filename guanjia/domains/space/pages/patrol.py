"""手机巡检: the pages an inspector carries, which work without a network and send later.

The page is a frame without rooms; the rooms of the round are read as data and kept in the
telephone's own store by account. ``docs/domains/space/rounds.md`` tells how nothing is lost.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from guanjia.domains.space.actions import inspecting
from guanjia.domains.space.actions.inspecting import Answer, Came, Look
from guanjia.domains.space.models import Room, Round
from guanjia.domains.space.queries import rounds as queries
from guanjia.domains.space.terms.ledger import RoomKind
from guanjia.domains.space.terms.rounds import NOTE_MAX, PHOTOS, RECORDS_MAX, Way
from guanjia.kernel.values.texts import storable
from guanjia.kernel.vouchers import rendering
from guanjia.ui import pages
from guanjia.ui.pages import PageRequest, needs, public

INSPECT, SEE = inspecting.INSPECT, queries.SEE
WORKER = "space/patrol-worker.js"
_REFUSED = 422
_ITEMS_MAX = 100
_YEARS = range(1970, 2200)  # a clock from its box says 1970; other years cannot be reckoned with


# ── the frames ───────────────────────────────────────────────────────────────────────────


@needs(INSPECT)
@require_safe
@never_cache
def patrol(request: PageRequest) -> HttpResponse:
    """The rounds under way that this person goes on; what the telephone keeps is shown by it."""
    found = [one for one in queries.running(request.scope) if _goes(request, one)]
    return pages.render(request, "space/patrol.html", {"rounds": found})


def _goes(request: PageRequest, round_: Round) -> bool:
    return queries.may_go(actor=request.actor, round_=round_)


@needs(INSPECT)
@require_safe
@never_cache
def patrol_round(request: PageRequest, round_id: int) -> HttpResponse:
    """The frame of a round: list, room and checklist without a single room in it."""
    found = _round(request, round_id)
    context = {
        "round": found,
        "items": [(item, queries.cite_of(item)) for item in found.items.all()],
        "kinds": list(RoomKind),
        "photos": PHOTOS.count_max,
        "note_max": NOTE_MAX,
        "may_go": _goes(request, found),
    }
    return pages.render(request, "space/patrol_round.html", context)


def _round(request: PageRequest, round_id: int) -> Round:
    return queries.round_of(scope=request.scope, round_id=round_id)


@needs(INSPECT)
@require_safe
def patrol_door(request: PageRequest, room_id: int) -> HttpResponse:
    """Where the code on a door leads: the room in a round under way, else the room's page."""
    Room.objects.within(request.scope).get(pk=room_id)  # outside the scope: 404
    today = timezone.localdate()
    for one in queries.running(request.scope):
        if not _goes(request, one):
            continue
        if any(
            told["id"] == room_id
            for told in queries.rooms_to_go(round_=one, scope=request.scope, day=today)
        ):
            return redirect(f"{reverse('space:patrol_round', args=[one.pk])}#scan-{room_id}")
    return redirect("space:room", room_id)


@public
@require_safe
def patrol_worker(_: HttpRequest) -> HttpResponse:
    """The service worker, served where its reach is the pages of 手机巡检 only."""
    found = finders.find(WORKER) or str(Path(settings.STATIC_ROOT) / WORKER)
    answer = HttpResponse(Path(str(found)).read_bytes(), content_type="text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


# ── data ─────────────────────────────────────────────────────────────────────────────────


@needs(INSPECT)
@require_safe
@never_cache
def patrol_rooms(request: PageRequest, round_id: int) -> HttpResponse:
    """The rooms of a round inside the scope, for the telephone to keep; no other unit's."""
    found = _round(request, round_id)
    if not _goes(request, found):
        return JsonResponse({"sentence": "您不在这次巡检的人员里。"}, status=_REFUSED)
    at = timezone.now()
    visits = queries.visits_of(round_=found, scope=request.scope)
    told = queries.rooms_to_go(round_=found, scope=request.scope, day=timezone.localdate(at))
    pages.tell_shown(request, rows=len(told))
    return JsonResponse(
        {
            "account": request.actor.account_id,
            "round": {"id": found.pk, "title": found.title, "state": found.state},
            "units": [{"id": one.unit_id, "name": one.unit.shown} for one in visits],
            "rooms": told,
            "at": at.isoformat(),
        }
    )


@needs(INSPECT)
@require_safe
@never_cache
def patrol_key(request: PageRequest) -> HttpResponse:
    """Who is signed in now, and the key for sending: the one in a kept page is from before."""
    return JsonResponse({"account": request.actor.account_id, "key": get_token(request)})


@needs(INSPECT)
@require_POST
def patrol_send(request: PageRequest, round_id: int) -> HttpResponse:
    """Take in what a telephone kept: ``looks`` as JSON, photos as ``photo-<uid>`` files.

    Answers what became of each record; one that cannot be read is refused by itself.
    """
    _round(request, round_id)
    at = timezone.now()
    told = _told(request.POST.get("looks", ""))
    sent_at = _moment(request.POST.get("sent_at"))
    if told is None or sent_at is None:
        return JsonResponse({"sentence": "送来的内容读不懂。"}, status=_REFUSED)
    looks: list[Look] = []
    answers: list[Answer] = []
    for facts in told[:RECORDS_MAX]:
        read = _look(facts, request)
        (looks if isinstance(read, Look) else answers).append(read)  # type: ignore[arg-type]  # sorted by their kind
    answers += inspecting.take_looks(
        actor=request.actor, round_id=round_id, looks=looks, sent_at=sent_at, at=at
    )
    return JsonResponse(
        {
            "answers": [
                {"uid": str(one.uid), "came": one.came.value, "sentence": one.sentence}
                for one in answers
            ]
        }
    )


def _told(text: str) -> list[Mapping[str, Any]] | None:
    """The records of a sending; ``None`` where it is no list of records with their marks."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    return found if all(isinstance(one, dict) and _uid(one) for one in found) else None


def _uid(facts: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(facts.get("uid")))
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    """An ISO instant with its zone, of years that clocks show; ``None`` for anything else."""
    try:
        found = parse_datetime(str(value or ""))
    except ValueError:
        return None
    if found is None or not timezone.is_aware(found) or found.year not in _YEARS:
        return None
    return found


def _look(facts: Mapping[str, Any], request: PageRequest) -> Look | Answer:
    """One record as it was sent, or why it cannot be read."""
    uid = _uid(facts)
    scanned = _moment(facts.get("scanned_at"))
    items = facts.get("items", [])
    room = facts.get("room")
    sound = _id(room) and isinstance(items, list) and len(items) <= _ITEMS_MAX
    if uid is None or scanned is None or not sound or not all(_id(item) for item in items):
        return Answer(uid=uid or UUID(int=0), came=Came.REFUSED, sentence="这条记录读不懂。")
    try:
        measured = _measured(facts.get("measured"))
    except InvalidOperation:
        return Answer(uid=uid, came=Came.REFUSED, sentence="实测面积只填数字，如 21.9。")
    kind, way = str(facts.get("kind") or ""), str(facts.get("way") or "")
    return Look(
        uid=uid,
        room_id=int(room or 0),
        scanned_at=scanned,
        items=items,
        note=storable(str(facts.get("note") or "")),
        measured_m2=measured,
        seen_kind=RoomKind(kind) if kind in set(RoomKind) else None,
        way=Way(way) if way in set(Way) else Way.PICKED,
        photos=[file.read() for file in _photos(request, uid)],
    )


def _id(value: Any) -> bool:
    """Whether it can be the id of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _measured(value: Any) -> Decimal | None:
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    found = Decimal(text)
    if not found.is_finite():
        raise InvalidOperation
    return found.quantize(Decimal("0.01"))


def _photos(request: PageRequest, uid: UUID) -> Sequence[Any]:
    return request.FILES.getlist(f"photo-{uid}")[: PHOTOS.count_max + 1]


# ── codes for the doors ──────────────────────────────────────────────────────────────────


@needs(SEE)
@require_safe
def door_signs(request: PageRequest, round_id: int, unit_id: int) -> HttpResponse:
    """门牌码 of a unit's rooms, to print and to stick on the doors."""
    found = queries.round_of(scope=request.scope, round_id=round_id)
    try:
        visit = queries.visit_of(round_=found, unit_id=unit_id, scope=request.scope)
    except ObjectDoesNotExist as nothing:
        raise Http404 from nothing
    day = min(max(timezone.localdate(), found.begins_on), found.ends_on)
    held = queries.rooms_of(round_=found, visit=visit, day=day)
    signs = [
        {
            "room": room,
            "kind": RoomKind(room.now.kind).label,
            "svg": rendering.qr_svg(
                f"{settings.PUBLIC_URL}{reverse('space:patrol_door', args=[room.pk])}"
            ),
        }
        for room, _ in held
    ]
    context = {"round": found, "visit": visit, "signs": signs}
    return pages.render(request, "space/door_signs.html", context)
