"""What the rows of a column share: one database, its live keys, and the product in front of it."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import cached_property

from tests.bench import load, ratios, wire, wrk
from tests.bench.installation import installation, keys
from tests.bench.servers import served

PRODUCT = "cerbykeys.settings"
UNVERIFIED = "tests.bench.stacks.unverified"
PATH = "/api/v1/key"


class Site:
    """An installation with its servers; `pace` says how long each row may take."""

    def __init__(self, installed, pace, stack):
        self.installed = installed
        self.pace = pace
        self._stack = stack
        self.on_postgres = "DATABASE_URL" in os.environ
        self.keys = keys(pace.live)
        self._full_load = wrk.drive if wrk.version() else load.drive

    @cached_property
    def product(self):
        """The product, everything switched on; started when it is first asked for."""
        return self._stack.enter_context(self.served(PRODUCT, wire.request("/healthz")))

    def served(self, settings, message=None, **variables):
        """A server of `settings` in front of this database, or of that in `variables`."""
        return served(settings, message or wire.with_key(PATH, self.keys[0]), **variables)

    def asking(self, path, count=None):
        """The requests for `path` with each of `count` live keys, as many as connections."""
        some = self.keys[: count or self.pace.connections]
        return [wire.with_key(path, key).decode() for key in some]

    def drive(self, server, requests, **options):
        """One round at full load: what `load.drive` tells, and what a request cost the server."""
        options = {
            "seconds": self.pace.seconds,
            "connections": self.pace.connections,
            **options,
        }
        before = server.cpu()
        told = self._full_load(load.Order(server.port, requests, **options))
        good = told["statuses"].get(200, 0)
        assert good == sum(told["statuses"].values()), told["statuses"]
        assert not told["failures"], f"{told['failures']} requests were not answered"
        told["server_cpu"] = (server.cpu() - before) / good
        # At least one answer: a short round on a busy machine may be over before it has come.
        told["throughput"] = max(told["answered"], 1) / told["seconds"]
        return told

    def compare(self, first, second, pairs=None, **options):
        """Of a and b, each a server and requests: paired ratios of throughput and of CPU."""
        for server, requests in (first, second):
            server.meet([message.encode() for message in requests])
            self.drive(server, requests, **options)
        results = ratios.paired(
            lambda: self.drive(*first, **options),
            lambda: self.drive(*second, **options),
            pairs or self.pace.pairs,
        )
        return Comparison(results)

    def compare_anew(  # noqa: PLR0913  (each by name)
        self, first, second, *, asking=None, check=lambda *_: None, pairs=None, starts=4
    ):
        """Of GET /key by two stacks, each started anew several times.

        A stack is its settings, with what is added to its environment. Two servers of one and the
        same program differ by some per cent for as long as they run, and the one that was started
        first is the slower one more often than not.
        """
        asking, results = asking or self.asking(PATH), []
        pairs = pairs or self.pace.pairs
        starts = min(starts, pairs)
        for turn in range(starts):
            with ExitStack() as stack:
                servers = {}
                for which in [0, 1] if turn % 2 else [1, 0]:
                    settings, variables = (first, second)[which]
                    servers[which] = stack.enter_context(self.served(settings, **variables))
                check(servers[0], servers[1])
                each = (servers[0], asking), (servers[1], asking)
                results += self.compare(*each, -(-pairs // starts)).results
        return Comparison(results)


class Comparison:
    """Pairs of rounds."""

    def __init__(self, results):
        self.results = results
        self.throughput = [a["throughput"] / b["throughput"] for a, b in results]
        self.cpu = [b["server_cpu"] / a["server_cpu"] for a, b in results]
        firsts, seconds = zip(*results, strict=True)
        self.note = " : ".join(_cost(rounds) for rounds in (firsts, seconds))


def _cost(rounds):
    rate = ratios.spread([told["throughput"] for told in rounds]).median
    cpu = ratios.spread([told["server_cpu"] for told in rounds]).median
    return f"{rate:.0f}/s at {cpu * 1e6:.0f} µs of CPU"


@contextmanager
def site(pace):
    """A site that ends with the block."""
    with installation() as installed, ExitStack() as stack:
        yield Site(installed, pace, stack)
