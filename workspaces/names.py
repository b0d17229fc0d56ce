"""What a name may be: it is shown to others, who must see all of it."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

# Control, bidirectional and blank characters; the joiners, which scripts and emoji need, alone.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufeff\uffa0]|^[\u200c\u200d\ufe00-\ufe0f]+$"
)


def refuse_invisible(text: str) -> None:
    """Validate a name: two that look alike are the same, and none looks empty."""
    if _INVISIBLE.search(text):
        raise ValidationError("The name holds invisible characters. Type it by hand.")
