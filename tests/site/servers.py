"""Starts `manage.py` as an operator does: a process with an environment of its own."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
PATIENCE = 60
MAKE_KEYS = """
from tests.factories import ApiKeyFactory
from workspaces.contract.scopes import Scope
from workspaces.directory.models import Member
owner = Member.objects.get(user__email="owner@acme.example")
for key in ApiKeyFactory.create_batch(2, owner=owner, scopes=[scope.value for scope in Scope]):
    print(key.plaintext)
"""


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()


class Server:
    """A started server; what it prints is kept in a file."""

    def __init__(self, folder, variables, command="quickstart"):
        self.port = free_port()
        self.output = folder.parent / f"output-{self.port}.txt"
        with self.output.open("w") as out:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                [sys.executable, MANAGE, command],
                env=environment(folder, CERBYKEYS_PORT=str(self.port), **variables),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def get(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def printed(self):
        return self.output.read_text()

    def workers(self):
        """The processes that serve."""
        return [pid for pid in self._children() if not _works(pid)]

    def job_workers(self):
        """The processes that carry out jobs."""
        return [pid for pid in self._children() if _works(pid)]

    def _children(self):
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [pid for children in tasks for pid in children.read_text().split()]

    def answers(self):
        try:
            return self.get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False


def _works(pid):
    try:
        return b"--until-stdin-ends" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


def environment(folder, **variables):
    """Only what a process needs, and `variables`: nothing that this machine happens to set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # What a killed server leaves goes with the rest.
    ours = {"CERBYKEYS_DATA_DIR": str(folder), "TMPDIR": str(folder.parent)}
    return {**kept, **ours, **variables}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(happened, every=0.05):
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain"
        time.sleep(every)


@contextmanager
def started(folder, command="quickstart", **variables):
    """A server that answers, and that leaves nothing behind."""
    server = Server(folder, variables, command)
    try:
        wait_until(lambda: server.process.poll() is not None or server.answers())
        assert server.process.poll() is None, server.printed()
        yield server
    finally:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()


def manage(folder, *command, **variables):
    """A command that ends by itself."""
    return subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, MANAGE, *command],
        env=environment(folder, **{"CERBYKEYS_PORT": str(free_port()), **variables}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def made_keys(folder, **variables):
    """Two keys to everything in the demo's acme."""
    done = manage(folder, "shell", "--verbosity", "0", "-c", MAKE_KEYS, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def refusal(folder, command="quickstart", **variables):
    """The one line that the command ends with."""
    done = manage(folder, command, **variables)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("cerbykeys: ")
    return line


@contextmanager
def database_of_its_own():
    """What to add to the environment: nothing, where there is no PostgreSQL."""
    if not (url := os.environ.get("DATABASE_URL")):
        yield {}
        return
    import psycopg  # noqa: PLC0415  (where it is needed, it is there)

    name = f"site_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def copied(folder, copy):
    """What a stopped server has left in `folder`, in another one."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("static"))
    # Nothing is ever written into a static file, so they need not be twice on the disk.
    shutil.copytree(folder / "static", copy / "static", copy_function=os.link)
    return copy


def modified(folder):
    names = ["keyring.json", "secret_key", "static/staticfiles.json"]
    return {name: (folder / name).stat().st_mtime_ns for name in names}
