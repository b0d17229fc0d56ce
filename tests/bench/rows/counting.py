"""What counting uses and keeping to limits costs."""

from __future__ import annotations

from tests.bench.figures import informing
from tests.bench.site import PRODUCT


def figures(site):
    """GET /key ÷ the same without it."""
    shared = "limits in Redis" if site.on_postgres else "limits in the process"
    for settings, name in [
        ("tests.bench.stacks.without_usage", "uses counted in memory ÷ not at all"),
        ("tests.bench.stacks.without_limits", "limits ÷ none"),
    ]:
        pairs = (site.pace.pairs + 1) // 2
        found = site.compare_anew((PRODUCT, {}), (settings, {}), pairs=pairs, starts=2)
        note = f"{shared}; {found.note}" if "limits" in name else found.note
        yield informing(name, found.throughput, note=note)
