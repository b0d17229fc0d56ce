"""Structured logs on standard error, with no credential in them.

Lines of JSON, or readable ones where a person watches. Everything that is logged, by us, by
Django or by a library, passes `hide_credentials` last; of a request's own line, what others wrote.
"""

from __future__ import annotations

import functools
import json
import logging.config
import select
import sys
import time
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import structlog
from pydantic_core import PydanticSerializationError, to_json

from workspaces.periodic import Periodic

from .hiding import clean, hide_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from structlog.typing import EventDict, Processor, WrappedLogger

DELAY = 0.05  # seconds for which the line of a request waits for others
MOST_WAITING = 10_000  # lines: beyond, a log that nobody reads holds up requests, as ever
# Of what a process writes to a pipe at once, others' writing comes not between so much (POSIX).
WHOLE = select.PIPE_BUF
# What of a request's own line others have written.
_THEIRS = ("method", "path", "reason", "exception")

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
    """Log a line of `cerbykeys.requests` as structlog would, beside the request's way.

    It is written within `DELAY`; one that tells of an error, at once. Of what is told, `method`,
    `path`, `reason` and an exception are cleaned of credentials: others have written those. A
    request's id was looked at when it was taken.
    """
    if _requests.isEnabledFor(level):
        told |= {
            "event": event,
            "logger": _requests.name,
            "level": _LEVELS[level],
            "timestamp": time.time(),
        }
        _stderr().tell(told, at_once=level >= logging.ERROR)


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
        moment = datetime.fromtimestamp(line["timestamp"], UTC)
        line["timestamp"] = moment.isoformat(timespec="microseconds")[:-6] + "Z"
        if "exc_info" in line:
            line = structlog.processors.format_exc_info(_requests, "", line)
        for name in _THEIRS:
            if name in line:
                line[name] = clean(name, line[name])
        return str(self._renderer(_requests, "", line))


def _as_json(line: EventDict) -> str:
    try:
        return to_json(line, fallback=repr).decode()
    except PydanticSerializationError:  # half a character
        return json.dumps(line, default=repr)


# Stands for a line of a request where logging wants a record: such a line never was one.
_OURS = _requests.makeRecord(_requests.name, logging.INFO, __file__, 0, "", (), None)


class Handler(logging.StreamHandler[Any]):
    """Writes lines in their order, each whole, whatever other processes write to the same stream.

    Those of requests wait a moment. Made and written on the way, they took a seventh of a short
    request; and while one thread wrote, the next one took the interpreter from it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[EventDict] = deque()
        self._writing = Periodic(self.flush, DELAY)

    def tell(self, line: EventDict, *, at_once: bool) -> None:
        """Write the line of a request, of which `tell` tells."""
        self._waiting.append(line)
        if at_once or len(self._waiting) > MOST_WAITING:
            self.flush()
        elif not self._writing.begun:
            self._writing.begin()

    def handle(self, record: logging.LogRecord) -> bool:
        """As logging's, but without its lock: lines are made before they are queued for that."""
        wanted = self.filter(record)
        if wanted:
            self.emit(record)
        return bool(wanted)

    def emit(self, record: logging.LogRecord) -> None:
        self.flush()  # in their order
        try:
            line = self.format(record) + self.terminator
        except Exception:  # noqa: BLE001  (as in logging: no request fails for want of a line)
            self.handleError(record)
        else:
            self._write(line)

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        self.acquire()
        try:
            lines = []
            while self._waiting:
                lines.append(self._made(self._waiting.popleft()))
            for piece in _pieces(lines):
                self._write(piece)
        finally:
            self.release()

    def _made(self, line: EventDict) -> str:
        try:
            return cast("Formatter", self.formatter).finish(line) + self.terminator
        except Exception:  # noqa: BLE001  (as above)
            self.handleError(_OURS)
            return ""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's)
        """Tell that a line is lost, and where it is from; logging would tell all that it holds."""
        with suppress(Exception):
            failure = type(sys.exception()).__name__
            sys.stderr.write(f"Logging error: {failure}, {record.pathname}:{record.lineno}\n")

    def _write(self, text: str) -> None:
        self.acquire()
        try:
            self.stream.write(text)
            super().flush()
        except Exception:  # noqa: BLE001  (as above)
            self.handleError(_OURS)
        finally:
            self.release()


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """The lines, as many together as are `WHOLE`."""
    piece, size = "", 0
    for line in lines:
        length = len(line.encode(errors="replace"))
        if piece and size + length > WHOLE:
            yield piece
            piece, size = "", 0
        piece, size = piece + line, size + length
    if piece:
        yield piece


@functools.cache
def _stderr() -> Handler:
    """The one handler: `tell` writes with it, past all that logging would ask on the way."""
    return Handler()


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
