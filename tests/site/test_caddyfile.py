"""What deploy/Caddyfile lets through, asked of a Caddy in front of a server that repeats it."""

import http.client
import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.site.servers import MANAGE, free_port, wait_until

CADDYFILE = MANAGE.parent / "deploy/Caddyfile"


class Repeating(BaseHTTPRequestHandler):
    """Says what it was sent; as a server, it is always ready."""

    def do_GET(self):
        body = json.dumps(self.headers.items()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing to say beside the answer."""


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Ask the site for a path, with headers; answers with the status and what the server saw."""
    if not shutil.which("caddy"):
        pytest.skip("there is no caddy here")
    home = tmp_path_factory.mktemp("caddy")
    port, admin = free_port(), free_port()
    with ThreadingHTTPServer(("127.0.0.1", 0), Repeating) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        caddy = subprocess.Popen(  # noqa: S603  (our own command)
            ["caddy", "run", "--config", CADDYFILE, "--adapter", "caddyfile"],  # noqa: S607
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "CADDY_ADMIN": f"127.0.0.1:{admin}",
                "SITE": f"http://127.0.0.1:{port}",
                "UPSTREAMS": f"127.0.0.1:{server.server_port}",
            },
            stderr=subprocess.DEVNULL,
        )

        def answer(path, **headers):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            try:
                connection.request("GET", path, headers=headers)
                found = connection.getresponse()
                return found.status, found.read()
            finally:
                connection.close()

        def answers():
            try:
                return answer("/")[0] == 200
            except OSError:
                return False

        try:
            wait_until(answers)
            yield answer
        finally:
            caddy.terminate()
            caddy.wait(20)
            server.shutdown()


def seen(answer):
    return {name.lower(): value for name, value in json.loads(answer[1])}


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/healthz", "/readyz", "//readyz", "/%72eadyz", "/x/../metrics", "/METRICS"],
)
def test_what_is_for_probes_is_not_served_outside(ask, path):
    assert ask(path)[0] == 404


def test_the_client_does_not_choose_its_address(ask):
    headers = seen(ask("/", **{"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}))
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"


def test_headers_that_wsgi_would_take_for_others_are_dropped(ask):
    headers = seen(ask("/", **{"X_Forwarded_For": "192.0.2.1", "X-API_Key": "a", "X-API-Key": "b"}))
    assert not [name for name in headers if "_" in name]
    assert headers["x-api-key"] == "b"
