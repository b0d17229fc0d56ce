"""Which part of the site an address belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

# However it is misspelt: whoever writes `//API/v1/users` is a program all the same.
_API = re.compile(r"/+api/", re.IGNORECASE)


def under_api(request: HttpRequest) -> bool:
    """Whether a program asks, and JSON is the answer, whatever happens."""
    return _API.match(request.path_info) is not None
