"""The two processes that do the work: `web` answers people, `worker` does the jobs.

Both are started by the command line, alone or as children of `guanjia up`.
"""

import asyncio
import ctypes
import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Granian

if TYPE_CHECKING:
    import procrastinate

WEB_PROCESSES = 2
WEB_THREADS = 16  # each may hold a database connection: 2 x 16 of the 120 the server allows
WORKER_JOBS = 4  # at once
SECONDS_BETWEEN_LOOKS = 20
_PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)


def port_is_free(*, host: str, port: int) -> bool:
    """Whether we could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does it: connections of the last run that still say goodbye do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def die_with_parent() -> None:
    """In a child, before exec: end when the parent ends, even by kill -9 (Linux only)."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def serve_web(*, host: str, port: int) -> None:
    """Serve HTTP until told to stop. Static files are served by the application (whitenoise)."""
    processes = int(os.environ.get("GUANJIA_WEB_PROCESSES") or WEB_PROCESSES)
    Granian(
        "guanjia.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=WEB_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.warning,
    ).serve()


def serve_jobs() -> None:
    """Do jobs until told to stop; a job under way is finished first. Django must be set up."""
    from django.utils import module_loading  # noqa: PLC0415 - needs the settings
    from procrastinate.contrib.django import app  # noqa: PLC0415

    module_loading.autodiscover_modules("jobs")
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]  # Django's connector has it, the base class has not
        asyncio.run(_work(app))


async def _work(app: "procrastinate.App") -> None:
    async with app.open_async():
        picking_up = asyncio.create_task(_pick_up_dropped_jobs(app))
        try:
            # What succeeded is deleted: several jobs a minute would pile up to millions of rows.
            await app.run_worker_async(
                concurrency=WORKER_JOBS, shutdown_graceful_timeout=20, delete_jobs="successful"
            )
        finally:
            picking_up.cancel()


async def _pick_up_dropped_jobs(app: "procrastinate.App") -> None:
    """Put the jobs of a killed worker back in the queue: jobs may be run twice, never lost."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=30):
            log.warning(
                "job %s (%s) was dropped by its worker; trying again", job.id, job.task_name
            )
            await app.job_manager.retry_job(job)
