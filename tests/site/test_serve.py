"""`manage.py prepare` and `manage.py serve`, as hosts behind a load balancer run them."""

import http.client
import json
import os
import signal
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from cerbykeys import database, draining, preparing, server
from tests.site.servers import (
    copied,
    database_of_its_own,
    made_keys,
    manage,
    refusal,
    started,
    wait_until,
)
from workspaces.sealing import keyring


def id_of(key):
    return key.split("_")[1]


def count(folder, query, *values):
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        return database.execute(f"SELECT count(*) FROM {query}", values).fetchone()[0]  # noqa: S608  (our own)


def scheduled(pid):
    """The scheduling policies of a process's threads."""
    return [os.sched_getscheduler(int(task.name)) for task in Path(f"/proc/{pid}/task").iterdir()]


def asked_at_once(server, pool):
    """The ids of 400 requests, several at a time."""
    asked = [f"at-once-{number}" for number in range(400)]
    list(pool.map(lambda one: server.get("/api/v1/key", **{"X-Request-ID": one}), asked))
    return asked


@pytest.fixture(scope="module")
def stopped(first, folder, tmp_path_factory):
    """A server that was told to stop, and then to do it at once, while a key removes itself."""
    assert first
    var = copied(folder, tmp_path_factory.mktemp("serve") / "var")
    assert manage(var, "prepare").returncode == 0
    key, other = made_keys(var)
    with (
        started(var, "serve", CERBYKEYS_WORKERS="1") as server,
        ThreadPoolExecutor() as pool,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as idle,
    ):
        idle.request("GET", "/healthz")
        assert idle.getresponse().read()
        before = server.get("/readyz")
        policies = [policy for pid in server.workers() for policy in scheduled(pid)]
        asked = asked_at_once(server, pool)
        server.process.terminate()
        wait_until(lambda: server.get("/readyz").status != before.status)
        ready, draining = server.get("/readyz"), server.get("/healthz")
        used = server.get("/api/v1/key", **{"X-API-Key": key})
        removal = pool.submit(server.get, "/api/v1/key", "DELETE", **{"X-API-Key": other})
        # From its commit on, a removal waits for a while before it answers.
        wait_until(lambda: count(var, "keys_apikey WHERE status = 'removed'"), every=0.01)
        server.process.terminate()
        found = SimpleNamespace(
            before=before,
            policies=policies,
            asked=asked,
            ready=ready,
            draining=draining,
            used=used,
            ended=server.process.wait(20),
            removal=removal.result(20),
            idle=idle.sock.recv(1),
            printed=server.printed(),
            job_workers=server.job_workers(),
        )
    uses = "keys_keyusage JOIN keys_apikey ON keys_apikey.id = keys_keyusage.key_id"
    found.uses = count(var, f"{uses} WHERE keys_apikey.key_id = ?", id_of(key))
    return found


def test_it_is_ready_until_it_is_told_to_stop(stopped):
    assert (stopped.before.status, stopped.ready.status) == (200, 503)


def test_whoever_has_not_noticed_is_answered_and_led_away(stopped):
    assert stopped.draining.status == 200
    assert stopped.draining.headers["Connection"] == "close"
    assert stopped.before.headers["Connection"] is None


def test_a_request_under_way_is_answered_before_the_server_ends(stopped):
    assert (stopped.removal.status, stopped.ended) == (204, 0)


def test_an_idle_connection_is_closed_and_not_cut_off(stopped):
    assert stopped.idle == b""


def test_a_use_noted_just_before_the_end_is_written(stopped):
    assert stopped.used.status == 200
    assert stopped.uses == 1


def test_the_line_of_the_last_request_is_written(stopped):
    assert '"method":"DELETE"' in stopped.printed


def test_each_of_many_requests_has_one_whole_line(stopped):
    lines = [json.loads(line) for line in stopped.printed.splitlines() if "at-once" in line]
    assert Counter(line["request_id"] for line in lines) == Counter(stopped.asked)
    assert {line["status"] for line in lines} == {401}


def test_it_makes_no_demo_and_runs_no_job_worker(stopped):
    assert "acme" not in stopped.printed.partition("draining")[0]
    assert not stopped.job_workers


@pytest.mark.parametrize(
    ("cores", "kept_to"),
    [({0, 1}, [{0}, {1}]), ({4, 6}, [{4}, {6}]), ({0}, []), ({0, 1, 2, 3}, [])],
    ids=["a core for each", "two of more", "too few", "more than workers"],
)
def test_a_worker_keeps_to_a_core_where_there_is_one_for_each(
    monkeypatch, settings, cores, kept_to
):
    kept = []
    settings.SERVER_WORKERS = 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: cores)
    monkeypatch.setattr(os, "sched_setaffinity", lambda _pid, to: kept.append(to))
    for number in range(2):
        server._keep_to_a_core(number)
    assert kept == kept_to


