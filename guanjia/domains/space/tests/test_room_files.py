"""Photos and files of rooms and floors: who adds them, who gets them, what the trail tells."""

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from guanjia.domains.space.actions import room_files as actions
from guanjia.domains.space.actions import timelines
from guanjia.domains.space.models import Floor, Room
from guanjia.domains.space.queries import room_files as reading
from guanjia.domains.space.terms.ledger import Basis, RoomState
from guanjia.domains.space.tests.builders import AT, TODAY, City
from guanjia.kernel.attachments import actions as attachments
from guanjia.kernel.attachments.models import Attachment
from guanjia.kernel.attachments.tests import samples
from guanjia.kernel.audit.models import Record
from guanjia.kernel.regulations.verdict import Refused
from guanjia.kernel.values.actor import NotAllowed

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def client_of(city: City, who: str) -> Client:
    client = Client()
    client.force_login(city.accounts[who], backend=BACKEND)
    return client


def staged(city: City, who: str, name: str = "门口.jpg") -> int:
    file = attachments.stage(actor=city.actor(who), file=samples.jpeg(), name=name, at=AT)
    return int(file.pk)


def add(city: City, who: str, number: str, name: str = "门口.jpg") -> Attachment:
    ids = [staged(city, who, name)]
    actions.add_to_room(
        actor=city.actor(who), room_id=city.room(number).pk, files=ids, kind="照片", at=AT
    )
    return Attachment.objects.get(pk=ids[0])


def opened(city: City, who: str, file: Attachment) -> set[int]:
    """How the file, its thumbnail and its large picture answer somebody."""
    client = client_of(city, who)
    addresses = (
        f"/files/{file.pk}/",
        f"/files/{file.pk}/picture/?size=thumb",
        f"/files/{file.pk}/picture/?size=large",
    )
    return {client.get(one).status_code for one in addresses}


def named_on(city: City, who: str, number: str, name: str) -> bool:
    html = client_of(city, who).get(f"/space/rooms/{city.room(number).pk}/").content.decode()
    return name in html


def test_who_may_not_see_a_room_does_not_get_its_file(city: City) -> None:
    file = add(city, "keeper", "101")
    assert opened(city, "stranger", file) == {404}
    assert client_of(city, "stranger").get(f"/space/rooms/{file.subject_id}/").status_code == 404
    assert opened(city, "clerk", file) == opened(city, "supervisor", file) == {200}
    assert named_on(city, "clerk", "101", "门口.jpg")


def test_a_unit_does_not_see_what_another_units_time_left(city: City) -> None:
    room = city.room("101")
    theirs = add(city, "clerk", "101", "农业农村局.jpg")
    timelines.release(room=room, on=TODAY)
    empty = add(city, "keeper", "101", "空房.jpg")
    assert opened(city, "clerk", empty) == {404}, "the room is no longer theirs"
    assert opened(city, "clerk", theirs) == {200}, "what they added stays theirs to see"
    timelines.hold(room=room, unit=city.units["other"], since=TODAY, basis=Basis.LEDGER)
    assert opened(city, "stranger", empty) == {200}, "goes with the room"
    assert opened(city, "stranger", theirs) == {404}
    assert not named_on(city, "stranger", "101", "农业农村局.jpg")
    assert named_on(city, "stranger", "101", "空房.jpg")
    assert not named_on(city, "clerk", "101", "空房.jpg")
    assert named_on(city, "keeper", "101", "农业农村局.jpg")


def test_a_clerk_adds_to_the_units_own_rooms_only(city: City) -> None:
    add(city, "clerk", "103")
    for number in ("203", "201"):
        with pytest.raises(Room.DoesNotExist):
            add(city, "clerk", number)
        where = f"/space/rooms/{city.room(number).pk}/files/"
        assert client_of(city, "clerk").get(where).status_code == 404
    with pytest.raises(NotAllowed):
        add(city, "inspector", "103")
    # A room that was theirs until yesterday is not theirs to add to.
    timelines.release(room=city.room("102"), on=TODAY)
    with pytest.raises(Room.DoesNotExist):
        add(city, "clerk", "102")


