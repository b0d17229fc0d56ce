"""What a browser sends whose person is signed in."""

from __future__ import annotations

import re

from django.test import Client

from tests.bench import wire


def signed_in(user, port, address):
    """The headers of a browser in which `user` is signed in, for a form at `address`."""
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    _, page = wire.ask(port, wire.request(address, {"Cookie": f"sessionid={session}"}))
    token = re.search(r"csrftoken=(\w+)", page.decode())[1]
    return {
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "X-CSRFToken": token,
        "Origin": "http://127.0.0.1",
    }
