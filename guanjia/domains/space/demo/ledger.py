"""The ledger of the demo as an office keeps it: land and titles, appraisals, rooms that changed."""

import io
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from PIL import Image, ImageDraw

from guanjia.domains.space.actions import buildings, rooms
from guanjia.domains.space.actions.rooms import RoomPart
from guanjia.domains.space.models import Building, Compound
from guanjia.domains.space.queries import rooms as queries
from guanjia.domains.space.rules.buildings import Title
from guanjia.domains.space.terms.ledger import RoomKind, SafetyGrade, TitleState
from guanjia.kernel.access import queries as access
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.values.actor import Actor
from guanjia.kernel.values.period import SHANGHAI

KEEPER = "pengminci"
OLD_COURT = "老市委大院"
BUREAU = "景德镇市机关事务管理局"
_DAY = timedelta(days=1)
_LAND = (
    ("市发展中心北苑", "昌南新区迎宾大道", "86000", "赣(2019)景德镇市不动产权第0117号"),
    ("市民中心", "昌江区瓷都大道", "64000", "景土国用(2013)第0458号"),
    (OLD_COURT, "珠山区莲社北路", "31200", ""),
)


def live(*, at: datetime) -> None:
    """What was told of compounds, buildings and rooms in the last months; ``at``: the moment."""
    keeper = access.actor_named(username=KEEPER, on=at.date())
    _land(keeper, at - 60 * _DAY)
    _titles(keeper, at - 40 * _DAY)
    _appraisals(keeper, at - 30 * _DAY)
    _rooms(keeper, at - 20 * _DAY)


def _land(keeper: Actor, at: datetime) -> None:
    for name, address, m2, title in _LAND:
        compound = Compound.objects.filter(name=name).first()
        if compound is None:
            continue
        facts: dict[str, Any] = {"address": address, "land_m2": Decimal(m2), "land_title_no": title}
        buildings.amend_compound(
            actor=keeper, compound_id=compound.pk, facts=facts, on=None, why="按土地证登记", at=at
        )


def _court(name: str) -> Building | None:
    found: Building | None = Building.objects.filter(compound__name=OLD_COURT, name=name).first()
    return found


def _titles(keeper: Actor, at: datetime) -> None:
    """A title that is filed because papers are lost, one in the name of who was there before, one
    that tells another area."""
    on = at.astimezone(SHANGHAI).date()
    told = (
        ("3号楼", Title(state=TitleState.FILED, number="景权备〔2020〕3号", owner=BUREAU, on=on),
         "原件遗失，按权属备案办理"),
        ("4号楼", Title(state=TitleState.REGISTERED, number="景房权证市字第45422号",
                      owner="市委老干部局", on=on), "证书还在原使用单位名下"),
        ("6号楼", Title(state=TitleState.REGISTERED, number="景房权证市字第12075号", owner=BUREAU,
                      on=on, area_m2=Decimal("3196.5")), "按证书补登面积"),
    )  # fmt: skip
    for name, title, note in told:
        if building := _court(name):
            buildings.record_title(
                actor=keeper, building_id=building.pk, title=title, note=note, at=at
            )


def _appraisals(keeper: Actor, at: datetime) -> None:
    on = at.astimezone(SHANGHAI).date()
    for name, grade in (("1号楼", SafetyGrade.C), ("2号楼", SafetyGrade.B)):
        building = _court(name)
        if building is None:
            continue
        buildings.record_appraisal(
            actor=keeper, building_id=building.pk, grade=grade, on=on - 5 * _DAY,
            note="市房屋安全鉴定中心", at=at,
        )  # fmt: skip
    if building := _court("1号楼"):
        photo = attachments.stage(actor=keeper, file=_front(building.name), name="正面.png", at=at)
        buildings.add_files(
            actor=keeper, building_id=building.pk, files=[photo.pk], kind="照片", at=at
        )


def _front(name: str) -> bytes:
    """A picture that stands for the photo of a building's front."""
    picture = Image.new("RGB", (640, 420), "#dfe7ef")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((80, 90, 560, 380), fill="#c9b79c", outline="#7d6f58", width=3)
    for level in range(4):
        for window in range(8):
            left, top = 104 + window * 56, 110 + level * 66
            draw.rectangle((left, top, left + 34, top + 40), fill="#eef4fa", outline="#7d6f58")
    draw.rectangle((290, 330, 350, 380), fill="#6d5a45")
    draw.text((300, 392), name.removesuffix("号楼"), fill="#333333")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _rooms(keeper: Actor, at: datetime) -> None:
    """Two empty rooms that became one, and one that became two."""
    on = at.astimezone(SHANGHAI).date()
    nobodys: Any = queries.vacant(day=on).filter(building__compound__name=OLD_COURT)
    empty = list(nobodys.order_by("building", "floor__number", "number"))
    pair = next(((a, b) for a, b in pairwise(empty) if a.floor_id == b.floor_id), None)
    if pair is not None:
        rooms.merge_rooms(
            actor=keeper, room_ids=[one.pk for one in pair], number=pair[0].number, on=on,
            why="拆除隔墙，作会议室备用", at=at,
        )  # fmt: skip
    rest = [one for one in empty if pair is None or one not in pair]
    if rest:
        large = max(rest, key=lambda one: one.now.usable_m2)
        half = (large.now.usable_m2 / 2).quantize(Decimal("0.1"))
        parts = (
            RoomPart(number=large.number, kind=RoomKind.OFFICE, usable_m2=half),
            RoomPart(number=f"{large.number}A", kind=RoomKind.OFFICE,
                     usable_m2=large.now.usable_m2 - half),
        )  # fmt: skip
        rooms.split_room(actor=keeper, room_id=large.pk, parts=parts, on=on, why="加隔墙", at=at)
