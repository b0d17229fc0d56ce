"""Views that run the SQL of the lists and dump their JSON, with no product around them."""

from cerbykeys.settings import *  # noqa: F403
from cerbykeys.settings import ALLOWED_HOSTS as _HOSTS, MIDDLEWARE as _MIDDLEWARE

# The real operation is asked once, in the process, for what there is to run.
ALLOWED_HOSTS = [*_HOSTS, "testserver"]
MIDDLEWARE = ["tests.bench.stacks.middleware.BareLists", *_MIDDLEWARE]
