"""Measures on one database, the one that DATABASE_URL and REDIS_URL name, or else SQLite.

A process of its own (`python -m tests.bench.column`), since a process knows one database: it reads
what to measure as JSON, and prints each figure as a line of JSON.
"""

from __future__ import annotations

import importlib
import json
import logging
import signal
import sys
import time

from tests.bench.figures import SMOKE, Pace
from tests.bench.site import site


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and so leave no server behind
    wanted = json.load(sys.stdin)
    out, sys.stdout = sys.stdout, sys.stderr
    began = time.monotonic()
    with site(SMOKE if wanted["smoke"] else Pace()) as shared:
        logging.disable()
        rows = {
            name: importlib.import_module(f"tests.bench.rows.{name}") for name in wanted["rows"]
        }
        for row in rows.values():
            if hasattr(row, "prepare"):
                row.prepare(shared)
        for name, row in rows.items():
            for figure in row.figures(shared):
                told = {**figure.told(), "row": name, "at": time.monotonic() - began}
                print(json.dumps(told), file=out, flush=True)


if __name__ == "__main__":
    main()
