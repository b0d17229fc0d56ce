"""HTTP/1.1 as little of it as a load needs: requests made in advance, answers measured."""

from __future__ import annotations

import socket

_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked"
_WITHOUT_BODY = (204, 304)


class UnreadableAnswerError(ValueError):
    """The answer does not say how long it is."""


def request(path, headers=None, method="GET", body=b""):
    """The bytes of a request on a connection that is kept."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def with_key(path, key, method="GET"):
    """The bytes of a request with an API key."""
    return request(path, {"X-API-Key": key}, method)


def whole(data):
    """The status of the answer that is all of `data`; None where some of it is still to come.

    Raises UnreadableAnswerError: for an answer without a length, and for more than one answer.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    status = int(data[9:12])
    head = data[: end + 2].lower()
    at = head.find(_LENGTH)
    if at >= 0:
        stop = end + 4 + int(head[at + len(_LENGTH) : head.index(b"\r\n", at + 2)])
    elif _CHUNKED in head:
        if not data.endswith(b"\r\n0\r\n\r\n"):
            return None
        stop = len(data)
    elif status in _WITHOUT_BODY:
        stop = end + 4
    else:
        raise UnreadableAnswerError(head.decode("latin-1"))
    if len(data) > stop:
        raise UnreadableAnswerError("more than one answer to one request")
    return status if len(data) == stop else None


def body(data):
    """The body of a whole answer that tells its length."""
    return data.partition(b"\r\n\r\n")[2]


def connect(port, timeout=10):
    """A connection to the loopback that sends at once."""
    connection = socket.create_connection(("127.0.0.1", port), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(port, message):
    """The status and the whole answer to one request, on a connection of its own."""
    with connect(port, 30) as connection:
        return exchange(connection, message)


def exchange(connection, message):
    """The status and the whole answer to one request."""
    connection.sendall(message)
    data = b""
    while (status := whole(data)) is None:
        more = connection.recv(65_536)
        if not more:
            raise ConnectionResetError
        data += more
    return status, data
