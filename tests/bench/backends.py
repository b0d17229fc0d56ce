"""PostgreSQL and Redis to measure on: those of the environment, or ones started for a while.

Those that are started listen on the loopback, keep all they have in a temporary folder, and run
with their own defaults: what is committed is on the disk.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.servers import free_port

PATIENCE = 30


class MissingError(Exception):
    """There is no PostgreSQL, or no Redis, to measure on; it says why."""


@contextmanager
def postgres_and_redis():
    """What to add to the environment. Raises MissingError."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cerbykeys-bench-")))
        folder.chmod(0o711)  # PostgreSQL runs as another user, where we are root
        url = os.environ.get("DATABASE_URL") or stack.enter_context(_postgres(folder))
        redis = os.environ.get("REDIS_URL") or stack.enter_context(_redis(folder))
        yield {"DATABASE_URL": url, "REDIS_URL": redis}


@contextmanager
def _postgres(folder):
    bin_ = _binaries()
    as_user = _unprivileged()
    data, port, password = folder / "postgres", free_port(), secrets.token_hex(16)
    data.mkdir()
    file = folder / "password"
    file.write_text(password)
    if as_user:
        for path in (data, file):
            shutil.chown(path, as_user["user"], as_user["group"])
    words = {"--pgdata": data, "--username": "bench", "--pwfile": file, "--auth": "scram-sha-256"}
    initdb = [
        bin_ / "initdb",
        "--encoding=UTF8",
        *(each for pair in words.items() for each in pair),
    ]
    done = subprocess.run(  # noqa: S603  (our own command)
        initdb, check=False, capture_output=True, text=True, cwd=folder, **as_user
    )
    if done.returncode:
        msg = f"PostgreSQL cannot be set up: {done.stderr.strip().splitlines()[-1]}"
        raise MissingError(msg)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = [bin_ / "postgres", "-D", data, *options]
    with _running(command, cwd=folder, **as_user):
        _wait_for([bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)])
        yield f"postgres://bench:{password}@127.0.0.1:{port}/postgres"


@contextmanager
def _redis(folder):
    binary = shutil.which("valkey-server") or shutil.which("redis-server")
    if not binary:
        raise MissingError("neither valkey-server nor redis-server is installed")
    port = free_port()
    options = {"--bind": "127.0.0.1", "--port": str(port), "--save": "", "--dir": str(folder)}
    with _running([binary, *(each for pair in options.items() for each in pair)], cwd=folder):
        _wait_for([binary.replace("-server", "-cli"), "-p", str(port), "ping"])
        yield f"redis://127.0.0.1:{port}/0"


def _binaries():
    """PostgreSQL's own, of the newest version found: Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders:
        raise MissingError("PostgreSQL is not installed")
    return max(folders, key=lambda folder: [int(n) for n in folder.parts if n.isdecimal()])


def _unprivileged():
    """What runs a process as somebody else where we are root, which PostgreSQL refuses."""
    if os.geteuid():
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise MissingError("PostgreSQL refuses to run as root, and there is nobody else")


@contextmanager
def _running(command, **options):
    process = subprocess.Popen(  # noqa: S603  (our own command)
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(command):
    deadline = time.monotonic() + PATIENCE
    while subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603
        if time.monotonic() > deadline:
            msg = f"{Path(command[0]).name} found no server within {PATIENCE} s"
            raise MissingError(msg)
        time.sleep(0.1)
