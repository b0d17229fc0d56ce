import socket
import time

import pytest
from django.core.cache import cache

from cerbykeys.cache import RedisCache
from tests.site.servers import free_port


@pytest.fixture
def orphan():
    """The cache of a process that cannot reach Redis."""
    made = RedisCache(f"redis://127.0.0.1:{free_port()}/0", {})
    made.clear()
    return made


def test_without_redis_a_process_counts_for_itself(orphan):
    assert orphan.add("attempts", 1)
    assert not orphan.add("attempts", 1)
    assert orphan.incr("attempts") == 2
    assert orphan.get("attempts") == 2
    orphan.delete("attempts")
    assert orphan.get("attempts") is None


def test_without_redis_its_threads_count_together(orphan):
    other = RedisCache(f"redis://127.0.0.1:{free_port()}/0", {})
    orphan.set("attempts", 5)
    assert other.get("attempts") == 5


def test_a_mistake_of_the_caller_is_still_told(orphan):
    with pytest.raises(ValueError, match="attempts"):
        orphan.incr("attempts")


def test_a_redis_that_hangs_is_waited_for_once():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cache = RedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", {})
        began = time.monotonic()
        for _ in range(50):
            cache.set("attempts", 1)
        assert cache.incr("attempts") == 2
        assert time.monotonic() - began < 0.9


@pytest.mark.django_db
def test_the_cache_of_these_settings_keeps_what_it_is_given():
    cache.set("kept", {"a": 1})
    assert cache.get("kept") == {"a": 1}
