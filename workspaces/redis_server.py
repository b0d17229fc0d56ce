"""The Redis or Valkey of REDIS_URL: it holds what may be lost, and may be away at any time.

Whoever asks it does without an answer: a server that is away or hangs costs a process a tenth of a
second now and then, not every request of it.
"""

from __future__ import annotations

import functools
import threading
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

P = ParamSpec("P")
T = TypeVar("T")

logger = structlog.get_logger(__name__)

TIMEOUT = 0.1  # seconds, to connect and to answer
PAUSE = 1.0  # seconds without asking, after it was away


class AwayError(Exception):
    """The server gave no answer in time, or was not asked because it has just failed to."""


class Server:
    """A server with the connections to it that the threads of this process share."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._pause_until: float | None = None  # None while it answers

    @functools.cached_property
    def client(self) -> Redis:
        """The client. It connects when it is first used, and anew in a process that was forked."""
        import redis  # noqa: PLC0415  (an extra)
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        return redis.Redis.from_url(
            self._url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            socket_keepalive=True,
            # A second attempt would double the wait, and what is asked here must not be done twice.
            retry=Retry(NoBackoff(), 0),
            # Under the third version the pool hands out connections that the server has closed.
            protocol=2,
        )

    def ask(self, operation: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
        """What `operation` returns, which asks this server by `client`.

        Raises AwayError where the server is away. Then nobody asks for `PAUSE` seconds, and after
        them one at a time, until it answers again.
        """
        from redis.exceptions import RedisError  # noqa: PLC0415  (an extra)

        if self._pause_until is not None and not self._try_again():
            raise AwayError
        try:
            answer = operation(*args, **options)
        except RedisError as error:
            self._pause(error)
            raise AwayError from error
        if self._pause_until is not None:
            self._go_on()
        return answer

    def _try_again(self) -> bool:
        """Whether this thread is to find out if the server is back; the others keep off."""
        with self._lock:
            if self._pause_until is None:
                return True
            now = self._clock()
            if now < self._pause_until:
                return False
            self._pause_until = now + PAUSE
            return True

    def _pause(self, error: Exception) -> None:
        with self._lock:
            first = self._pause_until is None
            self._pause_until = self._clock() + PAUSE
        if first:
            logger.warning("redis_unavailable", reason=str(error))

    def _go_on(self) -> None:
        with self._lock:
            self._pause_until = None
        logger.info("redis_available")


@functools.cache
def at(url: str) -> Server:
    """The server at `url`: one for the whole process, so that all of it knows when it is away."""
    return Server(url)
