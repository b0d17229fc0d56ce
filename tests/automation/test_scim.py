"""The SCIM connector against scim2-server, a process of its own, and one that misbehaves."""

import contextlib
import http.server
import json
import subprocess
import sys
import threading
import urllib.request

import httpx
import pytest

from tests.factories import EntitlementFactory, IntegrationFactory, MemberFactory
from tests.site.servers import free_port, wait_until
from workspaces.activity.models import Activity
from workspaces.automation import engine, lifecycle
from workspaces.automation.actions import users
from workspaces.automation.connectors import connectors
from workspaces.automation.connectors.base import ConnectorError, Grant, Link, Person
from workspaces.automation.outbound import http as outbound_http
from workspaces.directory.queries import actor_for

TOKEN = "a-token-for-the-tests"
MEMBER = Grant("MEMBER", "Member", is_primary=True)
ADMIN = Grant("ADMIN", "Administrator", is_primary=True)
BILLING = Grant("BILLING", "Billing", is_primary=False)


@pytest.fixture(scope="module")
def server():
    """The address of a SCIM server with a tenant for each test that names one."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603  (a package of the tests)
        [
            *[sys.executable, "-m", "scim2_server.testserver.cli", "--port", str(port)],
            *["--bearer-token", TOKEN, "--dynamic-tenants"],
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: process.poll() is not None or answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def answers(port):
    try:
        httpx.get(f"http://127.0.0.1:{port}/any/v2/Users")
    except httpx.TransportError:
        return False
    return True


NAMED = []


@pytest.fixture(autouse=True)
def _hosts_on_this_machine(settings):
    """The operator names what the tests put into `NAMED`, by address and port."""
    settings.CONNECTOR_HOSTS = NAMED


@pytest.fixture
def base_url(server, request):
    """A tenant of the test's own: nobody has an account there."""
    NAMED.append(server.removeprefix("http://"))
    return f"{server}/{abs(hash(request.node.name))}/v2"


@pytest.fixture
def session(base_url):
    with connectors()["scim"].open(Link(base_url, TOKEN, deletes=False)) as session:
        yield session


@pytest.fixture
def ada():
    return Person("6f1ed002-ab5a-4b5e-8f4b-2f1f3b1f0c0d", "ada@acme.example", "Ada", "Lovelace")


def accounts(base_url):
    """What the server itself tells of its users."""
    request = urllib.request.Request(  # noqa: S310  (our own server)
        f"{base_url}/Users", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer).get("Resources", [])


def values(account, attribute):
    return {granted["value"] for granted in account.get(attribute, ())}


def test_an_invitation_makes_an_account(session, base_url, ada):
    remote_id = session.provide(ada, (MEMBER, BILLING))
    [account] = accounts(base_url)
    assert (account["id"], account["userName"], account["externalId"]) == (
        remote_id,
        ada.email,
        ada.id,
    )
    assert (values(account, "roles"), values(account, "entitlements")) == ({"MEMBER"}, {"BILLING"})
    assert account["active"] is True
    assert account["name"] == {"givenName": "Ada", "familyName": "Lovelace"}


def test_an_invitation_asked_for_twice_makes_one_account(session, base_url, ada):
    assert session.provide(ada, (MEMBER,)) == session.provide(ada, (MEMBER,))
    assert len(accounts(base_url)) == 1


def test_an_account_that_was_there_is_adopted(session, base_url, ada):
    created = httpx.post(
        f"{base_url}/Users",
        headers={"Authorization": f"Bearer {TOKEN}"},
        json={
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": ada.email,
            "active": False,
            "roles": [{"value": "OLD"}],
        },
    ).json()
    assert session.provide(ada, (MEMBER,)) == created["id"]
    [account] = accounts(base_url)
    assert account["active"] is True
    assert values(account, "roles") == {"MEMBER"}


def test_an_update_replaces_what_is_granted(session, base_url, ada):
    remote_id = session.provide(ada, (MEMBER, BILLING))
    session.update(Person(ada.id, ada.email, remote_id=remote_id), (ADMIN,))
    [account] = accounts(base_url)
    assert (values(account, "roles"), values(account, "entitlements")) == ({"ADMIN"}, set())


