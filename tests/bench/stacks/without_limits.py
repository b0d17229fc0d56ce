"""The product, which holds no key to a limit."""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import API_MIDDLEWARE as _MIDDLEWARE

API_MIDDLEWARE = [*_MIDDLEWARE, "tests.bench.stacks.middleware.LimitsNothing"]
