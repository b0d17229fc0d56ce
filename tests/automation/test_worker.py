import pytest
from django.db import InterfaceError, OperationalError

from workspaces.automation import worker
from workspaces.automation.worker import JobWorker


@pytest.mark.parametrize("failure", [OperationalError("gone"), InterfaceError("closed")])
def test_the_worker_outlives_a_database_that_is_away(monkeypatch, failure):
    monkeypatch.setattr(worker, "INTERVAL", 0)
    working = JobWorker()
    monkeypatch.setattr(working, "_tidy", lambda: None)
    looks = []

    def look():
        looks.append(failure)
        if len(looks) == 1:
            raise failure
        working.running = False

    monkeypatch.setattr(working, "run", look)
    working.work()
    assert len(looks) == 2
