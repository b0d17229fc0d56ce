import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings as examples, strategies as st

from tests.asking import ask, error
from tests.factories import ApiKeyFactory
from workspaces.directory.models import Workspace
from workspaces.keys import counts
from workspaces.keys.counts import Counts
from workspaces.keys.models import KeyUsage
from workspaces.keys.quota import WINDOW, Quota

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
    return Counts(clock)


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


@pytest.mark.parametrize("limit", [1, 7, 60, 107, 108, 114, 600])
def test_an_empty_bucket_is_full_again_in_a_minute_and_no_later(buckets, limit):
    taken(buckets, limit, limit)
    refused = buckets.take(KEY, limit)
    assert (refused.remaining, refused.reset) == (0, WINDOW)
    assert refused.wait == max(1, -(-WINDOW // limit))


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


def test_only_full_buckets_are_forgotten(clock, monkeypatch):
    monkeypatch.setattr(counts, "REMEMBERED", 1)
    buckets = Counts(clock)
    taken(buckets, 60)
    clock.now += 30
    buckets.take(OTHER, 60)
    assert taken(buckets, 100) == 30
    clock.now += 60
    buckets.take("a third", 60)
    assert list(buckets._buckets) == ["a third"]


def test_a_crowd_of_busy_keys_is_not_looked_through_for_each_new_one(clock, monkeypatch):
    monkeypatch.setattr(counts, "REMEMBERED", 4)
    buckets, seen = Counts(clock), []
    for number in range(64):
        buckets.take(str(number), 60)
        seen.append(buckets._most)
    assert sorted(set(seen)) == [4, 8, 16, 32, 64]
    assert len(buckets._buckets) == 64


class Compared:
    """A key's requests, beside a bucket that tells to a fraction of a request what may come."""

    def __init__(self, clock, limit):
        self.clock, self.limit, self.refused = clock, limit, 0
        self.buckets = Counts(clock)
        self.held, self.at = float(limit), clock.now

    def change(self, limit):
        """What was used of a minute stays used."""
        self.held = limit - (self.limit - self.held) * limit / self.limit
        self.limit = limit

    def take(self):
        fresh = (self.clock.now - self.at) * self.limit / WINDOW
        self.held, self.at = min(self.limit, self.held + fresh), self.clock.now
        quota = self.buckets.take(KEY, self.limit)
        if quota.wait:
            self.refused += 1
            # What came out of a lot counts as if it had come at the lot's end.
            assert self.held < 1 + counts.LIFE * self.limit / WINDOW + 1e-3
        else:
            self.held -= 1
            assert self.held > -1e-3, "more got in than the limit allows"
            filling = (self.limit - self.held) * WINDOW / self.limit
            assert filling - 1e-3 <= quota.reset <= filling + 1 + 2 * counts.LIFE


steps = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 5, 20, 40, 90, 700]),  # how many requests
        st.sampled_from([0, 0.0001, 0.003, 0.02, 0.2]),  # seconds between them
        st.sampled_from([0, 0.001, 0.049, 0.051, 0.9, 30, 61]),  # and until the next ones
    ),
    min_size=1,
    max_size=20,
)


@given(steps, st.sampled_from([1, 10, 80, 600, 6_000]), st.sampled_from([None, 5, 900]))
@examples(max_examples=200, deadline=None)
def test_never_more_get_in_than_a_bucket_lets_in_and_hardly_fewer(steps, limit, later_limit):
    clock = Clock()
    asked = Compared(clock, limit)
    for number, (requests, between, then) in enumerate(steps):
        if number == len(steps) // 2 and later_limit:
            asked.change(later_limit)
        for _ in range(requests):
            asked.take()
            clock.now += between
        clock.now += then


def test_what_comes_late_out_of_a_lot_is_counted_as_late(clock):
    asked = Compared(clock, 60_000)  # 1,000 a second: at this pace the bucket is ever full
    for _ in range(28):
        asked.take()
        clock.now += 0.005
    for _ in range(60_010):
        asked.take()
    assert asked.refused


def asked_often(buckets, clock, times=100):
    """A key that may ask a hundred times a second, asks ten times as often, and has a lot left."""
    asked = 0
    while asked < times or len(buckets._buckets[KEY].lot.numbers) < 10:
        quota = buckets.take(KEY, 6_000)
        asked += 1
        clock.now += 0.001
    return asked, quota


def test_what_is_not_used_of_a_lot_is_not_counted(buckets, clock):
    asked, told = asked_often(buckets, clock)
    # What comes in while a lot lasts is told of later, or not at all if the bucket was full.
    unsure = counts.LIFE * 100 + 1
    assert told.remaining == pytest.approx(6_000 - 0.9 * asked, abs=unsure)
    clock.now += counts.LIFE
    left = 6_000 - 0.9 * asked + counts.LIFE * 100
    assert buckets.take(KEY, 6_000).remaining == pytest.approx(left - 1, abs=unsure)


def test_a_lot_is_of_no_use_once_its_time_is_over(buckets, clock):
    asked_often(buckets, clock, times=6_500)
    lot = buckets._buckets[KEY].lot
    clock.now = lot.until
    buckets.take(KEY, 6_000)
    assert not lot.numbers


def test_a_limit_made_smaller_holds_though_a_lot_is_out(buckets, clock):
    asked_often(buckets, clock)
    assert sum(not buckets.take(KEY, 10).wait for _ in range(100)) == 9


def test_a_key_that_asks_seldom_holds_no_lot(buckets, clock):
    for _ in range(100):
        buckets.take(KEY, 6_000)
        clock.now += 0.2
        assert buckets._buckets[KEY].lot is None


def test_a_bucket_is_not_forgotten_while_a_lot_is_out(buckets, clock):
    asked_often(buckets, clock)
    buckets._buckets[KEY].filling = 0
    buckets._forget(clock.now)
    assert KEY in buckets._buckets
    clock.now += WINDOW
    buckets.take(KEY, 6_000)
    clock.now += WINDOW
    buckets._forget(clock.now)
    assert not buckets._buckets


def test_a_bucket_of_which_a_lot_was_left_is_forgotten_too(buckets, clock):
    asked_often(buckets, clock)
    clock.now += WINDOW
    buckets._forget(clock.now)
    assert not buckets._buckets


def test_no_lot_comes_out_of_a_bucket_that_others_know_better(buckets):
    for left in (50, 49, 48):
        assert buckets.take_of(left, KEY, 60).remaining == left - 1
        assert buckets._buckets[KEY].lot is None
    assert buckets.take_of(60, KEY, 60).remaining == 46
    assert buckets.take_of(-1, KEY, 60).wait


def test_threads_take_no_request_twice(buckets):
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            quotas = list(pool.map(lambda _: buckets.take(KEY, 4_000), range(5_000)))
    finally:
        sys.setswitchinterval(interval)
    let_in = sorted(quota.remaining for quota in quotas if not quota.wait)
    assert let_in == list(range(4_000))


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
