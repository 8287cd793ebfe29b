"""Reading a drawing that somebody sent, in a process of its own (see ``child``)."""

import json
import os
import signal
import subprocess
import sys

from guanjia.engines.floorplan.drawing import BYTES_MAX, Drawing, Unreadable, from_json

_SECONDS_MAX = 30
_SAID = 3
_DWG = b"AC10"
_BINARY_DXF = b"AutoCAD Binary DXF"
# How the system ends a child that used up its seconds of processor.
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_SLOW = "图太复杂，读了半分钟还没读完。只留房间轮廓和房间号再导出。"
_BROKEN = "文件读不出来，可能已损坏。在绘图软件里重新导出 DXF（R2000 以上，ASCII）再传。"


def kind_of(*, content: bytes) -> str:
    """``dxf`` or ``svg``, judged by the bytes; raises ``Unreadable`` for anything else."""
    if not content:
        raise Unreadable("plan_empty", "文件是空的。另选一份。")
    if len(content) > BYTES_MAX:
        why = f"文件超过 {BYTES_MAX // 1024 // 1024} MB。只留房间轮廓和房间号再导出。"
        raise Unreadable("plan_large", why)
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(_DWG):
        raise Unreadable("plan_dwg", "这是 DWG 图。在 CAD 里“另存为”DXF 再传。")
    if content.startswith(_BINARY_DXF):
        raise Unreadable("plan_binary_dxf", "这是二进制 DXF。另存为 ASCII 的 DXF 再传。")
    if head.startswith((b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<")):  # the last two: UTF-16
        return "svg"
    words = head.split(None, 2)
    if words[:1] in ([b"0"], [b"999"]) and (b"SECTION" in head or words[0] == b"999"):
        return "dxf"
    raise Unreadable("plan_kind", "不是 DXF 或 SVG 图。在绘图软件里另存为其中一种再传。")


def read(*, content: bytes) -> Drawing:
    """What a drawing holds; raises ``Unreadable`` with one sentence for what cannot be used."""
    kind = kind_of(content=content)
    try:
        done = subprocess.run(  # noqa: S603 — our own program and one word
            [sys.executable, "-I", "-m", "guanjia.engines.floorplan.child", kind],
            input=content,
            capture_output=True,
            timeout=_SECONDS_MAX,
            check=False,
            # Every thread of a number library claims address space of its own.
            env={
                "PATH": os.environ.get("PATH", ""),
                "OPENBLAS_NUM_THREADS": "1",
                "HOME": "/nonexistent",
            },
        )
    except subprocess.TimeoutExpired as slow:
        raise Unreadable("plan_slow", _SLOW) from slow
    if done.returncode in _OUT_OF_TIME:
        raise Unreadable("plan_slow", _SLOW)
    if done.returncode == 0:
        return from_json(json.loads(done.stdout))
    if done.returncode == _SAID:
        code, why = json.loads(done.stdout)
        raise Unreadable(code, why)
    raise Unreadable("plan_broken", _BROKEN)
