"""What a browser with nothing in its cache is sent for a page, and that nothing in it moves.

On a slow network, or a busy machine, a browser reads a page in pieces and could paint each.
"""

from __future__ import annotations

import time

import pytest
from django.core.handlers.wsgi import WSGIHandler

from tests.factories import ApiKeyFactory
from tests.thoroughness import THOROUGH

BUDGET = 60_000  # bytes, headers and all
PIECES, PAUSE = 10, 0.1  # seconds: time for the piece before to be painted
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


@pytest.fixture
def in_pieces(monkeypatch):
    """Pages come in pieces, and what they load as always: it is there before the page is."""
    whole = WSGIHandler.__call__

    def pieces(response):
        try:
            body = b"".join(response)
            size = len(body) // PIECES + 1
            for start in range(0, len(body), size):
                yield body[start : start + size]
                time.sleep(PAUSE)
        finally:
            response.close()

    def call(self, environ, start_response):
        response = whole(self, environ, start_response)
        return response if environ["PATH_INFO"].startswith("/static/") else pieces(response)

    monkeypatch.setattr(WSGIHandler, "__call__", call)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")][: 1 + THOROUGH])
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
