"""`guanjia up`: the database, the web server and the worker as one thing that starts and stops.

The children run in sessions of their own, so that Ctrl-C reaches only the supervisor and
everything ends in order: first those who use the database, then the database.
"""

import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psutil

from guanjia.config import metering, postgres, serving

LOOK_SECONDS = 0.3
STOP_SECONDS = 25.0  # the web server and the worker finish what they have begun
LONGEST_PAUSE_SECONDS = 15.0
STEADY_SECONDS = 30.0  # who lived that long starts again without a pause
LARGEST_LOG_BYTES = 10 * 1024 * 1024

Say = Callable[[str], None]


class CannotStart(Exception):
    """The text is a Chinese sentence for the user: what, why, next step."""


@dataclass(kw_only=True)
class Child:
    """One process that must live as long as the supervisor."""

    name: str
    title: str
    arguments: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        _trim(self.log)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                [sys.executable, "-m", "guanjia.config.cli", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=serving.die_with_parent,  # noqa: PLW1509 - one thread, and only prctl
            )
        self.started = time.monotonic()

    def look(self, say: Say) -> None:
        """Start it again if it ended; longer pauses while it keeps failing."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        kill_group(self.process.pid)  # its own children must not keep the port
        self.failures = 1 if now - self.started > STEADY_SECONDS else self.failures + 1
        pause = 0.0 if self.failures == 1 else min(2.0**self.failures / 2, LONGEST_PAUSE_SECONDS)
        when = f"{pause:.0f} 秒后" if pause else "马上"
        say(f"{self.title}意外停止（代码 {code}），{when}重新启动。日志：{self.log}")
        self.process, self.again_at = None, now + pause
        if not pause:
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def make_sure(self, *, until: float) -> None:
        """Wait until it ended; kill what is left of it after `until`."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.1, until - time.monotonic()))
        kill_group(self.process.pid)
        self.process.wait()


def up(*, host: str, port: int, prepare: Callable[[Say], Sequence[str]], say: Say) -> None:
    """Run everything until Ctrl-C or SIGTERM.

    `prepare` is called once the database answers (its address is in DATABASE_URL by then): it
    migrates, fills an empty database, and returns lines to print below the addresses.
    Raises CannotStart and postgres.DatabaseUnavailable.
    """
    home = postgres.home()
    try:
        for folder in ("run", "log"):
            (home / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"不能写入数据目录 {home}，请检查权限，或用 GUANJIA_HOME 换一个。"
        ) from error
    with _signals_as_interrupt(), _only_one(home, port=port):
        _need_port(host, port, patience=3 if _end_orphans(home) else 0)
        with postgres.ensure_database() as database:
            os.environ["DATABASE_URL"] = database.url
            children = _children(home, host=host, port=port)
            try:
                lines = prepare(say)
                for child in children:
                    child.start()
                _remember(home, children)
                _wait_for_answer(host, port, children[0])
                _announce(host, port, lines, say)
                _watch(home, children, database, say)
            except KeyboardInterrupt:
                say("正在停止……")
            finally:
                _go_deaf()  # until everything has ended, the database too
                _stop(children)
        _forget(home)
    say("已停止。")


# -- one at a time ------------------------------------------------------------------------------


@contextmanager
def _only_one(home: Path, *, port: int) -> Iterator[None]:
    """Hold the lock of the running `up`; it goes with the process, however that ends."""
    with (home / "run" / "up").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            with suppress(ValueError, KeyError):
                port = json.loads(lock.read())["port"]
            raise CannotStart(
                f"管家已经在运行（端口 {port}，数据目录 {home}）。"
                "要另开一个，请用 GUANJIA_HOME 指定别的目录。"
            ) from error
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "port": port}))
        lock.flush()
        yield
        lock.truncate(0)


def _need_port(host: str, port: int, *, patience: float) -> None:
    """Raise unless the port is free; what was just killed may need a moment to let go of it."""
    deadline = time.monotonic() + patience
    while not serving.port_is_free(host=host, port=port):
        if time.monotonic() > deadline:
            raise CannotStart(
                f"端口 {port} 已被别的程序占用，网页服务不能启动。"
                f"请换一个：guanjia up --port {port + 1}"
            )
        time.sleep(0.2)


