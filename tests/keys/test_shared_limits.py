"""What several processes let in that take from one bucket: in all, never more than it gives.

Redis' script is modelled in Python, so that a clock can be turned. Where there is a Redis, the
model is compared with the script itself, and real processes take from it at once.
"""

import functools
import math
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings
from hypothesis import given, settings as examples, strategies as st

from tests.site.servers import PATIENCE, environment
from workspaces import redis_server
from workspaces.keys.limits import Buckets, _Bucket
from workspaces.keys.quota import WINDOW
from workspaces.keys.shared_buckets import (
    LIFE,
    NO_LOT,
    SCRIPT,
    SHARE,
    SLOT,
    Lot,
    SharedBuckets,
)

KEY = "one"
needs_redis = pytest.mark.skipif(not settings.REDIS_URL, reason="REDIS_URL is not set")


TAKING = """
import sys
from concurrent.futures import ThreadPoolExecutor
from workspaces.keys.limits import buckets
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    taken = list(pool.map(lambda _: buckets.take("{key}", 240), range(200)))
print(sum(not quota.wait for quota in taken))
"""


def together(count, program):
    """Runs it in so many processes at once: how long they took, and the number each printed."""
    variables = {"DJANGO_SETTINGS_MODULE": "cerbykeys.settings", "REDIS_URL": settings.REDIS_URL}
    processes = [
        subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-c", program],
            cwd=settings.BASE_DIR,
            env=environment(settings.DATA_DIR, **variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * count
    began = time.monotonic()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    return time.monotonic() - began, [int(text) for text in printed]


class World:
    """The time, several processes, and what they share."""

    def __init__(self, processes, limit=60):
        self.now = 1_700_000_005.0  # the first moment of a slot
        self.limit = limit
        self.asked = 0
        self.kept = defaultdict(
            lambda: SimpleNamespace(tokens=limit, at=self.now, slot=self._slot(), lent=0, before=0)
        )
        # No two clocks agree.
        self.processes = [
            Buckets(self, lambda ahead=number * 1000.7: self.now + ahead)
            for number in range(processes)
        ]
        self.ideal, self.ideal_at = float(limit), self.now
        self.let_in = 0

    def request(self, process):
        """A request to a process; fails where one bucket would not have let it in."""
        quota = self.processes[process].take(KEY, self.limit)
        if not quota.wait:
            fresh = (self.now - self.ideal_at) * self.limit / WINDOW
            self.ideal = min(self.limit, self.ideal + fresh) - 1
            self.ideal_at = self.now
            assert self.ideal > -1e-4, "more got in than the limit allows"
            self.let_in += 1
        return quota

    def _slot(self):
        return math.floor(self.now / SLOT)

    def take(self, key_id, limit, want, settled):
        """As the script does it."""
        self.asked += 1
        kept, slot = self.kept[key_id], self._slot()

        def fill(moment):
            fresh = (moment - kept.at) * limit / WINDOW
            room = max(0, limit - kept.lent - kept.before)
            kept.tokens, kept.at = min(kept.tokens + fresh, room), moment

        if self.now < kept.at:
            kept.at, kept.slot = self.now, slot
        for _ in range(2):
            if kept.slot < slot:
                kept.slot += 1
                fill(kept.slot * SLOT)
                kept.lent, kept.before = 0, kept.lent
        kept.slot = slot
        fill(self.now)
        if settled.slot == slot:
            kept.lent = max(0, kept.lent - settled.size)
            kept.tokens += settled.unused
        elif settled.slot == slot - 1:
            kept.before = max(0, kept.before - settled.size)
            kept.tokens += settled.unused
        kept.tokens = min(kept.tokens, max(0, limit - kept.lent - kept.before))
        whole = math.floor(kept.tokens + 1e-6)
        taken = max(0, min(want, whole, max(1, whole // SHARE)))
        kept.tokens -= taken
        kept.lent += taken
        return Lot(slot, taken), kept.tokens


steps = st.lists(
    st.tuples(
        st.integers(0, 3),  # which process
        st.sampled_from([1, 2, 5, 20, 40, 90, 700]),  # how many requests at once
        st.sampled_from([0, 0, 0.001, 0.1, 0.9, 2, 4.9, 5.2, 5.6, 11, 30, 61]),  # seconds later
    ),
    min_size=1,
    max_size=30,
)


@given(steps=steps, limit=st.sampled_from([1, 10, 80, 200, 600]), into_slot=st.floats(0, SLOT))
@examples(max_examples=200, deadline=None)
def test_never_more_get_in_than_one_bucket_would_let_in(steps, limit, into_slot):
    world = World(4, limit)
    world.now += into_slot
    for process, requests, later in steps:
        for _ in range(requests):
            world.request(process)
        world.now += later


@pytest.mark.parametrize("pauses", [(0, 0), (4.9, 0), (4.99, 0.52), (5.4, 0), (5.6, 0)])
def test_what_a_process_holds_is_not_in_the_bucket_as_well(pauses):
    for quarter in range(22):
        world = World(2, 600)
        world.now += quarter / 4
        for _ in range(60):  # the bucket stays as full as it can be
            world.request(0)
            world.now += 0.1
        bucket = world.processes[0]._known[KEY]
        while bucket.held < 14:
            world.request(0)
        world.now += pauses[0]
        for _ in range(14):
            world.request(0)
        world.now += pauses[1]
        for _ in range(700):
            world.request(1)


@pytest.mark.parametrize("limit", [1, 5, 10, 40])
def test_a_small_limit_holds_exactly_over_all_processes(limit):
    world = World(4, limit)
    assert sum(not world.request(turn % 4).wait for turn in range(100)) == limit
    world.now += WINDOW / limit
    assert [world.request(0).wait > 0, world.request(1).wait > 0] == [False, True]


@pytest.mark.parametrize("limit", [60, 600, 6000])
def test_all_that_is_left_is_found_whichever_process_is_asked(limit):
    world = World(4, limit)
    for turn in range(limit * 2):
        world.request(turn % 4)
    assert world.let_in == limit


@pytest.mark.parametrize("limit", [10, 60, 600, 6000])
def test_four_processes_that_are_asked_too_much_let_in_nearly_all(limit):
    world = World(4, limit)
    for turn in range(120 * 100):  # two minutes, a hundred requests a second
        world.request(turn * 7919 % 13 % 4)
        world.now += 0.01
    possible = min(12_000, limit * 3)
    assert world.let_in >= 0.98 * possible - 1


def test_what_an_idle_process_holds_is_not_lost_to_the_others_for_long():
    world = World(2, 600)
    for _ in range(200):
        world.request(0)
    world.now += 2 * SLOT
    later = 400 + 2 * SLOT * 10
    assert sum(not world.request(1).wait for _ in range(1000)) >= later - 600 / 40


def test_what_a_process_did_not_use_goes_back_when_it_asks_again():
    world = World(1, 600)
    for _ in range(100):
        world.request(0)
    bucket, kept = world.processes[0]._known[KEY], world.kept[KEY]
    assert bucket.held
    before = kept.tokens + bucket.held
    world.now += 5.1
    world.request(0)
    assert kept.tokens + bucket.held + 1 == pytest.approx(before + 51)


@pytest.mark.parametrize(("pace", "most"), [(9, 0.2), (200, 0.08), (2000, 0.06)])
def test_few_requests_ask_redis(pace, most):
    world = World(1, pace * 60 + 60)
    for _ in range(10 * pace):
        world.request(0)
        world.now += 1 / pace
    assert world.let_in == 10 * pace
    assert world.asked <= most * world.let_in + 8


def test_a_flood_that_is_refused_asks_redis_twenty_times_a_second():
    world = World(1, 6000)
    for _ in range(6000):
        world.request(0)
    asked, let_in = world.asked, world.let_in
    for _ in range(10_000):
        world.request(0)
        world.now += 0.0001
    assert world.asked - asked <= 20 + (world.let_in - let_in)


def test_the_last_ones_are_for_whoever_comes_first():
    world = World(1, 600)
    for _ in range(600 - SHARE):
        world.request(0)
    assert world.processes[0]._known[KEY].held == 0


def test_the_quota_tells_what_is_left_in_all():
    world = World(2, 600)
    for turn in range(100):
        quota = world.request(turn % 2)
    # Each process has seen the other's as it last asked.
    assert quota.remaining == pytest.approx(500, abs=15)
    assert quota.reset == pytest.approx(10, abs=2)


def test_one_request_too_many_is_told_when_the_next_token_comes():
    world = World(2, 2)
    assert [world.request(turn % 2).wait for turn in range(4)] == [0, 0, 30, 30]
    world.now += 12
    assert world.request(0).wait == 18
    assert world.request(0).remaining == 0


def test_a_limit_made_smaller_holds_at_once():
    world = World(2, 600)
    for _ in range(100):
        world.request(0)
    assert world.processes[0]._known[KEY].held
    takers = [world.processes[turn % 2] for turn in range(100)]
    assert sum(not buckets.take(KEY, 10).wait for buckets in takers) <= 10


class TestTwoThreadsThatAskAtOnce:
    """Each gets a lot: the first asked at 1000.00, the second at 1000.05."""

    @pytest.fixture
    def bucket(self):
        bucket = _Bucket(6000, 1000)
        assert bucket.begin_to_ask(1000) == (1, NO_LOT)
        assert bucket.begin_to_ask(1000.05) == (1, NO_LOT)
        return bucket

    def test_together_their_lots_last_as_long_as_the_older_one(self, bucket):
        bucket.receive(Lot(7, 10), 500, 1000)
        bucket.receive(Lot(7, 20), 480, 1000.05)
        assert (bucket.lot, bucket.held) == (Lot(7, 30), 28)
        assert bucket.held_until == 1000 + LIFE

    def test_whichever_arrives_first(self, bucket):
        bucket.receive(Lot(7, 20), 480, 1000.05)
        bucket.receive(Lot(7, 10), 500, 1000)
        assert bucket.held_until == 1000 + LIFE

    def test_only_the_lot_of_the_later_slot_is_settled(self, bucket):
        bucket.receive(Lot(7, 10), 500, 1000)
        bucket.receive(Lot(8, 4), 480, 1000.05)
        assert bucket.held == 12
        assert bucket.begin_to_ask(1001)[1] == Lot(8, 4, unused=4)

    def test_the_second_one_asks_for_no_more_than_it_needs(self, bucket):
        bucket.receive(Lot(7, 1), 500, 1000)
        bucket.receive(Lot(7, 1), 480, 1000.05)
        bucket.asking = 0  # both are back
        assert bucket.begin_to_ask(1001)[0] > 1
        assert bucket.begin_to_ask(1001)[0] == 1


class Away:
    """Redis, while it is away."""

    def __init__(self):
        self.asked = 0

    def take(self, *_):
        self.asked += 1
        raise redis_server.AwayError


def test_nobody_waits_for_redis_because_another_one_does():
    world = World(1, 6000)
    while world.processes[0].take(KEY, 6000) and not world.processes[0]._known[KEY].held:
        pass
    asked, answered = threading.Event(), threading.Event()
    take = world.take

    def slow(*given):
        asked.set()
        assert answered.wait(10)
        return take(*given)

    world.take = slow
    waiting = threading.Thread(target=world.processes[0].take, args=["another", 60])
    waiting.start()
    assert asked.wait(10)
    assert not world.request(0).wait
    answered.set()
    waiting.join()


def test_while_redis_is_away_each_process_counts_for_itself():
    world = World(2, 60)
    for buckets in world.processes:
        buckets._shared = Away()
        assert sum(not buckets.take(KEY, 60).wait for _ in range(100)) == 60


def test_what_a_process_has_let_in_before_redis_went_away_counts():
    world = World(1, 60)
    for _ in range(50):
        world.request(0)
    world.processes[0]._shared = Away()
    assert sum(not world.request(0).wait for _ in range(20)) == 10


@functools.cache
def patient_client():
    """For what compares answers, which may take longer than a request would wait for them."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE)


@needs_redis
class TestRedis:
    @pytest.fixture
    def server(self):
        made = redis_server.Server(settings.REDIS_URL)
        yield made
        made.client.close()

    @given(
        asked=st.lists(
            st.tuples(
                st.integers(1, 20),
                st.sampled_from([600, 600, 600, 60]),
                st.integers(0, 5),  # which lot of those that are out is settled, if any
                st.sampled_from([0, 0.1, 1, 5, 6, 12, 70, -3]),
            ),
            max_size=20,
        )
    )
    @examples(max_examples=50, deadline=None)
    def test_the_script_does_as_its_model(self, asked):
        client = patient_client()
        script = SCRIPT.replace("redis.call('TIME')", "{ARGV[6], ARGV[7]}")
        world, name, out = World(0, 600), f"cerbykeys:limit:{uuid.uuid4()}", []
        for want, limit, which, later in asked:
            settled = out.pop(which) if which < len(out) else NO_LOT
            settled = Lot(settled.slot, settled.size, settled.size // 2)
            lot, left = world.take(KEY, limit, want, settled)
            seconds = math.floor(world.now)
            micros = round((world.now - seconds) * 1e6)
            taken, slot, real_left = client.eval(
                script, 1, name, limit, want, *[settled.slot, settled.size, settled.unused],
                *[seconds, micros],
            )  # fmt: skip
            assert (slot, taken) == (lot.slot, lot.size)
            assert float(real_left) == pytest.approx(left, abs=1e-3)
            out.append(lot)
            world.now += later

    def test_its_clock_fills_a_bucket(self, server):
        buckets = SharedBuckets(server)
        key = str(uuid.uuid4())
        assert [buckets.take(key, 60_000, 1, NO_LOT)[0].size for _ in range(2)] == [1, 1]
        (kept,) = server.client.keys(f"*{key}")
        assert 60_000 < server.client.pttl(kept) <= 71_000
        server.client.hset(kept, "tokens", 0)
        lots = [buckets.take(key, 60_000, 1, NO_LOT)[0] for _ in range(200)]
        assert sum(lot.size for lot in lots) > 10

    def test_a_server_that_was_emptied_or_restarted_is_given_the_script_again(self, server):
        buckets = Buckets(shared=SharedBuckets(server))
        buckets.take(KEY, 10)
        server.client.script_flush()
        server.client.flushdb()
        server.client.connection_pool.disconnect()
        assert buckets.take(KEY, 10).remaining == 9

    def test_processes_at_once_let_in_the_limit_and_no_more(self):
        seconds, let_in = together(4, TAKING.format(key=uuid.uuid4()))
        assert sum(let_in) <= 240 + math.ceil(seconds * 240 / WINDOW)
        assert sum(let_in) >= 0.97 * 240
