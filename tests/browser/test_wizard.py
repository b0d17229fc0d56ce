"""The article's ten steps in a real Chromium, its words found by label and role."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import click
from tests.keys.wizard_steps import PLAINTEXT
from tests.thoroughness import THOROUGH
from workspaces.directory.queries import actor_for
from workspaces.keys import hashing, material
from workspaces.keys.models import ApiKey
from workspaces.vaults import actions as vaults
from workspaces.vaults.models import Secret

SCOPES = [
    "Read activities",
    "Read items",
    "Read accounts",
    "Read secrets",
    "Read users",
    "Read integrations",
    "Write integrations",
    "Read automated jobs",
    "Write automated jobs",
]


thoroughly_without_javascript = pytest.mark.parametrize(
    "scripted", [True, False] if THOROUGH else [True], indirect=True
)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def scripted(request):
    return request.param


@pytest.fixture
def page(new_context, scripted, sign_in, admin, live_server):
    """A page of Ada's, at the start of her workspace."""
    context = new_context(java_script_enabled=scripted)
    sign_in(context, admin)
    page = context.new_page()
    page.goto(f"{live_server.url}/w/acme/settings/api-keys/")
    return page


def reach_scopes(page, name="Nightly backup", expiration="5 days"):
    page.get_by_role("button", name="Generate API key").click()
    expect(page.get_by_role("heading", name="Generate API key")).to_be_visible()
    page.get_by_label("API key name").fill(name)
    page.get_by_label("Expiration time").select_option(expiration)
    click(page, "Next")
    expect(page.get_by_role("heading", name="Select scopes")).to_be_visible()


def reach_store(page, *scopes, **answers):
    reach_scopes(page, **answers)
    for scope in scopes or ["Read users"]:
        page.get_by_label(scope, exact=True).check()
    click(page, "Next")
    expect(page.get_by_role("heading", name="Store your API key")).to_be_visible()


def show(page, scripted):
    """Show the key, and read it as a person does."""
    if scripted:
        click(page, "Show")
    else:
        page.get_by_text("Show", exact=True).click()
    shown = page.get_by_text(PLAINTEXT)
    expect(shown).to_be_visible()
    return PLAINTEXT.search(shown.inner_text()).group()


def row(page, name):
    return page.get_by_role("row", name=name)


def test_the_ten_steps_end_with_an_active_key_that_left_no_trace(page, scripted):
    addresses, complaints = [], []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    reach_store(page, "Read users", "Read activities")
    expect(page.get_by_text(PLAINTEXT)).not_to_be_visible()
    expect(page.get_by_text(re.compile("••••••••"))).to_be_visible()
    secret = material.parse(show(page, scripted)).secret
    page.get_by_label("I have stored the key in a safe place").check()
    click(page, "Done")
    expect(row(page, "Nightly backup")).to_contain_text("Active")
    key = ApiKey.objects.get()
    assert key.scopes == ["read:activities", "read:users"]
    assert hashing.matches(key.secret_hash, secret)
    kept = page.context.storage_state(indexed_db=scripted)
    assert secret not in json.dumps([kept, addresses])
    assert secret not in page.content()
    if scripted:
        stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, name])")
        assert secret not in stored
    assert complaints == []


def test_saving_in_a_vault_ends_with_an_active_key_and_a_secret(page, scripted, admin):
    reach_store(page)
    plaintext = show(page, scripted)
    page.get_by_label("Select vault").select_option("Engineering vault")
    click(page, "Save in Cerby")
    expect(page.get_by_role("heading", name="Save your API key in Cerby?")).to_be_visible()
    expect(page.get_by_role("heading", name="Store your API key")).not_to_be_visible()
    click(page, "Save in Cerby")
    expect(row(page, "Nightly backup")).to_contain_text("Active")
    secret = Secret.objects.get()
    assert secret.vault.name == "Engineering vault"
    assert vaults.read_body(actor_for(admin), secret) == plaintext


@pytest.mark.parametrize("scripted", [False], ids=["without JavaScript"], indirect=True)
def test_custom_asks_for_a_date_and_time(page):
    page.get_by_role("button", name="Generate API key").click()
    expect(page.get_by_label("Expires on")).not_to_be_visible()
    page.get_by_label("API key name").fill("Until Christmas")
    page.get_by_label("Expiration time").select_option("Custom")
    expect(page.get_by_label("Expires on")).to_be_visible()
    click(page, "Next")
    expect(page.get_by_text("Enter when the API key expires")).to_be_visible()
    expect(page.get_by_label("API key name")).to_have_value("Until Christmas")


@thoroughly_without_javascript
@pytest.mark.parametrize("way", ["reload", "back and forward"])
def test_no_way_back_shows_the_key_again(page, scripted, way):
    reach_store(page)
    plaintext = show(page, scripted)
    page.on("dialog", lambda dialog: dialog.accept())
    for move in [page.reload] if way == "reload" else [page.go_back, page.go_forward]:
        move()
        page.wait_for_load_state()
        assert plaintext not in page.content()
        assert material.parse(plaintext).secret not in page.content()


