"""What forged keys take away from good ones."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from tests.bench import flood, load, ratios, wire
from tests.bench.figures import at_least, at_most, informing
from tests.bench.site import PATH
from workspaces.keys.material import mint

NOISE = 500  # a second
TOGETHER = 10  # of them
INSIDERS = 200  # a second
LEAD = 0.3  # seconds that the forged ones begin before the good ones, and more that they last


def figures(site):
    """Throughput under keys without a right tag; the slowest answers under right tags."""
    product, good = site.product, site.asking(PATH)
    product.meet([message.encode() for message in good])
    site.drive(product, good)
    # To tell four per cent from six takes more rounds.
    found, rates = pairs(
        site, lambda *when: noise(site, *when), lambda told: told["throughput"], 2 * site.pace.pairs
    )
    name = f"good throughput under {NOISE} forged keys a second ÷ quiet"
    yield at_least(name, [loud / quiet for quiet, loud in found], 0.95, note=rates)
    found, rates = pairs(
        site, lambda *when: insiders(site, *when), lambda told: told["p99"], site.pace.pairs
    )
    name = f"good p99 under {INSIDERS} right tags with wrong secrets a second ÷ quiet"
    waits = [loud * 1000 for _, loud in found]
    yield at_most(name, [loud / quiet for quiet, loud in found], 3, note=rates)
    yield informing("good p99 meanwhile", waits, unit="ms")
    name = "argon2 computations at once meanwhile, for each core"
    yield at_most(name, [argon2_at_once(site)], 1)


def pairs(site, attack, of, rounds):
    """`of` a quiet round and of one under attack, so many times; and how the forged ones fared.

    `attack` starts a process that sends them to a port, for so many seconds.
    """
    statuses, asked = {}, 0

    def attacked():
        nonlocal asked
        seconds = site.pace.seconds + 3 * LEAD
        attacking = attack(site.product.port, seconds)
        load.ports(attacking)  # it has begun
        time.sleep(LEAD)
        told = site.drive(site.product, site.asking(PATH))
        fared = load.finished(attacking)
        asked += seconds
        for status, count in fared["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
        return of(told)

    found = ratios.paired(lambda: of(site.drive(site.product, site.asking(PATH))), attacked, rounds)
    assert 200 not in statuses, "a forged key got in"
    fared = ", ".join(f"{n / asked:.0f}/s got {status}" for status, n in sorted(statuses.items()))
    return found, fared


def noise(site, port, seconds):
    """Sends keys whose tag is wrong, and keys that were cut off."""
    keys = [
        key[:-1] + ("a" if key[-1] != "a" else "b") if number % 2 else key[:-5]
        for number, key in enumerate(site.keys)
    ]
    requests = [wire.with_key(PATH, key).decode() for key in keys]
    order = flood.Order(port, requests, seconds, NOISE, TOGETHER)
    return load.started(order, "tests.bench.flood")


def insiders(site, port, seconds):
    """Sends keys of right ids and tags whose secret is another: no two are the same."""
    ids = [key.split("_")[1] for key in site.keys]
    keys = [mint(ids[number % len(ids)]).plaintext for number in range(2_000)]
    requests = [wire.with_key(PATH, key).decode() for key in keys]
    return load.started(load.Order(port, requests, 64, seconds, INSIDERS))


def argon2_at_once(site):
    """How many there are at most over all workers, divided by the cores."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts"
        counts.write_text("0 0")
        with site.served("tests.bench.stacks.counted", BENCH_COUNTS=str(counts)) as server:
            load.finished(insiders(site, server.port, site.pace.seconds))
        _, most = counts.read_text().split()
    return int(most) / len(os.sched_getaffinity(0))