def _remember(home: Path, children: Sequence[Child]) -> None:
    """Write down who the children are, for the next start after a kill -9."""
    births = {}
    for child in children:
        if child.process is not None:
            with suppress(psutil.Error):
                pid = child.process.pid
                births[child.name] = [pid, psutil.Process(pid).create_time()]
    draft = home / "run" / "children.new"
    draft.write_text(json.dumps(births))
    draft.replace(home / "run" / "children")


def _forget(home: Path) -> None:
    (home / "run" / "children").unlink(missing_ok=True)


def _end_orphans(home: Path) -> bool:
    """End what a killed supervisor left behind; True if it was killed.

    We hold its lock, so nobody else needs them.
    """
    try:
        births = json.loads((home / "run" / "children").read_text())
    except (OSError, ValueError):
        return False
    for leader, born in births.values():
        for process in psutil.process_iter():
            # Same group, and born after its leader: the number was not given to somebody else.
            with suppress(psutil.Error, OSError):
                if os.getpgid(process.pid) == leader and process.create_time() >= born - 0.1:
                    process.kill()
                    process.wait(5)
    _forget(home)
    return True


def kill_group(leader: int) -> None:
    """Kill what is left of a child's process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


# -- running ------------------------------------------------------------------------------------


def _children(home: Path, *, host: str, port: int) -> list[Child]:
    logs = home / "log"
    web = ["web", "--prepared", "--host", host, "--port", str(port)]
    children = [
        Child(name="web", title="网页服务", arguments=web, log=logs / "web.log"),
        Child(
            name="worker",
            title="后台任务",
            arguments=["worker", "--prepared"],
            log=logs / "worker.log",
        ),
    ]
    if metering.wanted():
        arguments = ["meters", "--prepared"]
        log = logs / "meters.log"
        children.append(Child(name="meters", title="表计接入", arguments=arguments, log=log))
    return children


def _watch(home: Path, children: Sequence[Child], database: postgres.Database, say: Say) -> None:
    known: list[int | None] = []
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            if database.revive():
                say("数据库曾意外停止，已重新启动。")
        except postgres.DatabaseUnavailable as error:
            say(str(error))
            time.sleep(LONGEST_PAUSE_SECONDS)
        for child in children:
            child.look(say)
        alive = [child.process.pid if child.process else None for child in children]
        if alive != known:
            _remember(home, children)
            known = alive


def _stop(children: Sequence[Child]) -> None:
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.make_sure(until=until)


def _wait_for_answer(host: str, port: int, web: Child) -> None:
    """Wait until the web server answers, so that a printed address can be opened."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if web.process is not None and web.process.poll() is not None:
            break
        # Not urllib: it would ask a proxy set in the environment.
        line = http.client.HTTPConnection(*_reach(host, port), timeout=10)
        try:
            line.request("GET", "/healthz")
            line.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return  # it answers; whether that page exists is not our question
        finally:
            line.close()
    raise CannotStart(f"网页服务没有启动成功，原因见 {web.log}。")


def _reach(host: str, port: int) -> tuple[str, int]:
    """Where to reach from this machine what listens on `host`."""
    return ("127.0.0.1" if host in {"0.0.0.0", "::", ""} else host, port)  # noqa: S104 - compared, not bound


def address(host: str, port: int) -> str:
    """The address to open in a browser on this machine."""
    shown, _ = _reach(host, port)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _announce(host: str, port: int, lines: Sequence[str], say: Say) -> None:
    say("")
    say(f"管家已启动：{address(host, port)}")
    say(f"接口文档　：{address(host, port)}/api/docs")
    for line in lines:
        say(line)
    say("按 Ctrl-C 停止。")


def _trim(log: Path) -> None:
    """Keep one old log beside the present one."""
    with suppress(OSError):
        if log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


# -- signals ------------------------------------------------------------------------------------


@contextmanager
def _signals_as_interrupt() -> Iterator[None]:
    """SIGTERM and a closed terminal stop us the way Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _go_deaf() -> None:
    """A second Ctrl-C must not break the stopping off half-way."""
    for number in _STOPPING:
        signal.signal(number, signal.SIG_IGN)


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
