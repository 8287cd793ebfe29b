"""Every register: its declaration, its template, its list, and Excel both ways."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from guanjia.domains.fleet.tests.builders import AT, HOUR, SYSTEM
from guanjia.kernel.access import duties
from guanjia.kernel.registers import catalogue, fields, importing, listing, workbook
from guanjia.kernel.registers.declaration import Column, Kind, Register
from guanjia.kernel.values.actor import Scope
from guanjia.ui.registers import addresses, entry_pages, urls
from tests.house.asking import each as asked
from tests.house.routes import WALKED_IN_FULL, Route, every_route
from tests.house.samples import House

REGISTERS = catalogue.all_registers()
EVERYWHERE = Scope.all()
each = pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.key)
# Lists that only look have no way in.
TAKEN = [register for register in REGISTERS if register.write_rows is not None]
each_taken = pytest.mark.parametrize("register", TAKEN, ids=lambda register: register.key)


ROUTES = {route.name: route for route in every_route()}
MADE = [route for route in ROUTES.values() if route.register is not None]
MODELS = {route.view.page: route for route in MADE if route.register.key in WALKED_IN_FULL}


def test_two_registers_of_different_shape_are_walked_in_full() -> None:
    """All pages that a register can have are among theirs."""
    assert {route.view.page for route in MADE} == set(MODELS)
    assert {bool(catalogue.get(key).write_rows) for key in WALKED_IN_FULL} == {True, False}


@asked(MADE, name=str)
def test_a_page_of_a_register_is_made_like_those_that_are_walked(route: Route) -> None:
    """What is not walked for this register is the function that is walked for two others.

    The same code behind the same door, with this register in it and no other, at an address of the
    same form, for whoever has the register's own verb. A page that is written by hand, or wrapped
    once more, is not made so, and is walked.
    """
    register, page = route.register, route.view.page
    # 凭证登记 is a page of the front hall, and no register of a department.
    assert catalogue.get(register.key) in (register, None)
    model = MODELS[page]
    inner, walked = route.view.__wrapped__, model.view.__wrapped__
    assert route.view.__code__ is model.view.__code__
    assert inner.__code__ is walked.__code__
    assert inner.__wrapped__ is page
    held = dict(zip(inner.__code__.co_freevars, inner.__closure__, strict=True))
    assert held["register"].cell_contents is register
    assert held["page"].cell_contents is page
    assert not getattr(route.view, "csrf_exempt", False)
    looks = model.needs == model.register.see
    assert route.needs == (register.see if looks else register.take)
    assert route.view.opens_to == (route.needs,)
    what = model.name.removeprefix(addresses.url_name(model.register, ""))
    assert route.name == addresses.url_name(register, what)
    assert route.kwargs == model.kwargs
    tail = model.pattern.removeprefix(ROUTES[model.register.url].pattern)
    assert route.pattern == ROUTES[register.url].pattern + tail


@asked(REGISTERS, name=lambda register: register.key)
def test_a_register_has_all_the_pages_it_declares(register: Register) -> None:
    here = [route.view.page for route in MADE if route.register is register]
    assert len(set(here)) == len(here)
    wanted = {page for _, _, page in urls._LOOK}
    if register.write_rows is not None:
        wanted |= {page for _, _, page in urls._TAKE}
    if register.entry is not None:
        wanted.add(entry_pages.entry_page)
    assert set(here) == wanted


def test_the_five_registers_are_there_in_their_order() -> None:
    keys = [register.key for register in REGISTERS]
    wanted = ["org.units", "org.people", "fleet.cars", "fleet.drivers", "fleet.trips"]
    assert [key for key in keys if key in wanted] == wanted


@each
def test_a_register_is_declared_in_full(register: Register) -> None:
    names = [column.name for column in register.columns]
    titles = [column.title for column in register.columns]
    assert len(set(names)) == len(names)
    assert len(set(titles)) == len(titles)
    assert all(title == title.strip() and title for title in titles)
    assert register.key_column in names
    assert register.column(register.key_column).unique
    assert register.title
    assert register.noun
    filters = [each.name for each in register.filters]
    assert len(set(filters)) == len(filters)
    views = [view.key for view in register.views]
    assert len(set(views)) == len(views)


def shows_one_field(register: Register, column: Column) -> bool:
    """Whether a cell is nothing but a field of its row, which a cell can show."""
    try:
        found = register.rows(Scope()).model._meta.get_field(column.path or column.name)
        return bool(fields.kind_of(fields.field_of(found)))
    except (FieldDoesNotExist, TypeError):
        return False


@each
def test_a_column_of_one_field_is_made_of_it(register: Register) -> None:
    """``of(Car.seats)``, not ``Column(name="seats", title="座位数", …)``."""
    by_hand = [
        column.name
        for column in register.columns
        if not column.model_field and column.value is None and shows_one_field(register, column)
    ]
    # A room is shown as text, with its building, where a code would be no use.
    assert by_hand == (["room"] if register.key == "space.rectifications" else [])


@each
def test_every_total_shown_is_computed(register: Register, house: House) -> None:
    shown = {column.total for column in register.columns if column.total}
    computed = set(register.totals)
    if register.totals_of is not None:
        computed |= set(register.totals_of(register.rows(Scope.all()).none()))
    assert shown <= computed


@each
def test_the_verbs_of_a_register_are_somebodys_duty(register: Register) -> None:
    reads = {verb for duty in duties.all_duties() for verb in duty.reads}
    writes = {verb for duty in duties.all_duties() for verb in duty.verbs}
    assert register.see in reads
    assert register.take in writes
    assert not register.reveal or register.reveal in reads


@each
def test_a_register_has_its_pages(register: Register) -> None:
    assert reverse(register.url)
    for column in register.columns:
        if column.link:
            try:
                reverse(column.link, args=[1])
            except NoReverseMatch as missing:
                pytest.fail(f"{column.name} links to {missing}")
    if register.create_url:
        assert reverse(register.create_url)


@each
def test_choices_and_references_say_how_they_are_read(register: Register) -> None:
    for column in register.columns:
        if column.kind is Kind.CHOICE:
            assert column.choices is not None
        if column.kind is Kind.REFERENCE:
            assert column.reference is not None


@each
def test_the_template_opens_with_every_column_to_fill_in(register: Register) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.template(register)))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[2] if cell.value]
    assert heads == [column.title for column in register.importable()]
    lists = {
        cells.min_col for dv in sheet.data_validations.dataValidation for cells in dv.sqref.ranges
    }
    for place, column in enumerate(register.importable(), start=1):
        if column.kind is Kind.CHOICE:
            assert place in lists, f"{column.title} has a drop-down"


def rows_of(register: Register) -> Any:
    return register.rows(EVERYWHERE)


@pytest.mark.django_db
@each_taken
def test_what_goes_out_to_excel_comes_back_unchanged(house: House, register: Register) -> None:
    """All rows out as the page exports them, in again: nothing new, nothing changed."""
    query = listing.read(register=register, params={"view": "all"})
    rows = listing.all_rows(query=query, scope=EVERYWHERE, at=AT)
    count = rows.count()
    assert count
    data = workbook.export(register=register, rows=rows, columns=register.importable(), reveal=True)
    report = importing.import_file(register=register, path_or_file=data, actor=SYSTEM, at=AT)
    assert report.errors == ()
    assert (report.created, report.updated, report.unchanged) == (0, 0, count)


@pytest.mark.django_db
@each
def test_the_list_asks_the_database_equally_often_for_more_rows(
    house: House, register: Register
) -> None:
    def asked() -> int:
        query = listing.read(register=register, params={"view": "all"})
        with CaptureQueriesContext(connection) as captured:
            page = listing.look(query=query, scope=EVERYWHERE, at=AT)
            for row in page.rows:
                list(listing.cells(columns=register.columns, row=row, reveal=True))
        return len(captured)

    few = asked()
    for hour in range(6):
        house.city.requested(
            planned_from=AT + (hour + 40) * HOUR, planned_to=AT + (hour + 41) * HOUR
        )
    assert asked() == few
    assert few <= 6


@pytest.mark.django_db
@each
def test_every_column_that_sorts_sorts(house: House, register: Register) -> None:
    for column in register.columns:
        if column.sort:
            for sort in (column.name, f"-{column.name}"):
                query = listing.read(register=register, params={"sort": sort, "view": "all"})
                assert not query.notes
                assert listing.look(query=query, scope=EVERYWHERE, at=AT).count


@pytest.mark.django_db
@each
def test_every_filter_filters(house: House, register: Register) -> None:
    for each_filter in register.filters:
        params = {
            "dates": {
                f"{each_filter.name}_from": "2020-05-20",
                f"{each_filter.name}_to": "2020-05-21",
            },
            "choice": {each_filter.name: next(iter(each_filter.choices or ()), "")},
            "unit": {each_filter.name: "3602D036"},
            "text": {each_filter.name: "农"},
            "day": {each_filter.name: "2020-05-19"},
            "pick": {each_filter.name: "1"},
        }[each_filter.kind]
        query = listing.read(register=register, params={**params, "view": "all"})
        assert not query.notes, each_filter.name
        assert listing.look(query=query, scope=EVERYWHERE, at=AT).count >= 0


@pytest.mark.django_db
@each
def test_nobody_elses_rows_are_in_an_empty_scope(house: House, register: Register) -> None:
    assert not register.rows(Scope()).exists()
