"""What `/metrics` tells, and whom."""

import re
import time
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cerbykeys import env, scrape
from cerbykeys.bounded import Question
from tests.asking import ask
from tests.factories import ApiKeyFactory, IntegrationFactory, JobFactory
from tests.site.scraping import samples
from workspaces.automation import lifecycle
from workspaces.automation.models import Job
from workspaces.automation.queries import queue
from workspaces.keys import material
from workspaces.keys.guesses import Guesses
from workspaces.keys.memo import memo
from workspaces.keys.models import KeyUsage
from workspaces.keys.usage import Recorder

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted():
    """What has grown since the test began, of the metric with that name."""
    before = samples()

    def grown(name):
        after = samples()
        return {
            sample[1:]: value - before.get(sample, 0)
            for sample, value in after.items()
            if sample[0] == f"cerbykeys_{name}" and value != before.get(sample, 0)
        }

    return grown


@pytest.fixture
def key():
    return ApiKeyFactory()


@pytest.fixture
def without_memory():
    memo.clear()


# --- Who may read it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "peer",
    ["127.0.0.1", "::1", "10.1.2.3", "172.17.0.1", "192.168.1.1", "fd00::1", "::ffff:10.1.2.3"],
)
def test_a_machine_inside_reads_it(client, peer):
    answer = client.get("/metrics", REMOTE_ADDR=peer)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.parametrize(
    "peer", ["203.0.113.7", "172.32.0.1", "2001:db8::1", "::ffff:203.0.113.7", "", "no address"]
)
def test_to_everyone_else_there_is_no_such_page(client, peer):
    answer = client.get("/metrics", REMOTE_ADDR=peer)
    assert answer.status_code == 404
    assert "cerbykeys_" not in answer.content.decode()


@pytest.mark.parametrize(
    "header",
    ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-real-ip", "via"],
)
def test_who_comes_through_a_proxy_comes_from_outside(client, header):
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_a_trusted_proxy_speaks_for_someone_outside(client, settings, monkeypatch):
    monkeypatch.setenv("CERBYKEYS_TRUSTED_PROXIES", "10.0.0.7")
    settings.TRUSTED_PROXIES = env.networks("CERBYKEYS_TRUSTED_PROXIES")
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.8").status_code == 200


def test_it_answers_under_any_name_and_without_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/metrics", headers={"host": "10.0.0.1:8000"}).status_code == 200


# --- Requests --------------------------------------------------------------------------------


def test_requests_to_the_api_are_counted_by_operation_and_status(counted, key):
    ask("/key", key)
    ask("/key")
    ask("/accounts", key)
    ask("/nowhere")
    assert counted("api_requests_total") == {
        ("200", "getKey"): 1,
        ("401", "getKey"): 1,
        ("403", "listAccounts"): 1,
        ("404", "none"): 1,
    }
    assert counted("api_request_duration_seconds_count") == {(): 4}
    assert 0 < counted("api_request_duration_seconds_sum")[()] < 60
    assert counted("page_requests_total") == {}


def test_other_requests_are_counted_by_class_of_status(counted, client):
    client.get("/accounts/login/")
    client.get("/no-such-page")
    client.get("/healthz")
    assert counted("page_requests_total") == {("2xx",): 1, ("4xx",): 1}
    assert counted("api_requests_total") == {}


def test_requests_over_the_limit_are_counted(counted, key):
    key.requests_per_minute = 1
    key.save()
    for _ in range(3):
        ask("/key", key)
    assert counted("rate_limited_requests_total") == {(): 2}
    assert counted("api_requests_total")["429", "none"] == 2


# --- Verification ----------------------------------------------------------------------------


@pytest.mark.usefixtures("real_lease", "without_memory")
def test_the_first_request_asks_the_database_and_argon2_and_later_ones_neither(counted, key):
    for _ in range(3):
        assert ask("/key", key).status_code == 200
    assert counted("key_facts_reads_total") == {(): 1}
    assert counted("key_secrets_total") == {("argon2",): 1, ("memo",): 2}
    assert counted("key_refusals_total") == {}


@pytest.mark.usefixtures("real_lease")
def test_looks_at_the_epoch_are_counted(counted, key):
    ask("/key", key)
    ask("/key", key)
    assert counted("lease_reads_total") == {(): 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (lambda key: key.plaintext[:-1], "tag"),
        (lambda _key: material.mint().plaintext, "unknown"),
        (lambda key: material.mint(key.key_id).plaintext, "secret"),
    ],
)
def test_a_bad_key_is_counted_by_what_was_wrong(counted, key, text, reason):
    ask("/key", text(key))
    assert counted("key_refusals_total") == {(reason,): 1}
    assert counted("key_secrets_total") == ({} if reason == "tag" else {("argon2",): 1})


