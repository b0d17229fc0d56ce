"""What stands in place of the product's ApiKeyMiddleware, to tell what that costs."""

from __future__ import annotations

from workspaces.keys import hashing
from workspaces.keys.middleware import ApiKeyMiddleware


class WhoeverAskedFirst:
    """Sets on every request what the product's middleware set on the first good one.

    So the operation gets the very same actor, and gives the very same answer; nothing of the
    request is looked at.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.known = None

    def __call__(self, request):
        if self.known is None:
            self._learn(request)
        request.__dict__.update(self.known)
        return self.get_response(request)

    def _learn(self, request):
        before = dict(request.__dict__)
        response = ApiKeyMiddleware(self.get_response)(request)
        assert response.status_code == 200, response.content
        names = request.__dict__.keys() - before.keys() - {"resolver_match"}
        self.known = {name: request.__dict__[name] for name in names}
        assert self.known["actor"] is not None


class HashedEachTime(WhoeverAskedFirst):
    """Asks argon2 on every request."""

    secret_hash = hashing.hash_secret("the secret")

    def __call__(self, request):
        assert hashing.matches(self.secret_hash, "the secret")
        return super().__call__(request)
