"""Which workspace an address is of: `<slug>.<domain>` is that workspace's, a plain domain anyone's.

Only where ALLOWED_HOSTS names a domain with its subdomains, as `.keys.example`.
"""

from __future__ import annotations

import functools

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


def workspace_of(request: HttpRequest) -> str | None:
    """The slug in the host's name, whatever workspace it may be; None for the site's own name.

    Raises DisallowedHost for a name that is not ours.
    """
    given = request.META.get("HTTP_HOST") or request.get_host()
    return _workspace_of(given, tuple(settings.ALLOWED_HOSTS))


@functools.lru_cache(maxsize=64)  # few: a host name may be as long as a header
def _workspace_of(given: str, allowed_hosts: tuple[str, ...]) -> str | None:
    """Checked by Django, once for each good Host header: it looks at nothing else of a request."""
    asked = HttpRequest()
    asked.META["HTTP_HOST"] = given
    domain, _port = split_domain_port(asked.get_host())
    for allowed in allowed_hosts:
        if allowed.startswith(".") and domain.endswith(allowed.lower()):
            return domain.removesuffix(allowed.lower())
    return None
