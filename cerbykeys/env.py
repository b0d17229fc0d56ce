"""Reads the environment, and fails loudly: one line that names the cause and the cure."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = "CERBYKEYS_"
KNOWN = frozenset(
    PREFIX + name
    for name in (
        "DATA_DIR",
        "HOST",
        "PORT",
        "WORKERS",
        "DEMO_PASSWORD",
        "SECRET_KEY",
        "KEYRING",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXIES",
        "EMAIL_URL",
    )
)


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise ImproperlyConfigured if one of `names` begins like ours and is not ours."""
    for name in sorted(names):
        if name.startswith(PREFIX) and name not in KNOWN:
            known = ", ".join(sorted(KNOWN))
            msg = f"unknown environment variable {name}: unset it, or use one of {known}."
            raise ImproperlyConfigured(msg)


def text(name: str, default: str = "") -> str:
    """The variable, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def path(name: str, default: Path) -> Path:
    """The variable as an absolute path."""
    return Path(text(name, str(default))).expanduser().absolute()


def integer(name: str, default: int, *, low: int, high: int) -> int:
    """The variable as a whole number within `low` and `high`, both included."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdecimal() or not low <= int(value) <= high:
        msg = f"{name} is {value!r}: set it to a whole number from {low} to {high}."
        raise ImproperlyConfigured(msg)
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, split at commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The variable as IP addresses or networks, split at commas."""
    found = []
    for word in words(name):
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError:
            msg = f"{name} holds {word!r}: list addresses or networks, for example 10.0.0.0/8,::1."
            raise ImproperlyConfigured(msg) from None
    return found
