"""What every test starts from."""

import gc
import os

import argon2
import hypothesis
import pytest
from django.conf import settings as project_settings
from django.db import connection
from django.test import TransactionTestCase, override_settings

from cerbykeys import logs
from tests import databases
from workspaces import lease
from workspaces.keys import facts, hashing
from workspaces.periodic import Periodic
from workspaces.sealing import keyring

# The fuzzer takes a while to load and long to be thorough: .ci/run asks for it.
FUZZING = "FUZZ_EXAMPLES" in os.environ
collect_ignore = [] if FUZZING else ["fuzz"]

# How long an example takes is the machine's business. A profile also chooses what the fuzzer sends.
if not FUZZING:
    hypothesis.settings.register_profile("ours", deadline=None)
    hypothesis.settings.load_profile("ours")

# Files of tests that mostly wait, in the order in which the processes take them: the first process
# has servers to start, the others browsers.
WAITING = [
    "site/test_load.py",
    "browser/test_wizard.py",
    "browser/test_scripts.py",
    "site/test_quickstart.py",
    "browser/test_secrets.py",
    "browser/test_items.py",
    "browser/test_docs.py",
    "browser/test_admin.py",
    "browser/test_first_load.py",
    "site/test_serve.py",
    "site/test_main_job.py",
    "browser/test_screens.py",
]

REAL_HASHER = hashing._hasher
REAL_MEMORY = facts.Memory.of
REAL_LEASE = lease.SECONDS
REAL_BEGIN = Periodic.begin

if connection.vendor == "sqlite":
    # In a file, as in production: a database in memory would be one connection for all threads.
    connection.settings_dict["TEST"]["NAME"] = str(project_settings.DATA_DIR / "test.sqlite3")
    # A test database need not outlive a power cut.
    connection.settings_dict["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One process more than cores: some wait for a browser or for a server."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """What waits comes first where processes run beside each other: others fill the time."""
    if hasattr(config, "workerinput"):
        place = {name: number for number, name in enumerate(WAITING)}
        items.sort(key=lambda item: place.get("/".join(item.path.parts[-2:]), len(WAITING)))


def pytest_collection_finish():
    """Modules and tests are no garbage before the end: looking at them took a tenth of a run."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _quick_and_quiet():
    """What costs time and tells a test nothing, unless it asks for the real thing (below).

    Passwords and keys hash fast, and static files need no manifest. Facts of keys are read anew,
    since most tests change them in a transaction that never ends; for its sake, too, no thread
    writes the uses of keys, nor does anything else every so often; lines of the log are written at
    once. The keyring's file is looked at each time: tests do at once what takes an operator
    seconds.
    """
    with (
        override_settings(
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            STORAGES={
                **project_settings.STORAGES,
                "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            },
        ),
        pytest.MonkeyPatch.context() as patch,
    ):
        quick = argon2.PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
        patch.setattr(hashing, "_hasher", quick)
        patch.setattr(lease, "SECONDS", 0)
        patch.setattr(keyring, "LOOK_SECONDS", 0)
        patch.setattr(facts.Memory, "of", lambda _memory, key_id: facts.read(key_id))
        patch.setattr(Periodic, "begin", lambda _periodic: None)
        patch.setattr(logs, "MOST_WAITING", 0)
        yield


@pytest.fixture
def own_keyring(tmp_path, settings):
    """A keyring that a test may rotate, damage and lose."""
    settings.KEYRING_PATH = tmp_path / "keyring.json"
    keyring.create(settings.KEYRING_PATH)
    return settings.KEYRING_PATH


@pytest.fixture
def real_hashes(monkeypatch):
    """Keys hash as they really do."""
    monkeypatch.setattr(hashing, "_hasher", REAL_HASHER)


@pytest.fixture
def real_lease(monkeypatch):
    """Facts are remembered, and removals wait, as they really do."""
    monkeypatch.setattr(lease, "SECONDS", REAL_LEASE)
    monkeypatch.setattr(facts.Memory, "of", REAL_MEMORY)
    facts.memory.clear()
    yield REAL_LEASE
    facts.memory.clear()


@pytest.fixture
def real_threads(monkeypatch):
    """What is done every so often is done, in a thread."""
    monkeypatch.setattr(Periodic, "begin", REAL_BEGIN)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory, worker_id):
    """A folder of this run, which its processes share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, shared_folder, worker_id):  # noqa: ARG001
    """In place of pytest-django's, which migrates in each process."""
    database = databases.migrated(shared_folder, None if worker_id == "master" else worker_id)
    with django_db_blocker.unblock():
        database.__enter__()
    yield
    with django_db_blocker.unblock():
        database.__exit__(None, None, None)


@pytest.fixture(autouse=True, scope="session")
def _empty_quickly():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: databases.emptied())
        yield


@pytest.fixture(autouse=True, scope="session")
def _drop_test_database_for_good():
    """On PostgreSQL the test database goes, even while a server's thread still has a connection.

    Which one that is, depends on what a browser asked for last.
    """
    creation = type(connection.creation)
    destroy = creation._destroy_test_db

    def end_other_sessions(self, test_database_name, verbosity):
        self.connection.close_pool()
        with self._nodb_cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [test_database_name],
            )
        destroy(self, test_database_name, verbosity)

    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "postgresql":
            patch.setattr(creation, "_destroy_test_db", end_other_sessions)
        yield
