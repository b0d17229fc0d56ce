"""Servers to be measured: each as the product is served, its log thrown away."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench import wire

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
WORKERS = 2
_TICK = 1 / os.sysconf("SC_CLK_TCK")


class Server:
    """A started server; `settings` says what it serves."""

    def __init__(self, settings, variables):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.stacks.serve"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": settings,
                "CERBYKEYS_PORT": str(self.port),
                "CERBYKEYS_WORKERS": str(WORKERS),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def workers(self):
        """The processes that serve."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for children in tasks for pid in children.read_text().split()]

    def cpu(self):
        """Seconds that its processes have computed."""
        return sum(_cpu(pid) for pid in [self.process.pid, *self.workers()])

    def worker_of(self, ports):
        """For each of `ports`, from which someone is connected, the process that answers there."""
        deadline = time.monotonic() + PATIENCE
        while None in (found := self._accepted(ports)):
            assert time.monotonic() < deadline, f"no worker took a connection for {PATIENCE} s"
            time.sleep(0.02)
        return found

    def _accepted(self, ports):
        sockets = {}
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, _, _, _, _, _, _, inode, *_ = line.split()
            if int(local.partition(":")[2], 16) == self.port:
                sockets[f"socket:[{inode}]"] = int(remote.partition(":")[2], 16)
        found = {}
        for pid in self.workers():
            for file in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    found[sockets.get(str(file.readlink()))] = pid
                except FileNotFoundError:
                    continue
        return [found.get(port) for port in ports]

    def wait(self, message, status=200):
        """Until every worker has given `message` this answer."""
        deadline, ready = time.monotonic() + PATIENCE, set()
        while len(ready) < WORKERS:
            assert self.process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain"
            try:
                with wire.connect(self.port) as connection:
                    answered, _ = wire.exchange(connection, message)
                    assert answered == status, f"the server answers {answered}"
                    ready.update(self.worker_of([connection.getsockname()[1]]))
            except OSError:
                time.sleep(0.05)

    def meet(self, messages):
        """Ask each worker each of these once, so that it knows the keys that they hold."""
        with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as pool:
            by_worker = {}
            while len(by_worker) < WORKERS:
                connection = stack.enter_context(wire.connect(self.port, PATIENCE))
                port = connection.getsockname()[1]
                by_worker.setdefault(self.worker_of([port])[0], connection)
            asking = [
                pool.submit(lambda one: [wire.exchange(one, each) for each in messages], connection)
                for connection in by_worker.values()
            ]
            for asked in asking:
                assert {status for status, _ in asked.result()} == {200}

    def stop(self):
        """End it and its workers."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@contextmanager
def served(settings, message, **variables):
    """A server that has answered `message`, and that leaves nothing behind."""
    server = Server(settings, variables)
    try:
        server.wait(message)
        yield server
    finally:
        server.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _cpu(pid):
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) * _TICK
