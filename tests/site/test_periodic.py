"""What is done every so often goes on until the process ends, and is done once more then."""

import subprocess
import sys
import threading

import pytest

from workspaces.periodic import Periodic

SLOWLY = """
import time

def slowly():
    print("begun", flush=True)
    time.sleep(0.5)
    print("done", flush=True)
"""
pytestmark = pytest.mark.usefixtures("real_threads")
ENDING = """
from multiprocessing import Process
from workspaces.periodic import Periodic

def work():
    Periodic(lambda: print("done", flush=True), 3600).begin()

process = Process(target=work)
process.start()
process.join()
"""


def test_a_task_is_done_again_and_again():
    done = threading.Semaphore(0)
    Periodic(done.release, 0.01).begin()
    assert all(done.acquire(timeout=10) for _ in range(3))


def test_it_begins_once_however_often_it_is_asked_to():
    threads, done = set(), threading.Semaphore(0)

    def task():
        threads.add(threading.get_ident())
        done.release()

    periodic = Periodic(task, 0.01)
    for _ in range(3):
        periodic.begin()
    assert all(done.acquire(timeout=10) for _ in range(9))
    assert len(threads) == 1


def test_nothing_is_done_before_it_begins():
    assert not Periodic(lambda: None, 0.01).begun


def test_what_the_thread_is_at_is_finished_before_a_worker_ends():
    slow = ENDING.replace(", 3600).begin()", ", 0.01).begin(); time.sleep(0.1)").replace(
        'lambda: print("done", flush=True)', "slowly"
    )
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", SLOWLY + slow],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "begun\ndone\n" * 2


def test_what_fails_is_logged_and_done_again(caplog):
    done, failures = threading.Semaphore(0), ["not this time"]

    def fail():
        done.release()
        if failures:
            raise RuntimeError(failures.pop())

    Periodic(fail, 0.01).begin()
    assert all(done.acquire(timeout=10) for _ in range(3))
    assert caplog.text.count("RuntimeError: not this time") == 1


def test_a_worker_does_it_once_more_when_it_ends():
    done = subprocess.run(  # noqa: S603  (our own words)
        [sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "done\n"
