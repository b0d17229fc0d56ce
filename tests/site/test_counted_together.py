"""The processes of a server count together; on a real one, see test_main_job."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cerbykeys import counting
from tests.site.scraping import samples

# A scrape asks for the queue of jobs.
pytestmark = pytest.mark.django_db

COUNT = """
import os, sys
from workspaces import metrics
metrics.count_api_request("getKey", 200, 0.01)
metrics.usage_backlog.set(3)
metrics.hand_on()
print("counted", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def together():
    with counting.counted_together():
        yield os.environ[counting.FOLDER]


def counting_process():
    process = subprocess.Popen(  # noqa: S603  (our own words)
        [sys.executable, "-c", COUNT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "counted\n"
    return process


def test_processes_are_added_up_and_what_the_dead_counted_is_kept(together):
    processes = [counting_process() for _ in range(2)]
    try:
        told = samples()
        assert told["cerbykeys_api_requests_total", "200", "getKey"] == 2
        assert told["cerbykeys_api_request_duration_seconds_count",] == 2
        assert told["cerbykeys_usage_backlog_keys",] == 6
        processes[0].kill()
        processes[0].wait()
        told = samples()
        assert told["cerbykeys_api_requests_total", "200", "getKey"] == 2
        assert told["cerbykeys_usage_backlog_keys",] == 3
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert Path(together).stat().st_mode & 0o077 == 0


def test_what_tidies_temporary_files_finds_the_folder_locked(together):
    handle = os.open(together, os.O_RDONLY)
    with pytest.raises(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_the_folder_begins_empty_and_is_gone_afterwards():
    with counting.counted_together():
        folder = Path(os.environ[counting.FOLDER])
        assert list(folder.iterdir()) == []
    assert counting.FOLDER not in os.environ
    assert not folder.exists()


def test_where_nothing_temporary_can_be_written_the_start_says_so(monkeypatch):
    def refused(**_options):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(counting, "TemporaryDirectory", refused)
    with pytest.raises(ImproperlyConfigured, match="TMPDIR"), counting.counted_together():
        pass
