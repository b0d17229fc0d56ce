"""The product, with its argon2 computations counted: how many there are at once."""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import API_MIDDLEWARE as _MIDDLEWARE

API_MIDDLEWARE = [*_MIDDLEWARE, "tests.bench.stacks.middleware.CountsArgon2"]
