"""The product, with its argon2 computations counted: how many there are at once."""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import MIDDLEWARE as _MIDDLEWARE

MIDDLEWARE = [*_MIDDLEWARE, "tests.bench.stacks.middleware.CountsArgon2"]
