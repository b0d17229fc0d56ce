"""The product's own stack, but with one argon2 a request instead of verification."""

from tests.bench.stacks.unverified import *  # noqa: F403
from tests.bench.stacks.unverified import API_MIDDLEWARE as _MIDDLEWARE

_THEIRS = "tests.bench.stacks.middleware.TakesAtTheirWord"
_OURS = "tests.bench.stacks.middleware.HashedEachTime"
API_MIDDLEWARE = [_OURS if name == _THEIRS else name for name in _MIDDLEWARE]
assert _OURS in API_MIDDLEWARE, f"{_THEIRS} has gone from the settings without verification"
