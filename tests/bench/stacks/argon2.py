"""The product's own stack, but with one argon2 a request instead of verification."""

from tests.bench.stacks.unverified import *  # noqa: F403
from tests.bench.stacks.unverified import API_MIDDLEWARE as _MIDDLEWARE

_OURS = "tests.bench.stacks.middleware.HashedEachTime"
API_MIDDLEWARE = [_OURS if "TakesAtTheirWord" in name else name for name in _MIDDLEWARE]
