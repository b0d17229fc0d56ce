"""The product's own stack with verification, limits and usage left out."""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import API_MIDDLEWARE as _MIDDLEWARE

_THEIRS = "workspaces.keys.middleware.ApiKeyMiddleware"
_OURS = "tests.bench.stacks.middleware.TakesAtTheirWord"
API_MIDDLEWARE = [_OURS if name == _THEIRS else name for name in _MIDDLEWARE]
assert _OURS in API_MIDDLEWARE, f"{_THEIRS} has gone from the settings"
