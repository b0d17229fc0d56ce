"""What stands in the place of the product's middleware, or changes it, to tell what it costs."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager

from workspaces.keys import hashing, limits, usage
from workspaces.keys.hosts import workspace_of
from workspaces.keys.middleware import ApiKeyMiddleware
from workspaces.keys.quota import Quota


class TakesAtTheirWord:
    """Sets on a request the actor that the product's middleware set on the first with that key.

    So the operation gets the very same actor, and gives the very same answer. That is all the text
    of the key is for: it is not judged, and nothing else of the request is looked at.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.actors = {}

    def __call__(self, request):
        workspace_of(request)  # whom a request is for is looked at in any case
        given = request.META["HTTP_X_API_KEY"]
        if given not in self.actors:
            self._learn(request, given)
        request.actor = self.actors[given]
        return self.get_response(request)

    def _learn(self, request, given):
        response = ApiKeyMiddleware(self.get_response)(request)
        assert response.status_code == 200, response.content
        self.actors[given] = request.actor


class HashedEachTime(TakesAtTheirWord):
    """Asks argon2 on every request."""

    secret_hash = hashing.hash_secret("the secret")

    def __call__(self, request):
        assert hashing.matches(self.secret_hash, "the secret")
        return super().__call__(request)


class Changes:
    """Changes the product once, when the server starts; requests pass as they are."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.change()

    def __call__(self, request):
        return self.get_response(request)


class CountsNoUse(Changes):
    def change(self):
        usage.recorder.note = lambda _key: None


class LimitsNothing(Changes):
    def change(self):
        quota = Quota(limit=600, remaining=599, reset=1)
        limits.buckets.take = lambda _key_id, _limit: quota


class BareLists(Changes):
    """Answers `/bare/<list>` before anything else looks at it."""

    def change(self):
        from tests.bench.bare_lists import bare  # noqa: PLC0415  (no other stack needs it)

        self.bare = bare

    def __call__(self, request):
        if request.path_info.startswith("/bare/"):
            response = self.bare(request, request.path_info.removeprefix("/bare/"))
            response["Content-Length"] = len(response.content)  # or it would be sent in chunks
            return response
        return self.get_response(request)


class CountsArgon2(Changes):
    """Writes to BENCH_COUNTS how many argon2 computations all workers do now, and did at most."""

    def change(self):
        hashing._hasher = _Counted(hashing._hasher)


class _Counted:
    def __init__(self, hasher):
        self._hasher = hasher

    def __getattr__(self, name):
        return getattr(self._hasher, name)

    def verify(self, *given):
        with _one_more():
            return self._hasher.verify(*given)


@contextmanager
def _one_more():
    _change(1)
    try:
        yield
    finally:
        _change(-1)


def _change(by):
    with open(os.environ["BENCH_COUNTS"], "r+") as file:  # noqa: PTH123
        fcntl.flock(file, fcntl.LOCK_EX)
        now, most = map(int, file.read().split())
        file.seek(0)
        file.truncate()
        file.write(f"{now + by} {max(most, now + by)}")
