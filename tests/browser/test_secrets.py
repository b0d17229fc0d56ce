"""Secrets and the pages around them in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import click, follow
from tests.browser.test_screens import SCREENS
from tests.factories import SecretFactory, TeamFactory
from workspaces.activity.models import Activity
from workspaces.directory.queries import actor_for
from workspaces.vaults.actions import read_body
from workspaces.vaults.models import Secret, Vault

BODY = "first line\nsecond line"


@pytest.fixture(autouse=True)
def secret(admin):
    vault = Vault.objects.get(is_default=True)
    return SecretFactory(owner=admin, vault=vault, title="Office Wi-Fi", body=BODY)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripted(request):
    return request.param


@pytest.fixture
def page(new_context, scripted, sign_in, admin, live_server):
    """The list of secrets, with one in it."""
    context = new_context(java_script_enabled=scripted)
    sign_in(context, admin)
    page = context.new_page()
    page.goto(f"{live_server.url}/w/acme/secrets/")
    return page


def readings() -> int:
    return Activity.objects.filter(event="SECRET_REQUESTED").count()


def test_a_secret_is_found_and_read_and_gone_again(page):
    click(page, "Office Wi-Fi", "link")
    expect(page.get_by_text("second line")).to_have_count(0)
    click(page, "Show")
    expect(page.get_by_text(re.compile("second line"))).to_be_visible()
    assert readings() == 1
    page.goto(page.url.removesuffix("body/"))
    expect(page.get_by_text(re.compile("second line"))).to_have_count(0)
    assert readings() == 1


@pytest.mark.parametrize("scripted", [False], ids=["without JavaScript"], indirect=True)
def test_a_secret_is_kept_to_the_letter(page, admin):
    click(page, "New secret", "link")
    page.get_by_label("Title").fill("Deploy key")
    page.get_by_label("Category").select_option("SSH key")
    page.get_by_label("Secret", exact=True).fill(BODY)
    click(page, "Keep secret")
    expect(page.get_by_role("heading", name="Deploy key")).to_be_visible()
    assert read_body(actor_for(admin), Secret.objects.get(title="Deploy key")) == BODY


@pytest.mark.parametrize("scripted", [True], ids=["with JavaScript"], indirect=True)
def test_a_secret_is_shared_and_no_longer_shared(page, admin):
    TeamFactory(workspace=admin.workspace, name="Engineering")
    click(page, "Office Wi-Fi", "link")
    click(page, "Share", "link")
    page.get_by_label("Person or team").select_option("Engineering")
    click(page, "Share")
    expect(page.get_by_role("listitem").filter(has_text="Engineering")).to_contain_text(
        "Collaborator"
    )
    click(page, "Remove Engineering")
    expect(page.get_by_role("listitem").filter(has_text="Engineering")).to_have_count(0)


@pytest.mark.parametrize("scripted", [True], ids=["with JavaScript"], indirect=True)
def test_the_keyboard_shows_and_hides_a_secret(page):
    page.get_by_role("link", name="Office Wi-Fi").press("Enter")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.get_by_role("button", name="Hide")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("second line"))).to_have_count(0)


@pytest.mark.parametrize("scripted", [True], ids=["with JavaScript"], indirect=True)
def test_the_list_narrows_while_one_types(page, admin, secret):
    SecretFactory(owner=admin, vault=secret.vault, title="Alarm code")
    page.reload()
    page.get_by_label("Search secrets").press_sequentially("alarm")
    expect(page.get_by_role("link", name="Office Wi-Fi")).to_have_count(0)
    expect(page.get_by_role("link", name="Alarm code")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=alarm"))


@pytest.mark.parametrize("scripted", [True], ids=["with JavaScript"], indirect=True)
@pytest.mark.parametrize(("theme", "width"), SCREENS)
def test_the_pages_are_accessible(page, assert_accessible, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})

    def check():
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    check()
    follow(page, "Office Wi-Fi")
    click(page, "Show")
    expect(page.get_by_role("button", name="Hide")).to_be_visible()
    check()
    here = page.url.partition("/w/")[0]
    for path in ("/w/acme/secrets/new/", "/w/acme/settings/", "/profile/", "/w/acme/activity/"):
        page.goto(here + path)
        check()
    page.locator("details").first.locator("summary").click()
    check()
