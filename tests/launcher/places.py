"""Whole servers as processes of their own, each in a folder of its own."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_SECONDS = 90


def wait_until(true: Callable[[], object], what: str, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait for something to come true; fail with its name."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Place:
    """A $GUANJIA_HOME of its own and the command line in it."""

    home: Path
    more: Mapping[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """Ours without what the tests' own database added to it."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("GUANJIA_", "DATABASE_URL", "PYTEST"))
        }
        ours = {
            "GUANJIA_HOME": str(self.home),
            "GUANJIA_WEB_PROCESSES": "1",
            "GUANJIA_TRACEBACK": "1",  # a failed test should say why
        }
        return {**kept, **ours, **self.more}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "guanjia.config.cli", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def up(self, port: int) -> subprocess.Popen[str]:
        """Start everything and wait until it says so."""
        said = self.home.parent / f"{self.home.name}.said"
        with said.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "guanjia.config.cli", "up", "--port", str(port)],
                env=self.environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.started.append(process)
        wait_until(
            lambda: "Ctrl-C" in said.read_text() or process.poll() is not None, "guanjia up is up"
        )
        assert process.poll() is None, f"{said.read_text()}\n{self.logs()}"
        return process

    def said(self) -> str:
        """What the last `up` printed."""
        return (self.home.parent / f"{self.home.name}.said").read_text()

    def logs(self) -> str:
        """The ends of all log files, for the message of a failed test."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}"
            for log in sorted((self.home / "log").glob("*.log"))
        )

    @property
    def postmaster_file(self) -> Path:
        return self.home / "pgdata" / "postmaster.pid"


def answers(port: int) -> bool:
    """Whether a web server answers there, whatever it says."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", "/")
        line.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
    return True
