"""A figure of the table, and how hard a run tries for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tests.bench.ratios import Spread, spread


@dataclass(frozen=True)
class Figure:
    """One cell: what was measured on one database, beside its target if it has one.

    `met` says whether the median reaches the target, None where there is none. A figure without a
    unit is a ratio or a count.
    """

    name: str
    unit: str
    target: str
    median: float
    low: float
    high: float
    met: bool | None
    note: str = ""

    def told(self):
        """The figure as JSON holds it."""
        return asdict(self)


@dataclass(frozen=True)
class Pace:
    """How long and how often is measured; the defaults take nine minutes in all."""

    seconds: float = 1  # of a round; wrk makes whole ones of it
    pairs: int = 8
    connections: int = 16
    live: int = 1_000  # keys whose argon2 hash is real
    rows: int = 1_000_000  # of the large table of keys
    page_rows: int = 10_000  # keys of the workspace with the long tab
    refused: int = 10_000  # requests begun after a removal's answer
    items: int = 10_000  # accounts and activities behind the lists


SMOKE = Pace(
    seconds=0.2,
    pairs=1,
    connections=4,
    live=12,
    rows=2_000,
    page_rows=300,
    refused=20,
    items=200,
)


def at_least(name, numbers, least, **told):
    """A figure whose target is `least` or more."""
    return _figure(name, numbers, (f"≥ {least:g}", lambda found: found >= least), **told)


def at_most(name, numbers, most, **told):
    """A figure whose target is `most` or less."""
    return _figure(name, numbers, (f"≤ {most:g}", lambda found: found <= most), **told)


def informing(name, numbers, **told):
    """A figure that is told and not judged."""
    return _figure(name, numbers, ("", lambda _: None), **told)


def _figure(name, numbers, target, *, unit="", note=""):
    found = numbers if isinstance(numbers, Spread) else spread(list(numbers))
    wanted, judge = target
    met = judge(found.median)
    return Figure(name, unit, wanted, found.median, found.low, found.high, met, note)
