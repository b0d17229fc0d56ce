"""Every screen of the main job: axe finds nothing on any, and none is wider than its window.

In dark on a telephone; with THOROUGH=1, as in CI, in both themes at both widths. SCREENSHOTS names
a folder where each is kept as a picture, to be looked at; UPDATE_PICTURES=1 makes README's anew.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.steps import click
from tests.browser.test_wizard import reach_store, row
from tests.factories import ApiKeyFactory, MemberFactory, UserFactory
from tests.thoroughness import THOROUGH
from workspaces.keys.models import KeyUsage

FOLDER = os.environ.get("SCREENSHOTS")
SCREENS = [("dark", 375)]
if THOROUGH:
    SCREENS += [("light", 1280), ("light", 375), ("dark", 1280)]
README_PICTURE = Path(__file__).parent / "pictures" / "api-keys.png"


@pytest.fixture(params=SCREENS, ids=str)
def screen(request):
    return request.param


@pytest.fixture
def theme(screen):
    return screen[0]


@pytest.fixture
def width(screen):
    return screen[1]


@pytest.fixture
def page(new_context, sign_in, admin, live_server, theme, width):  # noqa: PLR0913, PLR0917  (fixtures)
    context = new_context(color_scheme=theme)
    sign_in(context, admin)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/w/acme/settings/api-keys/")
    return page


@pytest.fixture
def keep(page, theme, width, assert_accessible):
    """Check a screen: accessible, and no wider than its window."""

    def check(name):
        if FOLDER:
            Path(FOLDER).mkdir(exist_ok=True)
            page.screenshot(path=f"{FOLDER}/{name}-{theme}-{width}.png")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    return check


def test_the_wizard_s_screens(page, keep):
    keep("empty")
    page.get_by_role("button", name="Generate API key").click()
    expect(page.get_by_label("API key name")).to_be_focused()
    keep("step-1")
    click(page, "Next")
    expect(page.get_by_text("Enter a name for the API key")).to_be_visible()
    page.get_by_label("Expiration time").select_option("Custom")
    keep("step-1-errors")
    page.keyboard.press("Escape")
    reach_store(page, "Read users", "Read activities")
    keep("step-3-masked")
    click(page, "Show")
    keep("step-3-shown")
    click(page, "Save in Cerby")
    expect(page.get_by_role("heading", name="Save your API key in Cerby?")).to_be_visible()
    keep("save")
    click(page, "Save in Cerby")
    expect(row(page, "Nightly backup")).to_be_visible()
    keep("stored")


def test_the_scopes_screen(page, keep):
    page.get_by_role("button", name="Generate API key").click()
    page.get_by_label("API key name").fill("Nightly backup")
    page.get_by_label("Expiration time").select_option("5 days")
    click(page, "Next")
    expect(page.get_by_role("heading", name="Select scopes")).to_be_focused()
    page.get_by_label("Read users", exact=True).check()
    keep("step-2")


def test_the_table_and_one_key(page, keep, admin, theme, width):
    now = timezone.now()
    grace = MemberFactory(
        workspace=admin.workspace,
        user=UserFactory(first_name="Grace", last_name="Hopper", email="grace@acme.example"),
    )
    mine = ApiKeyFactory(
        owner=admin,
        name="Nightly backup",
        scopes=["read:items", "read:users"],
        created_at=now - timedelta(days=3),
        expires_at=now + timedelta(days=2),
    )
    KeyUsage.objects.create(key=mine, last_used_at=now - timedelta(minutes=4))
    ApiKeyFactory(
        owner=grace,
        name="SIEM export to the security team",
        scopes=["read:activities"],
        created_at=now - timedelta(days=90),
        expires_at=now + timedelta(days=275),
    )
    ApiKeyFactory(owner=grace, name="Terraform", status="disabled", scopes=["write:integrations"])
    ApiKeyFactory(owner=admin, name="Onboarding script", status="removed")
    ApiKeyFactory(owner=admin, name="Trial", expires_at=now - timedelta(days=1))
    page.goto(page.url + "?status=all")
    keep("table")
    if os.environ.get("UPDATE_PICTURES") == "1" and (theme, width) == ("light", 1280):
        page.screenshot(path=README_PICTURE, clip={"x": 0, "y": 0, "width": width, "height": 600})
    row(page, "Nightly backup").get_by_role("button", name="More options").click()
    keep("menu")
    page.get_by_role("menuitem", name="API key settings").click()
    expect(page.get_by_role("heading", name="API key settings")).to_be_visible()
    keep("details")
    page.keyboard.press("Escape")
    row(page, "Nightly backup").get_by_role("button", name="More options").click()
    page.get_by_role("menuitem", name="Delete API key").click()
    expect(page.get_by_role("heading", name="Delete API key?")).to_be_visible()
    keep("delete")
