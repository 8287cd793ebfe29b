"""`guanjia up`: everything starts, stays alive, and stops. The tests run in their order."""

import json
import os
import signal
import socket

import psutil
import pytest

from tests.launcher.places import Place, answers, free_port, wait_until

# In their order: each goes on from what the one before it left in the one home.
pytestmark = [
    pytest.mark.launcher, pytest.mark.xdist_group("launcher"),
    pytest.mark.random_order(disabled=True),
]  # fmt: skip


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def up(place: Place, port: int) -> int:
    """The number of the running supervisor."""
    return place.up(port).pid


def child(place: Place, name: str) -> psutil.Process | None:
    """A child of the supervisor, or None just when it is being started again."""
    known = json.loads((place.home / "run" / "children").read_text())
    try:
        return psutil.Process(known[name][0])
    except (KeyError, psutil.NoSuchProcess):
        return None


def killed(place: Place, name: str) -> psutil.Process:
    """Kill a child the hard way; returns who it was."""
    process = child(place, name)
    assert process is not None
    process.kill()
    return process


def test_the_first_start_makes_one_administrator(place: Place, port: int, up: int) -> None:
    assert answers(port), place.logs()
    assert f"http://127.0.0.1:{port}" in place.said()
    assert "首次启动，已建立管理员账号" in place.said()


def test_a_second_up_in_the_same_place_is_refused(place: Place, up: int) -> None:
    second = place.run("up", "--port", str(free_port()))
    assert second.returncode == 1
    assert "管家已经在运行" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_command_beside_it_leaves_its_database_alone(place: Place, up: int) -> None:
    before = place.postmaster_file.read_text().split()[0]
    beside = place.run("migrate")
    assert (beside.returncode, beside.stderr) == (0, "")
    assert "数据库结构已是最新" in beside.stdout
    assert place.postmaster_file.read_text().split()[0] == before


def test_a_killed_worker_is_started_again(place: Place, up: int) -> None:
    web, worker = child(place, "web"), killed(place, "worker")
    wait_until(lambda: child(place, "worker") not in {worker, None}, "another worker")
    assert child(place, "web") == web
    assert "后台任务意外停止" in place.said()


def test_a_killed_web_server_is_started_again(place: Place, port: int, up: int) -> None:
    web = killed(place, "web")
    wait_until(lambda: child(place, "web") not in {web, None}, "another web server")
    wait_until(lambda: answers(port), "it answers")


def test_a_killed_database_is_started_again(place: Place, port: int, up: int) -> None:
    def number() -> int:
        return int(place.postmaster_file.read_text().split()[0])

    before = number()
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: "数据库曾意外停止，已重新启动" in place.said(), "another database")
    assert number() != before
    assert place.run("migrate").returncode == 0
    wait_until(lambda: answers(port), "it answers")


def test_after_kill_9_the_next_start_works_and_stops_cleanly(
    place: Place, port: int, up: int
) -> None:
    os.kill(up, signal.SIGKILL)
    place.started[-1].wait(10)
    again = place.up(port)
    assert answers(port)
    assert "首次启动" not in place.said()
    postmaster = psutil.Process(int(place.postmaster_file.read_text().split()[0]))
    everybody = [child(place, "web"), child(place, "worker"), postmaster]
    again.send_signal(signal.SIGINT)
    assert again.wait(40) == 0
    assert "已停止。" in place.said()
    wait_until(lambda: not any(one and one.is_running() for one in everybody), "all gone")
    assert not place.postmaster_file.exists()
    assert not answers(port)


def test_a_port_in_use_is_a_sentence(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = place.run("up", "--port", str(port))
    assert refused.returncode == 1
    assert f"端口 {port} 已被别的程序占用" in refused.stderr
    assert not place.postmaster_file.exists()