def test_an_update_of_an_account_that_is_not_there_says_so(session, ada):
    with pytest.raises(ConnectorError) as refusal:
        session.update(Person(ada.id, ada.email, remote_id="gone"), (MEMBER,))
    assert refusal.value.error_type == "not_found"


def test_a_removal_deactivates_the_account(session, base_url, ada):
    remote_id = session.provide(ada, (MEMBER,))
    for _ in range(2):
        session.revoke(Person(ada.id, ada.email, remote_id=remote_id))
    [account] = accounts(base_url)
    assert account["active"] is False


def test_a_removal_deletes_the_account_where_that_is_wished(base_url, ada):
    with connectors()["scim"].open(Link(base_url, TOKEN, deletes=True)) as session:
        session.provide(ada, (MEMBER,))
        for _ in range(2):
            session.revoke(ada)
    assert accounts(base_url) == []


def test_a_survey_tells_of_every_account(session, monkeypatch):
    monkeypatch.setattr("workspaces.automation.outbound.scim.PAGE_SIZE", 2)
    for number in range(5):
        session.provide(Person(f"id-{number}", f"person{number}@acme.example"), (MEMBER, BILLING))
    told = list(session.survey())
    assert {account.email for account in told} == {f"person{n}@acme.example" for n in range(5)}
    assert all(account.is_active for account in told)
    assert {account.grants for account in told} == {(MEMBER, BILLING)}


def test_a_rejected_token_is_told_and_will_not_pass(base_url, ada):
    with (
        connectors()["scim"].open(Link(base_url, "another token", deletes=False)) as session,
        pytest.raises(ConnectorError) as refusal,
    ):
        session.provide(ada, (MEMBER,))
    assert (refusal.value.error_type, refusal.value.may_pass) == ("unauthorized", False)
    assert "another token" not in refusal.value.reason
    assert accounts(base_url) == []


# Through the engine


def connect(base_url):
    integration = IntegrationFactory(connector="scim", base_url=base_url, token=TOKEN)
    EntitlementFactory(integration=integration, code="MEMBER", value="MEMBER")
    return integration


def invite(integration):
    owner = integration.users.get().member
    invited = MemberFactory(workspace=owner.workspace)
    return users.invite_users(
        actor_for(owner),
        integration,
        role="collaborator",
        entitlements=["MEMBER"],
        user_ids=[invited.user_id],
    )


def attempt(job):
    job.refresh_from_db()
    engine.carry_out(job.id, job.task_id)
    job.refresh_from_db()
    return job.status


@pytest.mark.django_db
def test_a_job_finishes_once_the_application_has_failed_thrice(base_url):
    def fail_thrice(handler):
        if handler.asked <= 3:
            answering(500)(handler)
            return
        length = int(handler.headers.get("Content-Length", 0))
        kept = ("Authorization", "Content-Type", "Accept")
        forwarded = httpx.request(
            handler.command,
            base_url + handler.path.removeprefix("/v2"),
            headers={name: handler.headers[name] for name in kept if name in handler.headers},
            content=handler.rfile.read(length),
            verify=False,  # noqa: S501  (no TLS here, and its certificates take long to load)
        )
        kind = forwarded.headers.get("Content-Type", "")
        answering(forwarded.status_code, forwarded.content, Content_Type=kind)(handler)

    with misbehaving(fail_thrice) as session:
        job = invite(connect(str(session.client.client.base_url)))
        seen = [attempt(job) for _ in range(4)]
    assert seen == ["retrying"] * 3 + ["finished"]
    [account] = accounts(base_url)
    assert values(account, "roles") == {"MEMBER"}


@pytest.mark.django_db
def test_a_job_shows_a_sign_of_life_before_each_call(base_url, monkeypatch):
    signs = []
    keep = lifecycle.keep
    monkeypatch.setattr(lifecycle, "keep", lambda job: signs.append(keep(job)))
    assert attempt(invite(connect(base_url))) == "finished"
    # The step itself; is the account there by its id, by its name; and make it.
    assert len(signs) == 4


@pytest.mark.django_db
def test_a_host_that_nobody_allowed_fails_the_job_with_its_reason(settings, base_url):
    settings.CONNECTOR_HOSTS = []
    job = invite(connect(base_url))
    assert attempt(job) == "error"
    assert (job.error_type, job.needs_a_person) == ("host_refused", True)
    assert "CERBYKEYS_CONNECTOR_HOSTS" in job.response["reason"]
    assert accounts(base_url) == []


