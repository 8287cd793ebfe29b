"""The city's own ledgers of buildings and rooms: taken as they are, then found unchanged."""

from decimal import Decimal

import pytest
import time_machine

from guanjia.demo import departments
from guanjia.domains.space.models import Building, Compound, Occupant
from guanjia.domains.space.queries import rooms
from guanjia.domains.space.registers.buildings import BUILDINGS
from guanjia.domains.space.registers.rooms import ROOMS
from guanjia.domains.space.terms.ledger import TitleState
from guanjia.kernel.access.tests.builders import AT, SYSTEM
from guanjia.kernel.registers import catalogue, importing, listing, workbook
from guanjia.kernel.registers.declaration import Register
from guanjia.kernel.registers.importing import ImportReport
from guanjia.kernel.values.actor import Scope

pytestmark = pytest.mark.pg15


def take(register: Register, data: bytes | None = None) -> ImportReport:
    source = data or departments.ledger(register.key).read_bytes()
    report = importing.import_file(register=register, path_or_file=source, actor=SYSTEM, at=AT)
    assert report.errors == ()
    return report


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


@pytest.mark.django_db
def test_the_citys_ledgers_come_in_once_and_go_out_as_they_came() -> None:
    with time_machine.travel(AT, tick=False):
        for key in ("org.units", "org.people"):
            register = catalogue.get(key)
            assert register
            take(register)
        assert counts(take(BUILDINGS)) == (19, 0, 0)
        assert counts(take(ROOMS)) == (1_696, 0, 0)
        assert counts(take(BUILDINGS)) == (0, 0, 19)
        assert counts(take(ROOMS)) == (0, 0, 1_696)
        for register, count in ((BUILDINGS, 19), (ROOMS, 1_696)):
            assert counts(take(register, exported(register))) == (0, 0, count)
        there = rooms.as_of(day=AT.date(), scope=Scope.all())
    assert there.count() == 1_696  # also those of two buildings that are delivered a week later
    assert rooms.usable_m2(rooms=there) == Decimal("56045.60")
    assert there.filter(held__isnull=True).count() == 462
    named = Occupant.objects.filter(room__number="108", room__building__name="常委楼")
    assert [seat.person.number for seat in named.order_by("person__number")] == [
        "D045005", "D045006", "D045007", "D045008",
    ]  # fmt: skip
    first = Building.objects.get(name="常委楼")
    assert (first.floors_above, first.title_state) == (5, TitleState.REGISTERED)
    assert list(Compound.objects.values_list("name", flat=True)) == [
        "市发展中心北苑", "市发展中心南苑", "市民中心", "老市委大院",
    ]  # fmt: skip


def exported(register: Register) -> bytes:
    query = listing.read(register=register, params={"view": "all"})
    rows = listing.all_rows(query=query, scope=Scope.all(), at=AT)
    columns = register.importable()
    return workbook.export(register=register, rows=rows, columns=columns, reveal=True)
