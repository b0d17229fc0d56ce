"""A steady load on the site through its proxy, of which every answer is kept."""

import http.client
import json
import ssl
import threading
import time
from collections import Counter
from contextlib import contextmanager
from itertools import cycle
from typing import NamedTuple

from tests.hosts.network import PROXY
from tests.hosts.processes import SITE

READERS, WRITERS = 14, 2
READ_PAUSE, WRITE_PAUSE = 0.01, 0.1
LONGEST = 60  # seconds, after which a load ends whatever it waits for
PATIENCE = 20


class Asked(NamedTuple):
    """One request: when it was answered, how long that took, and with what; or why not."""

    ended: float
    seconds: float
    outcome: str


class Load:
    """What was asked and answered while it lasted."""

    def __init__(self, keys, integration):
        self.asked = []
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._integration = integration
        given = cycle(keys)
        jobs = [self._read] * READERS + [self._write] * WRITERS
        self._threads = [
            threading.Thread(target=job, args=[next(given)], daemon=True) for job in jobs
        ]
        for thread in self._threads:
            thread.start()

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def failed(self):
        return [asked for asked in self.asked if asked.outcome != "200"]

    def outcomes(self):
        """How many failed, by what they were answered with."""
        counted = Counter(asked.outcome for asked in self.failed())
        return ", ".join(f"{count} x {outcome}" for outcome, count in counted.most_common())

    def slowest(self):
        return max(asked.seconds for asked in self.asked)

    def percentile(self, share):
        return sorted(asked.seconds for asked in self.asked)[int(len(self.asked) * share)]

    def _read(self, key):
        self._ask_on(key, READ_PAUSE, "GET", "/api/v1/key", None)

    def _write(self, key):
        attributes = {"integrationId": self._integration}
        body = json.dumps({"data": {"type": "get_business", "attributes": attributes}})
        self._ask_on(key, WRITE_PAUSE, "POST", "/api/v1/jobs", body)

    def _ask_on(self, key, pause, method, path, body):
        headers = {"Host": SITE, "X-API-Key": key, "Content-Type": "application/json"}
        connection = None
        while not self._stop.wait(pause) and time.monotonic() - self._began < LONGEST:
            began = time.monotonic()
            try:
                connection = connection or connect()
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                # The servers say what is wrong, the proxy nothing.
                outcome = str(answer.status) if answer.read() else f"{answer.status} of the proxy"
            except (OSError, http.client.HTTPException) as error:
                outcome, connection = type(error).__name__, None
            ended = time.monotonic()
            self.asked.append(Asked(ended, ended - began, outcome))
        if connection:
            connection.close()


def connect():
    """A connection to the site, over TLS; its certificate is signed by the proxy itself."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(SITE, 443, timeout=PATIENCE, context=context)
    # No name server knows the site; what TLS is told is its name.
    connection._create_connection = lambda _, timeout, source: _dial(timeout, source)
    return connection


def _dial(timeout, source):
    import socket  # noqa: PLC0415

    return socket.create_connection((PROXY, 443), timeout, source)


@contextmanager
def load(keys, integration):
    """A load that is under way in the block, and ends with it."""
    under_way = Load(keys, integration)
    try:
        time.sleep(2)
        yield under_way
        time.sleep(2)
    finally:
        under_way.end()
