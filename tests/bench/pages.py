"""What a page costs in a large workspace, as a multiple of what it costs in a small one.

`python -m tests.bench.pages` fills databases of its own with 1,000 and with 1,000,000 accounts
and activities: SQLite by itself, PostgreSQL where DATABASE_URL names a server. A dense viewer
owns every account, a sparse one 30 of them, by a team. Numbers are medians, in milliseconds.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time
from pathlib import Path

import tests.environment  # noqa: F401  (before the settings: a data folder of its own)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cerbykeys.settings")

SIZES = [1_000, int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000]
ROUNDS = 15
SPARSE = 30


def main():
    import django  # noqa: PLC0415  (the settings come first)

    django.setup()
    logging.disable()
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_databases  # noqa: PLC0415

    settings.ALLOWED_HOSTS.append("testserver")
    if connection.vendor == "sqlite":
        name = Path(settings.DATA_DIR) / "bench.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)
    costs = []
    for size in SIZES:
        setup_databases(verbosity=0, interactive=False)
        costs.append(measure(size))
    report(connection.vendor, costs)


def measure(size):
    """The median time of each page, by name, in a workspace of `size`."""
    from tests.bench import filling  # noqa: PLC0415

    dense, sparse = filling.fill(size, SPARSE)
    costs = {}
    last = -(-size // 100)
    for name, key, path in [
        ("accounts, dense, first page", dense, "/accounts?page[size]=100"),
        ("accounts, dense, filtered", dense, "/accounts?page[size]=100&filter[application]=Figma"),
        ("accounts, sparse, first page", sparse, "/accounts?page[size]=100"),
        ("activities, first page", dense, "/activities?page[size]=100"),
        ("activities, last page", dense, f"/activities?page[size]=100&page[number]={last}"),
        ("activities, one person", sparse, f"/activities?filter[userId]={sparse.created_by_id}"),
    ]:
        costs[name] = median(key, [path] * ROUNDS)
    far = max(1, last - 5 * ROUNDS)
    ask(dense, f"/accounts?page[size]=100&page[number]={far}")  # who walks came by it
    pages = range(far + 1, min(last, far + ROUNDS) + 1)
    walk = [f"/accounts?page[size]=100&page[number]={number}" for number in pages]
    costs["accounts, dense, walked far inside"] = median(dense, walk)
    for name, key in (("dense", dense), ("sparse", sparse)):
        costs[f"(accounts, {name}, counted anew)"] = anew(key)
    return costs


def anew(key):
    """The time of a first page after a change: what it takes to count."""
    from workspaces.vaults.models import ItemsVersion  # noqa: PLC0415

    ItemsVersion.objects.update_or_create(
        workspace_id=key.workspace_id, defaults={"version": time.time_ns()}
    )
    began = time.perf_counter()
    ask(key, "/accounts?page[size]=100")
    return (time.perf_counter() - began) * 1000


def median(key, paths):
    ask(key, paths[0])  # what is counted once is not what a page costs
    times = []
    for path in paths:
        began = time.perf_counter()
        ask(key, path)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def ask(key, path):
    from django.test import Client  # noqa: PLC0415

    answer = Client().get(f"/api/v1{path}", headers={"X-API-Key": key.plaintext})
    assert answer.status_code == 200, answer.content
    return answer


def report(vendor, costs):
    small, large = costs
    print(f"{vendor:40}{SIZES[0]:>12,}{SIZES[1]:>12,}{'ratio':>8}")  # noqa: T201
    for name, cost in small.items():
        ratio = large[name] / cost
        print(f"{name:40}{cost:12.1f}{large[name]:12.1f}{ratio:8.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
