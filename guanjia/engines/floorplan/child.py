"""Run as a program of its own: reads a drawing from standard input, writes what it holds as JSON.

    python -I -m guanjia.engines.floorplan.child dxf|svg   -> {"loops": […], "texts": […], …}

A drawing comes from anywhere and its parsers are large. Here they have bounds on memory and time,
and a file made to harm takes nothing down but this process. Ends with 3 and a code and a sentence
for what was recognised and is not taken, with 4 for what cannot be read.
"""

import json
import math
import resource
import sys
from xml.parsers import expat

from guanjia.engines.floorplan import svg
from guanjia.engines.floorplan.drawing import Drawing, Unreadable

MEMORY_BYTES_MAX = 1536 * 1024 * 1024
SECONDS_MAX = 20
SAID, BROKEN = 3, 4


def main(words: list[str]) -> int:
    """Read what the words say; the return value is the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        drawing = _read(words[0], sys.stdin.buffer.read())
    except Unreadable as fault:
        sys.stdout.write(json.dumps([fault.code, fault.why]))
        return SAID
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError):
        return BROKEN
    except (ArithmeticError, RecursionError, MemoryError, expat.ExpatError):
        return BROKEN
    sys.stdout.write(json.dumps(drawing.as_json(), allow_nan=False))
    return 0


def _read(kind: str, content: bytes) -> Drawing:
    if kind == "svg":
        drawing = svg.read(content)
    else:
        from ezdxf.lldxf.const import DXFError  # noqa: PLC0415 — large, and only needed here

        from guanjia.engines.floorplan import dxf  # noqa: PLC0415 — likewise

        try:
            drawing = dxf.read(content)
        except DXFError as fault:
            raise ValueError(str(fault)) from fault
    places = [corner for loop in drawing.loops for corner in loop.corners]
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in places):
        raise ValueError("a corner lies nowhere")
    return drawing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
