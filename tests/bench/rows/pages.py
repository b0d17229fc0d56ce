"""The API keys tab of a workspace with many keys, beside that of one with few."""

from __future__ import annotations

from tests.bench import wire
from tests.bench.browser import signed_in
from tests.bench.figures import at_most
from tests.bench.stacks.fill_keys import fill
from tests.factories import WorkspaceFactory

FEW = 100


def prepare(site):
    """Two workspaces, one with few keys and one with many."""
    site.small, site.large_tab = WorkspaceFactory(), WorkspaceFactory()
    fill(FEW, site.small, "Small")
    fill(site.pace.page_rows, site.large_tab, "Large")


def figures(site):
    """The time that the server takes for the tab with many keys ÷ with few, on one connection."""
    server, ways = site.product, []
    for workspace in (site.small, site.large_tab):
        address = f"/w/{workspace.slug}/settings/api-keys/"
        message = wire.request(address, signed_in(workspace.owner.user, server.port, address))
        ways.append((server, [message.decode()]))
    found = site.compare(*ways, connections=1)
    name = f"the API keys tab with {site.pace.page_rows:,} keys ÷ with {FEW}: time"
    yield at_most(name, found.throughput, 1.2, note=f"{found.note} (few : many)")
