"""Serves the site with granian: one main process, and workers that run the WSGI application."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from . import database, draining, env

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ctypes import c_bool
    from types import FrameType

    Application: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

logger = structlog.get_logger(__name__)

# A thread is mostly in Python or in the database, so more of them only share the same core; as
# many as the connections that a worker may hold to PostgreSQL.
THREADS = 8
STOP_SECONDS = 15
# Until balancers that look at /readyz every second or two have sent everyone elsewhere.
DRAIN_SECONDS = 5
# Granian's own lines go where all others go.
LOGGING = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


def refuse_busy_port() -> None:
    """Raise ImproperlyConfigured where the address cannot be listened on.

    Granian shares its port with whoever else shares theirs, so it would not notice.
    """
    host, port = settings.SERVER_HOST, settings.SERVER_PORT
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As a server would: without this, connections of a server just stopped keep the port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"{host} port {port} cannot be served ({os.strerror(error.errno or 0)}): "
                "stop what uses it, or choose others in CERBYKEYS_HOST and CERBYKEYS_PORT."
            )
            raise ImproperlyConfigured(msg) from None


def url() -> str:
    """Where a browser on this machine finds the site."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.SERVER_HOST, settings.SERVER_HOST)  # noqa: S104  (printed, not bound)
    return (
        f"http://[{host}]:{settings.SERVER_PORT}/"
        if ":" in host
        else f"http://{host}:{settings.SERVER_PORT}/"
    )


def serve(*, drain: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered before it ends.

    With `drain`, SIGTERM ends it only after DRAIN_SECONDS, in which `/readyz` answers 503, every
    other answer is as ever, and its connection is closed after it. A second SIGTERM does not wait.
    """
    server = _Server(
        "cerbykeys.wsgi:application",
        address=settings.SERVER_HOST,
        port=settings.SERVER_PORT,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.SERVER_WORKERS,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
    )
    if drain:
        # By then granian has set its own handler of SIGTERM.
        server.on_startup(_drain_at_sigterm)
    server.serve(target_loader=partial(_application, draining.share()), wrap_loader=False)


class _Server(Granian):  # type: ignore[misc,valid-type]  # a class, whichever it is
    """Granian, each of whose workers is told its number."""

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        return super()._spawn_worker(idx, target, partial(callback_loader, idx))


def _drain_at_sigterm() -> None:
    stop: Any = signal.getsignal(signal.SIGTERM)

    def drain(signum: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, stop)
        threading.Thread(target=_drain, args=[partial(stop, signum, None)], daemon=True).start()

    signal.signal(signal.SIGTERM, drain)


def _drain(stop: Callable[[], None]) -> None:
    draining.begin()
    logger.info("draining", seconds=DRAIN_SECONDS)
    time.sleep(DRAIN_SECONDS)
    stop()


def _application(flag: c_bool, number: int) -> Application:
    """The application, in the worker of that number."""
    draining.adopt(flag)
    _keep_to_a_core(number)
    _take_turns()
    # Ctrl-C reaches every process of the terminal. The main process answers it and stops the
    # workers, which would otherwise look to it as if they had crashed.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=_stop_with_the_main_process, daemon=True).start()

    from .wsgi import application  # noqa: PLC0415  (made in the worker, not in the main process)

    database.connect_early(THREADS)
    import_module(settings.ROOT_URLCONF)  # puts the API together, which no request has to wait for

    # Granian copies the environment into every request, where error reports would find it.
    for name in env.SECRET:
        os.environ.pop(name, None)
    return _closing_while_draining(application)


def _keep_to_a_core(number: int) -> None:
    """Keep the threads of this worker to one core, where there is a core for each worker.

    One of them at a time runs Python. Sent from core to core, it finds nothing in the next one's
    caches, and a fifth of the throughput is lost. With more cores than workers, others may have
    business on them: another server, or the database.
    """
    if not hasattr(os, "sched_setaffinity"):  # of Linux
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == settings.SERVER_WORKERS:
        with suppress(OSError):  # it may be forbidden, and is a matter of speed alone
            os.sched_setaffinity(0, {cores[number]})


def _take_turns() -> None:
    """Let each thread of this worker go on until it has nothing to do (SCHED_BATCH, sched(7)).

    Otherwise the thread of the connections takes the core with each answer from the thread that
    makes the next one, which then begins again with cold caches: a sixth of the throughput.
    """
    if not hasattr(os, "SCHED_BATCH"):  # of Linux
        return
    with suppress(OSError):  # as above
        if os.sched_getscheduler(0) == os.SCHED_OTHER:  # else somebody has chosen another
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _closing_while_draining(application: Application) -> Application:
    """Have connections closed with an answer, and so never under a request on its way."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not draining.under_way():
            return application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *info: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *info)

        return application(environ, start)

    return answer


def _stop_with_the_main_process() -> None:
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        # More than once: until granian has set its handler, the signal goes to one of the main
        # process, which is here no more.
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
