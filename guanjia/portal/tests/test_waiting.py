"""待办 over all departments: a tab is one kind of thing, and their order is told."""

from collections import defaultdict
from typing import Any

import pytest

from guanjia.ui import waiting
from guanjia.ui.waiting import Source


def _source(**given: Any) -> Source:
    return Source(**{"key": "k", "kind": "待审批", "place": 1, "rows": None, "show": None} | given)


def test_things_of_two_kinds_do_not_share_a_tab() -> None:
    kinds = defaultdict(set)
    for source in waiting.sources():
        kinds[source.key].add(source.kind)
    assert {key: found for key, found in kinds.items() if len(found) > 1} == {}
    assert len(kinds) > 40


def test_a_second_kind_under_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="returned"):
        waiting.enlist(_source(key="returned", kind="待交回"))
    assert "待交回" not in {source.kind for source in waiting.sources()}


def test_every_source_has_a_place_of_its_own() -> None:
    places = [source.place for source in waiting.sources()]
    assert places == sorted(set(places))


def test_the_tabs_stand_in_the_order_of_the_places_whoever_is_wired_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "_sources", [])
    late, early = _source(key="b", kind="乙", place=20), _source(key="a", kind="甲", place=10)
    waiting.enlist(late, _source(key="b", kind="乙", place=30))
    waiting.enlist(early)
    counted = dict.fromkeys(waiting.sources(), 1)
    assert [(tab.title, tab.count) for tab in waiting.tabs(counted)] == [("甲", 1), ("乙", 2)]
