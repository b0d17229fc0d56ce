"""Where the time of a request goes: `python -m tests.bench.profile [requests] [path]`.

Asks the WSGI application for GET /api/v1/key, or for `path`, in this process under cProfile, and
prints the functions and the packages that take the most time themselves. cProfile makes calls
dearer than they are: look at the shares and at the numbers of calls; the time without it stands
above the table. Lines of log are made as they are in a server, and thrown away.
"""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import re
import sys
import time
from collections import Counter

from tests.bench.installation import installation, keys

REQUESTS = 2_000
PATH = "/api/v1/key"
SHOWN = 25
# What is told of a file: from its package on.
_PREFIX = re.compile(r".*/(?:site-packages|python3\.\d+)/|.*/(?=(?:cerbykeys|workspaces|tests)/)")


def main():
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    path = sys.argv[2] if len(sys.argv) > 2 else PATH
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    with installation():
        (key,) = keys(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        from cerbykeys.wsgi import application  # noqa: PLC0415

        ask(application, path, key, requests // 4)
        bare = ask(application, path, key, requests)
        profiler = cProfile.Profile()
        with profiler:
            ask(application, path, key, requests)
        print(f"GET {path}: {bare * 1e6:.0f} µs a request without the profiler", file=out)
        for line in table(pstats.Stats(profiler), requests):
            print(line, file=out)


def ask(application, path, key, count):
    """The mean time of `count` requests, in seconds."""
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_X_API_KEY": key,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    statuses = set()
    began = time.perf_counter()
    for _ in range(count):
        application(
            {**environ, "wsgi.input": io.BytesIO()}, lambda status, *_: statuses.add(status)
        )
    took = (time.perf_counter() - began) / count
    assert statuses == {"200 OK"}, statuses
    return took


def table(stats, requests):
    """The lines of the table, for each request: calls, own time, time with what it calls."""
    rows = stats.stats.items()
    whole = sum(own for _, (_, _, own, _, _) in rows)
    yield f"{whole / requests * 1e6:.0f} µs with it, of which themselves:"
    yield f"{'share':>6} {'µs':>8} {'with called':>12} {'calls':>8}  function"
    for (file, line, name), (_, calls, own, total, _) in sorted(
        rows, key=lambda row: row[1][2], reverse=True
    )[:SHOWN]:
        each = own / requests * 1e6, total / requests * 1e6, calls / requests
        where = name if file == "~" else f"{_place(file)}:{line} {name}"
        yield f"{own / whole:6.1%} {each[0]:8.1f} {each[1]:12.1f} {each[2]:8.1f}  {where}"
    packages = Counter()
    for (file, _, _), (_, _, own, _, _) in rows:
        package = "built in" if file == "~" else "/".join(_place(file).split("/")[:2])
        packages[package] += own
    yield f"{'share':>6} {'µs':>8}  package"
    for package, own in packages.most_common(SHOWN):
        yield f"{own / whole:6.1%} {own / requests * 1e6:8.1f}  {package}"


def _place(file):
    return _PREFIX.sub("", file, count=1)


if __name__ == "__main__":
    main()
