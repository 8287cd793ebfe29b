"""Drawings: what is found in them, and a sentence for what cannot be read."""

import subprocess
import sys
from typing import Any

import pytest

from guanjia.engines.floorplan import child, dxf, reading, svg
from guanjia.engines.floorplan.drawing import BYTES_MAX, Drawing, Unreadable, from_json
from guanjia.engines.floorplan.tests import drawings


def _areas(drawing: Drawing) -> list[float]:
    found = []
    for loop in drawing.loops:
        pairs = zip(loop.corners, [*loop.corners[1:], loop.corners[0]], strict=True)
        found.append(round(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2, 2))
    return sorted(found)


# ── DXF ────────────────────────────────────────────────────────────────────────────────────


def test_outlines_words_layers_and_the_unit_are_found() -> None:
    found = dxf.read(drawings.dxf(drawings.outlined))
    assert _areas(found) == [18.0, 18.0, 20.0, 24.0]
    assert {text.words for text in found.texts} == {"101", "102室", "１０３ 办公室", "走廊"}
    assert {loop.layer for loop in found.loops} == {"房间"}
    assert found.unit_mm == 1000.0
    assert found.flip


def test_a_drawing_that_does_not_say_its_unit_has_none() -> None:
    assert dxf.read(drawings.dxf(drawings.outlined, units=0)).unit_mm is None


def test_rooms_are_traced_among_single_walls() -> None:
    found = dxf.read(drawings.dxf(drawings.walled))
    assert _areas(found) == [18.0, 18.0, 20.0, 24.0]
    assert all(loop.traced for loop in found.loops)


def test_hatches_arcs_and_blocks_count() -> None:
    def draw(space: object) -> None:
        hatch = space.add_hatch(dxfattribs={"layer": "填充"})  # type: ignore[attr-defined]
        hatch.paths.add_polyline_path(drawings.corners(0, 0, 5, 4), is_closed=True)
        # Bulges of 1 make the two short sides half circles.
        round_room = [(10, 0, 0), (14, 0, 1), (14, 2, 0), (10, 2, 1)]
        space.add_lwpolyline(round_room, format="xyb", close=True)  # type: ignore[attr-defined]
        block = space.doc.blocks.new("ROOM")  # type: ignore[attr-defined]
        block.add_lwpolyline(drawings.corners(0, 0, 2, 2), close=True)
        block.add_attdef("NO", (1, 1), "")
        insert = space.add_blockref("ROOM", (20, 0), dxfattribs={"xscale": 2, "yscale": 2})  # type: ignore[attr-defined]
        insert.add_auto_attribs({"NO": "205"})

    found = dxf.read(drawings.dxf(draw))
    half_circles, block, hatch = _areas(found)[0], 16.0, 20.0
    assert half_circles == pytest.approx(8 + 3.14159, abs=0.05)
    assert _areas(found)[1:] == [block, hatch]
    assert [text.words for text in found.texts] == ["205"]


def test_an_old_release_is_read() -> None:
    def draw(space: object) -> None:
        space.add_polyline2d(drawings.corners(0, 0, 3, 3), close=True)  # type: ignore[attr-defined]

    assert _areas(dxf.read(drawings.dxf(draw, release="R12"))) == [9.0]


def test_too_much_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dxf, "LOOPS_MAX", 2)
    monkeypatch.setattr(dxf, "TEXTS_MAX", 1)
    found = dxf.read(drawings.dxf(drawings.outlined))
    assert len(found.loops) == 2
    assert found.cut == {"图形": 2, "文字": 3}


# ── SVG ────────────────────────────────────────────────────────────────────────────────────


def test_an_svg_gives_what_is_drawn_and_nothing_hidden() -> None:
    found = svg.read(drawings.SVG.encode())
    assert [area / 10_000 for area in _areas(found)] == [18.0, 18.0, 20.0, 24.0]
    assert [text.words for text in found.texts] == ["101", "102", "103", "走廊"]
    assert found.texts[0].at == (210.0, 320.0)
    assert {loop.layer for loop in found.loops} == {"rooms"}
    assert not found.flip


@pytest.mark.parametrize("encoding", ["gb2312", "GBK", "utf-16"])
def test_an_svg_of_a_chinese_program_is_read(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    body = drawings.SVG.partition("?>")[2]
    found = reading.read(content=f"{head}{doctype}{body}".encode(encoding))
    assert [text.words for text in found.texts] == ["101", "102", "103", "走廊"]


def test_an_svg_with_a_doctype_of_its_own_is_refused() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
    with pytest.raises(Unreadable, match="DOCTYPE"):
        reading.read(content=bomb)


def test_another_xml_is_no_drawing() -> None:
    with pytest.raises(Unreadable, match="不是 SVG"):
        reading.read(content=b"<html><body/></html>")


# ── files that nobody can read ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "plan_empty"),
        (b"AC1032\0\0\0\0", "plan_dwg"),
        (b"AutoCAD Binary DXF\r\n\x1a\0", "plan_binary_dxf"),
        (b"PK\x03\x04 a workbook", "plan_kind"),
        (b" " * (BYTES_MAX + 1), "plan_large"),
        (b"<svg", "plan_broken"),
        (b"0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n90\nmany\n", "plan_broken"),
    ],
)
def test_a_broken_file_gets_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        reading.read(content=content)
    assert caught.value.code == code
    assert caught.value.why.endswith("。")


def test_a_drawing_comes_through_the_child_unchanged() -> None:
    content = drawings.dxf(drawings.outlined)
    assert reading.read(content=content) == from_json(dxf.read(content).as_json())


def test_a_file_cut_off_in_the_middle_says_so() -> None:
    content = drawings.dxf(drawings.outlined)
    with pytest.raises(Unreadable, match="文件不完整"):
        reading.read(content=content[: content.index(b"LWPOLYLINE") + 400])


def test_the_child_has_bounds() -> None:
    # Limits cannot be taken back, so they are looked at from a process of its own.
    program = (
        "import io, resource, sys\n"
        "from guanjia.engines.floorplan import child\n"
        "sys.stdin = io.TextIOWrapper(io.BytesIO(b'<svg/>'))\n"
        "sys.stdout = io.StringIO()\n"
        "child.main(['svg'])\n"
        "for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE):\n"
        "    print(resource.getrlimit(what)[1], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    limits = [int(line) for line in done.stderr.split()]
    assert limits == [child.MEMORY_BYTES_MAX, child.SECONDS_MAX, 0]


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("child", 1)

    monkeypatch.setattr(reading.subprocess, "run", hang)
    with pytest.raises(Unreadable) as caught:
        reading.read(content=b"<svg/>")
    assert caught.value.code == "plan_slow"


def test_a_child_out_of_time_is_not_called_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    # The limit as the system keeps it, made small: a child that only reckons.
    program = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    spent = subprocess.run([sys.executable, "-c", program], check=False)
    monkeypatch.setattr(reading.subprocess, "run", lambda *_, **__: spent)
    with pytest.raises(Unreadable) as caught:
        reading.read(content=b"<svg/>")
    assert caught.value.code == "plan_slow"


def test_a_block_in_rows_and_columns_is_drawn_as_often() -> None:
    def drawn(space: Any) -> None:
        block = space.doc.blocks.new("ROOM")
        block.add_lwpolyline([(0, 0), (3, 0), (3, 6), (0, 6)], close=True)
        placed = space.add_blockref("ROOM", (0, 0))
        placed.grid(size=(2, 3), spacing=(6, 3))

    assert len(dxf.read(drawings.dxf(drawn)).loops) == 6
