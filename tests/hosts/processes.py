"""What runs on the hosts: PostgreSQL, Redis, Caddy, servers and job workers."""

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

from tests.hosts.network import DATABASES, FIRST, PROXY, SECOND

BASE = Path(__file__).resolve().parents[2]
MANAGE = BASE / "manage.py"
SITE = "keys.localhost"
PATIENCE = 60
NODE = {FIRST: "A", SECOND: "B"}
SET_UP = """
from tests.factories import ApiKeyFactory
from workspaces.contract.scopes import Scope
from workspaces.directory.models import Member, Workspace
Workspace.objects.update(requests_per_minute=100_000)
owner = Member.objects.get(user__email="owner@acme.example")
for number in range({count}):
    name = f"key {{number}} of {{owner.api_keys.count()}}"
    print(ApiKeyFactory(owner=owner, name=name, scopes=[s.value for s in Scope]).plaintext)
"""


class Process:
    """A command on a host, started and ended any number of times; what it prints is kept."""

    def __init__(self, command, folder, name, environment=None):
        self.command, self.environment = command, environment
        self.output = folder / f"{name}.log"
        self.process = None

    def start(self):
        with self.output.open("a") as out:
            self.process = subprocess.Popen(  # noqa: S603  (our own command)
                self.command,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(self.environment or {})},
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def send(self, signum):
        """Send to the process; `ip` and `setpriv` have become it."""
        self.process.send_signal(signum)

    def stop(self, signum=signal.SIGTERM):
        self.send(signum)
        return self.process.wait(PATIENCE)

    def kill(self):
        """End all of it, whatever it does."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGCONT)
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def children(self):
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for children in tasks for pid in children.read_text().split()]


class Host:
    """One that serves and carries out jobs, at `address`."""

    def __init__(self, network, address, folder):
        self.network, self.address = network, address
        self.data = folder / f"host-{NODE[address]}"
        self.environment = {
            "CERBYKEYS_DATA_DIR": str(self.data),
            "CERBYKEYS_HOST": "0.0.0.0",  # noqa: S104  (in a namespace of its own)
            "CERBYKEYS_ALLOWED_HOSTS": SITE,
            "CERBYKEYS_TRUSTED_PROXIES": PROXY,
            "DATABASE_URL": f"postgres://postgres@{DATABASES}:5432/postgres",
            "REDIS_URL": f"redis://{DATABASES}:6379/0",
        }
        self.server = self._process("serve")
        self.worker = self._process("work")

    def _process(self, name):
        command = self.network.within(self.address, sys.executable, MANAGE, name)
        folder, name = self.data.parent, f"{name}-{NODE[self.address]}"
        return Process(command, folder, name, self.environment)

    def manage(self, *arguments):
        """What a command of manage.py prints, run on this host."""
        done = subprocess.run(  # noqa: S603  (our own command)
            self.network.within(self.address, sys.executable, MANAGE, *arguments),
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def keys(self, count):
        """New API keys, made on this host."""
        return self.manage("shell", "--verbosity", "0", "-c", SET_UP.format(count=count)).split()

    def ask(self, method, path, key=""):
        """The status of a request sent to this host alone, as the proxy sends it."""
        connection = http.client.HTTPConnection(self.address, 8000, timeout=10)
        headers = {"Host": SITE, "X-Forwarded-Proto": "https", "X-API-Key": key}
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def is_ready(self):
        try:
            return self.ask("GET", "/readyz") == 200
        except (OSError, http.client.HTTPException):
            return False


def postgres(network, folder):
    """A PostgreSQL without a password, for this network; it refuses to run as root."""
    initdb = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    data = folder / "postgres"
    data.mkdir()
    shutil.chown(data, "postgres")
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    subprocess.run(  # noqa: S603  (our own command)
        [*as_postgres, initdb, "--pgdata", data, "--auth=trust", "--encoding=UTF8", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all samenet trust\n")
    settings = [f"listen_addresses={DATABASES}", "unix_socket_directories=", "max_connections=100"]
    options = [word for setting in settings for word in ("-c", setting)]
    server = [*as_postgres, initdb.with_name("postgres"), "-D", data, *options]
    return Process(network.within(DATABASES, *server), folder, "postgres")


def redis(network, folder):
    options = ["--bind", DATABASES, "--protected-mode", "no", "--save", "", "--appendonly", "no"]
    command = network.within(DATABASES, "redis-server", *options, "--dir", folder)
    return Process(command, folder, "redis")


def caddy(network, folder):
    """The balancer, as compose.yaml runs it."""
    config = ["--config", BASE / "deploy/Caddyfile", "--adapter", "caddyfile"]
    environment = {
        "SITE": SITE,
        "UPSTREAMS": f"{FIRST}:8000 {SECOND}:8000",
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "caddy"),
        "XDG_CONFIG_HOME": str(folder / "caddy"),
    }
    return Process(network.within(PROXY, "caddy", "run", *config), folder, "caddy", environment)


def listens(address, port):
    try:
        socket.create_connection((address, port), 1).close()
    except OSError:
        return False
    return True


def wait_until(happened):
    """The seconds that it took."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError("waited in vain")
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def running(network, folder):
    """All of it, as `(hosts, postgres, redis)`; nothing of it is left."""
    database, cache = postgres(network, folder), redis(network, folder)
    proxy = caddy(network, folder)
    hosts = [Host(network, address, folder) for address in (FIRST, SECOND)]
    everything = [database, cache, proxy]
    everything += [process for host in hosts for process in (host.server, host.worker)]
    try:
        database.start()
        cache.start()
        wait_until(lambda: listens(DATABASES, 5432) and listens(DATABASES, 6379))
        first, second = hosts
        first.manage("prepare")
        second.data.mkdir(mode=0o700)
        for name in ("keyring.json", "secret_key"):
            shutil.copy2(first.data / name, second.data / name)
        second.manage("prepare")
        first.manage("demo")
        for process in everything[2:]:
            process.start()
        wait_until(lambda: all(host.is_ready() for host in hosts) and listens(PROXY, 443))
        yield hosts, database, cache
    finally:
        for process in everything:
            process.kill()
