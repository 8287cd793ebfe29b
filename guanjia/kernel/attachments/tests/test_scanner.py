"""The virus scanner, tried against a small one that speaks clamd's protocol."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from guanjia.kernel.attachments import scanner
from guanjia.kernel.attachments.sniffing import Unfit
from guanjia.kernel.attachments.terms import Scan


class SmallScanner:
    """Answers INSTREAM once per connection; keeps what it was sent."""

    def __init__(self, listener: socket.socket) -> None:
        self.answer: bytes = b"stream: OK\0"
        self.heard: list[bytes] = []
        self.silent = False
        self.deaf_after = 1 << 40
        self._over = threading.Event()
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        ear = line.makefile("rb")
        if ear.read(10) != b"zINSTREAM\0":
            line.sendall(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while length := struct.unpack("!I", ear.read(4))[0]:
            content += ear.read(length)
            if len(content) > self.deaf_after:
                line.sendall(self.answer)
                return
        self.heard.append(content)
        if self.silent:
            self._over.wait(10)
            return
        line.sendall(self.answer)

    def close(self) -> None:
        """Stop listening and let whoever waits go."""
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def clamd(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallScanner]:
    listener = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("GUANJIA_CLAMD", f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("GUANJIA_CLAMD_SECONDS", "5")
    small = SmallScanner(listener)
    yield small
    small.close()


def test_without_a_scanner_a_file_is_marked_as_not_scanned() -> None:
    assert scanner.scan(content=b"x") is Scan.NOT_SCANNED


def test_a_clean_file_is_sent_whole_and_found_clean(clamd: SmallScanner) -> None:
    content = bytes(range(256)) * 1000
    assert scanner.scan(content=content) is Scan.CLEAN
    assert clamd.heard == [content]


def test_an_infected_file_is_refused_and_the_find_is_named(clamd: SmallScanner) -> None:
    clamd.answer = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
    with pytest.raises(Unfit, match=r"查出病毒（Win\.Test\.EICAR_HDB-1）") as unfit:
        scanner.scan(content=b"x")
    assert unfit.value.code == "file_infected"


def test_the_name_of_a_find_cannot_carry_markup(clamd: SmallScanner) -> None:
    clamd.answer = b"stream: <script>x</script> FOUND\0"
    with pytest.raises(Unfit) as unfit:
        scanner.scan(content=b"x")
    assert "<" not in unfit.value.why


def test_a_scanner_over_a_unix_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    monkeypatch.setenv("GUANJIA_CLAMD", f"unix://{tmp_path / 's'}")
    small = SmallScanner(listener)
    try:
        assert scanner.scan(content=b"x") is Scan.CLEAN
    finally:
        small.close()


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"rubbish\0", b"stream: FOUND\0"]
)
def test_a_scanner_that_talks_nonsense_counts_as_none(
    clamd: SmallScanner, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    clamd.answer = answer
    assert scanner.scan(content=b"x") is Scan.NOT_SCANNED
    monkeypatch.setenv("GUANJIA_CLAMD_REQUIRED", "1")
    with pytest.raises(Unfit, match="没有应答") as unfit:
        scanner.scan(content=b"x")
    assert unfit.value.code == "file_unscanned"


def test_a_scanner_that_hangs_up_in_the_middle_is_no_fault_of_ours(clamd: SmallScanner) -> None:
    clamd.answer, clamd.deaf_after = b"INSTREAM size limit exceeded. ERROR\0", 100_000
    assert scanner.scan(content=bytes(8_000_000)) is Scan.NOT_SCANNED


def test_a_slow_scanner_is_waited_for_only_so_long(
    clamd: SmallScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    clamd.silent = True
    monkeypatch.setenv("GUANJIA_CLAMD_SECONDS", "0.2")
    assert scanner.scan(content=b"x") is Scan.NOT_SCANNED
    monkeypatch.setenv("GUANJIA_CLAMD_REQUIRED", "1")
    with pytest.raises(Unfit, match="没有应答"):
        scanner.scan(content=b"x")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "http://x", "tcp://x:99999", "nonsense"])
def test_a_scanner_that_is_not_there(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("GUANJIA_CLAMD", address)
    assert scanner.scan(content=b"x") is Scan.NOT_SCANNED
    monkeypatch.setenv("GUANJIA_CLAMD_REQUIRED", "1")
    with pytest.raises(Unfit, match="没有应答"):
        scanner.scan(content=b"x")
