"""Whether this server is about to stop: load balancers are told before it takes no more work."""

from __future__ import annotations

from ctypes import c_bool
from multiprocessing.sharedctypes import RawValue

# Shared by the main process, which is told to stop, and its workers, which are asked. Without a
# lock: a worker that is killed while it holds one would stop all others.
_flag: c_bool | None = None


def share() -> c_bool:
    """What the main process hands to its workers, each of which calls `adopt` with it."""
    global _flag  # noqa: PLW0603  (one server a process)
    _flag = RawValue(c_bool, False)  # noqa: FBT003  (a C value)
    return _flag


def adopt(flag: c_bool) -> None:
    """Look at that flag from now on."""
    global _flag  # noqa: PLW0603
    _flag = flag


def begin() -> None:
    """Tell every process of this server."""
    if _flag is not None:
        _flag.value = True


def under_way() -> bool:
    """Whether the server goes on for those alone who have not noticed yet that it stops."""
    return _flag is not None and _flag.value