def test_nothing_is_added_to_a_room_that_is_gone(city: City) -> None:
    timelines.leave(room=city.room("201"), on=TODAY)
    with pytest.raises(Refused, match="已不在台账里"):
        add(city, "keeper", "201")
    assert not Attachment.objects.exclude(subject_id=None).exists()


def test_the_form_adds_and_comes_back_to_the_gallery(city: City) -> None:
    client = client_of(city, "clerk")
    where = f"/space/rooms/{city.room('103').pk}/"
    assert f'href="{where}files/"' in client.get(where).content.decode()
    answer = client.post(f"{where}files/", {"files": [staged(city, "clerk")], "kind": "照片"})
    assert answer["Location"] == f"{where}#files"
    html = client.get(where).content.decode()
    assert "门口.jpg" in html
    assert "size=thumb" in html
    assert "附上文件" in html, "the trail tells of it"
    record = Record.objects.get(verb="attachments.file.claimed")
    assert (record.on_type, record.unit_path) == ("space.room", city.units["farming"].path)
    empty = client.post(f"{where}files/", {"kind": "照片"})
    assert empty.status_code == 422
    assert "附上文件。" in empty.content.decode()


def test_files_of_a_floor_are_seen_in_the_building(city: City) -> None:
    keeper = client_of(city, "keeper")
    where = f"/space/floors/{city.building.pk}/1/"
    assert f'href="{where}files/"' in keeper.get(where).content.decode()
    data = {"files": [staged(city, "keeper", "走廊.jpg")], "kind": "照片"}
    answer = keeper.post(f"{where}files/", data)
    assert answer["Location"] == f"{where}#files"
    file = Attachment.objects.get(name="走廊.jpg")
    assert (file.subject_model, file.subject_id) == (
        "space.floor", Floor.objects.get(building=city.building, number=1).pk,
    )  # fmt: skip
    assert opened(city, "clerk", file) == opened(city, "stranger", file) == {200}
    page = client_of(city, "clerk").get(where).content.decode()
    assert "走廊.jpg" in page
    assert f'href="{where}files/"' not in page
    assert client_of(city, "clerk").get(f"{where}files/").status_code == 403
    by_id = client_of(city, "clerk").get(f"/space/floors/id/{file.subject_id}/")
    assert by_id["Location"] == f"{where}#files"


def test_whoever_has_no_room_in_the_building_gets_no_file_of_its_floors(city: City) -> None:
    data = {"files": [staged(city, "keeper", "走廊.jpg")], "kind": "照片"}
    client_of(city, "keeper").post(f"/space/floors/{city.building.pk}/1/files/", data)
    file = Attachment.objects.get(name="走廊.jpg")
    city.room("203").holdings.all().delete()
    assert opened(city, "stranger", file) == {404}
    assert opened(city, "cashier", file) == {404}


def test_only_what_the_bureau_says_makes_a_file_seen(city: City) -> None:
    room = city.room("103")
    actor = city.actor("clerk")
    assert reading.sees_room_file(actor, room.pk, city.units["farming"].pk)
    assert not reading.sees_room_file(actor, room.pk, city.units["other"].pk)
    assert reading.sees_room_file(actor, room.pk, None)
    assert not reading.sees_room_file(actor, city.room("201").pk, None)
    assert room.spells.get().state == RoomState.IN_USE


def test_rooms_and_buildings_lead_to_their_plans(city: City) -> None:
    client = client_of(city, "keeper")
    floor = f"/space/floors/{city.building.pk}/1/"
    room = client.get(f"/space/rooms/{city.room('101').pk}/").content.decode()
    assert f'href="{floor}?room={city.room("101").pk}"' in room
    building = client.get(f"/space/buildings/{city.building.pk}/").content.decode()
    assert f'href="{floor}"' in building
    assert f'href="/space/floors/{city.building.pk}/"' in building
