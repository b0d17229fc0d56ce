"""`/metrics`: what all processes of this server have counted, in Prometheus' text format.

Every process counts in files of its own (`cerbykeys.counting`); whichever is asked adds them up,
those of processes that have ended included. What stands in the database is asked for at each
scrape.
"""

from __future__ import annotations

import ipaddress
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import Error
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from workspaces import metrics
from workspaces.automation.queries import MOST_COUNTED, queue

from .bounded import Question
from .counting import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from prometheus_client import Metric

logger = structlog.get_logger(__name__)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DATABASE_SECONDS = 1.0

# RFC 1122, 4291, 1918 and 4193: this host, and networks that are not routed on the internet.
_INSIDE = [
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "::1/128",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
    )
]
_PASSED_ON = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_", "HTTP_X_REAL_IP", "HTTP_VIA")
_LIVE_GAUGE = re.compile(r"gauge_live[a-z]+_(\d+)\.db")


def may_scrape(request: HttpRequest) -> bool:
    """Whether it is a machine inside that asks, without a proxy in between.

    Looks at the connection as it is: to be called before cerbykeys.proxies believes a proxy.
    """
    meta = request.META
    if any(name.startswith(_PASSED_ON) for name in meta):
        return False
    try:
        peer = ipaddress.ip_address(meta.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    # A dual-stack socket shows an IPv4 client as ::ffff:192.0.2.1.
    peer = getattr(peer, "ipv4_mapped", None) or peer
    proxies = settings.TRUSTED_PROXIES
    return any(peer in network for network in _INSIDE) and not any(
        peer in network for network in proxies
    )


def scrape() -> bytes:
    """All metrics as they are now; what other processes noted just now comes with the next."""
    metrics.hand_on()
    if folder := os.environ.get(FOLDER):
        registry = CollectorRegistry()
        _forget_gauges_of_the_dead(folder)
        MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    else:
        registry = metrics.registry
    return generate_latest(registry) + generate_latest(_queue)


class _Queue(Collector):
    """What waits for a job worker; nothing where the database does not answer in time."""

    def collect(self) -> Iterator[Metric]:
        try:
            state = _question.put().wait(DATABASE_SECONDS)
        except (Error, TimeoutError) as error:
            logger.warning("queue_unknown", reason=str(error))
            return
        jobs = GaugeMetricFamily(
            "cerbykeys_jobs",
            "Jobs that have not ended, by state; by hand, a job is running until an admin says how "
            f"it ended. Beyond {MOST_COUNTED} they are not counted further.",
            labels=["status"],
        )
        for status, count in state.jobs.items():
            jobs.add_metric([status], count)
        yield jobs
        yield GaugeMetricFamily(
            "cerbykeys_job_oldest_waiting_seconds",
            "How long the oldest job that nobody has begun has been waiting; 0 where none is.",
            value=state.oldest_waiting_seconds,
        )


_question = Question(queue)
_queue = CollectorRegistry()
_queue.register(_Queue())


def _forget_gauges_of_the_dead(folder: str) -> None:
    """What a killed process had not written down is lost, and no backlog any more."""
    with os.scandir(folder) as files:
        pids = {int(found[1]) for file in files if (found := _LIVE_GAUGE.fullmatch(file.name))}
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another scrape was faster
                mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
        except PermissionError:
            pass  # it is someone's, and so it lives
