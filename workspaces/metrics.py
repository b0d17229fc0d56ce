"""What a process counts of its work, for `/metrics`. No label holds an id, a name or an address.

What comes with each good or forged key is noted, and counted by a thread: to count it at once took
a twentieth of a short request. Where PROMETHEUS_MULTIPROC_DIR names a folder, each process counts
in files of its own there (prometheus_client's multiprocess mode), which a scrape adds up:
`cerbykeys.scrape`.
"""

from __future__ import annotations

import functools
from collections import Counter as Times, deque
from threading import Lock
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .periodic import Periodic

registry = CollectorRegistry()

# --- Verification of API keys ----------------------------------------------------------------

facts_reads = Counter(
    "cerbykeys_key_facts_reads",
    "Times the facts of an API key (status, scopes, owner, ...) were read from the database, "
    "because the process did not remember them, or something had changed.",
    registry=registry,
)

lease_reads = Counter(
    "cerbykeys_lease_reads",
    "Times a process asked the database whether what it remembers of API keys still holds; "
    "under load, about seven a second for each process.",
    registry=registry,
)

_secrets = Counter(
    "cerbykeys_key_secrets",
    "Times the secret of an API key was compared with its stored hash, by how: by what the process "
    "remembers (memo), or by computing argon2, which takes tens of milliseconds.",
    ["path"],
    registry=registry,
)
_secrets_by_memo = _secrets.labels("memo")
secrets_by_argon2 = _secrets.labels("argon2")

_by_memo: deque[None] = deque()


# Counts a secret that the process remembered. As a function of ours it would take twice as long.
secret_by_memo = functools.partial(_by_memo.append, None)


_refusals = Counter(
    "cerbykeys_key_refusals",
    "API keys that were refused, by reason: tag (forged, mistyped or cut off: nothing is looked "
    "up), unknown (no such key), secret (not that key's), held_back (its secret was not looked at, "
    "for wrong ones come in a flood), or what is wrong with a key whose secret was right.",
    ["reason"],
    registry=registry,
)
for _reason in ("tag", "unknown", "secret", "held_back"):
    _refusals.labels(_reason)  # told as 0 until one comes
_refused: deque[str] = deque()


def refused(reason: str) -> None:
    """Count a key that was refused; `reason` is one of the HELP text or of verification.Reason."""
    _refused.append(reason)


rate_limited = Counter(
    "cerbykeys_rate_limited_requests",
    "Requests with a good API key that were refused, because the key had made too many.",
    registry=registry,
)

usage_backlog = Gauge(
    "cerbykeys_usage_backlog_keys",
    "API keys whose last use was noted and is not yet in the database; it grows while the database "
    "takes no writes.",
    multiprocess_mode="livesum",
    registry=registry,
)

# --- Requests --------------------------------------------------------------------------------

_api_requests = Counter(
    "cerbykeys_api_requests",
    "Requests to the API, by operation (its operationId, or none where the request came to none) "
    "and HTTP status.",
    ["operation", "status"],
    registry=registry,
)
_api_requests.labels("none", "404")

# Not by operation: that would be twelve series for each, and the log tells which are slow.
_api_seconds = Histogram(
    "cerbykeys_api_request_duration_seconds",
    "How long requests to the API took in this server, all operations together.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
    registry=registry,
)

_page_requests = Counter(
    "cerbykeys_page_requests",
    "Requests outside the API (pages and their files), by class of HTTP status.",
    ["status"],
    registry=registry,
)
_page_requests_by_class = {hundreds: _page_requests.labels(f"{hundreds}xx") for hundreds in "2345"}


_api_answers: deque[tuple[str, int, float]] = deque()


def count_api_request(operation: str, status: int, seconds: float) -> None:
    """Count a request to the API that was answered."""
    _api_answers.append((operation, status, seconds))
    if not _handing_on.begun:
        _handing_on.begin()


def count_page_request(status: int) -> None:
    """Count a request outside the API that was answered."""
    child = _page_requests_by_class.get(str(status)[0])
    if child is not None:
        child.inc()


HAND_ON_SECONDS = 0.2
_counting = Lock()


def hand_on() -> None:
    """Count what this process has noted."""
    with _counting:
        _secrets_by_memo.inc(len(_taken(_by_memo)))
        for reason, times in Times(_taken(_refused)).items():
            _refusals.labels(reason).inc(times)
        answers = _taken(_api_answers)
        outcomes = Times((operation, status) for operation, status, _ in answers)
        for outcome, times in outcomes.items():
            _api_requests.labels(*outcome).inc(times)
        for _, _, seconds in answers:
            _api_seconds.observe(seconds)


def _taken(notes: deque[Any]) -> list[Any]:
    """What was noted so far; whatever comes meanwhile is left for the next time."""
    return [notes.popleft() for _ in range(len(notes))]


_handing_on = Periodic(hand_on, HAND_ON_SECONDS)

# --- Jobs ------------------------------------------------------------------------------------

_job_steps = Counter(
    "cerbykeys_job_steps",
    "Steps of jobs from one state to another, by the state they came to: started, running, "
    "retrying, finished or error.",
    ["status"],
    registry=registry,
)


def count_job_step(status: str) -> None:
    """Count a job that has come to the state `status`."""
    _job_steps.labels(status).inc()
