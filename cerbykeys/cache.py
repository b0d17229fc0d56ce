"""The cache on Redis or Valkey, which only ever holds counts of limits."""

from __future__ import annotations

import functools
from typing import Any

import structlog
from django.core.cache.backends import redis
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

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

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        shared = redis.RedisCache(server, params)
        own = LocMemCache("while Redis is away", {})
        for name in OPERATIONS:
            setattr(self, name, _first_of(getattr(shared, name), getattr(own, name)))


def _first_of(shared: Any, own: Any) -> Any:
    @functools.wraps(shared)
    def operation(*args: Any, **options: Any) -> Any:
        try:
            return shared(*args, **options)
        except RedisError as error:
            logger.warning("redis_unavailable", reason=str(error))
            return own(*args, **options)

    return operation
