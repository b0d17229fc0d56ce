"""What a restart in front of a thousand keys costs those who use them."""

from __future__ import annotations

import os
import time

from tests.bench import load, ratios
from tests.bench.figures import at_most, informing
from tests.bench.site import PATH
from workspaces.keys.hashing import hash_secret


def figures(site):
    """Failures and p99 from a restart until each worker knows each key."""
    asking = site.asking(PATH, site.pace.live)
    server = site.product  # nobody has asked it for anything yet
    order = load.Order(
        server.port, asking, site.pace.connections, seconds=enough(site), records=True
    )
    driving = load.started(order)
    workers = server.worker_of(load.ports(driving))
    told = load.finished(driving)
    refused = sum(n for status, n in told["statuses"].items() if status != 200)
    yield at_most(
        f"restarted before {site.pace.live:,} keys in use: requests that failed",
        [refused + told["failures"]],
        0,
        note=f"of {len(told['records']):,}, by {len(set(workers))} workers",
    )
    known = known_after(told["records"], workers, len(asking))
    until = [took for began, took, *_ in told["records"] if began <= (known or order.seconds)]
    waits = ratios.Spread(*(ratios.percentile(until, rank) for rank in (99, 50, 99.9)))
    yield at_most("restarted: p99 until all are known (median to p99.9)", waits, 0.5, unit="s")
    yield informing(
        "restarted: all keys known to all workers after",
        [known or order.seconds],
        unit="s",
        note="" if known else "not all of them were",
    )


def enough(site):
    """Seconds in which all workers meet all keys, with some to spare."""
    began = time.perf_counter()
    hash_secret("how long it takes")
    each = time.perf_counter() - began
    return 3 + 2.5 * each * site.pace.live * 2 / (os.cpu_count() or 1)


def known_after(records, workers, keys):
    """When each worker had let each key in; None where that did not happen."""
    first = {}
    for began, took, status, key, connection in records:
        if status == 200:
            met = (workers[connection], key)
            first[met] = min(first.get(met, float("inf")), began + took)
    return max(first.values()) if len(first) == keys * len(set(workers)) else None
