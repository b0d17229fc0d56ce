"""Reads the environment, and fails loudly: one line that names the cause and the cure."""

from __future__ import annotations

import ipaddress
import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import environ
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
        "CONNECTOR_HOSTS",
    )
)
# Those whose value lets someone in.
SECRET = (
    "CERBYKEYS_SECRET_KEY",
    "CERBYKEYS_DEMO_PASSWORD",
    "CERBYKEYS_EMAIL_URL",
    "DATABASE_URL",
    "REDIS_URL",
)

_HOST = re.compile(r"(?i)\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server and how to reach it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    starttls: bool
    tls: bool


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


def address(name: str, default: str) -> str:
    """The variable as an IP address to listen on; `localhost` is the loopback."""
    value = text(name, default)
    if value == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError:
        msg = f"{name} is {value!r}: set it to an IP address, for example 127.0.0.1 or 0.0.0.0."
        raise ImproperlyConfigured(msg) from None


def hosts(name: str) -> list[str]:
    """The variable as host names, split at commas; `.example` stands for every name below it.

    `*` is refused: links in mails are made from the name a request was sent to.
    """
    found = words(name)
    for word in found:
        if not _HOST.fullmatch(word):
            msg = (
                f"{name} holds {word!r}: "
                "list host names without scheme or port, for example keys.example."
            )
            raise ImproperlyConfigured(msg)
    return found


def hosts_and_ports(name: str) -> list[str]:
    """The variable as host names or IP addresses, each perhaps with a port, split at commas.

    `.example` stands for every name below it.
    """
    found = words(name)
    for word in found:
        host, _, port = word.rpartition(":")
        if not host or word.endswith("]"):
            host, port = word, "443"
        if (
            not _HOST.fullmatch(host)
            or not port.isascii()
            or not port.isdecimal()
            or (
                not 0 < int(port) < 65536  # noqa: PLR2004  (the ports there are)
            )
        ):
            msg = (
                f"{name} holds {word!r}: "
                "list host names, each perhaps with a port, "
                "for example scim.example,.corp.example:8443."
            )
            raise ImproperlyConfigured(msg)
    return found


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


def postgres(name: str) -> dict[str, Any] | None:
    """The variable as Django's settings of a PostgreSQL database; None where it is unset."""
    if not (value := text(name)):
        return None
    database: dict[str, Any] = {}
    if value.startswith(("postgres://", "postgresql://")):
        with suppress(ValueError):
            database = environ.Env.db_url_config(value)
    if not database.get("NAME"):
        # The value is not repeated: it may hold a password.
        msg = (
            f"{name} is malformed: set it to postgres://user:password@host:5432/name, or unset it."
        )
        raise ImproperlyConfigured(msg)
    return database


def redis(name: str) -> str:
    """The variable as the URL of a Redis or Valkey server; empty where it is unset."""
    if not (value := text(name)):
        return ""
    with suppress(ValueError):
        url = urlsplit(value)
        _ = url.port  # refuses what is no port
        if (url.scheme in {"redis", "rediss"} and url.hostname) or url.scheme == "unix":
            return value
    msg = f"{name} is malformed: set it to redis://host:6379/0, or unset it."
    raise ImproperlyConfigured(msg)


def mail(name: str) -> Mail | None:
    """The variable as a mail server; None where it is unset."""
    if not (value := text(name)):
        return None
    with suppress(ValueError):
        url = urlsplit(value)
        if url.hostname and url.scheme in _MAIL_PORTS:
            return Mail(
                host=url.hostname,
                port=url.port or _MAIL_PORTS[url.scheme],
                user=unquote(url.username or ""),
                password=unquote(url.password or ""),
                starttls=url.scheme == "smtp+tls",
                tls=url.scheme == "smtp+ssl",
            )
    msg = f"{name} is malformed: set it to smtp+tls://user:password@host:587, or unset it."
    raise ImproperlyConfigured(msg)
