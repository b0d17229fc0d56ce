"""Sends requests at a rate, several at a time on one connection, and counts how they fared.

A process of its own (`python -m tests.bench.flood`), as `tests.bench.load` is, and for what comes
from elsewhere in life: sent one by one, each request would wake this process twice and the server
once, which costs those who share its cores as much as the request itself. For the same reason the
answers are read when the connection's turn comes again.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from tests.bench import wire

PATIENCE = 10  # seconds
SIZE = 65_536
START = b"HTTP/1.1 "


@dataclass
class Order:
    """What to send: `requests` in turn, `rate` a second, `together` of them at a time."""

    port: int
    requests: list[str]
    seconds: float
    rate: float
    together: int
    connections: int = 8  # as many as it takes to reach every worker


def run(order: Order, connections: list[Any]) -> dict[str, Any]:
    """The statuses of the answers. Raises OSError where they do not come for `PATIENCE`."""
    messages = itertools.cycle([text.encode() for text in order.requests])
    statuses: Counter[int] = Counter()
    waiting: deque[Any] = deque()  # connections with answers to come, the one asked first in front
    turn = itertools.cycle(connections)
    pause = order.together / order.rate
    began = time.perf_counter()
    for number in range(round(order.seconds / pause)):
        time.sleep(max(0, began + number * pause - time.perf_counter()))
        if len(waiting) == len(connections):
            statuses.update(_answers(waiting.popleft(), order.together))
        connection = next(turn)
        connection.sendall(b"".join(itertools.islice(messages, order.together)))
        waiting.append(connection)
    for connection in waiting:
        statuses.update(_answers(connection, order.together))
    return {"statuses": dict(statuses), "failures": 0}


def _answers(connection: Any, count: int) -> list[int]:
    """The statuses of the next `count` answers: each begins a line that no body of ours holds."""
    data, until = b"", time.monotonic() + PATIENCE
    while True:
        more = connection.recv(SIZE)
        if not more or time.monotonic() > until:
            raise ConnectionResetError
        data += more
        heads = data.split(START)[1:]
        if len(heads) == count and wire.whole(START + heads[-1]) is not None:
            return [int(head[:3]) for head in heads]


if __name__ == "__main__":
    if hasattr(os, "sched_setscheduler"):  # it takes the time it needs, but from nobody at once
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    made = Order(**json.load(sys.stdin))
    opened = [wire.connect(made.port, PATIENCE) for _ in range(made.connections)]
    print([connection.getsockname()[1] for connection in opened], flush=True)  # noqa: T201
    json.dump(run(made, opened), sys.stdout)