def test_where_cores_cannot_be_chosen_it_serves_all_the_same(monkeypatch, settings):
    settings.SERVER_WORKERS = len(os.sched_getaffinity(0))

    def forbidden(_pid, _to):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    server._keep_to_a_core(0)
    monkeypatch.delattr(os, "sched_setaffinity")
    server._keep_to_a_core(0)


def test_each_thread_of_a_worker_lets_the_others_have_their_turn(stopped):
    assert set(stopped.policies) == {os.SCHED_BATCH}


def test_where_turns_cannot_be_chosen_it_serves_all_the_same(monkeypatch):
    def forbidden(*_):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", forbidden)
    server._take_turns()
    monkeypatch.delattr(os, "SCHED_BATCH")
    server._take_turns()


def test_a_policy_that_somebody_has_chosen_stays(monkeypatch):
    chosen = []
    monkeypatch.setattr(os, "sched_getscheduler", lambda _pid: os.SCHED_IDLE)
    monkeypatch.setattr(os, "sched_setscheduler", lambda *policy: chosen.append(policy))
    server._take_turns()
    assert not chosen


def test_it_stops_when_it_has_drained(monkeypatch):
    monkeypatch.setattr(server, "DRAIN_SECONDS", 0)
    monkeypatch.setattr(draining, "_flag", None)
    flag, ended = draining.share(), []
    server._drain(lambda: ended.append(flag.value))
    assert ended == [True]


def test_a_terminal_never_waits():
    """Ctrl-C keeps granian's own handler."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        server._drain_at_sigterm()
        assert signal.getsignal(signal.SIGINT) == before[0]
        assert signal.getsignal(signal.SIGTERM) != before[1]
    finally:
        signal.signal(signal.SIGTERM, before[1])


def test_a_host_without_keys_is_told_in_one_line(tmp_path):
    assert "manage.py prepare" in refusal(tmp_path / "var", "serve")
    assert not (tmp_path / "var").exists()


def test_the_keyring_of_another_installation_is_told_in_one_line(first, folder, tmp_path):
    assert first
    var = copied(folder, tmp_path / "var")
    (var / "keyring.json").unlink()
    keyring.create(var / "keyring.json")
    assert "another keyring" in refusal(var, "serve")


@pytest.mark.django_db
def test_pending_migrations_are_refused():
    MigrationRecorder(connection).record_unapplied("keys", "0003_epoch")
    with pytest.raises(ImproperlyConfigured, match=r"keys\.0003_epoch.*manage\.py prepare"):
        database.refuse_pending()


def manifest(folder):
    folder.mkdir(exist_ok=True)
    (folder / "staticfiles.json").touch()


@pytest.mark.django_db
def test_static_files_of_another_version_are_refused(settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path
    monkeypatch.setattr(preparing, "call_command", lambda *_, **__: manifest(tmp_path))
    preparing.collect_static()
    preparing.refuse_unprepared()
    (tmp_path / "static.sha256").write_text("another")
    with pytest.raises(ImproperlyConfigured, match=r"static files.*manage\.py prepare"):
        preparing.refuse_unprepared()


def test_the_static_files_of_an_image_are_left_as_they_are(settings, tmp_path):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path / "var", tmp_path / "staticfiles"
    manifest(settings.STATIC_ROOT)
    preparing.collect_static()
    assert not (tmp_path / "var").exists()


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Two hosts that prepared a new database at the same time, and what they share."""
    if "DATABASE_URL" not in os.environ:
        pytest.skip("hosts share a PostgreSQL; DATABASE_URL names none")
    folders = [tmp_path_factory.mktemp("host") / "var" for _ in range(2)]
    with database_of_its_own() as variables, ThreadPoolExecutor() as pool:
        jobs = [pool.submit(manage, folder, "prepare", **variables) for folder in folders]
        yield folders, [job.result() for job in jobs], variables


def test_of_two_that_prepare_at_once_only_one_makes_keys(together):
    folders, done, _ = together
    assert sorted(host.returncode for host in done) == [0, 1]
    for folder, host in zip(folders, done, strict=True):
        assert (folder / "keyring.json").exists() == (host.returncode == 0)
    (refused,) = (host.stderr for host in done if host.returncode)
    assert "CERBYKEYS_KEYRING" in refused.splitlines()[-1]


def test_a_second_host_with_the_same_keys_is_prepared(together, tmp_path):
    folders, done, variables = together
    first = folders[[host.returncode for host in done].index(0)]
    (tmp_path / "var").mkdir()
    for name in ["keyring.json", "secret_key"]:
        (tmp_path / "var" / name).write_bytes((first / name).read_bytes())
        (tmp_path / "var" / name).chmod(0o600)
    assert manage(tmp_path / "var", "prepare", **variables).returncode == 0


def test_a_second_host_without_the_secret_key_is_told_in_one_line(together, tmp_path):
    folders, done, variables = together
    first = folders[[host.returncode for host in done].index(0)]
    line = refusal(
        tmp_path / "var", "prepare", CERBYKEYS_KEYRING=str(first / "keyring.json"), **variables
    )
    assert "CERBYKEYS_SECRET_KEY" in line
    assert not (tmp_path / "var").exists()
