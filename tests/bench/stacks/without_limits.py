"""The product, which holds no key to a limit."""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import MIDDLEWARE as _MIDDLEWARE

MIDDLEWARE = [*_MIDDLEWARE, "tests.bench.stacks.middleware.LimitsNothing"]
