"""How long a removal takes, and who gets in after it."""

from __future__ import annotations

import time

from tests.bench import load, removing, wire
from tests.bench.browser import signed_in
from tests.bench.figures import at_most
from tests.bench.site import PATH
from workspaces.keys.models import ApiKey

EACH = 250  # requests that count, for each key that is removed


def figures(site):
    """Times of the API's removal and of a page's, and requests let in after them."""
    doomed = site.keys[site.pace.connections : -1][: max(8, site.pace.refused // EACH)]
    order = removing.Removals(site.product.port, doomed, site.pace.refused, site.pace.connections)
    process = load.started(order, "tests.bench.removing")
    workers = site.product.worker_of(load.ports(process))
    told = load.finished(process)
    spread_over = ", ".join(str(workers.count(pid)) for pid in sorted(set(workers)))
    before = told["before"].get("200", 0)
    yield at_most(
        f"requests let in, of {told['counted']:,} begun after a removal was answered",
        [told["let_in"] + told["failures"]],
        0,
        note=f"{len(told['takes'])} removals under full load, {spread_over} connections to the "
        f"workers, {before:,} let in before",
    )
    takes = [took * 1000 for took in told["takes"]]
    yield at_most("a removal is answered after (API, under full load)", takes, 400, unit="ms")
    took, let_in = by_page(site)
    note = f"then {let_in} of 200 requests got in"
    yield at_most("a removal is answered after (page)", [took * 1000], 400, unit="ms", note=note)
    assert not let_in, note


def by_page(site):
    """The time of the delete form's answer, and how many requests get in after it."""
    key = ApiKey.objects.get(key_id=site.keys[-1].split("_")[1])
    address = f"/w/{key.workspace.slug}/settings/api-keys/{key.id}/delete/"
    headers = signed_in(key.owner.user, site.product.port, address)
    message = wire.request(address, headers, "POST")
    wire.ask(site.product.port, wire.with_key(PATH, site.keys[-1]))
    began = time.perf_counter()
    status, answer = wire.ask(site.product.port, message)
    took = time.perf_counter() - began
    assert status == 302, answer
    asking = wire.with_key(PATH, site.keys[-1])
    statuses = [wire.ask(site.product.port, asking)[0] for _ in range(200)]
    return took, sum(status != 401 for status in statuses)
