"""Template filters: how the pages say things. Built in, see TEMPLATES in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

register = template.Library()

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONTH = DAY * 365 / 12
YEAR = 365 * DAY

# From how many seconds on a unit is used: a little less than one of it, so that a key made a
# second ago for 12 hours says "in 12 hours"; months only from two on, because days say more.
_UNITS = (
    (YEAR, YEAR - 12 * HOUR, "year"),
    (MONTH, 60 * DAY, "month"),
    (DAY, DAY - HOUR / 2, "day"),
    (HOUR, HOUR - MINUTE / 2, "hour"),
    (MINUTE, MINUTE / 2, "minute"),
)


@register.filter
def in_words(at: datetime) -> str:
    """How far `at` is from now, in the one unit that fits: "in 3 days", "2 hours ago"."""
    distance = (at - timezone.now()).total_seconds()
    for length, threshold, unit in _UNITS:
        if abs(distance) >= threshold:
            count = max(1, round(abs(distance) / length))
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"in {words}" if distance > 0 else f"{words} ago"
    return "in less than a minute" if distance > 0 else "just now"
