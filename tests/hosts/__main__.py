"""Two hosts against one PostgreSQL and one Redis, behind Caddy, under load and through faults.

`python -m tests.hosts` makes network namespaces, which needs root, `ip`, PostgreSQL, Redis and
Caddy; runs the checks, or those that it is given by name; and prints a table, which it also writes
to RESULTS.md beside this file when all of them ran. It takes about three minutes, is over after
ten in any case, and leaves nothing behind.
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.hosts.checks import CHECKS, Site
from tests.hosts.load import READERS, WRITERS
from tests.hosts.network import network
from tests.hosts.processes import running

RESULTS = Path(__file__).with_name("RESULTS.md")
LONGEST = 600  # seconds
NEEDED = ["ip", "caddy", "redis-server", "setpriv"]


def main(names):
    unknown = set(names) - set(CHECKS)
    if unknown:
        sys.exit(f"unknown check {unknown.pop()}: choose from {', '.join(CHECKS)}.")
    missing = [name for name in NEEDED if not shutil.which(name)]
    if os.geteuid() or missing:
        sys.exit(f"two hosts need root, and the programs {', '.join(missing or NEEDED)}.")
    for signum in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(signum, lambda *_: sys.exit("ended before its time"))
    signal.alarm(LONGEST)
    with tempfile.TemporaryDirectory(prefix="cerbykeys-hosts-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user
        try:
            rows = measured(folder, names or list(CHECKS))
        except BaseException:
            for log in sorted(folder.glob("*.log")):
                lines = log.read_text().splitlines()[-15:]
                sys.stderr.write("\n".join([f"--- {log.name}", *lines, ""]))
            raise
    if not names:
        RESULTS.write_text(table(rows), encoding="utf-8")


def measured(folder, names):
    rows = []
    with network() as made, running(made, folder) as parts:
        site = Site(*parts)
        for name in names:
            rows.append(CHECKS[name](site))
            print(" | ".join(rows[-1]), flush=True)  # noqa: T201  (the answer)
    return rows


def table(rows):
    head = ["what happened", "requests", "failed", "slowest answer", ""]
    lines = [head, ["---"] * len(head), *rows]
    return (
        "# Two hosts, through faults\n\n"
        "Written by `python -m tests.hosts`: two hosts (two workers each), one PostgreSQL, one "
        f"Redis and Caddy with `deploy/Caddyfile`, on {os.cpu_count()} cores that the load shares: "
        f"{READERS} connections read `/api/v1/key`, {WRITERS} post jobs.\n\n"
        + "".join(f"| {' | '.join(line)} |\n" for line in lines)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
