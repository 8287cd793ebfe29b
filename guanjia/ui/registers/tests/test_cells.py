"""What a cell of a register shows, and where it stands on a phone."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanjia.kernel.registers.declaration import Column, Kind
from guanjia.ui.registers import cells

DAY = date(2020, 5, 20)


def html(column: Column, value: object) -> str:
    return cells.html_of(column, SimpleNamespace(pk=1, it=value), today=DAY, reveal=False)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(("甲", "乙"), "甲、乙"), ((), cells.NONE), (None, cells.NONE), ("", cells.NONE)],
)
def test_several_values_stand_side_by_side_and_none_is_a_dash(value: object, shown: str) -> None:
    assert html(Column(name="it", title="使用人"), value) == shown


@pytest.mark.parametrize(("places", "text"), [(None, "18.35"), (1, "18.4"), (0, "18")])
def test_a_page_may_show_fewer_decimals_than_are_kept(places: int | None, text: str) -> None:
    column = Column(name="it", title="面积", kind=Kind.DECIMAL, shown=places)
    assert html(column, Decimal("18.35")) == text


def test_what_is_linked_names_the_row_on_a_phone() -> None:
    columns = [
        Column(name="place", title="院落", fold=1), Column(name="house", title="楼栋"),
        Column(name="number", title="房间号", link="space:room"), Column(name="kind", title="类别"),
    ]  # fmt: skip
    places = cells.phone_places(columns, "house")
    assert places == {"number": "key", "house": "line", "kind": "line"}
    assert cells.phone_places(columns[:2], "")["place"] == "key"


def test_what_was_found_stands_where_a_state_does_on_a_phone() -> None:
    columns = [
        Column(name="title", title="巡检", link="space:inspection"),
        Column(name="results", title="检查结果", kind=Kind.REFERENCE, many=True, widget="x.html"),
        Column(name="told", title="来源", kind=Kind.CHOICE, fold=2),
    ]
    assert cells.phone_places(columns, "")["results"] == "state"
    assert cells.phone_places([columns[0], columns[2]], "")["told"] == "state"
