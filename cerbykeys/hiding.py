"""Masks credentials in whatever is logged."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from workspaces.activity.credentials import redacted

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

HIDDEN = "••••••••"

# What stands before a credential, and the credential; API keys come on top.
_CREDENTIALS = [
    # The links of allauth that let in whoever holds them.
    re.compile(r"(/accounts/(?:password/reset/key|confirm-email)/)[^\s/?\"']+"),
    # Headers, where someone logs them as text.
    re.compile(r"(?i)\b((?:x-api-key|authorization|(?:set-)?cookie)['\"]?\s*[:=]\s*)[^\n]+"),
    # A password in the address of a server.
    re.compile(r"(\b[a-z+]+://[^\s:/@]*:)[^\s/@]+(?=@)"),
]
# Where none of these stands, in small letters, nothing of the above does. To look for them takes a
# fraction of what the expressions take, which every field of every line would pay.
_SIGNS = ("cerby_", "/accounts/", "x-api-key", "authorization", "cookie", "://")
# What is written by us alone.
_OURS = frozenset({"level", "logger", "timestamp"})
_NAMES = re.compile(r"(?i)(x[-_]api[-_]key|authorization|cookie|password|secret|session_?key|csrf)")


def hide_credentials(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask whatever opens something, wherever it stands in the event."""
    return {name: clean(name, value) for name, value in event.items()}


def clean(name: str, value: Any) -> Any:
    """`value`, which is logged under `name`, with all masked that opens something."""
    if value is None or isinstance(value, (bool, int, float)) or name in _OURS:
        return value
    if _is_a_credential(name):
        return HIDDEN
    if isinstance(value, dict):
        return {str(key): clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [clean("", inner) for inner in value]
    text = value if isinstance(value, str) else repr(value)
    small = text.lower()
    for sign in _SIGNS:  # a loop: `any` would take twice as long
        if sign in small:
            break
    else:
        return text
    text = redacted(text)
    for credential in _CREDENTIALS:
        text = credential.sub(r"\1" + HIDDEN, text)
    return text


@functools.lru_cache(1000)
def _is_a_credential(name: str) -> bool:
    return _NAMES.search(name) is not None
