"""Structured logs on standard error, with no credential in them.

Lines of JSON, or readable ones where a person watches. Everything that is logged, by us, by
Django or by a library, passes `hide_credentials` last.
"""

from __future__ import annotations

import logging.config
import re
import sys
import time
from typing import TYPE_CHECKING, Any

import structlog
from django.dispatch import receiver
from django_structlog import signals

from workspaces.activity.credentials import redacted

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from structlog.typing import EventDict, Processor, WrappedLogger

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
_NAMES = re.compile(r"(?i)(x[-_]api[-_]key|authorization|cookie|password|secret|session_?key|csrf)")


def configure(settings: dict[str, Any]) -> None:
    """Set up logging; called by Django once, through LOGGING_CONFIG, with settings.LOGGING."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_configuration(settings["level"]))
    logging.captureWarnings(capture=True)


def hide_credentials(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask whatever opens something, wherever it stands in the event."""
    return {name: _clean(name, value) for name, value in event.items()}


class SaidByTheRequestsOwnLine(logging.Filter):
    """Drops what Django says of an answered request: a line of ours has told it already."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not hasattr(record, "status_code")


@receiver(signals.bind_extra_request_metadata)
def _begin(request: HttpRequest, **_: Any) -> None:
    request.META["cerbykeys.began"] = time.perf_counter()


@receiver(signals.bind_extra_request_finished_metadata)
def _finish(
    request: HttpRequest, response: HttpResponseBase, log_kwargs: dict[str, Any], **_: Any
) -> None:
    log_kwargs.clear()
    log_kwargs.update(_told(request), status=response.status_code)


@receiver(signals.bind_extra_request_failed_metadata)
def _fail(request: HttpRequest, log_kwargs: dict[str, Any], **_: Any) -> None:
    log_kwargs.clear()
    log_kwargs.update(_told(request), status=500)


def _told(request: HttpRequest) -> dict[str, Any]:
    """What a line tells of its request. No query: a search may hold anything."""
    told: dict[str, Any] = {"method": request.method, "path": request.path}
    if began := request.META.get("cerbykeys.began"):
        told["ms"] = round((time.perf_counter() - began) * 1000, 1)
    if actor := getattr(request, "actor", None):
        told["workspace"] = actor.workspace_slug
        told["user"] = str(actor.user_id)
    return told


def _clean(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if _NAMES.search(name):
        return HIDDEN
    if isinstance(value, dict):
        return {str(key): _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", inner) for inner in value]
    text = value if isinstance(value, str) else repr(value)
    text = redacted(text)
    for credential in _CREDENTIALS:
        text = credential.sub(r"\1" + HIDDEN, text)
    return text


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


def formatter() -> logging.Formatter:
    """Readable lines for a terminal, JSON for everything else."""
    renderer: Processor = (
        # The plain traceback: the others show the values of variables.
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_credentials,
            renderer,
        ],
    )


def _configuration(level: str) -> dict[str, Any]:
    stderr = {"class": "logging.StreamHandler", "formatter": "events"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"events": {"()": formatter}},
        "filters": {"once": {"()": SaidByTheRequestsOwnLine}},
        "handlers": {"stderr": stderr, "requests": {**stderr, "filters": ["once"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django sets handlers of its own before it calls `configure`.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "django.request": {"handlers": ["requests"], "propagate": False},
            # Each look at the queue is told as a start and an end; failures are told by us.
            "django_tasks": {"level": "ERROR"},
            "django_tasks_db": {"level": "ERROR"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }
