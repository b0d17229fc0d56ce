"""Keeps API keys out of the record, wherever a person may have pasted one."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

# A masked key does not match: behind its id come dots.
_KEY = re.compile(r"cerby_[0-9A-Za-z]{12}_[0-9A-Za-z]+")


def holds_key(text: str) -> bool:
    """Whether an API key, whole or cut off, stands somewhere in `text`."""
    return _KEY.search(text) is not None


def redacted(text: str) -> str:
    """`text` with every API key in it taken out."""
    return _KEY.sub("[API key]", text)


def refuse_key(text: str) -> None:
    """Validate a name: it is shown to others and recorded, so it is never a credential."""
    if holds_key(text):
        raise ValidationError(
            "This holds an API key. Names are shown to others: keep the key in a secret's body."
        )