@thoroughly_without_javascript
def test_a_key_is_deleted_and_its_row_says_removed(page, scripted):
    reach_store(page)
    page.get_by_label("I have stored the key in a safe place").check()
    click(page, "Done")
    row(page, "Nightly backup").get_by_role("button", name="More options").click()
    page.get_by_role("menuitem" if scripted else "link", name="Delete API key").click()
    expect(page.get_by_role("heading", name="Delete API key?")).to_be_visible()
    click(page, "Delete API key")
    expect(row(page, "Nightly backup")).to_contain_text("Removed")
    assert ApiKey.objects.get().state == ApiKey.Status.REMOVED


@thoroughly_without_javascript
def test_scopes_are_switched_one_by_one_each_with_its_message(page, scripted):
    reach_store(page)
    page.get_by_label("I have stored the key in a safe place").check()
    click(page, "Done")
    row(page, "Nightly backup").get_by_role("button", name="More options").click()
    page.get_by_role("menuitem" if scripted else "link", name="API key settings").click()
    switch = page.get_by_role("switch", name="Read activities")
    switch.check()
    if not scripted:
        page.locator("form", has=switch).get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Read activities is switched on for “Nightly backup”.")).to_be_visible()
    expect(page.get_by_role("switch", name="Read activities")).to_be_checked()
    assert ApiKey.objects.get().scopes == ["read:activities", "read:users"]


class TestWithJavaScript:
    """What only a page with scripts can do."""

    @pytest.fixture
    def scripted(self):
        return True

    def test_the_nine_scopes_have_the_article_s_words_and_one_is_needed(self, page):
        reach_scopes(page)
        for scope in SCOPES:
            expect(page.get_by_label(scope, exact=True)).to_be_visible()
        click(page, "Next")
        expect(page.get_by_text("Select at least one scope")).to_be_visible()
        page.get_by_label("Read users", exact=True).check()
        click(page, "Next")
        expect(page.get_by_role("heading", name="Store your API key")).to_be_visible()

    def test_back_keeps_what_was_typed(self, page):
        reach_scopes(page, name="Nightly backup", expiration="12 hours")
        page.get_by_text("Back", exact=True).click()
        expect(page.get_by_label("API key name")).to_have_value("Nightly backup")
        expect(page.get_by_label("Expiration time")).to_have_value("12h")

    def test_the_wizard_works_by_keyboard_alone_without_a_reload(self, page):
        page.evaluate("window.sameDocument = true")
        page.get_by_role("button", name="Generate API key").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("API key name")).to_be_focused()
        page.keyboard.type("By keyboard")
        page.keyboard.press("Tab")
        page.keyboard.type("5 d")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Next")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Select scopes")).to_be_focused()
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.get_by_label("Read activities").evaluate("e => e === document.activeElement"):
                break
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Store your API key")).to_be_focused()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.get_by_label("I have stored").evaluate("e => e === document.activeElement"):
                break
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(row(page, "By keyboard")).to_be_focused()
        assert page.evaluate("window.sameDocument")
        assert ApiKey.objects.get().scopes == ["read:activities"]

    def test_leaving_step_3_unsaved_asks_first(self, page):
        reach_store(page)
        page.keyboard.press("Escape")
        expect(page.get_by_text("The API key is not stored yet")).to_be_visible()
        expect(page.get_by_role("button", name="Stay")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("alertdialog")).to_have_count(0)
        expect(page.get_by_role("heading", name="Store your API key")).to_be_visible()
        page.keyboard.press("Escape")
        click(page, "Leave")
        expect(page.get_by_role("heading", name="Store your API key")).not_to_be_visible()
        assert not ApiKey.objects.exists()

    def test_copy_puts_the_key_on_the_clipboard_and_says_so(self, page):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        reach_store(page)
        page.locator("secret-reveal").get_by_role("button", name="Copy").click()
        expect(page.get_by_role("status").filter(has_text="opied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        plaintext = show(page, scripted=True)
        assert copied == plaintext

    def test_closing_the_dialog_returns_the_focus_to_what_opened_it(self, page):
        page.get_by_role("button", name="Generate API key").click()
        expect(page.get_by_label("API key name")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Generate API key")).to_be_focused()

    def test_the_page_wipes_the_key_when_it_is_left(self, page):
        reach_store(page)
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
        assert not PLAINTEXT.search(page.content())

    def test_a_taken_name_is_refused_in_place(self, page):
        reach_store(page)
        page.get_by_label("I have stored the key in a safe place").check()
        click(page, "Done")
        page.get_by_role("button", name="Generate API key").click()
        page.get_by_label("API key name").fill("nightly BACKUP")
        page.get_by_label("Expiration time").select_option("1 hour")
        click(page, "Next")
        expect(page.get_by_text("is already the name of a living API key")).to_be_visible()
        expect(page.get_by_label("API key name")).to_be_focused()
        expect(page.get_by_label("API key name")).to_have_value("nightly BACKUP")
