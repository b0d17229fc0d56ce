"""The API's documentation, shown by this server alone."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def docs(page, live_server):
    """The page, with the addresses it asked and what its policy refused."""
    page.asked, page.refused = [], []
    page.on("request", lambda request: page.asked.append(request.url))

    def refuse(directive):
        page.refused.append(directive)

    page.expose_function("refuse", refuse)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', event => refuse(event.violatedDirective))"
    )
    page.goto(f"{live_server.url}/api/v1/docs")
    expect(page.get_by_role("heading", name="Users and teams")).to_be_visible()
    return page


def test_the_documentation_is_accessible_asks_no_other_host_and_breaks_no_policy(
    docs, live_server, assert_accessible
):
    docs.locator("#operations-Users_and_teams-listUsers").get_by_role("button").first.click()
    expect(docs.get_by_role("heading", name="Responses")).to_be_visible()
    assert_accessible(docs)
    docs.get_by_role("button", name="Try it out").click()
    docs.get_by_role("button", name="Execute").click()
    expect(docs.get_by_text("No valid API key was given.").first).to_be_visible()
    assert {url for url in docs.asked if not url.startswith(live_server.url)} == set()
    assert docs.refused == []


def test_a_key_that_is_tried_is_kept_nowhere(docs):
    docs.get_by_role("button", name="Authorize").click()
    docs.get_by_label("Value").fill("cerby_of_somebody")
    docs.get_by_role("button", name="Apply credentials").click()
    stored = docs.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert stored == [0, 0, ""]
    docs.reload()
    expect(docs.get_by_role("heading", name="Users and teams")).to_be_visible()
    assert "cerby_of_somebody" not in docs.content()
