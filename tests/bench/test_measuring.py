"""What the bench concludes from what it is told: answers, numbers, and the table."""

import socket
import threading
from contextlib import contextmanager, suppress

import pytest

from tests.bench import figures, flood, load, ratios, report, wire, wrk
from tests.bench.rows.restart import known_after

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_an_answer_is_whole_when_its_length_has_come():
    assert [wire.whole(OK[:length]) for length in (10, len(OK) - 1, len(OK))] == [None, None, 200]


def test_the_length_is_found_however_its_name_is_written():
    assert wire.whole(OK.replace(b"Content-Length", b"content-length")) == 200


def test_an_answer_in_chunks_is_whole_at_its_last_one():
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert (wire.whole(chunked[:-5]), wire.whole(chunked)) == (None, 200)


def test_an_answer_without_a_body_needs_no_length():
    assert wire.whole(b"HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n") == 204


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\n\r\n{}", OK + OK])
def test_what_cannot_be_measured_is_refused(answer):
    with pytest.raises(wire.UnreadableAnswerError):
        wire.whole(answer)


def test_the_body_is_what_follows_the_head():
    assert wire.body(OK) == b"{}"


def test_a_spread_is_the_median_and_the_quartiles():
    assert ratios.spread([5, 1, 4, 2, 3]) == ratios.Spread(3, 2, 4)
    assert ratios.spread([7]) == ratios.Spread(7, 7, 7)


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (99.5, 100), (0, 1)])
def test_a_percentile_is_the_nearest_rank(percent, expected):
    assert ratios.percentile(range(1, 101), percent) == expected


def test_pairs_are_asked_in_turn_and_told_in_order():
    asked = []

    def way(name):
        return lambda: asked.append(name) or name

    assert ratios.paired(way("a"), way("b"), 3) == [("a", "b")] * 3
    assert asked == ["a", "b", "b", "a", "a", "b"]


def test_a_target_is_met_by_the_median():
    assert figures.at_least("x", [0.8, 0.9, 1.0], 0.85).met
    assert not figures.at_least("x", [0.7, 0.8, 1.0], 0.85).met
    assert figures.at_most("x", [400], 400).met
    assert figures.informing("x", [1]).met is None


def test_keys_are_known_once_each_worker_has_let_each_in():
    records = [
        (0.0, 0.5, 200, 0, 0),
        (1.0, 0.5, 200, 0, 0),
        (0.0, 0.7, 200, 1, 0),
        (0.0, 0.1, 503, 0, 1),
        (2.0, 0.1, 200, 0, 1),
        (2.5, 0.1, 200, 1, 1),
    ]
    assert known_after(records, [11, 12], keys=2) == pytest.approx(2.6)
    assert known_after(records[:-1], [11, 12], keys=2) is None


def test_the_table_tells_a_target_that_was_missed_and_a_column_that_is_missing(monkeypatch):
    monkeypatch.setattr(report, "version", lambda _package: "1.0")  # peers are not installed here
    missed = figures.at_least("good ÷ bad", [0.5, 0.6, 0.7], 0.9, note="so").told()
    text = report.markdown({"SQLite": [missed], "PostgreSQL": "it is not installed"}, 60, [])
    assert "| good ÷ bad | ≥ 0.9 | 0.60 (0.55 to 0.65) **missed**<br>so | - |" in text
    assert "PostgreSQL was not measured: it is not installed." in text


def test_a_load_counts_answers_by_status_and_a_lost_connection_as_a_failure():
    with answering([OK, OK.replace(b"200 OK", b"401 No"), b""]) as port:
        told = load.Drive(load.Order(port, ["GET"], connections=1, seconds=0.1)).run()
    assert told["failures"] >= 1
    assert told["statuses"][200] == pytest.approx(told["failures"], abs=1)
    assert told["statuses"][401] == pytest.approx(told["failures"], abs=1)
    assert told["latencies"] == sorted(told["latencies"])


@pytest.mark.skipif(wrk.version() is None, reason="wrk is not installed")
def test_wrk_tells_the_same_of_a_full_load():
    requests = [wire.request(path).decode() for path in ("/one", "/two")]
    with answering([OK, OK, OK.replace(b"200 OK", b"401 No")]) as port:
        told = wrk.drive(load.Order(port, requests, connections=2, seconds=1))
    assert told["statuses"][200] == pytest.approx(2 * told["failures"], abs=4)
    assert told["answered"] == told["statuses"][200] + told["failures"]
    assert 0.9 < told["seconds"] < 2
    assert 0 < told["p99"] < 1


def test_a_load_with_a_rate_begins_so_many_requests():
    with answering([OK]) as port:
        order = load.Order(port, ["GET", "PUT"], connections=4, seconds=0.2, rate=100, records=True)
        told = load.Drive(order).run()
    begun = [began for began, *_ in told["records"]]
    assert 5 <= len(begun) <= 20  # all of them, but on a machine that has no time
    assert sorted(begun) == pytest.approx([number / 100 for number in range(len(begun))], abs=0.001)
    assert {which for *_, which, _ in told["records"]} == {0, 1}


def test_a_flood_counts_the_answers_to_what_it_sent_together():
    both = OK + OK.replace(b"200 OK", b"401 No")
    with answering([both]) as port:
        order = flood.Order(port, ["GET", "PUT"], seconds=0.1, rate=100, together=2)
        connections = [wire.connect(port) for _ in range(order.connections)]
        told = flood.run(order, connections)
        for connection in connections:
            connection.close()
    assert told["statuses"] == {200: 5, 401: 5}


def test_a_flood_ends_where_the_server_ends_a_connection():
    with answering([b""]) as port, wire.connect(port) as connection:
        order = flood.Order(port, ["GET"], seconds=0.1, rate=100, together=1)
        with pytest.raises(OSError, match=r"^$|reset"):
            flood.run(order, [connection])


@contextmanager
def answering(answers):
    """The port of one who gives each connection these answers in turn; an empty one ends it."""

    def serve(connection):
        with connection, suppress(ConnectionError):
            while True:
                for answer in answers:
                    if not connection.recv(1000) or not answer:
                        return
                    connection.sendall(answer)

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
