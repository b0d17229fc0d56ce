"""Accounts and collections in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.steps import click, follow
from tests.browser.test_screens import SCREENS
from tests.factories import AccountFactory, CollectionFactory, SecretFactory, TeamFactory
from workspaces.activity.models import Activity
from workspaces.vaults.models import Vault


@pytest.fixture(autouse=True)
def account(admin):
    made = AccountFactory(owner=admin, label="Design team", password="kept for the team")
    top = CollectionFactory(owner=admin, name="Marketing", items=[made])
    CollectionFactory(owner=admin, name="Social media", parent=top)
    SecretFactory(owner=admin, vault=Vault.objects.get(is_default=True), title="Alarm code")
    TeamFactory(workspace=admin.workspace, name="Engineering")
    return made


@pytest.fixture
def page(new_context, sign_in, admin, live_server):
    """The list of accounts, with one in it."""
    context = new_context()
    sign_in(context, admin)
    page = context.new_page()
    page.goto(f"{live_server.url}/w/acme/accounts/")
    return page


def test_a_password_is_shown_on_demand_and_recorded(page):
    click(page, "Design team", "link")
    expect(page.get_by_text("kept for the team")).to_have_count(0)
    click(page, "Show password")
    expect(page.get_by_text("kept for the team")).to_be_visible()
    assert Activity.objects.filter(event="ACCOUNT_PASSWORD_REQUESTED").count() == 1
    page.reload()
    expect(page.get_by_text("kept for the team")).to_have_count(0)


def test_a_collection_is_filled_and_shared_in_the_dialog(page):
    click(page, "Collections", "link")
    click(page, "Social media", "link")
    click(page, "Add items", "link")
    page.get_by_label("Search what you own").press_sequentially("alarm")
    expect(page.get_by_role("button", name="Add Design team")).to_have_count(0)
    click(page, "Add Alarm code")
    click(page, "Done", "link")
    expect(page.get_by_role("link", name="Alarm code")).to_be_visible()
    click(page, "Share", "link")
    click(page, "Share")  # without a choice
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Person or team").select_option("Engineering")
    click(page, "Share")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("listitem").filter(has_text="Engineering")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), SCREENS)
def test_the_pages_are_accessible(page, assert_accessible, account, theme, width):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})

    def check():
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    check()
    follow(page, "Design team")
    click(page, "Show password")
    expect(page.get_by_role("button", name="Hide")).to_be_visible()
    check()
    click(page, "Share", "link")
    expect(page.get_by_role("dialog")).to_be_visible()
    check()
    here = page.url.partition("accounts/")[0]
    for path in (f"accounts/{account.id}/edit/", f"accounts/{account.id}/password/set/"):
        page.goto(here + path)
        check()
    page.goto(here + "collections/")
    check()
    follow(page, "Marketing")
    check()
    for link in ("New subcollection", "Add items"):
        collection = page.url
        follow(page, link)
        check()
        page.goto(collection)
