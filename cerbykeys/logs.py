"""Structured logs on standard error, with no credential in them.

Lines of JSON, or readable ones where a person watches. Everything that is logged, by us, by
Django or by a library, passes `hide_credentials` last; of a request's own line, what others wrote.
"""

from __future__ import annotations

import functools
import json
import logging.config
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import structlog
from pydantic_core import PydanticSerializationError, to_json

from workspaces.activity.credentials import redacted

if TYPE_CHECKING:
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
# Where none of these stands, in small letters, nothing of the above does. To look for them takes a
# fraction of what the expressions take, which every field of every line would pay.
_SIGNS = ("cerby_", "/accounts/", "x-api-key", "authorization", "cookie", "://")
# What is written by us alone.
_OURS = frozenset({"level", "logger", "timestamp"})
# What of a request's own line others have written.
_THEIRS = ("method", "path", "reason", "exception")
_NAMES = re.compile(r"(?i)(x[-_]api[-_]key|authorization|cookie|password|secret|session_?key|csrf)")

# The id of the request that is on its way in this thread: every line says it.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_requests = logging.getLogger("cerbykeys.requests")
_LEVELS = {
    level: logging.getLevelName(level).lower()
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
}


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
    # No line tells of them, and each costs every line something.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig(_configuration(settings["level"]))
    logging.captureWarnings(capture=True)


def hide_credentials(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask whatever opens something, wherever it stands in the event."""
    return {name: _clean(name, value) for name, value in event.items()}


class SaidByTheRequestsOwnLine(logging.Filter):
    """Drops what Django says of a request of which a line of ours will tell; that gives its reason.

    It does so of a 404 and a failure, and a second time of what it takes for an attack.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if not hasattr(record, "status_code") or not getattr(request, "line_follows", False):
            return True
        if request is not None and record.name.startswith("django.security"):
            request.refused_because = record.getMessage()
        return False


def tell(level: int, event: str, **told: Any) -> None:
    """Log a line as structlog would, for a tenth of what its way through logging costs.

    Of what is told, `method`, `path`, `reason` and an exception are cleaned of credentials: others
    have written those. A request's id was looked at when it was taken.
    """
    if not _requests.isEnabledFor(level):
        return
    line = {
        **told,
        "event": event,
        "logger": _requests.name,
        "level": _LEVELS[level],
        "timestamp": datetime.now(UTC).isoformat()[:-6] + "Z",
    }
    _stderr().tell(line)


class Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders what structlog, `tell` and everyone else logs."""

    def __init__(self, renderer: Processor) -> None:
        last: list[Processor] = [structlog.processors.format_exc_info, hide_credentials, renderer]
        super().__init__(
            foreign_pre_chain=_shared(), processors=[self.remove_processors_meta, *last]
        )
        self._renderer = renderer

    def finish(self, line: EventDict) -> str:
        """Render what `tell` was given."""
        if "exc_info" in line:
            line = structlog.processors.format_exc_info(_requests, "", line)
        for name in _THEIRS:
            if name in line:
                line[name] = _clean(name, line[name])
        return str(self._renderer(_requests, "", line))


def _as_json(line: EventDict) -> str:
    try:
        return to_json(line, fallback=repr).decode()
    except PydanticSerializationError:  # half a character
        return json.dumps(line, default=repr)


class Handler(logging.StreamHandler[Any]):
    """Holds its lock while a line is written, not while it is made: the threads queued for that."""

    def handle(self, record: logging.LogRecord) -> bool:
        wanted = self.filter(record)
        if wanted:
            self.emit(record)
        return bool(wanted)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._write(self.format(record))
        except Exception:  # noqa: BLE001  (as in logging: no request fails for want of its line)
            self.handleError(record)

    def tell(self, line: EventDict) -> None:
        try:
            self._write(cast("Formatter", self.formatter).finish(line))
        except Exception:  # noqa: BLE001  (as above)
            self.handleError(_requests.makeRecord(_requests.name, 0, "", 0, line, (), None))

    def _write(self, line: str) -> None:
        self.acquire()
        try:
            self.stream.write(line + self.terminator)
            self.flush()
        finally:
            self.release()


@functools.cache
def _stderr() -> Handler:
    """The one handler: `tell` writes with it, past all that logging would ask on the way."""
    return Handler()


def _clean(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)) or name in _OURS:
        return value
    if _is_a_credential(name):
        return HIDDEN
    if isinstance(value, dict):
        return {str(key): _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean("", inner) for inner in value]
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


def _with_request_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if known := request_id.get():
        event.setdefault("request_id", known)
    return event


def _shared() -> list[Processor]:
    return [
        _with_request_id,
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
        else structlog.processors.JSONRenderer(lambda event, **_dumps: _as_json(event))
    )
    return Formatter(renderer)


def _configuration(level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"events": {"()": formatter}},
        "filters": {"once": {"()": SaidByTheRequestsOwnLine}},
        "handlers": {
            "stderr": {
                "()": _stderr,
                "formatter": "events",
                "filters": ["once"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django sets handlers of its own before it calls `configure`.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Each look at the queue is told as a start and an end; failures are told by us.
            "django_tasks": {"level": "ERROR"},
            "django_tasks_db": {"level": "ERROR"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
        },
    }
