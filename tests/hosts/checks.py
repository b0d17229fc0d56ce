"""What two hosts have to withstand, each told as a row: what was done, what failed, how slow."""

import os
import signal
import time
from typing import NamedTuple

from tests.hosts.load import load
from tests.hosts.network import DATABASES
from tests.hosts.processes import listens, wait_until

OUTAGE = 5  # seconds that a database is away
REMOVALS = 50


class Row(NamedTuple):
    """One line of the table; `what` says what was done."""

    what: str
    requests: str
    failed: str
    slowest: str
    remark: str


class Site:
    """Both hosts and what they share, with keys and an integration to ask about."""

    def __init__(self, hosts, postgres, redis):
        self.hosts, self.postgres, self.redis = hosts, postgres, redis
        self.keys = hosts[0].keys(4)
        self.integration = hosts[0].manage(
            "shell", "--verbosity", "0", "-c",
            "from workspaces.automation.models import Integration as I\n"
            "print(I.objects.get(workspace__slug='acme', application='Figma').id)",
        ).strip()  # fmt: skip

    def load(self):
        return load(self.keys, self.integration)


def quiet(site):
    """What the others are to be held against."""
    with site.load() as under_way:
        time.sleep(OUTAGE)
    return told("nothing", under_way)


def key_of_the_other_host(site):
    first, second = site.hosts
    (key,) = first.keys(1)
    status = second.ask("GET", "/api/v1/key", key)
    return Row("a key made on A, asked on B", "1", str(int(status != 200)), "", str(status))


def removals(site):
    """Removed on A, and asked at once on B, which has just let it in."""
    first, second = site.hosts
    let_in, waits = 0, []
    for key in first.keys(REMOVALS):
        assert second.ask("GET", "/api/v1/key", key) == 200
        began = time.monotonic()
        assert first.ask("DELETE", "/api/v1/key", key) == 204
        waits.append(time.monotonic() - began)
        let_in += second.ask("GET", "/api/v1/key", key) != 401
    return Row(
        "keys removed on A, asked on B next",
        str(REMOVALS),
        f"{let_in} let in",
        seconds(max(waits)),
        "slowest: the removal's answer",
    )


def rolling_restart(site):
    stops = []
    with site.load() as under_way:
        for host in site.hosts:
            host.worker.stop()
            began = time.monotonic()
            host.server.stop()
            stops.append(time.monotonic() - began)
            host.server.start()
            host.worker.start()
            wait_until(host.is_ready)
            time.sleep(2)  # until the proxy has seen it
    took = " and ".join(seconds(stop) for stop in stops)
    return told(
        "both hosts restarted, one after the other", under_way, f"each server stopped in {took}"
    )


def postgres_away(site):
    with site.load() as under_way:
        site.postgres.stop(signal.SIGINT)
        time.sleep(OUTAGE)
        site.postgres.start()
        wait_until(lambda: listens(DATABASES, 5432))
        back = time.monotonic()
        time.sleep(6)
    late = [asked.ended - back for asked in under_way.failed()]
    recovered = max([0.0, *late])
    remark = f"last failure {seconds(recovered)} after it was back"
    return told(f"PostgreSQL stopped for {OUTAGE} s", under_way, remark)


def postgres_frozen(site):
    with site.load() as under_way:
        site.postgres.send(signal.SIGSTOP)
        frozen = [site.postgres.process.pid, *site.postgres.children()]
        try:
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(OUTAGE)
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        back = time.monotonic()
        time.sleep(10)
    recovered = max([0.0, *(asked.ended - back for asked in under_way.failed())])
    remark = f"last failure {seconds(recovered)} after it went on"
    return told(f"PostgreSQL hangs for {OUTAGE} s", under_way, remark)


def redis_away(site):
    with site.load() as under_way:
        site.redis.stop()
        time.sleep(OUTAGE)
        site.redis.start()
        time.sleep(3)
    return told(f"Redis stopped for {OUTAGE} s", under_way)


def redis_hangs(site):
    with site.load() as under_way:
        site.redis.send(signal.SIGSTOP)
        time.sleep(OUTAGE)
        site.redis.send(signal.SIGCONT)
        time.sleep(3)
    return told(f"Redis hangs for {OUTAGE} s", under_way)


def worker_killed(site):
    server = site.hosts[0].server
    before = server.children()
    with site.load() as under_way:
        os.kill(before[0], signal.SIGKILL)
        time.sleep(3)
        replaced = wait_until(lambda: len(set(server.children()) - set(before)) == 1)
    remark = "replaced" if replaced < 1 else f"replaced {seconds(replaced)} later"
    return told("one of A's two workers killed (-9)", under_way, remark)


def job_worker_killed(site):
    """Jobs go on, carried out by the other host's."""
    worker = site.hosts[0].worker
    with site.load() as under_way:
        worker.send(signal.SIGKILL)
        worker.process.wait()
        time.sleep(3)
    worker.start()
    return told("A's job worker killed (-9)", under_way)


def told(what, under_way, remark=""):
    failed = len(under_way.failed())
    return Row(
        what,
        f"{len(under_way.asked):,}",
        f"{failed} ({under_way.outcomes()})" if failed else "0",
        seconds(under_way.slowest()),
        "; ".join(filter(None, [remark, f"p99 {seconds(under_way.percentile(0.99))}"])),
    )


def seconds(value):
    return f"{value:.2f} s"


CHECKS = {
    "quiet": quiet,
    "key": key_of_the_other_host,
    "removals": removals,
    "restart": rolling_restart,
    "postgres": postgres_away,
    "frozen": postgres_frozen,
    "redis": redis_away,
    "hang": redis_hangs,
    "worker": worker_killed,
    "jobs": job_worker_killed,
}
