"""Asks a server on the loopback as fast as it answers, or so many times a second.

A process of its own (`python -m tests.bench.load`), which imports nothing that it does not need:
it reads an `Order` as JSON, prints the ports it asks from when it begins, and in the end, on
another line, what it found. Each request costs it about 20 µs, of the same cores.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench import ratios, wire

PATIENCE = 10  # seconds that an answer may take before it counts as a failure
SIZE = 65_536
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Order:
    """What to ask: `requests` in turn, each connection from a place of its own.

    With `rate` they begin so many times a second, whether or not the others have been answered,
    and each is late from the moment at which it was due. With `records`, each request is told.
    """

    port: int
    requests: list[str]
    connections: int = 16
    seconds: float = 2.0
    rate: float | None = None
    records: bool = False


class Connection:
    """One connection, kept; at most one request is on its way."""

    def __init__(self, number: int, port: int, first: int) -> None:
        self.number = number
        self.port = port
        self.next = first
        self.asked = 0  # which request is on its way
        self.began: float | None = None
        self.data = b""
        self.open()

    def open(self) -> None:
        self.socket = wire.connect(self.port)
        self.local_port = self.socket.getsockname()[1]

    def ask(self, messages: list[bytes], began: float) -> None:
        self.asked = self.next
        self.next = (self.next + 1) % len(messages)
        self.began = began
        self.socket.send(messages[self.asked])

    def answered(self) -> int | None:
        """The status, once the answer is whole. Raises OSError where the connection is lost."""
        more = self.socket.recv(SIZE)
        if not more:
            raise ConnectionResetError
        self.data = self.data + more if self.data else more
        status = wire.whole(self.data)
        if status is not None:
            self.data = b""
        return status


class Drive:
    """One run of an order."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.messages = [text.encode() for text in order.requests]
        apart = max(1, len(self.messages) // order.connections)
        self.poll = select.epoll()
        self.by_file: dict[int, Connection] = {}
        for number in range(order.connections):
            self._register(Connection(number, order.port, number * apart % len(self.messages)))
        self.connections = list(self.by_file.values())
        self.idle = deque(self.connections)
        self.statuses: Counter[int] = Counter()
        self.failures = 0
        self.in_time = 0
        self.latencies: list[float] = []
        self.records: list[tuple[float, float, int, int, int]] = []

    def run(self) -> dict[str, Any]:
        """The counts and latencies (seconds, in order) of what was asked."""
        clock, worked = time.perf_counter, time.process_time()
        self.began = clock()
        self.deadline = self.began + self.order.seconds
        self.due = self.began
        self._begin(self.began)
        while True:
            now = clock()
            if now >= self.deadline + PATIENCE:
                break
            if now >= self.deadline and len(self.idle) == len(self.connections):
                break
            for file, _ in self.poll.poll(self._pause(now)):
                self._receive(self.by_file[file], clock)
            self._begin(clock())
        self.failures += len(self.connections) - len(self.idle)
        for connection in self.connections:
            connection.socket.close()
        self.poll.close()
        return {
            "answered": self.in_time,
            "seconds": self.order.seconds,
            "statuses": dict(self.statuses),
            "failures": self.failures,
            "latencies": sorted(self.latencies),
            "cpu": time.process_time() - worked,
            "records": self.records,
        }

    def _register(self, connection: Connection) -> None:
        self.by_file[connection.socket.fileno()] = connection
        self.poll.register(connection.socket.fileno(), select.EPOLLIN)

    def _pause(self, now: float) -> float:
        until = self.deadline if now < self.deadline else self.deadline + PATIENCE
        if self.order.rate and self.idle and now < self.deadline:
            until = min(until, self.due)
        return max(0.0, until - now)

    def _begin(self, now: float) -> None:
        """Send what is due."""
        while self.idle and now < self.deadline:
            if self.order.rate:
                if self.due > now:
                    return
                began, self.due = self.due, self.due + 1 / self.order.rate
            else:
                began = now
            self.idle.popleft().ask(self.messages, began)

    def _receive(self, connection: Connection, clock: Any) -> None:
        began = connection.began
        try:
            status = connection.answered()
        except OSError:
            self.failures += began is not None
            self._reopen(connection)
            return
        if status is None or began is None:
            return
        now = clock()
        self.in_time += now <= self.deadline
        self.statuses[status] += 1
        self.latencies.append(now - began)
        if self.order.records:
            told = (began - self.began, now - began, status, connection.asked, connection.number)
            self.records.append(told)
        connection.began = None
        self.idle.append(connection)

    def _reopen(self, connection: Connection) -> None:
        self.by_file.pop(connection.socket.fileno())
        connection.socket.close()
        connection.began, connection.data = None, b""
        connection.open()
        self._register(connection)
        self.idle.append(connection)


def started(order, module="tests.bench.load"):
    """A process of `module` that carries out `order` from now on; `finished` awaits it."""
    process = subprocess.Popen(  # noqa: S603  (our own commands)
        [sys.executable, "-m", module],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdin.write(json.dumps(asdict(order)))
    process.stdin.close()
    return process


def ports(process):
    """The port of each connection of a load that is under way."""
    return json.loads(process.stdout.readline())


def finished(process):
    """What the process has told. Raises CalledProcessError where it failed."""
    told = process.stdout.read()
    process.stdout.close()
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, process.args)
    result = json.loads(told.rpartition("\n")[2])
    if "statuses" in result:
        result["statuses"] = {int(status): n for status, n in result["statuses"].items()}
    return result


def drive(order):
    """Carry out `order` in a process of its own, and return what it has told, with the p99."""
    told = finished(started(order))
    return {**told, "p99": ratios.percentile(told["latencies"], 99)}


if __name__ == "__main__":
    made = Drive(Order(**json.load(sys.stdin)))
    print([connection.local_port for connection in made.connections], flush=True)  # noqa: T201
    json.dump(made.run(), sys.stdout)
