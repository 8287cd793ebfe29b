"""`guanjia meters`: listen to meters. Started by `guanjia up` where GUANJIA_MQTT_URL is set.

GUANJIA_MQTT_URL: mqtt://user:password@host:1883 or mqtts://… . GUANJIA_MQTT_CLIENT: the name of our
session at the broker, "guanjia-meters" unless told; two listeners of one name push each other out.
GUANJIA_MQTT_CA: a file with the authority of the broker's certificate, where the system has none.
"""

import logging
import os
import signal
from collections.abc import Sequence
from datetime import datetime
from types import FrameType

from guanjia.kernel.outside import mqtt
from guanjia.kernel.values.period import SHANGHAI

URL, CLIENT, AUTHORITY = "GUANJIA_MQTT_URL", "GUANJIA_MQTT_CLIENT", "GUANJIA_MQTT_CA"

log = logging.getLogger(__name__)


def wanted() -> bool:
    """Whether this installation listens to meters."""
    return bool(os.environ.get(URL, "").strip())


def broker() -> mqtt.Broker:
    """The broker the environment names; raises ``mqtt.AddressUnreadable``."""
    return mqtt.Broker.named(
        os.environ.get(URL, ""),
        client_id=os.environ.get(CLIENT, "").strip() or "guanjia-meters",
        authority=os.environ.get(AUTHORITY, "").strip(),
    )


def take(messages: Sequence[mqtt.Message]) -> None:
    """Keep a batch; a database that is away is waited for."""
    from django.db import InterfaceError, OperationalError, connection  # noqa: PLC0415 — set up now

    from guanjia.domains.energy.actions import metering  # noqa: PLC0415 — as above

    try:
        done = metering.take_messages(messages, at=datetime.now(SHANGHAI))
    except (InterfaceError, OperationalError) as error:
        connection.close()  # a new one next time
        raise mqtt.NotNow(type(error).__name__) from error
    log.info("%s messages: %s new, %s known", len(messages), done.new, done.repeated)
    if done.aside:
        log.warning("%s readings set aside, see the list of meters", done.aside)


def serve_meters() -> None:
    """Listen until told to stop. Django must be set up."""
    from guanjia.domains.energy.actions.metering import TOPICS  # noqa: PLC0415 — as above

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    listener = mqtt.Listener(broker(), TOPICS, take)

    def stop(_number: int, _frame: FrameType | None) -> None:
        listener.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        listener.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
