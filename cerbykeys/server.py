"""Serves the site with granian: one main process, and workers that run the WSGI application."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from . import database, env

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

# A thread is mostly in Python or in the database, so more of them only share the same core; as
# many as the connections that a worker may hold to PostgreSQL.
THREADS = 8
STOP_SECONDS = 15
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


def serve() -> None:
    """Serve until SIGINT or SIGTERM."""
    Granian(
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
    ).serve(target_loader=_application, wrap_loader=False)


def _application() -> WSGIHandler:
    """The application, in a worker."""
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
    return application


def _stop_with_the_main_process() -> None:
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        # More than once: until granian has set its handler, the signal goes to one of the main
        # process, which is here no more.
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
