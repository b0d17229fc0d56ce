"""HTTP as connectors use it: to allowed hosts alone, without redirects, within bounds."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httpx

from workspaces.automation.connectors.base import ConnectorError, ErrorType, Link

from .addresses import allowed_address

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType

TIMEOUT = httpx.Timeout(5, connect=3)
# One call's, all in all: a session makes a few calls in each of its steps.
DEADLINE_SECONDS = 10
MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application answered, read whole."""

    status_code: int
    headers: Mapping[str, str]
    text: str


class PinnedTransport(httpx.HTTPTransport):
    """Connects to the address that was looked at, whatever the name leads to by then.

    A time-out is for a single read; who sends a byte now and then is cut off at the deadline.
    """

    def __init__(self) -> None:
        super().__init__(verify=_trusted())
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._is_late = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        host = url.raw_host.decode("ascii")
        address = allowed_address(url.scheme, host, url.port)
        # The certificate is checked against the name, which the Host header keeps, too.
        request.extensions = {
            **request.extensions,
            "sni_hostname": host,
            "trace": self._trace,
        }
        request.url = url.copy_with(host=address)
        return super().handle_request(request)

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        raised: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        super().__exit__(kind, raised, traceback)
        with self._lock:
            if self._connection:
                self._connection.close()

    def cut_off(self) -> None:
        """Let whatever waits for the application wait no longer; the transport is of no more use.

        Called by another thread.
        """
        with self._lock:
            self._is_late = True
            self._shut_down()

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            with self._lock:
                if self._connection:
                    self._connection.close()
                # A second handle, which stays valid while TLS takes the first one over.
                self._connection = info["return_value"].get_extra_info("socket").dup()
                if self._is_late:
                    self._shut_down()

    def _shut_down(self) -> None:
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom TLS trusts: read once, for it takes longer than most requests."""
    return httpx.create_ssl_context()


class Client(httpx.Client):
    """A client for one application. Nothing of the environment is used: no proxy, no netrc."""

    def __init__(self, link: Link) -> None:
        self.pinned = PinnedTransport()
        super().__init__(
            base_url=link.base_url,
            headers={"Authorization": f"Bearer {link.token}", "User-Agent": "cerbykeys"},
            event_hooks={"request": [lambda _: link.may_go_on()]},
            timeout=TIMEOUT,
            transport=self.pinned,
            follow_redirects=False,
            trust_env=False,
        )


def ask(client: Client, method: str, url: str, **options: Any) -> Answer:
    """The answer to a request. Raises ConnectorError for what says nothing of the matter asked."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    late = threading.Timer(DEADLINE_SECONDS, client.pinned.cut_off)
    late.daemon = True
    late.start()
    try:
        with client.stream(method, url, **options) as response:
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > MOST_BYTES:
                    raise ConnectorError(ErrorType.UNREADABLE, "The answer is too large.")
            _require_time(deadline)
    except httpx.TimeoutException:
        msg = "The application did not answer in time."
        raise ConnectorError(ErrorType.TIMED_OUT, msg) from None
    except httpx.DecodingError:
        raise ConnectorError(ErrorType.UNREADABLE, "The answer could not be read.") from None
    except httpx.TransportError as error:
        _require_time(deadline)
        msg = f"The application could not be reached ({type(error).__name__})."
        raise ConnectorError(ErrorType.UNREACHABLE, msg) from None
    finally:
        late.cancel()
    _refuse_failure(response)
    return Answer(response.status_code, response.headers, content.decode("utf-8", "replace"))


def _require_time(deadline: float) -> None:
    """Raise ConnectorError where the call was, or is about to be, cut off."""
    if time.monotonic() >= deadline:
        raise ConnectorError(ErrorType.TIMED_OUT, "The answer took too long.") from None


def _refuse_failure(response: httpx.Response) -> None:
    status = response.status_code
    told = f"The application answered {status}"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        msg = f"{told}: it does not accept the token, or not for this."
        raise ConnectorError(ErrorType.UNAUTHORIZED, msg)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = response.headers.get("Retry-After", "")
        after = float(wait) if wait.isascii() and wait.isdecimal() else None
        msg = f"{told}: it asks for patience."
        raise ConnectorError(ErrorType.RATE_LIMITED, msg, retry_after=after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ConnectorError(ErrorType.SERVER_ERROR, f"{told}: it failed.")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise ConnectorError(ErrorType.REFUSED, f"{told}: redirects are not followed.")
