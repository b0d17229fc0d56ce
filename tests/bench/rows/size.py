"""Whether a large table of keys is slower than a small one."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.bench.figures import at_least
from tests.bench.servers import ROOT
from tests.bench.site import PATH, PRODUCT

ASKED = 100


def prepare(site):
    """A copy of the database, filled: made while no server has the original open."""
    large = site.installed.copy("large")
    subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", "tests.bench.stacks.fill_keys", str(site.pace.rows)],
        cwd=ROOT,
        env={**os.environ, **large},
        check=True,
    )
    site.large = large


def figures(site):
    """GET /key with a hundred keys out of many rows ÷ the same keys out of few."""
    asking = site.asking(PATH, ASKED)
    found = site.compare_anew((PRODUCT, site.large), (PRODUCT, {}), asking=asking, starts=2)
    name = f"{site.pace.rows:,} keys in the table ÷ {site.pace.live:,}"
    yield at_least(name, found.throughput, 0.95, note=found.note)
