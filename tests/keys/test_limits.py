import pytest

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from workspaces.directory.models import Workspace
from workspaces.keys import limits
from workspaces.keys.limits import Buckets, Quota
from workspaces.keys.models import KeyUsage

KEY, OTHER = "one", "another"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def buckets(clock):
    return Buckets(clock)


def taken(buckets, times, limit=60):
    """How many of so many requests at once are let in."""
    return sum(not buckets.take(KEY, limit).wait for _ in range(times))


def test_a_minute_s_requests_are_let_in_at_once_and_no_more(buckets):
    assert taken(buckets, 100) == 60


def test_the_bucket_fills_evenly(buckets, clock):
    taken(buckets, 60)
    clock.now += 2.5
    assert taken(buckets, 10) == 2
    clock.now += 0.5
    assert taken(buckets, 10) == 1


def test_it_holds_no_more_than_a_minute(buckets, clock):
    taken(buckets, 60)
    clock.now += 3600
    assert taken(buckets, 100) == 60


@pytest.mark.parametrize("limit", [7, 700, 7_000, 100_000])
def test_a_host_that_has_been_up_for_years_counts_to_the_last_request(buckets, clock, limit):
    clock.now = 1e8
    quotas = [buckets.take(KEY, limit) for _ in range(limit)]
    assert [quota.remaining for quota in quotas] == list(range(limit - 1, -1, -1))
    assert buckets.take(KEY, limit).wait


def test_keys_do_not_share(buckets):
    taken(buckets, 60)
    assert buckets.take(OTHER, 60).remaining == 59


def test_the_quota_says_what_is_left_and_how_long_to_wait(buckets, clock):
    assert buckets.take(KEY, 2) == Quota(limit=2, remaining=1, reset=30)
    clock.now += 15
    assert buckets.take(KEY, 2) == Quota(limit=2, remaining=0, reset=45)
    assert buckets.take(KEY, 2) == Quota(limit=2, remaining=0, reset=45, wait=15)


def test_a_limit_made_smaller_holds_at_once_and_what_was_used_counts(buckets):
    buckets.take(KEY, 600)
    assert taken(buckets, 100, limit=10) == 9


def test_only_full_buckets_are_forgotten(buckets, clock, monkeypatch):
    monkeypatch.setattr(limits, "REMEMBERED", 1)
    taken(buckets, 60)
    clock.now += 30
    buckets.take(OTHER, 60)
    assert taken(buckets, 100) == 30
    clock.now += 60
    buckets.take("a third", 60)
    assert list(buckets._filling) == ["a third"]


@pytest.mark.django_db
class TestTheApi:
    @pytest.fixture
    def key(self):
        return ApiKeyFactory(requests_per_minute=2)

    def test_every_answer_that_a_key_opened_says_what_is_left(self, key):
        for path, status, left in [("/key", 200, 1), ("/secrets", 403, 0), ("/key", 429, 0)]:
            answer = ask(path, key)
            assert answer.status_code == status
            assert answer["RateLimit-Policy"] == '"key";q=2;w=60'
            assert answer["RateLimit"].startswith(f'"key";r={left};t=')

    def test_one_request_too_many_is_told_when_to_come_back(self, key):
        ask("/key", key)
        ask("/key", key)
        KeyUsage.objects.all().delete()
        answer = ask("/key", key)
        fault = error(answer, 429)
        assert fault["code"] == "rate_limited"
        assert fault["detail"].startswith("The API key may make 2 requests a minute.")
        assert 1 <= int(answer["Retry-After"]) <= 30

    def test_a_request_that_no_key_opened_is_told_nothing(self, key):
        assert "RateLimit" not in ask("/key")
        assert "RateLimit" not in ask("/key", key.plaintext[:-1])

    def test_the_workspace_s_limit_is_600_unless_it_says_otherwise(self, key):
        other = ApiKeyFactory(owner=key.owner)
        assert ask("/key", other)["RateLimit-Policy"] == '"key";q=600;w=60'
        Workspace.objects.update(requests_per_minute=1)
        assert ask("/key", other)["RateLimit-Policy"] == '"key";q=1;w=60'
        assert ask("/key", key)["RateLimit-Policy"] == '"key";q=1;w=60'
