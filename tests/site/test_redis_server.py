"""A Redis that is away or hangs costs a process a tenth of a second now and then."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from redis.exceptions import ConnectionError as AwayFromRedisError

from tests.site.servers import free_port
from workspaces.redis_server import PAUSE, AwayError, Server


@pytest.fixture
def silent():
    """The URL of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def seconds_of_asking(server):
    began = time.monotonic()
    with pytest.raises(AwayError):
        server.ask(server.client.get, "name")
    return time.monotonic() - began


def test_one_that_hangs_is_waited_for_a_tenth_of_a_second_and_then_left_alone(silent):
    server = Server(silent)
    assert 0.09 < seconds_of_asking(server) < 0.5
    assert max(seconds_of_asking(server) for _ in range(100)) < 0.05


def test_threads_wait_beside_each_other(silent):
    server = Server(silent)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(seconds_of_asking, [server] * 800))
    assert time.monotonic() - began < 1


def test_one_that_is_not_there_is_known_at_once():
    assert seconds_of_asking(Server(f"redis://127.0.0.1:{free_port()}/0")) < 0.09


class TestWhileItIsAway:
    @pytest.fixture
    def asked(self):
        """How often the server was asked, and what it answers."""
        return []

    @pytest.fixture
    def server(self):
        self.now = 1000.0
        return Server("redis://unused/0", lambda: self.now)

    def ask(self, server, asked, answer=AwayFromRedisError):
        def operation():
            asked.append(answer)
            if isinstance(answer, type):
                raise answer
            return answer

        try:
            return server.ask(operation)
        except AwayError:
            return None

    def test_it_is_asked_again_after_a_pause(self, server, asked):
        for later in (0, 0.5 * PAUSE, 0.49 * PAUSE):
            self.now += later
            assert self.ask(server, asked) is None
        assert len(asked) == 1
        self.now += 0.02 * PAUSE
        assert self.ask(server, asked) is None
        assert self.ask(server, asked) is None
        assert len(asked) == 2

    def test_one_thread_finds_out_whether_it_is_back(self, server, asked):
        self.ask(server, asked)
        self.now += PAUSE + 0.1
        others = []

        def finding_out():
            # What another thread gets meanwhile.
            others.append(self.ask(server, asked, "back"))
            return "back"

        assert server.ask(finding_out) == "back"
        assert others == [None]
        assert self.ask(server, asked, "back") == "back"

    def test_a_mistake_of_the_caller_is_not_its_failure(self, server, asked):
        with pytest.raises(ValueError, match="no such name"):
            server.ask(lambda: (_ for _ in ()).throw(ValueError("no such name")))
        assert self.ask(server, asked, "here") == "here"


@pytest.mark.skipif(not settings.REDIS_URL, reason="REDIS_URL is not set")
class TestAServerThatAnswers:
    @pytest.fixture
    def server(self):
        server = Server(settings.REDIS_URL)
        yield server
        server.client.close()

    def test_it_is_asked_over_kept_connections(self, server):
        for _ in range(5):
            assert server.ask(server.client.ping)
        assert len(server.client.connection_pool._available_connections) == 1

    def test_a_connection_that_it_has_closed_is_made_anew(self, server):
        own = server.ask(server.client.client_id)
        with ThreadPoolExecutor(1) as other:
            closing = Server(settings.REDIS_URL).client
            other.submit(closing.client_kill_filter, _id=own).result()
            closing.close()
        assert server.ask(server.client.client_id) != own

    def test_one_that_stands_still_and_goes_on_is_asked_again(self, server):
        """Its answers to what was asked before are answers to nothing else."""
        server.ask(server.client.set, "kept", "right")
        holding = Server(settings.REDIS_URL).client
        holding.client_pause(400)
        try:
            assert seconds_of_asking(server) < 0.5
        finally:
            holding.close()
        time.sleep(PAUSE + 0.05)
        assert server.ask(server.client.get, "kept") == b"right"
