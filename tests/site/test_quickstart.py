"""`manage.py quickstart` as an operator runs it: processes, signals and a browser's requests.

A start takes seconds, so there are two, and each test looks at one thing that they did.
"""

import os
import re
import signal
import socket
import sqlite3
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.site.servers import copied, free_port, modified, refusal, started, wait_until
from workspaces.sealing import keyring


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    """The second start, with one worker, which dies; ended by SIGTERM to the main process."""
    folder = copied(first.folder, tmp_path_factory.mktemp("second") / "var")
    with started(folder, CERBYKEYS_WORKERS="1") as server:
        (worker,) = server.workers()
        os.kill(int(worker), signal.SIGKILL)
        job_workers = server.job_workers()
        os.kill(int(job_workers[0]), signal.SIGKILL)
        wait_until(lambda: server.workers() not in ([], [worker]))
        wait_until(lambda: server.job_workers() not in ([], job_workers))
        wait_until(server.answers)
        page = server.get("/accounts/login/")
        later = server.job_workers()
        server.process.terminate()
        return SimpleNamespace(
            page=page,
            job_workers=job_workers,
            later_job_workers=later,
            ended=server.process.wait(20),
            printed=server.printed(),
            files=modified(folder),
        )


@pytest.fixture
def used(first, tmp_path):
    """A copy of the folder that a start has left, to be broken."""
    return copied(first.folder, tmp_path / "var")


def test_it_serves_the_sign_in_page(first):
    assert first.page.status == 200
    assert "csrftoken=" in first.page.headers["Set-Cookie"]


def test_it_is_ready(first):
    assert first.ready.status == 200


def test_it_serves_static_files_to_be_kept_for_good(first):
    assert first.style.status == 200
    assert "immutable" in first.style.headers["Cache-Control"]


def test_it_runs_two_workers(first):
    assert len(first.workers) == 2


def test_it_prints_the_sign_in(first):
    assert re.search(r"http://127\.0\.0\.1:\d+/accounts/login/", first.printed)
    assert "owner@acme.example" in first.printed
    assert re.search(r"Password +\S{12,} +\(shown this once\)", first.printed)


def test_it_logs_requests_without_their_query(first):
    assert '"path":"/accounts/login/"' in first.printed
    assert "hunter2" not in first.printed


def test_nothing_in_the_folder_is_open_to_others(first):
    folder = first.folder
    open_to_others = [file for file in folder.iterdir() if file.stat().st_mode & 0o077]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not open_to_others


@pytest.mark.parametrize("start", ["first", "second"], ids=["Ctrl-C", "SIGTERM"])
def test_it_stops_cleanly(start, request):
    stopped = request.getfixturevalue(start)
    assert stopped.ended == 0
    assert "Traceback" not in stopped.printed


def test_ctrl_c_looks_like_no_crash_of_a_worker(first):
    assert "Unexpected exit" not in first.printed


def test_a_second_start_makes_nothing_again(first, second):
    assert second.page.status == 200
    assert second.files == first.files


def test_a_second_start_says_how_to_set_another_password(second):
    assert "shown this once" not in second.printed
    assert "manage.py changepassword owner@acme.example" in second.printed


def test_one_carries_out_jobs_and_is_replaced_when_it_dies(second):
    assert len(second.job_workers) == 1
    assert len(second.later_job_workers) == 1
    assert second.later_job_workers != second.job_workers


def test_a_worker_that_died_is_replaced(second):
    assert "Unexpected exit from worker-1" in second.printed


def test_no_worker_outlives_a_killed_server(used):
    with started(used) as server:
        (job_worker,) = server.job_workers()
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not server.answers())
        wait_until(lambda: not Path(f"/proc/{job_worker}").exists())


def test_a_busy_port_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refusal(tmp_path / "var", CERBYKEYS_PORT=str(port))
    assert f"127.0.0.1 port {port}" in line
    assert "CERBYKEYS_PORT" in line


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    line = refusal(tmp_path / "file" / "var")
    assert str(tmp_path / "file" / "var") in line
    assert "CERBYKEYS_DATA_DIR" in line


@pytest.mark.parametrize(
    ("name", "value"), [("CERBYKEYS_COLOUR", "blue"), ("CERBYKEYS_PORT", "eighty")]
)
def test_an_unknown_or_malformed_variable_is_told_in_one_line(tmp_path, name, value):
    assert name in refusal(tmp_path / "var", **{name: value})


def test_a_postgres_out_of_reach_is_told_in_one_line(tmp_path):
    url = f"postgres://ada:hunter2@127.0.0.1:{free_port()}/keys"
    line = refusal(tmp_path / "var", DATABASE_URL=url)
    assert "DATABASE_URL" in line
    assert "hunter2" not in line


def test_a_lost_keyring_is_told_in_one_line(used):
    (used / "keyring.json").unlink()
    assert "keyring.json is missing" in refusal(used)


def test_a_damaged_keyring_is_told_in_one_line(used):
    (used / "keyring.json").write_text("{}")
    assert "is damaged" in refusal(used)


def test_the_keyring_of_another_installation_is_told_in_one_line(used):
    (used / "keyring.json").unlink()
    keyring.create(used / "keyring.json")
    assert "another keyring" in refusal(used)


def test_a_damaged_database_is_told_in_one_line(used):
    (used / "db.sqlite3").write_bytes(b"not a database" * 100)
    line = refusal(used)
    assert "db.sqlite3 cannot be used" in line
    assert "restore it" in line


def test_a_database_of_a_newer_version_is_told_in_one_line(used):
    database = sqlite3.connect(used / "db.sqlite3")
    with database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('keys', '0099_from_the_future', '2040-01-01')"
        )
    database.close()
    line = refusal(used)
    assert "newer version" in line
    assert "keys.0099_from_the_future" in line
