import pytest
from django.core.cache import cache

from cerbykeys.cache import RedisCache
from tests.site.servers import free_port

OPTIONS = {"OPTIONS": {"socket_timeout": 0.1, "socket_connect_timeout": 0.1}}


@pytest.fixture
def orphan():
    """The cache of a process that cannot reach Redis."""
    made = RedisCache(f"redis://127.0.0.1:{free_port()}/0", OPTIONS)
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
    other = RedisCache(f"redis://127.0.0.1:{free_port()}/0", OPTIONS)
    orphan.set("attempts", 5)
    assert other.get("attempts") == 5


def test_a_mistake_of_the_caller_is_still_told(orphan):
    with pytest.raises(ValueError, match="attempts"):
        orphan.incr("attempts")


@pytest.mark.django_db
def test_the_cache_of_these_settings_keeps_what_it_is_given():
    cache.set("kept", {"a": 1})
    assert cache.get("kept") == {"a": 1}