@pytest.mark.django_db
def test_no_token_is_in_what_a_job_or_an_activity_tells(base_url):
    job = invite(connect(base_url))
    assert attempt(job) == "finished"
    told = [str(job.payload), str(job.response)]
    told += [str(details) for details in Activity.objects.values_list("details", flat=True)]
    assert not any(TOKEN in text for text in told)
    assert TOKEN.encode() not in bytes(job.integration.sealed_token)


# One that misbehaves


@contextlib.contextmanager
def misbehaving(answer):
    """A server whose every answer `answer(handler)` gives."""

    class Handler(http.server.BaseHTTPRequestHandler):
        asked = 0

        def handle_any(self):
            type(self).asked += 1
            answer(self)

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815  (the library's names)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        NAMED.append(f"127.0.0.1:{server.server_port}")
        try:
            link = Link(f"http://127.0.0.1:{server.server_port}/v2", TOKEN, deletes=False)
            with connectors()["scim"].open(link) as session:
                session.handler = Handler
                yield session
        finally:
            server.shutdown()


def answering(status, body=b"", **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content_Length": len(body), **headers}.items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def refused(answer, person):
    with misbehaving(answer) as session, pytest.raises(ConnectorError) as refusal:
        session.provide(person, (MEMBER,))
    assert TOKEN not in refusal.value.reason
    return refusal.value


@pytest.mark.parametrize(
    ("answer", "error_type", "may_pass"),
    [
        (answering(500), "server_error", True),
        (answering(503, b"<html>"), "server_error", True),
        (answering(403), "unauthorized", False),
        (answering(400), "refused", False),
        (answering(302, Location="http://127.0.0.1:1/"), "refused", False),
        (answering(200, b"<html>", Content_Type="text/html"), "unreadable", False),
        (answering(200, b"[" * 100_000), "unreadable", False),
        (answering(200, b"x" * 6_000_000), "unreadable", False),
        (answering(200, b"x", Content_Encoding="gzip"), "unreadable", False),
    ],
)
def test_what_an_answer_means(ada, answer, error_type, may_pass):
    refusal = refused(answer, ada)
    assert (refusal.error_type, refusal.may_pass) == (error_type, may_pass)


def test_an_application_that_asks_for_patience_says_for_how_long(ada):
    refusal = refused(answering(429, Retry_After="7"), ada)
    assert (refusal.error_type, refusal.may_pass, refusal.retry_after) == ("rate_limited", True, 7)


def test_an_application_that_does_not_answer_is_not_waited_for(ada, monkeypatch):
    monkeypatch.setattr(outbound_http, "TIMEOUT", httpx.Timeout(0.05))
    over = threading.Event()
    refusal = refused(lambda _: over.wait(2), ada)
    over.set()
    assert (refusal.error_type, refusal.may_pass) == ("timed_out", True)


def test_an_answer_that_never_ends_is_not_waited_for(ada, monkeypatch):
    monkeypatch.setattr(outbound_http, "DEADLINE_SECONDS", 0.05)

    def drip(handler):
        answering(200, Content_Length=100)(handler)
        with contextlib.suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b" ")
                threading.Event().wait(0.02)

    assert refused(drip, ada).error_type == "timed_out"


def test_headers_that_never_end_are_not_waited_for(ada, monkeypatch):
    monkeypatch.setattr(outbound_http, "DEADLINE_SECONDS", 0.05)
    given_up = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        with contextlib.suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"x")
                threading.Event().wait(0.02)
            return
        given_up.set()

    assert refused(drip, ada).error_type == "timed_out"
    assert given_up.wait(1)


def test_an_application_that_is_not_there_may_be_later(ada):
    port = free_port()
    NAMED.append(f"127.0.0.1:{port}")
    link = Link(f"http://127.0.0.1:{port}/v2", TOKEN, deletes=False)
    with connectors()["scim"].open(link) as session, pytest.raises(ConnectorError) as refusal:
        session.provide(ada, (MEMBER,))
    assert (refusal.value.error_type, refusal.value.may_pass) == ("unreachable", True)
