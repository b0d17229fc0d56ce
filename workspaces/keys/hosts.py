"""Which workspace an address is of: `<slug>.<domain>` is that workspace's, a plain domain anyone's.

Only where ALLOWED_HOSTS names a domain with its subdomains, as `.keys.example`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from django.conf import settings
from django.http.request import split_domain_port

if TYPE_CHECKING:
    from django.http import HttpRequest

REMEMBERED = 64  # Host headers
LONGEST = 255  # characters of one that is remembered


class Hosts:
    """Remembers the good Host headers: the same few come again and again.

    The oldest are forgotten: whoever asks for every port of ours keeps no place for long.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._allowed: list[str] | None = None
        self._slugs: dict[str, str | None] = {}

    def workspace_of(self, request: HttpRequest) -> str | None:
        """The slug in the host's name, whatever workspace it may be; None for the site's own name.

        Raises DisallowedHost for a name that is not ours.
        """
        allowed = settings.ALLOWED_HOSTS
        if allowed is not self._allowed:
            self._allowed, self._slugs = allowed, {}
        given = request.META.get("HTTP_HOST", "")
        try:
            return self._slugs[given]
        except KeyError:
            slug = _slug(request.get_host(), allowed)
        if given and len(given) <= LONGEST:
            with self._lock:
                self._slugs[given] = slug
                if len(self._slugs) > REMEMBERED:
                    del self._slugs[next(iter(self._slugs))]
        return slug


def _slug(host: str, allowed_hosts: list[str]) -> str | None:
    domain, _port = split_domain_port(host)
    for allowed in allowed_hosts:
        if allowed.startswith(".") and domain.endswith(allowed.lower()):
            return domain.removesuffix(allowed.lower())
    return None


hosts = Hosts()
