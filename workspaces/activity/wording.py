"""How the page says what an activity holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .models import Activity

_IDENTIFIER = re.compile(r"[a-z]+(_[a-z]+)+")
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


def event_label(event: str) -> str:
    """The event in words: `API_KEY_CREATED` is "API key created"."""
    words = event.replace("_", " ").lower()
    return re.sub(r"^api\b", "API", words[:1].upper() + words[1:], flags=re.IGNORECASE)


def details_of(activity: Activity) -> list[tuple[str, str]]:
    """The details' names and values, as a person reads them."""
    lines: list[tuple[str, str]] = []
    for name, value in sorted(activity.details.items()):
        if name == "changes":
            lines += [(_name(field), _value(change)) for field, change in value.items()]
        else:
            lines.append((_name(name), _value(value)))
    if {"from", "to"} <= activity.details.keys():
        return [("Change", _value(activity.details))]
    return lines


def _name(name: str) -> str:
    words = _WORD_START.sub(" ", name).lower()
    return words[:1].upper() + words[1:]


def _value(value: Any) -> str:
    match value:
        case None | "" | []:
            words = "—"
        case bool():
            words = "Yes" if value else "No"
        case {"from": before, "to": after}:
            words = f"{_value(before)} → {_value(after)}"
        case {"name": name}:
            words = str(name)
        case list():
            words = ", ".join(map(_value, value))
        case str() if _IDENTIFIER.fullmatch(value):
            words = value.replace("_", " ")
        case _:
            words = str(value)
    return words
