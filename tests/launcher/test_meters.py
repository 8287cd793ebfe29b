"""From a broker to the days of a meter; the listener as a child of `guanjia up`."""

import json
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import time_machine

from guanjia.config import metering as listening
from guanjia.config import supervisor
from guanjia.domains.energy.actions import metering as intake
from guanjia.domains.energy.models import MeterAside
from guanjia.domains.energy.queries.readings import sent
from guanjia.domains.energy.tests import builders, metering
from guanjia.domains.energy.tests.metering import BEGUN
from guanjia.kernel.outside import mqtt
from guanjia.kernel.outside.tests import broker as brokers
from tests.launcher.places import Place

OWN = "guanjia/v1/meters/DB-1"


def payload(readings: Any) -> bytes:
    return json.dumps({"v": 1, "readings": readings}).encode()


@pytest.mark.django_db
@time_machine.travel(builders.AT, tick=True)
def test_from_a_broker_to_the_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    meter = metering.meter(builders.city())
    readings = metering.steady(BEGUN)
    parts = [
        (OWN, payload([{"at": at.isoformat(), "value": str(value)} for at, value in some]))
        for some in (readings[:50], readings[40:], readings[10:20])
    ]
    with brokers.running(tmp_path) as broker:
        monkeypatch.setenv("GUANJIA_MQTT_URL", broker.url)
        taken: list[int] = []

        def take(batch: Sequence[mqtt.Message]) -> None:
            listening.take(batch)
            taken.append(len(batch))
            if sum(taken) == len(parts) + 1:
                listener.stop()

        listener = mqtt.Listener(listening.broker(), intake.TOPICS, take)

        def publish() -> None:
            listener.listening.wait(20)
            broker.publish([*parts, (OWN, b"?")])

        sending = threading.Thread(target=publish)
        sending.start()
        with caplog.at_level(logging.WARNING):
            listener.run()
        sending.join()
    assert len(sent([meter.pk], BEGUN, builders.TODAY)) == 97
    metering.roll()
    assert metering.amount(meter, BEGUN) == 96
    assert MeterAside.objects.get().number == "DB-1"
    assert "set aside" in caplog.text


@pytest.mark.parametrize(("url", "wanted"), [("", False), ("mqtt://broker", True)])
def test_the_listener_runs_where_a_broker_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, *, wanted: bool
) -> None:
    monkeypatch.setenv("GUANJIA_MQTT_URL", url)
    children = supervisor._children(tmp_path, host="127.0.0.1", port=8000)
    assert ("meters" in [child.name for child in children]) is wanted


def test_the_password_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANJIA_MQTT_URL", "mqtt://meters:s3cret@broker:1883")
    broker = listening.broker()
    assert broker.password == "s3cret"
    assert "s3cret" not in repr(broker)


@pytest.mark.parametrize("url", ["", "http://broker", "mqtt://broker:many"])
def test_without_a_broker_it_does_not_listen(tmp_path: Path, url: str) -> None:
    place = Place(tmp_path, more={"GUANJIA_MQTT_URL": url})
    for command in ("meters", "up") if url else ("meters",):
        done = place.run(command)
        assert done.returncode == 1
        assert "GUANJIA_MQTT_URL" in done.stderr
