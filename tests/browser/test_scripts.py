"""The small modules of static/js, each in the page that uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.steps import click
from tests.browser.test_wizard import PLAINTEXT, reach_store, row
from tests.factories import ApiKeyFactory

REFUSE_CLIPBOARD = "void (navigator.clipboard.writeText = () => Promise.reject(Error('refused')))"
SUBMIT_AT_ONCE = """
window.sameDocument = true;
new MutationObserver((_, observer) => {
  observer.disconnect();
  document.querySelector("#dialog form").requestSubmit();
}).observe(document.querySelector("#dialog"), {childList: true});
"""
REFUSE_SELECTION = "void (document.execCommand = () => false)"


@pytest.fixture
def address(live_server):
    return f"{live_server.url}/w/acme/settings/api-keys/"


@pytest.fixture
def page(new_context, sign_in, admin, address):
    context = new_context()
    sign_in(context, admin)
    page = context.new_page()
    page.goto(address)
    return page


@pytest.fixture
def key(admin):
    return ApiKeyFactory(workspace=admin.workspace, owner=admin, name="Nightly backup")


class TestSecretReveal:
    @pytest.fixture
    def reveal(self, page):
        reach_store(page)
        return page.locator("secret-reveal")

    def test_without_the_clipboard_the_selection_is_copied(self, page, reveal):
        page.evaluate(REFUSE_CLIPBOARD)
        reveal.get_by_role("button", name="Copy").click()
        expect(reveal.get_by_role("status")).to_have_text("Copied to the clipboard.")
        page.context.grant_permissions(["clipboard-read"])
        assert PLAINTEXT.fullmatch(page.evaluate("navigator.clipboard.readText()"))
        assert page.locator("textarea").count() == 0

    def test_where_nothing_copies_it_says_so_and_selects_the_key(self, page, reveal):
        page.evaluate(REFUSE_CLIPBOARD)
        page.evaluate(REFUSE_SELECTION)
        reveal.get_by_role("button", name="Copy").click()
        expect(reveal.get_by_role("status")).to_have_text(
            "Copy failed: select the key and copy it yourself."
        )
        assert PLAINTEXT.fullmatch(page.evaluate("getSelection().toString()"))

    def test_only_a_shown_key_is_in_the_document_until_the_dialog_is_closed(self, page, reveal):
        assert not PLAINTEXT.search(reveal.inner_html())
        reveal.get_by_role("button", name="Show").click()
        assert PLAINTEXT.search(reveal.inner_html())
        reveal.get_by_role("button", name="Hide").click()
        assert not PLAINTEXT.search(reveal.inner_html())
        reveal.get_by_role("button", name="Show").click()
        held = page.locator("input[name=key]").element_handle()
        page.keyboard.press("Escape")
        click(page, "Leave")
        expect(page.locator("#dialog")).to_be_empty()
        assert held.evaluate("input => input.value") == ""
        assert not PLAINTEXT.search(page.content())


class TestDialog:
    def test_a_form_is_sent_in_place_from_its_first_moment(self, page):
        page.evaluate(SUBMIT_AT_ONCE)
        click(page, "Generate API key")
        expect(page.get_by_text("Enter a name for the API key")).to_be_visible()
        assert page.evaluate("window.sameDocument")

    def test_leaving_the_page_with_an_unsaved_key_asks_first(self, page):
        reach_store(page)
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.reload()
        assert asked == ["beforeunload"]

    def test_leaving_the_page_asks_nothing_once_the_key_is_stored(self, page):
        reach_store(page)
        page.get_by_label("I have stored the key in a safe place").check()
        click(page, "Done")
        expect(row(page, "Nightly backup")).to_be_focused()
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.reload()
        assert asked == []

    def test_the_focus_goes_back_to_the_menu_that_opened_it(self, page, key, address):
        page.goto(address)
        more = row(page, key.name).get_by_role("button", name="More options")
        more.click()
        page.get_by_role("menuitem", name="Delete API key").click()
        expect(page.get_by_role("heading", name="Delete API key?")).to_be_focused()
        page.keyboard.press("Escape")
        expect(more).to_be_focused()


class TestMenu:
    def test_the_arrow_keys_walk_through_it_and_letters_jump(self, page, key, address):
        page.goto(address)
        more = row(page, key.name).get_by_role("button", name="More options")
        more.press("Enter")
        first = page.get_by_role("menuitem").first
        expect(first).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("menuitem", name="Delete API key")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(first).to_be_focused()
        page.keyboard.press("d")
        expect(page.get_by_role("menuitem", name="Delete API key")).to_be_focused()
        page.keyboard.press("Escape")
        expect(more).to_be_focused()
        expect(page.get_by_role("menu")).to_have_count(0)


class TestNotices:
    @pytest.fixture
    def clock(self, page):
        """The page's clock, standing still until it is moved."""
        page.clock.install(time=0)
        page.clock.pause_at(3_600)
        return page.clock

    def say(self, page, text="Saved."):
        page.evaluate("text => htmx.trigger(document.body, 'notice', {value: text})", text)
        return page.get_by_role("status").get_by_text(text)

    def test_good_news_stays_six_seconds_and_leaves(self, page, clock):
        notice = self.say(page)
        clock.run_for(100)
        expect(notice).to_be_visible()
        clock.run_for(5_900)
        expect(notice).to_be_visible()
        clock.run_for(200)
        expect(notice).to_be_hidden()

    def test_it_stays_under_the_pointer(self, page, clock):
        notice = self.say(page)
        clock.run_for(100)
        notice.hover()
        clock.run_for(60_000)
        expect(notice).to_be_visible()
        page.mouse.move(0, 0)
        clock.run_for(6_100)
        expect(notice).to_be_hidden()

    def test_a_refused_request_is_said_until_it_is_dismissed(self, page):
        page.clock.install()
        page.evaluate("htmx.ajax('GET', '/nowhere/', '#dialog')")
        notice = page.get_by_role("status").get_by_text("This is no longer there")
        expect(notice).to_be_visible()
        page.clock.fast_forward(60_000)
        expect(notice).to_be_visible()
        page.get_by_role("button", name="Dismiss").click()
        expect(notice).to_be_hidden()

    def test_it_can_be_reached_over_an_open_dialog_and_outlives_it(self, page):
        page.get_by_role("button", name="Generate API key").click()
        expect(page.get_by_label("API key name")).to_be_focused()
        notice = self.say(page)
        expect(notice).to_be_visible()
        assert notice.evaluate("element => element.closest('dialog') !== null")
        page.keyboard.press("Escape")
        expect(page.locator("#dialog")).to_be_hidden()
        expect(notice).to_be_visible()


class TestDrawer:
    @pytest.mark.parametrize("scripted", [True, False])
    def test_on_a_small_screen_a_button_opens_it(
        self, new_context, sign_in, admin, address, scripted
    ):
        context = new_context(java_script_enabled=scripted)
        sign_in(context, admin)
        page = context.new_page()
        page.set_viewport_size({"width": 375, "height": 800})
        page.goto(address)
        drawer = page.get_by_role("navigation", name="Main")
        expect(drawer).to_be_hidden()
        click(page, "Navigation")
        expect(drawer).to_be_visible()
        page.keyboard.press("Escape")
        expect(drawer).to_be_hidden()

    def test_on_a_wide_screen_it_is_always_there(self, page):
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        expect(page.get_by_role("button", name="Navigation")).to_be_hidden()


def test_the_server_learns_the_time_zone_of_the_browser(page):
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["tz"]["value"] == "Europe/Berlin"
    assert cookies["tz"]["sameSite"] == "Lax"
