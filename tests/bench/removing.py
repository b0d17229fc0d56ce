"""Removes keys one after the other while all of them are in use, and counts who still gets in.

A process of its own, like `tests.bench.load`. One connection sends DELETE /api/v1/key; the others
never stop asking, half of them with the key that is being removed, half with one that was. A
request counts if it was begun after the answer to its key's removal had arrived here.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.bench import load, wire

PATH = "/api/v1/key"
RECENT = 3  # removed keys that are asked with most


@dataclass
class Removals:
    """Remove `keys` in turn until `wanted` requests were begun after the answer to a removal."""

    port: int
    keys: list[str]
    wanted: int
    connections: int = 16


class Run(load.Drive):
    """A load that chooses its keys itself."""

    def __init__(self, removals: Removals) -> None:
        messages = [wire.with_key(PATH, key).decode() for key in removals.keys]
        order = load.Order(removals.port, messages, removals.connections + 1, seconds=60)
        super().__init__(order)
        self.removals = [wire.with_key(PATH, key, "DELETE") for key in removals.keys]
        self.wanted = removals.wanted
        self.remover = self.connections.pop()
        self.idle.remove(self.remover)
        self.removed = 0  # so many keys, from the first on, have been removed
        self.counted = 0
        self.let_in = 0
        self.before: Counter[int] = Counter()
        self.takes: list[float] = []
        self.late: dict[int, bool] = {}  # by connection: whether its request counts
        self.random = random.Random(0)  # noqa: S311  (the same each time)

    def run(self) -> dict[str, Any]:
        """The times that removals took, and what became of the requests that count."""
        clock = time.perf_counter
        self.began, self.deadline = clock(), clock() + self.order.seconds
        self._remove(clock())
        while self.counted < self.wanted and self.removed < len(self.removals):
            if clock() > self.deadline:
                break
            for file, _ in self.poll.poll(1):
                self._take(self.by_file[file], clock)
            self._begin(clock())
        return {
            "counted": self.counted,
            "let_in": self.let_in,
            "before": dict(self.before),
            "takes": self.takes,
            "failures": self.failures,
        }

    def _remove(self, now: float) -> None:
        self.remover.next = self.removed
        self.remover.ask(self.removals, now)

    def _begin(self, now: float) -> None:
        while self.idle:
            connection = self.idle.popleft()
            connection.next = self._choice()
            self.late[connection.number] = connection.next < self.removed
            connection.ask(self.messages, now)

    def _choice(self) -> int:
        last = len(self.removals) - 1
        if not self.removed or self.random.random() < 0.5:
            return min(self.removed, last)
        recent = self.random.random() < 0.5
        return self.random.randrange(max(0, self.removed - RECENT) if recent else 0, self.removed)

    def _take(self, connection: load.Connection, clock: Any) -> None:
        try:
            status = connection.answered()
        except OSError:
            self.failures += 1
            self._reopen(connection)
            return
        if status is None or connection.began is None:
            return
        began, connection.began = connection.began, None
        if connection is self.remover:
            self._answered(status, clock() - began, clock)
            return
        if self.late[connection.number]:
            self.counted += 1
            self.let_in += status != 401
        else:
            self.before[status] += 1
        self.idle.append(connection)

    def _answered(self, status: int, took: float, clock: Any) -> None:
        if status != 204:
            msg = f"a removal was answered by {status}"
            raise RuntimeError(msg)
        self.takes.append(took)
        self.removed += 1
        if self.removed < len(self.removals):
            self._remove(clock())


if __name__ == "__main__":
    made = Run(Removals(**json.load(sys.stdin)))
    print([connection.local_port for connection in made.connections], flush=True)  # noqa: T201
    json.dump(made.run(), sys.stdout)
