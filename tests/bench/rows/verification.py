"""What verification costs, beside no verification and beside the peers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager

from tests.bench import wire
from tests.bench.figures import at_least, informing
from tests.bench.servers import ROOT, served
from tests.bench.site import PATH, PRODUCT, UNVERIFIED

PEERS = "tests.bench.stacks.peers"


def figures(site):
    """GET /key as a multiple of the same without verification, and of the peers' throughput."""
    least, times = (0.75, 3.5) if site.on_postgres else (0.85, 2.8)
    product = site.product, site.asking(PATH)
    found = site.compare_anew(
        (PRODUCT, {}),
        (UNVERIFIED, {}),
        check=lambda *both: same_answer(site, *both),
        pairs=2 * site.pace.pairs,  # they differ by little
    )
    name = "GET /key ÷ the same without verification, limits and usage"
    yield at_least(name, found.throughput, least, note=found.note)
    yield informing("the same, by CPU a request", found.cpu)
    with site.served("tests.bench.stacks.argon2") as hashing:
        found = site.compare((hashing, site.asking(PATH)), product, 1)
    yield informing("argon2 on every request ÷ the product", found.throughput, note=found.note)
    with peers(site) as (server, asking):
        found = site.compare(product, (server, asking["api-key"]))
        name = "GET /key ÷ djangorestframework-api-key 3.1"
        yield at_least(name, found.throughput, times, note=found.note)
        yield informing("that, by CPU a request", found.cpu)
        found = site.compare(product, (server, asking["knox"]), (site.pace.pairs + 1) // 2)
        yield informing("GET /key ÷ django-rest-knox 5.1", found.throughput, note=found.note)


def same_answer(site, product, unverified):
    """Fail where the two are not worth comparing."""
    for key in site.keys[: site.pace.connections]:
        assert answer(product, key) == answer(unverified, key)


def answer(server, key):
    """What the server answers to the key, but for when that was last used."""
    document = json.loads(wire.body(wire.ask(server.port, wire.with_key(PATH, key))[1]))
    del document["data"]["attributes"]["lastUsedAt"]
    return document


@contextmanager
def peers(site):
    """A server of both peers, and the requests of each, which get the product's own answer."""
    _, given = wire.ask(site.product.port, wire.with_key(PATH, site.keys[0]))
    variables = {**site.installed.beside("peers"), "BENCH_DOCUMENT": wire.body(given).decode()}
    made = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "tests.bench.stacks.peers_keys", str(site.pace.connections)],
        cwd=ROOT,
        env={**os.environ, **variables, "DJANGO_SETTINGS_MODULE": PEERS},
        stdout=subprocess.PIPE,
        check=True,
    )
    words = {"api-key": "Api-Key", "knox": "Token"}
    asking = {
        name: [
            wire.request(f"/{name}", {"Authorization": f"{words[name]} {key}"}).decode()
            for key in keys
        ]
        for name, keys in json.loads(made.stdout).items()
    }
    with served(PEERS, asking["knox"][0].encode(), **variables) as server:
        yield server, asking
