"""Which part of the site an address belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

API = "/api/"


def under_api(request: HttpRequest) -> bool:
    """Whether a program asks, and JSON is the answer, whatever happens."""
    return request.path_info.startswith(API)
