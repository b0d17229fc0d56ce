"""The cache on Redis or Valkey: counts of sign-in limits, and what is remembered of long lists."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.core.cache.backends import redis
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

from workspaces import redis_server

if TYPE_CHECKING:
    from redis import Redis

OPERATIONS = (
    "add",
    "get",
    "set",
    "touch",
    "delete",
    "get_many",
    "has_key",
    "incr",
    "set_many",
    "delete_many",
    "clear",
)


class RedisCache(BaseCache):
    """Redis' answers; this process's own while Redis is out of reach: nobody is turned away."""

    def __init__(self, url: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        server = redis_server.at(url)
        shared = _Shared(url, {**params, "OPTIONS": {"server": server}})
        own = LocMemCache("while Redis is away", {})
        for name in OPERATIONS:
            setattr(self, name, _first_of(server, getattr(shared, name), getattr(own, name)))


def _first_of(server: redis_server.Server, shared: Any, own: Any) -> Any:
    @functools.wraps(shared)
    def operation(*args: Any, **options: Any) -> Any:
        try:
            return server.ask(shared, *args, **options)
        except redis_server.AwayError:
            return own(*args, **options)

    return operation


class _Client(redis.RedisCacheClient):
    """Django's, on the connections that everything in this process shares."""

    def __init__(self, servers: list[str], server: redis_server.Server) -> None:
        super().__init__(servers)
        self._server = server

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:  # noqa: ARG002  (Django's signature)
        return self._server.client


class _Shared(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
