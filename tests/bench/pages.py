"""What a page costs in a large workspace, as a multiple of what it costs in a small one.

`python -m tests.bench.pages` fills a database of its own with a workspace of 1,000 accounts and
activities and one of 1,000,000: SQLite by itself, PostgreSQL where DATABASE_URL names a server. A
dense viewer owns every account, a sparse one 30 of them, by a team. Both workspaces are asked in
turn, so that a busy machine slows both. Numbers are medians, in milliseconds.
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
    from django.test.utils import setup_databases, teardown_databases  # noqa: PLC0415

    from tests.bench import filling  # noqa: PLC0415

    settings.ALLOWED_HOSTS.append("testserver")
    if connection.vendor == "sqlite":
        name = Path(settings.DATA_DIR) / "bench.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)
    made = setup_databases(verbosity=0, interactive=False)
    viewers = [filling.fill(size, SPARSE) for size in SIZES]
    print(f"{connection.vendor:40}{SIZES[0]:>12,}{SIZES[1]:>12,}{'ratio':>8}")  # noqa: T201
    for name, ways in pages(*viewers):
        small, large = medians(*ways)
        print(f"{name:40}{small:12.1f}{large:12.1f}{large / small:8.2f}")  # noqa: T201
    teardown_databases(made, verbosity=0)


def pages(*viewers):
    """Each page by name; for each workspace, the key and the addresses that it asks for."""
    for name, sparse, path in [
        ("accounts, dense, first page", False, "/accounts?page[size]=100"),
        ("accounts, dense, filtered", False, "/accounts?page[size]=100&filter[application]=Figma"),
        ("accounts, sparse, first page", True, "/accounts?page[size]=100"),
        ("activities, first page", False, "/activities?page[size]=100"),
        ("activities, last page", False, "/activities?page[size]=100&page[number]={last}"),
        ("activities, one person", True, "/activities?filter[userId]={user}"),
    ]:
        yield (
            name,
            [
                (
                    key := pair[sparse],
                    [path.format(last=size // 100, user=key.created_by_id)] * ROUNDS,
                )
                for size, pair in zip(SIZES, viewers, strict=True)
            ],
        )
    walk = "/accounts?page[size]={size}&page[number]={number}"
    # The small list is walked from its start, the large one from its middle, by the links.
    starts = (1, SIZES[1] // 20 // 2)
    yield (
        "accounts, dense, walked by the links",
        [
            (pair[0], [walk.format(size=20, number=start + step) for step in range(ROUNDS)])
            for start, pair in zip(starts, viewers, strict=True)
        ],
    )


def medians(*ways):
    """The median time of each way, asked in turn."""
    times = [[] for _ in ways]
    for key, paths in ways:
        ask(key, paths[0])  # what is counted once is not what a page costs
    for step in range(ROUNDS):
        for (key, paths), took in zip(ways, times, strict=True):
            began = time.perf_counter()
            ask(key, paths[step])
            took.append((time.perf_counter() - began) * 1000)
    return [statistics.median(took) for took in times]


def ask(key, path):
    from django.test import Client  # noqa: PLC0415

    answer = Client().get(f"/api/v1{path}", headers={"X-API-Key": key.plaintext})
    assert answer.status_code == 200, answer.content
    return answer


if __name__ == "__main__":
    main()