@pytest.mark.parametrize("status", ["disabled", "removed"])
def test_a_key_that_may_not_is_counted_by_the_reason(counted, status):
    ask("/key", ApiKeyFactory(status=status))
    assert counted("key_refusals_total") == {(status,): 1}


def test_a_key_whose_secret_is_not_looked_at_in_a_flood_is_counted(counted, key, monkeypatch):
    monkeypatch.setattr(Guesses, "hold_back", lambda *_args, **_options: True)
    ask("/key", material.mint(key.key_id).plaintext)
    assert counted("key_refusals_total") == {("held_back",): 1}
    assert counted("key_secrets_total") == {}


def test_a_key_of_another_workspace_is_counted(counted, key, settings):
    settings.ALLOWED_HOSTS = [".keys.example"]
    ask("/key", key, headers={"host": "other.keys.example"})
    assert counted("key_refusals_total") == {("other_workspace",): 1}


# --- What waits ------------------------------------------------------------------------------


def test_uses_are_a_backlog_until_they_are_written(key, monkeypatch):
    recorder = Recorder()
    recorder.note(key)
    recorder.note(ApiKeyFactory())
    assert samples()["cerbykeys_usage_backlog_keys",] == 2

    def refused(*_args, **_options):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(type(KeyUsage.objects), "bulk_create", refused)
        recorder.flush()
    assert samples()["cerbykeys_usage_backlog_keys",] == 2
    recorder.flush()
    assert samples()["cerbykeys_usage_backlog_keys",] == 0


@pytest.fixture
def jobs():
    integration = IntegrationFactory()
    for status in ("created", "created", "running", "retrying", "finished", "error"):
        JobFactory(integration=integration, status=status)
    asked_at = timezone.now() - timedelta(minutes=5)
    first = Job.objects.filter(status="created").values("pk")[:1]
    Job.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(created_at=asked_at)


@pytest.fixture
def _in_this_transaction(monkeypatch):
    """A thread of its own would not see what the test has not committed."""

    class Asked:
        def put(self):
            return self

        def wait(self, _seconds):
            return queue()

    monkeypatch.setattr(scrape, "_question", Asked())


@pytest.mark.usefixtures("jobs", "_in_this_transaction")
def test_jobs_under_way_are_counted_by_state():
    told = samples()
    states = ("created", "started", "running", "retrying")
    assert [told["cerbykeys_jobs", state] for state in states] == [2, 0, 1, 1]
    assert ("cerbykeys_jobs", "finished") not in told
    assert 300 <= told["cerbykeys_job_oldest_waiting_seconds",] < 360


@pytest.mark.usefixtures("jobs")
def test_the_queue_is_looked_at_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        queue()


def test_without_a_job_nothing_has_been_waiting():
    assert queue().oldest_waiting_seconds == 0


@pytest.mark.parametrize("failing", ["out of reach", "hanging"])
def test_the_rest_is_told_while_the_database_is_away(client, monkeypatch, failing):
    def refused():
        if failing == "hanging":
            time.sleep(0.5)
        raise OperationalError

    monkeypatch.setattr(scrape, "_question", Question(refused))
    monkeypatch.setattr(scrape, "DATABASE_SECONDS", 0.1)
    told = client.get("/metrics").content.decode()
    assert "cerbykeys_lease_reads_total" in told
    assert "cerbykeys_jobs" not in told


def test_steps_of_jobs_are_counted_once_they_are_committed(
    counted, django_capture_on_commit_callbacks
):
    job = JobFactory(status="running")
    with django_capture_on_commit_callbacks() as committed:
        lifecycle.fail(job, Job.ErrorType.CANCELLED, {"reason": "No longer needed."})
    assert counted("job_steps_total") == {}
    for callback in committed:
        callback()
    assert counted("job_steps_total") == {("error",): 1}


# --- How it is told --------------------------------------------------------------------------


def test_names_and_texts_keep_prometheus_conventions(key):
    ask("/key", key)
    for family in text_string_to_metric_families(scrape.scrape().decode()):
        assert family.name.startswith("cerbykeys_")
        assert family.documentation.endswith((".", "state")), family.name
        assert len(family.documentation) > 40
        assert not family.name.endswith(("_ms", "_milliseconds", "_count"))


def test_labels_hold_nothing_of_anyone(key):
    ask("/key", key)
    ask(f"/users/{uuid.uuid4()}", key)
    ask("/key", key.plaintext[:-1])
    ask(f"/{key.plaintext}", key)
    told = scrape.scrape().decode()
    labels = set(re.findall(r'(\w+)="', told))
    assert labels == {"operation", "status", "path", "reason", "le"}
    for private in (key.key_id, str(key.id), key.workspace.slug, "127.0.0.1", "/users"):
        assert private not in told
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", told)
