"""What a browser with nothing in its cache is sent for a page, and that nothing in it moves."""

from __future__ import annotations

import pytest

from tests.factories import ApiKeyFactory

BUDGET = 60_000  # bytes, headers and all
WATCH = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const entry of list.getEntries())
    window.shifts.push([entry.value, ...entry.sources.map(source => source.node?.nodeName)]);
}).observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture
def tab(admin):
    """The API keys tab, with a whole page of keys."""
    ApiKeyFactory.create_batch(26, workspace=admin.workspace, owner=admin)
    return "/w/acme/settings/api-keys/"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (375, "dark")])
def test_a_first_load_is_small_and_does_not_move(  # noqa: PLR0913, PLR0917  (fixtures)
    new_context, sign_in, live_server, admin, tab, width, scheme
):
    context = new_context()
    for address in ("/accounts/login/", tab):
        if address == tab:
            sign_in(context, admin)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        sent = transfers(context, page)
        page.add_init_script(WATCH)
        page.goto(f"{live_server.url}{address}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("shifts") == []
        assert sum(sent) <= BUDGET, sent
        assert len(sent) > 5


def transfers(context, page):
    """How many bytes each answer takes on the wire; the cache answers nothing."""
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sent = []
    network.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    return sent
