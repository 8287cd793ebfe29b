"""Floor plans for the walk over all pages: a drawn floor, and a drawing that waits."""

from django.utils import timezone

from guanjia.domains.space.actions import plans as acts
from guanjia.domains.space.models import Building, FloorPlan, PlanUpload, Room
from guanjia.domains.space.terms.plans import Shape, ShapeRole, SourceKind
from guanjia.domains.space.tests.builders import SINCE
from guanjia.engines.floorplan import svg
from guanjia.engines.floorplan.tests import drawings
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.values.actor import Actor


def draw(building: Building) -> FloorPlan:
    """The first floor of a building as a row of its rooms, each as large as the ledger says."""
    left, shapes = 0, []
    for room in (
        Room.objects.on(SINCE).filter(building=building, floor__number=1).order_by("number")
    ):
        right = left + round(room.spells.on(SINCE).get().usable_m2 * 1_000_000 / 5000)
        corners = ((left, 0), (right, 0), (right, 5000), (left, 5000))
        shapes.append(
            Shape(label=room.number, role=ShapeRole.ROOM, room_id=room.pk, corners=corners)
        )
        left = right
    return acts.sketch(
        actor=SYSTEM, building_id=building.pk, number=1, shapes=shapes, since=SINCE, at=AT
    )


def waiting(building: Building, actor: Actor) -> PlanUpload:
    """A drawing that the actor sent for the first floor; its file is not kept."""
    row: PlanUpload = PlanUpload.objects.create(
        floor=building.floors.get(number=1), source=SourceKind.SVG, name="一层.svg", bytes=1,
        digest="0" * 64, found=svg.read(drawings.SVG.encode()).as_json(),
        account_id=actor.account_id, sent_at=timezone.now(),
    )  # fmt: skip
    return row
