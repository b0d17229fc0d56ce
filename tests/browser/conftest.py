"""Browser tests: a real Chromium against a live server."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as project_settings
from django.core.management import call_command
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from tests.factories import MemberFactory, UserFactory, VaultFactory, WorkspaceFactory
from tests.sharing import once
from workspaces.directory.roles import Role

# Playwright keeps an event loop running in the tests' thread; the ORM is used between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

# Chromium without its windows comes first: it takes half the time. CHROMIUM names another.
NAMES = (
    [os.environ["CHROMIUM"]]
    if os.environ.get("CHROMIUM")
    else ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
)
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
STORAGES = project_settings.STORAGES  # before tests/conftest.py puts simpler ones in their place
QUIET = [
    "--no-sandbox",  # CI runs as root, where Chromium's sandbox does not start
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session", autouse=True)
def _chromium():
    if CHROMIUM is None:
        reason = "no chromium on this machine: install it to run the browser tests"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def collected(shared_folder):
    """The settings of static files as in production: collected, hashed, compressed.

    In a folder of their own: whitenoise looks through it for each of Django's test clients, and
    where it was full, the tests of other files took thrice as long.
    """
    root = shared_folder / "static"
    as_in_production = {"STATIC_ROOT": root, "STORAGES": STORAGES}
    with override_settings(**as_in_production):
        once(
            shared_folder,
            "collected",
            lambda: call_command("collectstatic", interactive=False, verbosity=0),
        )
    return as_in_production


@pytest.fixture(scope="session")
def live_server(collected):
    """A live server whose static files come as in production."""
    with pytest.MonkeyPatch.context() as patch, override_settings(**collected):
        # It would look for the files where they were collected from, under their bare names.
        patch.setattr("django.contrib.staticfiles.handlers.StaticFilesHandler", lambda app: app)
        server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _collected(settings, collected):
    for name, value in collected.items():
        setattr(settings, name, value)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 800},
        "timezone_id": "Europe/Berlin",
        "locale": "en-GB",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def admin():
    """Ada, an Admin of Acme with two vaults."""
    workspace = WorkspaceFactory(slug="acme", name="Acme Corp")
    VaultFactory(workspace=workspace, name="Company vault", is_default=True)
    VaultFactory(workspace=workspace, name="Engineering vault")
    return MemberFactory(
        workspace=workspace,
        user=UserFactory(first_name="Ada", last_name="Lovelace", email="ada@acme.example"),
        role=Role.ADMIN,
    )


@pytest.fixture
def sign_in(live_server, client):
    """Sign a member in: a function of the browser context and the member."""

    def signed_in(context, member):
        client.force_login(member.user)
        cookie = client.cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])

    return signed_in


@pytest.fixture
def assert_accessible():
    """Fail with what axe finds on a page."""

    def check(page):
        page.wait_for_load_state()
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check
